-- More kinds of alarms: a server of the group that is behind, or whose journal differs; a sensor's battery that is low; a
-- backup that failed. What SQLite checks cannot be changed in place, so the tables are made anew with what they hold. And
-- the newest level of each battery.

CREATE TABLE new_alarm_rule (
    id           INTEGER PRIMARY KEY,
    uid          BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    store        INTEGER REFERENCES store,
    -- Of one sensor; an empty text: of all sensors of the store, or of what is no sensor.
    sensor       TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('high', 'low', 'rate', 'cumulative', 'silent', 'frozen', 'low_stock',
                                               'expiring', 'till_silent', 'feed_broken', 'server_behind',
                                               'battery_low', 'backup_failed', 'journal_differs')),
    measure      TEXT NOT NULL CHECK (measure IN ('', 'temperature', 'humidity', 'pressure')),
    -- What it looks at, as JSON.
    watch        TEXT NOT NULL CHECK (json_valid(watch)),
    severity     TEXT NOT NULL CHECK (severity IN ('notice', 'warning', 'critical')),
    enabled      INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    instructions TEXT CHECK (instructions <> ''),
    CHECK ((store IS NULL) = (kind IN ('feed_broken', 'server_behind', 'backup_failed', 'journal_differs'))),
    CHECK ((measure <> '') = (kind IN ('high', 'low', 'rate', 'cumulative', 'frozen'))),
    CHECK (sensor = '' OR kind IN ('high', 'low', 'rate', 'cumulative', 'silent', 'frozen', 'battery_low'))
) STRICT;
INSERT INTO new_alarm_rule SELECT * FROM alarm_rule;
DROP TABLE alarm_rule;
ALTER TABLE new_alarm_rule RENAME TO alarm_rule;
CREATE UNIQUE INDEX alarm_rule_one ON alarm_rule (coalesce(store, 0), sensor, kind, measure);

CREATE TABLE new_alarm (
    id           INTEGER PRIMARY KEY,
    uid          BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    rule         BLOB NOT NULL CHECK (length(rule) = 16),
    kind         TEXT NOT NULL CHECK (kind IN ('high', 'low', 'rate', 'cumulative', 'silent', 'frozen', 'low_stock',
                                               'expiring', 'till_silent', 'feed_broken', 'server_behind',
                                               'battery_low', 'backup_failed', 'journal_differs')),
    measure      TEXT NOT NULL CHECK (measure IN ('', 'temperature', 'humidity', 'pressure')),
    severity     TEXT NOT NULL CHECK (severity IN ('notice', 'warning', 'critical')),
    store        INTEGER REFERENCES store,
    -- What it is about, as JSON.
    subject      TEXT NOT NULL CHECK (json_valid(subject)),
    name         TEXT NOT NULL CHECK (name <> ''),
    limit_value  REAL,
    worst        REAL,
    began_at     INTEGER NOT NULL,
    fired_at     INTEGER NOT NULL,
    ended_at     INTEGER,
    retroactive  INTEGER NOT NULL CHECK (retroactive IN (0, 1)),
    quiet        INTEGER NOT NULL CHECK (quiet IN (0, 1)),
    instructions TEXT CHECK (instructions <> ''),
    seq          INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    cleared_seq  INTEGER UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    ack_seq      INTEGER UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    ack_person   INTEGER REFERENCES person,
    ack_reason   TEXT CHECK (ack_reason <> ''),
    ack_action   TEXT CHECK (ack_action <> ''),
    ack_at       INTEGER,
    CHECK (fired_at >= began_at),
    CHECK (ended_at >= began_at),
    CHECK ((ack_seq IS NULL) = (ack_person IS NULL) AND (ack_seq IS NULL) = (ack_reason IS NULL)
        AND (ack_seq IS NULL) = (ack_action IS NULL) AND (ack_seq IS NULL) = (ack_at IS NULL)),
    CHECK (cleared_seq IS NULL OR ended_at IS NOT NULL)
) STRICT;
INSERT INTO new_alarm SELECT * FROM alarm;
DROP TABLE alarm;
ALTER TABLE new_alarm RENAME TO alarm;
-- One of a subject, kind and measure is open at most.
CREATE UNIQUE INDEX alarm_open ON alarm (coalesce(store, 0), subject, kind, measure) WHERE ended_at IS NULL;
CREATE INDEX alarm_of_subject ON alarm (subject, began_at);

CREATE TABLE new_quiet_time (
    id         INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    store      INTEGER NOT NULL REFERENCES store,
    sensor     TEXT NOT NULL,
    alarm_kind TEXT CHECK (alarm_kind IN ('high', 'low', 'rate', 'cumulative', 'silent', 'frozen', 'low_stock',
                                               'expiring', 'till_silent', 'feed_broken', 'server_behind',
                                               'battery_low', 'backup_failed', 'journal_differs')),
    reason     TEXT NOT NULL CHECK (reason <> ''),
    starts_at  INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    set_by     INTEGER NOT NULL REFERENCES person,
    set_at     INTEGER NOT NULL,
    CHECK (until >= starts_at)
) STRICT;
INSERT INTO new_quiet_time SELECT * FROM quiet_time;
DROP TABLE quiet_time;
ALTER TABLE new_quiet_time RENAME TO quiet_time;

CREATE TABLE battery (
    sensor      TEXT PRIMARY KEY REFERENCES sensor,
    percent     INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),
    -- When the device measured it.
    measured_at INTEGER NOT NULL
) STRICT;
