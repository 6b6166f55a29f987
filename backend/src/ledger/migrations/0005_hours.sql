-- At which hour of the store's day a sale was made. Kept with the sale, because a store may move to another
-- zone later; a sale from before this step gets the hour by the zone that its store had then.
ALTER TABLE sale ADD COLUMN hour INTEGER NOT NULL DEFAULT 0 CHECK (hour BETWEEN 0 AND 23);

CREATE TEMP TABLE store_zone AS
    SELECT store.id AS store, journal.seq AS seq, json_extract(journal.outcome, '$.data.zone') AS zone
    FROM journal JOIN store ON store.uid = unhex(json_extract(journal.outcome, '$.data.id'), '-')
    WHERE journal.kind IN ('add_store', 'change_store');
CREATE INDEX temp.store_zone_seq ON store_zone (store, seq);
UPDATE sale SET hour = local_hour(sold_at,
    (SELECT zone FROM temp.store_zone WHERE store_zone.store = sale.store AND store_zone.seq < sale.seq
     ORDER BY store_zone.seq DESC LIMIT 1));
DROP TABLE temp.store_zone;

-- Kept totals by hour of the day. As with days: of a long period whole months are read.
CREATE TABLE store_hour (
    store        INTEGER NOT NULL REFERENCES store,
    business_day TEXT NOT NULL,
    hour         INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    sales        INTEGER NOT NULL CHECK (sales > 0),
    total_cents  INTEGER NOT NULL CHECK (total_cents >= 0),
    PRIMARY KEY (store, business_day, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE store_hour_month (
    store       INTEGER NOT NULL REFERENCES store,
    month       TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    hour        INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    sales       INTEGER NOT NULL CHECK (sales > 0),
    total_cents INTEGER NOT NULL CHECK (total_cents >= 0),
    PRIMARY KEY (store, month, hour)
) STRICT, WITHOUT ROWID;

-- One seller's days are few, so they need no months.
CREATE TABLE seller_hour (
    person       INTEGER NOT NULL REFERENCES person,
    business_day TEXT NOT NULL,
    store        INTEGER NOT NULL REFERENCES store,
    hour         INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    sales        INTEGER NOT NULL CHECK (sales > 0),
    total_cents  INTEGER NOT NULL CHECK (total_cents >= 0),
    PRIMARY KEY (person, business_day, store, hour)
) STRICT, WITHOUT ROWID;

INSERT INTO store_hour (store, business_day, hour, sales, total_cents)
    SELECT store, business_day, hour, count(*), sum(total_cents) FROM sale GROUP BY 1, 2, 3;
INSERT INTO store_hour_month (store, month, hour, sales, total_cents)
    SELECT store, substr(business_day, 1, 7), hour, sum(sales), sum(total_cents) FROM store_hour GROUP BY 1, 2, 3;
INSERT INTO seller_hour (person, business_day, store, hour, sales, total_cents)
    SELECT person, business_day, store, hour, count(*), sum(total_cents) FROM sale GROUP BY 1, 2, 3, 4;
