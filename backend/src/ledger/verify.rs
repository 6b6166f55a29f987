//! Proof that the ledger is what was written: the journal's chain, the kept totals against a recount, and
//! on request every table against the journal played again from the beginning.

use std::borrow::Cow;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tillwatch_shared::api::{Event, ReadingsSeal};

use super::journal::{self, Entry, Tip};
use super::schema;
use crate::domain;

/// What was found in order.
#[derive(Debug, Default)]
pub struct Report {
    pub rows: i64,
    /// What binds the readings; checked by `telemetry`.
    pub seals: Vec<ReadingsSeal>,
}

/// The first thing that is not as it was written.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    #[error("journal row {seq} was altered")]
    Altered { seq: i64 },
    #[error("journal row {seq} is missing")]
    Missing { seq: i64 },
    #[error("{what}: kept {kept}, recounted {recounted}")]
    Total { what: String, kept: i64, recounted: i64 },
    #[error("table {table} differs from the journal played again")]
    Table { table: &'static str },
    #[error("journal row {seq} played again is refused or comes out otherwise: {reason}")]
    Replay { seq: i64, reason: String },
    #[error("the database file is damaged: {0}")]
    File(String),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// Checks the file, the chain and the kept totals. `progress` is told how many rows are done.
pub fn verify(db: &Connection, progress: &mut dyn FnMut(i64)) -> Result<Report, Damage> {
    let state: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if state != "ok" {
        return Err(Damage::File(state));
    }
    let report = chain(db, progress, |_, _| Ok(()))?;
    totals(db)?;
    Ok(report)
}

/// Plays the journal again into an empty ledger and compares every table.
pub fn replay(db: &Connection, progress: &mut dyn FnMut(i64)) -> Result<Report, Damage> {
    let mut again = Connection::open_in_memory()?;
    again.pragma_update(None, "foreign_keys", false)?;
    schema::migrate(&mut again, std::path::Path::new(":memory:"), schema::MIGRATIONS)
        .map_err(|error| Damage::File(error.to_string()))?;
    let report = chain(db, progress, |entry, hash| {
        let refused = |reason: String| Damage::Replay { seq: entry.seq, reason };
        let command = entry.command().map_err(|error| refused(error.to_string()))?;
        let applied =
            domain::apply(&again, &command, entry.seq).map_err(|error| refused(error.to_string()))?;
        let second = Entry::new(entry.seq, &command, entry.body.clone(), &applied)
            .map_err(|error| refused(error.to_string()))?;
        if second.outcome != entry.outcome {
            return Err(refused("another outcome".to_owned()));
        }
        second.insert(&again, hash)?;
        Ok(())
    })?;
    compare_tables(db, &again)?;
    Ok(report)
}

/// Walks the journal and calls `each` with every row that is in order, and its hash.
fn chain(
    db: &Connection,
    progress: &mut dyn FnMut(i64),
    mut each: impl FnMut(&Entry, &[u8; 32]) -> Result<(), Damage>,
) -> Result<Report, Damage> {
    let mut report = Report::default();
    let mut tip = Tip { seq: 0, hash: journal::ORIGIN };
    let mut statement = db.prepare(
        "SELECT seq, command_id, kind, actor, store, client_at, server_at, body, outcome, till, hash
         FROM journal ORDER BY seq",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        if seq != tip.seq + 1 {
            return Err(Damage::Missing { seq: tip.seq + 1 });
        }
        let entry = Entry::from_row(row).map_err(|_| Damage::Altered { seq })?;
        let kept: [u8; 32] = row.get(10).map_err(|_| Damage::Altered { seq })?;
        tip = Tip { seq, hash: entry.hash(&tip.hash) };
        if tip.hash != kept {
            return Err(Damage::Altered { seq });
        }
        if let Ok(Event::ReadingsSealed(seal)) = serde_json::from_str(&entry.outcome) {
            report.seals.push(seal);
        }
        each(&entry, &kept)?;
        report.rows = seq;
        if seq % 10_000 == 0 {
            progress(seq);
        }
    }
    Ok(report)
}

