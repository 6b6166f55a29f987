//! What goes into the sensor history and what comes out of it, and the errors of this layer.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tillwatch_shared::api::{BatchResult, NewReading, Reading};
use tillwatch_shared::compact::{CompactBatch, CompactRow};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use super::row::Row;
use crate::clock::Clock;

/// Bounds and sizes. The default suits a server.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Readings that may wait for the writer. A request that would go beyond is refused as busy.
    pub queue_readings: usize,
    /// Connections that answer questions at the same time.
    pub readers: usize,
    /// Readings that stay in the log and in memory before they are packed into blocks.
    pub recent_readings: usize,
    /// Different sensors that may exist, so that a device that invents names cannot fill the memory.
    pub sensors: usize,
    /// The most pages of 4 KiB that the file may have, so that the history cannot take the disk that the
    /// ledger needs. `None`: no limit but the disk.
    pub file_pages: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_readings: 200_000,
            readers: 4,
            recent_readings: 65_536,
            sensors: 100_000,
            file_pages: None,
        }
    }
}

/// Where the sensor history is kept.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a file of the data directory.
    Embedded {
        /// As [`PostgresPlace::keep_days`], a day at a time.
        keep_days: Option<u32>,
    },
    Postgres(PostgresPlace),
}

/// A history in PostgreSQL.
#[derive(Clone, Debug)]
pub struct PostgresPlace {
    pub url: DatabaseUrl,
    /// After how many days readings are dropped, a week at a time; `None`: never. Hours stay.
    pub keep_days: Option<u32>,
    /// The most bytes that may wait on disk while PostgreSQL is away.
    pub spool_bytes: u64,
}

/// How long readings are kept, and by which clock.
#[derive(Clone, Debug)]
pub(super) struct Keep {
    pub days: u32,
    pub clock: Clock,
}

/// A connection URL, which may hold a password. Its debug form says nothing.
#[derive(Clone)]
pub struct DatabaseUrl(pub String);

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl")
    }
}

/// How the sensor history is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Good,
    /// Readings are taken, and held on disk until the database is back; charts wait.
    Holding {
        reason: String,
        readings: u64,
        bytes: u64,
    },
    /// Readings are refused.
    Failing(String),
}

/// Readings that wait on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// How long the database has been away.
    pub away_for: Duration,
    pub readings: u64,
    pub bytes: u64,
    /// The most bytes that may wait.
    pub room_bytes: u64,
    /// No more are taken.
    pub refused: bool,
}

/// A single reading, as `POST /api/temperature_reading` brings it.
#[derive(Clone, Debug)]
pub struct OneReading {
    pub sensor: SensorId,
    /// Temperature, humidity, pressure.
    pub values: [f64; 3],
    pub measured_at: UtcMicros,
    pub received_at: UtcMicros,
    /// Who sent it.
    pub source: Option<IpAddr>,
    /// The key that it came with, if the key has an id.
    pub key: Option<ApiKeyId>,
}

/// What became of a single reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredOne {
    pub id: i64,
    /// As stored: later by the microseconds that it took to find a free moment.
    pub measured_at: UtcMicros,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMany {
    pub result: BatchResult,
    /// The stored rows in the order of their ids: place in the batch, and id.
    pub ids: Vec<(usize, i64)>,
}

/// Readings with their own measured times; at most [`tillwatch_shared::limits::BATCH_READINGS`].
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub sensors: Vec<BatchSensor>,
    /// The `sensor` of each row is an index into `sensors`.
    pub rows: Vec<CompactRow>,
    pub received_at: UtcMicros,
    pub source: Option<IpAddr>,
    pub key: Option<ApiKeyId>,
}

/// A sensor that a batch names.
#[derive(Clone, Debug)]
pub struct BatchSensor {
    pub id: SensorId,
    /// False if the key may not write it: its rows are answered `Forbidden`.
    pub allowed: bool,
}

impl Batch {
    /// From the JSON form. All sensors are allowed; the caller may take that back.
    /// More readings than a batch may have give `None`.
    pub fn from_readings(readings: Vec<NewReading>) -> Option<Self> {
        if readings.len() > tillwatch_shared::limits::BATCH_READINGS {
            return None;
        }
        let mut numbers = std::collections::HashMap::new();
        let mut batch = Self { rows: Vec::with_capacity(readings.len()), ..Self::default() };
        for reading in readings {
            let NewReading { sensor_id, temperature, humidity, pressure, measured_at, .. } = reading;
            let sensor = if let Some(known) = numbers.get(&sensor_id) {
                *known
            } else {
                let next = u16::try_from(batch.sensors.len()).ok()?;
                batch.sensors.push(BatchSensor { id: sensor_id.clone(), allowed: true });
                numbers.insert(sensor_id, next);
                next
            };
            batch.rows.push(CompactRow { sensor, measured_at, values: [temperature, humidity, pressure] });
        }
        Some(batch)
    }

