//! Members in one process, and the network between them: it cuts, loses answers, and says things twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openraft::error::Fatal;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{Raft, Snapshot, Vote};
use tempfile::TempDir;
use tillwatch_shared::{CommandId, UtcMicros};

use crate::clock::Clock;
use crate::domain::stores::AddChain;
use crate::domain::{Command, Payload};
use crate::group::log::LogStore;
use crate::group::pump::Gate;
use crate::group::types::{Member, MemberId, Portion, Types};
use crate::group::wire::{Heard, Lost, NotTaken, Wire};
use crate::group::{Group, LOG_FILE, Pace, pump};
use crate::ledger::{Ledger, Outcome, journal};

/// All members that run, and what is wrong between them.
#[derive(Clone, Default)]
pub struct Net(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    running: BTreeMap<MemberId, (Raft<Types>, Arc<Gate>)>,
    cut: BTreeSet<(MemberId, MemberId)>,
    /// Each so many answers one is lost.
    lose: u64,
    said: u64,
}

/// The network, as one member sees it.
#[derive(Clone)]
pub struct Side {
    net: Net,
    me: MemberId,
}

impl fmt::Debug for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the side of {}", self.me)
    }
}

impl Net {
    /// Cuts the members into those and the others, until it is healed.
    pub fn part(&self, one: &[MemberId]) {
        let mut state = self.0.lock().unwrap();
        let all: Vec<MemberId> = state.running.keys().copied().collect();
        for a in &all {
            for b in &all {
                if one.contains(a) != one.contains(b) {
                    state.cut.insert((*a, *b));
                }
            }
        }
    }

    /// From now on nothing that the one says reaches the other.
    pub fn mute(&self, from: MemberId, to: MemberId) {
        self.0.lock().unwrap().cut.insert((from, to));
    }

    pub fn heal(&self) {
        self.0.lock().unwrap().cut.clear();
    }

    /// From now on one of so many answers is lost. None is lost with 0.
    pub fn lose(&self, one_of: u64) {
        self.0.lock().unwrap().lose = one_of;
    }

    fn reach(&self, from: MemberId, to: MemberId) -> Result<(Raft<Types>, Arc<Gate>), Lost> {
        let state = self.0.lock().unwrap();
        if state.cut.contains(&(from, to)) {
            return Err(Lost::Unreachable);
        }
        state.running.get(&to).cloned().ok_or(Lost::Unreachable)
    }

    /// The answer on its way back.
    fn back<T>(&self, from: MemberId, to: MemberId, answer: T) -> Result<T, Lost> {
        let mut state = self.0.lock().unwrap();
        state.said += 1;
        let lost = state.lose > 0 && state.said.is_multiple_of(state.lose);
        if lost || state.cut.contains(&(to, from)) { Err(Lost::Unanswered) } else { Ok(answer) }
    }
}

impl Wire for Side {
    async fn append(
        &self,
        to: MemberId,
        _: &Member,
        request: AppendEntriesRequest<Types>,
    ) -> Heard<AppendEntriesResponse<MemberId>> {
        let answer = self.net.reach(self.me, to)?.0.append_entries(request).await;
        self.net.back(self.me, to, answer)
    }

    async fn vote(
        &self,
        to: MemberId,
        _: &Member,
        request: VoteRequest<MemberId>,
    ) -> Heard<VoteResponse<MemberId>> {
        let answer = self.net.reach(self.me, to)?.0.vote(request).await;
        self.net.back(self.me, to, answer)
    }

    async fn snapshot(
        &self,
        to: MemberId,
        _: &Member,
        vote: Vote<MemberId>,
        snapshot: Snapshot<Types>,
    ) -> Result<Result<SnapshotResponse<MemberId>, Fatal<MemberId>>, Lost> {
        let (other, _) = self.net.reach(self.me, to)?;
        let place = other.begin_receiving_snapshot().await.map_err(|_| Lost::Unanswered)?;
        fs::copy(&snapshot.snapshot.file, &place.file).unwrap();
        let there = Snapshot { meta: snapshot.meta, snapshot: place };
        let answer = other.install_full_snapshot(vote, there).await;
        self.net.back(self.me, to, answer)
    }

