-- Feeds: what files of other programs told, record by record, and what became of it.

CREATE TABLE feed (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE CHECK (name <> ''),
    -- Counts the records as they were taken, new and changed alike: the cursor of those who follow.
    last_seq INTEGER NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
    records  INTEGER NOT NULL DEFAULT 0 CHECK (records >= 0),
    updates  INTEGER NOT NULL DEFAULT 0 CHECK (updates >= 0),
    sold     INTEGER NOT NULL DEFAULT 0 CHECK (sold >= 0),
    -- How far the file was read, as JSON.
    source   TEXT
) STRICT;

CREATE TABLE feed_record (
    id        INTEGER PRIMARY KEY,
    feed      INTEGER NOT NULL REFERENCES feed,
    record_id TEXT NOT NULL CHECK (record_id <> ''),
    seq       INTEGER NOT NULL,
    version   INTEGER NOT NULL CHECK (version > 0),
    body      TEXT NOT NULL,
    digest    BLOB NOT NULL CHECK (length(digest) = 16),
    taken_at  INTEGER NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('plain', 'waiting', 'parked', 'sold', 'dismissed')),
    -- How often it was parked: names the next attempt.
    tries     INTEGER NOT NULL DEFAULT 0,
    reason    TEXT,
    subject   TEXT,
    sale      INTEGER UNIQUE REFERENCES sale,
    UNIQUE (feed, record_id),
    UNIQUE (feed, seq),
    CHECK ((state = 'parked') = (reason IS NOT NULL)),
    CHECK (state <> 'sold' OR sale IS NOT NULL)
) STRICT;
CREATE INDEX feed_record_waiting ON feed_record (id) WHERE state = 'waiting';
CREATE INDEX feed_record_parked ON feed_record (feed, id) WHERE state = 'parked';

-- What a record said before it was changed.
CREATE TABLE feed_version (
    record   INTEGER NOT NULL REFERENCES feed_record,
    version  INTEGER NOT NULL,
    body     TEXT NOT NULL,
    digest   BLOB NOT NULL CHECK (length(digest) = 16),
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (record, version)
) STRICT, WITHOUT ROWID;

-- What a feed's names mean here, as a person said.
CREATE TABLE feed_alias (
    feed        INTEGER NOT NULL REFERENCES feed,
    kind        TEXT NOT NULL CHECK (kind IN ('store', 'seller', 'product')),
    name_folded TEXT NOT NULL,
    target      BLOB NOT NULL CHECK (length(target) = 16),
    PRIMARY KEY (feed, kind, name_folded)
) STRICT, WITHOUT ROWID;