/// Each query gives what is kept and what a recount gives, where they differ.
const RECOUNTS: &[(&str, &str)] = &[
    (
        "records and sales of feed",
        "SELECT name, records + updates + sold, found
         FROM feed JOIN (SELECT feed, count(*) + sum(version - 1) + count(sale) AS found FROM feed_record GROUP BY feed)
             AS counted ON counted.feed = feed.id
         WHERE records + updates + sold <> found LIMIT 1",
    ),
    (
        "balance of store and product",
        "WITH moved AS (SELECT store, product, sum(quantity) AS total FROM movement GROUP BY store, product)
         SELECT coalesce(moved.store, stock.store) || '/' || coalesce(moved.product, stock.product),
                coalesce(balance, 0), coalesce(total, 0)
         FROM stock FULL JOIN moved ON moved.store = stock.store AND moved.product = stock.product
         WHERE coalesce(balance, 0) <> coalesce(total, 0) LIMIT 1",
    ),
    (
        "balance of lot",
        "SELECT lot.id, balance, coalesce(sum(moved), 0) AS total
         FROM lot LEFT JOIN lot_movement ON lot_movement.lot = lot.id GROUP BY lot.id HAVING total <> balance LIMIT 1",
    ),
    (
        "lots of store and product",
        "SELECT lot.store || '/' || lot.product, sum(lot.balance) AS total, coalesce(stock.balance, 0)
         FROM lot LEFT JOIN stock ON stock.store = lot.store AND stock.product = lot.product
         GROUP BY lot.store, lot.product HAVING total > max(coalesce(stock.balance, 0), 0) LIMIT 1",
    ),
    (
        "lots of count line",
        "SELECT count_line.id, count_line.counted, sum(count_lot.counted) AS found
         FROM count_line JOIN count_lot ON count_lot.line = count_line.id
         GROUP BY count_line.id HAVING found > count_line.counted LIMIT 1",
    ),
    (
        "lots moved by count line",
        "SELECT count_line.id, count(count_lot.lot) AS told, count(*) AS found
         FROM count_line JOIN stock_count ON stock_count.id = count_line.count
         JOIN lot_movement ON lot_movement.seq = stock_count.seq AND lot_movement.position = count_line.position
         JOIN lot ON lot.id = lot_movement.lot
         LEFT JOIN count_lot ON count_lot.line = count_line.id AND count_lot.lot = lot.id
         WHERE lot.store <> count_line.store OR lot.product <> count_line.product
            OR (count_lot.lot IS NULL AND count_line.id IN (SELECT line FROM count_lot))
         GROUP BY count_line.id LIMIT 1",
    ),
    (
        "last count of store and product",
        "WITH counted AS (SELECT store, product, max(counted_at) AS at FROM count_line GROUP BY store, product)
         SELECT stock.store || '/' || stock.product, coalesce(counted_at, 0), coalesce(at, 0)
         FROM stock LEFT JOIN counted ON counted.store = stock.store AND counted.product = stock.product
         WHERE counted_at IS NOT at LIMIT 1",
    ),
    (
        "arrived lines of transfer",
        "SELECT transfer.id, iif(state = 'received', count(*), 0) AS told, count(arrived) AS found
         FROM transfer JOIN transfer_line ON transfer_line.transfer = transfer.id
         GROUP BY transfer.id HAVING told <> found LIMIT 1",
    ),
    (
        "total of sale",
        "SELECT sale.id, iif(by_amount, 0, sale.total_cents + sale.discount_cents) AS told,
                coalesce(sum(sale_line.total_cents), 0) AS lines
         FROM sale LEFT JOIN sale_line ON sale_line.sale = sale.id
         GROUP BY sale.id HAVING lines <> told LIMIT 1",
    ),
    (
        "discount of sale",
        "SELECT sale.id, sale.discount_cents, coalesce(sum(share_cents), 0) AS shares
         FROM sale LEFT JOIN sale_line ON sale_line.sale = sale.id
         GROUP BY sale.id HAVING shares <> sale.discount_cents LIMIT 1",
    ),
    (
        "payments of sale",
        "SELECT sale.id, sale.total_cents + sale.change_cents, coalesce(sum(payment.amount_cents), 0) AS paid
         FROM sale LEFT JOIN payment ON payment.sale = sale.id
         GROUP BY sale.id
         HAVING paid <> sale.total_cents + sale.change_cents AND NOT (by_amount AND count(payment.sale) = 0) LIMIT 1",
    ),
    (
        "returned goods of sale",
        "SELECT sale_line.sale || ' line ' || sale_line.position, returned + sale_line.returned_cents,
                coalesce(sum(return_line.quantity + return_line.total_cents), 0) AS back
         FROM sale_line LEFT JOIN return_line USING (sale, position)
         WHERE returned <> 0 OR sale_line.returned_cents <> 0 OR return_line.sale IS NOT NULL
         GROUP BY sale_line.sale, sale_line.position
         HAVING returned <> coalesce(sum(return_line.quantity), 0)
             OR sale_line.returned_cents <> coalesce(sum(return_line.total_cents), 0) LIMIT 1",
    ),
    (
        "returns of sale",
        "SELECT sale.id, sale.returned_cents, coalesce(sum(sale_return.total_cents), 0)
         FROM sale LEFT JOIN sale_return ON sale_return.sale = sale.id
         WHERE returns <> 0 OR voided OR sale.returned_cents <> 0 OR sale_return.id IS NOT NULL
         GROUP BY sale.id
         HAVING sale.returned_cents <> coalesce(sum(sale_return.total_cents), 0)
             OR returns <> count(sale_return.id) OR voided <> coalesce(max(void), 0) LIMIT 1",
    ),
    (
        "total of return",
        "SELECT sale_return.id, sale_return.total_cents, coalesce(sum(return_line.total_cents), 0) AS lines
         FROM sale_return JOIN sale ON sale.id = sale_return.sale AND NOT by_amount
         LEFT JOIN return_line ON return_line.sale_return = sale_return.id
         GROUP BY sale_return.id HAVING lines <> sale_return.total_cents LIMIT 1",
    ),
    (
        "refunds of return",
        "SELECT sale_return.id, sale_return.total_cents, coalesce(sum(amount_cents), 0) AS refunded
         FROM sale_return JOIN sale ON sale.id = sale_return.sale
         LEFT JOIN refund ON refund.sale_return = sale_return.id
         GROUP BY sale_return.id
         HAVING refunded <> sale_return.total_cents AND NOT (by_amount AND count(refund.sale_return) = 0) LIMIT 1",
    ),
    (
        "returned total of store, day, seller and hour",
        "WITH back AS (SELECT sale_return.store, sale_return.business_day, sale.person, sale_return.hour,
                              sum(sale_return.total_cents) AS total, count(*) AS n
                       FROM sale_return JOIN sale ON sale.id = sale_return.sale GROUP BY 1, 2, 3, 4)
         SELECT coalesce(back.store, kept.store) || '/' || coalesce(back.business_day, kept.business_day),
                coalesce(kept.returned_cents, 0), coalesce(total, 0)
         FROM return_total AS kept FULL JOIN back ON back.store = kept.store AND back.person = kept.person
             AND back.business_day = kept.business_day AND back.hour = kept.hour
         WHERE coalesce(kept.returned_cents, 0) <> coalesce(total, 0) OR coalesce(kept.returns, 0) <> coalesce(n, 0)
         LIMIT 1",
    ),
    (
        "sales on account of store",
        "SELECT sale.store, sum(amount_cents) AS paid,
                coalesce((SELECT sum(amount_cents) FROM account_movement JOIN sale AS bought ON bought.id = sale
                          WHERE bought.store = sale.store), 0) AS charged
         FROM payment JOIN sale ON sale.id = payment.sale WHERE method = 'account'
         GROUP BY sale.store HAVING paid <> charged LIMIT 1",
    ),
    (
        "returns on account of store",
        "SELECT store, sum(amount_cents) AS refunded,
                coalesce((SELECT -sum(amount_cents) FROM account_movement JOIN sale_return AS back ON back.id = sale_return
                          WHERE back.store = sale_return.store), 0) AS credited
         FROM refund JOIN sale_return ON sale_return.id = refund.sale_return WHERE method = 'account'
         GROUP BY store HAVING refunded <> credited LIMIT 1",
    ),
    (
        "balance of account",
        "SELECT account.id, balance_cents, coalesce(sum(amount_cents), 0) AS moved
         FROM account LEFT JOIN account_movement ON account_movement.account = account.id
         GROUP BY account.id HAVING moved <> balance_cents LIMIT 1",
    ),
    (
        "count of cash session",
        "SELECT cash_session.id, counted_cents, coalesce(sum(value_cents * count), 0) AS counted
         FROM cash_session LEFT JOIN cash_count ON cash_count.session = cash_session.id
         WHERE close_seq IS NOT NULL GROUP BY cash_session.id HAVING counted <> counted_cents LIMIT 1",
    ),
];

