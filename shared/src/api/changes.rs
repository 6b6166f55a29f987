//! The change feed: the journal as clients see it.

use super::{
    AccountPayment, Alarm, AlarmRule, AlarmTold, Annotation, ApiKey, Approval, BatteryNoted, Calibration,
    CashMovement, CashSession, CashSessionReport, Chain, Coordination, Count, Dismissal, FeedAliasSet, Lot,
    ParkedRecord, Person, Product, QuietTime, RecordsTaken, Return, ReturnApproval, Sale, SensorSettings,
    StockEntry, Store, Till, Transfer, TransferState, wire,
};
use crate::{CommandId, PersonId, ProductId, SensorId, SessionId, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    /// What a command did. The same value is the answer to the command, the outcome kept in the
    /// journal, and the entry in the change feed.
    #[serde(tag = "kind", content = "data", rename_all = "snake_case")]
    pub enum Event {
        ChainAdded(Chain),
        StoreAdded(Store),
        StoreChanged(Store),
        PersonAdded(Person),
        PersonChanged(Person),
        SessionOpened(SessionEvent),
        SessionRefreshed(SessionEvent),
        SessionEnded(SessionEvent),
        ProductAdded(Product),
        ProductChanged(Product),
        StockEntered(StockEntry),
        LotPlaced(Lot),
        StockCounted(Count),
        TransferSent(Transfer),
        TransferReceived(Transfer),
        TransferCancelled(Transfer),
        SaleRecorded(Sale),
        SaleReturned(Return),
        DiscountApproved(Approval),
        ReturnApproved(ReturnApproval),
        CashSessionOpened(CashSession),
        CashMoved(CashMovement),
        /// With the report as it then was: what is printed later is this.
        CashSessionClosed(CashSessionReport),
        AccountPaid(AccountPayment),
        KeyIssued(ApiKey),
        KeyRevoked(ApiKey),
        SensorSet(SensorChange),
        ReadingsSealed(ReadingsSeal),
        FeedTaken(RecordsTaken),
        FeedRecordParked(ParkedRecord),
        FeedAliasSet(FeedAliasSet),
        FeedRecordDismissed(Dismissal),
        TillEnrolled(Till),
        TillRevoked(Till),
        AlarmRuleSet(AlarmRule),
        AlarmRuleRemoved(AlarmRule),
        AlarmOpened(Alarm),
        AlarmCleared(Alarm),
        AlarmAcknowledged(Alarm),
        QuietTimeSet(QuietTime),
        QuietTimeRemoved(QuietTime),
        CalibrationSet(Calibration),
        CalibrationWithdrawn(Calibration),
        AnnotationAdded(Annotation),
        AnnotationWithdrawn(Annotation),
        BatteryNoted(BatteryNoted),
        /// In a group of servers: somebody was told of an alarm.
        AlarmTold(AlarmTold),
        /// A server of the group coordinates from now on.
        CoordinationTaken(Coordination),
        /// Somebody did something at the server that moves nothing in the ledger.
        UpkeepNoted(Upkeep),
    }

    /// What a person did at the server beside the ledger.
    #[derive(Eq)]
    #[serde(tag = "what", rename_all = "snake_case")]
    pub enum Upkeep {
        /// How long the messages of terminals are kept, and how many.
        MessagesKept { days: u32, rows: u64 },
        /// A terminal's name is free again.
        TerminalForgotten { client: String },
        /// A backup was begun.
        BackupAskedFor {},
        /// A server became a member of the group; said at one of its servers.
        MemberAdded { member: u64, url: String },
        MemberRemoved { member: u64 },
    }

    /// A session began, went on or ended.
    pub struct SessionEvent {
        pub session_id: SessionId,
        pub person_id: PersonId,
        pub person_name: String,
        pub device: Option<String>,
        /// Counts the refresh tokens of the session.
        pub generation: i64,
        pub refresh_expires_at: UtcMicros,
        /// Why it ended: `signed_out`, `token_reused`, `password_changed`, `pin_changed`, `deactivated`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
    }

    pub struct SensorChange {
        pub id: SensorId,
        pub settings: SensorSettings,
    }

    /// The readings up to an id, bound into the journal, so that they cannot be altered unseen.
    pub struct ReadingsSeal {
        pub first_id: i64,
        pub last_id: i64,
        /// BLAKE3 over the readings in the order of their ids, hexadecimal.
        pub digest: String,
    }

    pub struct Change {
        pub seq: i64,
        pub command_id: CommandId,
        /// Who did it; absent where the server itself did.
        pub actor_id: Option<PersonId>,
        pub store_id: Option<StoreId>,
        /// By the device's clock.
        pub client_at: UtcMicros,
        pub server_at: UtcMicros,
        pub event: Event,
    }

    pub struct Changes {
        /// Oldest first.
        pub changes: Vec<Change>,
        /// Goes into `after` of the next request. Also moves past what the caller may not see.
        pub next_after: i64,
        /// More is there already.
        pub more: bool,
        pub server_at: UtcMicros,
    }
}

