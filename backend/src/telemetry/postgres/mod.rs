//! The PostgreSQL engine.
//!
//! A commit is one statement, so one round trip: the readings and the number of the commit. Many readings at a
//! time are copied in, which takes two. Like the embedded engine this one keeps in memory what has come lately,
//! finds most duplicates there, and adds readings to the hours and minutes afterwards, many at once. While
//! PostgreSQL is away, commits go to a file instead ([`spool`]) and into the database later, in order; the
//! commits' numbers keep any from being applied twice.
//!
//! `open` from an address to an engine · `link` a connection · `schema` tables · `load` what a new connection
//! brings into memory · `dial` trying for one in the background · `look` which moments are free · `write`
//! statements · `bulk` many readings · `hold` the way into the file and out of it · `keep` rolling up, partitions
//! and retention · `copy` to and from another engine · `read` answering · `tls` how connections are protected.

mod bulk;
mod copy;
mod dial;
mod hold;
mod keep;
mod link;
mod load;
mod look;
mod open;
mod read;
mod schema;
mod spool;
mod tls;
mod write;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use self::dial::Dialer;
use self::link::{Link, LinkError};
use self::load::Loaded;
use self::look::{Looking, Unknown};
pub(super) use self::open::{open, open_for_copy, open_history};
pub(super) use self::read::PostgresHistory;
use self::spool::Spool;
use self::write::{Statements, Write};
use super::engine::{Away, Engine, EngineError, Outcome, Request};
use super::memory::{Memory, Sources};
use super::seal::Sealer;
use super::staging::{Moments, Staged, Taking};

/// How often an idle writer looks whether its connection is still there.
const WATCH: Duration = Duration::from_secs(1);

/// What the writer and those who ask share.
#[derive(Debug)]
pub(super) struct Shared {
    memory: Memory,
    sealer: Mutex<Sealer>,
    /// Why the database is away, if it is.
    away: Mutex<Option<Away>>,
    /// The most bytes that may wait on disk.
    room: u64,
    held_bytes: AtomicU64,
    held_readings: AtomicU64,
}

impl Shared {
    fn new(room: u64) -> Self {
        Self {
            room,
            memory: Memory::default(),
            sealer: Mutex::new(Sealer::new(1)),
            away: Mutex::default(),
            held_bytes: AtomicU64::new(0),
            held_readings: AtomicU64::new(0),
        }
    }

    /// Notes why the database is away; since when stays.
    fn note_away(&self, reason: String) {
        let mut away = self.lock_away();
        let since = away.as_ref().map_or_else(Instant::now, |away| away.since);
        *away = Some(Away { reason, since });
    }

