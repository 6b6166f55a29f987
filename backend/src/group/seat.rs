//! This member, as the others know it, and what it has heard of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use openraft::{Raft, RaftMetrics};
use rusqlite::Connection;
use tillwatch_shared::api::Upkeep;
use tillwatch_shared::{CommandId, UtcMicros};
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::file::GroupFile;
use super::history::History;
use super::incoming;
use super::log::{LogError, LogStore};
use super::machine::Held;
use super::pump::Gate;
use super::room;
use super::types::{Member, MemberId, Types};
use super::vocabulary::Knows;
use super::words::{Envelope, Later, More, Presence, Standing, Turned};
use crate::domain::upkeep::NoteUpkeep;
use crate::domain::{Command, Payload};
use crate::ledger::backup::LEDGER_FILE;
use crate::ledger::member::mark as ledger_mark;
use crate::ledger::{Ledger, journal, open};
use crate::locks::lock;

/// Who has said nothing for so long is away.
pub const AWAY: Duration = Duration::from_secs(3);
/// That a member differs is told for at least so long, however fast it is made anew.
const TOLD_FOR: Duration = Duration::from_secs(30);

pub type Metrics = RaftMetrics<MemberId, Member>;

/// This member. What it lacks while it starts comes later.
#[derive(Debug)]
pub struct Seat {
    pub file: GroupFile,
    pub gate: Arc<Gate>,
    log: LogStore,
    data_dir: PathBuf,
    parts: OnceLock<Parts>,
    heard: Mutex<BTreeMap<MemberId, Heard>>,
    /// A copy of another member's ledger that is arriving.
    pub incoming: incoming::Place,
    /// The same of its sensor history.
    pub incoming_history: incoming::Place,
    differs: AtomicBool,
    bound: AtomicBool,
    /// Why this member may not take part.
    refused: watch::Sender<Option<String>>,
    /// Members that differ from most: when that was seen first and last.
    differing: Mutex<BTreeMap<MemberId, (Instant, Instant)>>,
}

struct Parts {
    raft: Raft<Types>,
    ledger: Ledger,
    held: Held,
    /// None where all members have one database for their readings.
    history: Option<History>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("ledger", &self.ledger).finish_non_exhaustive()
    }
}

/// What a member said last.
#[derive(Clone, Debug)]
pub struct Heard {
    pub presence: Presence,
    pub at: Instant,
    /// Since when it has never been away.
    pub since: Instant,
}

impl Heard {
    pub fn is_here(&self) -> bool {
        self.at.elapsed() < AWAY
    }

    pub const fn standing(&self) -> Option<&Standing> {
        self.presence.standing.as_ref()
    }
}

impl Seat {
    pub fn new(file: GroupFile, log: LogStore, data_dir: &Path) -> Self {
        Self {
            file,
            gate: Arc::default(),
            log,
            data_dir: data_dir.to_owned(),
            parts: OnceLock::new(),
            heard: Mutex::default(),
            incoming: tokio::sync::Mutex::default(),
            incoming_history: tokio::sync::Mutex::default(),
            differs: AtomicBool::new(false),
            bound: AtomicBool::new(false),
            refused: watch::Sender::new(None),
            differing: Mutex::default(),
        }
    }

    pub const fn me(&self) -> MemberId {
        self.file.me
    }

    pub const fn log(&self) -> &LogStore {
        &self.log
    }

    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    pub fn group(&self) -> Option<Uuid> {
        self.log.group()
    }

    pub async fn belong(&self, group: Uuid) -> Result<(), LogError> {
        self.log.belong(group).await
    }

    /// It takes part from here on.
    pub fn take_part(&self, raft: Raft<Types>, ledger: Ledger, held: Held, history: Option<History>) {
        // It happens once.
        let _ = self.parts.set(Parts { raft, ledger, held, history });
    }

    pub fn history(&self) -> Option<&History> {
        self.parts.get()?.history.as_ref()
    }

