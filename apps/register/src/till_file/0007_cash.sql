-- The cash sessions of this till: what was opened, what happened in the open one, and what the last close said.
CREATE TABLE cash_session (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    session TEXT NOT NULL CHECK (json_valid(session)),
    report TEXT CHECK (json_valid(report))   -- of the close; absent while it is open
) STRICT;
CREATE UNIQUE INDEX cash_session_open ON cash_session (report IS NULL) WHERE report IS NULL;

CREATE TABLE cash_entry (
    command BLOB PRIMARY KEY CHECK (length(command) = 16),
    session BLOB NOT NULL REFERENCES cash_session,
    entry TEXT NOT NULL CHECK (json_valid(entry))
) STRICT;
