//! Opening the ledger's file: settings of the connection, and the checks that come before its use.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::schema;

/// How long a lock that somebody else holds is waited for.
const BUSY: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{file}: {source}", file = file.display())]
    Storage { file: PathBuf, source: rusqlite::Error },
    #[error(
        "{file} was written by a newer Tillwatch (format {found}; this program knows up to {known}). \
         Start the newer program, or restore a backup made before the upgrade.",
        file = file.display()
    )]
    Newer { file: PathBuf, found: i64, known: i64 },
    #[error("{file} is not a Tillwatch ledger", file = file.display())]
    Foreign { file: PathBuf },
    #[error("the backup before the upgrade failed, so nothing was upgraded: {0}")]
    Backup(String),
    #[error("no thread for the writer: {0}")]
    Thread(std::io::Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// Opens the file for the writer, makes or migrates it, and returns the connection.
pub fn writer(file: &Path) -> Result<Connection, OpenError> {
    let storage = |source| OpenError::Storage { file: file.to_owned(), source };
    let mut connection = Connection::open(file).map_err(storage)?;
    configure(&connection).map_err(storage)?;
    schema::migrate(&mut connection, file, schema::MIGRATIONS)?;
    Ok(connection)
}

/// Opens the file to be copied: read only, but allowed to write the copy.
pub fn source(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Opens the file for questions only.
pub fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let connection = source(file)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection
        .execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -2000; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

/// The ledger of a group's member. What the group agreed on is on most members' disks already, in their logs, and comes
/// from there again: a commit does not wait for the disk. What was committed is whole whatever happens; after a power cut
/// its end may be missing.
pub(super) fn leaves_it_to_the_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "NORMAL")
}

pub(super) fn waits_for_the_disk(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")
}

/// Others may have it for a moment.
pub(super) fn is_patient(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)
}

/// Durable on every commit (`synchronous = FULL`). The write-ahead file is kept at its size and
/// overwritten in place, which costs less than half of what appending does.
pub(crate) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(128);
    is_patient(connection)?;
    connection.pragma_update(None, "page_size", 4096)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(rusqlite::Error::InvalidParameterName(format!("journal mode is {mode}, not wal")));
    }
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;
         PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000;
         PRAGMA trusted_schema = OFF;",
    )
}
