-- A list of goods that is being scanned: what is counted, or what goes to another store.
CREATE TABLE stock_draft (
    purpose TEXT NOT NULL CHECK (purpose IN ('count', 'send')),
    store BLOB NOT NULL CHECK (length(store) = 16),
    body TEXT NOT NULL CHECK (json_valid(body)),
    PRIMARY KEY (purpose, store)
) STRICT, WITHOUT ROWID;

-- The transfers on their way that the till knows of, and where its store can send to.
CREATE TABLE stock_known (
    store BLOB PRIMARY KEY CHECK (length(store) = 16),
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;
