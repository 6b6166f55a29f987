-- Who owes the store, as the server last told it.
CREATE TABLE debts_known (
    store BLOB PRIMARY KEY CHECK (length(store) = 16),
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;
