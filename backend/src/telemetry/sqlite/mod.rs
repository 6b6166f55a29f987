//! The embedded engine: one SQLite file.
//!
//! New readings go to the log, and into memory, where duplicates are found and charts see them. When enough
//! have come, they are packed sensor by sensor into sorted blocks, with counts and extremes of each minute and
//! hour, and their part of the log is free to be written over. So a durable reading costs a few dozen bytes at
//! the end of one page, and what is kept for years is compact and sorted.
//!
//! `store` taking readings · `pages` the log · `pack` log to blocks ·
//! `read` answering.

mod pack;
mod pages;
mod read;
mod store;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use self::pages::LogPages;
pub(super) use self::read::SqliteHistory;
use super::block::Block;
use super::engine::{Engine, EngineError, Outcome, Request};
use super::log;
use super::memory::{Memory, Sensor, Sources};
use super::row::{Row, merge_sorted};
use super::seal::Sealer;
use super::types::{OpenError, Options};

const FILE: &str = "telemetry.sqlite";
/// What `user_version` says.
const FORM: i64 = 2;
/// Each lifts the file by one form; the first makes it.
const MIGRATIONS: [&str; 2] = [include_str!("0001_history.sql"), include_str!("0002_log_pages.sql")];
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
    /// Readings since the last housekeeping.
    unpaced: usize,
    /// About how many pages the write-ahead file has grown since it was last brought in.
    wal_pages: usize,
}

/// Opens or makes the file in a directory.
pub(super) fn open(dir: &Path, options: &Options) -> Result<(SqliteEngine, SqliteHistory), OpenError> {
    let path = dir.join(FILE);
    let failed =
        |reason: rusqlite::Error| OpenError::Database { path: path.clone(), reason: reason.to_string() };
    let mut connection = Connection::open(&path).map_err(failed)?;
    migrate(&mut connection, &path)?;
    set_up(&connection, options).map_err(failed)?;
    let memory = Arc::new(Memory::default());
    let (engine, sealer) = load(connection, Arc::clone(&memory), options).map_err(failed)?;
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
        for (form, migration) in (1_i64..).zip(MIGRATIONS).filter(|(form, _)| *form > found) {
            let transaction = connection.transaction()?;
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", form)?;
            transaction.commit()?;
        }
        Ok(())
    };
    lift().map_err(failed)
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

/// Fills the memory from the file.
fn load(
    connection: Connection,
    memory: Arc<Memory>,
    options: &Options,
) -> rusqlite::Result<(SqliteEngine, Arc<Mutex<Sealer>>)> {
    let sources = load_sources(&connection)?;
    let packed_ids = load_sensors(&connection, &memory, &sources)?;
    let Replayed { log, log_rows, last_id: last_in_log } =
        replay(&connection, &memory, &sources, &packed_ids)?;
    load_keys(&connection, &memory)?;
    let last_in_blocks: i64 =
        connection.query_row("SELECT coalesce(max(last_id), 0) FROM block", [], |row| row.get(0))?;
    let next_id = last_in_log.max(last_in_blocks) + 1;
    let sealer = Arc::new(Mutex::new(Sealer::new(next_id)));
    let engine = SqliteEngine {
        connection,
        memory,
        sealer: Arc::clone(&sealer),
        next_id,
        sources,
        log,
        log_rows,
        recent_limit: options.recent_readings,
        sensor_limit: options.sensors,
        packing: None,
        unpaced: 0,
        wal_pages: 0,
    };
    Ok((engine, sealer))
}

fn load_sources(connection: &Connection) -> rusqlite::Result<Sources> {
    let mut statement = connection.prepare("SELECT address FROM source ORDER BY number")?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0))?;
    let parse = |text: rusqlite::Result<String>| {
        text?.parse().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
        })
    };
    let mut sources = Sources::default();
    for address in texts.map(parse) {
        sources.push(address?);
    }
    Ok(sources)
}

/// Gives for each sensor, number 1 first, up to which id it is packed.
fn load_sensors(connection: &Connection, memory: &Memory, sources: &Sources) -> rusqlite::Result<Vec<i64>> {
    let mut sensors = memory.sensors_mut();
    let mut packed_ids = Vec::new();
    let sql = "SELECT id, numeric, packed_id, packed_until, packed_last FROM sensor ORDER BY number";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        let number = if row.get::<_, bool>(1)? { text.parse().ok() } else { None };
        let last = row.get_ref(4)?.as_blob_or_null().ok().flatten();
        let last = last.and_then(|bytes| Block::parse(bytes).ok()).and_then(|block| block.rows().pop());
        packed_ids.push(row.get(2)?);
        sensors.push(Sensor {
            id: number.map_or_else(|| SensorId::Text(text.clone()), SensorId::Number),
            text: text.into(),
            last,
            last_source: last.and_then(|last| sources.address(last.source)),
            recent: Vec::new(),
            packed_until: row.get::<_, Option<i64>>(3)?.unwrap_or(i64::MIN),
        });
    }
    Ok(packed_ids)
}

/// What the log held.
#[derive(Debug, Default)]
struct Replayed {
    log: LogPages,
    log_rows: usize,
    last_id: i64,
}

/// Puts the readings of the log that are not packed back into memory.
fn replay(
    connection: &Connection,
    memory: &Memory,
    sources: &Sources,
    packed_ids: &[i64],
) -> rusqlite::Result<Replayed> {
    let mut recent: HashMap<u32, Vec<Row>> = HashMap::new();
    let mut replayed = Replayed::default();
    let mut statement =
        connection.prepare("SELECT number, first_id, rows FROM log_page ORDER BY first_id")?;
    let mut pages = statement.query([])?;
    while let Some(page) = pages.next()? {
        let before = replayed.log_rows;
        let mut last_id = 0;
        for (sensor, row) in log::decode(page.get(1)?, page.get_ref(2)?.as_blob()?) {
            last_id = row.id;
            let place = usize::try_from(sensor).unwrap_or_default().wrapping_sub(1);
            if packed_ids.get(place).is_some_and(|packed_id| row.id > *packed_id) {
                replayed.log_rows += 1;
                recent.entry(sensor).or_default().push(row);
            }
        }
        replayed.log.found(page.get(0)?, last_id, replayed.log_rows > before);
        replayed.last_id = replayed.last_id.max(last_id);
    }
    let mut sensors = memory.sensors_mut();
    for (number, mut rows) in recent {
        rows.sort_unstable_by_key(|row| row.taken_at);
        let Some(sensor) = sensors.get_mut(number) else { continue };
        for row in &rows {
            sensor.note_last(row, |number| sources.address(number));
        }
        merge_sorted(&mut sensor.recent, &rows);
    }
    Ok(replayed)
}

fn load_keys(connection: &Connection, memory: &Memory) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT key_id, last_used_at FROM key_use")?;
    let mut rows = statement.query([])?;
    let mut keys = memory.keys_mut();
    while let Some(row) = rows.next()? {
        let id = uuid::Uuid::from_bytes(row.get(0)?);
        keys.insert(ApiKeyId(id), UtcMicros(row.get(1)?));
    }
    Ok(())
}

impl From<rusqlite::Error> for EngineError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl Engine for SqliteEngine {
    fn commit(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, EngineError> {
        self.store(requests)
    }

    fn tidy(&mut self) -> Result<(), EngineError> {
        self.pack_some()?;
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
        None
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
