//! What the memory holds when the file is opened: sensors, and the readings of the log that are not packed.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tillwatch_shared::{ApiKeyId, UtcMicros};

use super::super::engine::EngineError;
use super::super::log;
use super::super::memory::{Memory, Sensor, Sources};
use super::super::row::{Row, merge_sorted};
use super::super::seal::Sealer;
use super::super::types::{Keep, Options};
use super::keep::Retention;
use super::pages::LogPages;
use super::{FORM, SqliteEngine, open_reader};
use crate::copying;

/// What of the file the memory does not hold.
struct Filled {
    sources: Sources,
    log: LogPages,
    log_rows: usize,
    next_id: i64,
    kept_from: i64,
}

/// The engine and its memory, from the file.
pub(super) fn load(
    connection: Connection,
    memory: Arc<Memory>,
    options: &Options,
    keep: Option<Keep>,
) -> rusqlite::Result<(SqliteEngine, Arc<Mutex<Sealer>>)> {
    let Filled { sources, log, log_rows, next_id, kept_from } = fill(&connection, &memory)?;
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
        retention: Retention::new(keep, kept_from),
        unpaced: 0,
        wal_pages: 0,
    };
    Ok((engine, sealer))
}

fn fill(connection: &Connection, memory: &Memory) -> rusqlite::Result<Filled> {
    let sources = load_sources(connection)?;
    let packed_ids = load_sensors(connection, memory, &sources)?;
    let Replayed { log, log_rows, last_id: last_in_log } = replay(connection, memory, &sources, &packed_ids)?;
    load_keys(connection, memory)?;
    let last_in_blocks: i64 =
        connection.query_row("SELECT coalesce(max(last_id), 0) FROM block", [], |row| row.get(0))?;
    let sql = "SELECT kept_from, last_id FROM history_state";
    let (kept_from, last_given): (i64, i64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let next_id = last_in_log.max(last_in_blocks).max(last_given) + 1;
    Ok(Filled { sources, log, log_rows, next_id, kept_from })
}

impl SqliteEngine {
    /// Puts a copy of another member's file in the place of this one. Who asks at that very moment may see recent
    /// readings of the one and packed ones of the other.
    pub(super) fn become_copy(&mut self, copy: &Path) -> Result<(), EngineError> {
        let source = open_reader(&copy.to_owned())?;
        let form: i64 = source.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if form != FORM {
            return Err(EngineError::OtherCopy);
        }
        copying::copy(&source, &mut self.connection, copying::ALONE)?;
        self.connection.flush_prepared_statement_cache();
        let memory = Memory::default();
        let Filled { sources, log, log_rows, next_id, kept_from } = fill(&self.connection, &memory)?;
        self.memory.become_other(memory);
        *self.sealer.lock().unwrap_or_else(PoisonError::into_inner) = Sealer::new(next_id);
        (self.sources, self.log, self.log_rows, self.next_id) = (sources, log, log_rows, next_id);
        (self.packing, self.unpaced) = (None, 0);
        self.retention.start_over(kept_from);
        self.checkpoint("PASSIVE")
    }
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
        let last = row.get_ref(4)?.as_blob_or_null().ok().flatten();
        packed_ids.push(row.get(2)?);
        sensors.push(Sensor::stored(row.get(0)?, row.get(1)?, last, row.get(3)?, sources));
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
