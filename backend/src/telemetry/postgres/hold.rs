//! The way into the file and out of it: what is taken while the database is away, and its replay.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use tillwatch_shared::SensorId;

use super::super::engine::{EngineError, Outcome};
use super::super::memory::Sensor;
use super::super::portion::Portion;
use super::super::row::Row;
use super::super::staging::Staged;
use super::link::LinkError;
use super::look::FREE_MICROS;
use super::spool::{Record, SpoolError};
use super::write;
use super::{PostgresEngine, gone};

/// How long the replay goes on before new readings get their turn.
const TURN: Duration = Duration::from_millis(200);

impl From<SpoolError> for EngineError {
    fn from(error: SpoolError) -> Self {
        Self::Database(error.to_string())
    }
}

impl PostgresEngine {
    /// Keeps a commit in the file. Its number and its ids are used up also if that fails: the database may have
    /// it all the same.
    pub(super) fn hold(
        &mut self,
        staged: &Staged,
        outcomes: Vec<Outcome>,
    ) -> Result<Vec<Outcome>, EngineError> {
        let first_id = staged.fresh.first().map_or(staged.next_id, |(_, row)| row.id);
        self.next_id = staged.next_id;
        let record = self.record(staged, first_id, &outcomes);
        self.spool.append(&record)?;
        if let Err(error) = self.spool.set_aside(self.next_id) {
            tracing::warn!(%error, "ids could not be set aside for a start without PostgreSQL");
        }
        self.remember(&record);
        self.note_held();
        Ok(outcomes)
    }

    /// The same with texts in place of the database's numbers.
    fn record(&self, staged: &Staged, first_id: i64, outcomes: &[Outcome]) -> Record {
        let known = self.shared.memory.sensors();
        let count = known.all().len();
        let id_of = |number: u32| {
            let place = usize::try_from(number).unwrap_or_default();
            let fresh = || staged.new_sensors.get(place.saturating_sub(count + 1)).cloned();
            known.get(number).map(|sensor| sensor.id.clone()).or_else(fresh)
        };
        let address_of = |number: u16| {
            let fresh = || {
                let place = usize::from(number).checked_sub(self.sources.list.len() + 1)?;
                staged.new_sources.get(place).copied()
            };
            self.sources.address(number).or_else(fresh)
        };
        let Portion { sensors, sources, rows } = Portion::new(&staged.fresh, id_of, address_of);
        let single = |outcome: &Outcome| match outcome {
            Outcome::One(one) => u32::try_from(one.id - first_id).ok(),
            Outcome::Many(_) | Outcome::Refused(_) => None,
        };
        Record {
            commit: self.commit,
            first_id,
            sensors,
            sources,
            keys: staged.used_keys.iter().map(|(key, at)| (*key, *at)).collect(),
            singles: outcomes.iter().filter_map(single).collect(),
            rows,
        }
    }

    /// Puts what waits in the file into memory: sensors exist, and their newest reading is seen.
    pub(super) fn remember_held(&mut self) -> std::io::Result<()> {
        let mut waiting = Vec::new();
        let known = self.known.last_commit;
        self.spool.each(|record| {
            if record.commit > known {
                waiting.push(record.clone());
            }
        })?;
        for record in &waiting {
            self.remember(record);
        }
        self.note_held();
        Ok(())
    }

    fn remember(&mut self, record: &Record) {
        let sources = self.source_numbers(record);
        let mut sensors = self.shared.memory.sensors_mut();
        for (place, row) in &record.rows {
            let id = usize::try_from(*place).ok().and_then(|place| record.sensors.get(place));
            let Some(id) = id else { continue };
            if sensors.find(id).is_none() {
                sensors.push(Sensor::new(id.clone()));
            }
            let Some(sensor) = sensors.find(id).and_then(|number| sensors.get_mut(number)) else { continue };
            let row = Row { source: sources.get(&row.source).copied().unwrap_or_default(), ..*row };
            sensor.note_last(&row, |number| self.sources.address(number));
            sensor.packed_until = sensor.packed_until.max(row.taken_at);
        }
        drop(sensors);
        self.shared.memory.keys_mut().extend(record.keys.iter().copied());
    }

    /// From a record's numbers of sources to those in use. New ones get one.
    fn source_numbers(&mut self, record: &Record) -> HashMap<u16, u16> {
        let mut numbers = HashMap::new();
        for (place, address) in (1_u16..).zip(&record.sources) {
            if !self.sources.numbers.contains_key(address) {
                self.sources.push(*address);
            }
            numbers.insert(place, self.sources.numbers.get(address).copied().unwrap_or_default());
        }
        numbers
    }

