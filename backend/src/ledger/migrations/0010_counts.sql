-- When a product was counted last: what happened before and comes in later does not move its balance again.
ALTER TABLE stock ADD COLUMN counted_at INTEGER;

CREATE TABLE stock_count (
    id         INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    store      INTEGER NOT NULL REFERENCES store,
    person     INTEGER NOT NULL REFERENCES person,
    started_at INTEGER NOT NULL,
    seq        INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE count_line (
    id         INTEGER PRIMARY KEY,
    count      INTEGER NOT NULL REFERENCES stock_count,
    position   INTEGER NOT NULL CHECK (position >= 0),
    store      INTEGER NOT NULL REFERENCES store,
    product    INTEGER NOT NULL REFERENCES product,
    counted    INTEGER NOT NULL CHECK (counted >= 0),
    counted_at INTEGER NOT NULL,
    -- What the books had at that moment, as far as it was known when the count came in.
    expected   INTEGER NOT NULL,
    -- What came in later although it had happened before, taken back here.
    late       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (count, position),
    UNIQUE (count, product)
) STRICT;
CREATE INDEX count_line_goods ON count_line (store, product, counted_at);

-- Goods on their way from one store to another. What was sent and did not arrive is lost.
CREATE TABLE transfer (
    id         INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    from_store INTEGER NOT NULL REFERENCES store,
    to_store   INTEGER NOT NULL REFERENCES store,
    state      TEXT NOT NULL CHECK (state IN ('sent', 'received', 'cancelled')),
    sender     INTEGER NOT NULL REFERENCES person,
    sent_at    INTEGER NOT NULL,
    note       TEXT,
    seq        INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    closer     INTEGER REFERENCES person,
    closed_at  INTEGER,
    reason     TEXT,
    closed_seq INTEGER UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    CHECK (from_store <> to_store),
    CHECK ((state = 'sent') = (closed_seq IS NULL)),
    CHECK ((closer IS NULL) = (closed_seq IS NULL) AND (closed_at IS NULL) = (closed_seq IS NULL)),
    CHECK ((state = 'cancelled') = (reason IS NOT NULL))
) STRICT;
CREATE INDEX transfer_from ON transfer (from_store, id);
CREATE INDEX transfer_to ON transfer (to_store, id);

CREATE TABLE transfer_line (
    transfer INTEGER NOT NULL REFERENCES transfer,
    position INTEGER NOT NULL CHECK (position >= 0),
    product  INTEGER NOT NULL REFERENCES product,
    sent     INTEGER NOT NULL CHECK (sent > 0),
    arrived  INTEGER CHECK (arrived >= 0),
    reason   TEXT,
    PRIMARY KEY (transfer, position),
    CHECK (arrived IS NULL OR arrived = sent OR reason IS NOT NULL)
) STRICT, WITHOUT ROWID;

DROP VIEW movement;
CREATE VIEW movement (store, product, quantity, seq) AS
    SELECT store, product, moved, seq FROM stock_entry
    UNION ALL
    SELECT sale.store, sale_line.product, -sale_line.quantity, sale.seq
    FROM sale_line JOIN sale ON sale.id = sale_line.sale
    UNION ALL
    SELECT sale_return.store, return_line.product, return_line.quantity, sale_return.seq
    FROM return_line JOIN sale_return ON sale_return.id = return_line.sale_return
    UNION ALL
    SELECT sale_return.store, return_line.product, -return_line.quantity, sale_return.seq
    FROM return_line JOIN sale_return ON sale_return.id = return_line.sale_return WHERE NOT restock
    UNION ALL
    SELECT count_line.store, product, counted - expected + late, seq
    FROM count_line JOIN stock_count ON stock_count.id = count_line.count
    UNION ALL
    SELECT from_store, product, -sent, seq FROM transfer_line JOIN transfer ON transfer.id = transfer_line.transfer
    UNION ALL
    SELECT iif(state = 'received', to_store, from_store), product, iif(state = 'received', arrived, sent), closed_seq
    FROM transfer_line JOIN transfer ON transfer.id = transfer_line.transfer WHERE closed_seq IS NOT NULL;
