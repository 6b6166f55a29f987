//! Who coordinates writes that down first: before anything else that it is asked goes into the log, the log has that it
//! coordinates, and why. Where it is chosen again at that very moment, what it was asked may stand before the new term.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use openraft::{Raft, ServerState};
use tillwatch_shared::api::CoordinationCause as Cause;

use super::log::LogStore;
use super::machine::Waiting;
use super::types::{LogId, MemberId, Portion, Proposal, Types, What};
use crate::clock::Clock;
use crate::domain::coordination::TakeCoordination;
use crate::domain::{Command, Payload};
use crate::locks::lock;

/// The terms in which this member coordinates.
pub struct Terms {
    me: MemberId,
    raft: Raft<Types>,
    log: LogStore,
    clock: Clock,
    waiting: Arc<Waiting>,
    /// The newest one that is written down; terms begin at 1.
    written: AtomicU64,
    writing: tokio::sync::Mutex<()>,
    /// Why this member was asked to coordinate, if it was.
    cause: Mutex<Option<Cause>>,
    /// Somebody has coordinated since this member started.
    seen: AtomicBool,
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").field("me", &self.me).field("written", &self.written).finish_non_exhaustive()
    }
}

impl Terms {
    pub fn new(me: MemberId, raft: Raft<Types>, log: LogStore, clock: Clock, waiting: Arc<Waiting>) -> Self {
        Self {
            me,
            raft,
            log,
            clock,
            waiting,
            written: AtomicU64::new(0),
            writing: tokio::sync::Mutex::default(),
            cause: Mutex::default(),
            seen: AtomicBool::new(false),
        }
    }

    /// Why this member will coordinate, if it soon does.
    pub fn because(&self, cause: Option<Cause>) {
        *lock(&self.cause) = cause;
    }

    /// Has it in the log that this member coordinates in that term. Whether it is there, or there is no group yet that
    /// it could be told of.
    pub async fn begun(&self, term: u64) -> bool {
        let is_written = || self.written.load(Ordering::Acquire) >= term;
        let Some(group) = self.log.group() else { return true };
        if is_written() {
            return true;
        }
        let _one = self.writing.lock().await;
        if is_written() {
            return true;
        }
        let cause = *lock(&self.cause);
        let cause =
            cause.unwrap_or(if self.seen.load(Ordering::Relaxed) { Cause::Silent } else { Cause::Start });
        let taken = TakeCoordination { group, term, member: self.me, cause };
        let Some(portion) = self.portion(taken) else { return false };
        if self.raft.client_write(portion).await.is_err() {
            return false;
        }
        tracing::info!(term, ?cause, "this member coordinates");
        self.because(None);
        self.seen.store(true, Ordering::Relaxed);
        self.written.store(term, Ordering::Release);
        true
    }

    fn portion(&self, taken: TakeCoordination) -> Option<Portion> {
        let now = self.clock.now();
        let command = Command {
            id: taken.id(),
            actor: None,
            till: None,
            client_at: now,
            server_at: now,
            payload: Payload::TakeCoordination(taken),
        };
        let what = What::command_as(serde_json::to_string(&command).ok()?);
        // Nobody waits for its outcome.
        let ticket = self.waiting.add(None);
        Some(Portion([Proposal { member: self.me, ticket, what }].into()))
    }

    /// Writes it down where this member coordinates.
    pub async fn look(&self) {
        let (leader, term, leads) = {
            let metrics = self.raft.server_metrics();
            let now = metrics.borrow();
            (now.current_leader, now.vote.leader_id().term, now.state == ServerState::Leader)
        };
        if leads {
            self.begun(term).await;
        } else if leader.is_some_and(|id| id != self.me) {
            self.seen.store(true, Ordering::Relaxed);
        }
    }

    /// Looks whenever another member coordinates, also where nobody asks for anything. Ends with the engine.
    pub async fn follow(&self) {
        let mut metrics = self.raft.server_metrics();
        metrics.mark_changed();
        while metrics.changed().await.is_ok() {
            self.look().await;
        }
    }
}

/// What is said of the term is what the log knows: the one who said it may have fallen, and coordinate again.
pub fn as_in_the_log(command: &mut Command, place: LogId) {
    if let Payload::TakeCoordination(taken) = &mut command.payload {
        (taken.term, taken.member) = (place.leader_id.term, place.leader_id.node_id);
        command.id = taken.id();
    }
}
