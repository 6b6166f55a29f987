-- The sales that this till made in the last weeks: for reprints and returns, with or without the server.
CREATE TABLE sold (
    sale BLOB PRIMARY KEY CHECK (length(sale) = 16),  -- the id of the command that made it
    store BLOB NOT NULL CHECK (length(store) = 16),
    business_day TEXT NOT NULL,
    number INTEGER CHECK (number > 0),                -- absent while the server has not told it
    sold_at INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body))       -- the sale as the server tells it
) STRICT;
CREATE INDEX sold_newest ON sold (store, sold_at);
CREATE INDEX sold_number ON sold (store, number);
CREATE INDEX sold_age ON sold (sold_at);
