//! The way of commands and readings from this member's queues into the group's log: those that wait go together, to
//! whoever coordinates. Their outcome is what this member finds when it applies them itself.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use openraft::error::{ClientWriteError, RaftError};
use openraft::{AsyncRuntime as _, Raft, RaftMetrics, ServerState};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, Semaphore, watch};
use tokio::time::Instant;

use super::line::{Asked, Errand, Line};
use super::machine::Waiting;
use super::terms::Terms;
#[cfg(test)]
use super::tests::sim::planted;
use super::types::{Member, MemberId, Portion, Proposal, Runtime, Types};
use super::vocabulary::Vocabulary;
use super::wire::{Lost, NotTaken, Wire};
use crate::ledger::SubmitError;

/// Letters of one entry; a command that is larger goes by itself.
const LARGEST: usize = 1024 * 1024;
/// Entries that are on their way at once: enough that nobody waits for the disk of another entry, few enough that
/// commands gather meanwhile.
const UNDER_WAY: u32 = 4;
/// How long one member is waited for, before it is looked again who coordinates.
const ANSWER: Duration = Duration::from_secs(1);
/// The wait before the same member is asked again.
const AGAIN: Duration = Duration::from_millis(20);

/// Where it is seen who coordinates. One looks out at a time, so that they go on in the order in which they came.
type Lookout = tokio::sync::Mutex<watch::Receiver<RaftMetrics<MemberId, Member>>>;

/// Through here commands come into the log of who coordinates. It is shut while another member takes over, and nothing
/// is under way once it is.
#[derive(Debug, Default)]
pub struct Gate {
    passage: RwLock<()>,
    terms: OnceLock<Terms>,
    pub vocabulary: Vocabulary,
}

impl Gate {
    /// None: it is shut.
    fn pass(&self) -> Option<RwLockReadGuard<'_, ()>> {
        self.passage.try_read().ok()
    }

    /// Shuts it, when what is under way has come through.
    pub async fn shut(&self) -> RwLockWriteGuard<'_, ()> {
        self.passage.write().await
    }

    /// Nothing comes through from now on before the log has who coordinates.
    pub fn set_terms(&self, terms: Terms) -> &Terms {
        // It is told once.
        self.terms.get_or_init(|| terms)
    }

    pub fn terms(&self) -> Option<&Terms> {
        self.terms.get()
    }

    /// Whether the term, in which this member coordinates, has begun.
    async fn has_begun(&self, term: u64) -> bool {
        match self.terms() {
            Some(terms) => terms.begun(term).await,
            None => false,
        }
    }
}

/// Carries commands for as long as the ledger is open, and readings for as long as the history is.
#[derive(Clone)]
pub struct Pump<W> {
    pub me: MemberId,
    pub raft: Raft<Types>,
    pub gate: Arc<Gate>,
    pub wire: W,
    pub waiting: Arc<Waiting>,
}

impl<W: Wire> Pump<W> {
    pub async fn run<A: Asked>(self, asked: A) {
        let under_way = Arc::new(Semaphore::new(UNDER_WAY as usize));
        let lookout = Arc::new(Lookout::new(self.raft.metrics()));
        let mut line = Line::new(asked);
        while let Ok(turn) = line.turn(Arc::clone(&under_way).acquire_owned()).await {
            let Some((errands, end)) = line.next().await else { break };
            let lacking = self.lacking();
            let propose = |errand: A::Errand| match errand.kind().and_then(|kind| lacking.get(kind)) {
                None => errand.propose(self.me, &self.waiting),
                Some(member) => {
                    errand.hold_back(*member);
                    None
                }
            };
            let portions = portions(errands.into_iter().filter_map(propose));
            let (pump, lookout) = (self.clone(), Arc::clone(&lookout));
            Runtime::spawn(async move {
                let mut fates = Vec::new();
                for portion in portions {
                    fates.push((pump.carry(&portion, end, &lookout).await, portion));
                }
                // What the log has is applied here soon after, which answers.
                drop(turn);
                for (fate, portion) in fates {
                    if !matches!(fate, SubmitError::NoCoordinator) && pump.waiting.any(&portion.0) {
                        tokio::time::sleep_until(end).await;
                    }
                    pump.waiting.give_up(&portion.0, &fate);
                }
            });
        }
        // What was accepted goes its way before the engine stops.
        if under_way.acquire_many(UNDER_WAY).await.is_err() {
            tracing::error!("commands were still under way");
        }
    }

