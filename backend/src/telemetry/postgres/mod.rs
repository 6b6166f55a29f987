//! The PostgreSQL engine.
//!
//! A commit is one statement, so one round trip: the readings and the number of the commit. Like the embedded
//! engine this one keeps in memory what has come lately, finds most duplicates there, and adds readings to the
//! hours and minutes afterwards, many at once. While PostgreSQL is away, commits go to a file instead
//! ([`spool`]) and into the database later, in order; the commits' numbers keep any from being applied twice.
//!
//! `link` a connection · `schema` tables · `load` what a new connection brings into memory · `dial` trying for
//! one in the background · `write` statements · `hold` the way into the file and out of it · `keep` rolling up,
//! partitions and retention · `read` answering.

mod dial;
mod hold;
mod keep;
mod link;
mod load;
mod read;
mod schema;
mod spool;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use self::dial::Dialer;
use self::link::{Link, LinkError};
use self::load::Loaded;
pub(super) use self::read::PostgresHistory;
use self::spool::Spool;
use self::write::{Statements, Write};
use super::engine::{Engine, EngineError, Outcome, Request};
use super::memory::{Memory, Sources};
use super::seal::Sealer;
use super::staging::{Looked, Moments, Staged, Taking};
use super::types::{OpenError, Options, PostgresPlace};

/// How often an idle writer looks whether its connection is still there.
const WATCH: Duration = Duration::from_secs(1);
/// How wide a look for a free moment is.
const FREE_MICROS: i64 = 1_000;

/// What the writer and those who ask share.
#[derive(Debug)]
pub(super) struct Shared {
    memory: Memory,
    sealer: Mutex<Sealer>,
    /// Why the database is away, if it is.
    away: Mutex<Option<String>>,
    held_bytes: AtomicU64,
    held_readings: AtomicU64,
}

impl Shared {
    fn lock_away(&self) -> MutexGuard<'_, Option<String>> {
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
}

/// Opens the history of a data directory. A database that is away does not stop the start; one that refuses us,
/// or that belongs to somebody else, does. Blocks for at most some seconds.
pub(super) fn open(
    dir: &Path,
    place: &PostgresPlace,
    options: &Options,
) -> Result<(PostgresEngine, PostgresHistory), OpenError> {
    let config = config(place)?;
    let failed = |reason: std::io::Error| OpenError::Spool { dir: dir.into(), reason };
    let spool = Spool::open(dir, place.spool_bytes).map_err(failed)?;
    let dialer = Dialer::new(config.clone(), &spool);
    let shared = Arc::new(Shared {
        memory: Memory::default(),
        sealer: Mutex::new(Sealer::new(1)),
        away: Mutex::default(),
        held_bytes: AtomicU64::new(0),
        held_readings: AtomicU64::new(0),
    });
    let mut engine = PostgresEngine {
        shared: Arc::clone(&shared),
        dialer,
        open: None,
        sources: Sources::default(),
        known: Known::default(),
        commit: spool.last_commit(),
        next_id: spool.next_id().max(1),
        spool,
        recent_limit: options.recent_readings,
        sensor_limit: options.sensors,
        keep_days: place.keep_days,
        kept_at: None,
    };
    match engine.dialer.now() {
        Ok(loaded) => engine.take_over(*loaded).map_err(failed)?,
        Err(LinkError::Away(reason)) => engine.start_without(&reason).map_err(failed)?,
        Err(error) => return Err(OpenError::Postgres(error.to_string())),
    }
    let history = PostgresHistory::new(shared, config, options.readers);
    Ok((engine, history))
}

/// The reading half alone, for checks while a server may be running.
pub(super) fn open_history(place: &PostgresPlace, options: &Options) -> Result<PostgresHistory, OpenError> {
    let shared = Arc::new(Shared {
        memory: Memory::default(),
        sealer: Mutex::new(Sealer::new(1)),
        away: Mutex::default(),
        held_bytes: AtomicU64::new(0),
        held_readings: AtomicU64::new(0),
    });
    Ok(PostgresHistory::new(shared, config(place)?, options.readers))
}

fn config(place: &PostgresPlace) -> Result<Config, OpenError> {
    let refused = |reason: String| OpenError::Postgres(format!("DATABASE_URL: {reason}"));
    let mut config: Config = place.url.0.parse().map_err(|error: tokio_postgres::Error| {
        let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
        refused(format!("{error}{cause}"))
    })?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(refused(
            "sslmode=require is not supported: connect over a private network, a Unix socket or a TLS tunnel"
                .into(),
        ));
    }
    config.application_name("tillwatch");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(3));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(15));
    }
    Ok(config)
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
        let mut looking = Looking { link, statements, seen: BTreeMap::new(), failed: None };
        looking.prefetch(&self.late(requests))?;
        self.stage(requests, &mut looking)
            .map_err(|error| looking.failed.take().unwrap_or_else(|| LinkError::Away(error.to_string())))
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

    /// The moments that memory does not know to be free: (sensor, from, to).
    fn late(&self, requests: &[Request]) -> Vec<(u32, i64, i64)> {
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
        if write::store(link, statements, &self.spool.instance(), &write)? {
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
        *self.shared.lock_away() = Some(error.to_string());
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
                *self.shared.lock_away() = Some(error.to_string());
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
        *self.shared.lock_away() = Some(reason.to_owned());
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

/// Looks moments up in the database: those that are wanted at once, others one by one.
struct Looking<'a> {
    link: &'a Link,
    statements: &'a Statements,
    /// By sensor and beginning of a range: its end and the stored moments in it.
    seen: BTreeMap<(u32, i64), (i64, Vec<i64>)>,
    failed: Option<LinkError>,
}

impl Looking<'_> {
    fn prefetch(&mut self, ranges: &[(u32, i64, i64)]) -> Result<(), LinkError> {
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
struct Unknown;

impl Moments for Unknown {
    fn look(&mut self, _: u32, at: i64) -> Result<Looked, EngineError> {
        Ok(Looked { from: at, to: at.saturating_add(1), times: Vec::new() })
    }
}
