//! A member whose journal is another one than that of most members: it serves nobody, lets another one coordinate, sets
//! its ledger aside and takes a copy of a ledger of theirs. Its log is right, and so are its promises: they stay.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use openraft::{Raft, ServerState};
use tillwatch_shared::UtcMicros;
use tokio::time::Instant;

use super::https::{Https, To};
use super::incoming;
use super::machine::{CURRENT, MachineError};
use super::seat::{Heard, Seat};
use super::types::{MemberId, Types};
use super::wire::Lost;
use super::words::{self, Copy, Freight, Sent};
use super::{COPIES, COPY_TAKES};
use crate::locks::lock;

/// Where a ledger is kept that differed, in the data directory.
pub const ASIDE: &str = "set-aside";
const ARRIVING: &str = "ledger-being-received.sqlite";
/// How long a hash is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// A member that differs again so soon has something wrong that a copy does not mend.
const AGAIN: Duration = Duration::from_mins(10);
/// The wait after a copy that did not come.
const REST: Duration = Duration::from_secs(2);
/// How long another member gets to come as far as this one.
const CATCHING_UP: Duration = Duration::from_secs(10);

/// What most members have, where that is clear.
#[derive(Debug)]
pub struct Verdict {
    seq: i64,
    hash: [u8; 32],
    /// Those that have it.
    agree: BTreeSet<MemberId>,
    pub mine_differs: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum NotMended {
    #[error("no member sent a copy of its ledger")]
    NoCopy,
    #[error("what was set aside cannot be kept: {0}")]
    Aside(#[from] io::Error),
    #[error(transparent)]
    Machine(#[from] MachineError),
    #[error("the copy differs too")]
    Differs,
}

/// What came of it before.
#[derive(Debug, Default)]
pub struct Past {
    mended: Mutex<Option<Instant>>,
    failed: Mutex<Option<Instant>>,
    /// What this member lacks.
    verdict: Mutex<Option<Arc<Verdict>>>,
}

impl Past {
    /// Whether it is the time to try.
    pub fn may_try(&self) -> bool {
        let lately = |at: &Mutex<Option<Instant>>, long| lock(at).is_some_and(|at| at.elapsed() < long);
        !lately(&self.mended, AGAIN) && !lately(&self.failed, REST)
    }

    pub fn verdict(&self) -> Option<Arc<Verdict>> {
        lock(&self.verdict).clone()
    }

    pub fn set_verdict(&self, verdict: Option<Arc<Verdict>>) {
        *lock(&self.verdict) = verdict;
    }

    /// A ledger that was made anew and differs still is not set aside for yet another one at once.
    pub fn note(&self, mended: &Result<(), NotMended>) {
        let replaced = matches!(mended, Ok(()) | Err(NotMended::Differs));
        *lock(if replaced { &self.mended } else { &self.failed }) = Some(Instant::now());
    }
}

/// Where the copy arrives of which this member's ledger is made anew.
pub fn arriving(data_dir: &Path) -> PathBuf {
    data_dir.join(COPIES).join(ARRIVING)
}

/// Asks all who count for their hash at a place where one of them told another one than this member has. None where
/// none did, or too few answer.
pub async fn verdict(seat: &Seat, wire: &Https) -> Option<Verdict> {
    let heard = seat.heard();
    let standings = heard.values().filter(|heard| heard.is_here()).filter_map(Heard::standing);
    let seq = standings.filter(|standing| seat.agrees(standing) == Some(false)).map(|one| one.seq).min()?;
    let membership = seat.metrics()?.membership_config;
    let voters: BTreeSet<MemberId> = membership.membership().voter_ids().collect();
    let asked = voters.iter().filter(|id| **id != seat.me()).filter_map(|id| {
        let member = membership.membership().get_node(id)?;
        Some(async move {
            let told: Result<Option<[u8; 32]>, Lost> =
                wire.ask(To::member(*id, member), words::HASH, seq, PATIENCE).await;
            Some((*id, told.ok()??))
        })
    });
    let mut told: BTreeMap<MemberId, [u8; 32]> = join_all(asked).await.into_iter().flatten().collect();
    let mine = seat.hash_at(seq)?;
    told.insert(seat.me(), mine);
    let count = |hash: &[u8; 32]| told.iter().filter(|(id, one)| voters.contains(id) && *one == hash).count();
    let hash = *told.values().find(|hash| count(hash) * 2 > voters.len())?;
    for (id, _) in told.iter().filter(|(_, one)| **one != hash) {
        seat.note_differing(*id);
    }
    let agree = told.into_iter().filter(|(_, one)| *one == hash).map(|(id, _)| id).collect();
    Some(Verdict { seq, hash, agree, mine_differs: mine != hash })
}

impl Verdict {
    /// Those that may take over, or send a copy: who coordinates first.
    pub fn others(&self, raft: &Raft<Types>) -> Vec<MemberId> {
        let leader = raft.metrics().borrow().current_leader;
        let mut others: Vec<MemberId> = self.agree.iter().copied().collect();
        others.sort_by_key(|id| Some(*id) != leader);
        others
    }
}

/// Whether another member coordinates, and this one does not try to.
pub fn has_stepped_down(raft: &Raft<Types>) -> bool {
    raft.runtime_config().elect(false);
    raft.metrics().borrow().state != ServerState::Leader
}

/// Makes the ledger of this member anew, of a copy of one that most members have.
pub async fn mend(seat: &Seat, wire: &Https, verdict: &Verdict, now: UtcMicros) -> Result<(), NotMended> {
    let (Some(raft), Some(held)) = (seat.raft(), seat.held()) else { return Err(NotMended::NoCopy) };
    let folder = seat.data_dir().join(ASIDE);
    fs::create_dir_all(&folder)?;
    let aside = folder.join(format!("ledger-{}.sqlite", now.to_string().replace(':', "")));
    let sources = verdict.others(raft);
    let made = held.make_anew(&aside, async |least| get(seat, wire, raft, &sources, least).await).await;
    if aside.exists() {
        tracing::warn!(kept = %aside.display(), "the ledger that differs is set aside");
        keep_only(&folder, &aside)?;
    }
    made?;
    if seat.hash_at(verdict.seq) == Some(verdict.hash) { Ok(()) } else { Err(NotMended::Differs) }
}

/// Asks one after the other for a copy.
async fn get(
    seat: &Seat,
    wire: &Https,
    raft: &Raft<Types>,
    sources: &[MemberId],
    least: u64,
) -> Result<PathBuf, NotMended> {
    let membership = raft.metrics().borrow().membership_config.clone();
    for id in sources {
        let Some(member) = membership.membership().get_node(id) else { continue };
        let sent: Result<Option<Sent>, Lost> =
            wire.ask(To::member(*id, member), words::COPY, Copy { least }, COPY_TAKES).await;
        let Ok(Some(sent)) = sent else { continue };
        if let Some(file) = incoming::arrived(&seat.incoming, &sent).await {
            tracing::info!(member = id, "has sent a copy of its ledger");
            return Ok(file);
        }
    }
    Err(NotMended::NoCopy)
}

/// One that was set aside is kept: the newest.
fn keep_only(folder: &Path, newest: &Path) -> io::Result<()> {
    for older in fs::read_dir(folder)? {
        let older = older?.path();
        if older != newest {
            tracing::warn!(file = %older.display(), "a ledger that was set aside before is removed: one is kept");
            fs::remove_file(older)?;
        }
    }
    Ok(())
}

/// Sends a copy of this member's ledger that has at least so much of the log.
pub async fn send_copy(
    seat: &Seat,
    wire: &Https,
    raft: &Raft<Types>,
    to: MemberId,
    Copy { least }: Copy,
) -> Option<Sent> {
    if seat.differs() {
        return None;
    }
    let caught_up = raft.wait(Some(CATCHING_UP)).applied_index_at_least(Some(least), "what it has").await;
    let has = move |place: Option<u64>| place >= Some(least);
    if !has(caught_up.ok()?.snapshot.map(|place| place.index)) {
        raft.trigger().snapshot().await.ok()?;
        let made = move |now: &super::seat::Metrics| has(now.snapshot.map(|place| place.index));
        raft.wait(Some(COPY_TAKES)).metrics(made, "the copy is made").await.ok()?;
    }
    let membership = raft.metrics().borrow().membership_config.clone();
    let member = membership.membership().get_node(&to)?;
    wire.send_copy(To::member(to, member), seat.data_dir().join(COPIES).join(CURRENT), Freight::Ledger)
        .await
        .ok()
}
