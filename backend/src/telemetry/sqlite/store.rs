//! Taking readings: many requests, one transaction, mostly one page of the log.
//!
//! Whatever a transaction brings is collected in [`Staged`] and becomes part of the memory after the commit,
//! so a transaction that fails leaves nothing behind.

use std::collections::HashMap;
use std::net::IpAddr;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tillwatch_shared::api::{BatchResult, RowResult};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use super::super::block::Block;
use super::super::engine::{EngineError, Outcome, Request};
use super::super::names::{Names, acceptable_id};
use super::super::row::{Row, acceptable_time, has_time, hour_of, merge_sorted};
use super::super::types::{Batch, OneReading, StoreError, StoredMany, StoredOne};
use super::memory::{Sensor, Sensors};
use super::{Sources, SqliteEngine, insert_sensor};

/// How much more than usual may wait for packing before new readings are refused, when packing fails.
const OVERFLOW: usize = 4;

impl SqliteEngine {
    pub(super) fn store(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, EngineError> {
        if self.log_rows > self.recent_limit.saturating_mul(OVERFLOW).saturating_add(1_000_000) {
            return Err(EngineError::Full);
        }
        // At once for writing: a transaction that begins by reading gives up, instead of waiting, when somebody
        // else has the database open for writing at that moment.
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let mut staged = Staged::new(self.next_id);
        let outcomes = {
            let sensors = self.memory.sensors();
            let keys = self.memory.keys();
            let mut taking = Taking {
                connection: &self.connection,
                sensors: &sensors,
                sources: &self.sources,
                keys: &keys,
                sensor_limit: self.sensor_limit,
                staged: &mut staged,
            };
            requests.iter().map(|request| taking.request(request)).collect::<Result<Vec<_>, _>>()?
        };
        if staged.is_empty() {
            return Ok(outcomes);
        }
        staged.write(&self.connection)?;
        let written = self.log.write(&self.connection, &staged.fresh)?;
        transaction.commit()?;
        self.wal_pages += written.pages() + staged.new_sensors.len() + staged.used_keys.len();
        self.log.publish(written);
        self.publish(staged);
        Ok(outcomes)
    }

    /// After the commit: the memory takes what is stored.
    fn publish(&mut self, staged: Staged) {
        self.next_id = staged.next_id;
        self.log_rows += staged.fresh.len();
        self.unpaced += staged.fresh.len();
        staged.new_sources.iter().for_each(|address| self.sources.push(*address));
        let mut sensors = self.memory.sensors_mut();
        for id in staged.new_sensors {
            let text = id.to_string().into();
            let (last, last_source) = (None, None);
            sensors.push(Sensor { id, text, last, last_source, recent: Vec::new(), packed_until: i64::MIN });
        }
        for (number, run) in staged.runs {
            let Some(sensor) = sensors.get_mut(number) else { continue };
            for row in &run.rows {
                sensor.note_last(row, |number| self.sources.address(number));
            }
            merge_sorted(&mut sensor.recent, &run.rows);
        }
        drop(sensors);
        if !staged.used_keys.is_empty() {
            self.memory.keys_mut().extend(staged.used_keys);
        }
        let sensors = self.memory.sensors();
        let mut sealer = self.lock_sealer();
        for (number, row) in &staged.fresh {
            let sensor = sensors.get(*number).map_or("", |sensor| &*sensor.text);
            sealer.add(row, sensor, self.sources.text(row.source));
        }
        drop((sealer, sensors));
    }
}

/// What a transaction adds.
#[derive(Debug)]
struct Staged {
    next_id: i64,
    /// In the order of their ids, with their sensors' numbers.
    fresh: Vec<(u32, Row)>,
    /// The same by sensor.
    runs: HashMap<u32, Run>,
    new_names: Names,
    new_sensors: Vec<SensorId>,
    new_sources: Vec<IpAddr>,
    used_keys: HashMap<ApiKeyId, UtcMicros>,
}

/// What a transaction adds to one sensor.
#[derive(Debug)]
struct Run {
    /// Sorted by measured time.
    rows: Vec<Row>,
    /// The newest measured time, stored or in `rows`. Above it every moment is free.
    newest: i64,
    looked: Option<Looked>,
}

/// The block that was looked into last for a late reading.
#[derive(Debug)]
struct Looked {
    /// The moments that it says something about; `to` is not included.
    from: i64,
    to: i64,
    times: Vec<i64>,
}

impl Staged {
    fn new(next_id: i64) -> Self {
        Self {
            next_id,
            fresh: Vec::new(),
            runs: HashMap::new(),
            new_names: Names::default(),
            new_sensors: Vec::new(),
            new_sources: Vec::new(),
            used_keys: HashMap::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.used_keys.is_empty()
    }

    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        for (id, number) in self.new_sensors.iter().zip(self.first_new_sensor(connection)?..) {
            insert_sensor(connection, number, id)?;
        }
        for address in &self.new_sources {
            let sql =
                "INSERT INTO source (number, address) SELECT coalesce(max(number), 0) + 1, ?1 FROM source";
            connection.prepare_cached(sql)?.execute([address.to_string()])?;
        }
        for (key, used_at) in &self.used_keys {
            let sql = "INSERT OR REPLACE INTO key_use (key_id, last_used_at) VALUES (?1, ?2)";
            connection.prepare_cached(sql)?.execute(params![key.0.as_bytes(), used_at.0])?;
        }
        Ok(())
    }

