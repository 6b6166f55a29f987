//! Deciding what becomes of readings before they are written: checks, duplicates, ids. The same for every
//! engine; only how a moment is looked up differs.
//!
//! Whatever a transaction brings is collected in [`Staged`] and becomes part of the memory after the commit,
//! so a transaction that fails leaves nothing behind.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tillwatch_shared::api::{BatchResult, RowResult};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use super::engine::{EngineError, Outcome, Request};
use super::memory::{Memory, Sensor, Sensors, Sources};
use super::names::{Names, acceptable_id};
use super::portion::Portion;
use super::row::{Row, acceptable_time, has_time, merge_sorted};
use super::seal::Sealer;
use super::types::{Batch, OneReading, StoreError, StoredMany, StoredOne};

/// How an engine finds out about moments that are no longer in memory.
pub(super) trait Moments {
    /// What is stored of a sensor around a moment.
    fn look(&mut self, sensor: u32, at: i64) -> Result<Looked, EngineError>;
}

impl<M: Moments + ?Sized> Moments for &mut M {
    fn look(&mut self, sensor: u32, at: i64) -> Result<Looked, EngineError> {
        (**self).look(sensor, at)
    }
}

/// What a transaction adds.
#[derive(Debug)]
pub(super) struct Staged {
    pub next_id: i64,
    /// In the order of their ids, with their sensors' numbers.
    pub fresh: Vec<(u32, Row)>,
    /// The same by sensor.
    pub runs: HashMap<u32, Run>,
    new_names: Names,
    pub new_sensors: Vec<SensorId>,
    pub new_sources: Vec<IpAddr>,
    pub used_keys: HashMap<ApiKeyId, UtcMicros>,
}

/// What a transaction adds to one sensor.
#[derive(Debug)]
pub(super) struct Run {
    /// Sorted by measured time.
    pub rows: Vec<Row>,
    /// The newest measured time, stored or in `rows`. Above it every moment is free.
    newest: i64,
    looked: Option<Looked>,
}

/// What was looked up last for a late reading.
#[derive(Debug)]
pub(super) struct Looked {
    /// The moments that it says something about; `to` is not included.
    pub from: i64,
    pub to: i64,
    /// Sorted.
    pub times: Vec<i64>,
}

impl Staged {
    pub fn new(next_id: i64) -> Self {
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

    pub fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.used_keys.is_empty()
    }

    /// Adds a reading whose id and moment are settled.
    pub fn stage(&mut self, sensor: u32, row: Row) {
        self.fresh.push((sensor, row));
        let fresh = || Run { rows: Vec::new(), newest: i64::MIN, looked: None };
        merge_sorted(&mut self.runs.entry(sensor).or_insert_with(fresh).rows, &[row]);
    }

    /// After the commit: the memory takes what is stored.
    pub fn publish(self, memory: &Memory, sources: &mut Sources, sealer: &Mutex<Sealer>) {
        self.new_sources.iter().for_each(|address| sources.push(*address));
        let mut sensors = memory.sensors_mut();
        self.new_sensors.into_iter().for_each(|id| sensors.push(Sensor::new(id)));
        for (number, run) in self.runs {
            let Some(sensor) = sensors.get_mut(number) else { continue };
            for row in &run.rows {
                sensor.note_last(row, |number| sources.address(number));
            }
            merge_sorted(&mut sensor.recent, &run.rows);
        }
        drop(sensors);
        if !self.used_keys.is_empty() {
            memory.keys_mut().extend(self.used_keys);
        }
        let sensors = memory.sensors();
        let mut sealer = sealer.lock().unwrap_or_else(PoisonError::into_inner);
        for (number, row) in &self.fresh {
            let sensor = sensors.get(*number).map_or("", |sensor| &*sensor.text);
            sealer.add(row, sensor, sources.text(row.source));
        }
    }
}

/// One transaction at work.
pub(super) struct Taking<'a, M> {
    pub moments: M,
    pub sensors: &'a Sensors,
    pub sources: &'a Sources,
    pub keys: &'a HashMap<ApiKeyId, UtcMicros>,
    pub sensor_limit: usize,
    /// Readings measured before this are not taken.
    pub kept_from: i64,
    pub staged: &'a mut Staged,
}

