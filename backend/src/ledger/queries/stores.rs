//! Chains and stores.

use rusqlite::Connection;
use tillwatch_shared::api::{Chain, Store};
use tillwatch_shared::{ChainId, UtcMicros};

use super::viewer::Viewer;
use crate::domain::rows;
use crate::domain::stores::from_row;

pub fn chains(db: &Connection) -> rusqlite::Result<Vec<Chain>> {
    rows::all(db, "SELECT uid, name, created_at FROM chain ORDER BY id", [], |row| {
        Ok(Chain { id: ChainId(rows::id(row, 0)?), name: row.get(1)?, created_at: UtcMicros(row.get(2)?) })
    })
}

/// The stores that the viewer works in.
pub fn visible(db: &Connection, viewer: &Viewer) -> rusqlite::Result<Vec<Store>> {
    rows::all(
        db,
        "SELECT store.uid, chain.uid, store.name, cnpj, zone, store.created_at
         FROM store JOIN chain ON chain.id = store.chain
         WHERE store.id IN (SELECT value FROM json_each(?1)) ORDER BY store.id",
        [viewer.store_keys()],
        from_row,
    )
}
