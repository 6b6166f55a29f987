//! Chains and stores.

use rusqlite::Connection;
use tillwatch_shared::api::{Chain, Store};
use tillwatch_shared::tax_id::Cnpj;
use tillwatch_shared::{ChainId, StoreId, UtcMicros};

use super::viewer::Viewer;
use crate::domain::rows;
use crate::domain::stores::{from_row, select_store};

pub fn chains(db: &Connection) -> rusqlite::Result<Vec<Chain>> {
    rows::all(db, "SELECT uid, name, created_at FROM chain ORDER BY id", [], |row| {
        Ok(Chain { id: ChainId(rows::id(row, 0)?), name: row.get(1)?, created_at: UtcMicros(row.get(2)?) })
    })
}

/// The stores that the viewer works in, with all that a receipt shows of them.
pub fn visible(db: &Connection, viewer: &Viewer) -> rusqlite::Result<Vec<Store>> {
    rows::all(
        db,
        concat!(select_store!(), " WHERE store.id IN (SELECT value FROM json_each(?1)) ORDER BY store.id"),
        [viewer.store_keys()],
        |row| {
            let cnpj: Option<String> = row.get(3)?;
            Ok(Store { cnpj: cnpj.and_then(|text| Cnpj::parse(&text).ok()), ..from_row(row)? })
        },
    )
}

/// The name of a store's time zone; nothing where there is no such store.
pub fn zone(db: &Connection, store: StoreId) -> rusqlite::Result<String> {
    let sql = "SELECT zone FROM store WHERE uid = ?1";
    Ok(rows::one(db, sql, [store.0.as_bytes().as_slice()], |row| row.get(0))?.unwrap_or_default())
}
