//! Several servers: a log that most of them have before it counts, and on each of them a ledger to which it is applied.
//! Any of them takes commands; who coordinates puts them into the log.

mod care;
mod consistent;
mod differs;
mod door;
pub mod file;
pub mod here;
pub mod history;
pub mod https;
pub mod identity;
mod incoming;
mod join;
mod line;
pub mod log;
pub mod machine;
mod membership;
mod pump;
pub mod rescue;
pub(crate) mod room;
mod seat;
mod sending;
mod shorten;
pub mod status;
mod terms;
pub mod types;
pub mod vocabulary;
pub mod wire;
pub mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openraft::error::{ClientWriteError, Fatal, InitializeError, RaftError};
use openraft::{AsyncRuntime as _, ChangeMembers, Config, Raft, SnapshotPolicy};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::ledger::backup::LEDGER_FILE;
use crate::ledger::member::{Applier, Asked};
use crate::ledger::{Ledger, OpenError};
use crate::locks::lock;
use log::{LogError, LogStore};
use machine::{Held, Machine, MachineError, Waiting};
use pump::{Gate, Pump};
use terms::Terms;
use types::{Member, MemberId, Portion, Runtime, Types};
use wire::{Lines, NotTaken, Wire};

/// The group's log, in the data directory.
pub const LOG_FILE: &str = "group.sqlite";
/// Copies of the ledger for members that are far behind, in the data directory.
const COPIES: &str = "group";
/// Entries of the log that are kept behind the newest copy, so that who was away for a short time needs none.
const KEPT: u64 = 5_000;
/// Entries after which a new copy is made, and older ones leave the log.
const COPY_EVERY: u64 = 50_000;
/// How long a copy of a ledger may take to be sent and put in place.
const COPY_TAKES: Duration = Duration::from_mins(10);

