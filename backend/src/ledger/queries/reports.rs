//! Reports about sales, answered from kept totals: no report looks at a sale. Totals by store come from
//! `day_total`; sellers are ranked by whole months where a period has some, and by days at its edges.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use rusqlite::Connection;
use tillwatch_shared::api::{ReportPoint, ReportRow, ReportStep};
use tillwatch_shared::limits::REPORT_DAYS;
use tillwatch_shared::{Cents, ChainId, PersonId};
use uuid::Uuid;

use crate::domain::rejection::Invalid;
use crate::domain::{Rejection, rows};

/// First and last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: Date,
    to: Date,
}

/// What was sold: how often, and for how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sold {
    pub sales: i64,
    pub total_cents: Cents,
}

/// Figures by somebody or something, and over time.
#[derive(Debug)]
pub struct Figures {
    /// Best first; all of them.
    pub rows: Vec<ReportRow>,
    pub series: Vec<ReportPoint>,
    pub sum: Sold,
}

impl Period {
    /// The years that sales may have, and not more days than a report takes.
    pub fn new(from: Date, to: Date) -> Result<Self, Rejection> {
        for (field, day) in [("from", from), ("to", to)] {
            if !(1970..=2200).contains(&day.year()) {
                return Err(Rejection::invalid(field, Invalid::Time));
            }
        }
        let days = from.until(to).map_or(i32::MAX, |span| span.get_days());
        if days < 0 {
            return Err(Rejection::invalid("from", Invalid::Crossed));
        }
        if days >= REPORT_DAYS {
            return Err(Rejection::invalid("to", Invalid::Range { min: 1, max: i64::from(REPORT_DAYS) }));
        }
        Ok(Self { from, to })
    }

    pub const fn from(self) -> Date {
        self.from
    }

    pub const fn to(self) -> Date {
        self.to
    }

    pub fn days(self) -> i32 {
        self.from.until(self.to).map_or(0, |span| span.get_days()) + 1
    }

    /// What a chart can show well: days up to a quarter, weeks up to two years, then months.
    pub fn usual_step(self) -> ReportStep {
        match self.days() {
            ..=92 => ReportStep::Day,
            93..=731 => ReportStep::Week,
            _ => ReportStep::Month,
        }
    }

    /// Empty points over the whole period.
    pub fn points(self, step: ReportStep) -> Vec<ReportPoint> {
        let mut points = Vec::new();
        let mut from = self.from;
        while from <= self.to {
            let to = end_of(from, step).min(self.to);
            points.push(ReportPoint { from, to, sales: 0, total_cents: Cents::ZERO });
            let Ok(next) = to.tomorrow() else { break };
            from = next;
        }
        points
    }

    /// The days before the first whole month, the whole months, and the days after the last.
    fn parts(self) -> Parts {
        let whole_from = if self.from.day() == 1 { Ok(self.from) } else { after_month(self.from) };
        let whole_to = if after_month(self.to).ok() == self.to.tomorrow().ok() {
            Ok(self.to)
        } else {
            self.to.first_of_month().yesterday()
        };
        match (whole_from, whole_to) {
            (Ok(first), Ok(last)) if first <= last => Parts {
                days: [
                    first.yesterday().ok().map(|to| (self.from, to)),
                    last.tomorrow().ok().map(|from| (from, self.to)),
                ],
                months: Some((first, last)),
            },
            _ => Parts { days: [Some((self.from, self.to)), None], months: None },
        }
    }
}

/// A period, cut for the tables of days and of months.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    days: [Option<(Date, Date)>; 2],
    months: Option<(Date, Date)>,
}

fn after_month(day: Date) -> Result<Date, jiff::Error> {
    day.last_of_month().tomorrow()
}

fn end_of(day: Date, step: ReportStep) -> Date {
    match step {
        ReportStep::Day => day,
        ReportStep::Week => {
            let left = i64::from(Weekday::Sunday.to_monday_zero_offset())
                - i64::from(day.weekday().to_monday_zero_offset());
            day.checked_add(left.days()).unwrap_or(day)
        }
        ReportStep::Month => day.last_of_month(),
    }
}

