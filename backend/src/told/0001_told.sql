-- Who is told of which alarm: a message stays until it was told or given up.

CREATE TABLE place (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    -- How far the journal was read.
    seq INTEGER NOT NULL CHECK (seq >= 0)
) STRICT;

CREATE TABLE message (
    id        INTEGER PRIMARY KEY,
    -- Made of alarm, occasion and recipient: the same occasion is one message.
    key       BLOB NOT NULL UNIQUE CHECK (length(key) = 16),
    alarm     BLOB NOT NULL CHECK (length(alarm) = 16),
    recipient TEXT NOT NULL CHECK (recipient <> ''),
    body      TEXT NOT NULL,
    -- Only if the alarm is open then and nobody has acknowledged it.
    only_open INTEGER NOT NULL CHECK (only_open IN (0, 1)),
    due_at    INTEGER NOT NULL,
    tries     INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    error     TEXT,
    -- When it was told, or needed no more.
    done_at   INTEGER,
    told      INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),
    CHECK (told = 0 OR done_at IS NOT NULL)
) STRICT;
CREATE INDEX message_due ON message (due_at) WHERE done_at IS NULL;
CREATE INDEX message_alarm ON message (alarm);
