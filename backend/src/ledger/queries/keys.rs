//! API keys.

use rusqlite::Connection;
use tillwatch_shared::api::ApiKey;

use crate::domain::keys::{COLUMNS, from_row};
use crate::domain::rows;

pub fn list(db: &Connection) -> rusqlite::Result<Vec<ApiKey>> {
    rows::all(db, &format!("SELECT {COLUMNS} FROM api_key ORDER BY id"), [], from_row)
}

/// Every key that was not revoked, with the digest of its secret.
pub fn usable(db: &Connection) -> rusqlite::Result<Vec<([u8; 32], ApiKey)>> {
    let sql = format!("SELECT {COLUMNS}, digest FROM api_key WHERE revoked_at IS NULL ORDER BY id");
    rows::all(db, &sql, [], |row| Ok((row.get(7)?, from_row(row)?)))
}
