-- Times in which a terminal said nothing although the server was there to hear, and who was signed in there before.
CREATE TABLE gap (
    terminal INTEGER NOT NULL,
    person_id BLOB NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL
) STRICT;
CREATE INDEX gap_to ON gap (to_at);

-- Since when they are kept.
ALTER TABLE setting ADD COLUMN gaps_since INTEGER;
