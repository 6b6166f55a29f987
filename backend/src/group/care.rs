//! What who coordinates does for the group itself: brings up members that are new or have lost their disk, counts on
//! them once they have caught up, and lets the principal take over when it is back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use openraft::{ChangeMembers, Raft, ServerState};
use tillwatch_shared::api::{CoordinationCause as Cause, Upkeep};
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use super::GroupError;
use super::differs::{self, Past, Verdict};
use super::https::{Https, To};
use super::join::JoinError;
use super::membership::{CHANGE_TAKES, NotChanged, add, change, has_caught_up, lag, readmit, remove};
use super::seat::{Heard, Metrics, Seat};
use super::shorten::Shortening;
use super::types::{Member, MemberId, Types, counts};
use super::wire::Lost;
use super::words::{self, Change, Later, Lead, Presence, Turned};
use crate::clock::Clock;
use crate::locks::lock;

/// How often members tell each other how they are.
const ROUND: Duration = Duration::from_millis(500);
/// How long one is waited for there.
const GREETING: Duration = Duration::from_secs(1);
/// The principal takes over when it has been here for so long.
const STEADY: Duration = Duration::from_secs(3);
/// The wait after a hand-over that did not come about.
const REST: Duration = Duration::from_secs(20);
/// How long commands are held up at most for a hand-over.
const HELD_UP: Duration = Duration::from_millis(900);
/// How long each attempt to be chosen gets, in milliseconds. The others refuse the first ones: they have just heard of
/// who coordinates. The later ones have the time that a slow disk takes.
const ATTEMPTS: [u64; 5] = [200, 200, 200, 300, 700];

/// Looks after the group; clones share it.
#[derive(Clone, Debug)]
pub struct Keeper(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    seat: Arc<Seat>,
    wire: Https,
    /// A person wants this member to coordinate, although it is not the principal.
    stays: AtomicBool,
    rests_until: Mutex<Option<Instant>>,
    one_change: tokio::sync::Mutex<()>,
    clock: Clock,
    differed: Past,
    /// What is wrong with each member, as it was told last.
    troubles: Mutex<BTreeMap<MemberId, Option<Trouble>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Away,
    Turned(Turned),
}

