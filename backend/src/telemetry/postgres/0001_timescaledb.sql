-- With TimescaleDB: hypertables in chunks of a week.

CREATE TABLE reading (
    id          bigint           NOT NULL,
    sensor      integer          NOT NULL,
    taken_at    bigint           NOT NULL,
    received_at bigint           NOT NULL,
    source      integer          NOT NULL,
    temperature double precision NOT NULL,
    humidity    double precision NOT NULL,
    pressure    double precision NOT NULL,
    PRIMARY KEY (sensor, taken_at)
);
CREATE INDEX reading_ids ON reading (id);
SELECT create_hypertable('reading', 'taken_at', chunk_time_interval => 604800000000, create_default_indexes => false);

CREATE TABLE minute_roll (LIKE hour_roll, PRIMARY KEY (sensor, start));
SELECT create_hypertable('minute_roll', 'start', chunk_time_interval => 604800000000, create_default_indexes => false);

INSERT INTO history_state (hypertable) VALUES (true);
