//! The part of the till's file that keeps documents as they were issued.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::DAY;
use uuid::Uuid;

use super::{TillFile, TillFileError};
use crate::receipt::Document;

/// As long as a cash session's papers are asked for.
const KEPT_DAYS: i64 = 400;

impl TillFile {
    /// Keeps the document as the one issued under this id, and gives back the one that counts: the first.
    pub fn issue(&self, id: Uuid, document: &Document, now: UtcMicros) -> Result<Document, TillFileError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        put(&transaction, id, document, now)?;
        let counts = read(&transaction, id)?;
        transaction.commit()?;
        Ok(counts.unwrap_or_else(|| document.clone()))
    }

    pub fn issued(&self, id: Uuid) -> Result<Option<Document>, TillFileError> {
        read(&self.connection(), id)
    }
}

/// What is older is not kept.
pub(super) fn oldest(now: UtcMicros) -> UtcMicros {
    now.plus(-KEPT_DAYS * DAY)
}

/// In the transaction of what it belongs to.
pub(super) fn put(
    transaction: &Transaction<'_>,
    id: Uuid,
    document: &Document,
    now: UtcMicros,
) -> Result<(), TillFileError> {
    transaction.execute("DELETE FROM issued WHERE issued_at < ?1", [oldest(now).0])?;
    transaction.execute(
        "INSERT OR IGNORE INTO issued (id, issued_at, document) VALUES (?1, ?2, ?3)",
        params![id.as_bytes(), now.0, serde_json::to_string(document)?],
    )?;
    Ok(())
}

fn read(connection: &Connection, id: Uuid) -> Result<Option<Document>, TillFileError> {
    let sql = "SELECT document FROM issued WHERE id = ?1";
    let body: Option<String> = connection.query_row(sql, [id.as_bytes()], |row| row.get(0)).optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}
