-- Sensor history, form 1. Times are microseconds since 1970 UTC.

CREATE TABLE sensor (
    number       INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    -- The form in which it was sent first: 1 for a JSON number, 0 for a text.
    numeric      INTEGER NOT NULL CHECK (numeric IN (0, 1)),
    -- Its readings up to this id are in blocks. Rows of the log up to here are done with.
    packed_id    INTEGER NOT NULL DEFAULT 0,
    -- The newest measured time in its blocks, and its newest reading when they were packed as a block of one row.
    packed_until INTEGER,
    packed_last  BLOB,
    CHECK ((packed_until IS NULL) = (packed_last IS NULL))
) STRICT;

-- Addresses that sent readings. 0 stands for unknown.
CREATE TABLE source (
    number  INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 65535),
    address TEXT    NOT NULL UNIQUE
) STRICT;

-- Readings as they came, one row a transaction, until all of them are packed. 46 bytes a reading; see log.rs.
CREATE TABLE log (
    first_id INTEGER PRIMARY KEY,
    last_id  INTEGER NOT NULL,
    rows     BLOB    NOT NULL,
    CHECK (length(rows) = 46 * (last_id - first_id + 1))
) STRICT;

-- Runs of one sensor's readings, sorted by measured time; see block.rs. A block holds what was measured from
-- its start until the start of the next one, never beyond its hour. The first of an hour starts with the hour.
CREATE TABLE block (
    number   INTEGER PRIMARY KEY,
    sensor   INTEGER NOT NULL REFERENCES sensor (number),
    start    INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    last_id  INTEGER NOT NULL,
    rows     INTEGER NOT NULL CHECK (rows BETWEEN 1 AND 4096),
    data     BLOB    NOT NULL,
    UNIQUE (sensor, start)
) STRICT;
CREATE INDEX block_ids ON block (last_id, first_id);

-- Blocks that could not be read when a late reading belonged into them, kept for who looks into it.
CREATE TABLE damaged_block (
    sensor INTEGER NOT NULL,
    start  INTEGER NOT NULL,
    data   BLOB    NOT NULL
) STRICT;

-- Count, min, max and sum of what is in blocks; see rollup.rs. The slot is sensor * 2^24 + hours since 1970.
-- Minutes are kept only of hours with many readings: of the others the readings are read as fast.
CREATE TABLE hour_roll (
    slot INTEGER PRIMARY KEY,
    data BLOB NOT NULL CHECK (length(data) = 76)
) STRICT;
CREATE TABLE minute_roll (
    slot INTEGER PRIMARY KEY,
    data BLOB NOT NULL CHECK (length(data) % 77 = 0)
) STRICT;

CREATE TABLE key_use (
    key_id       BLOB    PRIMARY KEY CHECK (length(key_id) = 16),
    last_used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