/// An event that moves goods.
#[derive(Clone, Copy, Debug)]
pub enum Goods<'e> {
    Sold(&'e Sale),
    Entered(&'e StockEntry),
    Returned(&'e Return),
    Counted(&'e Count),
    /// Out of the one store, or into the other.
    Moved(&'e Transfer),
}

impl Goods<'_> {
    /// The store whose goods they are.
    pub const fn store_id(self) -> StoreId {
        match self {
            Self::Sold(sale) => sale.store_id,
            Self::Entered(entry) => entry.store_id,
            Self::Returned(back) => back.store_id,
            Self::Counted(count) => count.store_id,
            Self::Moved(transfer) => match transfer.state {
                TransferState::Sent | TransferState::Cancelled => transfer.from_store_id,
                TransferState::Received => transfer.to_store_id,
            },
        }
    }

    /// When it happened to a product, by the device's clock.
    pub fn happened_at(self, product: ProductId) -> UtcMicros {
        match self {
            Self::Sold(sale) => sale.sold_at,
            Self::Entered(entry) => entry.recorded_at,
            Self::Counted(count) => {
                let line = count.lines.iter().find(|line| line.product_id == product);
                line.map_or(count.started_at, |line| line.counted_at)
            }
            Self::Returned(back) => back.returned_at,
            Self::Moved(transfer) => transfer.closed_at.unwrap_or(transfer.sent_at),
        }
    }
}

/// What an event carries, for those who know which command it came from.
macro_rules! carried {
    ($($noun:ident: $first:ident $(| $more:ident)*;)*) => {$(
        impl TryFrom<Event> for $noun {
            type Error = OtherEvent;

            fn try_from(event: Event) -> Result<Self, OtherEvent> {
                match event {
                    Event::$first(noun) $(| Event::$more(noun))* => Ok(noun),
                    _ => Err(OtherEvent),
                }
            }
        }
    )*};
}

carried! {
    Chain: ChainAdded;
    Store: StoreAdded | StoreChanged;
    Person: PersonAdded | PersonChanged;
    Product: ProductAdded | ProductChanged;
    StockEntry: StockEntered;
    Lot: LotPlaced;
    Count: StockCounted;
    Transfer: TransferSent | TransferReceived | TransferCancelled;
    Sale: SaleRecorded;
    Return: SaleReturned;
    Approval: DiscountApproved;
    ReturnApproval: ReturnApproved;
    CashSession: CashSessionOpened;
    CashMovement: CashMoved;
    CashSessionReport: CashSessionClosed;
    AccountPayment: AccountPaid;
    ApiKey: KeyIssued | KeyRevoked;
    SensorChange: SensorSet;
    ReadingsSeal: ReadingsSealed;
    RecordsTaken: FeedTaken;
    FeedAliasSet: FeedAliasSet;
    Dismissal: FeedRecordDismissed;
    Till: TillEnrolled | TillRevoked;
    AlarmRule: AlarmRuleSet | AlarmRuleRemoved;
    Alarm: AlarmOpened | AlarmCleared | AlarmAcknowledged;
    QuietTime: QuietTimeSet | QuietTimeRemoved;
    Calibration: CalibrationSet | CalibrationWithdrawn;
    Annotation: AnnotationAdded | AnnotationWithdrawn;
    BatteryNoted: BatteryNoted;
    AlarmTold: AlarmTold;
    Coordination: CoordinationTaken;
    Upkeep: UpkeepNoted;
}

/// The event is about something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event is about something else")]
pub struct OtherEvent;
