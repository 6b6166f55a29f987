//! Who hears of readings once they are stored.

use std::fmt::Debug;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use tillwatch_shared::compact::CompactRow;
use tillwatch_shared::{SensorId, UtcMicros};

use super::engine::{Outcome, Request};
use super::types::{Batch, OneReading, SensorSeen, StoredOne};

/// Hears of every commit, in order, after it is durable. It is called by the thread that writes, so it must
/// neither wait nor work long.
pub trait Listener: Debug + Send + Sync {
    fn stored(&self, stored: &[Arc<Stored>]);
}

/// What one request brought.
#[derive(Debug)]
pub enum Stored {
    One(OneReading, StoredOne),
    /// The batch, and which of its rows were stored under which ids, in the order of the ids.
    Many(Batch, Vec<(usize, i64)>),
}

/// A stored reading.
#[derive(Clone, Copy, Debug)]
pub struct Accepted<'a> {
    pub id: i64,
    pub sensor: &'a SensorId,
    /// Temperature, humidity, pressure.
    pub values: [f64; 3],
    pub measured_at: UtcMicros,
    pub received_at: UtcMicros,
    pub source: Option<IpAddr>,
}

impl Stored {
    /// `None` if nothing was stored.
    pub(super) fn new(request: Request, outcome: &Outcome) -> Option<Self> {
        match (request, outcome) {
            (Request::One(reading), Outcome::One(stored)) => Some(Self::One(reading, *stored)),
            (Request::Many(batch), Outcome::Many(many)) if !many.ids.is_empty() => {
                Some(Self::Many(batch, many.ids.clone()))
            }
            (
                Request::One(_) | Request::Many(_),
                Outcome::One(_) | Outcome::Many(_) | Outcome::Refused(_),
            ) => None,
        }
    }

    /// How many readings these are.
    pub fn len(&self) -> usize {
        match self {
            Self::One(..) => 1,
            Self::Many(_, ids) => ids.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some of the readings, in the order of their ids.
    pub fn readings(&self, range: &Range<usize>) -> Box<dyn Iterator<Item = Accepted<'_>> + '_> {
        match self {
            Self::One(reading, stored) => Box::new(std::iter::once(Accepted {
                id: stored.id,
                sensor: &reading.sensor,
                values: reading.values,
                measured_at: stored.measured_at,
                received_at: reading.received_at,
                source: reading.source,
            })),
            Self::Many(batch, ids) => {
                let ids = ids.get(range.clone()).unwrap_or_default();
                Box::new(ids.iter().filter_map(move |(place, id)| {
                    let CompactRow { sensor, measured_at, values } = *batch.rows.get(*place)?;
                    let sensor = &batch.sensors.get(usize::from(sensor))?.id;
                    let (received_at, source) = (batch.received_at, batch.source);
                    Some(Accepted { id: *id, sensor, values, measured_at, received_at, source })
                }))
            }
        }
    }
}

impl From<SensorSeen> for Stored {
    fn from(seen: SensorSeen) -> Self {
        let reading = seen.last.reading;
        let one = OneReading {
            sensor: seen.id,
            values: [reading.temperature, reading.humidity, reading.pressure],
            measured_at: reading.measured_at,
            received_at: reading.received_at,
            source: seen.last.source,
            key: None,
        };
        Self::One(one, StoredOne { id: seen.last.id, measured_at: reading.measured_at })
    }
}
