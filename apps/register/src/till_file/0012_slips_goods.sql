-- The slips that this till has issued: of goods that came back, and of debts that were paid. What stands on them is in
-- `issued`.
CREATE TABLE slip (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),      -- of the return, or of the payment
    store BLOB NOT NULL CHECK (length(store) = 16),
    made_at INTEGER NOT NULL,
    sale BLOB CHECK (length(sale) = 16),              -- of which goods came back
    number INTEGER CHECK (number > 0),                -- of that sale; absent where it was not known yet
    total_cents INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body))       -- what it tells of
) STRICT;
CREATE INDEX slip_newest ON slip (store, made_at);
CREATE INDEX slip_number ON slip (store, number);
CREATE INDEX slip_sale ON slip (sale);
CREATE INDEX slip_age ON slip (made_at);

-- A whole catalogue is written in portions, as another generation beside the one that counts; `place` says which
-- one does.
ALTER TABLE place ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE product RENAME TO product_before;
CREATE TABLE product (
    generation INTEGER NOT NULL DEFAULT 0,
    id BLOB NOT NULL CHECK (length(id) = 16),
    body TEXT NOT NULL CHECK (json_valid(body)),
    balance INTEGER,                                  -- thousandths; absent while it is not known
    PRIMARY KEY (generation, id)
) STRICT;
INSERT INTO product (id, body, balance) SELECT id, body, balance FROM product_before;
DROP TABLE product_before;
