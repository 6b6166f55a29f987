-- Documents as they were issued: receipts, reports, slips. A reprint is one of these, to the byte.
CREATE TABLE issued (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),  -- of the sale, session or return
    issued_at INTEGER NOT NULL,
    document TEXT NOT NULL CHECK (json_valid(document))
) STRICT;
CREATE INDEX issued_age ON issued (issued_at);
