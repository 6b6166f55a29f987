-- Form 3: old readings may go, and a history can be copied into the file.

CREATE TABLE history_state (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    -- Readings measured before this moment are no longer kept, and no longer taken. Their hours stay.
    kept_from  INTEGER NOT NULL,
    -- Ids up to this one were given, also if no reading has them any more.
    last_id    INTEGER NOT NULL,
    -- 1 while a history is being copied into this file and not all of it is there.
    unfinished INTEGER NOT NULL DEFAULT 0 CHECK (unfinished IN (0, 1))
) STRICT;
INSERT INTO history_state (one, kept_from, last_id) VALUES (1, 0, 0);

-- What retention dropped: seals over these ids cannot be checked any more.
CREATE TABLE dropped (
    number   INTEGER PRIMARY KEY,
    first_id INTEGER NOT NULL,
    last_id  INTEGER NOT NULL,
    readings INTEGER NOT NULL
) STRICT;