    fn lock_away(&self) -> MutexGuard<'_, Option<Away>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_sealer(&self) -> MutexGuard<'_, Sealer> {
        self.sealer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the database is known to hold.
#[derive(Debug, Default)]
struct Known {
    sensors: u32,
    sources: usize,
    last_id: i64,
    last_commit: i64,
    rolled_id: i64,
    kept_from: i64,
    hypertable: bool,
    weeks: BTreeSet<i64>,
}

/// The writing half.
#[derive(Debug)]
pub(super) struct PostgresEngine {
    shared: Arc<Shared>,
    dialer: Dialer,
    open: Option<(Link, Statements)>,
    spool: Spool,
    sources: Sources,
    known: Known,
    /// The number of the last commit that was tried.
    commit: i64,
    next_id: i64,
    recent_limit: usize,
    sensor_limit: usize,
    keep_days: Option<u32>,
    /// When retention ran last.
    kept_at: Option<Instant>,
    /// How long a commit may take.
    patience: Duration,
}

impl Engine for PostgresEngine {
    fn commit(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, EngineError> {
        self.answer_dialer()?;
        if self.open.is_some() && self.spool.is_empty() {
            match self.store(requests) {
                Ok(outcomes) => return Ok(outcomes),
                Err(Unsaved::Staged(staged, outcomes)) => return self.hold(&staged, outcomes),
                Err(Unsaved::Untouched) => {}
            }
        }
        let (staged, outcomes) = self.stage(requests, &mut Unknown)?;
        if staged.is_empty() {
            return Ok(outcomes);
        }
        self.commit += 1;
        self.hold(&staged, outcomes)
    }

    fn agree(&mut self, _: &[(Request, i64)], _: &[u8]) -> Result<Vec<Outcome>, EngineError> {
        Err(EngineError::NoMember)
    }

    fn mark(&self) -> Result<Option<Vec<u8>>, EngineError> {
        Err(EngineError::NoMember)
    }

    fn replace(&mut self, _: &Path) -> Result<(), EngineError> {
        Err(EngineError::NoMember)
    }

    fn tidy(&mut self) -> Result<(), EngineError> {
        self.answer_dialer()?;
        let kept = self.watch().and_then(|()| self.replay()).and_then(|()| self.keep());
        if let Err(error) = kept {
            self.lost(&error);
        }
        self.dialer.go_on(self.open.is_some());
        Ok(())
    }

    fn probe(&mut self) -> Result<(), EngineError> {
        if self.open.is_some() || self.spool.has_room() { Ok(()) } else { Err(EngineError::Full) }
    }

    fn wakes_after(&self) -> Option<Duration> {
        match &self.open {
            Some(_) if !self.spool.is_empty() || self.behind() => Some(Duration::ZERO),
            Some(_) => Some(WATCH),
            None => Some(self.dialer.wakes_after()),
        }
    }

    fn close(&mut self) -> Result<(), EngineError> {
        if !self.spool.is_empty() {
            tracing::warn!(readings = self.spool.readings(), "readings wait on disk for PostgreSQL");
        }
        self.open = None;
        Ok(())
    }
}

/// What is left of a commit that the database did not confirm.
enum Unsaved {
    /// It may have been applied.
    Staged(Box<Staged>, Vec<Outcome>),
    /// Nothing was sent but questions.
    Untouched,
}

impl PostgresEngine {
    /// Stages and commits. An error means that the connection is given up.
    fn store(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, Unsaved> {
        let staged = self.stage_with_look(requests);
        let (staged, outcomes) = staged.map_err(|error| {
            self.lost(&error);
            Unsaved::Untouched
        })?;
        if staged.is_empty() {
            return Ok(outcomes);
        }
        self.commit += 1;
        match self.send(&staged) {
            Ok(()) => {
                self.publish(staged);
                Ok(outcomes)
            }
            Err(error) => {
                self.lost(&error);
                Err(Unsaved::Staged(Box::new(staged), outcomes))
            }
        }
    }

    fn stage_with_look(&self, requests: &[Request]) -> Result<(Staged, Vec<Outcome>), LinkError> {
        let Some((link, statements)) = &self.open else { return Err(gone()) };
        let mut looking = Looking::new(link, statements);
        looking.prefetch(&self.late(requests))?;
        self.stage(requests, &mut looking)
            .map_err(|error| looking.failure().unwrap_or_else(|| LinkError::Away(error.to_string())))
    }

    fn stage(
        &self,
        requests: &[Request],
        moments: &mut dyn Moments,
    ) -> Result<(Staged, Vec<Outcome>), EngineError> {
        let sensors = self.shared.memory.sensors();
        let keys = self.shared.memory.keys();
        let mut staged = Staged::new(self.next_id);
        let mut taking = Taking {
            moments,
            sensors: &sensors,
            sources: &self.sources,
            keys: &keys,
            sensor_limit: self.sensor_limit,
            kept_from: self.known.kept_from,
            staged: &mut staged,
        };
        let outcomes = requests.iter().map(|request| taking.request(request)).collect::<Result<_, _>>()?;
        Ok((staged, outcomes))
    }

    /// Commits what is staged: one statement.
    fn send(&mut self, staged: &Staged) -> Result<(), LinkError> {
        self.make_weeks(&staged.fresh)?;
        let Some((link, statements)) = &self.open else { return Err(gone()) };
        let write = Write {
            commit: self.commit,
            last_id: staged.next_id - 1,
            rows: &staged.fresh,
            sensors: self.unknown_sensors(&staged.new_sensors),
            sources: self.unknown_sources(&staged.new_sources),
            keys: staged.used_keys.iter().map(|(key, at)| (key.0.as_bytes().to_vec(), at.0)).collect(),
        };
        if write::store(link, statements, &self.spool.instance(), self.patience, &write)? {
            self.known.last_commit = self.commit;
            self.known.last_id = staged.next_id - 1;
            return Ok(());
        }
        Err(LinkError::Away("the database is not where this server left it".into()))
    }

    /// After a commit in the database.
    fn publish(&mut self, staged: Staged) {
        self.next_id = self.next_id.max(staged.next_id);
        staged.publish(&self.shared.memory, &mut self.sources, &self.shared.sealer);
        self.known.sensors = u32::try_from(self.shared.memory.sensors().all().len()).unwrap_or(u32::MAX);
        self.known.sources = self.sources.list.len();
        if let Err(error) = self.spool.set_aside(self.next_id) {
            tracing::warn!(%error, "ids could not be set aside for a start without PostgreSQL");
        }
    }

    /// Gives the connection up and begins to try for another one.
    fn lost(&mut self, error: &LinkError) {
        if self.open.take().is_some() {
            tracing::warn!(%error, "PostgreSQL is away: readings are held on disk");
        }
        self.shared.note_away(error.to_string());
        self.dialer.soon();
    }

    /// Notices a connection that was closed while nothing was to be written.
    fn watch(&mut self) -> Result<(), LinkError> {
        match &self.open {
            Some((link, _)) if link.is_closed() => Err(gone()),
            Some(_) | None => Ok(()),
        }
    }

    /// Takes what the dialer has found.
    fn answer_dialer(&mut self) -> Result<(), EngineError> {
        match self.dialer.answer() {
            Some(Ok(loaded)) => {
                self.take_over(*loaded).map_err(|error| EngineError::Database(error.to_string()))
            }
            Some(Err(error)) => {
                self.shared.note_away(error.to_string());
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// A new connection: the memory becomes what the database holds and what waits in the file.
    fn take_over(&mut self, loaded: Loaded) -> std::io::Result<()> {
        self.known = Known {
            sensors: u32::try_from(loaded.sensors.all().len()).unwrap_or(u32::MAX),
            sources: loaded.sources.list.len(),
            last_id: loaded.last_id,
            last_commit: loaded.last_commit,
            rolled_id: loaded.rolled_id,
            kept_from: loaded.kept_from,
            hypertable: loaded.hypertable,
            weeks: loaded.weeks,
        };
        self.sources = loaded.sources;
        *self.shared.memory.sensors_mut() = loaded.sensors;
        *self.shared.memory.keys_mut() = loaded.keys;
        self.next_id = self.next_id.max(loaded.last_id + 1);
        self.commit = self.commit.max(loaded.last_commit);
        *self.shared.lock_sealer() = Sealer::new(loaded.last_id + 1);
        self.remember_held()?;
        self.spool.set_aside(self.next_id)?;
        self.open = Some((loaded.link, loaded.statements));
        self.kept_at = None;
        *self.shared.lock_away() = None;
        tracing::info!(held = self.spool.readings(), "readings go to PostgreSQL");
        Ok(())
    }

    /// A start without the database: ids go on where none can have been given.
    fn start_without(&mut self, reason: &str) -> std::io::Result<()> {
        tracing::warn!(reason, "PostgreSQL is away: readings are held on disk");
        self.next_id = self.next_id.max(self.spool.ids_below());
        self.spool.set_aside(self.next_id)?;
        self.shared.note_away(reason.to_owned());
        self.remember_held()
    }

    fn note_held(&self) {
        self.shared.held_bytes.store(self.spool.bytes(), Ordering::Relaxed);
        self.shared.held_readings.store(self.spool.readings(), Ordering::Relaxed);
    }
}

fn gone() -> LinkError {
    LinkError::Away("the connection to PostgreSQL is gone".into())
}
