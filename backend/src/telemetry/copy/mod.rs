//! Carries a history from one engine to the other: readings under their ids, so that what the journal sealed can be
//! proved there, the hours whose readings are no longer kept, sensors, and the use of keys.
//!
//! Readings are written in the order of their ids, each piece in one transaction, so what is there is always a
//! beginning of the whole, and a copy that was cut off goes on behind it. Until it is through the target is marked,
//! and no server starts on it. In the end both sides are read again and compared, piece by piece.

mod pieces;

use std::net::IpAddr;
use std::path::Path;

use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use self::pieces::{compare, hours, readings};
use super::engine::EngineError;
use super::memory::Sensor;
use super::portion::Portion;
use super::rollup::Bucket;
use super::row::Row;
use super::staging::{Moments, Taking};
use super::types::{OpenError, Options, PostgresPlace, ReadError};
use super::{postgres, sqlite};

/// From where to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    IntoPostgres,
    OutOfPostgres,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// What an earlier copy brought is compared with the source.
    ComparingBefore,
    Copying,
    /// What was copied is compared with the source.
    Comparing,
}

/// How far a copy is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub work: Work,
    /// Ids of readings that are through, and how many there are.
    pub done: i64,
    pub of: i64,
}

/// What a copy found and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Readings that were there before.
    pub before: u64,
    pub readings: u64,
    pub sensors: usize,
    /// Hours whose readings are no longer kept.
    pub hours: u64,
}

/// Why a history was not copied, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("PostgreSQL cannot be reached: {0}")]
    Away(String),
    #[error(
        "readings wait in this data directory for PostgreSQL: start the server with its DATABASE_URL first, until \
         /health/ready says ok"
    )]
    Held,
    #[error(
        "the target holds readings that are not those of the source (ids {first_id} to {last_id}): nothing was changed"
    )]
    Other { first_id: i64, last_id: i64 },
    #[error(
        "the target has readings up to {target}, the source only up to {source_has}: nothing was changed"
    )]
    Ahead { target: i64, source_has: i64 },
    #[error("readings {first_id} to {last_id} differ after the copy: do not use the target")]
    Differs { first_id: i64, last_id: i64 },
    #[error("the source cannot be read: {0}")]
    Read(#[from] ReadError),
    #[error("the target cannot be written: {0}; what was copied stays, and the same command goes on")]
    Write(String),
}

impl From<EngineError> for CopyError {
    fn from(error: EngineError) -> Self {
        Self::Write(error.to_string())
    }
}

/// A history but for its readings.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub kept_from: i64,
    /// The last id that was given.
    pub last_id: i64,
    /// Number 1 first.
    pub sensors: Vec<Named>,
    pub keys: Vec<(ApiKeyId, UtcMicros)>,
    /// What retention has dropped: first and last id, and how many.
    pub dropped: Vec<(i64, i64, i64)>,
}

/// A sensor, and its newest reading if that is no longer kept.
#[derive(Debug)]
pub(super) struct Named {
    pub id: SensorId,
    pub last: Option<(Row, Option<IpAddr>)>,
}

impl Outline {
    /// Stages what the outline names; gives the newest readings of sensors that have none any more, with the
    /// target's numbers.
    pub fn stage<M: Moments>(&self, taking: &mut Taking<'_, M>) -> Result<Vec<(u32, Row)>, EngineError> {
        taking.use_keys(&self.keys);
        let mut numbers = Vec::with_capacity(self.sensors.len());
        for named in &self.sensors {
            numbers.push(taking.sensor(&named.id).ok_or_else(too_many)?);
        }
        // What is still kept comes with the readings.
        let mut gone = Vec::new();
        for (number, named) in numbers.into_iter().zip(&self.sensors) {
            if let Some((row, source)) = named.last.filter(|(row, _)| row.taken_at < self.kept_from) {
                gone.push((number, Row { source: taking.source(source), ..row }));
            }
        }
        Ok(gone)
    }
}

impl Named {
    pub fn of(sensor: &Sensor) -> Self {
        Self { id: sensor.id.clone(), last: sensor.last.map(|last| (last, sensor.last_source)) }
    }
}

