//! Sensor history: takes readings in, keeps them durably, and answers what charts ask for.
//!
//! [`Telemetry`] is the whole interface. Storing goes through one writer thread with group commit;
//! questions are answered on their own connections and never wait for it. The HTTP layer, the names of
//! sensors and the journal belong to others.

mod types;

use std::collections::HashMap;
use std::path::Path;

use tillwatch_shared::api::{BatchResult, ReadingsSeal, SeriesAnswer};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

pub use types::{
    BackupError, Batch, BatchSensor, Buckets, LastReading, OneReading, OpenError, Options, ReadError,
    SealError, SensorSeen, SeriesError, SeriesRequest, Stats, StoreError, StoredOne,
};

/// The sensor history of one data directory. Clones share it.
#[derive(Clone, Debug)]
pub struct Telemetry {}

impl Telemetry {
    /// Opens or makes `telemetry.sqlite` in `dir` and starts the writer. Blocks: for the start of a program.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let _ = (dir, options);
        Ok(Self {})
    }

    /// Stores one reading. It is on disk when this returns. If the sensor has a reading of that very
    /// microsecond, this one is moved to the next free microsecond, so that it is never lost.
    pub async fn store_one(&self, reading: OneReading) -> Result<StoredOne, StoreError> {
        let _ = reading;
        Err(StoreError::Closed)
    }

    /// Stores a batch: all of its acceptable rows in one transaction, on disk when this returns.
    /// The answer has one result for each row, in the batch's order.
    pub async fn store(&self, batch: Batch) -> Result<BatchResult, StoreError> {
        let _ = batch;
        Err(StoreError::Closed)
    }

    /// All sensors that have sent readings, by id. From memory.
    pub fn sensors(&self) -> Vec<SensorSeen> {
        Vec::new()
    }

    /// One sensor, if it has sent readings. From memory.
    pub fn sensor(&self, id: &SensorId) -> Option<SensorSeen> {
        let _ = id;
        None
    }

    /// Buckets of min, max, mean and count. Blocks: call it where blocking is allowed (`web::block`).
    pub fn series(&self, request: &SeriesRequest) -> Result<SeriesAnswer, SeriesError> {
        let _ = request;
        Err(SeriesError::Busy)
    }

    /// When each API key last stored something, up to a minute late. From memory.
    pub fn keys_used(&self) -> HashMap<ApiKeyId, UtcMicros> {
        HashMap::new()
    }

    /// The readings after `sealed_up_to`, which is the last id that the journal has sealed (0 for none),
    /// as the next seal to journal; `None` if there is none. Asking again with the same id gives the same
    /// seal until the journal has it. A seal covers at most a million readings: ask until `None`. Blocks.
    pub fn seal_pending(&self, sealed_up_to: i64) -> Result<Option<ReadingsSeal>, ReadError> {
        let _ = sealed_up_to;
        Ok(None)
    }

    /// Compares the stored readings with what the journal sealed. Blocks, for long on a long history.
    pub fn verify_seals(&self, seals: &[ReadingsSeal]) -> Result<(), SealError> {
        let _ = seals;
        Ok(())
    }

    /// Copies the history as it is at this moment into a new file, while the writer goes on. Blocks.
    pub fn backup_to(&self, path: &Path) -> Result<(), BackupError> {
        let _ = path;
        Ok(())
    }

    /// Figures for `/metrics`. From memory.
    pub fn stats(&self) -> Stats {
        Stats::default()
    }

    /// Whether the last attempt to write succeeded; the reason if not. From memory.
    pub fn health(&self) -> Result<(), String> {
        Ok(())
    }

    /// Stops taking readings, stores what is queued, and brings everything into the one file. At most a few
    /// seconds. Blocks.
    pub fn close(&self) {}
}
