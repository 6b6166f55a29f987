-- Payments on account, and what payments must add up to. They are entered before their sale, which is then
-- taken only if they cover it: paid less change is the total, and the change is in the cash.
CREATE TABLE payment_next (
    sale         INTEGER NOT NULL REFERENCES sale DEFERRABLE INITIALLY DEFERRED,
    position     INTEGER NOT NULL,
    method       TEXT NOT NULL CHECK (method IN ('cash', 'pix', 'credit', 'debit', 'account')),
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    PRIMARY KEY (sale, position)
) STRICT, WITHOUT ROWID;
INSERT INTO payment_next SELECT sale, position, method, amount_cents FROM payment;
DROP TABLE payment;
ALTER TABLE payment_next RENAME TO payment;

CREATE TRIGGER sale_is_paid BEFORE INSERT ON sale
WHEN (SELECT coalesce(sum(amount_cents), 0) FROM payment WHERE sale = NEW.id) <> NEW.total_cents + NEW.change_cents
    AND NOT (NEW.by_amount AND NOT EXISTS (SELECT 1 FROM payment WHERE sale = NEW.id))
BEGIN
    SELECT RAISE(ABORT, 'paid less change is not the total');
END;

CREATE TRIGGER change_is_cash BEFORE INSERT ON sale
WHEN NEW.change_cents > (SELECT coalesce(sum(amount_cents), 0) FROM payment WHERE sale = NEW.id AND method = 'cash')
BEGIN
    SELECT RAISE(ABORT, 'change comes out of cash only');
END;

CREATE TRIGGER paid_once BEFORE INSERT ON payment
WHEN EXISTS (SELECT 1 FROM sale WHERE id = NEW.sale)
BEGIN
    SELECT RAISE(ABORT, 'the sale is paid already');
END;

-- Cash sessions: a till's drawer from its opening float to the count at its close.
CREATE TABLE cash_session (
    id               INTEGER PRIMARY KEY,
    uid              BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    number           INTEGER NOT NULL CHECK (number > 0),
    store            INTEGER NOT NULL REFERENCES store,
    till             TEXT NOT NULL CHECK (till <> ''),
    till_folded      TEXT NOT NULL,
    opened_by        INTEGER NOT NULL REFERENCES person,
    float_cents      INTEGER NOT NULL CHECK (float_cents >= 0),
    opened_at        INTEGER NOT NULL,
    seq              INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    closed_by        INTEGER REFERENCES person,
    closed_at        INTEGER,
    counted_cents    INTEGER CHECK (counted_cents >= 0),
    expected_cents   INTEGER,
    difference_cents INTEGER CHECK (difference_cents = counted_cents - expected_cents),
    close_reason     TEXT,
    close_seq        INTEGER UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (store, number),
    CHECK ((closed_by IS NULL) = (close_seq IS NULL) AND (closed_at IS NULL) = (close_seq IS NULL)
        AND (counted_cents IS NULL) = (close_seq IS NULL) AND (expected_cents IS NULL) = (close_seq IS NULL)
        AND (difference_cents IS NULL) = (close_seq IS NULL)),
    CHECK (close_reason IS NULL OR close_seq IS NOT NULL),
    CHECK (closed_by = opened_by OR close_reason IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX cash_session_open ON cash_session (store, till_folded) WHERE close_seq IS NULL;

CREATE TABLE cash_count (
    session     INTEGER NOT NULL REFERENCES cash_session,
    value_cents INTEGER NOT NULL
        CHECK (value_cents IN (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 25, 10, 5, 1)),
    count       INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (session, value_cents)
) STRICT, WITHOUT ROWID;

CREATE TABLE cash_movement (
    id           INTEGER PRIMARY KEY,
    uid          BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    session      INTEGER NOT NULL REFERENCES cash_session,
    kind         TEXT NOT NULL CHECK (kind IN ('withdrawal', 'deposit')),
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    reason       TEXT NOT NULL CHECK (reason <> ''),
    person       INTEGER NOT NULL REFERENCES person,
    recorded_at  INTEGER NOT NULL,
    seq          INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX cash_movement_session ON cash_movement (session);

-- The session's id and not its row: what several people did at one till without the server may come in any
-- order, and a sale is taken whether or not the opening of its session is here yet.
ALTER TABLE sale ADD COLUMN cash_session BLOB CHECK (cash_session IS NULL OR length(cash_session) = 16);
CREATE INDEX sale_cash_session ON sale (cash_session) WHERE cash_session IS NOT NULL;

-- Money that went back out of a drawer.
ALTER TABLE sale_return ADD COLUMN cash_session BLOB CHECK (cash_session IS NULL OR length(cash_session) = 16);
CREATE INDEX sale_return_session ON sale_return (cash_session) WHERE cash_session IS NOT NULL;

-- What customers owe. One without a CPF or CNPJ is known by name.
CREATE TABLE account (
    id            INTEGER PRIMARY KEY,
    uid           BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    store         INTEGER NOT NULL REFERENCES store,
    tax_id        TEXT CHECK (length(tax_id) IN (11, 14)),
    name          TEXT CHECK (name <> ''),
    name_folded   TEXT,
    balance_cents INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    UNIQUE (store, tax_id),
    CHECK (tax_id IS NOT NULL OR name IS NOT NULL),
    CHECK ((name IS NULL) = (name_folded IS NULL))
) STRICT;
CREATE UNIQUE INDEX account_name ON account (store, name_folded) WHERE tax_id IS NULL;
CREATE INDEX account_owed ON account (store, id) WHERE balance_cents <> 0;

-- An account's balance is the sum of these: what was bought on account is positive.
CREATE TABLE account_movement (
    id           INTEGER PRIMARY KEY,
    account      INTEGER NOT NULL REFERENCES account,
    amount_cents INTEGER NOT NULL,
    -- What was bought, what of it came back, or how a debt was paid.
    sale         INTEGER UNIQUE REFERENCES sale,
    sale_return  INTEGER UNIQUE REFERENCES sale_return,
    method       TEXT CHECK (method IN ('cash', 'pix', 'credit', 'debit')),
    cash_session BLOB CHECK (cash_session IS NULL OR length(cash_session) = 16),
    seq          INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    CHECK ((sale IS NOT NULL) + (sale_return IS NOT NULL) + (method IS NOT NULL) = 1),
    CHECK ((sale IS NOT NULL) = (amount_cents > 0) AND amount_cents <> 0)
) STRICT;
CREATE INDEX account_movement_account ON account_movement (account);
CREATE INDEX account_movement_session ON account_movement (cash_session) WHERE cash_session IS NOT NULL;