    /// Brings held commits into the database, oldest first, for a bounded time.
    pub(super) fn replay(&mut self) -> Result<(), LinkError> {
        let begun = Instant::now();
        let broken = |error: std::io::Error| LinkError::Away(format!("held readings: {error}"));
        while self.open.is_some() && begun.elapsed() < TURN {
            let Some((record, end)) = self.spool.front().map_err(broken)? else { return Ok(()) };
            if record.commit > self.known.last_commit {
                self.apply(&record)?;
            }
            self.spool.advance(&record, end).map_err(broken)?;
            self.note_held();
            if self.spool.is_empty() {
                tracing::info!("what was held on disk is in PostgreSQL");
            }
        }
        Ok(())
    }

    fn apply(&mut self, record: &Record) -> Result<(), LinkError> {
        let mut staged = Staged::new(record.next_id());
        staged.used_keys = record.keys.iter().copied().collect();
        self.settle(record, &mut staged)?;
        if let Some((_, last)) = staged.fresh.last() {
            staged.next_id = staged.next_id.max(last.id + 1);
        }
        let commit = std::mem::replace(&mut self.commit, record.commit);
        let sent = self.send(&staged);
        self.commit = commit;
        sent?;
        self.publish(staged);
        Ok(())
    }

    /// Gives the readings of a record their numbers, drops repeats, moves single ones to free moments.
    fn settle(&mut self, record: &Record, staged: &mut Staged) -> Result<(), LinkError> {
        let sources = self.source_numbers(record);
        let singles: BTreeSet<u32> = record.singles.iter().copied().collect();
        let numbers = self.sensor_numbers(&record.sensors);
        let number_of = |place: u32| numbers.get(usize::try_from(place).ok()?).copied();
        let mut ranges = Vec::with_capacity(record.rows.len());
        for (at, (place, row)) in (0_u32..).zip(&record.rows) {
            let Some(number) = number_of(*place) else { continue };
            let width = if singles.contains(&at) { FREE_MICROS } else { 1 };
            ranges.push((number, row.taken_at, row.taken_at.saturating_add(width)));
        }
        let Some((link, statements)) = &self.open else { return Err(gone()) };
        let mut taken: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
        for (sensor, at) in write::look(link, statements, &ranges)? {
            taken.entry(sensor).or_default().insert(at);
        }
        // Ids that somebody else used meanwhile are given anew.
        let shift = (self.known.last_id + 1 - record.first_id).max(0);
        if shift > 0 {
            tracing::warn!(shift, "held readings get other ids: their own are in use in this database");
        }
        for (at, (place, row)) in (0_u32..).zip(&record.rows) {
            let Some(number) = number_of(*place) else { continue };
            let times = taken.entry(number).or_default();
            let mut taken_at = row.taken_at;
            if singles.contains(&at) {
                while times.contains(&taken_at) {
                    taken_at += 1;
                }
            }
            if !times.insert(taken_at) {
                continue;
            }
            let source = sources.get(&row.source).copied().unwrap_or_default();
            staged.stage(number, Row { id: row.id + shift, taken_at, source, ..*row });
        }
        Ok(())
    }

    /// The numbers of sensors that a record names. Those that nobody knows yet come to be.
    fn sensor_numbers(&self, ids: &[SensorId]) -> Vec<u32> {
        let mut sensors = self.shared.memory.sensors_mut();
        ids.iter()
            .filter_map(|id| {
                if sensors.find(id).is_none() {
                    sensors.push(Sensor::new(id.clone()));
                }
                sensors.find(id)
            })
            .collect()
    }

    /// Sensors that the database does not have: those that only held readings named, and new ones.
    pub(super) fn unknown_sensors(&self, fresh: &[SensorId]) -> Vec<(u32, String, bool)> {
        let sensors = self.shared.memory.sensors();
        let known = usize::try_from(self.known.sensors).unwrap_or(usize::MAX);
        let held = sensors.all().get(known..).unwrap_or_default().iter().map(|sensor| &sensor.id);
        (self.known.sensors + 1..)
            .zip(held.chain(fresh))
            .map(|(number, id)| {
                let is_number = match id {
                    SensorId::Number(_) => true,
                    SensorId::Text(_) => false,
                };
                (number, id.to_string(), is_number)
            })
            .collect()
    }

    pub(super) fn unknown_sources(&self, fresh: &[std::net::IpAddr]) -> Vec<(u16, String)> {
        let held = self.sources.list.get(self.known.sources..).unwrap_or_default();
        let first = u16::try_from(self.known.sources + 1).unwrap_or(u16::MAX);
        (first..)
            .zip(held.iter().map(|(address, _)| address).chain(fresh))
            .map(|(number, address)| (number, address.to_string()))
            .collect()
    }
}
