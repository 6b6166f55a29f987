//! Transfers, and where goods can be sent.

use rusqlite::Connection;
use tillwatch_shared::api::{Destination, Page, Transfer};
use tillwatch_shared::ids::TransferId;
use tillwatch_shared::{StoreId, UtcMicros};

use super::Slice;
use crate::domain::{rows, transfers};

/// Transfers from or to these stores (a JSON array of row keys).
pub fn list(db: &Connection, stores: &str, open: bool, slice: Slice) -> rusqlite::Result<Page<Transfer>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT transfer.id, server_at FROM transfer JOIN journal ON journal.seq = coalesce(closed_seq, transfer.seq)
         WHERE transfer.id > ?1 AND transfer.id < ?2 AND (NOT ?4 OR state = 'sent')
           AND (from_store IN (SELECT value FROM json_each(?3)) OR to_store IN (SELECT value FROM json_each(?3)))
         ORDER BY transfer.id {} LIMIT ?5",
        slice.direction()
    );
    let keys: Vec<(i64, i64)> = rows::all(db, &sql, (above, below, stores, open, slice.limit + 1), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let mut found = Vec::with_capacity(keys.len());
    for (key, at) in keys {
        found.extend(transfers::load(db, key, UtcMicros(at))?.map(|transfer| (key, transfer)));
    }
    Ok(slice.page(found))
}

/// A transfer from or to one of these stores.
pub fn by_id(db: &Connection, stores: &str, id: TransferId) -> rusqlite::Result<Option<Transfer>> {
    let found = rows::one(
        db,
        "SELECT transfer.id, server_at FROM transfer JOIN journal ON journal.seq = coalesce(closed_seq, transfer.seq)
         WHERE transfer.uid = ?1
           AND (from_store IN (SELECT value FROM json_each(?2)) OR to_store IN (SELECT value FROM json_each(?2)))",
        (id.0.as_bytes().as_slice(), stores),
        |row| Ok((row.get(0)?, UtcMicros(row.get(1)?))),
    )?;
    found.map_or(Ok(None), |(key, at)| transfers::load(db, key, at))
}

/// The other stores of a store's chain.
pub fn destinations(db: &Connection, store: i64) -> rusqlite::Result<Vec<Destination>> {
    rows::all(
        db,
        "SELECT other.uid, other.name FROM store AS own JOIN store AS other ON other.chain = own.chain
         WHERE own.id = ?1 AND other.id <> own.id ORDER BY other.name_folded",
        [store],
        |row| Ok(Destination { store_id: StoreId(rows::id(row, 0)?), name: row.get(1)? }),
    )
}
