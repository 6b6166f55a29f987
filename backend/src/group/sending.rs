//! Copies of the ledger on their way to members that are far behind. What one of them gets leads on into the log: until it
//! has that, no other copy is made, for which the log would let go of what it needs. And what it gets is new: to make a copy
//! takes seconds, and to catch up with what came after an old one can take minutes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openraft::{Raft, ServerState};
use tokio::sync::watch;

use super::membership::has_caught_up;
use super::seat::Metrics;
use super::types::{MemberId, Types};
use crate::locks::lock;

/// Entries of the log behind which a copy is too old to be sent.
const OLD: u64 = 1_000;
/// How long one that got a copy is waited for, until it has the log too.
const CATCHES_UP: Duration = Duration::from_mins(2);
/// How long making another copy waits at most: as long as some gigabytes take on a slow line. The log grows meanwhile.
const WAITS: Duration = Duration::from_hours(1);

/// Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Sending {
    under_way: Arc<watch::Sender<usize>>,
    /// What a copy must have, of those to which an older one was not sent.
    wanted: Arc<Mutex<BTreeMap<MemberId, u64>>>,
}

/// One that is on its way until this is dropped.
#[derive(Debug)]
pub struct UnderWay(Sending);

impl Sending {
    pub fn begin(&self) -> UnderWay {
        self.under_way.send_modify(|count| *count += 1);
        UnderWay(self.clone())
    }

    /// Waits until none is under way.
    pub async fn over(&self) {
        let mut count = self.under_way.subscribe();
        // One that takes this long is not waited for any longer.
        let _ = tokio::time::timeout(WAITS, count.wait_for(|count| *count == 0)).await;
    }

    /// Whether a copy that has all up to this place is too old for a member, where the ledger is so far. Then a new one has
    /// to be made, which is not.
    pub fn is_too_old(&self, to: MemberId, place: u64, applied: u64) -> bool {
        let mut wanted = lock(&self.wanted);
        let least = wanted.get(&to).copied();
        let too_old = least.map_or(applied.saturating_sub(place) > OLD, |least| place < least);
        match (too_old, least) {
            (true, None) => wanted.insert(to, applied),
            (true, Some(_)) => None,
            (false, _) => wanted.remove(&to),
        };
        too_old
    }
}

impl UnderWay {
    /// It was put in place there: what follows in the log is on its way for some time more.
    pub fn until_caught_up(self, raft: Raft<Types>, to: MemberId) {
        tokio::spawn(async move {
            let there = |now: &Metrics| now.state != ServerState::Leader || has_caught_up(now, to);
            // It may be gone again.
            let _ = raft.wait(Some(CATCHES_UP)).metrics(there, "it has the log").await;
            drop(self);
        });
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_copy_is_not_sent_and_the_next_one_is_however_fast_the_log_grows() {
        let sending = Sending::default();
        assert!(!sending.is_too_old(2, 5_000, 6_000));
        assert!(sending.is_too_old(2, 5_000, 6_001));
        assert!(sending.is_too_old(2, 6_000, 9_000), "it was begun before");
        assert!(!sending.is_too_old(3, 8_500, 9_000), "of another member");
        assert!(!sending.is_too_old(2, 6_001, 99_000));
        assert!(sending.is_too_old(2, 6_001, 99_000), "that one was sent");
    }

    #[tokio::test(start_paused = true)]
    async fn no_other_copy_is_made_while_one_is_under_way() {
        let sending = Sending::default();
        let (one, other) = (sending.begin(), sending.begin());
        let waits = async || tokio::time::timeout(Duration::from_mins(5), sending.over()).await.is_err();
        assert!(waits().await);
        drop(one);
        assert!(waits().await);
        drop(other);
        assert!(!waits().await);
        // One that hangs holds it up for a while only.
        let _lost = sending.begin();
        sending.over().await;
    }
}
