//! Sales and the totals of days.

use jiff::tz::TimeZone;
use rusqlite::Connection;
use tillwatch_shared::api::{DayTotal, Event, Page, Sale};
use tillwatch_shared::{Cents, SaleId, StoreId, UtcMicros};

use super::Slice;
use crate::domain::rows;
use crate::ledger::journal;

/// Sales of these stores (a JSON array of row keys).
pub fn list(db: &Connection, stores: &str, slice: Slice) -> rusqlite::Result<Page<Sale>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT sale.id, outcome FROM sale JOIN journal ON journal.seq = sale.seq
         WHERE sale.id > ?1 AND sale.id < ?2 AND sale.store IN (SELECT value FROM json_each(?3))
         ORDER BY sale.id {} LIMIT ?4",
        slice.direction()
    );
    let found = rows::all(db, &sql, (above, below, stores, slice.limit + 1), |row| {
        Ok((row.get(0)?, journal::event(row, 1)?))
    })?;
    Ok(slice.page(found.into_iter().filter_map(|(key, event)| Some((key, sale(event)?))).collect()))
}

/// A sale of one of these stores.
pub fn by_id(db: &Connection, stores: &str, id: SaleId) -> rusqlite::Result<Option<Sale>> {
    let event = rows::one(
        db,
        "SELECT outcome FROM sale JOIN journal ON journal.seq = sale.seq
         WHERE sale.uid = ?1 AND sale.store IN (SELECT value FROM json_each(?2))",
        (id.0.as_bytes().as_slice(), stores),
        |row| journal::event(row, 0),
    )?;
    Ok(event.and_then(sale))
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
            Ok(DayTotal { store_id, store_name, business_day, sales, total_cents })
        })
        .collect()
}

fn today(zone: &str, now: UtcMicros) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    now.timestamp().to_zoned(zone).date().to_string()
}

fn sale(event: Event) -> Option<Sale> {
    event.try_into().ok()
}
