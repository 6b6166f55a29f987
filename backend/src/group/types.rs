//! What the group's log holds, and what its members tell each other about themselves.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A member's number: given in the group's file, and never given to another one.
pub type MemberId = u64;

openraft::declare_raft_types!(
    /// The types of the group's log.
    pub Types:
        D = Portion,
        R = (),
        NodeId = MemberId,
        Node = Member,
        Entry = openraft::Entry<Types>,
        SnapshotData = super::machine::Snapshot,
        AsyncRuntime = Runtime,
);

/// What the engine runs on.
#[cfg(not(test))]
pub type Runtime = openraft::TokioRuntime;
/// In a simulation the chance and the tasks of a member are the test's.
#[cfg(test)]
pub use super::tests::sim::runtime::Runtime;

pub type LogId = openraft::LogId<MemberId>;
pub type Entry = openraft::Entry<Types>;
pub type Membership = openraft::StoredMembership<MemberId, Member>;
pub type StorageError = openraft::StorageError<MemberId>;

/// Where a member is reached, and which disk it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// By the other members: `10.0.0.2:8090`.
    pub address: String,
    /// By those who sell and look: `http://10.0.0.2:8080`.
    pub url: String,
    /// Made with the log on its disk. A member whose disk was lost comes back with another one, and is brought up
    /// before it counts: it has forgotten what it promised.
    pub disk: Uuid,
}

/// Commands that share an entry of the log, and so the cost of making it durable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Portion(pub Arc<[Proposal]>);

/// A command or readings, and who waits for what becomes of them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// The member that was asked.
    pub member: MemberId,
    /// Its mark for this attempt, and for the one who waits there.
    pub ticket: i64,
    pub what: What,
}

/// What is proposed: read where it is applied, and by nobody on its way. A command is there as JSON; readings begin with
/// a byte that no JSON begins with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct What(#[serde(with = "serde_bytes")] Box<[u8]>);

/// Readings that may be in the log more than once, and those that may not.
const BATCH: u8 = 1;
const SINGLE: u8 = 2;

impl What {
    pub fn command_as(json: String) -> Self {
        Self(json.into_bytes().into())
    }

    pub fn readings_as(packed: &[u8], may_repeat: bool) -> Self {
        let mut bytes = Vec::with_capacity(packed.len() + 1);
        bytes.push(if may_repeat { BATCH } else { SINGLE });
        bytes.extend_from_slice(packed);
        Self(bytes.into())
    }

    /// The JSON of a command.
    pub fn command(&self) -> Option<&[u8]> {
        if self.readings().is_some() { None } else { Some(&self.0) }
    }

    pub fn readings(&self) -> Option<&[u8]> {
        match &*self.0 {
            [BATCH | SINGLE, packed @ ..] => Some(packed),
            _ => None,
        }
    }

    /// Whether it does no harm that it is in the log twice.
    pub fn may_repeat(&self) -> bool {
        self.0.first() != Some(&SINGLE)
    }

    /// How long it is.
    pub const fn bytes(&self) -> usize {
        self.0.len()
    }
}

impl std::fmt::Debug for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.command() {
            Some(command) => f.write_str(&String::from_utf8_lossy(command)),
            None => write!(f, "readings, {} bytes", self.0.len()),
        }
    }
}

/// Whether a member counts where the group agrees on something.
pub fn counts(membership: &Membership, id: MemberId) -> bool {
    membership.membership().voter_ids().any(|voter| voter == id)
}

/// Does what waits for the disk where it holds up nobody. None: it panicked.
#[cfg(not(test))]
pub async fn away<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}
/// In a simulation no other thread takes part.
#[cfg(test)]
pub use super::tests::sim::runtime::away;
