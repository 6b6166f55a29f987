-- What a product costs on some days: in one store, or in every store that has no price of its own for the day.
-- Of several periods with the same day, the one that begins last counts.
CREATE TABLE price (
    id          INTEGER PRIMARY KEY,
    product     INTEGER NOT NULL REFERENCES product,
    store       INTEGER REFERENCES store,
    price_cents INTEGER NOT NULL CHECK (price_cents BETWEEN 0 AND 1000000000),
    first_day   TEXT NOT NULL CHECK (date(first_day) IS first_day),
    last_day    TEXT CHECK (last_day IS NULL OR (date(last_day) IS last_day AND last_day >= first_day))
) STRICT;
CREATE UNIQUE INDEX price_once ON price (product, coalesce(store, 0), first_day);
