//! Answering: charts, seals and backups, on read-only connections.
//!
//! A reading is in a block or among a sensor's recent ones, and moves from here to there while others read.
//! So a reader first copies the recent ones from memory, then begins its transaction, and leaves out of the
//! copy what that transaction shows as packed. So each reading that was stored before is counted exactly once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tillwatch_shared::api::{ReadingsSeal, Series};
use tillwatch_shared::time::{HOUR, MINUTE};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use super::super::block::Block;
use super::super::engine::{Held, History};
use super::super::log;
use super::super::memory::Memory;
use super::super::rollup::{Bucket, Minutes};
use super::super::row::{END_OF_TIME, Row, hour_of, merge_sorted};
use super::super::seal::{Digest, Pending, SEAL_READINGS, Sealer};
use super::super::series::{Filling, Grain, Plan};
use super::super::types::{ReadError, SealError, SensorSeen};
use super::{open_reader, slot, slot_hour};
use crate::copying;

/// How long a question waits for a connection.
const PATIENCE: Duration = Duration::from_secs(2);
/// Readings that are checked at once, unless one seal has more.
const SPAN_READINGS: i64 = 262_144;

/// The reading half.
#[derive(Debug)]
pub(in super::super) struct SqliteHistory {
    path: PathBuf,
    pub(super) memory: Arc<Memory>,
    sealer: Arc<Mutex<Sealer>>,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug)]
struct Pool {
    idle: Vec<Connection>,
    /// Connections that may still be opened.
    unopened: usize,
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl SqliteHistory {
    pub(super) fn new(
        path: PathBuf,
        memory: Arc<Memory>,
        sealer: Arc<Mutex<Sealer>>,
        readers: usize,
    ) -> Self {
        let pool = Mutex::new(Pool { idle: Vec::new(), unopened: readers.max(1) });
        Self { path, memory, sealer, pool, returned: Condvar::new() }
    }

    /// Runs a question on a connection of its own.
    pub(super) fn read<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let connection = self.borrow()?;
        let answer = question(&connection);
        self.lock_pool().idle.push(connection);
        self.returned.notify_one();
        answer
    }

    fn lock_pool(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn borrow(&self) -> Result<Connection, ReadError> {
        let empty = |pool: &mut Pool| pool.idle.is_empty() && pool.unopened == 0;
        let waited = self.returned.wait_timeout_while(self.lock_pool(), PATIENCE, empty);
        let (mut pool, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = pool.idle.pop() {
            return Ok(connection);
        }
        pool.unopened = pool.unopened.checked_sub(1).ok_or(ReadError::Busy)?;
        drop(pool);
        open_reader(&self.path).map_err(|error| {
            self.lock_pool().unopened += 1;
            self.returned.notify_one();
            error.into()
        })
    }

    fn recent(&self, id: &SensorId, from: i64, to: i64) -> Option<Recent> {
        let sensors = self.memory.sensors();
        let number = sensors.find(id)?;
        let sensor = sensors.get(number)?;
        let from = sensor.recent.partition_point(|row| row.taken_at < from);
        let to = sensor.recent.partition_point(|row| row.taken_at < to);
        let rows = sensor.recent.get(from..to).unwrap_or_default().to_vec();
        Some(Recent { number, id: sensor.id.clone(), rows })
    }

    fn read_back(&self, first_id: i64, last_id: i64) -> Result<ReadingsSeal, ReadError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let texts = Texts::load(&transaction)?;
            Ok(seal(&rows_by_id(&transaction, &texts, first_id, last_id)?, &texts, first_id, last_id))
        })
    }
}

/// What the memory has of a sensor, copied.
struct Recent {
    number: u32,
    /// As it was sent first.
    id: SensorId,
    rows: Vec<Row>,
}

impl History for SqliteHistory {
    fn sensors(&self) -> Vec<SensorSeen> {
        let mut seen: Vec<_> =
            self.memory.sensors().all().iter().filter_map(super::super::memory::Sensor::seen).collect();
        seen.sort_by(|one, other| one.id.cmp(&other.id));
        seen
    }

    fn sensor(&self, id: &SensorId) -> Option<SensorSeen> {
        let sensors = self.memory.sensors();
        sensors.get(sensors.find(id)?)?.seen()
    }

