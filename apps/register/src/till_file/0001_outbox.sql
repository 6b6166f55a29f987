-- What this till has still to tell the server. A row is here before its customer is served, and leaves when
-- the server has confirmed it or a person has thrown it away after a refusal.
CREATE TABLE parcel (
    number INTEGER PRIMARY KEY,  -- the order in which they are sent
    command BLOB NOT NULL UNIQUE CHECK (length(command) = 16),
    person BLOB NOT NULL CHECK (length(person) = 16),
    work TEXT NOT NULL CHECK (json_valid(work)),
    subject TEXT NOT NULL,
    change_cents INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    -- The server's refusal; absent while it is to be sent.
    refusal TEXT CHECK (json_valid(refusal))
) STRICT;
