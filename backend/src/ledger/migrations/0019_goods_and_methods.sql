-- What sales and returns say of each product and payment method, day by day. A sale or return of which only the
-- amount is told is of product 0; one that does not tell how it was paid is of the method ''.
CREATE VIEW product_moved (store, business_day, product, sales, quantity, total_cents,
                           returns, returned_quantity, returned_cents) AS
    SELECT sale.store, sale.business_day, coalesce(sale_line.product, 0), count(DISTINCT sale.id),
           sum(coalesce(sale_line.quantity, 0)),
           sum(coalesce(sale_line.total_cents - sale_line.share_cents, sale.total_cents)), 0, 0, 0
    FROM sale LEFT JOIN sale_line ON sale_line.sale = sale.id GROUP BY 1, 2, 3
    UNION ALL
    SELECT sale_return.store, sale_return.business_day, coalesce(return_line.product, 0), 0, 0, 0,
           count(DISTINCT sale_return.id), sum(coalesce(return_line.quantity, 0)),
           sum(coalesce(return_line.total_cents, sale_return.total_cents))
    FROM sale_return LEFT JOIN return_line ON return_line.sale_return = sale_return.id GROUP BY 1, 2, 3;

-- Change came out of the cash that was paid.
CREATE VIEW method_moved (store, business_day, method, sales, total_cents, returns, returned_cents) AS
    SELECT store, business_day, method, count(*), sum(cents), 0, 0
    FROM (SELECT sale.store, sale.business_day, coalesce(payment.method, '') AS method,
                 coalesce(sum(amount_cents) - iif(payment.method = 'cash', change_cents, 0), total_cents) AS cents
          FROM sale LEFT JOIN payment ON payment.sale = sale.id GROUP BY sale.id, payment.method)
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT sale_return.store, sale_return.business_day, coalesce(refund.method, ''), 0, 0,
           count(DISTINCT sale_return.id), sum(coalesce(amount_cents, total_cents))
    FROM sale_return LEFT JOIN refund ON refund.sale_return = sale_return.id GROUP BY 1, 2, 3;

-- Kept totals for the reports by product and by payment method. As with sellers: of a long period whole months
-- are read.
CREATE TABLE product_day (
    store             INTEGER NOT NULL REFERENCES store,
    business_day      TEXT NOT NULL,
    product           INTEGER NOT NULL,
    sales             INTEGER NOT NULL CHECK (sales >= 0),
    quantity          INTEGER NOT NULL CHECK (quantity >= 0),
    total_cents       INTEGER NOT NULL CHECK (total_cents >= 0),
    returns           INTEGER NOT NULL CHECK (returns >= 0),
    returned_quantity INTEGER NOT NULL CHECK (returned_quantity >= 0),
    returned_cents    INTEGER NOT NULL CHECK (returned_cents >= 0),
    PRIMARY KEY (store, business_day, product),
    CHECK (sales + returns > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE product_month (
    store             INTEGER NOT NULL REFERENCES store,
    month             TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    product           INTEGER NOT NULL,
    sales             INTEGER NOT NULL CHECK (sales >= 0),
    quantity          INTEGER NOT NULL CHECK (quantity >= 0),
    total_cents       INTEGER NOT NULL CHECK (total_cents >= 0),
    returns           INTEGER NOT NULL CHECK (returns >= 0),
    returned_quantity INTEGER NOT NULL CHECK (returned_quantity >= 0),
    returned_cents    INTEGER NOT NULL CHECK (returned_cents >= 0),
    PRIMARY KEY (store, month, product),
    CHECK (sales + returns > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE method_day (
    store          INTEGER NOT NULL REFERENCES store,
    business_day   TEXT NOT NULL,
    method         TEXT NOT NULL CHECK (method IN ('', 'cash', 'pix', 'credit', 'debit', 'account')),
    sales          INTEGER NOT NULL CHECK (sales >= 0),
    total_cents    INTEGER NOT NULL CHECK (total_cents >= 0),
    returns        INTEGER NOT NULL CHECK (returns >= 0),
    returned_cents INTEGER NOT NULL CHECK (returned_cents >= 0),
    PRIMARY KEY (store, business_day, method),
    CHECK (sales + returns > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE method_month (
    store          INTEGER NOT NULL REFERENCES store,
    month          TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    method         TEXT NOT NULL CHECK (method IN ('', 'cash', 'pix', 'credit', 'debit', 'account')),
    sales          INTEGER NOT NULL CHECK (sales >= 0),
    total_cents    INTEGER NOT NULL CHECK (total_cents >= 0),
    returns        INTEGER NOT NULL CHECK (returns >= 0),
    returned_cents INTEGER NOT NULL CHECK (returned_cents >= 0),
    PRIMARY KEY (store, month, method),
    CHECK (sales + returns > 0)
) STRICT, WITHOUT ROWID;

INSERT INTO product_day
    SELECT store, business_day, product, sum(sales), sum(quantity), sum(total_cents),
           sum(returns), sum(returned_quantity), sum(returned_cents)
    FROM product_moved GROUP BY 1, 2, 3;
INSERT INTO product_month
    SELECT store, substr(business_day, 1, 7), product, sum(sales), sum(quantity), sum(total_cents),
           sum(returns), sum(returned_quantity), sum(returned_cents)
    FROM product_day GROUP BY 1, 2, 3;
INSERT INTO method_day
    SELECT store, business_day, method, sum(sales), sum(total_cents), sum(returns), sum(returned_cents)
    FROM method_moved GROUP BY 1, 2, 3;
INSERT INTO method_month
    SELECT store, substr(business_day, 1, 7), method, sum(sales), sum(total_cents), sum(returns), sum(returned_cents)
    FROM method_day GROUP BY 1, 2, 3;
