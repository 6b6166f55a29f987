//! Sales and the totals of days.

use jiff::tz::TimeZone;
use rusqlite::{Connection, Row};
use tillwatch_shared::api::{DayTotal, Page, Sale, SaleReturned};
use tillwatch_shared::{Cents, SaleId, StoreId, UtcMicros};

use super::{Slice, returns};
use crate::domain::rows;
use crate::ledger::journal;

/// What a question for sales reads: the place in the list, the sale as it was made, and what came of it.
const COLUMNS: &str = "sale.id, outcome, returns, returned_cents, voided";

/// Which sales of a list are wanted; all, where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which {
    pub number: Option<i64>,
    /// The first and the last id.
    pub marked: Option<(SaleId, SaleId)>,
}

/// Sales of these stores (a JSON array of row keys), those that are wanted. The customers' CPFs are masked.
pub fn list(db: &Connection, stores: &str, which: Which, slice: Slice) -> rusqlite::Result<Page<Sale>> {
    let (above, below) = slice.bounds();
    // The indexes of numbers and of ids, where there is one; else the order of the list.
    let number = if which.number.is_some() { "number = ?5" } else { "?5 IS NULL" };
    let marked = if which.marked.is_some() { "sale.uid BETWEEN ?6 AND ?7" } else { "?6 IS ?7" };
    let sql = format!(
        "SELECT {COLUMNS} FROM sale JOIN journal ON journal.seq = sale.seq
         WHERE sale.id > ?1 AND sale.id < ?2 AND sale.store IN (SELECT value FROM json_each(?3))
             AND {number} AND {marked}
         ORDER BY sale.id {} LIMIT ?4",
        slice.direction()
    );
    let first = which.marked.map(|(first, _)| *first.0.as_bytes());
    let last = which.marked.map(|(_, last)| *last.0.as_bytes());
    let wanted = (above, below, stores, slice.limit + 1, which.number, first, last);
    let found = rows::all(db, &sql, wanted, |row| Ok((row.get(0)?, sale(row)?)))?;
    let told = |(key, sale): (i64, Option<Sale>)| Some((key, sale?.without_customer()));
    Ok(slice.page(found.into_iter().filter_map(told).collect()))
}

/// A sale of one of these stores, with the lines that have come back.
pub fn by_id(db: &Connection, stores: &str, id: SaleId) -> rusqlite::Result<Option<Sale>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sale JOIN journal ON journal.seq = sale.seq
         WHERE sale.uid = ?1 AND sale.store IN (SELECT value FROM json_each(?2))"
    );
    let Some(mut sale) = rows::one(db, &sql, (id.0.as_bytes().as_slice(), stores), sale)?.flatten() else {
        return Ok(None);
    };
    if let Some(returned) = &mut sale.returned {
        returned.lines = returns::of_sale(db, id)?;
    }
    Ok(Some(sale))
}

/// From a row of [`COLUMNS`].
fn sale(row: &Row<'_>) -> rusqlite::Result<Option<Sale>> {
    let Ok(sale) = Sale::try_from(journal::event(row, 1)?) else { return Ok(None) };
    let returned = match row.get::<_, i64>(2)? {
        0 => None,
        _ => Some(SaleReturned { total_cents: Cents(row.get(3)?), void: row.get(4)?, lines: Vec::new() }),
    };
    Ok(Some(Sale { returned, ..sale }))
}

/// One row for each of these stores: the given day, or what is today there at `now`.
pub fn day_totals(
    db: &Connection,
    stores: &str,
    day: Option<&str>,
    now: UtcMicros,
) -> rusqlite::Result<Vec<DayTotal>> {
    let places = rows::all(
        db,
        "SELECT id, uid, name, zone FROM store WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id",
        [stores],
        |row| Ok((row.get::<_, i64>(0)?, StoreId(rows::id(row, 1)?), row.get(2)?, row.get::<_, String>(3)?)),
    )?;
    places
        .into_iter()
        .map(|(key, store_id, store_name, zone)| {
            let business_day = day.map_or_else(|| today(&zone, now), str::to_owned);
            let kept = rows::one(
                db,
                "SELECT sales, total_cents FROM day_total WHERE store = ?1 AND business_day = ?2",
                (key, &business_day),
                |row| Ok((row.get(0)?, Cents(row.get(1)?))),
            )?;
            let (sales, total_cents) = kept.unwrap_or_default();
            let came_back = rows::one(
                db,
                "SELECT coalesce(sum(returns), 0), coalesce(sum(returned_cents), 0) FROM return_total
                 WHERE store = ?1 AND business_day = ?2",
                (key, &business_day),
                |row| Ok((row.get(0)?, Cents(row.get(1)?))),
            )?;
            let (returns, returned_cents) = came_back.unwrap_or_default();
            Ok(DayTotal { store_id, store_name, business_day, sales, total_cents, returns, returned_cents })
        })
        .collect()
}

fn today(zone: &str, now: UtcMicros) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    now.timestamp().to_zoned(zone).date().to_string()
}
