//! What a database must do to keep the sensor history. The writer and [`super::Telemetry`] know only
//! these two traits. Neither has default bodies: an engine that lacks something does not compile.

use std::collections::HashMap;
use std::fmt::Debug;
use std::path::Path;
use std::time::{Duration, Instant};

use tillwatch_shared::api::{ReadingsSeal, Series};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use super::row::Row;
use super::series::Plan;
use super::types::{Batch, OneReading, ReadError, SealError, SensorSeen, StoreError, StoredMany, StoredOne};

/// One caller's readings.
#[derive(Debug)]
pub(super) enum Request {
    One(OneReading),
    Many(Batch),
}

impl Request {
    /// Readings in it; at least 1, so that a queue of requests is bounded by its readings.
    pub fn readings(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(batch) => batch.rows.len().max(1),
        }
    }
}

/// What became of a request.
#[derive(Debug)]
pub(super) enum Outcome {
    One(StoredOne),
    Many(StoredMany),
    Refused(StoreError),
}

/// Why a transaction failed. All of it was rolled back, in the database and in memory.
#[derive(Debug, thiserror::Error)]
pub(super) enum EngineError {
    #[error("{0}")]
    Database(String),
    #[error("packing of earlier readings keeps failing, and no more fit in memory")]
    Full,
    #[error("readings in PostgreSQL are no part of a group's log: set the same on all servers of the group")]
    NoMember,
    #[error("the copy of the sensor history is not one that this program knows")]
    OtherCopy,
}

/// The writing half. One thread owns it.
pub(super) trait Engine: Send {
    /// Stores what the requests bring in one durable transaction, and gives each its outcome, in their order.
    /// An error means that nothing of any request is stored.
    fn commit(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, EngineError>;

    /// The same for requests that a group has agreed on, each with the moment from which on readings are kept, and
    /// in one transaction with the mark that comes with them.
    fn agree(&mut self, requests: &[(Request, i64)], mark: &[u8]) -> Result<Vec<Outcome>, EngineError>;

    /// The mark that came last.
    fn mark(&self) -> Result<Option<Vec<u8>>, EngineError>;

    /// Becomes what this copy of another member's history is.
    fn replace(&mut self, copy: &Path) -> Result<(), EngineError>;

    /// A bounded piece of housekeeping. Called after each commit, when its callers have their answers.
    fn tidy(&mut self) -> Result<(), EngineError>;

    /// Writes something that changes nothing, to learn whether the disk takes it again.
    fn probe(&mut self) -> Result<(), EngineError>;

    /// When it wants [`tidy`](Self::tidy) although nothing comes; `None`: never.
    fn wakes_after(&self) -> Option<Duration>;

    /// Leaves everything where it belongs.
    fn close(&mut self) -> Result<(), EngineError>;
}

/// The reading half. Many threads share it, and none of them waits for the writer.
pub(super) trait History: Debug + Send + Sync {
    fn sensors(&self) -> Vec<SensorSeen>;

    fn sensor(&self, id: &SensorId) -> Option<SensorSeen>;

    fn sensor_count(&self) -> usize;

    /// Readings that wait for housekeeping.
    fn recent_count(&self) -> usize;

    fn keys_used(&self) -> HashMap<ApiKeyId, UtcMicros>;

    fn key_used(&self, key: ApiKeyId) -> Option<UtcMicros>;

    /// One series for each sensor, in their order, all from one state of the history.
    fn series(&self, sensors: &[SensorId], plan: &Plan) -> Result<Vec<Series>, ReadError>;

    /// The readings of a sensor, sorted by measured time; `to` is not included.
    fn readings(&self, sensor: &SensorId, from: i64, to: i64) -> Result<Vec<Row>, ReadError>;

    fn seal_pending(&self, sealed_up_to: i64) -> Result<Option<ReadingsSeal>, ReadError>;

    fn verify_seals(&self, seals: &[ReadingsSeal]) -> Result<(), SealError>;

    /// The path is free.
    fn backup_to(&self, path: &Path) -> Result<(), ReadError>;

    /// What waits on disk for a database that is away.
    fn held(&self) -> Held;
}

/// Readings that wait on disk because their database is away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Why it is away; `None` if it is there.
    pub away: Option<Away>,
    pub bytes: u64,
    pub readings: u64,
    /// The most bytes that may wait.
    pub room: u64,
}

/// Why a database is away, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Away {
    pub reason: String,
    pub since: Instant,
}