/// A table of kept totals, and what makes its key of a sale.
struct Kept {
    what: &'static str,
    table: &'static str,
    /// The table's columns, and what they are of a sale.
    keys: &'static [(&'static str, &'static str)],
}

const STORE: (&str, &str) = ("store", "store");
const PERSON: (&str, &str) = ("person", "person");
const DAY: (&str, &str) = ("business_day", "business_day");
const MONTH: (&str, &str) = ("month", "substr(business_day, 1, 7)");
const HOUR: (&str, &str) = ("hour", "hour");

const KEPT: &[Kept] = &[
    Kept { what: "total of store and day", table: "day_total", keys: &[STORE, DAY] },
    Kept { what: "total of seller, day and store", table: "seller_day", keys: &[PERSON, DAY, STORE] },
    Kept { what: "total of seller, month and store", table: "seller_month", keys: &[PERSON, MONTH, STORE] },
    Kept { what: "total of store, day and hour", table: "store_hour", keys: &[STORE, DAY, HOUR] },
    Kept { what: "total of store, month and hour", table: "store_hour_month", keys: &[STORE, MONTH, HOUR] },
    Kept {
        what: "total of seller, day, store and hour",
        table: "seller_hour",
        keys: &[PERSON, DAY, STORE, HOUR],
    },
];

