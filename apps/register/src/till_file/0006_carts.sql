-- Sales that are not finished: the open one, and those that were put aside. A row leaves in the transaction
-- that keeps its sale, or when a person throws it away.
CREATE TABLE cart (
    sale BLOB PRIMARY KEY CHECK (length(sale) = 16),  -- the command id that the sale will have
    body TEXT NOT NULL CHECK (json_valid(body)),
    at INTEGER NOT NULL
) STRICT;