    pub fn held(&self) -> Option<&Held> {
        self.parts.get().map(|parts| &parts.held)
    }

    /// Whether its journal is another one than that of most members.
    pub fn differs(&self) -> bool {
        self.differs.load(Ordering::Relaxed)
    }

    pub fn set_differs(&self, differs: bool) {
        self.differs.store(differs, Ordering::Relaxed);
    }

    /// Whether it is certain that its disk has all that it promised. Until then it promises nothing.
    pub fn is_bound(&self) -> bool {
        self.bound.load(Ordering::Relaxed)
    }

    /// This member may not take part.
    pub fn refuse(&self, why: String) {
        self.refused.send_replace(Some(why));
    }

    /// Waits until it may not. Why that is.
    pub async fn refused(&self) -> String {
        let mut refused = self.refused.subscribe();
        let why = refused.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        why.unwrap_or_default()
    }

    /// Its disk has all that it promised.
    pub fn bind(&self) {
        self.bound.store(true, Ordering::Relaxed);
    }

    /// A member was seen to differ from most.
    pub fn note_differing(&self, id: MemberId) {
        let now = Instant::now();
        lock(&self.differing).entry(id).or_insert((now, now)).1 = now;
    }

    /// Those that differ, or lately did, and since how long ago.
    pub fn differing(&self) -> Vec<(MemberId, Duration)> {
        let mut differing = lock(&self.differing);
        differing.retain(|_, (_, last)| last.elapsed() < TOLD_FOR);
        differing.iter().map(|(id, (first, _))| (*id, first.elapsed())).collect()
    }

    pub fn raft(&self) -> Option<&Raft<Types>> {
        self.parts.get().map(|parts| &parts.raft)
    }

    pub fn metrics(&self) -> Option<Metrics> {
        self.raft().map(|raft| raft.metrics().borrow().clone())
    }

    /// Writes down what was done to the group. It is done, whether that comes about or not.
    pub async fn note(&self, upkeep: Upkeep, now: UtcMicros) {
        let Some(parts) = self.parts.get() else { return };
        let payload = Payload::NoteUpkeep(NoteUpkeep { upkeep });
        let id = CommandId::now();
        let command = Command { id, actor: None, till: None, client_at: now, server_at: now, payload };
        if let Err(error) = parts.ledger.submit(command).await {
            tracing::warn!(%error, "a change of the group's members is not in the history");
        }
    }

    /// As the group's log names it.
    pub fn member(&self) -> Member {
        let place = self.file.members.get(&self.me());
        let (address, url) = place.map(|at| (at.address.clone(), at.url.clone())).unwrap_or_default();
        Member { address, url, disk: self.log.disk() }
    }

    /// As it is told to a member.
    pub fn presence_for(&self, to: MemberId) -> Presence {
        let mut presence = self.presence();
        if let Later(Some(more)) = &mut presence.more {
            more.of_you = self.log.known_of(to);
        }
        presence
    }

    pub fn presence(&self) -> Presence {
        Presence {
            id: self.me(),
            member: self.member(),
            group: self.group(),
            principal: self.file.principal,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            has_ledger: self.group().is_none() && self.has_ledger(),
            room: room::of(&self.data_dir),
            standing: self.parts.get().and_then(Parts::standing),
            more: Later(Some(More {
                differs: self.differs(),
                promised: self.is_bound().then(|| self.log.promised()),
                of_you: None,
                lacks_readings: self.lacks_readings(),
            })),
            knows: Later(Some(Knows::mine())),
        }
    }

    /// Also until it takes part.
    pub fn lacks_readings(&self) -> bool {
        self.parts.get().is_none_or(Parts::lacks_readings)
    }

    /// Whether there is a ledger with something in it.
    pub fn has_ledger(&self) -> bool {
        let file = self.data_dir.join(LEDGER_FILE);
        let tip = || journal::tip(&open::source(&file).ok()?).ok();
        file.exists() && tip().is_none_or(|tip| tip.seq > 0)
    }