/// Totals of a product or payment method: of sales and of returns. They are kept by day and by month, and the
/// ledger's views say what they must be.
struct Moved {
    what: [&'static str; 2],
    tables: [&'static str; 2],
    view: &'static str,
    key: &'static str,
    figures: &'static [&'static str],
}

const MOVED: &[Moved] = &[
    Moved {
        what: ["total of store, day and product", "total of store, month and product"],
        tables: ["product_day", "product_month"],
        view: "product_moved",
        key: "product",
        figures: &["sales", "quantity", "total_cents", "returns", "returned_quantity", "returned_cents"],
    },
    Moved {
        what: ["total of store, day and payment method", "total of store, month and payment method"],
        tables: ["method_day", "method_month"],
        view: "method_moved",
        key: "method",
        figures: &["sales", "total_cents", "returns", "returned_cents"],
    },
];

impl Moved {
    /// As queries of [`RECOUNTS`], with what they count.
    fn recounts(&self) -> [(&'static str, String); 2] {
        let [days, months] = self.what;
        let [of_days, of_months] = self.tables;
        [
            (days, self.recount(of_days, "business_day", "business_day")),
            (months, self.recount(of_months, "month", "substr(business_day, 1, 7)")),
        ]
    }

    fn recount(&self, table: &str, time: &str, of_day: &str) -> String {
        let Self { view, key, figures, .. } = self;
        let all = |of: &dyn Fn(&str) -> String, between: &str| {
            figures.iter().map(|figure| of(figure)).collect::<Vec<_>>().join(between)
        };
        let sums = all(&|figure| format!("sum({figure}) AS {figure}"), ", ");
        let kept = all(&|figure| format!("coalesce(kept.{figure}, 0)"), " + ");
        let told = all(&|figure| format!("coalesce(told.{figure}, 0)"), " + ");
        let other = all(&|figure| format!("kept.{figure} IS NOT told.{figure}"), " OR ");
        format!(
            "WITH told AS (SELECT store, {of_day} AS time, {key}, {sums} FROM {view} GROUP BY 1, 2, 3)
             SELECT coalesce(kept.store, told.store) || '/' || coalesce(kept.{time}, told.time) || '/'
                        || coalesce(kept.{key}, told.{key}), {kept}, {told}
             FROM {table} AS kept FULL JOIN told
                 ON told.store = kept.store AND told.time = kept.{time} AND told.{key} = kept.{key}
             WHERE {other} LIMIT 1"
        )
    }
}

impl Kept {
    /// As a query of [`RECOUNTS`].
    fn recount(&self) -> String {
        let all = |of: &dyn Fn(&(&str, &str)) -> String, between: &str| {
            self.keys.iter().map(of).collect::<Vec<_>>().join(between)
        };
        let keys = all(&|(column, of_sale)| format!("{of_sale} AS {column}"), ", ");
        let columns = all(&|(column, _)| (*column).to_owned(), ", ");
        let same = all(&|(column, _)| format!("sold.{column} = kept.{column}"), " AND ");
        let name = all(&|(column, _)| format!("coalesce(sold.{column}, kept.{column})"), " || '/' || ");
        format!(
            "WITH sold AS (SELECT {columns}, sum(total_cents) AS total, count(*) AS n
                           FROM (SELECT {keys}, total_cents FROM sale) GROUP BY {columns})
             SELECT {name}, coalesce(kept.total_cents, 0), coalesce(total, 0)
             FROM {table} AS kept FULL JOIN sold ON {same}
             WHERE coalesce(kept.total_cents, 0) <> coalesce(total, 0) OR coalesce(kept.sales, 0) <> coalesce(n, 0)
             LIMIT 1",
            table = self.table
        )
    }
}

fn totals(db: &Connection) -> Result<(), Damage> {
    let recounts = RECOUNTS.iter().map(|(what, sql)| (*what, Cow::Borrowed(*sql)));
    let kept = KEPT.iter().map(|kept| (kept.what, kept.recount()));
    let moved = MOVED.iter().flat_map(Moved::recounts);
    for (what, sql) in recounts.chain(kept.chain(moved).map(|(what, sql)| (what, Cow::Owned(sql)))) {
        let found = domain::rows::one(db, &sql, [], |row| {
            let place = match row.get_ref(0)? {
                ValueRef::Integer(id) => id.to_string(),
                text @ (ValueRef::Text(_) | ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_)) => {
                    text.as_str().unwrap_or("?").to_owned()
                }
            };
            Ok(Damage::Total { what: format!("{what} {place}"), kept: row.get(1)?, recounted: row.get(2)? })
        })?;
        if let Some(damage) = found {
            return Err(damage);
        }
    }
    Ok(())
}

