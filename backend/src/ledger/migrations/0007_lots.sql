-- Lots: goods of one product in one store that are told apart by what is printed on them. What a store holds
-- beyond its lots has no lot. An empty text is "not printed".
CREATE TABLE lot (
    id         INTEGER PRIMARY KEY,
    uid        BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    store      INTEGER NOT NULL REFERENCES store,
    product    INTEGER NOT NULL REFERENCES product,
    code       TEXT NOT NULL,
    expires_on TEXT NOT NULL
        CHECK (expires_on = '' OR expires_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    balance    INTEGER NOT NULL CHECK (balance BETWEEN 0 AND 1000000000000000),
    -- Where it stands.
    sensor     TEXT REFERENCES sensor,
    UNIQUE (store, product, code, expires_on),
    CHECK (code <> '' OR expires_on <> '')
) STRICT;

-- What a sale looks up for each of its lines; products without lots are not in it.
CREATE INDEX lot_held ON lot (store, product) WHERE balance > 0;

-- By how much a line of a sale, an entry or a transfer moved a lot.
CREATE TABLE lot_movement (
    seq      INTEGER NOT NULL REFERENCES journal DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL CHECK (position >= 0),
    lot      INTEGER NOT NULL REFERENCES lot,
    moved    INTEGER NOT NULL CHECK (moved <> 0),
    PRIMARY KEY (seq, position, lot)
) STRICT, WITHOUT ROWID;