impl Sold {
    fn add(&mut self, more: Self) {
        self.sales += more.sales;
        self.total_cents = Cents(self.total_cents.0.saturating_add(more.total_cents.0));
    }
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
    counter.count(db, sql, (stores, period.from.to_string(), period.to.to_string()))?;
    for key in rows::all(db, "SELECT value FROM json_each(?1)", [stores], |row| row.get(0))? {
        counter.by_key.entry(key).or_default();
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
    counter.count(db, sql, (person, period.from.to_string(), period.to.to_string(), stores))?;
    counter.figures(db, true)
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
    let mut add = |sql: &str, from: String, to: String| -> rusqlite::Result<()> {
        let found = rows::all(db, sql, (from, to, stores), |row| {
            Ok((row.get(0)?, Sold { sales: row.get(1)?, total_cents: Cents(row.get(2)?) }))
        })?;
        for (key, sold) in found {
            by_key.entry(key).or_default().add(sold);
        }
        Ok(())
    };
    for (from, to) in days.into_iter().flatten().filter(|(from, to)| from <= to) {
        add(
            "SELECT person.id, sum(sales), sum(total_cents) FROM person CROSS JOIN seller_day AS kept
                 ON kept.person = person.id AND business_day BETWEEN ?1 AND ?2
             WHERE kept.store IN (SELECT value FROM json_each(?3)) GROUP BY person.id",
            from.to_string(),
            to.to_string(),
        )?;
    }
    if let Some((from, to)) = months {
        let month = |day: Date| day.strftime("%Y-%m").to_string();
        add(
            "SELECT person.id, sum(sales), sum(total_cents) FROM person CROSS JOIN seller_month AS kept
                 ON kept.person = person.id AND month BETWEEN ?1 AND ?2
             WHERE kept.store IN (SELECT value FROM json_each(?3)) GROUP BY person.id",
            month(from),
            month(to),
        )?;
    }
    Ok(by_key)
}

/// Adds up rows of days by their key and over time, in one pass.
struct Counter {
    by_key: HashMap<i64, Sold>,
    series: Vec<ReportPoint>,
    /// The last day of each point, as the tables write it.
    ends: Vec<String>,
    sum: Sold,
}

impl Counter {
    fn new(period: Period, step: ReportStep) -> Self {
        let series = period.points(step);
        let ends = series.iter().map(|point| point.to.to_string()).collect();
        Self { by_key: HashMap::new(), series, ends, sum: Sold::default() }
    }

    /// The rows are key, day, sales and centavos, by key and within it by day, all within the period.
    fn count(&mut self, db: &Connection, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<()> {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let (mut key, mut place, mut own) = (None, 0, Sold::default());
        while let Some(row) = rows.next()? {
            let found: i64 = row.get(0)?;
            if key != Some(found) {
                self.close(key, own);
                (key, place, own) = (Some(found), 0, Sold::default());
            }
            let day = row.get_ref(1)?.as_str()?;
            while self.ends.get(place).is_some_and(|end| end.as_str() < day) {
                place += 1;
            }
            let sold = Sold { sales: row.get(2)?, total_cents: Cents(row.get(3)?) };
            own.add(sold);
            if let Some(point) = self.series.get_mut(place) {
                point.sales += sold.sales;
                point.total_cents = Cents(point.total_cents.0.saturating_add(sold.total_cents.0));
            }
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

/// Names for the row keys, and the order: most money first, then most sales, then by name.
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
        let Sold { sales, total_cents } = sold;
        named.push(ReportRow { id, name, chain_name, sales, total_cents });
    }
    named.sort_by(|a, b| {
        (b.total_cents, b.sales)
            .cmp(&(a.total_cents, a.sales))
            .then_with(|| (&a.name, a.id).cmp(&(&b.name, b.id)))
    });
    Ok(named)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn period(from: Date, to: Date) -> Period {
        Period::new(from, to).unwrap()
    }

    #[test]
    fn whole_months_are_cut_out() {
        let parts = |from, to| period(from, to).parts();
        let (jan1, jan31, mar5) = (date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 5));
        let whole = parts(jan1, jan31);
        assert_eq!(whole.months, Some((jan1, jan31)));
        assert!(whole.days.into_iter().flatten().all(|(from, to)| from > to), "{whole:?}");
        let ends = parts(date(2025, 12, 31), mar5);
        assert_eq!(ends.months, Some((jan1, date(2026, 2, 28))));
        assert_eq!(ends.days[0], Some((date(2025, 12, 31), date(2025, 12, 31))));
        assert_eq!(ends.days[1], Some((date(2026, 3, 1), mar5)));
        for (from, to) in [(date(2026, 1, 2), jan31), (jan1, date(2026, 1, 30)), (mar5, mar5)] {
            assert_eq!(parts(from, to), Parts { days: [Some((from, to)), None], months: None });
        }
    }

    #[test]
    fn points_cover_every_day_once() {
        let (from, to) = (date(2026, 1, 14), date(2026, 3, 2));
        for step in [ReportStep::Day, ReportStep::Week, ReportStep::Month] {
            let points = period(from, to).points(step);
            assert_eq!((points[0].from, points[points.len() - 1].to), (from, to));
            for pair in points.windows(2) {
                assert_eq!(pair[0].to.tomorrow().unwrap(), pair[1].from);
            }
        }
        let weeks = period(from, to).points(ReportStep::Week);
        assert_eq!((weeks[0].to, weeks[1].to), (date(2026, 1, 18), date(2026, 1, 25)), "Sundays");
        assert_eq!(period(from, to).points(ReportStep::Month).len(), 3);
    }

    #[test]
    fn bad_periods() {
        let field = |from, to| match Period::new(from, to) {
            Err(Rejection::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field(date(2026, 1, 2), date(2026, 1, 1)), "from");
        assert_eq!(field(date(1969, 12, 31), date(2026, 1, 1)), "from");
        assert_eq!(field(date(2200, 1, 1), date(2201, 1, 1)), "to");
        assert_eq!(field(date(2000, 1, 1), date(2026, 1, 1)), "to");
        assert_eq!(period(date(2016, 1, 1), date(2026, 1, 7)).days(), 3_660);
    }
}
