//! The sensor history of a group's member: what devices send leaves by one end, on the way to the group's log, and what
//! the group has agreed on comes in by the other. Every member gives the same readings the same ids, because it takes
//! the same requests in the same order, each with the moment from which on readings are kept.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tillwatch_shared::compact::CompactRow;
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::engine::{EngineError, Outcome, Request};
use super::sqlite::{self, first_day};
use super::types::{Batch, BatchSensor, Keep, OneReading, StoreError};
use super::writer::{self, Writer};
use crate::locks::lock;
use crate::reply::{Replier, Reply, Wakes, reply};

/// Requests that may wait.
const QUEUE: usize = 16_384;
/// Readings that are taken from the queue at once, unless one request has more.
const TOGETHER: usize = 30_000;

/// Where requests go out.
#[derive(Debug)]
pub(super) struct Door {
    sender: Mutex<Option<mpsc::Sender<Job>>>,
    /// Readings that wait.
    readings: Arc<AtomicUsize>,
    limit: usize,
    keep: Option<Keep>,
}

/// Requests that were submitted, in their order.
#[derive(Debug)]
pub struct Asked {
    queue: mpsc::Receiver<Job>,
    readings: Arc<AtomicUsize>,
}

/// A request on its way to the log.
#[derive(Debug)]
pub struct Job {
    request: Request,
    kept_from: i64,
    pub answer: Answer,
    pub asked_at: Instant,
}

/// The end of a request that answers who sent it.
#[derive(Debug)]
pub struct Answer(Replier<Outcome>);

/// The way to the writer, for what the group has agreed on.
#[derive(Clone, Debug)]
pub struct Applier(Arc<Writer>);

/// What the group has agreed on.
#[derive(Debug)]
pub struct Agreed {
    request: Request,
    kept_from: i64,
    answer: Option<Answer>,
}

#[derive(Debug, thiserror::Error)]
pub enum NotStored {
    #[error(transparent)]
    Engine(#[from] Unwritten),
    #[error("the sensor history is closed")]
    Closed,
}

/// What the engine says of a failure.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unwritten(String);

impl From<EngineError> for NotStored {
    fn from(error: EngineError) -> Self {
        Self::Engine(Unwritten(error.to_string()))
    }
}

/// Both ends of the way out.
pub(super) fn door(limit: usize, keep: Option<Keep>) -> (Door, Asked) {
    let (sender, queue) = mpsc::channel(QUEUE);
    let readings = Arc::new(AtomicUsize::new(0));
    let door = Door { sender: Mutex::new(Some(sender)), readings: Arc::clone(&readings), limit, keep };
    (door, Asked { queue, readings })
}

impl Door {
    /// Full: refused at once.
    pub fn enqueue(&self, request: Request) -> Result<Reply<Outcome>, StoreError> {
        let readings = request.readings();
        let sender = lock(&self.sender);
        let sender = sender.as_ref().ok_or(StoreError::Closed)?;
        // The lock is held: nobody else adds meanwhile.
        if self.readings.load(Ordering::Relaxed) + readings > self.limit {
            return Err(StoreError::Busy);
        }
        self.readings.fetch_add(readings, Ordering::Relaxed);
        let (answer, outcome) = reply();
        let kept_from = self.keep.as_ref().map_or(0, |keep| first_day(keep.days, keep.clock.now()));
        let job = Job { request, kept_from, answer: Answer(answer), asked_at: Instant::now() };
        sender.try_send(job).map_err(|refused| {
            self.readings.fetch_sub(readings, Ordering::Relaxed);
            match refused {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Closed(_) => StoreError::Closed,
            }
        })?;
        Ok(outcome)
    }

    pub fn waiting(&self) -> usize {
        self.readings.load(Ordering::Relaxed)
    }

    pub fn shut(&self) {
        drop(lock(&self.sender).take());
    }
}

impl Asked {
    /// Waits for requests, and takes some of those that are there. None: the history takes no more.
    pub async fn take(&mut self, most: usize) -> Vec<Job> {
        let first = self.queue.recv().await;
        let first = first.inspect(|job| self.has_left(job));
        let mut readings = first.as_ref().map_or(0, |job| job.request.readings());
        let mut taken: Vec<Job> = first.into_iter().collect();
        while readings < TOGETHER
            && taken.len() < most
            && let Ok(job) = self.queue.try_recv()
        {
            self.has_left(&job);
            readings += job.request.readings();
            taken.push(job);
        }
        taken
    }

    /// Takes up to so many of those that are there.
    pub fn take_now(&mut self, most: usize) -> Vec<Job> {
        let there = std::iter::from_fn(|| self.queue.try_recv().ok());
        let taken: Vec<Job> = there.take(most).collect();
        for job in &taken {
            self.has_left(job);
        }
        taken
    }

    fn has_left(&self, job: &Job) {
        self.readings.fetch_sub(job.request.readings(), Ordering::Relaxed);
    }
}

impl Answer {
    /// Tells that nothing was heard.
    pub fn refuse(self, why: StoreError, wakes: &mut Wakes) {
        self.0.send(Outcome::Refused(why), wakes);
    }
}

impl Job {
    /// As it is written into the log, and who waits for what becomes of it.
    pub fn pack(self) -> (Result<Vec<u8>, postcard::Error>, Answer) {
        (postcard::to_stdvec(&Packed::new(self.request, self.kept_from)), self.answer)
    }

