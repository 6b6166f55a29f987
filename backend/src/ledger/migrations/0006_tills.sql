-- Cash desks, and whose commands each may send although nobody is signed in there.
CREATE TABLE till (
    id          INTEGER PRIMARY KEY,
    uid         BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    name        TEXT NOT NULL CHECK (name <> ''),
    digest      BLOB NOT NULL CHECK (length(digest) = 32),
    enrolled_by INTEGER NOT NULL REFERENCES person,
    enrolled_at INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;
CREATE INDEX till_digest ON till (digest) WHERE revoked_at IS NULL;

CREATE TABLE till_mandate (
    till   INTEGER NOT NULL REFERENCES till,
    person INTEGER NOT NULL REFERENCES person,
    until  INTEGER NOT NULL,
    PRIMARY KEY (till, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX till_mandate_person ON till_mandate (person);

-- Which till sent a command in its actor's name; absent where the person was signed in.
ALTER TABLE journal ADD COLUMN till BLOB CHECK (till IS NULL OR length(till) = 16);
