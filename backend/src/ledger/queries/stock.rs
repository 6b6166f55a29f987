//! Stock levels and stock entries.

use rusqlite::Connection;
use tillwatch_shared::api::{Event, Page, StockEntry, StockLevel, Unit};
use tillwatch_shared::{ProductId, Quantity, StoreId};

use super::Slice;
use crate::domain::rows::{self, Word};
use crate::ledger::journal;

/// What a store holds of every product that is sold or was moved there.
pub fn levels(db: &Connection, store: i64, id: StoreId, slice: Slice) -> rusqlite::Result<Page<StockLevel>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT product.id, product.uid, name, unit, coalesce(balance, 0), minimum,
                (SELECT coalesce(max(seq), 0) FROM journal)
         FROM product LEFT JOIN stock ON stock.product = product.id AND stock.store = ?3
         WHERE product.id > ?1 AND product.id < ?2 AND (product.active OR balance <> 0)
         ORDER BY product.id {} LIMIT ?4",
        slice.direction()
    );
    let found = rows::all(db, &sql, (above, below, store, slice.limit + 1), |row| {
        let balance = Quantity(row.get(4)?);
        let minimum = Quantity(row.get(5)?);
        let number = row.get(0)?;
        let level = StockLevel {
            store_id: id,
            product_id: ProductId(rows::id(row, 1)?),
            product_number: number,
            product_name: row.get(2)?,
            unit: Unit::from_column(row, 3)?,
            balance_thousandths: balance,
            minimum_thousandths: minimum,
            low: minimum > Quantity::ZERO && balance <= minimum,
            changed_until: row.get(6)?,
        };
        Ok((number, level))
    })?;
    Ok(slice.page(found))
}

/// Stock entries of these stores (a JSON array of row keys).
pub fn entries(db: &Connection, stores: &str, slice: Slice) -> rusqlite::Result<Page<StockEntry>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT stock_entry.id, outcome FROM stock_entry JOIN journal ON journal.seq = stock_entry.seq
         WHERE stock_entry.id > ?1 AND stock_entry.id < ?2
           AND stock_entry.store IN (SELECT value FROM json_each(?3))
         ORDER BY stock_entry.id {} LIMIT ?4",
        slice.direction()
    );
    let found = rows::all(db, &sql, (above, below, stores, slice.limit + 1), |row| {
        Ok((row.get(0)?, journal::event(row, 1)?))
    })?;
    Ok(slice.page(found.into_iter().filter_map(entry).collect()))
}

fn entry((key, event): (i64, Event)) -> Option<(i64, StockEntry)> {
    Some((key, event.try_into().ok()?))
}
