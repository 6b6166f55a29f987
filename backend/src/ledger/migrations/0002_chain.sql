-- A sale of which only the amount is told: it has no lines, and may be without payments.
ALTER TABLE sale ADD COLUMN by_amount INTEGER NOT NULL DEFAULT 0 CHECK (by_amount IN (0, 1));

-- Kept totals for the reports, by seller. By store there is `day_total`. A short period is answered from the
-- days; of a long one, whole months are taken from here, so that years cost what months cost.
CREATE TABLE seller_day (
    person       INTEGER NOT NULL REFERENCES person,
    business_day TEXT NOT NULL,
    store        INTEGER NOT NULL REFERENCES store,
    sales        INTEGER NOT NULL CHECK (sales > 0),
    total_cents  INTEGER NOT NULL CHECK (total_cents >= 0),
    PRIMARY KEY (person, business_day, store)
) STRICT, WITHOUT ROWID;

CREATE TABLE seller_month (
    person      INTEGER NOT NULL REFERENCES person,
    month       TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    store       INTEGER NOT NULL REFERENCES store,
    sales       INTEGER NOT NULL CHECK (sales > 0),
    total_cents INTEGER NOT NULL CHECK (total_cents >= 0),
    PRIMARY KEY (person, month, store)
) STRICT, WITHOUT ROWID;

INSERT INTO seller_day (person, business_day, store, sales, total_cents)
    SELECT person, business_day, store, count(*), sum(total_cents) FROM sale GROUP BY person, business_day, store;
INSERT INTO seller_month (person, month, store, sales, total_cents)
    SELECT person, substr(business_day, 1, 7), store, sum(sales), sum(total_cents) FROM seller_day
    GROUP BY 1, 2, 3;
