//! Reports about sales, answered from kept totals: no report looks at a sale. Totals by store come from
//! `day_total`; sellers are ranked by whole months where a period has some, and by days at its edges.

use std::collections::HashMap;

use jiff::civil::Date;
use rusqlite::Connection;
use tillwatch_shared::api::{ReportPoint, ReportRow, ReportStep, net};
use tillwatch_shared::{Cents, ChainId, PersonId};
use uuid::Uuid;

use super::periods::{Parts, Period};
use crate::domain::rows;

/// What was sold, and what came back: how often, and for how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sold {
    pub sales: i64,
    pub total_cents: Cents,
    pub returns: i64,
    pub returned_cents: Cents,
}

/// What the rows of a table of totals count.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Sales,
    Returns,
}

impl Kind {
    /// How often, and for how much.
    fn sold(self, count: i64, cents: i64) -> Sold {
        match self {
            Self::Sales => Sold { sales: count, total_cents: Cents(cents), ..Sold::default() },
            Self::Returns => Sold { returns: count, returned_cents: Cents(cents), ..Sold::default() },
        }
    }
}

/// Figures by somebody or something, and over time.
#[derive(Debug)]
pub struct Figures {
    /// Best first; all of them.
    pub rows: Vec<ReportRow>,
    pub series: Vec<ReportPoint>,
    pub sum: Sold,
}

impl Sold {
    fn add_to(self, point: &mut ReportPoint) {
        point.sales += self.sales;
        point.total_cents = plus(point.total_cents, self.total_cents);
        point.returns += self.returns;
        point.returned_cents = plus(point.returned_cents, self.returned_cents);
    }

    pub(super) fn add(&mut self, more: Self) {
        self.sales += more.sales;
        self.total_cents = plus(self.total_cents, more.total_cents);
        self.returns += more.returns;
        self.returned_cents = plus(self.returned_cents, more.returned_cents);
    }
}

fn plus(sum: Cents, more: Cents) -> Cents {
    Cents(sum.0.saturating_add(more.0))
}

/// These stores (a JSON array of row keys), also those that sold nothing.
pub fn by_store(
    db: &Connection,
    stores: &str,
    period: Period,
    step: ReportStep,
) -> rusqlite::Result<Figures> {
    let mut counter = Counter::new(period, step);
    let sql = "SELECT store, business_day, sales, total_cents FROM day_total
               WHERE store IN (SELECT value FROM json_each(?1)) AND business_day BETWEEN ?2 AND ?3
               ORDER BY store, business_day";
    let days = (period.from().to_string(), period.to().to_string());
    counter.count(db, sql, (stores, &days.0, &days.1), Kind::Sales)?;
    let sql = "SELECT store, business_day, sum(returns), sum(returned_cents) FROM return_total
               WHERE store IN (SELECT value FROM json_each(?1)) AND business_day BETWEEN ?2 AND ?3
               GROUP BY store, business_day ORDER BY store, business_day";
    counter.count(db, sql, (stores, &days.0, &days.1), Kind::Returns)?;
    for key in rows::all(db, "SELECT value FROM json_each(?1)", [stores], |row| row.get(0))? {
        counter.by_key.entry(key).or_default();
    }
    if step == ReportStep::Hour {
        hours_of_stores(db, stores, period, &mut counter.series)?;
    }
    counter.figures(db, true)
}

/// The sellers of these stores, as far as they sold anything.
pub fn by_seller(
    db: &Connection,
    stores: &str,
    period: Period,
    step: ReportStep,
) -> rusqlite::Result<Figures> {
    let over_time = by_store(db, stores, period, step)?;
    let by_key = ranking(db, stores, period)?;
    Ok(Figures { rows: named(db, by_key, false)?, ..over_time })
}

