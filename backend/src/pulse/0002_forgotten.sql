-- Who a terminal's person is, so that managers see the terminals of their stores; and terminals that were forgotten:
-- their messages stay for as long as others do, and their name begins anew.
CREATE TABLE known (
    key INTEGER PRIMARY KEY,
    client TEXT NOT NULL,
    person TEXT NOT NULL,
    -- Id of that person; none for a terminal that has not connected since it is kept.
    person_id BLOB,
    value INTEGER NOT NULL CHECK (value BETWEEN 0 AND 99),
    step INTEGER NOT NULL CHECK (step BETWEEN 0 AND 99),
    last_contact_at INTEGER NOT NULL,
    gaps INTEGER NOT NULL,
    longest_gap_micros INTEGER NOT NULL,
    gap_from INTEGER,
    gap_to INTEGER,
    messages INTEGER NOT NULL,
    -- Id of the last message in the log when it was forgotten. The row goes with that message.
    forgotten_at_id INTEGER
) STRICT;

INSERT INTO known (key, client, person, value, step, last_contact_at, gaps, longest_gap_micros, gap_from, gap_to,
                   messages)
SELECT key, client, person, value, step, last_contact_at, gaps, longest_gap_micros, gap_from, gap_to, messages
FROM terminal;

DROP TABLE terminal;
ALTER TABLE known RENAME TO terminal;
CREATE UNIQUE INDEX terminal_client ON terminal (client) WHERE forgotten_at_id IS NULL;
