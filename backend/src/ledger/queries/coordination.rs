//! Which servers of a group coordinated.

use rusqlite::Connection;
use tillwatch_shared::api::{Coordination, Page};

use super::Slice;
use crate::domain::coordination::{COLUMNS, from_row};
use crate::domain::rows;

pub fn list(db: &Connection, slice: Slice) -> rusqlite::Result<Page<Coordination>> {
    let (above, below) = slice.bounds();
    let sql =
        format!("SELECT {COLUMNS} WHERE id > ?1 AND id < ?2 ORDER BY id {} LIMIT ?3", slice.direction());
    Ok(slice.page(rows::all(db, &sql, (above, below, slice.limit + 1), from_row)?))
}