    /// Whether the ledger is what a group had agreed on, whatever became of the log.
    pub fn was_member(&self) -> bool {
        let file = self.data_dir.join(LEDGER_FILE);
        let mark = || ledger_mark(&open::source(&file).ok()?).ok().flatten();
        file.exists() && mark().is_some()
    }

    /// The hash of its journal at a place; none where it is not so far.
    pub fn hash_at(&self, seq: i64) -> Option<[u8; 32]> {
        self.read(|db| journal::hash_at(db, seq)).flatten()
    }

    /// What its ledger says, once it takes part.
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        self.parts.get()?.ledger.read(query).ok()
    }

    /// Whether a question is for this member, as it is now.
    pub fn take<T>(&self, envelope: Envelope<T>) -> Result<T, Turned> {
        if envelope.to != self.me() {
            return Err(Turned::OtherMember);
        }
        if let (Some(theirs), Some(ours)) = (envelope.group, self.group())
            && theirs != ours
        {
            return Err(Turned::OtherGroup);
        }
        if envelope.disk.is_some_and(|disk| disk != self.log.disk()) {
            return Err(Turned::OtherDisk);
        }
        Ok(envelope.body)
    }

    /// Like [`Seat::take`], for a question within the group, to its engine.
    pub fn take_inside<T>(&self, envelope: Envelope<T>) -> Result<(&Raft<Types>, T), Turned> {
        if envelope.group.is_none() || self.group().is_none() {
            return Err(Turned::OtherGroup);
        }
        let body = self.take(envelope)?;
        if !self.is_bound() {
            return Err(Turned::NotReady);
        }
        Ok((self.raft().ok_or(Turned::NotReady)?, body))
    }

    /// Notes what a member says of itself.
    pub async fn hear(&self, presence: Presence) {
        let promised = presence.more.0.as_ref().and_then(|more| more.promised);
        if let Some(promised) = promised
            && let Err(error) = self.log.heard_of(presence.id, promised).await
        {
            tracing::warn!(%error, member = presence.id, "what it promised is not noted");
        }
        if presence.differs() {
            self.note_differing(presence.id);
        }
        if let Later(Some(knows)) = &presence.knows {
            self.gate.vocabulary.hear(presence.id, knows);
        }
        let at = Instant::now();
        let mut heard = lock(&self.heard);
        let before = heard.get(&presence.id).filter(|before| before.is_here());
        let since = before.map_or(at, |before| before.since);
        heard.insert(presence.id, Heard { presence, at, since });
    }

    pub fn heard(&self) -> BTreeMap<MemberId, Heard> {
        lock(&self.heard).clone()
    }

    /// Where the others are: as the log says, and before there is one as the file does.
    pub fn others(&self) -> BTreeMap<MemberId, String> {
        let mut others: BTreeMap<MemberId, String> =
            self.file.members.iter().map(|(id, place)| (*id, place.address.clone())).collect();
        if let Some(metrics) = self.metrics() {
            for (id, member) in metrics.membership_config.nodes() {
                others.insert(*id, member.address.clone());
            }
        }
        others.remove(&self.me());
        others
    }
}

impl Parts {
    fn lacks_readings(&self) -> bool {
        self.history.as_ref().is_some_and(|history| history.places().taken.is_none())
    }

    fn standing(&self) -> Option<Standing> {
        let tip = self.ledger.read(journal::tip).ok()?;
        let metrics = self.raft.metrics().borrow().clone();
        Some(Standing {
            term: metrics.current_term,
            coordinator: metrics.current_leader,
            last: metrics.last_log_index.unwrap_or_default(),
            applied: metrics.last_applied.map(|place| place.index).unwrap_or_default(),
            seq: tip.seq,
            hash: tip.hash,
            copy: metrics.snapshot.map(|place| place.index),
        })
    }
}
