//! Reading what is true now, at any member: it asks who coordinates how far the log is, and waits until it is so far.

use std::time::Duration;

use openraft::Raft;

use super::https::{Https, To};
use super::seat::Seat;
use super::types::Types;
use super::wire::Lost;
use super::words;

/// How long somebody waits who wants what is true now.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is applied up to here is all that was answered before this was asked. None: this member does not coordinate, or
/// cannot be certain of it.
pub async fn place(raft: &Raft<Types>) -> Option<u64> {
    let (place, _) = raft.get_read_log_id().await.ok()?;
    Some(place.map(|place| place.index).unwrap_or_default())
}

/// Waits until this member shows all that was answered before. Whether it does.
pub async fn catch_up(seat: &Seat, wire: &Https) -> bool {
    tokio::time::timeout(PATIENCE, reach(seat, wire)).await.unwrap_or(false)
}

async fn reach(seat: &Seat, wire: &Https) -> bool {
    let Some(raft) = seat.raft() else { return false };
    let mut metrics = raft.metrics();
    loop {
        let leader = {
            let now = metrics.borrow_and_update();
            let leader = now.current_leader;
            leader.and_then(|id| Some((id, now.membership_config.membership().get_node(&id)?.clone())))
        };
        let found: Result<Option<u64>, Lost> = match &leader {
            Some((id, _)) if *id == seat.me() => Ok(place(raft).await),
            Some((id, member)) => wire.ask(To::member(*id, member), words::READ_PLACE, (), PATIENCE).await,
            None => Ok(None),
        };
        if let Ok(Some(place)) = found {
            let wait = raft.wait(Some(PATIENCE));
            return wait
                .applied_index_at_least(Some(place), "what was answered before is here")
                .await
                .is_ok();
        }
        if metrics.changed().await.is_err() {
            return false;
        }
    }
}
