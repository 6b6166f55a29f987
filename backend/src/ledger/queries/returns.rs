//! Returns, and what has come back of sales.

use rusqlite::Connection;
use tillwatch_shared::api::{Event, LineReturned, Page, Return};
use tillwatch_shared::{Cents, Quantity, SaleId};

use super::Slice;
use crate::domain::rows;
use crate::ledger::journal;

/// First and last business day, as the tables write them.
#[derive(Clone, Debug)]
pub struct Days {
    pub from: String,
    pub to: String,
}

/// Returns to these stores (a JSON array of row keys) on these days.
pub fn list(db: &Connection, stores: &str, days: &Days, slice: Slice) -> rusqlite::Result<Page<Return>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT sale_return.id, outcome FROM sale_return JOIN journal ON journal.seq = sale_return.seq
         WHERE sale_return.id > ?1 AND sale_return.id < ?2
           AND sale_return.store IN (SELECT value FROM json_each(?3))
           AND business_day BETWEEN ?4 AND ?5
         ORDER BY sale_return.id {} LIMIT ?6",
        slice.direction()
    );
    let params = (above, below, stores, &days.from, &days.to, slice.limit + 1);
    let found = rows::all(db, &sql, params, |row| Ok((row.get(0)?, journal::event(row, 1)?)))?;
    Ok(slice.page(found.into_iter().filter_map(back).collect()))
}

fn back((key, event): (i64, Event)) -> Option<(i64, Return)> {
    Some((key, event.try_into().ok()?))
}

/// What has come back of a sale's lines.
pub fn of_sale(db: &Connection, id: SaleId) -> rusqlite::Result<Vec<LineReturned>> {
    rows::all(
        db,
        "SELECT position, returned, sale_line.returned_cents
         FROM sale JOIN sale_line ON sale_line.sale = sale.id
         WHERE sale.uid = ?1 AND returned > 0 ORDER BY position",
        [id.0.as_bytes().as_slice()],
        |row| {
            Ok(LineReturned {
                position: row.get(0)?,
                quantity_thousandths: Quantity(row.get(1)?),
                total_cents: Cents(row.get(2)?),
            })
        },
    )
}
