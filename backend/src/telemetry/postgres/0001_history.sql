-- Sensor history in PostgreSQL, form 1. Times are microseconds since 1970 UTC.

CREATE TABLE history_state (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    -- Readings up to this id are counted in hour_roll and minute_roll.
    rolled_id  bigint  NOT NULL DEFAULT 0,
    -- Readings measured before this moment are no longer kept, and no longer taken.
    kept_from  bigint  NOT NULL DEFAULT 0,
    hypertable boolean NOT NULL
);

-- Who writes: a row for each spool that a server keeps on its disk. A commit is applied if its number is above
-- `last_commit`, so one that was answered by nobody and is sent again changes nothing.
CREATE TABLE writer (
    instance    text        PRIMARY KEY,
    last_commit bigint      NOT NULL,
    last_id     bigint      NOT NULL,
    seen_at     timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TABLE sensor (
    number       integer PRIMARY KEY,
    id           text    NOT NULL UNIQUE,
    -- The form in which it was sent first: a JSON number, or a text.
    is_number    boolean NOT NULL,
    -- Of what is rolled up: the newest measured time, and the newest reading as a block of one row (block.rs)
    -- with the moment and the id by which it is the newest.
    rolled_until bigint,
    last_at      bigint,
    last_id      bigint,
    last_row     bytea
);

-- Addresses that sent readings. 0 stands for unknown.
CREATE TABLE source (
    number  integer PRIMARY KEY CHECK (number BETWEEN 1 AND 65535),
    address text    NOT NULL UNIQUE
);

CREATE TABLE hour_roll (
    sensor          integer          NOT NULL,
    start           bigint           NOT NULL,
    readings        bigint           NOT NULL,
    temperature_min double precision NOT NULL,
    temperature_max double precision NOT NULL,
    temperature_sum double precision NOT NULL,
    humidity_min    double precision NOT NULL,
    humidity_max    double precision NOT NULL,
    humidity_sum    double precision NOT NULL,
    pressure_min    double precision NOT NULL,
    pressure_max    double precision NOT NULL,
    pressure_sum    double precision NOT NULL,
    PRIMARY KEY (sensor, start)
);

CREATE TABLE key_use (
    key_id       bytea  PRIMARY KEY,
    last_used_at bigint NOT NULL
);

-- Weeks since 1970 that have partitions of their own.
CREATE TABLE week (
    number bigint PRIMARY KEY
);

-- What retention dropped: seals over these ids cannot be checked any more.
CREATE TABLE dropped (
    week       bigint      NOT NULL,
    first_id   bigint      NOT NULL,
    last_id    bigint      NOT NULL,
    readings   bigint      NOT NULL,
    dropped_at timestamptz NOT NULL DEFAULT now()
);