    fn first_new_sensor(&self, connection: &Connection) -> rusqlite::Result<u32> {
        if self.new_sensors.is_empty() {
            return Ok(0);
        }
        connection.query_row("SELECT coalesce(max(number), 0) + 1 FROM sensor", [], |row| row.get(0))
    }
}

/// One transaction at work.
struct Taking<'a> {
    connection: &'a Connection,
    sensors: &'a Sensors,
    sources: &'a Sources,
    keys: &'a HashMap<ApiKeyId, UtcMicros>,
    sensor_limit: usize,
    staged: &'a mut Staged,
}

impl Taking<'_> {
    fn request(&mut self, request: &Request) -> rusqlite::Result<Outcome> {
        match request {
            Request::One(reading) => self.one(reading),
            Request::Many(batch) => self.many(batch).map(Outcome::Many),
        }
    }

    fn one(&mut self, reading: &OneReading) -> rusqlite::Result<Outcome> {
        if !acceptable(reading.measured_at, reading.values) || !acceptable_id(&reading.sensor) {
            return Ok(Outcome::Refused(StoreError::Invalid));
        }
        let Some(sensor) = self.sensor(&reading.sensor) else {
            return Ok(Outcome::Refused(StoreError::TooManySensors));
        };
        self.use_key(reading.key, reading.received_at);
        let source = self.source(reading.source);
        let mut measured_at = reading.measured_at.0;
        while !self.is_free(sensor, measured_at)? {
            measured_at += 1;
        }
        let received_at = reading.received_at.0;
        let row = Row {
            id: self.staged.next_id,
            taken_at: measured_at,
            received_at,
            source,
            values: reading.values,
        };
        self.staged.next_id += 1;
        self.take(sensor, &[row]);
        Ok(Outcome::One(StoredOne { id: row.id, measured_at: UtcMicros(measured_at) }))
    }

    fn many(&mut self, batch: &Batch) -> rusqlite::Result<StoredMany> {
        let mut results = vec![RowResult::Invalid; batch.rows.len()];
        let order = self.sort(batch, &mut results);
        let mut ids = Vec::with_capacity(order.len());
        let source = self.source(batch.source);
        self.use_key(batch.key, batch.received_at);
        for group in order.chunk_by(|(one, ..), (next, ..)| one == next) {
            self.group(batch, source, group, &mut results, &mut ids)?;
        }
        Ok(StoredMany { result: summary(results), ids })
    }

    /// Rows of one sensor, sorted by time.
    fn group(
        &mut self,
        batch: &Batch,
        source: u16,
        group: &[(u32, i64, usize)],
        results: &mut [RowResult],
        ids: &mut Vec<(usize, i64)>,
    ) -> rusqlite::Result<()> {
        let Some((sensor, ..)) = group.first().copied() else { return Ok(()) };
        let mut rows: Vec<Row> = Vec::with_capacity(group.len());
        for (_, taken_at, place) in group.iter().copied() {
            let (Some(row), Some(result)) = (batch.rows.get(place), results.get_mut(place)) else { continue };
            let repeated = rows.last().is_some_and(|last| last.taken_at == taken_at);
            if repeated || !self.is_free(sensor, taken_at)? {
                *result = RowResult::Duplicate;
                continue;
            }
            let id = self.staged.next_id;
            self.staged.next_id += 1;
            rows.push(Row { id, taken_at, received_at: batch.received_at.0, source, values: row.values });
            ids.push((place, id));
            *result = RowResult::Stored;
        }
        self.take(sensor, &rows);
        Ok(())
    }

    /// The acceptable rows as (sensor, measured time, place in the batch), sorted, so that the rows of a sensor
    /// come in the order in which they are kept; of two of the same moment the first of the batch comes first.
    fn sort(&mut self, batch: &Batch, results: &mut [RowResult]) -> Vec<(u32, i64, usize)> {
        let mut numbers: Vec<Option<Option<u32>>> = batch
            .sensors
            .iter()
            .map(|sensor| if sensor.allowed && acceptable_id(&sensor.id) { None } else { Some(None) })
            .collect();
        let mut order = Vec::with_capacity(batch.rows.len());
        for (place, (row, result)) in batch.rows.iter().zip(results).enumerate() {
            let index = usize::from(row.sensor);
            let (Some(sensor), Some(number)) = (batch.sensors.get(index), numbers.get_mut(index)) else {
                continue;
            };
            if !sensor.allowed {
                *result = RowResult::Forbidden;
            } else if acceptable(row.measured_at, row.values)
                && let Some(number) = *number.get_or_insert_with(|| self.sensor(&sensor.id))
            {
                order.push((number, row.measured_at.0, place));
            }
        }
        order.sort_unstable();
        order
    }

    /// The sensor's number, a new one if it is new; `None` if there are too many.
    fn sensor(&mut self, id: &SensorId) -> Option<u32> {
        if let Some(number) = self.sensors.find(id).or_else(|| self.staged.new_names.find(id)) {
            return Some(number);
        }
        let count = self.sensors.all().len() + self.staged.new_sensors.len();
        if count >= self.sensor_limit {
            return None;
        }
        let number = u32::try_from(count + 1).ok()?;
        self.staged.new_names.insert(id, number);
        self.staged.new_sensors.push(id.clone());
        Some(number)
    }

    /// The address's number; 0, unknown, when there are more addresses than numbers.
    fn source(&mut self, address: Option<IpAddr>) -> u16 {
        let Some(address) = address else { return 0 };
        if let Some(number) = self.sources.numbers.get(&address) {
            return *number;
        }
        let known = self.sources.list.len() + 1;
        if let Some(place) = self.staged.new_sources.iter().position(|new| *new == address) {
            return u16::try_from(known + place).unwrap_or_default();
        }
        let number = u16::try_from(known + self.staged.new_sources.len()).unwrap_or_default();
        if number > 0 {
            self.staged.new_sources.push(address);
        }
        number
    }

    /// A key's use is written when the last one that is written is a minute old.
    fn use_key(&mut self, key: Option<ApiKeyId>, at: UtcMicros) {
        let Some(key) = key else { return };
        if self.keys.get(&key).is_none_or(|written| at.since(*written) >= MINUTE) {
            self.staged.used_keys.insert(key, at);
        }
    }

    /// Adds rows of free moments, sorted by time.
    fn take(&mut self, sensor: u32, rows: &[Row]) {
        let Some(last) = rows.last() else { return };
        self.staged.fresh.extend(rows.iter().map(|row| (sensor, *row)));
        let run = run(&mut self.staged.runs, self.sensors, sensor);
        run.newest = run.newest.max(last.taken_at);
        merge_sorted(&mut run.rows, rows);
    }

    /// Whether the sensor has no reading of this moment.
    fn is_free(&mut self, number: u32, at: i64) -> rusqlite::Result<bool> {
        let run = run(&mut self.staged.runs, self.sensors, number);
        if at > run.newest {
            return Ok(true);
        }
        let Some(sensor) = self.sensors.get(number) else {
            return Ok(!has_time(&run.rows, at));
        };
        if has_time(&run.rows, at) || has_time(&sensor.recent, at) {
            return Ok(false);
        }
        if at > sensor.packed_until {
            return Ok(true);
        }
        if run.looked.as_ref().is_none_or(|looked| !(looked.from..looked.to).contains(&at)) {
            run.looked = Some(look(self.connection, number, at)?);
        }
        Ok(run.looked.as_ref().is_none_or(|looked| looked.times.binary_search(&at).is_err()))
    }
}

