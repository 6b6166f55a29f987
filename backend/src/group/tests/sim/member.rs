//! A member: its disk, how it starts, and how it falls.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use openraft::{Config, Raft, SnapshotPolicy};
use tillwatch_shared::UtcMicros;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::check::Violation;
use super::net::Side;
use super::plan::Planted;
use super::runtime::Life;
use super::world::{Phase, World};
use crate::clock::Clock;
use crate::copying;
use crate::group::log::{Job, LogStore, Writer};
use crate::group::pump::Gate;
use crate::group::types::{MemberId, Types};
use crate::group::{Group, LOG_FILE, Pace, config};
use crate::ledger::Ledger;
use crate::ledger::backup::LEDGER_FILE;
use crate::ledger::member::{self, ByHand};
use crate::locks::lock;

const GROUP: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);
/// How often it is looked whether a member can go on.
const LOOK: u64 = 20;
/// What a disk that lies has written last, and loses when its member falls.
const LIES: u64 = 60;

/// A member that runs.
pub struct Host {
    pub life: Arc<Life>,
    pub group: Group,
    pub gate: Arc<Gate>,
    pub ledger: Ledger,
    pub disk: Arc<Disk>,
    pub clock: Clock,
    /// The last place that a planted fault has given away.
    pub given: AtomicI64,
    /// A copy of a ledger that has arrived.
    pub incoming: tokio::sync::Mutex<Option<(u64, PathBuf)>>,
}

/// What is wrong with a disk.
#[derive(Debug, Default)]
pub struct Disk {
    /// So many more writes fail.
    pub log_fails: AtomicU64,
    pub ledger_fails: AtomicU64,
    /// A write takes so much longer.
    pub slow: AtomicU64,
    /// One has failed, so the member may end by itself.
    failed: AtomicBool,
    /// What was told last, and when.
    told: std::sync::Mutex<Vec<(u64, u64)>>,
}

impl Disk {
    fn fails(&self, next: &AtomicU64) -> bool {
        let fails =
            next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        if fails {
            self.failed.store(true, Ordering::Relaxed);
        }
        fails
    }
}

impl Host {
    pub const fn raft(&self) -> &Raft<Types> {
        &self.group.raft
    }

    pub fn now(&self) -> UtcMicros {
        self.clock.now()
    }
}

/// Like the product's, but that copies are made all the time.
fn settings() -> Config {
    Config {
        snapshot_policy: SnapshotPolicy::LogsSinceLast(60),
        max_in_snapshot_log_to_keep: 10,
        replication_lag_threshold: 20,
        ..config(Pace::default())
    }
}

impl World {
    pub fn folder_of(&self, id: MemberId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    /// Starts a member on what its disk has.
    pub fn start(self: &Arc<Self>, id: MemberId) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let world = Arc::clone(self);
        Box::pin(async move {
            world.note(format_args!("{id} starts"));
            let life = Life::new(id);
            let starting = life.spawn(Arc::clone(&world).open(id, Arc::clone(&life)));
            let started = starting.await.unwrap_or_else(|error| Err(error.to_string()));
            match started {
                Ok(host) => {
                    let host = Arc::new(host);
                    lock(&world.hosts).insert(id, Arc::clone(&host));
                    tokio::spawn(Arc::clone(&world).watch(host));
                }
                Err(why) => world.found(Violation::DoesNotStart { member: id, why }),
            }
        })
    }

    async fn open(self: Arc<Self>, id: MemberId, life: Arc<Life>) -> Result<Host, String> {
        let folder = self.folder_of(id);
        std::fs::create_dir_all(&folder).unwrap();
        let disk = Arc::new(Disk::default());
        let (log, writer, queue) =
            LogStore::open_apart(&folder.join(LOG_FILE)).map_err(|error| error.to_string())?;
        life.spawn(write_log(Arc::clone(&self), Arc::clone(&disk), id, writer, queue));
        let file = folder.join(LEDGER_FILE);
        let (parts, mut by_hand) = Ledger::open_member_by_hand(&file).map_err(|error| error.to_string())?;
        if !member::durable(&file).exists() {
            // As it was made.
            member::note_durable(&file);
        }
        by_hand.forgets_ids(self.plan.has(Planted::ForgetsIds));
        life.spawn(write_ledger(Arc::clone(&self), Arc::clone(&disk), id, by_hand));
        let gate = Arc::<Gate>::default();
        let side = Side { world: Arc::clone(&self), me: id };
        if log.group().is_none() {
            log.belong(GROUP).await.map_err(|error| error.to_string())?;
        }
        let clock = Clock::manual(UtcMicros(1_790_000_000_000_000));
        let at_work = (log, Arc::clone(&gate), clock.clone());
        let started = Group::begin(id, &folder, settings(), at_work, parts, side).await;
        let (group, ledger) = started.map_err(|error| error.to_string())?;
        let (given, incoming) = (AtomicI64::default(), tokio::sync::Mutex::default());
        Ok(Host { life, group, gate, ledger, disk, clock, given, incoming })
    }