    fn sensor_count(&self) -> usize {
        self.memory.sensors().all().len()
    }

    fn recent_count(&self) -> usize {
        self.memory.sensors().all().iter().map(|sensor| sensor.recent.len()).sum()
    }

    fn keys_used(&self) -> HashMap<ApiKeyId, UtcMicros> {
        self.memory.keys().clone()
    }

    fn key_used(&self, key: ApiKeyId) -> Option<UtcMicros> {
        self.memory.keys().get(&key).copied()
    }

    fn series(&self, sensors: &[SensorId], plan: &Plan) -> Result<Vec<Series>, ReadError> {
        let recent: Vec<_> = sensors.iter().map(|id| self.recent(id, plan.from, plan.to)).collect();
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let one = |(id, recent): (&SensorId, Option<Recent>)| match recent {
                Some(recent) => sensor_series(&transaction, recent, plan),
                None => Ok(Filling::new(*plan).finish(id.clone())),
            };
            sensors.iter().zip(recent).map(one).collect()
        })
    }

    fn readings(&self, sensor: &SensorId, from: i64, to: i64) -> Result<Vec<Row>, ReadError> {
        let Some(recent) = self.recent(sensor, from, to) else { return Ok(Vec::new()) };
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let packed_id = packed_id(&transaction, recent.number)?;
            let mut rows = Vec::new();
            blocks(&transaction, recent.number, from, to, |block| {
                rows.extend(block.rows().into_iter().filter(|row| (from..to).contains(&row.taken_at)));
            })?;
            let fresh: Vec<Row> = recent.rows.into_iter().filter(|row| row.id > packed_id).collect();
            merge_sorted(&mut rows, &fresh);
            Ok(rows)
        })
    }

    fn seal_pending(&self, sealed_up_to: i64) -> Result<Option<ReadingsSeal>, ReadError> {
        let pending = self.sealer.lock().unwrap_or_else(PoisonError::into_inner).pending(sealed_up_to.max(0));
        match pending {
            Pending::Nothing => Ok(None),
            Pending::Seal(seal) => Ok(Some(seal)),
            Pending::ReadBack { first_id, last_id } => self.read_back(first_id, last_id).map(Some),
        }
    }

    fn verify_seals(&self, seals: &[ReadingsSeal]) -> Result<(), SealError> {
        let connection = self.borrow()?;
        let result = verify(&connection, seals);
        self.lock_pool().idle.push(connection);
        self.returned.notify_one();
        result
    }

    fn held(&self) -> Held {
        Held::default()
    }

    fn backup_to(&self, path: &Path) -> Result<(), ReadError> {
        self.read(|connection| {
            let mut copy = Connection::open(path)?;
            copying::copy(connection, &mut copy, copying::BESIDE_OTHERS)?;
            copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
            Ok(())
        })
    }
}

fn sensor_series(transaction: &Connection, recent: Recent, plan: &Plan) -> Result<Series, ReadError> {
    let mut filling = Filling::new(*plan);
    let packed_id = packed_id(transaction, recent.number)?;
    match plan.grain {
        Grain::Hours => fill_hours(transaction, recent.number, plan, &mut filling)?,
        Grain::Minutes => fill_minutes(transaction, recent.number, plan, &mut filling)?,
        Grain::Readings => fill_readings(transaction, recent.number, plan.from, plan.to, &mut filling)?,
    }
    recent.rows.iter().filter(|row| row.id > packed_id).for_each(|row| filling.add(row.taken_at, row.values));
    Ok(filling.finish(recent.id))
}

/// Up to which id the readings of a sensor are in blocks.
fn packed_id(transaction: &Connection, number: u32) -> rusqlite::Result<i64> {
    let sql = "SELECT packed_id FROM sensor WHERE number = ?1";
    let found = transaction.prepare_cached(sql)?.query_row([number], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or_default())
}

/// The slots of a plan's hours; the second is not included.
fn slots(number: u32, plan: &Plan) -> (i64, i64) {
    // A plan may reach far beyond the last reading that there can be, a sensor's slots do not.
    (slot(number, hour_of(plan.from)), slot(number, hour_of(plan.to.min(END_OF_TIME) - 1) + 1))
}

