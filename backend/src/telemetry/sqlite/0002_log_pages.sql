-- Form 2: the log is kept in pages that are written over, so that a commit changes one page of the file and
-- no list of free ones.

-- Readings as they came, with ids that count up from `first_id`; 46 bytes a reading, see log.rs. At most 86,
-- so that a row fills a page of the file. A page whose readings are all packed is used again: what it holds
-- until then is passed over, because its sensors' `packed_id` has gone beyond.
CREATE TABLE log_page (
    number   INTEGER PRIMARY KEY,
    first_id INTEGER NOT NULL,
    rows     BLOB    NOT NULL CHECK (length(rows) BETWEEN 46 AND 3956 AND length(rows) % 46 = 0)
) STRICT;

WITH RECURSIVE piece (first_id, rows) AS (
    SELECT first_id, rows FROM log
    UNION ALL
    SELECT first_id + 86, substr(rows, 3957) FROM piece WHERE length(rows) > 3956
)
INSERT INTO log_page (first_id, rows) SELECT first_id, substr(rows, 1, 3956) FROM piece ORDER BY first_id;

DROP TABLE log;