    /// A member that cannot go on ends, as the program does, and is started again. It may only be for its disk.
    async fn watch(self: Arc<Self>, host: Arc<Host>) {
        let metrics = host.raft().metrics();
        let id = host.life.member;
        let why = loop {
            self.rest(LOOK, Phase::Net).await;
            if host.life.has_ended() {
                return;
            }
            let ended = metrics.borrow().running_state.clone().err().map(|error| error.to_string());
            let gone = || metrics.has_changed().is_err().then(|| "its engine is gone".to_owned());
            if let Some(why) = ended.or_else(gone) {
                break why;
            }
        };
        self.note(format_args!("{id} cannot go on"));
        if !host.disk.failed.load(Ordering::Relaxed) {
            self.found(Violation::Broke { member: id, why });
        }
        self.fall(id);
        self.rest(self.roll(50..800), Phase::Net).await;
        self.start(id).await;
    }

    /// A member is gone from one moment to the next. Only what its disk has is there later.
    pub fn fall(&self, id: MemberId) -> bool {
        let Some(host) = lock(&self.hosts).remove(&id) else { return false };
        self.note(format_args!("{id} falls"));
        host.life.end();
        if self.plan.has(Planted::AnswersBeforeDisk) {
            self.forget(id, &host.disk);
        }
        if self.chance(300) {
            self.lose_power(id);
        }
        true
    }

    /// The ledger loses all that nobody brought to the disk.
    fn lose_power(&self, id: MemberId) {
        let file = self.folder_of(id).join(LEDGER_FILE);
        let durable = member::durable(&file);
        self.note(format_args!("{id} loses the end of its ledger"));
        let mut ledger = rusqlite::Connection::open(&file).unwrap();
        copying::copy(&rusqlite::Connection::open(durable).unwrap(), &mut ledger, copying::ALONE).unwrap();
    }

    /// What was told to be on the disk, and is not.
    fn forget(&self, id: MemberId, disk: &Disk) {
        let now = self.millis();
        let lost = lock(&disk.told).iter().find(|(at, _)| at + LIES > now).map(|(_, place)| *place);
        if let Some(place) = lost {
            let file = rusqlite::Connection::open(self.folder_of(id).join(LOG_FILE)).unwrap();
            file.execute("DELETE FROM entry WHERE place >= ?1", [place.cast_signed()]).unwrap();
        }
    }
}

/// The log's thread, in the time of the simulation.
async fn write_log(
    world: Arc<World>,
    disk: Arc<Disk>,
    id: MemberId,
    mut writer: Writer,
    mut queue: mpsc::Receiver<Job>,
) {
    let mut jobs = Vec::new();
    while queue.recv_many(&mut jobs, 1_024).await > 0 {
        world.rest(world.roll(1..5) + disk.slow.load(Ordering::Relaxed), Phase::Disk).await;
        let fails = disk.fails(&disk.log_fails);
        // It may fail with nothing written, or with all of it.
        writer.connection.pragma_update(None, "query_only", fails && world.chance(700)).unwrap();
        let first = jobs.iter().find_map(|job| match job {
            Job::Append { from, .. } => Some(*from),
            Job::Change { .. } | Job::Committed(_) => None,
        });
        let mut outcome = writer.put(&mut jobs);
        if fails {
            outcome = outcome.and(Err(rusqlite::Error::InvalidQuery));
        }
        world.note(format_args!("{id} writes {} to its log, {}", jobs.len(), said(outcome.is_ok())));
        if world.chance(100) {
            world.rest(world.roll(1..30), Phase::Disk).await;
        }
        if let Some(first) = first {
            lock(&disk.told).push((world.millis(), first));
        }
        writer.tell(jobs.drain(..), outcome.as_ref().err());
    }
}

/// The ledger's writer, likewise.
async fn write_ledger(world: Arc<World>, disk: Arc<Disk>, id: MemberId, mut by_hand: ByHand) {
    while by_hand.taken().await {
        world.rest(world.roll(1..5) + disk.slow.load(Ordering::Relaxed), Phase::Disk).await;
        let fails = disk.fails(&disk.ledger_fails);
        by_hand.connection().pragma_update(None, "query_only", fails).unwrap();
        by_hand.turn();
        world.note(format_args!("{id} writes its ledger, {}", said(!fails)));
    }
}

const fn said(well: bool) -> &'static str {
    if well { "well" } else { "badly" }
}
