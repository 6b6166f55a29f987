-- Which server of a group coordinated, one row for each that did. Empty on a server by itself.
CREATE TABLE coordination (
    id        INTEGER PRIMARY KEY,
    -- Terms begin anew where a group is made anew of this ledger.
    group_uid BLOB    NOT NULL CHECK (length(group_uid) = 16),
    term      INTEGER NOT NULL,
    member    INTEGER NOT NULL,
    cause     TEXT    NOT NULL CHECK (cause IN ('start', 'silent', 'principal', 'asked', 'stopped', 'differs')),
    since     INTEGER NOT NULL,
    -- The member that did before.
    before    INTEGER,
    seq       INTEGER NOT NULL,
    UNIQUE (group_uid, term, member)
) STRICT;
