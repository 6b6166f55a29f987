//! What an engine keeps in memory: sensors with their newest reading and their readings that wait for
//! housekeeping, and who sent them. The writer changes it, after the commit; everybody reads it. Nobody who reads waits for the
//! disk: the lock to write is never held during I/O.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tillwatch_shared::api::Reading;
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use super::block::Block;
use super::names::Names;
use super::row::Row;
use super::types::{LastReading, SensorSeen};

/// The numbers of the addresses that sent readings.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub numbers: HashMap<IpAddr, u16>,
    /// Number 1 first.
    pub list: Vec<(IpAddr, Box<str>)>,
}

impl Sources {
    pub fn get(&self, number: u16) -> Option<&(IpAddr, Box<str>)> {
        self.list.get(usize::from(number).checked_sub(1)?)
    }

    pub fn address(&self, number: u16) -> Option<IpAddr> {
        self.get(number).map(|(address, _)| *address)
    }

    pub fn text(&self, number: u16) -> &str {
        self.get(number).map_or("", |(_, text)| text)
    }

    pub fn push(&mut self, address: IpAddr) {
        if let Ok(number) = u16::try_from(self.list.len() + 1) {
            self.list.push((address, address.to_string().into()));
            self.numbers.insert(address, number);
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Memory {
    sensors: RwLock<Sensors>,
    keys: RwLock<HashMap<ApiKeyId, UtcMicros>>,
}

impl Memory {
    pub fn sensors(&self) -> RwLockReadGuard<'_, Sensors> {
        self.sensors.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn sensors_mut(&self) -> RwLockWriteGuard<'_, Sensors> {
        self.sensors.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// When each key was used, as far as it is stored.
    pub fn keys(&self) -> RwLockReadGuard<'_, HashMap<ApiKeyId, UtcMicros>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds what another one held.
    pub fn become_other(&self, other: Self) {
        let Self { sensors, keys } = other;
        *self.sensors_mut() = sensors.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.keys_mut() = keys.into_inner().unwrap_or_else(PoisonError::into_inner);
    }

    pub fn keys_mut(&self) -> RwLockWriteGuard<'_, HashMap<ApiKeyId, UtcMicros>> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
pub(super) struct Sensors {
    names: Names,
    /// Number 1 first.
    list: Vec<Sensor>,
}

#[derive(Debug)]
pub(super) struct Sensor {
    /// As it was sent first.
    pub id: SensorId,
    pub text: Box<str>,
    /// The newest reading: see [`Row::shown_at`]. Absent only while the file is opened.
    pub last: Option<Row>,
    pub last_source: Option<IpAddr>,
    /// Sorted by measured time.
    pub recent: Vec<Row>,
    /// The newest measured time of what is no longer in `recent`; below all times if there is nothing.
    pub packed_until: i64,
}

impl Sensor {
    /// One without readings.
    pub fn new(id: SensorId) -> Self {
        let text = id.to_string().into();
        Self { id, text, last: None, last_source: None, recent: Vec::new(), packed_until: i64::MIN }
    }

    /// From a table of sensors, where the newest of its packed readings is a block of one row.
    pub fn stored(
        text: String,
        is_number: bool,
        last: Option<&[u8]>,
        packed_until: Option<i64>,
        sources: &Sources,
    ) -> Self {
        let number = if is_number { text.parse().ok() } else { None };
        let last = last.and_then(|bytes| Block::parse(bytes).ok()).and_then(|block| block.rows().pop());
        Self {
            id: number.map_or_else(|| SensorId::Text(text.clone()), SensorId::Number),
            text: text.into(),
            last,
            last_source: last.and_then(|last| sources.address(last.source)),
            recent: Vec::new(),
            packed_until: packed_until.unwrap_or(i64::MIN),
        }
    }

    /// The newest measured time of all that is stored.
    pub fn newest(&self) -> i64 {
        self.packed_until.max(self.recent.last().map_or(i64::MIN, |row| row.taken_at))
    }

    pub fn seen(&self) -> Option<SensorSeen> {
        let row = self.last.as_ref()?;
        let [temperature, humidity, pressure] = row.values;
        let reading = Reading {
            temperature,
            raw_temperature: None,
            humidity,
            pressure,
            measured_at: UtcMicros(row.taken_at),
            received_at: UtcMicros(row.received_at),
        };
        let last = LastReading { id: row.id, reading, source: self.last_source };
        Some(SensorSeen { id: self.id.clone(), last })
    }

    /// Keeps the reading as the newest if it is.
    pub fn note_last(&mut self, row: &Row, source: impl Fn(u16) -> Option<IpAddr>) {
        if self.last.is_none_or(|last| last.shown_at() < row.shown_at()) {
            self.last = Some(*row);
            self.last_source = source(row.source);
        }
    }
}

impl Sensors {
    pub fn find(&self, id: &SensorId) -> Option<u32> {
        self.names.find(id)
    }

    pub fn get(&self, number: u32) -> Option<&Sensor> {
        self.list.get(place(number)?)
    }

    pub fn get_mut(&mut self, number: u32) -> Option<&mut Sensor> {
        self.list.get_mut(place(number)?)
    }

    pub fn all(&self) -> &[Sensor] {
        &self.list
    }

    /// Sensors with readings in `recent`.
    pub fn unpacked(&self) -> Vec<u32> {
        (1..)
            .zip(&self.list)
            .filter(|(_, sensor)| !sensor.recent.is_empty())
            .map(|(number, _)| number)
            .collect()
    }

    /// Takes the next number.
    pub fn push(&mut self, sensor: Sensor) {
        if let Ok(number) = u32::try_from(self.list.len() + 1) {
            self.names.insert(&sensor.id, number);
            self.list.push(sensor);
        }
    }
}

fn place(number: u32) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}
