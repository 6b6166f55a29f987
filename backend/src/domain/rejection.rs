//! Why a command is refused. A refusal changes nothing and is the caller's to mend; anything else that
//! goes wrong while applying is the storage's.

use std::borrow::Cow;

use tillwatch_shared::Quantity;

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
    #[error("discounts are above the {limit_cents} centavos that the seller may give")]
    DiscountNotAllowed { limit_cents: i64 },
    #[error("discounts are above the {limit_cents} centavos that the approver may give")]
    ApproverNotAllowed { limit_cents: i64 },
    #[error("the one named has not approved it")]
    ApprovalMissing,
    #[error("the transfer was received or taken back already")]
    TransferClosed,
    #[error("this till has an open cash session")]
    CashSessionOpen,
    #[error("the cash session is closed")]
    CashSessionClosed,
    #[error("the customer owes {owed_cents} centavos")]
    OverpaidAccount { owed_cents: i64 },
    #[error("an alarm of this subject and kind is open")]
    AlarmOpen,
    #[error("the alarm is over")]
    AlarmOver,
    #[error("the alarm was acknowledged already")]
    AlarmAcknowledged,
    #[error("the balance would leave its bounds")]
    BalanceOutOfBounds,
    #[error("the till may not send this person's commands")]
    NoMandate,
    #[error(transparent)]
    NotReturned(#[from] NotReturned),
    #[error("nobody could administer the shop any more")]
    LastAdmin,
    #[error("the first admin exists already")]
    AlreadySetUp,
}

/// Why something does not come back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReturned {
    #[error("{field}: only {left} is left to return")]
    TooMuch { field: Cow<'static, str>, left: Quantity },
    #[error("something of the sale has come back already")]
    BeganAlready,
    #[error("a sale is cancelled on its business day")]
    VoidTooLate,
    #[error("a manager takes back what was sold on another day")]
    NeedsManager,
    #[error("the one who is named may not allow it")]
    ApproverNotAllowed,
    #[error("{expected_cents} centavos were paid for it")]
    TotalMismatch { expected_cents: i64 },
    #[error("the refunds are not {total_cents} centavos")]
    RefundMismatch { total_cents: i64 },
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
    /// It was named before.
    Repeated,
    /// Goods go to another store,
    SameStore,
    /// of the same chain.
    OtherChain,
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
    /// Each note and coin of the real once.
    Denomination,
    /// A debt is not paid with another one.
    OnAccount,
    /// What was paid does not go back as if it were owed.
    NotOnAccount,
    /// This kind of alarm is not about sensors.
    NotOfSensors,
    /// Not after its begin, or too long.
    TooLong {
        days: i64,
    },
}

/// What must be unique and is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Name,
    Code,
    Username,
    Cpf,
    Cnpj,
    /// A rule for the same place, kind and measure.
    AlarmRule,
}

/// What was named and does not exist (or is not the caller's to see).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    Chain,
    Store,
    Person,
    Product,
    Sale,
    CashSession,
    Account,
    Key,
    Sensor,
    Lot,
    Count,
    Transfer,
    Feed,
    Record,
    Terminal,
    Till,
    Alarm,
    AlarmRule,
    QuietTime,
    Calibration,
    Annotation,
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