impl Keeper {
    pub fn new(seat: Arc<Seat>, wire: Https, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            seat,
            wire,
            clock,
            differed: Past::default(),
            stays: AtomicBool::new(false),
            rests_until: Mutex::new(None),
            one_change: tokio::sync::Mutex::new(()),
            troubles: Mutex::default(),
        }))
    }

    /// Wants to coordinate, as another member asks. Whether this one does.
    pub async fn lead(&self, raft: &Raft<Types>, asked: Lead) -> bool {
        let Inner { seat, .. } = &*self.0;
        let Lead { stay, cause: Later(cause) } = asked;
        let unsaid = match (stay, seat.me() == seat.file.principal) {
            (true, _) => Cause::Asked,
            (false, true) => Cause::Principal,
            (false, false) => Cause::Stopped,
        };
        self.stays(stay);
        let because = |cause| seat.gate.terms().into_iter().for_each(|terms| terms.because(cause));
        because(Some(cause.unwrap_or(unsaid)));
        let leads = lead(raft).await;
        if !leads {
            because(None);
        }
        leads
    }

    /// Whether this member keeps coordinating although another one is the principal.
    pub fn stays(&self, stays: bool) {
        self.0.stays.store(stays, Ordering::Relaxed);
    }

    /// For as long as the server runs.
    pub async fn run(self) {
        let Inner { seat, .. } = &*self.0;
        let mut shortening = Shortening::default();
        let mut tick = tokio::time::interval(ROUND);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.greet().await;
            if let Err(error) = self.bind().await {
                return seat.refuse(error.to_string());
            }
            self.compare().await;
            if let Err(error) = self.care().await {
                tracing::warn!(%error, "the group's members stay as they are for the moment");
            }
            self.look_after_history();
            shortening.look(seat).await;
        }
    }

    /// Has it brought up beside everything else, where it lacks something.
    fn look_after_history(&self) {
        let Inner { seat, .. } = &*self.0;
        let lacking = seat.history().filter(|history| history.places().taken.is_none());
        if let Some(history) = lacking.cloned() {
            let keeper = self.clone();
            // It ends when it has asked everybody.
            tokio::spawn(async move { history.mend(&keeper.0.seat, &keeper.0.wire).await });
        }
    }

    pub async fn send_history(&self, to: MemberId, asked: words::Copy) -> Option<words::Sent> {
        self.0.seat.history()?.send_copy(&self.0.seat, &self.0.wire, to, asked).await
    }

    /// Lets this member promise something, as soon as most members have said what they heard of it last. Whether it may.
    pub async fn bind(&self) -> Result<bool, GroupError> {
        let Inner { seat, .. } = &*self.0;
        if seat.is_bound() {
            return Ok(true);
        }
        self.is_understood()?;
        let all = seat.others().len() + 1;
        let heard: Vec<Heard> = seat.heard().into_values().filter(Heard::is_here).collect();
        let of_me = heard.iter().filter_map(|heard| heard.presence.more.0.as_ref()?.of_you.as_ref());
        if of_me.into_iter().any(|promised| seat.log().is_older_than(promised)) {
            return Err(JoinError::OlderDisk.into());
        }
        if (heard.len() + 1) * 2 <= all {
            return Ok(false);
        }
        self.is_bound().await?;
        Ok(true)
    }

    /// Most members do not turn this one away for what it is.
    pub fn is_understood(&self) -> Result<(), JoinError> {
        let Inner { seat, troubles, .. } = &*self.0;
        let most = |turned| {
            let why = Some(Trouble::Turned(turned));
            let away = lock(troubles).values().filter(|trouble| **trouble == why).count();
            away * 2 > seat.others().len() + 1
        };
        if most(Turned::OtherForm) {
            return Err(JoinError::OtherForm);
        }
        if most(Turned::OtherGroup) { Err(JoinError::OtherGroup) } else { Ok(()) }
    }

    /// This member has nothing to remember, or remembers it.
    pub async fn is_bound(&self) -> Result<(), GroupError> {
        let Inner { seat, .. } = &*self.0;
        seat.log().begin_run().await?;
        seat.bind();
        if let Some(raft) = seat.raft() {
            raft.runtime_config().elect(true);
        }
        Ok(())
    }

    /// Tells all others how this member is, and hears how they are.
    pub async fn greet(&self) {
        let Inner { seat, wire, .. } = &*self.0;
        let others = seat.others();
        join_all(others.iter().map(|(id, address)| {
            let presence = seat.presence_for(*id);
            async move {
                let to = To { id: *id, address, disk: None };
                let answer: Result<Result<Presence, Turned>, Lost> =
                    wire.put(to, words::HELLO, presence, GREETING).await;
                match answer {
                    Ok(Ok(presence)) if presence.id == *id => {
                        seat.hear(presence).await;
                        self.note(*id, None);
                    }
                    Ok(Ok(_)) => self.note(*id, Some(Trouble::Turned(Turned::OtherMember))),
                    Ok(Err(turned)) => self.note(*id, Some(Trouble::Turned(turned))),
                    Err(_) if seat.heard().get(id).is_some_and(Heard::is_here) => {}
                    Err(_) => self.note(*id, Some(Trouble::Away)),
                }
            }
        }))
        .await;
    }

    /// Whether this member has what most have. If not it serves nobody until it has.
    async fn compare(&self) {
        let Inner { seat, wire, differed, .. } = &*self.0;
        let Some(raft) = seat.raft() else { return };
        // What it was found to lack stays so, whatever is agreed on afterwards.
        let known = differed.verdict();
        let found = match known {
            Some(known) => Some(known),
            None => differs::verdict(seat, wire).await.filter(|found| found.mine_differs).map(Arc::new),
        };
        let Some(verdict) = found else { return };
        if !seat.differs() {
            tracing::error!(
                "this member's journal is another one than most have: it serves nobody until it is made anew"
            );
            differed.set_verdict(Some(Arc::clone(&verdict)));
            seat.set_differs(true);
            // All hear of it, however fast it is mended.
            self.greet().await;
        }
        if !differs::has_stepped_down(raft) {
            for next in verdict.others(raft) {
                if self.hand_over(raft, next, Cause::Differs).await {
                    break;
                }
            }
            return;
        }
        if !differed.may_try() {
            return;
        }
        self.mend(raft, &verdict).await;
    }

    /// The others are told meanwhile that this member is there.
    async fn mend(&self, raft: &Raft<Types>, verdict: &Verdict) {
        let Inner { seat, wire, clock, differed, .. } = &*self.0;
        let greeting = async {
            loop {
                tokio::time::sleep(ROUND).await;
                self.greet().await;
            }
        };
        let mended = tokio::select! {
            mended = differs::mend(seat, wire, verdict, clock.now()) => mended,
            () = greeting => return,
        };
        differed.note(&mended);
        if let Err(error) = &mended {
            tracing::error!(%error, "this member could not be made anew");
            return;
        }
        tracing::warn!("this member has a copy of what most have, and serves again");
        // Whoever is served here finds that the others know it.
        self.greet().await;
        differed.set_verdict(None);
        seat.set_differs(false);
        raft.runtime_config().elect(true);
    }

    pub async fn send_copy(
        &self,
        raft: &Raft<Types>,
        to: MemberId,
        asked: words::Copy,
    ) -> Option<words::Sent> {
        differs::send_copy(&self.0.seat, &self.0.wire, raft, to, asked).await
    }

    /// What changes is told once to who looks at the log.
    fn note(&self, member: MemberId, trouble: Option<Trouble>) {
        let before = lock(&self.0.troubles).insert(member, trouble);
        if before == Some(trouble) {
            return;
        }
        match trouble {
            None => tracing::info!(member, "is here"),
            Some(Trouble::Away) => tracing::warn!(member, "is away"),
            Some(Trouble::Turned(why)) => tracing::error!(member, %why, "does not talk to this one"),
        }
    }

    /// One thing at a time; the next round sees what is left.
    async fn care(&self) -> Result<(), NotChanged> {
        let Inner { seat, one_change, .. } = &*self.0;
        let (Some(raft), Some(metrics)) = (seat.raft(), seat.metrics()) else { return Ok(()) };
        let Ok(_one) = one_change.try_lock() else { return Ok(()) };
        if metrics.state != ServerState::Leader {
            return Ok(());
        }
        let membership = metrics.membership_config.membership();
        if membership.get_joint_config().len() > 1 {
            // A change whose second half was cut off: until it is done both the old and the new members have to agree.
            return change(raft, ChangeMembers::AddVoterIds(BTreeSet::new())).await;
        }
        for (id, heard) in seat.heard() {
            let Heard { presence, .. } = &heard;
            if !heard.is_here() || presence.group != seat.group() {
                continue;
            }
            let Some(known) = membership.get_node(&id) else {
                // It was on its way in when who coordinated fell. Who was removed has a log.
                if seat.file.members.contains_key(&id) && presence.is_empty() {
                    tracing::info!(member = id, "is brought up: it has joined, and was forgotten");
                    return add(raft, id, presence.member.clone()).await;
                }
                continue;
            };
            let counts = counts(&metrics.membership_config, id);
            if known.disk != presence.member.disk {
                tracing::info!(member = id, "is brought up: it is new, or has another disk");
                return readmit(raft, id, counts, presence.member.clone()).await;
            }
            if *known != presence.member {
                tracing::info!(member = id, address = presence.member.address, "has moved");
                let moved = ChangeMembers::SetNodes([(id, presence.member.clone())].into());
                return change(raft, moved).await;
            }
            if !counts && has_caught_up(&metrics, id) {
                tracing::info!(member = id, "has caught up, and counts from now on");
                return change(raft, ChangeMembers::AddVoterIds(BTreeSet::from([id]))).await;
            }
        }
        self.prefer_the_principal(raft, &metrics).await;
        Ok(())
    }

    async fn prefer_the_principal(&self, raft: &Raft<Types>, metrics: &Metrics) {
        let Inner { seat, stays, rests_until, .. } = &*self.0;
        let principal = seat.file.principal;
        let rests = lock(rests_until).is_some_and(|until| Instant::now() < until);
        if principal == seat.me() || rests || stays.load(Ordering::Relaxed) {
            return;
        }
        let heard = seat.heard();
        // One without its readings would take every sensor for silent.
        let ready = |heard: &Heard| heard.is_here() && heard.since.elapsed() >= STEADY;
        let steady =
            heard.get(&principal).is_some_and(|heard| ready(heard) && !heard.presence.lacks_readings())
                && !seat.differing().iter().any(|(id, _)| *id == principal);
        let counts = counts(&metrics.membership_config, principal);
        if steady
            && counts
            && has_caught_up(metrics, principal)
            && !self.hand_over(raft, principal, Cause::Principal).await
        {
            tracing::warn!(principal, "did not take over; it is tried again later");
            *lock(rests_until) = Some(Instant::now() + REST);
        }
    }

    /// Lets another member coordinate. Commands wait meanwhile, and none is refused.
    async fn hand_over(&self, raft: &Raft<Types>, to: MemberId, cause: Cause) -> bool {
        let Inner { seat, wire, .. } = &*self.0;
        let Some(metrics) = seat.metrics() else { return false };
        let Some(member) = metrics.membership_config.membership().get_node(&to).cloned() else {
            return false;
        };
        let end = Instant::now() + HELD_UP;
        let Ok(_shut) = tokio::time::timeout_at(end, seat.gate.shut()).await else { return false };
        let wait = raft.wait(Some(HELD_UP));
        let there = |now: &Metrics| now.state != ServerState::Leader || lag(now, to) == Some(0);
        let all_there = wait.metrics(there, "it has all of the log");
        match tokio::time::timeout_at(end, all_there).await {
            Ok(Ok(now)) if now.state == ServerState::Leader => {}
            Ok(Ok(_) | Err(_)) | Err(_) => return false,
        }
        tracing::info!(member = to, "is asked to coordinate");
        // The others take no other member as long as they hear of this one.
        let _silent = Silent::keep(raft);
        let patience = Duration::from_millis(ATTEMPTS.iter().sum());
        let lead =
            Lead { stay: cause == Cause::Asked && to != seat.file.principal, cause: Later(Some(cause)) };
        let took: Result<bool, Lost> = wire.ask(To::member(to, &member), words::LEAD, lead, patience).await;
        took.unwrap_or(false)
    }

    /// Before this member stops: another one takes over, so that nobody waits for the silence to be noticed.
    pub async fn leave(&self) {
        let (Some(raft), Some(metrics)) = (self.0.seat.raft(), self.0.seat.metrics()) else { return };
        if metrics.state != ServerState::Leader {
            return;
        }
        let heard = self.0.seat.heard();
        let here = |id: &MemberId| heard.get(id).is_some_and(Heard::is_here);
        let mut voters: Vec<MemberId> = metrics.membership_config.membership().voter_ids().collect();
        voters.retain(|id| *id != self.0.seat.me() && here(id) && has_caught_up(&metrics, *id));
        for next in voters {
            if self.hand_over(raft, next, Cause::Stopped).await {
                return;
            }
        }
    }

    /// What a person asks for. What was done, or why nothing was.
    pub async fn change(&self, asked: Change) -> Result<String, String> {
        let Inner { seat, wire, one_change, clock, .. } = &*self.0;
        let (Some(raft), Some(metrics)) = (seat.raft(), seat.metrics()) else {
            return Err("this member is just starting".into());
        };
        let membership = metrics.membership_config.membership();
        match metrics.current_leader {
            Some(leader) if leader == seat.me() => {}
            Some(leader) => {
                let Some(member) = membership.get_node(&leader) else { return Err(NOBODY.into()) };
                let to = To::member(leader, member);
                let answer = wire.ask(to, words::CHANGE, asked, CHANGE_TAKES * 3).await;
                return answer
                    .unwrap_or_else(|lost| Err(format!("member {leader}, which coordinates: {lost}")));
            }
            None => return Err(NOBODY.into()),
        }
        let _one = one_change.lock().await;
        let known = |id: MemberId| membership.get_node(&id).is_some();
        match asked {
            Change::Add { id, .. } if known(id) => Err(format!("member {id} is there already")),
            Change::Add { id, address, url } => {
                // Which disk it has is known when it is heard.
                let member = Member { address, url, disk: Uuid::nil() };
                add(raft, id, member.clone()).await.map_err(|error| error.to_string())?;
                seat.note(Upkeep::MemberAdded { member: id, url: member.url }, clock.now()).await;
                Ok(format!("member {id} is brought up as soon as it runs, and counts when it has caught up"))
            }
            Change::Remove { id } | Change::Transfer { id } if !known(id) => {
                Err(format!("there is no member {id}"))
            }
            Change::Remove { id } if id == seat.me() => {
                Err(format!("member {id} coordinates: transfer that to another one first"))
            }
            Change::Remove { id } => {
                remove(raft, id, counts(&metrics.membership_config, id))
                    .await
                    .map_err(|error| error.to_string())?;
                seat.note(Upkeep::MemberRemoved { member: id }, clock.now()).await;
                Ok(format!("member {id} no longer counts; stop its server"))
            }
            Change::Transfer { id } if id == seat.me() => {
                self.stays(id != seat.file.principal);
                Ok(format!("member {id} coordinates"))
            }
            Change::Transfer { id } if !counts(&metrics.membership_config, id) => {
                Err(format!("member {id} does not count yet: it has not caught up"))
            }
            Change::Transfer { id } => {
                if self.hand_over(raft, id, Cause::Asked).await {
                    Ok(format!("member {id} coordinates"))
                } else {
                    Err(format!("member {id} did not take over; is it running, and close behind?"))
                }
            }
        }
    }
}

/// Who coordinates says nothing of itself to the others, for as long as this is there.
struct Silent<'a>(&'a Raft<Types>);

impl<'a> Silent<'a> {
    fn keep(raft: &'a Raft<Types>) -> Self {
        raft.runtime_config().heartbeat(false);
        Self(raft)
    }
}

impl Drop for Silent<'_> {
    fn drop(&mut self) {
        self.0.runtime_config().heartbeat(true);
    }
}

const NOBODY: &str =
    "nobody coordinates at present: more than half of the members must run and reach each other";

/// Wants to coordinate. Whether this member does.
async fn lead(raft: &Raft<Types>) -> bool {
    let me = raft.metrics().borrow().id;
    for attempt in ATTEMPTS.map(Duration::from_millis) {
        if raft.trigger().elect().await.is_err() {
            return false;
        }
        if raft.wait(Some(attempt)).current_leader(me, "chosen").await.is_ok() {
            return true;
        }
    }
    false
}
