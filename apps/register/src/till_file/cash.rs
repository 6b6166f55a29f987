//! The part of the till's file that knows what lies in the drawer.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use tillwatch_shared::{CashSessionId, CommandId};
use uuid::Uuid;

use super::{TillFile, TillFileError};
use crate::state::cash::{Book, CashDesk, Closed, Note, NoteOf};

impl TillFile {
    /// The session that is open, the report of the last close, and how many there are.
    pub fn cash(&self) -> Result<CashDesk, TillFileError> {
        let connection = self.connection();
        let text = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        let open: Option<String> = connection
            .query_row("SELECT session FROM cash_session WHERE report IS NULL", (), text)
            .optional()?;
        let last = closed(&connection, 0)?;
        let sql = "SELECT count(*) FROM cash_session WHERE report IS NOT NULL";
        let closes: i64 = connection.query_row(sql, (), |row| row.get(0))?;
        let closes = usize::try_from(closes).unwrap_or_default();
        let Some(open) = open else { return Ok(CashDesk { open: None, last, closes }) };
        let mut book = Book::new(serde_json::from_str(&open)?);
        let mut query = connection.prepare(
            "SELECT command, entry FROM cash_entry
             WHERE session = (SELECT id FROM cash_session WHERE report IS NULL) ORDER BY rowid",
        )?;
        let mut rows = query.query(())?;
        while let Some(row) = rows.next()? {
            let command = CommandId(Uuid::from_bytes(row.get(0)?));
            let entry = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            book.entries.push((command, serde_json::from_str(entry)?));
        }
        Ok(CashDesk { open: Some(book), last, closes })
    }

    /// The close so many before the last one, with its report as it was made.
    pub fn earlier_close(&self, back: usize) -> Result<Option<Closed>, TillFileError> {
        closed(&self.connection(), back)
    }

    /// What the command noted has not happened.
    pub fn drop_cash(&self, command: CommandId) -> Result<(), TillFileError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        forget(&transaction, command)?;
        transaction.commit()?;
        Ok(())
    }
}

pub(super) fn forget(transaction: &Transaction<'_>, command: CommandId) -> Result<(), TillFileError> {
    let id = command.0.as_bytes();
    transaction.execute("DELETE FROM cash_entry WHERE command = ?1 OR session = ?1", [id])?;
    transaction.execute("DELETE FROM cash_session WHERE id = ?1 AND report IS NULL", [id])?;
    Ok(())
}

fn closed(connection: &Connection, back: usize) -> Result<Option<Closed>, TillFileError> {
    let sql = "SELECT id, report FROM cash_session WHERE report IS NOT NULL
               ORDER BY rowid DESC LIMIT 1 OFFSET ?1";
    let row: Option<([u8; 16], String)> = connection
        .query_row(sql, [i64::try_from(back).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((id, report)) = row else { return Ok(None) };
    let session = CashSessionId(Uuid::from_bytes(id));
    Ok(Some(Closed { session, report: serde_json::from_str(&report)? }))
}

/// With the command that it belongs to: both are there, or neither.
pub(super) fn note(
    transaction: &Transaction<'_>,
    command: CommandId,
    note: &Note,
) -> Result<(), TillFileError> {
    let session = note.session.0.as_bytes();
    match &note.of {
        NoteOf::Opened(opened) => {
            transaction.execute(
                "INSERT INTO cash_session (id, session) VALUES (?1, ?2)",
                params![session, serde_json::to_string(opened)?],
            )?;
        }
        NoteOf::Happened(entry) => {
            transaction.execute(
                "INSERT INTO cash_entry (command, session, entry) VALUES (?1, ?2, ?3)",
                params![command.0.as_bytes(), session, serde_json::to_string(entry)?],
            )?;
        }
        NoteOf::Closed(report) => {
            transaction.execute(
                "UPDATE cash_session SET report = ?2 WHERE id = ?1",
                params![session, serde_json::to_string(report)?],
            )?;
            // Its sales are in the report; they are not asked for any more.
            transaction.execute("DELETE FROM cash_entry WHERE session = ?1", [session])?;
        }
    }
    Ok(())
}
