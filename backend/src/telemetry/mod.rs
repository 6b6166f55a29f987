//! Sensor history: takes readings in, keeps them durably, and answers what charts ask for.
//!
//! [`Telemetry`] is the whole interface. Storing goes through one writer thread with group commit;
//! questions are answered on their own connections and never wait for it. The HTTP layer, the names of
//! sensors and the journal belong to others.
//!
//! `engine` what a database must do · `sqlite` the embedded one · `postgres` the
//! other one · `memory`, `staging` what both share · `writer` queue and thread · `series` buckets
//! · `corrections` calibration · `sheet` the figures of a month · `rollup` counts and extremes · `block`, `log` binary forms · `seal` digests
//! · `listener` who hears of commits · `member` the history of a group's member · `names`, `row`, `types`.

mod block;
pub mod copy;
mod corrections;
mod engine;
mod listener;
mod log;
pub mod member;
mod memory;
mod names;
mod portion;
mod postgres;
mod rollup;
mod row;
mod seal;
mod series;
pub mod sheet;
mod sqlite;
mod staging;
#[cfg(test)]
mod tests;
mod types;
mod writer;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use tillwatch_shared::api::{BatchResult, ReadingsSeal, SeriesAnswer};
use tillwatch_shared::limits::BATCH_READINGS;
use tillwatch_shared::time::{DAY, HOUR, MINUTE};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

pub use self::corrections::{Corrections, Offsets};
use self::engine::{Engine, History, Outcome, Request};
pub use self::listener::{Accepted, Listener, Stored};
use self::member::Door;
pub use self::seal::SEAL_READINGS;
use self::sheet::Stretch;
pub use self::types::{
    BackupError, Batch, BatchSensor, Buckets, Condition, DatabaseUrl, LastReading, Measured, OneReading,
    OpenError, Options, Place, PostgresPlace, ReadError, SealError, SensorSeen, SeriesError, SeriesRequest,
    Stats, StoreError, StoredOne, Waiting,
};
use self::writer::Writer;
use crate::clock::Clock;
use crate::reply::Reply;
use crate::waiting::Gone;

/// The sensor history of one data directory. Clones share it; the last one to go closes it.
#[derive(Clone, Debug)]
pub struct Telemetry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: Arc<Writer>,
    /// Where readings leave for a group's log.
    door: Option<Door>,
    history: Box<dyn History>,
}