    /// From the compact form. All sensors are allowed; the caller may take that back.
    pub fn from_compact(compact: CompactBatch) -> Self {
        let sensors = compact.sensors.into_iter().map(|id| BatchSensor { id, allowed: true }).collect();
        Self { sensors, rows: compact.rows, ..Self::default() }
    }
}

/// A sensor that has sent readings.
#[derive(Clone, Debug, PartialEq)]
pub struct SensorSeen {
    /// As it was sent first: a number or a text. `5` and `"5"` are one sensor.
    pub id: SensorId,
    /// The newest reading by its measured time, or by when it came if it claims to be from the future.
    pub last: LastReading,
}

/// The newest reading of a sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct LastReading {
    pub id: i64,
    pub reading: Reading,
    /// Who sent it.
    pub source: Option<IpAddr>,
}

/// A reading as it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    pub at: UtcMicros,
    pub received_at: UtcMicros,
    /// Temperature, humidity, pressure.
    pub values: [f64; 3],
}

impl From<&Row> for Measured {
    fn from(row: &Row) -> Self {
        Self { at: UtcMicros(row.taken_at), received_at: UtcMicros(row.received_at), values: row.values }
    }
}

/// A question for series.
#[derive(Clone, Debug)]
pub struct SeriesRequest {
    /// At most [`tillwatch_shared::limits::SERIES_SENSORS`]. One without readings gets an empty series.
    pub sensors: Vec<SensorId>,
    pub from: UtcMicros,
    /// Not included.
    pub to: UtcMicros,
    pub buckets: Buckets,
}

/// How finely a series is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buckets {
    /// The finest usual step that gives at most so many buckets.
    Points(u32),
    /// Exactly this step, to go on with a series that is there already.
    StepMicros(i64),
}

/// Figures for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Readings that wait for the writer.
    pub queued: u64,
    /// Readings stored since the start.
    pub stored: u64,
    /// Readings refused since the start because the queue was full.
    pub busy: u64,
    /// Transactions that stored readings since the start.
    pub commits: u64,
    /// How long the last of them took, in microseconds.
    pub last_commit_micros: u64,
    /// Readings that are not packed yet.
    pub recent: u64,
    /// Sensors that have sent readings.
    pub sensors: u64,
    /// Readings that wait on disk because their database is away, and the bytes that they take.
    pub held: u64,
    pub held_bytes: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "{path} was written by a newer Tillwatch (form {found}; this program knows up to {known}). \
         Start the newer program, or restore the backup that it made."
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("{path} cannot be opened as sensor history: {reason}")]
    Database { path: PathBuf, reason: String },
    #[error("{0}")]
    Postgres(String),
    #[error(
        "{0} holds a copy of the readings that is not finished: run `tillwatch-server telemetry copy` again"
    )]
    Unfinished(String),
    #[error("{}: readings cannot be held on disk: {reason}", dir.display())]
    Spool { dir: PathBuf, reason: std::io::Error },
    #[error("the writer of the sensor history could not be started: {0}")]
    Thread(std::io::Error),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The queue is full: try again in a moment.
    #[error("too many readings are waiting to be stored")]
    Busy,
    /// The disk is full or fails. Nothing of the request was stored.
    #[error("the sensor history cannot be written")]
    Unavailable,
    /// The single reading's sensor id, time or a value is not acceptable.
    #[error("the reading is not acceptable")]
    Invalid,
    /// The single reading would be one sensor too many: see [`Options::sensors`].
    #[error("too many different sensors")]
    TooManySensors,
    /// More rows or sensors than a batch may have, or a row that names no sensor of the batch.
    #[error("the batch is not acceptable")]
    Batch,
    /// The server is stopping.
    #[error("the sensor history is closed")]
    Closed,
    /// No server of the group coordinates. Nothing of the request was stored.
    #[error("no server of the group coordinates")]
    NoCoordinator,
    /// Nothing was heard of it in time: it may be stored, or not.
    #[error("whether it was stored is not known")]
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    #[error("from must be before to, both from 1970 to 2200")]
    Range,
    #[error("ask for 1 to {} points", tillwatch_shared::limits::SERIES_POINTS)]
    Points,
    #[error(
        "this step is not positive or gives more than {} buckets",
        tillwatch_shared::limits::SERIES_POINTS
    )]
    Step,
    #[error("ask for 1 to {} sensors", tillwatch_shared::limits::SERIES_SENSORS)]
    Sensors,
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why the history could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// All connections are in use.
    #[error("too many questions at once")]
    Busy,
    #[error("the sensor history cannot be read: {0}")]
    Unavailable(String),
    /// The database is away. Readings are taken all the same.
    #[error("the database of the readings is away: {0}")]
    Away(String),
}

/// What [`super::Telemetry::verify_seals`] found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("readings {first_id} to {last_id} are not what was sealed")]
    Altered { first_id: i64, last_id: i64 },
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a backup was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    #[error(transparent)]
    Read(#[from] ReadError),
}
