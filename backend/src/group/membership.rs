//! Who is in the group, and how far each is: changes of that, as who coordinates makes them.

use std::collections::BTreeSet;
use std::time::Duration;

use openraft::{ChangeMembers, Raft};

use super::seat::Metrics;
use super::types::{Member, MemberId, Types};

/// How long a change of the members may take.
pub const CHANGE_TAKES: Duration = Duration::from_secs(10);
/// A member that is this close to the end of the log has caught up; the rest comes while it begins to count.
const CLOSE: u64 = 100;

/// Why the group is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    #[error("it takes too long; are most of the members here?")]
    Late,
    #[error("{0}")]
    Engine(String),
}

/// Entries that a member has not got yet, as who coordinates knows. None: nothing is known.
pub fn lag(metrics: &Metrics, id: MemberId) -> Option<u64> {
    let matched = (*metrics.replication.as_ref()?.get(&id)?)?;
    Some(metrics.last_log_index?.saturating_sub(matched.index))
}

pub fn has_caught_up(metrics: &Metrics, id: MemberId) -> bool {
    lag(metrics, id).is_some_and(|lag| lag <= CLOSE)
}

/// What it had promised it has forgotten: it leaves, and comes as a new one.
pub async fn readmit(
    raft: &Raft<Types>,
    id: MemberId,
    counts: bool,
    member: Member,
) -> Result<(), NotChanged> {
    remove(raft, id, counts).await?;
    add(raft, id, member).await
}

pub async fn remove(raft: &Raft<Types>, id: MemberId, counts: bool) -> Result<(), NotChanged> {
    let id = BTreeSet::from([id]);
    change(raft, if counts { ChangeMembers::RemoveVoters(id) } else { ChangeMembers::RemoveNodes(id) }).await
}

/// Members that do not count yet get the log too.
pub async fn add(raft: &Raft<Types>, id: MemberId, member: Member) -> Result<(), NotChanged> {
    let added = tokio::time::timeout(CHANGE_TAKES, raft.add_learner(id, member, false)).await;
    added.map_err(|_| NotChanged::Late)?.map(drop).map_err(|error| NotChanged::Engine(error.to_string()))
}

pub async fn change(raft: &Raft<Types>, members: ChangeMembers<MemberId, Member>) -> Result<(), NotChanged> {
    let changed = tokio::time::timeout(CHANGE_TAKES, raft.change_membership(members, false)).await;
    changed.map_err(|_| NotChanged::Late)?.map(drop).map_err(|error| NotChanged::Engine(error.to_string()))
}