/// One seller by store; in all stores, or in these.
pub fn of_seller(
    db: &Connection,
    person: i64,
    stores: Option<&str>,
    period: Period,
    step: ReportStep,
) -> rusqlite::Result<Figures> {
    let mut counter = Counter::new(period, step);
    let sql = "SELECT store, business_day, sales, total_cents FROM seller_day
               WHERE person = ?1 AND business_day BETWEEN ?2 AND ?3
                 AND (?4 IS NULL OR store IN (SELECT value FROM json_each(?4)))
               ORDER BY store, business_day";
    let (from, to) = (period.from().to_string(), period.to().to_string());
    counter.count(db, sql, (person, &from, &to, stores), Kind::Sales)?;
    let sql = "SELECT store, business_day, sum(returns), sum(returned_cents) FROM return_total
               WHERE person = ?1 AND business_day BETWEEN ?2 AND ?3
                 AND (?4 IS NULL OR store IN (SELECT value FROM json_each(?4)))
               GROUP BY store, business_day ORDER BY store, business_day";
    counter.count(db, sql, (person, &from, &to, stores), Kind::Returns)?;
    if step == ReportStep::Hour {
        let sql = "SELECT hour, sum(sales), sum(total_cents) FROM seller_hour
                   WHERE person = ?1 AND business_day BETWEEN ?2 AND ?3
                     AND (?4 IS NULL OR store IN (SELECT value FROM json_each(?4))) GROUP BY hour";
        add_hours(db, sql, (person, &from, &to, stores), Kind::Sales, &mut counter.series)?;
        let sql = "SELECT hour, sum(returns), sum(returned_cents) FROM return_total
                   WHERE person = ?1 AND business_day BETWEEN ?2 AND ?3
                     AND (?4 IS NULL OR store IN (SELECT value FROM json_each(?4))) GROUP BY hour";
        add_hours(db, sql, (person, &from, &to, stores), Kind::Returns, &mut counter.series)?;
    }
    counter.figures(db, true)
}

/// The hours of these stores' days: whole months from the table of months, the days at the edges from the
/// table of days.
fn hours_of_stores(
    db: &Connection,
    stores: &str,
    period: Period,
    series: &mut [ReportPoint],
) -> rusqlite::Result<()> {
    let Parts { days, months } = period.parts();
    for (from, to) in days.into_iter().flatten() {
        let sql = "SELECT hour, sum(sales), sum(total_cents) FROM store_hour
                   WHERE store IN (SELECT value FROM json_each(?1)) AND business_day BETWEEN ?2 AND ?3
                   GROUP BY hour";
        add_hours(db, sql, (stores, from.to_string(), to.to_string()), Kind::Sales, series)?;
    }
    if let Some((from, to)) = months {
        let sql = "SELECT hour, sum(sales), sum(total_cents) FROM store_hour_month
                   WHERE store IN (SELECT value FROM json_each(?1)) AND month BETWEEN ?2 AND ?3
                   GROUP BY hour";
        add_hours(db, sql, (stores, month(from), month(to)), Kind::Sales, series)?;
    }
    let sql = "SELECT hour, sum(returns), sum(returned_cents) FROM return_total
               WHERE store IN (SELECT value FROM json_each(?1)) AND business_day BETWEEN ?2 AND ?3
               GROUP BY hour";
    let params = (stores, period.from().to_string(), period.to().to_string());
    add_hours(db, sql, params, Kind::Returns, series)
}

/// Adds rows of hour, count and centavos to the 24 points of a day.
fn add_hours(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    kind: Kind,
    series: &mut [ReportPoint],
) -> rusqlite::Result<()> {
    let found =
        rows::all(db, sql, params, |row| Ok((row.get::<_, i8>(0)?, kind.sold(row.get(1)?, row.get(2)?))))?;
    for (hour, sold) in found {
        if let Some(point) = series.iter_mut().find(|point| point.hour == Some(hour)) {
            sold.add_to(point);
        }
    }
    Ok(())
}

/// As the tables write it.
pub(super) fn month(day: Date) -> String {
    day.strftime("%Y-%m").to_string()
}

/// A chain: its name, those of its stores that may be seen, and how many it has.
#[derive(Debug)]
pub struct ChainScope {
    pub name: String,
    pub stores: Vec<i64>,
    pub all_stores: i64,
}

