-- Ids are 16-byte blobs (uid); rows refer to each other by their short integer keys.
-- Times are microseconds since 1970 UTC, money is in centavos, quantities are in thousandths.

CREATE TABLE journal (
    seq        INTEGER PRIMARY KEY,
    command_id BLOB NOT NULL UNIQUE CHECK (length(command_id) = 16),
    kind       TEXT NOT NULL,
    actor      BLOB CHECK (actor IS NULL OR length(actor) = 16),
    store      BLOB CHECK (store IS NULL OR length(store) = 16),
    client_at  INTEGER NOT NULL,
    server_at  INTEGER NOT NULL,
    body       TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    hash       BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE chain (
    id          INTEGER PRIMARY KEY,
    uid         BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    name        TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL UNIQUE,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE store (
    id          INTEGER PRIMARY KEY,
    uid         BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    chain       INTEGER NOT NULL REFERENCES chain,
    name        TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL,
    cnpj        TEXT UNIQUE,
    zone        TEXT NOT NULL,
    last_sale   INTEGER NOT NULL DEFAULT 0 CHECK (last_sale >= 0),
    created_at  INTEGER NOT NULL,
    UNIQUE (chain, name_folded)
) STRICT;

CREATE TABLE person (
    id              INTEGER PRIMARY KEY,
    uid             BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    username        TEXT NOT NULL CHECK (username <> ''),
    username_folded TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL CHECK (name <> ''),
    role            TEXT NOT NULL CHECK (role IN ('seller', 'manager', 'admin')),
    cpf             TEXT UNIQUE CHECK (cpf IS NULL OR length(cpf) = 11),
    password_hash   TEXT NOT NULL,
    active          INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE person_store (
    person INTEGER NOT NULL REFERENCES person,
    store  INTEGER NOT NULL REFERENCES store,
    PRIMARY KEY (person, store)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    id                 INTEGER PRIMARY KEY,
    uid                BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    person             INTEGER NOT NULL REFERENCES person,
    device             TEXT,
    generation         INTEGER NOT NULL CHECK (generation > 0),
    opened_at          INTEGER NOT NULL,
    refresh_expires_at INTEGER NOT NULL,
    ended_at           INTEGER,
    end_reason         TEXT,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE INDEX session_open ON session (person) WHERE ended_at IS NULL;

CREATE TABLE product (
    id          INTEGER PRIMARY KEY,
    uid         BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    name        TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL UNIQUE,
    code        TEXT UNIQUE CHECK (code IS NULL OR code <> ''),
    unit        TEXT NOT NULL,
    price_cents INTEGER NOT NULL CHECK (price_cents BETWEEN 0 AND 1000000000),
    minimum     INTEGER NOT NULL CHECK (minimum BETWEEN 0 AND 1000000000),
    active      INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE stock (
    store   INTEGER NOT NULL REFERENCES store,
    product INTEGER NOT NULL REFERENCES product,
    balance INTEGER NOT NULL CHECK (balance BETWEEN -1000000000000000 AND 1000000000000000),
    PRIMARY KEY (store, product)
) STRICT, WITHOUT ROWID;

-- What was entered stands in the journal row; here is what it moved.
CREATE TABLE stock_entry (
    id      INTEGER PRIMARY KEY,
    uid     BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    kind    TEXT NOT NULL CHECK (kind IN ('receive', 'adjust', 'count')),
    store   INTEGER NOT NULL REFERENCES store,
    product INTEGER NOT NULL REFERENCES product,
    moved   INTEGER NOT NULL,
    seq     INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    CHECK (kind <> 'receive' OR moved > 0)
) STRICT;
CREATE INDEX stock_entry_store ON stock_entry (store, id);

CREATE TABLE sale (
    id           INTEGER PRIMARY KEY,
    uid          BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    number       INTEGER NOT NULL CHECK (number > 0),
    store        INTEGER NOT NULL REFERENCES store,
    person       INTEGER NOT NULL REFERENCES person,
    total_cents  INTEGER NOT NULL CHECK (total_cents >= 0),
    change_cents INTEGER NOT NULL CHECK (change_cents >= 0),
    business_day TEXT NOT NULL CHECK (business_day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    sold_at      INTEGER NOT NULL,
    seq          INTEGER NOT NULL UNIQUE REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (store, number)
) STRICT;

CREATE TABLE sale_line (
    sale             INTEGER NOT NULL REFERENCES sale,
    position         INTEGER NOT NULL,
    product          INTEGER NOT NULL REFERENCES product,
    quantity         INTEGER NOT NULL CHECK (quantity > 0),
    unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents >= 0),
    total_cents      INTEGER NOT NULL CHECK (total_cents >= 0),
    PRIMARY KEY (sale, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE payment (
    sale         INTEGER NOT NULL REFERENCES sale,
    position     INTEGER NOT NULL,
    method       TEXT NOT NULL CHECK (method IN ('cash', 'pix', 'credit', 'debit')),
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    PRIMARY KEY (sale, position)
) STRICT, WITHOUT ROWID;

-- Kept totals, so that a day's figures cost one row and not a scan; `verify` recounts them.
CREATE TABLE day_total (
    store        INTEGER NOT NULL REFERENCES store,
    business_day TEXT NOT NULL,
    sales        INTEGER NOT NULL CHECK (sales > 0),
    total_cents  INTEGER NOT NULL CHECK (total_cents >= 0),
    PRIMARY KEY (store, business_day)
) STRICT, WITHOUT ROWID;

-- Every movement of goods. A balance is the sum of its movements.
CREATE VIEW movement (store, product, quantity, seq) AS
    SELECT store, product, moved, seq FROM stock_entry
    UNION ALL
    SELECT sale.store, sale_line.product, -sale_line.quantity, sale.seq
    FROM sale_line JOIN sale ON sale.id = sale_line.sale;

CREATE TABLE api_key (
    id         INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    name       TEXT NOT NULL CHECK (name <> ''),
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    scopes     TEXT NOT NULL CHECK (scopes <> ''),
    sensors    TEXT NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sensor (
    id           TEXT PRIMARY KEY CHECK (id <> ''),
    name         TEXT NOT NULL CHECK (name <> ''),
    store        INTEGER NOT NULL REFERENCES store,
    kind         TEXT NOT NULL CHECK (kind IN ('fridge', 'freezer', 'room')),
    low_celsius  REAL,
    high_celsius REAL,
    CHECK (low_celsius IS NULL OR high_celsius IS NULL OR low_celsius <= high_celsius)
) STRICT;

-- The newest seal is asked for every minute.
CREATE INDEX journal_seals ON journal (seq) WHERE kind = 'seal_readings';
