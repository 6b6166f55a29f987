-- Without TimescaleDB: a partition for each week, and one for what lies far from now.

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
) PARTITION BY RANGE (taken_at);
CREATE INDEX reading_ids ON reading (id);
CREATE TABLE reading_other PARTITION OF reading DEFAULT;

CREATE TABLE minute_roll (LIKE hour_roll, PRIMARY KEY (sensor, start)) PARTITION BY RANGE (start);
CREATE TABLE minute_roll_other PARTITION OF minute_roll DEFAULT;

INSERT INTO history_state (hypertable) VALUES (false);
