//! What members send each other: a question in an envelope that says whom it is meant for, as postcard over HTTPS.

use openraft::raft::{AppendEntriesRequest, VoteRequest};
use openraft::{SnapshotMeta, Vote};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tillwatch_shared::api::CoordinationCause;
use uuid::Uuid;

use super::types::{Member, MemberId, Portion, Types};
use super::vocabulary::Knows;

/// The form of these words and of the log's entries. A member of a newer form is not understood, and says so.
pub const FORM: u32 = 2;
/// How much of a copy goes into one piece.
pub const PIECE: usize = 1024 * 1024;

pub const HELLO: &str = "/group/hello";
pub const SECRET: &str = "/group/secret";
pub const APPEND: &str = "/group/append";
pub const VOTE: &str = "/group/vote";
pub const PROPOSE: &str = "/group/propose";
pub const PIECES: &str = "/group/piece";
pub const INSTALL: &str = "/group/install";
pub const READ_PLACE: &str = "/group/read-place";
pub const STATUS: &str = "/group/status";
pub const LEAD: &str = "/group/lead";
pub const CHANGE: &str = "/group/change";
pub const COPY: &str = "/group/copy";
pub const HASH: &str = "/group/hash";
pub const HISTORY: &str = "/group/history";

/// A question, and whom it is for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Envelope<T> {
    pub form: u32,
    /// None where the one who asks belongs to no group yet.
    pub group: Option<Uuid>,
    pub from: MemberId,
    pub to: MemberId,
    /// The disk that the answer must come from; none where any will do.
    pub disk: Option<Uuid>,
    pub body: T,
}

/// Why a question is not understood.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    #[error("it has another form")]
    OtherForm,
    #[error(transparent)]
    Damaged(#[from] postcard::Error),
}

/// Reads a question. What is in one of another form is not looked at: it may mean something else there.
pub fn read<T: DeserializeOwned>(question: &[u8]) -> Result<Envelope<T>, NotRead> {
    let (form, _) = postcard::take_from_bytes::<u32>(question)?;
    if form != FORM {
        return Err(NotRead::OtherForm);
    }
    Ok(postcard::from_bytes(question)?)
}

/// Why a member does not answer a question. Nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Turned {
    #[error("it is of another version")]
    OtherForm,
    #[error("it belongs to another group")]
    OtherGroup,
    #[error("another member is at this address")]
    OtherMember,
    #[error("its disk is another one")]
    OtherDisk,
    #[error("it is just starting")]
    NotReady,
}

/// How a member is, as it tells everybody about once a second.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Presence {
    pub id: MemberId,
    pub member: Member,
    pub group: Option<Uuid>,
    pub principal: MemberId,
    pub version: String,
    /// It has goods, people or sales of its own, and belongs to no group.
    pub has_ledger: bool,
    pub room: Room,
    /// None until it takes part.
    pub standing: Option<Standing>,
    pub more: Later<More>,
    /// None of an older version.
    pub knows: Later<Knows>,
}

/// What members say of themselves since a later version.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct More {
    /// Its journal is another one than that of most members: it is out of service until it has a copy of theirs.
    pub differs: bool,
    /// What it has promised; none until it takes part.
    pub promised: Option<Promised>,
    /// What the one who is spoken to had promised, as it was heard last.
    pub of_you: Option<Promised>,
    /// It waits for a copy of readings that it lacks.
    pub lacks_readings: bool,
}

/// Up to where a member's disk bound it when it said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promised {
    pub disk: Uuid,
    /// Made anew with each start.
    pub run: Uuid,
    /// The term in which it last promised something.
    pub term: u64,
    /// How often it had cut something off its log's end.
    pub cuts: u64,
    /// The last entry of the log that is on its disk.
    pub kept: u64,
}

impl Presence {
    pub fn differs(&self) -> bool {
        self.more.0.as_ref().is_some_and(|more| more.differs)
    }

    pub fn lacks_readings(&self) -> bool {
        self.more.0.as_ref().is_some_and(|more| more.lacks_readings)
    }

    /// It takes part, and nothing has come to it yet.
    pub fn is_empty(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.last == 0)
    }
}