impl Telemetry {
    /// Opens or makes `telemetry.sqlite` in `dir` and starts the writer. Blocks: for the start of a program.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        Self::open_embedded(dir, options, None)
    }

    fn open_embedded(dir: &Path, options: Options, keep: Option<types::Keep>) -> Result<Self, OpenError> {
        let (engine, history) = sqlite::open(dir, &options, keep)?;
        Self::with(Box::new(engine), Box::new(history), options.queue_readings)
    }

    /// Opens the history where it is kept and starts the writer. `dir` is the data directory; a history in
    /// PostgreSQL holds readings there while its database is away. The clock says how old readings are; with
    /// PostgreSQL the database's does. Blocks: for the start of a program.
    pub fn open_at(dir: &Path, place: &Place, options: Options, clock: &Clock) -> Result<Self, OpenError> {
        match place {
            Place::Embedded { keep_days } => {
                let keep = keep_days.map(|days| types::Keep { days, clock: clock.clone() });
                Self::open_embedded(dir, options, keep)
            }
            Place::Postgres(place) => {
                let (engine, history) = postgres::open(dir, place, &options)?;
                Self::with(Box::new(engine), Box::new(history), options.queue_readings)
            }
        }
    }

    fn with(
        engine: Box<dyn Engine>,
        history: Box<dyn History>,
        queue_readings: usize,
    ) -> Result<Self, OpenError> {
        let writer = Arc::new(Writer::start(engine, queue_readings)?);
        Ok(Self { inner: Arc::new(Inner { writer, door: None, history }) })
    }

    /// Opens `telemetry.sqlite` in `dir` as one of a group's: what is stored goes through the group's log.
    pub fn open_member(
        dir: &Path,
        keep_days: Option<u32>,
        options: Options,
        clock: &Clock,
    ) -> Result<(Self, member::Asked, member::Applier), OpenError> {
        let (engine, history) = sqlite::open(dir, &options, None)?;
        let writer = Arc::new(Writer::start(Box::new(engine), options.queue_readings)?);
        let keep = keep_days.map(|days| types::Keep { days, clock: clock.clone() });
        let (door, asked) = member::door(options.queue_readings, keep);
        let applier = member::Applier::new(Arc::clone(&writer));
        let inner = Inner { writer, door: Some(door), history: Box::new(history) };
        Ok((Self { inner: Arc::new(inner) }, asked, applier))
    }

    fn enqueue(&self, request: Request) -> Result<Reply<Outcome>, StoreError> {
        let Inner { writer, door, .. } = &*self.inner;
        match door {
            Some(door) => door.enqueue(request),
            None => writer.enqueue(request),
        }
    }

    /// Queues a request and waits for its outcome. Full: refused at once.
    async fn submit(&self, request: Request) -> Result<Outcome, StoreError> {
        self.enqueue(request)?.await.ok_or(StoreError::Unavailable)
    }

    /// Of a group's member: takes no more readings. What was taken goes its way.
    pub fn take_no_more(&self) {
        self.inner.door.iter().for_each(Door::shut);
    }

    /// Stores one reading. It is on disk when this returns. If the sensor has a reading of that very
    /// microsecond, this one is moved to the next free microsecond, so that it is never lost.
    pub async fn store_one(&self, reading: OneReading) -> Result<StoredOne, StoreError> {
        match self.submit(Request::One(reading)).await? {
            Outcome::One(stored) => Ok(stored),
            Outcome::Refused(error) => Err(error),
            Outcome::Many(_) => Err(StoreError::Unavailable),
        }
    }

    /// Stores a batch: all of its acceptable rows in one transaction, on disk when this returns.
    /// The answer has one result for each row, in the batch's order.
    pub async fn store(&self, batch: Batch) -> Result<BatchResult, StoreError> {
        let known =
            |row: &tillwatch_shared::compact::CompactRow| usize::from(row.sensor) < batch.sensors.len();
        if batch.rows.len() > BATCH_READINGS || !batch.rows.iter().all(known) {
            return Err(StoreError::Batch);
        }
        match self.submit(Request::Many(batch)).await? {
            Outcome::Many(stored) => Ok(stored.result),
            Outcome::Refused(error) => Err(error),
            Outcome::One(_) => Err(StoreError::Unavailable),
        }
    }

    /// From now on this one, too, hears of every commit, after it is durable.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.inner.writer.listen(listener);
    }

    /// All sensors that have sent readings, by id. From memory.
    pub fn sensors(&self) -> Vec<SensorSeen> {
        self.inner.history.sensors()
    }

    /// One sensor, if it has sent readings. From memory.
    pub fn sensor(&self, id: &SensorId) -> Option<SensorSeen> {
        self.inner.history.sensor(id)
    }

    /// Buckets of min, max, mean and count of what sensors sent: people are told the
    /// [corrected ones](Self::corrected_series). Blocks: call it where blocking is allowed (`web::block`).
    pub fn series(&self, request: &SeriesRequest) -> Result<SeriesAnswer, SeriesError> {
        let plan = series::plan(request)?;
        let found = self.inner.history.series(&request.sensors, &plan)?;
        Ok(series::answer(&plan, found))
    }

    /// What a sensor measured, corrected, by the minute; by the hour on days of which only the hours are kept.
    pub fn stretches(
        &self,
        sensor: &SensorId,
        from: UtcMicros,
        to: UtcMicros,
        corrections: &Corrections,
        gone: &Gone,
    ) -> Result<Vec<Stretch>, SeriesError> {
        let cut = |from, to, step| -> Result<Vec<Stretch>, SeriesError> {
            let buckets = Buckets::StepMicros(step);
            let request = SeriesRequest { sensors: vec![sensor.clone()], from, to, buckets };
            let answer = self.corrected_series(&request, corrections)?;
            Ok(answer.series.iter().flat_map(|series| sheet::stretches(series, step)).collect())
        };
        let readings =
            |stretches: &[Stretch]| stretches.iter().map(|part| u64::from(part.count)).sum::<u64>();
        let mut all = Vec::new();
        let mut day = from;
        // Nobody hears the rest when whoever asked is gone.
        while day < to && !gone.is_so() {
            let end = day.plus(DAY).min(to);
            let (minutes, hours) = (cut(day, end, MINUTE)?, cut(day, end, HOUR)?);
            let known = if readings(&hours) > readings(&minutes) { hours } else { minutes };
            // A bucket may begin before the day does.
            all.extend(known.into_iter().filter(|part| part.start >= day.0 && part.start < end.0));
            day = end;
        }
        Ok(all)
    }

    /// Notes that a key is in use although it stores nothing. Nobody waits for that: what is lost because the queue
    /// is full or the disk fails is noted with the next use.
    pub fn note_key_use(&self, key: ApiKeyId, at: UtcMicros) {
        let written = self.inner.history.key_used(key);
        if written.is_none_or(|written| staging::is_worth_noting(written, at)) {
            let batch = Batch { key: Some(key), received_at: at, ..Batch::default() };
            let _ = self.enqueue(Request::Many(batch));
        }
    }

    /// When each API key was last used, up to a minute late. From memory.
    pub fn keys_used(&self) -> HashMap<ApiKeyId, UtcMicros> {
        self.inner.history.keys_used()
    }

    /// The readings after `sealed_up_to`, which is the last id that the journal has sealed (0 for none),
    /// as the next seal to journal; `None` if there is none. Asking again with the same id gives the same
    /// seal until the program ends. A seal with [`SEAL_READINGS`] readings has more behind it; one with fewer was
    /// the last for this moment. Blocks.
    pub fn seal_pending(&self, sealed_up_to: i64) -> Result<Option<ReadingsSeal>, ReadError> {
        self.inner.history.seal_pending(sealed_up_to)
    }

    /// Compares the stored readings with what the journal sealed. Blocks, for long on a long history.
    pub fn verify_seals(&self, seals: &[ReadingsSeal]) -> Result<(), SealError> {
        self.inner.history.verify_seals(seals)
    }

    /// Copies the history as it is at this moment into a new file, while the writer goes on. Blocks.
    pub fn backup_to(&self, path: &Path) -> Result<(), BackupError> {
        if path.exists() {
            return Err(BackupError::Exists(path.into()));
        }
        Ok(self.inner.history.backup_to(path)?)
    }

    /// Figures for `/metrics`. From memory.
    pub fn stats(&self) -> Stats {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let held = self.inner.history.held();
        let stats = self.inner.writer.stats();
        Stats {
            queued: stats.queued + self.inner.door.as_ref().map_or(0, |door| count(door.waiting())),
            held: held.readings,
            held_bytes: held.bytes,
            recent: count(self.inner.history.recent_count()),
            sensors: count(self.inner.history.sensor_count()),
            ..stats
        }
    }

    /// Whether the last attempt to write succeeded; the reason if not. From memory.
    pub fn health(&self) -> Result<(), String> {
        self.inner.writer.health()
    }

    /// Whether readings are taken, and where they go. From memory.
    pub fn condition(&self) -> Condition {
        if let Err(reason) = self.health() {
            return Condition::Failing(reason);
        }
        let engine::Held { away, readings, bytes, .. } = self.inner.history.held();
        match away {
            Some(engine::Away { reason, .. }) => Condition::Holding { reason, readings, bytes },
            None => Condition::Good,
        }
    }

    /// What waits on disk while the database is away; `None` while it is there. From memory.
    pub fn waiting(&self) -> Option<Waiting> {
        let engine::Held { away, readings, bytes, room } = self.inner.history.held();
        let refused = self.health().is_err();
        let away_for = away?.since.elapsed();
        Some(Waiting { away_for, readings, bytes, room_bytes: room, refused })
    }

    /// Stops taking readings, stores what is queued, and brings everything into the one file. At most a few
    /// seconds. Blocks.
    pub fn close(&self) {
        self.take_no_more();
        self.inner.writer.close();
    }
}

/// Compares the readings in PostgreSQL with what the journal sealed, while a server may be writing. Blocks, for
/// long on a long history.
pub fn verify_postgres(place: &PostgresPlace, seals: &[ReadingsSeal]) -> Result<(), VerifyError> {
    Ok(postgres::open_history(place, &Options::default())?.verify_seals(seals)?)
}

/// Why readings could not be proved.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Seal(#[from] SealError),
}