pub(super) fn too_many() -> EngineError {
    EngineError::Database("too many different sensors".into())
}

/// The hour of a sensor, by the sensor's number in its engine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hour {
    pub sensor: u32,
    pub start: i64,
    pub bucket: Bucket,
}

/// The reading side of an engine, for copies.
pub(super) trait Origin {
    fn outline(&self) -> Result<Outline, ReadError>;

    /// Readings with ids above `after`, as many as it likes to give at once up to `last_id`, and up to which id
    /// these are all.
    fn portion(&self, after: i64, last_id: i64) -> Result<(Portion, i64), ReadError>;

    /// Hours that begin before a moment, in the order of sensor and start, some of those behind `after`; none
    /// means that there are no more.
    fn hours(&self, after: (u32, i64), before: i64) -> Result<Vec<Hour>, ReadError>;
}

/// The writing side of an engine, for copies. Whatever returns is durable.
pub(super) trait Target {
    /// The last id that was given.
    fn last_id(&self) -> i64;

    /// Does all housekeeping that waits: afterwards every reading is counted in its hour, and nothing is there from
    /// before what is kept.
    fn settle(&mut self) -> Result<(), EngineError>;

    /// Marks the history as unfinished and takes what an outline names. Doing it again changes nothing.
    fn adopt_outline(&mut self, outline: &Outline) -> Result<(), EngineError>;

    /// Hours, with this engine's numbers, in place of what there may be.
    fn adopt_hours(&mut self, hours: &[Hour]) -> Result<(), EngineError>;

    /// The number of a sensor.
    fn number(&self, id: &SensorId) -> Option<u32>;

    /// Readings behind all that are there, under their own ids.
    fn adopt(&mut self, portion: &Portion) -> Result<(), EngineError>;

    /// Takes the mark away; from now on ids are given above this one.
    fn finish(&mut self, last_id: i64) -> Result<(), EngineError>;
}

/// An engine, opened for a copy.
struct Side {
    engine: Box<dyn Target>,
    history: Box<dyn Origin>,
}

/// Copies the history of a data directory into a database, or the other way. Whoever calls this holds the
/// directory's lock. Blocks, for as long as it takes.
pub fn copy(
    dir: &Path,
    place: &PostgresPlace,
    direction: Direction,
    progress: &mut dyn FnMut(Progress),
) -> Result<Copied, CopyError> {
    let options = Options::default();
    let database = postgres::open_for_copy(dir, place, &options, direction)?;
    let (engine, history) = sqlite::open_for_copy(dir, &options, direction)?;
    let file = Side { engine: Box::new(engine), history: Box::new(history) };
    let database = Side { engine: Box::new(database.0), history: Box::new(database.1) };
    match direction {
        Direction::IntoPostgres => carry(file, database, progress),
        Direction::OutOfPostgres => carry(database, file, progress),
    }
}

fn carry(mut from: Side, mut to: Side, progress: &mut dyn FnMut(Progress)) -> Result<Copied, CopyError> {
    from.engine.settle()?;
    to.engine.settle()?;
    let outline = from.history.outline()?;
    let Outline { kept_from, last_id, .. } = outline;
    let there = to.engine.last_id();
    if there > last_id {
        return Err(CopyError::Ahead { target: there, source_has: last_id });
    }
    let sides = (&*from.history, &*to.history);
    let mut told = |work, done| progress(Progress { work, done, of: last_id });
    let other = |first_id, last_id| CopyError::Other { first_id, last_id };
    let before = compare(sides, (0, there), kept_from, &other, &mut |at| told(Work::ComparingBefore, at))?;
    to.engine.adopt_outline(&outline)?;
    let hours = hours(sides.0, &mut *to.engine, &outline)?;
    readings(sides.0, &mut *to.engine, (there, last_id), kept_from, &mut |at| told(Work::Copying, at))?;
    let differs = |first_id, last_id| CopyError::Differs { first_id, last_id };
    let readings =
        compare(sides, (there, last_id), kept_from, &differs, &mut |at| told(Work::Comparing, at))?;
    to.engine.settle()?;
    to.engine.finish(last_id)?;
    Ok(Copied { before, readings, sensors: outline.sensors.len(), hours })
}