fn fill_hours(
    connection: &Connection,
    number: u32,
    plan: &Plan,
    filling: &mut Filling,
) -> rusqlite::Result<()> {
    let (from, to) = slots(number, plan);
    let sql = "SELECT slot, data FROM hour_roll WHERE slot >= ?1 AND slot < ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut hours = statement.query(params![from, to])?;
    while let Some(hour) = hours.next()? {
        if let Ok(bytes) = hour.get_ref(1)?.as_blob()?.try_into() {
            filling.merge(slot_hour(hour.get(0)?) * HOUR, &Bucket::from_bytes(bytes));
        }
    }
    Ok(())
}

fn fill_minutes(
    connection: &Connection,
    number: u32,
    plan: &Plan,
    filling: &mut Filling,
) -> Result<(), ReadError> {
    let (from, to) = slots(number, plan);
    let sql = "SELECT slot, minute_roll.data FROM hour_roll LEFT JOIN minute_roll USING (slot) \
               WHERE slot >= ?1 AND slot < ?2 ORDER BY slot";
    let mut statement = connection.prepare_cached(sql)?;
    let mut hours = statement.query(params![from, to])?;
    // Hours whose readings are read instead, those that follow each other together.
    let mut sparse: Vec<(i64, i64)> = Vec::new();
    while let Some(row) = hours.next()? {
        let start = slot_hour(row.get(0)?) * HOUR;
        match row.get_ref(1)?.as_blob_or_null().map_err(rusqlite::Error::from)? {
            Some(bytes) => Minutes::read(bytes)
                .for_each(|(minute, bucket)| filling.merge(start + i64::from(minute) * MINUTE, &bucket)),
            None => match sparse.last_mut() {
                Some((_, end)) if *end == start => *end += HOUR,
                Some(_) | None => sparse.push((start, start + HOUR)),
            },
        }
    }
    for (start, end) in sparse {
        fill_readings(connection, number, start.max(plan.from), end.min(plan.to), filling)?;
    }
    Ok(())
}

/// Counts each packed reading of a range.
fn fill_readings(
    connection: &Connection,
    number: u32,
    from: i64,
    to: i64,
    filling: &mut Filling,
) -> Result<(), ReadError> {
    blocks(connection, number, from, to, |block| {
        let points = block.points().filter(|(at, _)| (from..to).contains(at));
        points.for_each(|(at, values)| filling.add(at, values));
    })
}

/// Each block of a sensor that may have readings of a range, in the order of their times.
fn blocks(
    connection: &Connection,
    number: u32,
    from: i64,
    to: i64,
    mut each: impl FnMut(&Block<'_>),
) -> Result<(), ReadError> {
    let sql = "SELECT data, start FROM block WHERE sensor = ?1 AND start < ?3 AND start >= coalesce( \
               (SELECT max(start) FROM block WHERE sensor = ?1 AND start <= ?2), 0) ORDER BY start";
    let mut statement = connection.prepare_cached(sql)?;
    let mut blocks = statement.query(params![number, from, to])?;
    while let Some(row) = blocks.next()? {
        let block = Block::parse(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)
            .map_err(|damaged| ReadError::Unavailable(damaged.to_string()))?;
        each(&block);
    }
    Ok(())
}

/// The texts that a digest needs.
pub(super) struct Texts {
    /// Number 1 first: id and packed id.
    sensors: Vec<(String, i64)>,
    sources: Vec<String>,
}

impl Texts {
    pub fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut sensors = connection.prepare("SELECT id, packed_id FROM sensor ORDER BY number")?;
        let sensors =
            sensors.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let mut sources = connection.prepare("SELECT address FROM source ORDER BY number")?;
        let sources = sources.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Self { sensors, sources })
    }

    fn sensor(&self, number: u32) -> (&str, i64) {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        place.and_then(|place| self.sensors.get(place)).map_or(("", 0), |(id, packed_id)| (id, *packed_id))
    }

    pub fn source(&self, number: u16) -> &str {
        let place = usize::from(number).checked_sub(1);
        place.and_then(|place| self.sources.get(place)).map_or("", |text| text)
    }
}

/// Digests readings that are sorted by id.
fn seal(rows: &[(u32, Row)], texts: &Texts, first_id: i64, last_id: i64) -> ReadingsSeal {
    let mut digest = Digest::default();
    for (number, row) in rows {
        digest.add(row, texts.sensor(*number).0, texts.source(row.source));
    }
    digest.seal(first_id, last_id)
}

