-- What a terminal told of itself last.
CREATE TABLE about (
    -- Its key in `terminal`.
    terminal INTEGER PRIMARY KEY,
    version TEXT NOT NULL,
    unsent INTEGER,
    refused INTEGER,
    unsent_since INTEGER,
    unsent_at_first INTEGER NOT NULL,
    clock_behind_micros INTEGER NOT NULL,
    told_at INTEGER NOT NULL
) STRICT;