/// A chain, with those of its stores that are among these row keys (a JSON array).
pub fn chain(db: &Connection, id: ChainId, visible: &str) -> rusqlite::Result<Option<ChainScope>> {
    let found = rows::one(
        db,
        "SELECT id, name, (SELECT count(*) FROM store WHERE chain = chain.id) FROM chain WHERE uid = ?1",
        [id.0.as_bytes().as_slice()],
        |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let Some((key, name, all_stores)) = found else { return Ok(None) };
    let stores = rows::all(
        db,
        "SELECT id FROM store WHERE chain = ?1 AND id IN (SELECT value FROM json_each(?2))",
        (key, visible),
        |row| row.get(0),
    )?;
    Ok(Some(ChainScope { name, stores, all_stores }))
}

/// How many stores there are.
pub fn store_count(db: &Connection) -> rusqlite::Result<i64> {
    Ok(rows::one(db, "SELECT count(*) FROM store", [], |row| row.get(0))?.unwrap_or(0))
}

pub fn store_name(db: &Connection, key: i64) -> rusqlite::Result<Option<String>> {
    rows::one(db, "SELECT name FROM store WHERE id = ?1", [key], |row| row.get(0))
}

/// Row key and name of a person who works or has sold in one of these stores; of anybody without stores.
pub fn seller(
    db: &Connection,
    id: PersonId,
    stores: Option<&str>,
) -> rusqlite::Result<Option<(i64, String)>> {
    rows::one(
        db,
        "SELECT id, name FROM person WHERE uid = ?1 AND (?2 IS NULL
           OR EXISTS (SELECT 1 FROM person_store
                      WHERE person = person.id AND store IN (SELECT value FROM json_each(?2)))
           OR EXISTS (SELECT 1 FROM seller_month
                      WHERE person = person.id AND store IN (SELECT value FROM json_each(?2))))",
        (id.0.as_bytes().as_slice(), stores),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// What each seller sold in these stores. A seek for each seller, then at most two months of days and the
/// months between, however long the period is.
fn ranking(db: &Connection, stores: &str, period: Period) -> rusqlite::Result<HashMap<i64, Sold>> {
    let Parts { days, months } = period.parts();
    let mut by_key: HashMap<i64, Sold> = HashMap::new();
    let mut add = |sql: &str, from: String, to: String, kind: Kind| -> rusqlite::Result<()> {
        let found = rows::all(db, sql, (from, to, stores), |row| {
            Ok((row.get(0)?, kind.sold(row.get(1)?, row.get(2)?)))
        })?;
        for (key, sold) in found {
            by_key.entry(key).or_default().add(sold);
        }
        Ok(())
    };
    for (from, to) in days.into_iter().flatten() {
        add(
            "SELECT person.id, sum(sales), sum(total_cents) FROM person CROSS JOIN seller_day AS kept
                 ON kept.person = person.id AND business_day BETWEEN ?1 AND ?2
             WHERE kept.store IN (SELECT value FROM json_each(?3)) GROUP BY person.id",
            from.to_string(),
            to.to_string(),
            Kind::Sales,
        )?;
    }
    if let Some((from, to)) = months {
        add(
            "SELECT person.id, sum(sales), sum(total_cents) FROM person CROSS JOIN seller_month AS kept
                 ON kept.person = person.id AND month BETWEEN ?1 AND ?2
             WHERE kept.store IN (SELECT value FROM json_each(?3)) GROUP BY person.id",
            month(from),
            month(to),
            Kind::Sales,
        )?;
    }
    add(
        "SELECT person, sum(returns), sum(returned_cents) FROM return_total
         WHERE business_day BETWEEN ?1 AND ?2 AND store IN (SELECT value FROM json_each(?3)) GROUP BY person",
        period.from().to_string(),
        period.to().to_string(),
        Kind::Returns,
    )?;
    Ok(by_key)
}

/// Adds up rows of days by their key and over time, in one pass.
struct Counter {
    by_key: HashMap<i64, Sold>,
    series: Vec<ReportPoint>,
    order: Order,
    sum: Sold,
}

/// At which point of the series a day counts.
enum Order {
    /// The last day of each point, as the tables write it.
    Ends(Vec<String>),
    Weekday,
    /// The tables of days do not know the hour.
    Nowhere,
}

impl Order {
    /// `at_least` is the place of an earlier day of the same key.
    fn place(&self, day: &str, at_least: usize) -> Option<usize> {
        match self {
            Self::Ends(ends) => {
                Some(at_least + ends.iter().skip(at_least).take_while(|end| end.as_str() < day).count())
            }
            Self::Weekday => {
                let day: Date = day.parse().ok()?;
                usize::try_from(day.weekday().to_monday_zero_offset()).ok()
            }
            Self::Nowhere => None,
        }
    }
}

impl Counter {
    fn new(period: Period, step: ReportStep) -> Self {
        let series = period.points(step);
        let order = match step {
            ReportStep::Day | ReportStep::Week | ReportStep::Month => {
                Order::Ends(series.iter().map(|point| point.to.to_string()).collect())
            }
            ReportStep::Weekday => Order::Weekday,
            ReportStep::Hour => Order::Nowhere,
        };
        Self { by_key: HashMap::new(), series, order, sum: Sold::default() }
    }

    /// The rows are key, day, count and centavos, by key and within it by day, all within the period.
    fn count(
        &mut self,
        db: &Connection,
        sql: &str,
        params: impl rusqlite::Params,
        kind: Kind,
    ) -> rusqlite::Result<()> {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let (mut key, mut place, mut own) = (None, 0, Sold::default());
        while let Some(row) = rows.next()? {
            let found: i64 = row.get(0)?;
            if key != Some(found) {
                self.close(key, own);
                (key, place, own) = (Some(found), 0, Sold::default());
            }
            let at = self.order.place(row.get_ref(1)?.as_str()?, place);
            let sold = kind.sold(row.get(2)?, row.get(3)?);
            own.add(sold);
            if let Some(point) = at.and_then(|at| self.series.get_mut(at)) {
                sold.add_to(point);
            }
            place = at.unwrap_or(place);
        }
        self.close(key, own);
        Ok(())
    }

    fn close(&mut self, key: Option<i64>, own: Sold) {
        if let Some(key) = key {
            self.by_key.entry(key).or_default().add(own);
            self.sum.add(own);
        }
    }

    fn figures(self, db: &Connection, stores: bool) -> rusqlite::Result<Figures> {
        Ok(Figures { rows: named(db, self.by_key, stores)?, series: self.series, sum: self.sum })
    }
}

/// Names for the row keys, and the order: most money first, without what came back, then most sales, then by
/// name.
fn named(db: &Connection, by_key: HashMap<i64, Sold>, stores: bool) -> rusqlite::Result<Vec<ReportRow>> {
    let sql = if stores {
        "SELECT store.uid, store.name, chain.name FROM store JOIN chain ON chain.id = store.chain
         WHERE store.id = ?1"
    } else {
        "SELECT uid, name, NULL FROM person WHERE id = ?1"
    };
    let mut statement = db.prepare_cached(sql)?;
    let mut named = Vec::with_capacity(by_key.len());
    for (key, sold) in by_key {
        let (id, name, chain_name): (Uuid, String, Option<String>) =
            statement.query_row([key], |row| Ok((rows::id(row, 0)?, row.get(1)?, row.get(2)?)))?;
        named.push(ReportRow { chain_name, ..row(Some(id), name, sold) });
    }
    best_first(&mut named);
    Ok(named)
}

pub(super) fn row(id: Option<Uuid>, name: String, sold: Sold) -> ReportRow {
    let Sold { sales, total_cents, returns, returned_cents } = sold;
    let (chain_name, method, goods, compared) = (None, None, None, None);
    ReportRow { id, name, chain_name, method, goods, sales, total_cents, returns, returned_cents, compared }
}

pub(super) fn best_first(rows: &mut [ReportRow]) {
    rows.sort_by(|a, b| {
        let worth = |row: &ReportRow| (net(row.total_cents, row.returned_cents), row.sales);
        worth(b).cmp(&worth(a)).then_with(|| (&a.name, a.id).cmp(&(&b.name, b.id)))
    });
}
