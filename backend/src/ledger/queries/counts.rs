//! Counts, as they stand today: what came in later although it had happened before is in them.

use std::collections::HashMap;

use rusqlite::Connection;
use tillwatch_shared::api::{Count, Event, Page};
use tillwatch_shared::ids::CountId;
use tillwatch_shared::{Cents, ProductId, Quantity};

use super::Slice;
use crate::domain::counts::worth;
use crate::domain::lot_counts::tell_rest;
use crate::domain::rows;
use crate::ledger::journal;

/// Counts of these stores (a JSON array of row keys).
pub fn list(db: &Connection, stores: &str, slice: Slice) -> rusqlite::Result<Page<Count>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT stock_count.id, outcome FROM stock_count JOIN journal ON journal.seq = stock_count.seq
         WHERE stock_count.id > ?1 AND stock_count.id < ?2
           AND stock_count.store IN (SELECT value FROM json_each(?3))
         ORDER BY stock_count.id {} LIMIT ?4",
        slice.direction()
    );
    let found = rows::all(db, &sql, (above, below, stores, slice.limit + 1), |row| {
        Ok((row.get::<_, i64>(0)?, journal::event(row, 1)?))
    })?;
    let mut counts = Vec::with_capacity(found.len());
    for (key, event) in found {
        counts.extend(today(db, key, event)?.map(|count| (key, count)));
    }
    Ok(slice.page(counts))
}

/// A count of one of these stores.
pub fn by_id(db: &Connection, stores: &str, id: CountId) -> rusqlite::Result<Option<Count>> {
    let found = rows::one(
        db,
        "SELECT stock_count.id, outcome FROM stock_count JOIN journal ON journal.seq = stock_count.seq
         WHERE stock_count.uid = ?1 AND stock_count.store IN (SELECT value FROM json_each(?2))",
        (id.0.as_bytes().as_slice(), stores),
        |row| Ok((row.get::<_, i64>(0)?, journal::event(row, 1)?)),
    )?;
    found.map_or(Ok(None), |(key, event)| today(db, key, event))
}

/// The count with what came in late.
fn today(db: &Connection, key: i64, event: Event) -> rusqlite::Result<Option<Count>> {
    let Ok(mut count) = Count::try_from(event) else { return Ok(None) };
    let late: HashMap<ProductId, i64> = rows::all(
        db,
        "SELECT product.uid, late FROM count_line JOIN product ON product.id = count_line.product
         WHERE count = ?1 AND late <> 0",
        [key],
        |row| Ok((ProductId(rows::id(row, 0)?), row.get(1)?)),
    )?
    .into_iter()
    .collect();
    let mut total = Cents::ZERO;
    for line in &mut count.lines {
        let late = late.get(&line.product_id).copied().unwrap_or_default();
        line.expected_thousandths = Quantity(line.expected_thousandths.0 - late);
        line.difference_thousandths = Quantity(line.difference_thousandths.0 + late);
        tell_rest(line);
        line.worth_cents = worth(line.unit_price_cents, line.difference_thousandths);
        total = Cents(total.0.saturating_add(line.worth_cents.0));
    }
    count.worth_cents = total;
    Ok(Some(count))
}