fn run<'a>(runs: &'a mut HashMap<u32, Run>, sensors: &Sensors, number: u32) -> &'a mut Run {
    runs.entry(number).or_insert_with(|| {
        let newest = sensors.get(number).map_or(i64::MIN, Sensor::newest);
        Run { rows: Vec::new(), newest, looked: None }
    })
}

/// The times in the block where a moment belongs. A damaged block counts as empty: the reading is kept.
fn look(connection: &Connection, sensor: u32, at: i64) -> rusqlite::Result<Looked> {
    let sql = "SELECT start, data FROM block WHERE sensor = ?1 AND start <= ?2 ORDER BY start DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_row(params![sensor, at], |row| {
            let start: i64 = row.get(0)?;
            if hour_of(start) != hour_of(at) {
                return Ok(None);
            }
            let times = Block::parse(row.get_ref(1)?.as_blob()?).map(|block| block.times());
            Ok(Some((start, times.unwrap_or_default())))
        })
        .optional()?
        .flatten();
    let sql = "SELECT min(start) FROM block WHERE sensor = ?1 AND start > ?2";
    let next: Option<i64> =
        connection.prepare_cached(sql)?.query_row(params![sensor, at], |row| row.get(0))?;
    // Without a block nothing is in this hour up to the next block; the hours in between may have some.
    let (from, times) = found.unwrap_or((at, Vec::new()));
    Ok(Looked { from, to: next.unwrap_or(i64::MAX), times })
}

fn acceptable(measured_at: UtcMicros, values: [f64; 3]) -> bool {
    acceptable_time(measured_at.0) && values.iter().all(|value| value.is_finite())
}

fn summary(rows: Vec<RowResult>) -> BatchResult {
    let mut result = BatchResult { stored: 0, duplicate: 0, refused: 0, rows };
    for row in &result.rows {
        match row {
            RowResult::Stored => result.stored += 1,
            RowResult::Duplicate => result.duplicate += 1,
            RowResult::Invalid | RowResult::Forbidden => result.refused += 1,
        }
    }
    result
}