impl<M: Moments> Taking<'_, M> {
    pub fn request(&mut self, request: &Request) -> Result<Outcome, EngineError> {
        match request {
            Request::One(reading) => self.one(reading),
            Request::Many(batch) => self.many(batch).map(Outcome::Many),
        }
    }

    fn one(&mut self, reading: &OneReading) -> Result<Outcome, EngineError> {
        if !self.acceptable(reading.measured_at, reading.values) || !acceptable_id(&reading.sensor) {
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

    fn many(&mut self, batch: &Batch) -> Result<StoredMany, EngineError> {
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
    ) -> Result<(), EngineError> {
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
            ids.push((place, id));
            rows.push(Row { id, taken_at, received_at: batch.received_at.0, source, values: row.values });
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
            } else if self.acceptable(row.measured_at, row.values)
                && let Some(number) = *number.get_or_insert_with(|| self.sensor(&sensor.id))
            {
                order.push((number, row.measured_at.0, place));
            }
        }
        order.sort_unstable();
        order
    }

    fn acceptable(&self, measured_at: UtcMicros, values: [f64; 3]) -> bool {
        acceptable_time(measured_at.0)
            && measured_at.0 >= self.kept_from
            && values.iter().all(|value| value.is_finite())
    }

    /// Adds readings of a portion, whose ids and moments were settled elsewhere. False if there are too many
    /// sensors.
    pub fn adopt(&mut self, portion: &Portion, rows: &[(u32, Row)]) -> bool {
        let mut by_sensor: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
        let mut numbers: HashMap<u32, Option<u32>> = HashMap::new();
        for (place, row) in rows {
            let id = usize::try_from(*place).ok().and_then(|place| portion.sensors.get(place));
            let number = numbers.entry(*place).or_insert_with(|| self.sensor(id?));
            let Some(number) = *number else { return false };
            let row = Row { source: self.source(portion.source(row.source)), ..*row };
            self.staged.fresh.push((number, row));
            self.staged.next_id = row.id + 1;
            by_sensor.entry(number).or_default().push(row);
        }
        for (number, mut rows) in by_sensor {
            rows.sort_unstable_by_key(|row| row.taken_at);
            merge_sorted(&mut run(&mut self.staged.runs, self.sensors, number).rows, &rows);
        }
        true
    }

    /// The sensor's number, a new one if it is new; `None` if there are too many.
    pub fn sensor(&mut self, id: &SensorId) -> Option<u32> {
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
    pub fn source(&mut self, address: Option<IpAddr>) -> u16 {
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

    /// Takes the use of keys over, where it is later than what is known.
    pub fn use_keys(&mut self, used: &[(ApiKeyId, UtcMicros)]) {
        let known = self.keys;
        let later = used.iter().filter(|(key, at)| known.get(key).is_none_or(|written| written < at));
        self.staged.used_keys.extend(later.copied());
    }

    fn use_key(&mut self, key: Option<ApiKeyId>, at: UtcMicros) {
        let Some(key) = key else { return };
        if self.keys.get(&key).is_none_or(|written| is_worth_noting(*written, at)) {
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
    fn is_free(&mut self, number: u32, at: i64) -> Result<bool, EngineError> {
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
            run.looked = Some(self.moments.look(number, at)?);
        }
        Ok(run.looked.as_ref().is_none_or(|looked| looked.times.binary_search(&at).is_err()))
    }
}

/// Whether the use of a key is written again: when the one that is written is a minute old.
pub(super) fn is_worth_noting(written: UtcMicros, at: UtcMicros) -> bool {
    at.since(written) >= MINUTE
}

fn run<'a>(runs: &'a mut HashMap<u32, Run>, sensors: &Sensors, number: u32) -> &'a mut Run {
    runs.entry(number).or_insert_with(|| {
        let newest = sensors.get(number).map_or(i64::MIN, Sensor::newest);
        Run { rows: Vec::new(), newest, looked: None }
    })
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
