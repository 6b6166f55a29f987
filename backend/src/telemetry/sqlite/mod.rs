//! The embedded engine: one SQLite file.
//!
//! New readings go to the log, and into memory, where duplicates are found and charts see them. When enough
//! have come, they are packed sensor by sensor into sorted blocks, with counts and extremes of each minute and
//! hour, and their part of the log is free to be written over. So a durable reading costs a few dozen bytes at
//! the end of one page, and what is kept for years is compact and sorted.
//!
//! `load` what the memory holds · `store` taking readings · `pages` the log · `pack` log to blocks ·
//! `keep` retention · `copy` to and from another engine · `read` answering.

mod copy;
mod keep;
mod load;
mod pack;
mod pages;
mod read;
mod store;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};
use tillwatch_shared::SensorId;

use self::keep::Retention;
pub(super) use self::keep::first_day;
use self::pages::LogPages;
pub(super) use self::read::SqliteHistory;
use super::copy::Direction;
use super::engine::{Engine, EngineError, Outcome, Request};
use super::memory::{Memory, Sources};
use super::row::Row;
use super::seal::Sealer;
use super::types::{Keep, OpenError, Options};
use crate::steps;

const FILE: &str = "telemetry.sqlite";
/// What `user_version` says.
const FORM: i64 = 4;
/// Each lifts the file by one form; the first makes it.
const MIGRATIONS: [&str; 4] = [
    include_str!("0001_history.sql"),
    include_str!("0002_log_pages.sql"),
    include_str!("0003_retention.sql"),
    include_str!("0004_agreed.sql"),
];
/// Pages of the write-ahead file after which they are brought into the database: 16 MiB.
const CHECKPOINT_PAGES: usize = 4_096;
const PAGE_BYTES: usize = 4_096;

/// The writing half. Everything in it changes only after a commit succeeded.
#[derive(Debug)]
pub(super) struct SqliteEngine {
    connection: Connection,
    memory: Arc<Memory>,
    sealer: Arc<Mutex<Sealer>>,
    next_id: i64,
    sources: Sources,
    log: LogPages,
    /// Readings that are in the log and no finished round has packed.
    log_rows: usize,
    /// When to begin to pack.
    recent_limit: usize,
    sensor_limit: usize,
    packing: Option<pack::Packing>,
    retention: Retention,
    /// Readings since the last housekeeping.
    unpaced: usize,
    /// About how many pages the write-ahead file has grown since it was last brought in.
    wal_pages: usize,
}

/// Opens or makes the file in a directory.
pub(super) fn open(
    dir: &Path,
    options: &Options,
    keep: Option<Keep>,
) -> Result<(SqliteEngine, SqliteHistory), OpenError> {
    open_as(dir, options, keep, Use::Serve)
}

/// The same for a copy, which alone may go on with one that is not finished.
pub(super) fn open_for_copy(
    dir: &Path,
    options: &Options,
    direction: Direction,
) -> Result<(SqliteEngine, SqliteHistory), OpenError> {
    let purpose = match direction {
        Direction::IntoPostgres => Use::Serve,
        Direction::OutOfPostgres => Use::Fill,
    };
    open_as(dir, options, None, purpose)
}

/// What the file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Serve,
    /// A history is copied into it.
    Fill,
}

fn open_as(
    dir: &Path,
    options: &Options,
    keep: Option<Keep>,
    purpose: Use,
) -> Result<(SqliteEngine, SqliteHistory), OpenError> {
    let path = dir.join(FILE);
    let failed =
        |reason: rusqlite::Error| OpenError::Database { path: path.clone(), reason: reason.to_string() };
    let mut connection = Connection::open(&path).map_err(failed)?;
    migrate(&mut connection, &path)?;
    set_up(&connection, options).map_err(failed)?;
    let unfinished = "SELECT unfinished FROM history_state";
    if purpose == Use::Serve && connection.query_row(unfinished, [], |row| row.get(0)).map_err(failed)? {
        return Err(OpenError::Unfinished(path.display().to_string()));
    }
    let memory = Arc::new(Memory::default());
    let (engine, sealer) = load::load(connection, Arc::clone(&memory), options, keep).map_err(failed)?;
    let history = SqliteHistory::new(path.clone(), memory, sealer, options.readers);
    Ok((engine, history))
}

