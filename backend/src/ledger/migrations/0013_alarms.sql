-- Alarms: the rules that people set, what was found, who took care of it, and times in which nobody is told.

CREATE TABLE alarm_rule (
    id           INTEGER PRIMARY KEY,
    uid          BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    store        INTEGER REFERENCES store,
    -- Of one sensor; an empty text: of all sensors of the store, or of what is no sensor.
    sensor       TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('high', 'low', 'rate', 'cumulative', 'silent', 'frozen', 'low_stock',
                                               'expiring', 'till_silent', 'feed_broken')),
    measure      TEXT NOT NULL CHECK (measure IN ('', 'temperature', 'humidity', 'pressure')),
    -- What it looks at, as JSON.
    watch        TEXT NOT NULL CHECK (json_valid(watch)),
    severity     TEXT NOT NULL CHECK (severity IN ('notice', 'warning', 'critical')),
    enabled      INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    instructions TEXT CHECK (instructions <> ''),
    CHECK ((store IS NULL) = (kind = 'feed_broken')),
    CHECK ((measure <> '') = (kind IN ('high', 'low', 'rate', 'cumulative', 'frozen'))),
    CHECK (sensor = '' OR kind NOT IN ('low_stock', 'expiring', 'till_silent', 'feed_broken'))
) STRICT;
CREATE UNIQUE INDEX alarm_rule_one ON alarm_rule (coalesce(store, 0), sensor, kind, measure);

CREATE TABLE alarm (
    id           INTEGER PRIMARY KEY,
    uid          BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    rule         BLOB NOT NULL CHECK (length(rule) = 16),
    kind         TEXT NOT NULL CHECK (kind IN ('high', 'low', 'rate', 'cumulative', 'silent', 'frozen', 'low_stock',
                                               'expiring', 'till_silent', 'feed_broken')),
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

-- One of a subject, kind and measure is open at most.
CREATE UNIQUE INDEX alarm_open ON alarm (coalesce(store, 0), subject, kind, measure) WHERE ended_at IS NULL;
CREATE INDEX alarm_of_subject ON alarm (subject, began_at);

CREATE TABLE quiet_time (
    id         INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    store      INTEGER NOT NULL REFERENCES store,
    sensor     TEXT NOT NULL,
    alarm_kind TEXT CHECK (alarm_kind IN ('high', 'low', 'rate', 'cumulative', 'silent', 'frozen', 'low_stock',
                                          'expiring', 'till_silent', 'feed_broken')),
    reason     TEXT NOT NULL CHECK (reason <> ''),
    starts_at  INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    set_by     INTEGER NOT NULL REFERENCES person,
    set_at     INTEGER NOT NULL,
    CHECK (until >= starts_at)
) STRICT;