    /// Whether it may come into the log twice: the second time its readings are there already.
    pub const fn may_repeat(&self) -> bool {
        matches!(self.request, Request::Many(_))
    }
}

/// The mark in a copy of a member's history.
pub fn mark_of(copy: &Path) -> Result<Option<Vec<u8>>, NotStored> {
    Ok(sqlite::mark_of(copy).map_err(EngineError::from)?)
}

/// Reads what was written into the log.
pub fn read(packed: &[u8], answer: Option<Answer>) -> Result<Agreed, postcard::Error> {
    let (request, kept_from) = postcard::from_bytes::<Packed>(packed)?.request();
    Ok(Agreed { request, kept_from, answer })
}

impl Applier {
    pub(super) const fn new(writer: Arc<Writer>) -> Self {
        Self(writer)
    }

    /// Stores all of them in one transaction with the mark, and answers those who wait.
    pub async fn apply(&self, agreed: Vec<Agreed>, mark: Vec<u8>) -> Result<(), NotStored> {
        let (mut requests, mut answers) = (Vec::new(), Vec::new());
        for Agreed { request, kept_from, answer } in agreed {
            requests.push((request, kept_from));
            answers.push(answer.map(|answer| answer.0));
        }
        self.ask(|told| writer::Agreed::Readings { requests, answers, mark, told }).await
    }

    /// Makes the history what this copy of another member's is.
    pub async fn replace(&self, copy: PathBuf) -> Result<(), NotStored> {
        self.ask(|told| writer::Agreed::Copy { copy, told }).await
    }

    /// The mark that came last.
    pub async fn mark(&self) -> Result<Option<Vec<u8>>, NotStored> {
        self.ask(|told| writer::Agreed::Mark { told }).await
    }

    async fn ask<T>(
        &self,
        agreed: impl FnOnce(oneshot::Sender<Result<T, EngineError>>) -> writer::Agreed,
    ) -> Result<T, NotStored> {
        let (told, outcome) = oneshot::channel();
        if !self.0.agree(agreed(told)) {
            return Err(NotStored::Closed);
        }
        Ok(outcome.await.map_err(|_| NotStored::Closed)??)
    }
}

/// A request in the log.
#[derive(Debug, Serialize, Deserialize)]
struct Packed {
    /// It came by itself: its only reading is moved where its moment is taken.
    single: bool,
    received_at: i64,
    kept_from: i64,
    source: Option<IpAddr>,
    key: Option<Uuid>,
    /// And whether the key may write them.
    sensors: Vec<(Sensor, bool)>,
    /// A place among the sensors, when it was measured, and what.
    rows: Vec<(u16, i64, [f64; 3])>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Sensor {
    Number(i64),
    Text(String),
}

impl From<SensorId> for Sensor {
    fn from(id: SensorId) -> Self {
        match id {
            SensorId::Number(number) => Self::Number(number),
            SensorId::Text(text) => Self::Text(text),
        }
    }
}

impl From<Sensor> for SensorId {
    fn from(sensor: Sensor) -> Self {
        match sensor {
            Sensor::Number(number) => Self::Number(number),
            Sensor::Text(text) => Self::Text(text),
        }
    }
}

impl Packed {
    fn new(request: Request, kept_from: i64) -> Self {
        match request {
            Request::One(OneReading { sensor, values, measured_at, received_at, source, key }) => Self {
                single: true,
                received_at: received_at.0,
                kept_from,
                source,
                key: key.map(|key| key.0),
                sensors: vec![(sensor.into(), true)],
                rows: vec![(0, measured_at.0, values)],
            },
            Request::Many(Batch { sensors, rows, received_at, source, key }) => Self {
                single: false,
                received_at: received_at.0,
                kept_from,
                source,
                key: key.map(|key| key.0),
                sensors: sensors.into_iter().map(|sensor| (sensor.id.into(), sensor.allowed)).collect(),
                rows: rows.iter().map(|row| (row.sensor, row.measured_at.0, row.values)).collect(),
            },
        }
    }

    fn request(self) -> (Request, i64) {
        let Self { single, received_at, kept_from, source, key, mut sensors, rows } = self;
        let (received_at, key) = (UtcMicros(received_at), key.map(ApiKeyId));
        if single
            && let Some((sensor, _)) = sensors.pop()
            && let Some((_, measured_at, values)) = rows.first().copied()
        {
            let (sensor, measured_at) = (sensor.into(), UtcMicros(measured_at));
            let one = OneReading { sensor, values, measured_at, received_at, source, key };
            return (Request::One(one), kept_from);
        }
        let sensors = sensors.into_iter().map(|(id, allowed)| BatchSensor { id: id.into(), allowed });
        let rows = rows.into_iter().map(|(sensor, measured_at, values)| CompactRow {
            sensor,
            measured_at: UtcMicros(measured_at),
            values,
        });
        let batch = Batch { sensors: sensors.collect(), rows: rows.collect(), received_at, source, key };
        (Request::Many(batch), kept_from)
    }
}

/// As it comes out of the log again.
#[cfg(test)]
pub(super) fn through_the_log(request: Request, kept_from: i64) -> (Request, i64) {
    let packed = postcard::to_stdvec(&Packed::new(request, kept_from)).unwrap();
    let Agreed { request, kept_from, .. } = read(&packed, None).unwrap();
    (request, kept_from)
}
