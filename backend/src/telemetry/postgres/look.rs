//! Which moments of a sensor are free, where memory does not know it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::engine::{EngineError, Request};
use super::super::staging::{Looked, Moments};
use super::PostgresEngine;
use super::link::{Link, LinkError};
use super::write::{self, Statements};

/// How wide a look for a free moment is.
pub(super) const FREE_MICROS: i64 = 1_000;

impl PostgresEngine {
    /// The moments that memory does not know to be free: (sensor, from, to).
    pub(super) fn late(&self, requests: &[Request]) -> Vec<(u32, i64, i64)> {
        let sensors = self.shared.memory.sensors();
        let mut ranges = Vec::new();
        for request in requests {
            match request {
                Request::One(reading) => {
                    let number = sensors.find(&reading.sensor);
                    let at = reading.measured_at.0;
                    if let Some(number) = number
                        && sensors.get(number).is_some_and(|sensor| at <= sensor.packed_until)
                    {
                        ranges.push((number, at, at.saturating_add(FREE_MICROS)));
                    }
                }
                Request::Many(batch) => {
                    let numbers: Vec<_> =
                        batch.sensors.iter().map(|sensor| sensors.find(&sensor.id)).collect();
                    ranges.extend(batch.rows.iter().filter_map(|row| {
                        let number = numbers.get(usize::from(row.sensor)).copied().flatten()?;
                        let at = row.measured_at.0;
                        let late = at <= sensors.get(number)?.packed_until;
                        late.then_some((number, at, at.saturating_add(1)))
                    }));
                }
            }
        }
        ranges.sort_unstable();
        ranges.dedup();
        ranges
    }
}

/// Looks moments up in the database: those that are wanted at once, others one by one.
pub(super) struct Looking<'a> {
    link: &'a Link,
    statements: &'a Statements,
    /// By sensor and beginning of a range: its end and the stored moments in it.
    seen: BTreeMap<(u32, i64), (i64, Vec<i64>)>,
    failed: Option<LinkError>,
}

impl<'a> Looking<'a> {
    pub fn new(link: &'a Link, statements: &'a Statements) -> Self {
        Self { link, statements, seen: BTreeMap::new(), failed: None }
    }

    /// Why the last look failed.
    pub fn failure(&mut self) -> Option<LinkError> {
        self.failed.take()
    }

    /// Looks at ranges of (sensor, from, to) at once.
    pub fn prefetch(&mut self, ranges: &[(u32, i64, i64)]) -> Result<(), LinkError> {
        if ranges.is_empty() {
            return Ok(());
        }
        let mut found: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
        for (sensor, at) in write::look(self.link, self.statements, ranges)? {
            found.entry(sensor).or_default().insert(at);
        }
        for (sensor, from, to) in ranges {
            let times = found.get(sensor).map(|times| times.range(from..to).copied().collect());
            let seen = self.seen.entry((*sensor, *from)).or_default();
            if seen.0 < *to {
                *seen = (*to, times.unwrap_or_default());
            }
        }
        Ok(())
    }
}

impl Moments for Looking<'_> {
    fn look(&mut self, sensor: u32, at: i64) -> Result<Looked, EngineError> {
        let known = self.seen.range(..=(sensor, at)).next_back();
        let known = known.filter(|((of, _), (to, _))| *of == sensor && at < *to);
        if known.is_none() {
            self.prefetch(&[(sensor, at, at.saturating_add(FREE_MICROS))]).map_err(|error| {
                let told = EngineError::Database(error.to_string());
                self.failed = Some(error);
                told
            })?;
        }
        let known = self.seen.range(..=(sensor, at)).next_back();
        let ((_, from), (to, times)) = known.ok_or(EngineError::Database("nothing was looked up".into()))?;
        Ok(Looked { from: *from, to: *to, times: times.clone() })
    }
}

/// Without the database every moment counts as free; it is looked up when the reading gets there.
pub(super) struct Unknown;

impl Moments for Unknown {
    fn look(&mut self, _: u32, at: i64) -> Result<Looked, EngineError> {
        Ok(Looked { from: at, to: at.saturating_add(1), times: Vec::new() })
    }
}
