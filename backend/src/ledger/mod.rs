//! The ledger: one SQLite file, one writer, a journal that cannot be altered unseen, and read
//! connections that never wait for the writer.

pub mod backup;
pub mod journal;
pub mod member;
pub mod open;
pub mod queries;
pub(crate) mod reads;
mod replacing;
pub mod schema;
pub mod verify;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::Event;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::domain::{Command, Rejection};
use crate::locks::lock;
use crate::reply::reply;
use crate::waiting::waiting;
pub use open::OpenError;
use reads::ReadPool;
pub use writer::{Attempt, Job, NotApplied, Outcome};
use writer::{Told, Work, Writer};

/// Commands that may wait for the writer. More callers than this are told to come back.
const QUEUE: usize = 4_096;

/// A handle to the open ledger; clones share it.
#[derive(Clone, Debug)]
pub struct Ledger(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    doors: Mutex<Option<Doors>>,
    reads: Arc<ReadPool>,
    tip: watch::Receiver<i64>,
    alarms: watch::Receiver<i64>,
    healthy: watch::Receiver<bool>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Doors {
    /// Where commands are queued: with the writer, or on their way to the group's log.
    asked: mpsc::Sender<Work>,
    writer: mpsc::Sender<Work>,
}

/// The outcome of a command, durable when the caller gets it.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub seq: i64,
    pub event: Event,
    /// The command had been applied before; this is its first outcome.
    pub repeated: bool,
}

/// Why a command has no outcome.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SubmitError {
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The queue is full. Nothing was done; the same command may be sent again.
    #[error("the ledger's queue is full")]
    Busy,
    /// The disk refused. Nothing was done; the same command may be sent again.
    #[error("the ledger cannot be written: {0}")]
    Unavailable(Arc<str>),
    /// The server is stopping.
    #[error("the ledger is closed")]
    Closed,
    /// No member of the group coordinates. Nothing was done; the same command may be sent again.
    #[error("no server of the group coordinates at present")]
    NoCoordinator,
    /// Nothing was heard of it: it may be done or not. The same command may be sent again, and has one outcome.
    #[error("whether the command was applied is not known")]
    Unknown,
    /// This server of the group does not know such a command yet. Nothing was done; the same command may be sent again.
    #[error("server {0} of the group is of an older version, and does not know this command yet")]
    OlderMember(u64),
    /// This attempt was refused before, and whoever asked was told why.
    #[error("the command was refused before")]
    Refused,
}

impl SubmitError {
    /// Whether the same command, sent again, may have another fate.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Busy
            | Self::Unavailable(_)
            | Self::NoCoordinator
            | Self::Unknown
            | Self::OlderMember(_) => true,
            Self::Rejected(_) | Self::Closed | Self::Refused => false,
        }
    }
}

impl Ledger {
    /// Opens (and makes or migrates) the ledger in this file and starts its writer.
    pub fn open(file: &Path) -> Result<Self, OpenError> {
        let (writer, queue) = mpsc::channel(QUEUE);
        let doors = Doors { asked: writer.clone(), writer };
        let (ledger, writer) = Self::open_apart(file, doors)?;
        ledger.start(writer, queue)
    }

    fn start(self, writer: Writer, queue: mpsc::Receiver<Work>) -> Result<Self, OpenError> {
        let thread = std::thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || writer::run(writer, queue))
            .map_err(OpenError::Thread)?;
        *lock(&self.0.writer) = Some(thread);
        Ok(self)
    }

    /// The ledger, and who is to write it.
    fn open_apart(file: &Path, doors: Doors) -> Result<(Self, Writer), OpenError> {
        let connection = open::writer(file)?;
        let tip = journal::tip(&connection)?;
        let (tip_out, tip_in) = watch::channel(tip.seq);
        let (alarms_out, alarms_in) = watch::channel(tip.seq);
        let (health_out, health_in) = watch::channel(true);
        let reads = Arc::new(ReadPool::new(file));
        let ledger = Self(Arc::new(Inner {
            doors: Mutex::new(Some(doors)),
            reads: Arc::clone(&reads),
            tip: tip_in,
            alarms: alarms_in,
            healthy: health_in,
            writer: Mutex::new(None),
        }));
        let told = Told { tip: tip_out, alarms: alarms_out, healthy: health_out };
        Ok((ledger, Writer::new(connection, reads, tip, told)))
    }

    /// Checks, queues and applies a command, and answers when its outcome is durable.
    pub async fn submit(&self, command: Command) -> Result<Receipt, SubmitError> {
        command.check()?;
        let (answer, outcome) = reply();
        let asked =
            lock(&self.0.doors).as_ref().map(|doors| doors.asked.clone()).ok_or(SubmitError::Closed)?;
        let job = Job { command, answer: Some(answer), attempt: None, asked_at: Instant::now() };
        asked.try_send(Work::Apply(job)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
            mpsc::error::TrySendError::Closed(_) => SubmitError::Closed,
        })?;
        drop(asked);
        outcome.await.unwrap_or(Err(SubmitError::Closed))
    }

    /// The outcome of a command that was applied earlier.
    pub fn outcome_of(&self, id: CommandId) -> Result<Option<Event>, rusqlite::Error> {
        self.read(|db| queries::changes::outcome_of(db, id))
    }

    /// Runs a query on a read-only connection. Never waits for the writer; waits for another reader
    /// only when all connections are in use.
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        self.0.reads.with(query)
    }

    /// Like [`Ledger::read`], away from the threads that serve connections: for what may take longer
    /// than a millisecond. It ends when the answer is not awaited any more.
    pub async fn read_long<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let ledger = self.clone();
        let (_waiting, gone) = waiting();
        let done = tokio::task::spawn_blocking(move || ledger.0.reads.with_waiting(&gone, query)).await;
        done.unwrap_or(Err(rusqlite::Error::InvalidQuery))
    }

    /// The newest committed place in the journal.
    pub fn tip(&self) -> i64 {
        *self.0.tip.borrow()
    }

    /// The same, as it moves.
    pub fn follow_tip(&self) -> watch::Receiver<i64> {
        self.0.tip.clone()
    }

    /// A place in the journal at or after which no alarm has turned, as it moves.
    pub fn follow_alarms(&self) -> watch::Receiver<i64> {
        self.0.alarms.clone()
    }

    /// Whether the last attempt to write succeeded. If not, another one is made: a server that is known to be
    /// unwell gets no commands that would find out.
    pub fn healthy(&self) -> bool {
        let healthy = *self.0.healthy.borrow();
        if !healthy && let Some(doors) = &*lock(&self.0.doors) {
            // A queue that is full has enough to try.
            let _ = doors.writer.try_send(Work::Probe);
        }
        healthy
    }

    /// How many more commands the queue would take.
    pub fn queue_room(&self) -> usize {
        lock(&self.0.doors).as_ref().map_or(0, |doors| doors.asked.capacity())
    }

    /// Refuses new commands; those that were accepted go on.
    pub fn take_no_more(&self) {
        drop(lock(&self.0.doors).take());
    }

    /// Finishes what was accepted and stops the writer.
    pub fn close(&self) {
        self.take_no_more();
        if let Some(writer) = lock(&self.0.writer).take()
            && writer.join().is_err()
        {
            tracing::error!("the ledger's writer had panicked");
        }
    }
}
