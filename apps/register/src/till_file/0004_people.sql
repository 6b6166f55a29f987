-- Who this till is to the server: an id, and a secret of which the server keeps only a digest.
CREATE TABLE identity (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id BLOB NOT NULL CHECK (length(id) = 16),
    key TEXT NOT NULL CHECK (length(key) >= 32)
) STRICT;

-- People, each once, however many names they sign in with and whatever they prove themselves with.
CREATE TABLE known_person (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    known TEXT NOT NULL CHECK (json_valid(known)),
    mandate_until INTEGER,                -- until then this till may send their commands
    failures INTEGER NOT NULL DEFAULT 0,  -- wrong tries since the last right one
    failed_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE login_name (
    username TEXT PRIMARY KEY,            -- as it was typed, without case and accents
    person BLOB NOT NULL REFERENCES known_person ON DELETE CASCADE
) STRICT;

CREATE TABLE credential (
    person BLOB NOT NULL REFERENCES known_person ON DELETE CASCADE,
    shape TEXT NOT NULL CHECK (shape IN ('pin', 'password')),
    hash TEXT NOT NULL,                   -- argon2id, of this machine's own making
    PRIMARY KEY (person, shape)
) STRICT;

INSERT OR IGNORE INTO known_person (id, known)
    SELECT unhex(json_extract(known, '$.person.id'), '-'), known FROM person;
INSERT INTO login_name (username, person)
    SELECT username, unhex(json_extract(known, '$.person.id'), '-') FROM person;
-- Whether it was a PIN is not known any more: it opens as either did.
INSERT OR IGNORE INTO credential (person, shape, hash)
    SELECT unhex(json_extract(known, '$.person.id'), '-'), shape, password_hash
    FROM person CROSS JOIN (SELECT 'pin' AS shape UNION ALL SELECT 'password');
DROP TABLE person;