    /// The kinds of commands that not all members know, each with one that does not.
    fn lacking(&self) -> BTreeMap<&'static str, MemberId> {
        let metrics = self.raft.metrics();
        let now = metrics.borrow();
        let members = now.membership_config.membership();
        self.gate.vocabulary.lacking(|id| members.get_node(&id).is_some())
    }

    /// Until it is in the log, or for so long as somebody waits for it. What to say to those who hear nothing.
    async fn carry(&self, portion: &Portion, end: Instant, lookout: &Lookout) -> SubmitError {
        let mut fate = SubmitError::NoCoordinator;
        let may_repeat = portion.0.iter().all(|proposal| proposal.what.may_repeat());
        loop {
            match tokio::time::timeout_at(end, self.offer(portion, lookout, &mut fate)).await {
                // It may be there already.
                Ok(false) if !may_repeat && matches!(fate, SubmitError::Unknown) => return fate,
                Ok(false) if Instant::now() < end => {
                    tokio::time::sleep_until(end.min(Instant::now() + AGAIN)).await;
                }
                Ok(true) => return SubmitError::Unknown,
                // An offer that ends at once is never cut off.
                Ok(false) | Err(_) => return fate,
            }
        }
    }

    /// Offers it once. Whether it is in the log now.
    async fn offer(&self, portion: &Portion, lookout: &Lookout, fate: &mut SubmitError) -> bool {
        let (term, leader) = coordinator(&mut *lookout.lock().await).await;
        if leader.0 == self.me {
            let Some(_open) = self.gate.pass() else { return false };
            if !self.gate.has_begun(term).await {
                return false;
            }
            *fate = SubmitError::Unknown;
            #[cfg(test)]
            planted::offered(self.me, portion, Some(&self.waiting));
            return match self.raft.client_write(portion.clone()).await {
                Ok(_) => true,
                // It left the log again.
                Err(RaftError::APIError(
                    ClientWriteError::ForwardToLeader(_) | ClientWriteError::ChangeMembershipError(_),
                )) => false,
                Err(RaftError::Fatal(error)) => {
                    tracing::error!(%error, "this member of the group is out of order");
                    false
                }
            };
        }
        let asked = self.wire.propose(leader.0, &leader.1, term, portion.clone());
        match tokio::time::timeout(ANSWER, asked).await {
            Ok(Ok(Ok(()))) => true,
            Ok(Ok(Err(NotTaken::NotCoordinator)) | Err(Lost::Unreachable)) => false,
            Ok(Ok(Err(NotTaken::Broken)) | Err(Lost::Unanswered)) | Err(_) => {
                *fate = SubmitError::Unknown;
                false
            }
        }
    }
}

/// In their order, none of them much larger than one may be.
fn portions(proposals: impl Iterator<Item = Proposal>) -> Vec<Portion> {
    let (mut portions, mut next, mut letters) = (Vec::new(), Vec::new(), 0);
    for proposal in proposals {
        if letters > 0 && letters + proposal.what.bytes() > LARGEST {
            portions.push(Portion(std::mem::take(&mut next).into()));
            letters = 0;
        }
        letters += proposal.what.bytes();
        next.push(proposal);
    }
    if !next.is_empty() {
        portions.push(Portion(next.into()));
    }
    portions
}

/// Puts what another member offers into the log, if this one coordinates in that term.
pub async fn take(raft: &Raft<Types>, gate: &Gate, term: u64, portion: Portion) -> Result<(), NotTaken> {
    let Some(_open) = gate.pass() else { return Err(NotTaken::NotCoordinator) };
    let leads = {
        let metrics = raft.metrics();
        let now = metrics.borrow();
        now.state == ServerState::Leader && now.current_term == term
    };
    if !leads {
        return Err(NotTaken::NotCoordinator);
    }
    if !gate.has_begun(term).await {
        return Err(NotTaken::NotCoordinator);
    }
    #[cfg(test)]
    planted::offered(raft.metrics().borrow().id, &portion, None);
    raft.client_write(portion).await.map(drop).map_err(|error| match error {
        RaftError::APIError(_) => NotTaken::NotCoordinator,
        RaftError::Fatal(_) => NotTaken::Broken,
    })
}

/// Waits until somebody coordinates. Gives the term and who it is.
async fn coordinator(
    metrics: &mut watch::Receiver<RaftMetrics<MemberId, Member>>,
) -> (u64, (MemberId, Member)) {
    loop {
        {
            let now = metrics.borrow_and_update();
            let found = now.current_leader.and_then(|id| {
                let member = now.membership_config.membership().get_node(&id)?;
                Some((id, member.clone()))
            });
            if let Some(leader) = found {
                return (now.current_term, leader);
            }
        }
        if metrics.changed().await.is_err() {
            // The engine has stopped; who waits is told when his patience is over.
            std::future::pending::<()>().await;
        }
    }
}
