-- What people say of a sensor: how far it is off, and what happened at it.

CREATE TABLE calibration (
    id             INTEGER PRIMARY KEY,
    sensor         TEXT NOT NULL REFERENCES sensor,
    starts_at      INTEGER NOT NULL,
    offset_celsius REAL NOT NULL CHECK (offset_celsius BETWEEN -100 AND 100),
    certificate    TEXT NOT NULL CHECK (certificate <> ''),
    issued_on      TEXT NOT NULL CHECK (issued_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    set_by         INTEGER NOT NULL REFERENCES person,
    set_at         INTEGER NOT NULL,
    UNIQUE (sensor, starts_at)
) STRICT;

CREATE TABLE annotation (
    id        INTEGER PRIMARY KEY,
    uid       BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    sensor    TEXT NOT NULL REFERENCES sensor,
    kind      TEXT NOT NULL CHECK (kind IN ('defrost', 'cleaning', 'door', 'other')),
    starts_at INTEGER NOT NULL,
    ends_at   INTEGER NOT NULL,
    words     TEXT CHECK (words <> ''),
    person    INTEGER NOT NULL REFERENCES person,
    noted_at  INTEGER NOT NULL,
    -- Why it does not count, for one that was withdrawn.
    withdrawn TEXT CHECK (withdrawn <> ''),
    CHECK (ends_at >= starts_at),
    CHECK (kind <> 'other' OR words IS NOT NULL)
) STRICT;
CREATE INDEX annotation_of_sensor ON annotation (sensor, starts_at) WHERE withdrawn IS NULL;
