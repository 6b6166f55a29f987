//! Chains and stores.

use rusqlite::{Connection, Row};
use tillwatch_shared::api::{Chain, Store};
use tillwatch_shared::tax_id::Cnpj;
use tillwatch_shared::{ChainId, StoreId, UtcMicros};

use super::viewer::Viewer;
use crate::domain::rows;

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

fn from_row(row: &Row<'_>) -> rusqlite::Result<Store> {
    let cnpj: Option<String> = row.get(3)?;
    Ok(Store {
        id: StoreId(rows::id(row, 0)?),
        chain_id: ChainId(rows::id(row, 1)?),
        name: row.get(2)?,
        cnpj_masked: cnpj.and_then(|text| Cnpj::parse(&text).ok()).map(|cnpj| cnpj.masked()),
        zone: row.get(4)?,
        created_at: UtcMicros(row.get(5)?),
    })
}
