-- How much of a sale's undiscounted total each role may take off, in hundredths of a percent.
ALTER TABLE store ADD COLUMN admin_discount INTEGER NOT NULL DEFAULT 10000
    CHECK (admin_discount BETWEEN 0 AND 10000);
ALTER TABLE store ADD COLUMN manager_discount INTEGER NOT NULL DEFAULT 3000
    CHECK (manager_discount BETWEEN 0 AND admin_discount);
ALTER TABLE store ADD COLUMN seller_discount INTEGER NOT NULL DEFAULT 500
    CHECK (seller_discount BETWEEN 0 AND manager_discount);

-- The discount on the whole sale; its lines' shares of it sum up to it.
ALTER TABLE sale ADD COLUMN discount_cents INTEGER NOT NULL DEFAULT 0 CHECK (discount_cents >= 0);
-- The customer's CPF or CNPJ without its signs.
ALTER TABLE sale ADD COLUMN customer TEXT CHECK (length(customer) IN (11, 14));
-- Who allowed a discount that the seller may not give alone.
ALTER TABLE sale ADD COLUMN approver INTEGER REFERENCES person;
ALTER TABLE sale_line ADD COLUMN discount_cents INTEGER NOT NULL DEFAULT 0 CHECK (discount_cents >= 0);
ALTER TABLE sale_line ADD COLUMN share_cents INTEGER NOT NULL DEFAULT 0
    CHECK (share_cents BETWEEN 0 AND total_cents);

-- Somebody has proved who they are and allowed discounts of a sale up to an amount.
CREATE TABLE approval (
    id          INTEGER PRIMARY KEY,
    sale        BLOB NOT NULL CHECK (length(sale) = 16),
    store       INTEGER NOT NULL REFERENCES store,
    person      INTEGER NOT NULL REFERENCES person,
    limit_cents INTEGER NOT NULL CHECK (limit_cents > 0),
    seq         INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX approval_sale ON approval (sale);
