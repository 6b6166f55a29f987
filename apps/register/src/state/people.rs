//! Who may work at this till, who the till is, and the lock that one of them opens.

use std::fmt;
use std::sync::Arc;

use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::{Session, SignIn};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{CommandId, PersonId, TillId, UtcMicros};

use super::offline::Known;

/// After how many minutes without a key the till locks itself; 0 is never.
pub const LOCK_AFTER: [u32; 4] = [0, 1, 5, 15];

/// Who this till is to the server. Its debug form does not tell the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    pub id: TillId,
    pub key: String,
}

impl Identity {
    /// A new till, with 192 random bits for a secret.
    pub fn random() -> Result<Self, String> {
        use fmt::Write as _;
        let mut bits = [0_u8; 24];
        getrandom::fill(&mut bits).map_err(|error| error.to_string())?;
        let mut key = "till_".to_owned();
        for byte in bits {
            // Writing to a String cannot fail.
            let _ = write!(key, "{byte:02x}");
        }
        Ok(Self { id: TillId::now(), key })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why the till lets somebody in no further by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLetIn {
    /// Never seen at this till.
    Unknown,
    Wrong,
    /// Too many wrong tries.
    Wait {
        seconds: i64,
    },
    /// This till does not know the PIN, or the password, or no longer.
    ServerOnly,
}

/// What stands in the way at the lock.
#[derive(Clone, Debug, PartialEq)]
pub enum Barrier {
    Here(NotLetIn),
    Server(Failure),
    /// The server has not been seen with this person for too long.
    TooLongAgo,
    /// A sale is open in a store where this person does not work.
    OtherStore,
}

/// The till is locked. What is open behind it stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// Which of the known people is highlighted.
    pub chosen: usize,
    pub secret: String,
    /// The answer that is waited for.
    pub waiting: Option<CommandId>,
    pub barrier: Option<Barrier>,
    /// The field takes the focus in the next frame.
    pub focus: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct People {
    /// Absent where the till's file has none.
    pub identity: Option<Identity>,
    /// Whom the server has let in at this till, by name.
    known: Vec<Known>,
    pub lock: Option<Lock>,
    /// When somebody last did something here.
    pub active_at: UtcMicros,
}

impl People {
    pub fn new(identity: Option<Identity>, known: Vec<Known>, now: UtcMicros) -> Self {
        let mut people = Self { identity, lock: None, known, active_at: now };
        people.sort();
        people
    }

    pub fn known(&self) -> &[Known] {
        &self.known
    }

    /// The server has let them in.
    pub fn remember(&mut self, known: Known) {
        self.known.retain(|other| other.person.id != known.person.id);
        self.known.push(known);
        self.sort();
    }

    /// Whether this till may send the person's commands.
    pub fn speaks_for(&self, person: PersonId, now: UtcMicros) -> bool {
        let known = self.known.iter().find(|known| known.person.id == person);
        known.and_then(|known| known.mandate_until).is_some_and(|until| now < until)
    }

    pub fn end_mandate(&mut self, person: PersonId) {
        for known in self.known.iter_mut().filter(|known| known.person.id == person) {
            known.mandate_until = None;
        }
    }

    /// The till is another one to the server.
    pub fn renewed(&mut self, identity: Identity) {
        self.identity = Some(identity);
        self.known.iter_mut().for_each(|known| known.mandate_until = None);
    }

    /// When the till locks itself.
    pub fn locks_at(&self, minutes: u32) -> Option<UtcMicros> {
        let wanted = minutes > 0 && self.lock.is_none();
        wanted.then(|| self.active_at.plus(i64::from(minutes) * MINUTE))
    }

    fn sort(&mut self) {
        self.known.sort_by(|a, b| a.person.name.cmp(&b.person.name).then(a.person.id.cmp(&b.person.id)));
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum PeopleInput {
    Lock,
    /// A row of the list of people.
    Choose(usize),
    Move(isize),
    Secret(String),
    Unlock,
    /// Somebody who is not in the list.
    SomebodyElse,
    Focused,
    LockAfter(u32),
}

#[derive(Clone, Debug, PartialEq)]
pub enum PeopleEffect {
    /// Let this person in: at the server, or by what the till knows. `at_once`: the server is known to be silent.
    Unlock { command: CommandId, person: PersonId, words: SignIn, at_once: bool },
    /// Note that the server takes nothing from this till in the person's name.
    EndMandate(PersonId),
    /// Become another till.
    Renew,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PeopleEvent {
    Unlocked {
        command: CommandId,
        answer: Result<Arc<Session>, Failure>,
    },
    /// The server is silent; the till knows the person and the secret.
    UnlockedHere {
        command: CommandId,
        known: Box<Known>,
    },
    NotLetIn {
        command: CommandId,
        why: NotLetIn,
    },
    /// The server is silent, and so the till was asked at the sign-in.
    NotSignedIn(NotLetIn),
    Renewed(Identity),
}
