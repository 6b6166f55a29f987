//! Lots that hold something.

use jiff::civil::Date;
use rusqlite::{Connection, Row};
use tillwatch_shared::api::{Lot, Page};
use tillwatch_shared::{Cents, ProductId};

use super::Slice;
use crate::domain::lots::{COLUMNS, SOURCE, from_row};
use crate::domain::rows;

/// Which lots are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub product: Option<ProductId>,
    /// Not those that expire on this day or later, or never.
    pub expiring_before: Option<Date>,
}

/// Lots of these stores (a JSON array of row keys).
pub fn list(db: &Connection, stores: &str, wanted: Wanted, slice: Slice) -> rusqlite::Result<Page<Lot>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT {COLUMNS}, product.price_cents FROM {SOURCE}
         WHERE lot.id > ?1 AND lot.id < ?2 AND lot.balance > 0
           AND lot.store IN (SELECT value FROM json_each(?3))
           AND (?4 IS NULL OR product.uid = ?4)
           AND (?5 IS NULL OR (expires_on <> '' AND expires_on < ?5))
         ORDER BY lot.id {} LIMIT ?6",
        slice.direction()
    );
    let product = wanted.product.map(|id| id.0.into_bytes());
    let before = wanted.expiring_before.map(|day| day.to_string());
    let parameters =
        (above, below, stores, product.as_ref().map(<[u8; 16]>::as_slice), before, slice.limit + 1);
    let priced = |row: &Row<'_>| {
        let price_cents = Some(Cents(row.get("price_cents")?));
        Ok(Lot { price_cents, ..from_row(row)? })
    };
    let found = rows::all(db, &sql, parameters, priced)?;
    Ok(slice.page(found.into_iter().map(|lot| (lot.number, lot)).collect()))
}