#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Machine(#[from] MachineError),
    #[error(transparent)]
    Ledger(#[from] OpenError),
    #[error("the settings of the group: {0}")]
    Config(#[from] openraft::ConfigError),
    #[error("{0}")]
    Fatal(#[from] Fatal<MemberId>),
    #[error("the group is there already: {0}")]
    Founded(#[from] RaftError<MemberId, InitializeError<MemberId, Member>>),
    #[error("{0}")]
    Members(#[from] RaftError<MemberId, ClientWriteError<MemberId, Member>>),
    #[error("the group did not get so far in time: {0}")]
    Late(#[from] openraft::metrics::WaitError),
    #[error("no number for those who wait: {0}")]
    Random(io::Error),
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
    #[error(transparent)]
    Identity(#[from] identity::IdentityError),
    #[error("connections to other members: {0}")]
    Client(#[from] reqwest::Error),
    #[error(transparent)]
    Join(#[from] join::JoinError),
    #[error(transparent)]
    History(#[from] history::HistoryError),
    #[error("the sensor history: {0}")]
    Readings(#[from] crate::telemetry::OpenError),
    #[error("the members of the group: {0}")]
    NotChanged(#[from] membership::NotChanged),
}

/// How long members wait for each other.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two signs of life of who coordinates.
    pub sign: Duration,
    /// After so long without one, another member is chosen.
    pub silence: (Duration, Duration),
    /// It does not want to coordinate before it is told that it may.
    pub waits: bool,
}

impl Default for Pace {
    fn default() -> Self {
        let silence = (Duration::from_millis(350), Duration::from_millis(550));
        Self { sign: Duration::from_millis(100), silence, waits: false }
    }
}

/// This member of the group, at work.
pub struct Group {
    pub raft: Raft<Types>,
    log: LogStore,
    gate: Arc<Gate>,
    held: Held,
    waiting: Arc<Waiting>,
    pump: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("log", &self.log).finish_non_exhaustive()
    }
}

impl Group {
    /// Opens what this member has on its disk, and waits for the others. What is submitted to the ledger goes through
    /// the group's log from here on.
    pub async fn start<W: Wire>(
        me: MemberId,
        data_dir: &Path,
        pace: Pace,
        (log, gate, clock): (LogStore, Arc<Gate>, Clock),
        wire: W,
    ) -> Result<(Self, Ledger), GroupError> {
        let parts = Ledger::open_member(&data_dir.join(LEDGER_FILE))?;
        Self::begin(me, data_dir, config(pace), (log, gate, clock), parts, wire).await
    }

    /// The same, of a ledger that is open.
    async fn begin<W: Wire>(
        me: MemberId,
        data_dir: &Path,
        config: Config,
        (log, gate, clock): (LogStore, Arc<Gate>, Clock),
        (ledger, asked, applier): (Ledger, Asked, Applier),
        wire: W,
    ) -> Result<(Self, Ledger), GroupError> {
        let file = data_dir.join(LEDGER_FILE);
        let waiting = Arc::new(Waiting::new().map_err(GroupError::Random)?);
        let copies = data_dir.join(COPIES);
        let machine =
            Machine::open(me, &file, &copies, (&ledger, applier), Arc::clone(&waiting), log.clone())?;
        if !log.has_entries() {
            machine.copy_in_place_of_the_log().await?;
        }
        let held = machine.held();
        log.keep_for(held.reached());
        let config = Arc::new(config.validate()?);
        let raft = Raft::new(me, config, Lines(wire.clone()), log.clone(), machine).await?;
        gate.set_terms(Terms::new(me, raft.clone(), log.clone(), clock, Arc::clone(&waiting)));
        let terms = Arc::clone(&gate);
        // Ends with the engine.
        let _following = Runtime::spawn(async move {
            if let Some(terms) = terms.terms() {
                terms.follow().await;
            }
        });
        let pump =
            Pump { me, raft: raft.clone(), gate: Arc::clone(&gate), wire, waiting: Arc::clone(&waiting) };
        let pump = Mutex::new(Some(Runtime::spawn(pump.run(asked))));
        Ok((Self { raft, log, gate, held, waiting, pump }, ledger))
    }

    /// Makes a group of this member alone, of what its ledger holds. The log begins behind that: whoever joins gets a
    /// copy of the ledger first. What was cut off is done to its end when it is asked again.
    pub async fn found(&self, me: MemberId, member: Member) -> Result<(), GroupError> {
        if !self.raft.is_initialized().await? {
            self.raft.initialize(BTreeMap::from([(me, member)])).await?;
        }
        let long = self.raft.wait(Some(COPY_TAKES));
        long.current_leader(me, "this member coordinates").await?;
        let reached = long.applied_index_at_least(Some(1), "it has applied the beginning").await?;
        self.raft.trigger().snapshot().await?;
        let Some(place) = reached.last_applied else { return Ok(()) };
        long.metrics(|now| now.snapshot >= Some(place), "the copy is made").await?;
        self.raft.trigger().purge_log(place.index).await?;
        long.purged(Some(place), "the log begins behind it").await?;
        Ok(())
    }

    /// Brings up another member, and counts on it from then on. Asked of who coordinates.
    pub async fn add(&self, id: MemberId, member: Member) -> Result<(), GroupError> {
        self.raft.add_learner(id, member, true).await?;
        self.raft.change_membership(ChangeMembers::AddVoterIds(BTreeSet::from([id])), true).await?;
        Ok(())
    }

    /// Puts what another member was asked into the log, if this one coordinates in that term.
    pub async fn take(&self, term: u64, portion: Portion) -> Result<(), NotTaken> {
        pump::take(&self.raft, &self.gate, term, portion).await
    }

    /// The way into this group's log.
    fn pump<W: Wire>(&self, me: MemberId, wire: W) -> Pump<W> {
        let (raft, gate) = (self.raft.clone(), Arc::clone(&self.gate));
        Pump { me, raft, gate, wire, waiting: Arc::clone(&self.waiting) }
    }

    /// Takes no more commands, and stops with all that was accepted on the disk.
    pub async fn stop(self, ledger: &Ledger) {
        ledger.take_no_more();
        let pump = lock(&self.pump).take();
        if let Some(pump) = pump
            && pump.await.is_err()
        {
            tracing::error!("the way into the group's log had panicked");
        }
        if self.raft.shutdown().await.is_err() {
            tracing::error!("the group's engine had panicked");
        }
        drop(self.raft);
        let (log, ledger) = (self.log, ledger.clone());
        let closed = tokio::task::spawn_blocking(move || {
            log.close();
            ledger.close();
        });
        if closed.await.is_err() {
            tracing::error!("closing the group's files panicked");
        }
    }
}

fn config(pace: Pace) -> Config {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Config {
        cluster_name: "tillwatch".into(),
        heartbeat_interval: millis(pace.sign),
        election_timeout_min: millis(pace.silence.0),
        election_timeout_max: millis(pace.silence.1),
        enable_elect: !pace.waits,
        install_snapshot_timeout: millis(COPY_TAKES),
        max_payload_entries: 64,
        replication_lag_threshold: KEPT,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(COPY_EVERY),
        max_in_snapshot_log_to_keep: KEPT,
        ..Config::default()
    }
}
