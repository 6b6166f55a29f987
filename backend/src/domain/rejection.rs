//! Why a command is refused. A refusal changes nothing and is the caller's to mend; anything else that
//! goes wrong while applying is the storage's.

use std::borrow::Cow;

/// A refusal, complete enough to tell the person what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("{field}: {problem:?}")]
    Invalid { field: Cow<'static, str>, problem: Invalid },
    #[error("{0:?} is taken")]
    Taken(Taken),
    #[error("{0:?} is unknown")]
    Unknown(Noun),
    #[error("the caller's role does not allow it")]
    RoleNotAllowed,
    #[error("the caller does not work in that store")]
    StoreNotAllowed,
    #[error("the caller is no longer active")]
    PersonInactive,
    #[error("the session has ended")]
    SessionEnded,
    #[error("a refresh token came twice; the session was ended")]
    TokenReused,
    #[error("the command id was used for another command")]
    CommandIdReused,
    #[error("the lines sum up to {expected_cents} centavos")]
    TotalMismatch { expected_cents: i64 },
    #[error("{missing_cents} centavos are missing")]
    Underpaid { missing_cents: i64 },
    #[error("change comes out of cash only")]
    ChangeNotFromCash,
    #[error("the balance would leave its bounds")]
    BalanceOutOfBounds,
    #[error("nobody could administer the shop any more")]
    LastAdmin,
    #[error("the first admin exists already")]
    AlreadySetUp,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// Empty, too long, or with control characters. Holds the longest that is accepted.
    Text {
        max_chars: usize,
    },
    /// Outside of these bounds.
    Range {
        min: i64,
        max: i64,
    },
    Zero,
    /// Needed here.
    Missing,
    TooMany {
        max: usize,
    },
    TaxId,
    Zone,
    NotANumber,
    /// The lower bound is above the upper one.
    Crossed,
    Time,
    /// A PIN has this many digits and nothing else.
    Pin {
        min: usize,
        max: usize,
    },
    /// A PIN that is guessed first.
    PinGuessed,
    /// A PIN is for people who work in stores, and not for admins.
    PinNeedsStore,
    /// Told later: before the year 2000, or more than a day ahead of the server.
    TimeTold,
}

/// What must be unique and is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Name,
    Code,
    Username,
    Cpf,
    Cnpj,
}

/// What was named and does not exist (or is not the caller's to see).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    Chain,
    Store,
    Person,
    Product,
    Sale,
    Key,
    Sensor,
    Feed,
    Record,
    Terminal,
}

impl Rejection {
    pub fn invalid(field: impl Into<Cow<'static, str>>, problem: Invalid) -> Self {
        Self::Invalid { field: field.into(), problem }
    }
}

/// Why a command was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error(transparent)]
    Storage(#[from] rusqlite::Error),
}