/// The readings of a range of ids with their sensors' numbers. Blocks that cannot be read have none.
pub(super) fn rows_by_id(
    connection: &Connection,
    texts: &Texts,
    first_id: i64,
    last_id: i64,
) -> rusqlite::Result<Vec<(u32, Row)>> {
    let mut rows = Vec::new();
    let wanted = |row: &Row| (first_id..=last_id).contains(&row.id);
    let mut blocks =
        connection.prepare_cached("SELECT sensor, data FROM block WHERE last_id >= ?1 AND first_id <= ?2")?;
    let mut blocks = blocks.query(params![first_id, last_id])?;
    while let Some(block) = blocks.next()? {
        let sensor: u32 = block.get(0)?;
        if let Ok(block) = Block::parse(block.get_ref(1)?.as_blob()?) {
            rows.extend(block.rows().into_iter().filter(wanted).map(|row| (sensor, row)));
        }
    }
    let sql = "SELECT first_id, rows FROM log_page WHERE first_id BETWEEN ?1 - 86 AND ?2";
    let mut pages = connection.prepare_cached(sql)?;
    let mut pages = pages.query(params![first_id, last_id])?;
    while let Some(page) = pages.next()? {
        let unpacked = |(sensor, row): &(u32, Row)| wanted(row) && row.id > texts.sensor(*sensor).1;
        rows.extend(log::decode(page.get(0)?, page.get_ref(1)?.as_blob()?).filter(unpacked));
    }
    rows.sort_unstable_by_key(|(_, row)| row.id);
    Ok(rows)
}

fn verify(connection: &Connection, seals: &[ReadingsSeal]) -> Result<(), SealError> {
    let mut rest = seals;
    while let Some(first) = rest.first() {
        let near = |seal: &ReadingsSeal| {
            seal.first_id >= first.first_id && seal.last_id.saturating_sub(first.first_id) < SPAN_READINGS
        };
        let together = rest.iter().take_while(|seal| near(seal)).count().max(1);
        let (span, later) = rest.split_at(together);
        verify_span(connection, span)?;
        rest = later;
    }
    Ok(())
}

/// Seals that are near to each other: their readings are read once.
fn verify_span(connection: &Connection, seals: &[ReadingsSeal]) -> Result<(), SealError> {
    let first_id = seals.iter().map(|seal| seal.first_id).min().unwrap_or_default();
    let last_id = seals.iter().map(|seal| seal.last_id).max().unwrap_or_default();
    let too_long = |seal: &&ReadingsSeal| {
        seal.last_id < seal.first_id || seal.last_id.saturating_sub(seal.first_id) >= SEAL_READINGS
    };
    if let Some(ReadingsSeal { first_id, last_id, .. }) = seals.iter().find(too_long) {
        return Err(SealError::Altered { first_id: *first_id, last_id: *last_id });
    }
    // A transaction for each span, so that the write-ahead file is not held for the whole check.
    let transaction = connection.unchecked_transaction().map_err(ReadError::from)?;
    let texts = Texts::load(&transaction).map_err(ReadError::from)?;
    let rows = rows_by_id(&transaction, &texts, first_id, last_id).map_err(ReadError::from)?;
    for ReadingsSeal { first_id, last_id, digest } in seals {
        let from = rows.partition_point(|(_, row)| row.id < *first_id);
        let to = rows.partition_point(|(_, row)| row.id <= *last_id);
        if seal(rows.get(from..to).unwrap_or_default(), &texts, *first_id, *last_id).digest == *digest {
            continue;
        }
        if dropped(&transaction, *first_id, *last_id).map_err(ReadError::from)? {
            tracing::info!(first_id, last_id, "not checked: readings of this seal are no longer kept");
        } else {
            return Err(SealError::Altered { first_id: *first_id, last_id: *last_id });
        }
    }
    Ok(())
}

/// Whether retention has dropped readings of this range.
fn dropped(connection: &Connection, first_id: i64, last_id: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM dropped WHERE first_id <= ?2 AND last_id >= ?1)";
    connection.prepare_cached(sql)?.query_row([first_id, last_id], |row| row.get(0))
}
