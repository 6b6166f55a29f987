-- Returns that a seller may not make alone: who has allowed which, and up to what amount.
CREATE TABLE return_approval (
    id          INTEGER PRIMARY KEY,
    -- The ids under which return and sale are told: neither need be here yet.
    sale_return BLOB NOT NULL CHECK (length(sale_return) = 16),
    sale        BLOB NOT NULL CHECK (length(sale) = 16),
    store       INTEGER NOT NULL REFERENCES store,
    person      INTEGER NOT NULL REFERENCES person,
    limit_cents INTEGER NOT NULL CHECK (limit_cents >= 0),
    seq         INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX return_approval_return ON return_approval (sale_return);

-- Nobody gives themselves leave.
ALTER TABLE sale_return ADD COLUMN approver INTEGER REFERENCES person CHECK (approver <> person);