/// Brings the file to the newest form, each step in its own transaction.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed =
        |reason: rusqlite::Error| OpenError::Database { path: path.into(), reason: reason.to_string() };
    connection.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    if !(0..=FORM).contains(&found) {
        return Err(OpenError::Newer { path: path.into(), found, known: FORM });
    }
    let mut lift = || {
        connection.pragma_update(None, "page_size", i64::try_from(PAGE_BYTES).unwrap_or(4_096))?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        steps::lift(connection, found, &MIGRATIONS)
    };
    lift().map_err(failed)
}

/// The mark in the file of a member's history.
pub(super) fn mark_of(path: &Path) -> rusqlite::Result<Option<Vec<u8>>> {
    mark(&open_reader(&path.to_owned())?)
}

fn mark(connection: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    connection.query_row("SELECT agreed FROM history_state", [], |row| row.get(0))
}

fn set_up(connection: &Connection, options: &Options) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The write-ahead file is brought in between commits, by `tidy`, and kept at its size: to write over
    // what is there costs the disk half of what it costs to lengthen a file.
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    // But one that grew while a long question held it is cut back to 64 MiB.
    connection.pragma_update_and_check(None, "journal_size_limit", 64 * 1024 * 1024, |_| Ok(()))?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if let Some(pages) = options.file_pages {
        limit_pages(connection, pages)?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn limit_pages(connection: &Connection, pages: u32) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
}

/// A connection that can only read.
fn open_reader(path: &PathBuf) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "cache_size", -4 * 1024)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

impl From<rusqlite::Error> for EngineError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl Engine for SqliteEngine {
    fn commit(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, EngineError> {
        let kept_from = self.retention.kept_from;
        self.store(requests.iter().map(|request| (request, kept_from)), None)
    }

    fn agree(&mut self, requests: &[(Request, i64)], mark: &[u8]) -> Result<Vec<Outcome>, EngineError> {
        self.store(requests.iter().map(|(request, kept_from)| (request, *kept_from)), Some(mark))
    }

    fn mark(&self) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(mark(&self.connection)?)
    }

    fn replace(&mut self, copy: &Path) -> Result<(), EngineError> {
        self.become_copy(copy)
    }

    fn tidy(&mut self) -> Result<(), EngineError> {
        self.pack_some()?;
        self.retain_some()?;
        if self.wal_pages >= CHECKPOINT_PAGES {
            self.checkpoint("PASSIVE")?;
        }
        Ok(())
    }

    fn probe(&mut self) -> Result<(), EngineError> {
        self.connection.pragma_update(None, "user_version", FORM)?;
        Ok(())
    }

    fn wakes_after(&self) -> Option<Duration> {
        self.retention.wakes_after()
    }

    fn close(&mut self) -> Result<(), EngineError> {
        self.checkpoint("TRUNCATE")
    }
}

impl SqliteEngine {
    /// As [`Options::file_pages`], while it runs.
    #[cfg(test)]
    pub fn limit_pages(&self, pages: u32) {
        limit_pages(&self.connection, pages).unwrap();
    }

    fn checkpoint(&mut self, mode: &str) -> Result<(), EngineError> {
        self.connection.pragma(None, "wal_checkpoint", mode, |_| Ok(()))?;
        self.wal_pages = 0;
        Ok(())
    }
}

/// The key under which the minutes or the hour of a sensor are kept.
fn slot(sensor: u32, hour: i64) -> i64 {
    (i64::from(sensor) << 24) + hour
}

/// The hour of a slot.
fn slot_hour(slot: i64) -> i64 {
    slot & 0xff_ffff
}

fn insert_sensor(connection: &Connection, number: u32, id: &SensorId) -> rusqlite::Result<()> {
    let numeric = match id {
        SensorId::Number(_) => true,
        SensorId::Text(_) => false,
    };
    let mut statement =
        connection.prepare_cached("INSERT INTO sensor (number, id, numeric) VALUES (?1, ?2, ?3)")?;
    statement.execute(params![number, id.to_string(), numeric])?;
    Ok(())
}
