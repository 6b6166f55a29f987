//! Commands that wait for their turn on the way into the group's log, in the order in which they came. Whoever has
//! waited for too long is told that nothing was done, whatever holds up those before him.

use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;

use crate::ledger::member::Asked;
use crate::ledger::{Job, SubmitError};
use crate::reply::Wakes;

/// How long an outcome is waited for, from when it was asked.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// Commands that take one turn.
const TOGETHER: usize = 512;
/// Those of one turn are given up together: none of them came much later than the first.
const SPREAD: Duration = Duration::from_millis(250);
/// How long a turn is waited for. Who got one later would hear nothing, and not know whether it was done.
const IN_LINE: Duration = PATIENCE.saturating_sub(SPREAD);
/// Commands that are taken from the ledger's queue while nobody has a turn.
const MOST: usize = 4_096;

#[derive(Debug)]
pub struct Line {
    asked: Asked,
    here: VecDeque<Job>,
    /// What was asked before is here, or has left.
    looked: Instant,
}

impl Line {
    pub fn new(asked: Asked) -> Self {
        Self { asked, here: VecDeque::new(), looked: Instant::now() }
    }

    /// Waits for a turn.
    pub async fn turn<T>(&mut self, turn: impl Future<Output = T>) -> T {
        let mut turn = pin!(turn);
        loop {
            let first = self.here.front().map_or(self.looked, |job| job.asked_at);
            tokio::select! {
                biased;
                turn = &mut turn => return turn,
                () = tokio::time::sleep_until(first + IN_LINE) => self.give_up(),
            }
        }
    }

    /// Waits for commands. Those that go together, and when their patience ends. None: the ledger is closed.
    pub async fn next(&mut self) -> Option<(Vec<Job>, Instant)> {
        self.give_up();
        if self.here.is_empty() {
            self.here.extend(self.asked.take(TOGETHER).await);
        }
        let first = self.here.front()?.asked_at;
        let goes = |job: &&Job| job.asked_at <= first + SPREAD;
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
            let over = self.here.iter().take_while(|job| job.asked_at + IN_LINE <= now).count();
            if over == 0 {
                return;
            }
            for answer in self.here.drain(..over).filter_map(|job| job.answer) {
                answer.send(Err(SubmitError::NoCoordinator), &mut wakes);
            }
        }
    }
}
