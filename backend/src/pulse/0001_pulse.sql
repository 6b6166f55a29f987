-- What is kept of each terminal. It is never removed: a terminal that comes back finds its value.
CREATE TABLE terminal (
    key INTEGER PRIMARY KEY,
    client TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    value INTEGER NOT NULL CHECK (value BETWEEN 0 AND 99),
    step INTEGER NOT NULL CHECK (step BETWEEN 0 AND 99),
    last_contact_at INTEGER NOT NULL,
    gaps INTEGER NOT NULL,
    longest_gap_micros INTEGER NOT NULL,
    gap_from INTEGER,
    gap_to INTEGER,
    messages INTEGER NOT NULL
) STRICT;

-- Every message, in the order in which it was taken. No index beside the id: `span` leads to what is asked for.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    terminal INTEGER NOT NULL,
    sent INTEGER NOT NULL CHECK (sent IN (0, 1)),
    content TEXT NOT NULL
) STRICT;

-- A few thousand messages in a row: when, and of whom. What is asked for is looked for only where it can be,
-- and old messages go span by span.
CREATE TABLE span (
    first_id INTEGER PRIMARY KEY,
    last_id INTEGER NOT NULL,
    min_at INTEGER NOT NULL,
    max_at INTEGER NOT NULL,
    -- JSON array of terminal keys.
    terminals TEXT NOT NULL
) STRICT;

CREATE TABLE setting (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    days INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    changed_by TEXT,
    changed_at INTEGER,
    -- Ids below this one were given: none is given twice, though its message is gone.
    next_id INTEGER NOT NULL
) STRICT;

INSERT INTO setting (one, days, rows, next_id) VALUES (1, 7, 5000000, 1);
