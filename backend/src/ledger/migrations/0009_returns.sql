-- Returns: what came back of sales, and sales that were cancelled. How much has come back stands beside what
-- was sold, so that no return can exceed it, whichever till it comes from.
ALTER TABLE sale_line ADD COLUMN returned INTEGER NOT NULL DEFAULT 0
    CHECK (returned BETWEEN 0 AND quantity);
ALTER TABLE sale_line ADD COLUMN returned_cents INTEGER NOT NULL DEFAULT 0
    CHECK (returned_cents BETWEEN 0 AND total_cents - share_cents);
ALTER TABLE sale ADD COLUMN returned_cents INTEGER NOT NULL DEFAULT 0
    CHECK (returned_cents BETWEEN 0 AND total_cents);
ALTER TABLE sale ADD COLUMN returns INTEGER NOT NULL DEFAULT 0 CHECK (returns >= 0);
-- A cancelled sale came back once, and whole.
ALTER TABLE sale ADD COLUMN voided INTEGER NOT NULL DEFAULT 0
    CHECK (voided = 0 OR (voided = 1 AND returns = 1 AND returned_cents = total_cents));

CREATE TABLE sale_return (
    id           INTEGER PRIMARY KEY,
    uid          BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    number       INTEGER NOT NULL CHECK (number > 0),
    sale         INTEGER NOT NULL REFERENCES sale,
    store        INTEGER NOT NULL REFERENCES store,
    -- Who took it back.
    person       INTEGER NOT NULL REFERENCES person,
    void         INTEGER NOT NULL CHECK (void IN (0, 1)),
    total_cents  INTEGER NOT NULL CHECK (total_cents >= 0),
    business_day TEXT NOT NULL CHECK (business_day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    hour         INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    returned_at  INTEGER NOT NULL,
    seq          INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (store, number)
) STRICT;
CREATE INDEX sale_return_sale ON sale_return (sale);

CREATE TABLE return_line (
    sale_return INTEGER NOT NULL REFERENCES sale_return,
    sale        INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    product     INTEGER NOT NULL REFERENCES product,
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    total_cents INTEGER NOT NULL CHECK (total_cents >= 0),
    -- Into the stock again; else written off.
    restock     INTEGER NOT NULL CHECK (restock IN (0, 1)),
    PRIMARY KEY (sale_return, position),
    FOREIGN KEY (sale, position) REFERENCES sale_line
) STRICT, WITHOUT ROWID;
CREATE INDEX return_line_sale ON return_line (sale, position);

CREATE TABLE refund (
    sale_return  INTEGER NOT NULL REFERENCES sale_return,
    position     INTEGER NOT NULL,
    method       TEXT NOT NULL CHECK (method IN ('cash', 'pix', 'credit', 'debit', 'account')),
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    PRIMARY KEY (sale_return, position)
) STRICT, WITHOUT ROWID;

-- Kept totals of what came back: on the day and in the hour of the return, of the seller who had sold it. There
-- are far fewer returns than sales, so this one table answers for every report.
CREATE TABLE return_total (
    store          INTEGER NOT NULL REFERENCES store,
    business_day   TEXT NOT NULL,
    person         INTEGER NOT NULL REFERENCES person,
    hour           INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    returns        INTEGER NOT NULL CHECK (returns > 0),
    returned_cents INTEGER NOT NULL CHECK (returned_cents >= 0),
    PRIMARY KEY (store, business_day, person, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX return_total_person ON return_total (person, business_day);

-- What comes back is a movement; what is written off of it is another.
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
    FROM return_line JOIN sale_return ON sale_return.id = return_line.sale_return WHERE NOT restock;
