-- How far the log of a group of servers is in this ledger, written with what it brought. Empty on a server by itself.
-- It is no part of what the journal gives when it is played again.
CREATE TABLE group_mark (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    body BLOB NOT NULL
) STRICT;

-- Attempts that were refused. A group's log may hold an attempt twice, after a coordinator fell; the second one is not
-- to be accepted when the first was refused.
CREATE TABLE group_refused (
    member INTEGER NOT NULL,
    ticket INTEGER NOT NULL,
    place  INTEGER NOT NULL,
    PRIMARY KEY (member, ticket)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_refused_place ON group_refused (place);
