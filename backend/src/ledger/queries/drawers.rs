//! When drawers were open, and in which stores somebody may have one.

use rusqlite::Connection;
use tillwatch_shared::{PersonId, StoreId, UtcMicros};

use crate::domain::rows;

/// A person's stores, in the order in which they are asked for an open drawer.
pub fn stores_of(db: &Connection, person: PersonId) -> rusqlite::Result<Vec<StoreId>> {
    rows::all(
        db,
        "SELECT store.uid FROM person JOIN person_store ON person_store.person = person.id
         JOIN store ON store.id = person_store.store WHERE person.uid = ?1 ORDER BY store.id",
        [person.0.as_bytes().as_slice()],
        |row| rows::id(row, 0).map(StoreId),
    )
}

/// The times in which a drawer of a store was open, by the server's clock and by their beginning: those that were over
/// after a moment, or are not over.
pub fn open_since(
    db: &Connection,
    store: StoreId,
    since: UtcMicros,
) -> rusqlite::Result<Vec<(UtcMicros, Option<UtcMicros>)>> {
    rows::all(
        db,
        "SELECT begun.server_at, over.server_at
         FROM cash_session JOIN journal AS begun ON begun.seq = cash_session.seq
         LEFT JOIN journal AS over ON over.seq = close_seq
         WHERE cash_session.store = (SELECT id FROM store WHERE uid = ?1)
           AND (close_seq IS NULL OR over.server_at > ?2)
         ORDER BY begun.server_at, cash_session.id",
        (store.0.as_bytes().as_slice(), since.0),
        |row| Ok((UtcMicros(row.get(0)?), row.get::<_, Option<i64>>(1)?.map(UtcMicros))),
    )
}
