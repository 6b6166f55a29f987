//! Several servers: how they are.

use serde::{Deserialize, Serialize};

use crate::UtcMicros;

/// A group of servers, as the one that was asked sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupStatus {
    /// The member that was asked.
    pub me: u64,
    /// The member that coordinates whenever it can.
    pub principal: u64,
    /// Absent while none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordinator: Option<u64>,
    /// Grows with each member that wants to coordinate.
    pub term: u64,
    pub members: Vec<GroupMember>,
    /// Who coordinated last, newest first; `/api/v1/group/coordinators` has them all.
    #[serde(default)]
    pub coordinators: Vec<Coordination>,
}

/// A member began to coordinate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Coordination {
    /// Begins anew with each group that is made.
    pub term: u64,
    pub member: u64,
    /// By the clock of that member.
    pub since: UtcMicros,
    pub cause: CoordinationCause,
    /// The one that coordinated before; absent of the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// Why a member began to coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CoordinationCause {
    /// It was started, and nobody coordinated.
    Start,
    /// Nothing was heard of the one before.
    Silent,
    /// It is the principal, and was handed the coordination when it had caught up.
    Principal,
    /// A person asked for it.
    Asked,
    /// The one before was stopped in good order.
    Stopped,
    /// The one before had another journal than the others.
    Differs,
}

/// A server of the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupMember {
    pub id: u64,
    /// Where the other members reach it.
    pub address: String,
    /// Where registers and monitors reach it.
    pub url: String,
    pub role: GroupRole,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How long ago it was heard; absent of the one that was asked, and of one that never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_ms: Option<u64>,
    /// Entries of the log that it has not applied yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<u64>,
    /// The newest row of its journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<i64>,
    /// Whether its journal has the same hash as that of the one that was asked; absent where that one is not so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agrees: Option<bool>,
    /// Its journal is another one than that of most members: it serves nobody until it has a copy of theirs.
    #[serde(default)]
    pub out_of_service: bool,
    /// It waits for readings that the others have and the log no longer has.
    #[serde(default)]
    pub lacks_readings: bool,
    /// Bytes that are free where its data is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_free: Option<u64>,
    /// When its newest copy of the ledger for other members was made, or came from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied_at: Option<UtcMicros>,
}

/// Where the servers of a group are, for programs that ask them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPlaces {
    /// Whether the one that was asked knows who coordinates and hears most of the others. Where it stays `false`, another
    /// one is asked with better luck.
    pub in_touch: bool,
    /// Empty where the server is by itself.
    pub members: Vec<GroupPlace>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPlace {
    pub id: u64,
    /// Where registers and monitors reach it.
    pub url: String,
    /// It coordinates whenever it can.
    pub principal: bool,
}

/// What a server does in the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupRole {
    /// Puts commands into the log, and does what is done once for all.
    Coordinator,
    /// Has all that is answered, or counts for it.
    Member,
    /// Is being brought up; it does not count yet.
    Joining,
    /// Nothing is heard of it.
    Away,
}
