//! What waits for its turn on the way into the group's log, in the order in which it came: commands, or readings. Whoever
//! has waited for too long is told that nothing was done, whatever holds up those before him.

use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;

use super::machine::Waiting;
use super::types::{MemberId, Proposal, What};
use crate::ledger::{self, SubmitError};
use crate::reply::Wakes;
use crate::telemetry::{self, StoreError};

/// How long an outcome is waited for, from when it was asked.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// Errands that take one turn.
const TOGETHER: usize = 512;
/// Those of one turn are given up together: none of them came much later than the first.
const SPREAD: Duration = Duration::from_millis(250);
/// How long a turn is waited for. Who got one later would hear nothing, and not know whether it was done.
const IN_LINE: Duration = PATIENCE.saturating_sub(SPREAD);
/// Those that are taken from their queue while nobody has a turn.
const MOST: usize = 4_096;

/// What somebody asks, and waits for.
pub trait Errand: Send + 'static {
    fn asked_at(&self) -> Instant;

    /// The kind of a command; none of what all members understand.
    fn kind(&self) -> Option<&'static str>;

    /// Tells that nothing was done: nobody coordinates.
    fn refuse(self, wakes: &mut Wakes);

    /// Tells that nothing was done: this member does not know what is asked.
    fn hold_back(self, older: MemberId);

    /// As it goes into the log; who waits is noted. None: it cannot be written, and that was told.
    fn propose(self, member: MemberId, waiting: &Waiting) -> Option<Proposal>;
}

/// Where errands come from, in their order.
pub trait Asked: Send + 'static {
    type Errand: Errand;

    /// Waits, and takes up to so many. None: no more will come.
    fn take(&mut self, most: usize) -> impl Future<Output = Vec<Self::Errand>> + Send;

    /// Takes up to so many of those that are there.
    fn take_now(&mut self, most: usize) -> Vec<Self::Errand>;
}

#[derive(Debug)]
pub struct Line<A: Asked> {
    asked: A,
    here: VecDeque<A::Errand>,
    /// What was asked before is here, or has left.
    looked: Instant,
}

impl<A: Asked> Line<A> {
    pub fn new(asked: A) -> Self {
        Self { asked, here: VecDeque::new(), looked: Instant::now() }
    }

    /// Waits for a turn.
    pub async fn turn<T>(&mut self, turn: impl Future<Output = T>) -> T {
        let mut turn = pin!(turn);
        loop {
            let first = self.here.front().map_or(self.looked, Errand::asked_at);
            tokio::select! {
                biased;
                turn = &mut turn => return turn,
                () = tokio::time::sleep_until(first + IN_LINE) => self.give_up(),
            }
        }
    }

    /// Waits for errands. Those that go together, and when their patience ends. None: no more will come.
    pub async fn next(&mut self) -> Option<(Vec<A::Errand>, Instant)> {
        self.give_up();
        if self.here.is_empty() {
            self.here.extend(self.asked.take(TOGETHER).await);
        }
        let first = self.here.front()?.asked_at();
        let goes = |errand: &&A::Errand| errand.asked_at() <= first + SPREAD;
        let count = self.here.iter().take(TOGETHER).take_while(goes).count();
        Some((self.here.drain(..count).collect(), first + PATIENCE))
    }

    /// Tells those who have waited for too long.
    fn give_up(&mut self) {
        let mut wakes = Wakes::default();
        loop {
            let room = MOST.saturating_sub(self.here.len());
            let (now, taken) = (Instant::now(), self.asked.take_now(room));
            if taken.len() < room {
                self.looked = now;
            }
            self.here.extend(taken);
            let over = self.here.iter().take_while(|errand| errand.asked_at() + IN_LINE <= now).count();
            if over == 0 {
                return;
            }
            self.here.drain(..over).for_each(|errand| errand.refuse(&mut wakes));
        }
    }
}

impl Asked for ledger::member::Asked {
    type Errand = ledger::Job;

    fn take(&mut self, most: usize) -> impl Future<Output = Vec<ledger::Job>> + Send {
        self.take(most)
    }

    fn take_now(&mut self, most: usize) -> Vec<ledger::Job> {
        self.take_now(most)
    }
}

impl Errand for ledger::Job {
    fn asked_at(&self) -> Instant {
        self.asked_at
    }

    fn kind(&self) -> Option<&'static str> {
        Some(self.command.payload.kind())
    }

    fn refuse(self, wakes: &mut Wakes) {
        if let Some(answer) = self.answer {
            answer.send(Err(SubmitError::NoCoordinator), wakes);
        }
    }

    fn hold_back(self, older: MemberId) {
        if let Some(answer) = self.answer {
            answer.send(Err(SubmitError::OlderMember(older)), &mut Wakes::default());
        }
    }

    fn propose(self, member: MemberId, waiting: &Waiting) -> Option<Proposal> {
        match serde_json::to_string(&self.command) {
            Ok(command) => {
                let ticket = waiting.add(self.answer);
                Some(Proposal { member, ticket, what: What::command_as(command) })
            }
            Err(error) => {
                let unwritable = SubmitError::Unavailable(error.to_string().into());
                if let Some(answer) = self.answer {
                    answer.send(Err(unwritable), &mut Wakes::default());
                }
                None
            }
        }
    }
}

impl Asked for telemetry::member::Asked {
    type Errand = telemetry::member::Job;

    fn take(&mut self, most: usize) -> impl Future<Output = Vec<telemetry::member::Job>> + Send {
        self.take(most)
    }

    fn take_now(&mut self, most: usize) -> Vec<telemetry::member::Job> {
        self.take_now(most)
    }
}

impl Errand for telemetry::member::Job {
    fn asked_at(&self) -> Instant {
        self.asked_at
    }

    fn kind(&self) -> Option<&'static str> {
        None
    }

    fn refuse(self, wakes: &mut Wakes) {
        self.answer.refuse(StoreError::NoCoordinator, wakes);
    }

    fn hold_back(self, _: MemberId) {
        self.refuse(&mut Wakes::default());
    }

    fn propose(self, member: MemberId, waiting: &Waiting) -> Option<Proposal> {
        let may_repeat = self.may_repeat();
        let (packed, answer) = self.pack();
        let Ok(packed) = packed else {
            answer.refuse(StoreError::Unavailable, &mut Wakes::default());
            return None;
        };
        let ticket = waiting.add_readings(answer);
        Some(Proposal { member, ticket, what: What::readings_as(&packed, may_repeat) })
    }
}