/// What a member's disk says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Bytes that are free where its data is; none where the system does not tell.
    pub free: Option<u64>,
    /// When its newest copy for others was made, in microseconds.
    pub copied_at: Option<i64>,
}

/// How far a member is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub term: u64,
    pub coordinator: Option<MemberId>,
    pub last: u64,
    pub applied: u64,
    /// The newest row of its journal, and the hash that covers all of it.
    pub seq: i64,
    pub hash: [u8; 32],
    /// The place of its newest copy for others.
    pub copy: Option<u64>,
}

/// What a copy is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Freight {
    Ledger,
    /// The sensor history.
    History,
}

/// A part of a copy.
#[derive(Debug, Serialize, Deserialize)]
pub struct Piece {
    pub of: Freight,
    /// The same for all parts of one copy.
    pub copy: Uuid,
    pub at: u64,
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// The end of a copy: puts it in place.
#[derive(Debug, Serialize, Deserialize)]
pub struct Install {
    pub copy: Uuid,
    pub length: u64,
    pub hash: [u8; 32],
    pub vote: Vote<MemberId>,
    pub meta: SnapshotMeta<MemberId, Member>,
}

impl Install {
    pub const fn sent(&self) -> Sent {
        Sent { copy: self.copy, length: self.length, hash: self.hash }
    }
}

/// Asks a member for a copy of its ledger, or of its sensor history.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Copy {
    /// The place in the log up to which the copy has all, or more.
    pub least: u64,
}

/// A copy that was sent in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub copy: Uuid,
    pub length: u64,
    pub hash: [u8; 32],
}

/// Asks a member to coordinate.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Lead {
    /// It keeps coordinating although it is not the principal.
    pub stay: bool,
    pub cause: Later<CoordinationCause>,
}

/// The end of a question, which members of an older version neither send nor read. Where there are several, none of them
/// lacks before one that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later<T>(pub Option<T>);

impl<T> Default for Later<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Serialize> Serialize for Later<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(told) => told.serialize(serializer),
            None => serializer.serialize_unit(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Later<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).ok()))
    }
}

/// Commands for the log, offered to who coordinates in that term.
#[derive(Debug, Serialize, Deserialize)]
pub struct Offer {
    pub term: u64,
    pub portion: Portion,
}

/// What a person asks of the group on the command line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Change {
    Add { id: MemberId, address: String, url: String },
    Remove { id: MemberId },
    Transfer { id: MemberId },
}

pub type Append = AppendEntriesRequest<Types>;
pub type Ask = VoteRequest<MemberId>;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Before {
        stay: bool,
    }

    #[test]
    fn what_has_another_form_is_not_looked_at() {
        let said = postcard::to_stdvec(&(FORM + 1, "words that nobody knows yet")).unwrap();
        assert!(matches!(read::<Lead>(&said), Err(NotRead::OtherForm)));
        let older = postcard::to_stdvec(&(FORM - 1, ())).unwrap();
        assert!(matches!(read::<Lead>(&older), Err(NotRead::OtherForm)));
        let damaged = postcard::to_stdvec(&(FORM, 7)).unwrap();
        assert!(matches!(read::<Lead>(&damaged), Err(NotRead::Damaged(_))));
    }

    #[test]
    fn members_of_another_version_are_understood() {
        let envelope = |body| Envelope { form: FORM, group: None, from: 1, to: 2, disk: None, body };
        let lead = Lead { stay: true, cause: Later(Some(CoordinationCause::Asked)) };
        let said = postcard::to_stdvec(&envelope(lead)).unwrap();
        assert_eq!(postcard::from_bytes::<Envelope<Lead>>(&said).unwrap().body.cause, lead.cause);
        assert!(postcard::from_bytes::<Envelope<Before>>(&said).unwrap().body.stay);
        let (to, group, disk) = (2, None, None);
        let before = Envelope { form: FORM, group, from: 1, to, disk, body: Before { stay: true } };
        let before = postcard::to_stdvec(&before).unwrap();
        let heard = postcard::from_bytes::<Envelope<Lead>>(&before).unwrap().body;
        assert_eq!((heard.stay, heard.cause), (true, Later(None)));
    }
}
