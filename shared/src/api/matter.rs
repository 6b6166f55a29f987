//! What an event is about. Programs that sort events, as a log or a history does, ask for this instead of naming
//! every event: a new event has one line here.

use super::{
    AccountPayment, Alarm, AlarmRule, Annotation, ApiKey, Approval, Calibration, CashMovement, CashSession,
    CashSessionReport, Chain, Coordination, Event, FeedAliasSet, Goods, Person, Product, QuietTime,
    ReturnApproval, SensorChange, SessionEvent, Store, Till, Upkeep,
};

/// What an event is about, with the record that it carries.
#[derive(Clone, Copy, Debug)]
pub enum Matter<'e> {
    /// It moves goods.
    Goods(Goods<'e>),
    Money(Money<'e>),
    /// Somebody set something up.
    SetUp(Deed, Thing<'e>),
    Alarm(AlarmTurn, &'e Alarm),
    Session(SessionTurn, &'e SessionEvent),
    /// Goods were given a lot and a day of expiry.
    Lot,
    /// Readings were bound into the journal.
    Seal,
    /// The level of a sensor's battery was noted.
    Battery,
    /// Somebody was told of an alarm by a message, or nobody tries to any more.
    Told,
    /// Records of a feed came in, wait for somebody, or were put away.
    Feed,
    /// Another server of the group coordinates.
    Servers(&'e Coordination),
    /// Something at the server beside the ledger.
    Upkeep(&'e Upkeep),
}

/// An event about money that moves no goods.
#[derive(Clone, Copy, Debug)]
pub enum Money<'e> {
    /// Somebody allowed a discount that the seller may not give alone.
    Approved(&'e Approval),
    /// Somebody allowed that goods come back which the seller may not take back alone.
    ReturnApproved(&'e ReturnApproval),
    DrawerOpened(&'e CashSession),
    DrawerMoved(&'e CashMovement),
    DrawerClosed(&'e CashSessionReport),
    /// A customer paid a debt.
    DebtPaid(&'e AccountPayment),
}

/// What became of what is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Added,
    Changed,
    /// Taken away, revoked, ended.
    Removed,
}

/// What people set up.
#[derive(Clone, Copy, Debug)]
pub enum Thing<'e> {
    Chain(&'e Chain),
    Store(&'e Store),
    Person(&'e Person),
    Product(&'e Product),
    Sensor(&'e SensorChange),
    Key(&'e ApiKey),
    Till(&'e Till),
    /// What a name in a feed's file means.
    Alias(&'e FeedAliasSet),
    Rule(&'e AlarmRule),
    Quiet(&'e QuietTime),
    Calibration(&'e Calibration),
    Annotation(&'e Annotation),
}

impl Thing<'_> {
    /// Whether both are the same product, person, store … at different times. An alias has no id: it never is.
    pub fn is_same(self, other: Thing<'_>) -> bool {
        match (self, other) {
            (Self::Chain(one), Thing::Chain(other)) => one.id == other.id,
            (Self::Store(one), Thing::Store(other)) => one.id == other.id,
            (Self::Person(one), Thing::Person(other)) => one.id == other.id,
            (Self::Product(one), Thing::Product(other)) => one.id == other.id,
            (Self::Sensor(one), Thing::Sensor(other)) => one.id == other.id,
            (Self::Key(one), Thing::Key(other)) => one.id == other.id,
            (Self::Till(one), Thing::Till(other)) => one.id == other.id,
            (Self::Rule(one), Thing::Rule(other)) => one.id == other.id,
            (Self::Quiet(one), Thing::Quiet(other)) => one.id == other.id,
            (Self::Calibration(one), Thing::Calibration(other)) => {
                one.sensor_id == other.sensor_id && one.from == other.from
            }
            (Self::Annotation(one), Thing::Annotation(other)) => one.id == other.id,
            (
                Self::Chain(_)
                | Self::Store(_)
                | Self::Person(_)
                | Self::Product(_)
                | Self::Sensor(_)
                | Self::Key(_)
                | Self::Till(_)
                | Self::Alias(_)
                | Self::Rule(_)
                | Self::Quiet(_)
                | Self::Calibration(_)
                | Self::Annotation(_),
                _,
            ) => false,
        }
    }
}

/// What happened to an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmTurn {
    Opened,
    /// Somebody took care of it.
    Acknowledged,
    Cleared,
}

/// What happened to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionTurn {
    Opened,
    Refreshed,
    Ended,
}

impl Event {
    /// What it is about.
    pub const fn matter(&self) -> Matter<'_> {
        match self {
            Self::ChainAdded(one) => Matter::SetUp(Deed::Added, Thing::Chain(one)),
            Self::StoreAdded(one) => Matter::SetUp(Deed::Added, Thing::Store(one)),
            Self::StoreChanged(one) => Matter::SetUp(Deed::Changed, Thing::Store(one)),
            Self::PersonAdded(one) => Matter::SetUp(Deed::Added, Thing::Person(one)),
            Self::PersonChanged(one) => Matter::SetUp(Deed::Changed, Thing::Person(one)),
            Self::SessionOpened(one) => Matter::Session(SessionTurn::Opened, one),
            Self::SessionRefreshed(one) => Matter::Session(SessionTurn::Refreshed, one),
            Self::SessionEnded(one) => Matter::Session(SessionTurn::Ended, one),
            Self::ProductAdded(one) => Matter::SetUp(Deed::Added, Thing::Product(one)),
            Self::ProductChanged(one) => Matter::SetUp(Deed::Changed, Thing::Product(one)),
            Self::StockEntered(one) => Matter::Goods(Goods::Entered(one)),
            Self::LotPlaced(_) => Matter::Lot,
            Self::StockCounted(one) => Matter::Goods(Goods::Counted(one)),
            Self::TransferSent(one) | Self::TransferReceived(one) | Self::TransferCancelled(one) => {
                Matter::Goods(Goods::Moved(one))
            }
            Self::SaleRecorded(one) => Matter::Goods(Goods::Sold(one)),
            Self::SaleReturned(one) => Matter::Goods(Goods::Returned(one)),
            Self::DiscountApproved(one) => Matter::Money(Money::Approved(one)),
            Self::ReturnApproved(one) => Matter::Money(Money::ReturnApproved(one)),
            Self::CashSessionOpened(one) => Matter::Money(Money::DrawerOpened(one)),
            Self::CashMoved(one) => Matter::Money(Money::DrawerMoved(one)),
            Self::CashSessionClosed(one) => Matter::Money(Money::DrawerClosed(one)),
            Self::AccountPaid(one) => Matter::Money(Money::DebtPaid(one)),
            Self::KeyIssued(one) => Matter::SetUp(Deed::Added, Thing::Key(one)),
            Self::KeyRevoked(one) => Matter::SetUp(Deed::Removed, Thing::Key(one)),
            Self::SensorSet(one) => Matter::SetUp(Deed::Changed, Thing::Sensor(one)),
            Self::ReadingsSealed(_) => Matter::Seal,
            Self::BatteryNoted(_) => Matter::Battery,
            Self::AlarmTold(_) => Matter::Told,
            Self::FeedTaken(_) | Self::FeedRecordParked(_) | Self::FeedRecordDismissed(_) => Matter::Feed,
            Self::FeedAliasSet(one) => Matter::SetUp(Deed::Changed, Thing::Alias(one)),
            Self::TillEnrolled(one) => Matter::SetUp(Deed::Added, Thing::Till(one)),
            Self::TillRevoked(one) => Matter::SetUp(Deed::Removed, Thing::Till(one)),
            Self::AlarmRuleSet(one) => Matter::SetUp(Deed::Changed, Thing::Rule(one)),
            Self::AlarmRuleRemoved(one) => Matter::SetUp(Deed::Removed, Thing::Rule(one)),
            Self::AlarmOpened(one) => Matter::Alarm(AlarmTurn::Opened, one),
            Self::AlarmCleared(one) => Matter::Alarm(AlarmTurn::Cleared, one),
            Self::AlarmAcknowledged(one) => Matter::Alarm(AlarmTurn::Acknowledged, one),
            Self::QuietTimeSet(one) => Matter::SetUp(Deed::Added, Thing::Quiet(one)),
            Self::QuietTimeRemoved(one) => Matter::SetUp(Deed::Removed, Thing::Quiet(one)),
            Self::CalibrationSet(one) => Matter::SetUp(Deed::Changed, Thing::Calibration(one)),
            Self::CalibrationWithdrawn(one) => Matter::SetUp(Deed::Removed, Thing::Calibration(one)),
            Self::AnnotationAdded(one) => Matter::SetUp(Deed::Added, Thing::Annotation(one)),
            Self::AnnotationWithdrawn(one) => Matter::SetUp(Deed::Removed, Thing::Annotation(one)),
            Self::CoordinationTaken(one) => Matter::Servers(one),
            Self::UpkeepNoted(one) => Matter::Upkeep(one),
        }
    }

    /// What it does to the goods of a store, if anything.
    pub const fn goods(&self) -> Option<Goods<'_>> {
        if let Matter::Goods(goods) = self.matter() { Some(goods) } else { None }
    }

    /// What was set up by it, if anything.
    pub const fn set_up(&self) -> Option<(Deed, Thing<'_>)> {
        if let Matter::SetUp(deed, thing) = self.matter() { Some((deed, thing)) } else { None }
    }
}
