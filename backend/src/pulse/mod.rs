//! The pulse: a counter per terminal, and a log of every message.
//!
//! Messages are many and short-lived, so they are not in the journal. They have their own file with one
//! writer thread and group commit. The value of a terminal, its step and the messages are stored in the same
//! transaction, and what is answered is durable.
//!
//! `registry` what is known of the terminals · `exchange` what a message does (pure) · `writer` the thread ·
//! `store` the file · `log` questions to the log · `gaps` questions to the times without a message.

mod exchange;
mod gaps;
mod log;
mod registry;
mod store;
mod writer;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tillwatch_shared::api::{PulseRetention, PulseRetentionSetting, Terminal};
use tillwatch_shared::{PersonId, UtcMicros};
use tokio::sync::{Semaphore, watch};

pub use self::exchange::{Ask, Exchange, Telling};
pub use self::gaps::{Silence, Silences};
pub use self::log::{Filter, LogPage};
use self::registry::Registry;
pub use self::registry::{GAP_MICROS, Heard, Scope, Seat, Who};
use self::store::Store;
pub use self::writer::Stats;
use self::writer::Writer;
use crate::clock::Clock;
use crate::ledger::reads::ReadPool;

pub const PULSE_FILE: &str = "pulse.sqlite";
/// Exports at once; each reads the whole log.
const EXPORTS: usize = 4;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{path}: {source}", path = path.display())]
    Database { path: PathBuf, source: rusqlite::Error },
    #[error(
        "{path} was written by a newer Tillwatch (form {found}; this program knows up to {known})",
        path = path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("no thread for the pulse: {0}")]
    Thread(std::io::Error),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PulseError {
    #[error("too many terminals")]
    TooManyTerminals,
    #[error("the queue is full")]
    Busy,
    #[error("the file cannot be written or read")]
    Unavailable,
    /// Another connection of the same terminal has its place.
    #[error("another connection took over")]
    TakenOver,
    #[error("no such terminal")]
    UnknownTerminal,
    #[error("the terminal is connected")]
    Connected,
}

/// A handle to the open pulse; clones share it.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Arc<Registry>,
    writer: Writer,
    reads: ReadPool,
    retention: Arc<Mutex<PulseRetentionSetting>>,
    server_since: UtcMicros,
    exports: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl Pulse {
    /// Opens or makes the file in this directory.
    pub fn open(dir: &Path, clock: &Clock) -> Result<Self, OpenError> {
        let path = dir.join(PULSE_FILE);
        let server_since = clock.now();
        let store = Store::open(&path, server_since)?;
        let loaded = store.load().map_err(|source| OpenError::Database { path: path.clone(), source })?;
        let registry = Arc::new(Registry::new(loaded.terminals));
        let retention = Arc::new(Mutex::new(loaded.retention));
        let writer =
            Writer::start(store, Arc::clone(&registry), Arc::clone(&retention), clock.clone(), server_since)?;
        Ok(Self(Arc::new(Inner {
            registry,
            writer,
            reads: ReadPool::new(&path),
            retention,
            server_since,
            exports: Arc::new(Semaphore::new(EXPORTS)),
            stopping: watch::Sender::new(false),
        })))
    }

    /// Takes the place of a terminal; a connection that has it is told.
    pub fn enter(&self, client: &str, who: Who, now: UtcMicros) -> Result<Seat, PulseError> {
        self.0.registry.enter(client, who, now)
    }

    /// Stores what came and what is answered, and gives the answer: it is durable.
    pub async fn exchange(&self, exchange: Exchange) -> Result<String, PulseError> {
        self.0.writer.exchange(exchange).await
    }

    /// Stores what a terminal tells of itself. Only who has it connected may say so.
    pub async fn tell(&self, telling: Telling) -> Result<(), PulseError> {
        self.0.writer.tell(telling).await
    }

    /// The terminals of these people; those of `at_work` should be in contact.
    pub fn terminals(&self, scope: &Scope, at_work: &HashSet<PersonId>, now: UtcMicros) -> Vec<Terminal> {
        self.0.registry.list(scope, at_work, now, self.0.server_since)
    }

    /// When each terminal was heard last.
    pub fn heard(&self) -> Vec<Heard> {
        self.0.registry.heard(self.0.server_since)
    }

    /// Forgets a terminal of these people that is not connected. Its messages stay in the log for as long as
    /// others do; comes it back, it begins as a new one.
    pub async fn forget(&self, client: &str, scope: Scope) -> Result<(), PulseError> {
        self.0.writer.forget(client.into(), scope).await
    }

    pub fn retention(&self) -> PulseRetentionSetting {
        self.0.retention.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub async fn set_retention(
        &self,
        retention: PulseRetention,
        by: &str,
        now: UtcMicros,
    ) -> Result<PulseRetentionSetting, PulseError> {
        let PulseRetention { days, rows } = retention;
        let setting =
            PulseRetentionSetting { days, rows, changed_by: Some(by.to_owned()), changed_at: Some(now) };
        self.0.writer.set_retention(setting.clone()).await?;
        Ok(setting)
    }

    /// A page of the log. Blocks.
    pub fn messages(&self, filter: &Filter) -> Result<LogPage, PulseError> {
        self.read(|db| log::page(db, filter))
    }

    /// The times of more than these microseconds in which terminals said nothing, of those that ended after a moment or
    /// go on. Blocks.
    pub fn silences(&self, from: UtcMicros, longer_than: i64) -> Result<Silences, PulseError> {
        self.read(|db| gaps::since(db, from, longer_than, self.heard()))
    }

    fn read<T>(&self, question: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, PulseError> {
        self.0.reads.with(question).map_err(|error| {
            tracing::error!(%error, "the file of the pulse cannot be read");
            PulseError::Unavailable
        })
    }

    /// Leave to read the whole log. Held while it lasts.
    pub fn begin_export(&self) -> Result<tokio::sync::OwnedSemaphorePermit, PulseError> {
        Arc::clone(&self.0.exports).try_acquire_owned().map_err(|_| PulseError::Busy)
    }

    pub fn stats(&self) -> Stats {
        Stats { connected: self.0.registry.connected() as u64, ..self.0.writer.stats() }
    }

    /// Tells when connections are to end because the server stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    /// Asks all connections to end.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Takes no more, and stores what is queued. Blocks, within a bound.
    pub fn close(&self) {
        self.0.writer.close();
    }
}