/// Every table but the journal, without the columns that hold secrets.
const TABLES: &[(&str, &str)] = &[
    ("chain", "SELECT * FROM chain ORDER BY id"),
    ("store", "SELECT * FROM store ORDER BY id"),
    (
        "person",
        "SELECT id, uid, username, username_folded, name, role, cpf, active, created_at, pin_hash IS NOT NULL
         FROM person ORDER BY id",
    ),
    ("person_store", "SELECT * FROM person_store ORDER BY person, store"),
    ("session", "SELECT * FROM session ORDER BY id"),
    ("product", "SELECT * FROM product ORDER BY id"),
    ("price", "SELECT * FROM price ORDER BY id"),
    ("stock", "SELECT * FROM stock ORDER BY store, product"),
    ("lot", "SELECT * FROM lot ORDER BY id"),
    ("lot_movement", "SELECT * FROM lot_movement ORDER BY seq, position, lot"),
    ("stock_count", "SELECT * FROM stock_count ORDER BY id"),
    ("count_line", "SELECT * FROM count_line ORDER BY id"),
    ("count_lot", "SELECT * FROM count_lot ORDER BY line, lot"),
    ("transfer", "SELECT * FROM transfer ORDER BY id"),
    ("transfer_line", "SELECT * FROM transfer_line ORDER BY transfer, position"),
    ("stock_entry", "SELECT * FROM stock_entry ORDER BY id"),
    ("sale", "SELECT * FROM sale ORDER BY id"),
    ("sale_line", "SELECT * FROM sale_line ORDER BY sale, position"),
    ("approval", "SELECT * FROM approval ORDER BY id"),
    ("return_approval", "SELECT * FROM return_approval ORDER BY id"),
    ("payment", "SELECT * FROM payment ORDER BY sale, position"),
    ("sale_return", "SELECT * FROM sale_return ORDER BY id"),
    ("return_line", "SELECT * FROM return_line ORDER BY sale_return, position"),
    ("refund", "SELECT * FROM refund ORDER BY sale_return, position"),
    ("return_total", "SELECT * FROM return_total ORDER BY store, business_day, person, hour"),
    ("cash_session", "SELECT * FROM cash_session ORDER BY id"),
    ("coordination", "SELECT * FROM coordination ORDER BY id"),
    ("cash_count", "SELECT * FROM cash_count ORDER BY session, value_cents"),
    ("cash_movement", "SELECT * FROM cash_movement ORDER BY id"),
    ("account", "SELECT * FROM account ORDER BY id"),
    ("account_movement", "SELECT * FROM account_movement ORDER BY id"),
    ("day_total", "SELECT * FROM day_total ORDER BY store, business_day"),
    ("seller_day", "SELECT * FROM seller_day ORDER BY person, business_day, store"),
    ("store_hour", "SELECT * FROM store_hour ORDER BY store, business_day, hour"),
    ("store_hour_month", "SELECT * FROM store_hour_month ORDER BY store, month, hour"),
    ("seller_hour", "SELECT * FROM seller_hour ORDER BY person, business_day, store, hour"),
    ("seller_month", "SELECT * FROM seller_month ORDER BY person, month, store"),
    ("product_day", "SELECT * FROM product_day ORDER BY store, business_day, product"),
    ("product_month", "SELECT * FROM product_month ORDER BY store, month, product"),
    ("method_day", "SELECT * FROM method_day ORDER BY store, business_day, method"),
    ("method_month", "SELECT * FROM method_month ORDER BY store, month, method"),
    (
        "api_key",
        "SELECT id, uid, name, scopes, sensors, expires_at, revoked_at, created_at FROM api_key ORDER BY id",
    ),
    ("till", "SELECT id, uid, name, enrolled_by, enrolled_at, revoked_at FROM till ORDER BY id"),
    ("till_mandate", "SELECT * FROM till_mandate ORDER BY till, person"),
    ("sensor", "SELECT * FROM sensor ORDER BY id"),
    ("battery", "SELECT * FROM battery ORDER BY sensor"),
    ("alarm_rule", "SELECT * FROM alarm_rule ORDER BY id"),
    ("alarm", "SELECT * FROM alarm ORDER BY id"),
    ("quiet_time", "SELECT * FROM quiet_time ORDER BY id"),
    ("calibration", "SELECT * FROM calibration ORDER BY id"),
    ("annotation", "SELECT * FROM annotation ORDER BY id"),
    ("feed", "SELECT * FROM feed ORDER BY id"),
    ("feed_record", "SELECT * FROM feed_record ORDER BY id"),
    ("feed_version", "SELECT * FROM feed_version ORDER BY record, version"),
    ("feed_alias", "SELECT * FROM feed_alias ORDER BY feed, kind, name_folded"),
];

fn compare_tables(db: &Connection, again: &Connection) -> Result<(), Damage> {
    for (table, sql) in TABLES {
        if digest(db, sql)? != digest(again, sql)? {
            return Err(Damage::Table { table });
        }
    }
    Ok(())
}

fn digest(db: &Connection, sql: &str) -> rusqlite::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    let mut statement = db.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            let mut part = |kind: u8, bytes: &[u8]| {
                hasher.update(&[kind]);
                hasher.update(&(bytes.len() as u64).to_le_bytes());
                hasher.update(bytes);
            };
            match row.get_ref(column)? {
                ValueRef::Null => part(0, &[]),
                ValueRef::Integer(value) => part(1, &value.to_le_bytes()),
                ValueRef::Real(value) => part(2, &value.to_le_bytes()),
                ValueRef::Text(text) => part(3, text),
                ValueRef::Blob(blob) => part(4, blob),
            }
        }
    }
    Ok(hasher.finalize())
}