    async fn propose(
        &self,
        to: MemberId,
        _: &Member,
        term: u64,
        portion: Portion,
    ) -> Result<Result<(), NotTaken>, Lost> {
        let (other, gate) = self.net.reach(self.me, to)?;
        let answer = pump::take(&other, &gate, term, portion).await;
        self.net.back(self.me, to, answer)
    }
}

/// A member with its disk.
pub struct Seat {
    pub id: MemberId,
    folder: TempDir,
    net: Net,
    running: Option<(Group, Ledger)>,
}

impl Seat {
    pub async fn new(net: &Net, id: MemberId) -> Self {
        let mut seat = Self { id, folder: tempfile::tempdir().unwrap(), net: net.clone(), running: None };
        seat.start().await;
        seat
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn group(&self) -> &Group {
        &self.running.as_ref().unwrap().0
    }

    pub fn ledger(&self) -> Ledger {
        self.running.as_ref().unwrap().1.clone()
    }

    pub fn runs(&self) -> bool {
        self.running.is_some()
    }

    pub async fn start(&mut self) {
        let side = Side { net: self.net.clone(), me: self.id };
        let pace = Pace {
            sign: Duration::from_millis(100),
            silence: (Duration::from_millis(500), Duration::from_secs(1)),
            waits: false,
        };
        let log = LogStore::open(&self.folder().join(LOG_FILE)).unwrap();
        let gate = Arc::<Gate>::default();
        let parts = (log, Arc::clone(&gate), Clock::system());
        let started = Group::start(self.id, self.folder.path(), pace, parts, side).await.unwrap();
        self.net.0.lock().unwrap().running.insert(self.id, (started.0.raft.clone(), gate));
        self.running = Some(started);
    }

    pub async fn stop(&mut self) {
        let (group, ledger) = self.running.take().unwrap();
        self.net.0.lock().unwrap().running.remove(&self.id);
        group.stop(&ledger).await;
    }

    /// The journal: each command in its order, and the hash that covers all of them.
    pub fn journal(&self) -> (Vec<CommandId>, journal::Tip) {
        self.ledger()
            .read(|db| {
                let mut rows = db.prepare("SELECT command_id FROM journal ORDER BY seq")?;
                let ids = rows.query_map([], |row| Ok(CommandId(crate::domain::rows::id(row, 0)?)))?;
                Ok((ids.collect::<rusqlite::Result<_>>()?, journal::tip(db)?))
            })
            .unwrap()
    }
}

/// A new chain of shops, as the server itself adds one.
pub fn chain(name: &str) -> Command {
    let now = UtcMicros(1_790_000_000_000_000);
    Command {
        id: CommandId::now(),
        actor: None,
        till: None,
        client_at: now,
        server_at: now,
        payload: Payload::AddChain(AddChain { name: name.to_owned() }),
    }
}

pub async fn add_chain(ledger: &Ledger, name: &str) -> Outcome {
    ledger.submit(chain(name)).await
}

/// A group of three, the first of which had something in its ledger before.
pub async fn three(net: &Net) -> Vec<Seat> {
    let mut seats = Vec::new();
    for id in 1..=3 {
        seats.push(Seat::new(net, id).await);
    }
    let first = seats[0].group();
    first.found(1, Member::default()).await.unwrap();
    for id in 2..=3 {
        first.add(id, Member::default()).await.unwrap();
    }
    seats
}

/// Waits until all that run have the same journal.
pub async fn agree(seats: &[Seat]) {
    let mut highest = None;
    for seat in seats.iter().filter(|seat| seat.runs()) {
        highest = highest.max(seat.group().raft.metrics().borrow().last_log_index);
    }
    for seat in seats.iter().filter(|seat| seat.runs()) {
        let wait = seat.group().raft.wait(Some(Duration::from_mins(2)));
        wait.applied_index_at_least(highest, "all have what one has").await.unwrap();
    }
}
