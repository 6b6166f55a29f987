//! The rules. A [`Command`] is checked, applied to the tables inside the writer's transaction, and
//! becomes an [`Event`]. Nothing here reads a clock, draws a random number or waits: what is needed is
//! in the command, so that every server that applies the same commands gets the same ledger.

pub mod access;
pub mod accounts;
pub mod alarm_rules;
pub mod alarms;
pub mod annotations;
pub mod batteries;
pub mod calibrations;
pub mod cash;
pub mod cash_book;
pub mod check;
pub mod coordination;
pub mod counts;
pub mod discounts;
pub mod feed_sale;
pub mod feeds;
pub mod keys;
pub mod lot_counts;
pub mod lots;
pub mod people;
pub mod pin;
pub mod prices;
pub mod products;
pub mod quiet_times;
pub mod rejection;
pub mod returns;
pub mod rows;
pub mod sales;
pub mod sensors;
pub mod sessions;
pub mod stock;
pub mod stores;
pub mod tills;
pub mod told;
pub mod totals;
pub mod transfers;
pub mod upkeep;

use std::borrow::Cow;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, ReadingsSeal};
use tillwatch_shared::{CommandId, PersonId, StoreId, TillId, UtcMicros};

pub use rejection::{ApplyError, Rejection};

/// One change of the ledger, as it was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Command {
    pub id: CommandId,
    /// Who asks. `None` is the server itself (first start, seals).
    pub actor: Option<PersonId>,
    /// The till that sends it in the actor's name; absent where the actor is signed in.
    pub till: Option<TillId>,
    /// By the device's clock.
    pub client_at: UtcMicros,
    /// When the server took it.
    pub server_at: UtcMicros,
    pub payload: Payload,
}

/// The enum, and the names of its variants.
macro_rules! payloads {
    ($($variant:ident($body:ty) = $kind:literal,)*) => {
        /// What is asked for. The name of a variant is its `kind` in the journal.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        pub enum Payload {
            $(#[serde(rename = $kind)] $variant($body),)*
        }

        impl Payload {
            /// Everything that this program can be asked for.
            pub const KINDS: &[&str] = &[$($kind,)*];

            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $kind,)*
                }
            }
        }
    };
}

payloads! {
    AddChain(stores::AddChain) = "add_chain",
    AddStore(stores::AddStore) = "add_store",
    ChangeStore(stores::ChangeStore) = "change_store",
    AddPerson(people::AddPerson) = "add_person",
    ChangePerson(people::ChangePerson) = "change_person",
    OpenSession(sessions::OpenSession) = "open_session",
    RefreshSession(sessions::RefreshSession) = "refresh_session",
    EndSession(sessions::EndSession) = "end_session",
    AddProduct(products::AddProduct) = "add_product",
    ChangeProduct(products::ChangeProduct) = "change_product",
    SetPrices(prices::SetPrices) = "set_prices",
    EnterStock(stock::EnterStock) = "enter_stock",
    PlaceLot(lots::PlaceLot) = "place_lot",
    RecordCount(counts::RecordCount) = "record_count",
    SendTransfer(transfers::SendTransfer) = "send_transfer",
    ReceiveTransfer(transfers::ReceiveTransfer) = "receive_transfer",
    CancelTransfer(transfers::CancelTransfer) = "cancel_transfer",
    RecordSale(sales::RecordSale) = "record_sale",
    ApproveDiscount(discounts::ApproveDiscount) = "approve_discount",
    ApproveReturn(returns::ApproveReturn) = "approve_return",
    SetDiscountLimits(discounts::SetDiscountLimits) = "set_discount_limits",
    ReturnSale(returns::ReturnSale) = "return_sale",
    OpenCashSession(cash::OpenCashSession) = "open_cash_session",
    MoveCash(cash::MoveCash) = "move_cash",
    CloseCashSession(cash::CloseCashSession) = "close_cash_session",
    PayAccount(accounts::PayAccount) = "pay_account",
    IssueKey(keys::IssueKey) = "issue_key",
    RevokeKey(keys::RevokeKey) = "revoke_key",
    SetSensor(sensors::SetSensor) = "set_sensor",
    SealReadings(ReadingsSeal) = "seal_readings",
    TakeRecords(feeds::TakeRecords) = "take_records",
    SellRecord(feeds::SellRecord) = "sell_record",
    SetFeedAlias(feeds::SetFeedAlias) = "set_feed_alias",
    DismissRecord(feeds::DismissRecord) = "dismiss_record",
    EnrolTill(tills::EnrolTill) = "enrol_till",
    RevokeTill(tills::RevokeTill) = "revoke_till",
    SetAlarmRule(alarm_rules::SetAlarmRule) = "set_alarm_rule",
    RemoveAlarmRule(alarm_rules::RemoveAlarmRule) = "remove_alarm_rule",
    OpenAlarm(alarms::OpenAlarm) = "open_alarm",
    ClearAlarm(alarms::ClearAlarm) = "clear_alarm",
    AcknowledgeAlarm(alarms::AcknowledgeAlarm) = "acknowledge_alarm",
    SetQuietTime(quiet_times::SetQuietTime) = "set_quiet_time",
    EndQuietTime(quiet_times::EndQuietTime) = "end_quiet_time",
    SetCalibration(calibrations::SetCalibration) = "set_calibration",
    WithdrawCalibration(calibrations::WithdrawCalibration) = "withdraw_calibration",
    AddAnnotation(annotations::AddAnnotation) = "add_annotation",
    WithdrawAnnotation(annotations::WithdrawAnnotation) = "withdraw_annotation",
    TakeCoordination(coordination::TakeCoordination) = "take_coordination",
    NoteBattery(batteries::NoteBattery) = "note_battery",
    NoteUpkeep(upkeep::NoteUpkeep) = "note_upkeep",
    NoteTold(told::NoteTold) = "note_told",
}

/// What [`apply`] leaves behind for the journal.
#[derive(Debug)]
pub struct Applied {
    pub event: Event,
    /// The store that it happened in, for those who see only their stores.
    pub store: Option<StoreId>,
}

impl Command {
    /// What can be said without looking at the ledger. Done before it is queued, and not when the journal
    /// is played again: a rule that comes later does not undo what was accepted before.
    pub fn check(&self) -> Result<(), Rejection> {
        self.payload.check()?;
        match &self.payload {
            Payload::RecordSale(p) => p.check_told(self.server_at),
            Payload::AddChain(_)
            | Payload::AddStore(_)
            | Payload::ChangeStore(_)
            | Payload::AddPerson(_)
            | Payload::ChangePerson(_)
            | Payload::OpenSession(_)
            | Payload::RefreshSession(_)
            | Payload::EndSession(_)
            | Payload::AddProduct(_)
            | Payload::ChangeProduct(_)
            | Payload::SetPrices(_)
            | Payload::EnterStock(_)
            | Payload::PlaceLot(_)
            | Payload::RecordCount(_)
            | Payload::SendTransfer(_)
            | Payload::ReceiveTransfer(_)
            | Payload::CancelTransfer(_)
            | Payload::ApproveDiscount(_)
            | Payload::ApproveReturn(_)
            | Payload::SetDiscountLimits(_)
            | Payload::ReturnSale(_)
            | Payload::OpenCashSession(_)
            | Payload::MoveCash(_)
            | Payload::CloseCashSession(_)
            | Payload::PayAccount(_)
            | Payload::IssueKey(_)
            | Payload::RevokeKey(_)
            | Payload::SetSensor(_)
            | Payload::SealReadings(_)
            | Payload::TakeRecords(_)
            | Payload::SellRecord(_)
            | Payload::SetFeedAlias(_)
            | Payload::DismissRecord(_)
            | Payload::EnrolTill(_)
            | Payload::RevokeTill(_)
            | Payload::SetAlarmRule(_)
            | Payload::RemoveAlarmRule(_)
            | Payload::OpenAlarm(_)
            | Payload::ClearAlarm(_)
            | Payload::AcknowledgeAlarm(_)
            | Payload::SetQuietTime(_)
            | Payload::EndQuietTime(_)
            | Payload::SetCalibration(_)
            | Payload::WithdrawCalibration(_)
            | Payload::AddAnnotation(_)
            | Payload::WithdrawAnnotation(_)
            | Payload::NoteBattery(_)
            | Payload::NoteUpkeep(_)
            | Payload::NoteTold(_)
            | Payload::TakeCoordination(_) => Ok(()),
        }
    }
}

impl Payload {
    /// Whether it opens, acknowledges or clears an alarm.
    pub const fn turns_an_alarm(&self) -> bool {
        matches!(self, Self::OpenAlarm(_) | Self::AcknowledgeAlarm(_) | Self::ClearAlarm(_))
    }

    /// What can be said about the request by itself.
    pub fn check(&self) -> Result<(), Rejection> {
        match self {
            Self::AddChain(p) => p.check(),
            Self::AddStore(p) => p.check(),
            Self::ChangeStore(p) => p.check(),
            Self::AddPerson(p) => p.check(),
            Self::ChangePerson(p) => p.check(),
            Self::OpenSession(p) => p.check(),
            Self::AddProduct(p) => p.check(),
            Self::ChangeProduct(p) => p.check(),
            Self::SetPrices(p) => p.check(),
            Self::EnterStock(p) => p.check(),
            Self::RecordCount(p) => p.check(),
            Self::SendTransfer(p) => p.check(),
            Self::ReceiveTransfer(p) => p.check(),
            Self::CancelTransfer(p) => p.check(),
            Self::RecordSale(p) => p.check(),
            Self::ApproveDiscount(p) => p.check(),
            Self::ApproveReturn(p) => p.check(),
            Self::SetDiscountLimits(p) => p.check(),
            Self::ReturnSale(p) => p.check(),
            Self::OpenCashSession(p) => p.check(),
            Self::MoveCash(p) => p.check(),
            Self::CloseCashSession(p) => p.check(),
            Self::PayAccount(p) => p.check(),
            Self::IssueKey(p) => p.check(),
            Self::SetSensor(p) => p.check(),
            Self::TakeRecords(p) => p.check(),
            Self::SetFeedAlias(p) => p.check(),
            Self::DismissRecord(p) => p.check(),
            Self::EnrolTill(p) => p.check(),
            Self::SetAlarmRule(p) => p.check(),
            Self::AcknowledgeAlarm(p) => p.check(),
            Self::SetQuietTime(p) => p.check(),
            Self::SetCalibration(p) => p.check(),
            Self::WithdrawCalibration(p) => p.check(),
            Self::AddAnnotation(p) => p.check(),
            Self::WithdrawAnnotation(p) => p.check(),
            Self::SellRecord(_)
            | Self::PlaceLot(_)
            | Self::RefreshSession(_)
            | Self::EndSession(_)
            | Self::RevokeKey(_)
            | Self::RevokeTill(_)
            | Self::RemoveAlarmRule(_)
            | Self::OpenAlarm(_)
            | Self::ClearAlarm(_)
            | Self::EndQuietTime(_)
            | Self::TakeCoordination(_)
            | Self::NoteBattery(_)
            | Self::NoteUpkeep(_)
            | Self::NoteTold(_)
            | Self::SealReadings(_) => Ok(()),
        }
    }

    /// The request as the journal keeps it: canonical JSON, secrets left out.
    pub fn journal_body(&self) -> serde_json::Result<String> {
        let open = match self {
            Self::AddPerson(p) => Cow::Owned(Self::AddPerson(p.without_secret())),
            Self::ChangePerson(p) => Cow::Owned(Self::ChangePerson(p.without_secret())),
            Self::IssueKey(p) => Cow::Owned(Self::IssueKey(p.without_secret())),
            Self::EnrolTill(p) => Cow::Owned(Self::EnrolTill(p.without_secret())),
            Self::AddChain(_)
            | Self::AddStore(_)
            | Self::ChangeStore(_)
            | Self::OpenSession(_)
            | Self::RefreshSession(_)
            | Self::EndSession(_)
            | Self::AddProduct(_)
            | Self::ChangeProduct(_)
            | Self::SetPrices(_)
            | Self::EnterStock(_)
            | Self::PlaceLot(_)
            | Self::RecordCount(_)
            | Self::SendTransfer(_)
            | Self::ReceiveTransfer(_)
            | Self::CancelTransfer(_)
            | Self::RecordSale(_)
            | Self::ApproveDiscount(_)
            | Self::ApproveReturn(_)
            | Self::SetDiscountLimits(_)
            | Self::ReturnSale(_)
            | Self::OpenCashSession(_)
            | Self::MoveCash(_)
            | Self::CloseCashSession(_)
            | Self::PayAccount(_)
            | Self::RevokeKey(_)
            | Self::SetSensor(_)
            | Self::SealReadings(_)
            | Self::TakeRecords(_)
            | Self::SellRecord(_)
            | Self::SetFeedAlias(_)
            | Self::DismissRecord(_)
            | Self::RevokeTill(_)
            | Self::SetAlarmRule(_)
            | Self::RemoveAlarmRule(_)
            | Self::OpenAlarm(_)
            | Self::ClearAlarm(_)
            | Self::AcknowledgeAlarm(_)
            | Self::SetQuietTime(_)
            | Self::EndQuietTime(_)
            | Self::SetCalibration(_)
            | Self::WithdrawCalibration(_)
            | Self::AddAnnotation(_)
            | Self::WithdrawAnnotation(_)
            | Self::NoteBattery(_)
            | Self::NoteUpkeep(_)
            | Self::NoteTold(_)
            | Self::TakeCoordination(_) => Cow::Borrowed(self),
        };
        serde_json::to_string(&open)
    }
}

/// Applies one command to the tables. `seq` is the journal row that it will become. On an error the
/// caller rolls back to the savepoint before it.
pub fn apply(db: &Connection, command: &Command, seq: i64) -> Result<Applied, ApplyError> {
    let cx = Context { db, command, seq };
    tills::check_mandate(&cx)?;
    match &command.payload {
        Payload::AddChain(p) => stores::add_chain(&cx, p),
        Payload::AddStore(p) => stores::add_store(&cx, p),
        Payload::ChangeStore(p) => stores::change_store(&cx, p),
        Payload::AddPerson(p) => people::add(&cx, p),
        Payload::ChangePerson(p) => people::change(&cx, p),
        Payload::OpenSession(p) => sessions::open(&cx, p),
        Payload::RefreshSession(p) => sessions::refresh(&cx, p),
        Payload::EndSession(p) => sessions::end(&cx, p),
        Payload::AddProduct(p) => products::add(&cx, p),
        Payload::ChangeProduct(p) => products::change(&cx, p),
        Payload::SetPrices(p) => prices::set(&cx, p),
        Payload::EnterStock(p) => stock::enter(&cx, p),
        Payload::PlaceLot(p) => lots::set_place(&cx, p),
        Payload::RecordCount(p) => counts::record(&cx, p),
        Payload::SendTransfer(p) => transfers::send(&cx, p),
        Payload::ReceiveTransfer(p) => transfers::receive(&cx, p),
        Payload::CancelTransfer(p) => transfers::cancel(&cx, p),
        Payload::RecordSale(p) => sales::record(&cx, p),
        Payload::ApproveDiscount(p) => discounts::approve(&cx, p),
        Payload::ApproveReturn(p) => returns::approve(&cx, p),
        Payload::SetDiscountLimits(p) => discounts::set_limits(&cx, p),
        Payload::ReturnSale(p) => returns::record(&cx, p),
        Payload::OpenCashSession(p) => cash::open(&cx, p),
        Payload::MoveCash(p) => cash::movement(&cx, p),
        Payload::CloseCashSession(p) => cash::close(&cx, p),
        Payload::PayAccount(p) => accounts::pay(&cx, p),
        Payload::IssueKey(p) => keys::issue(&cx, p),
        Payload::RevokeKey(p) => keys::revoke(&cx, p),
        Payload::SetSensor(p) => sensors::set(&cx, p),
        Payload::SealReadings(seal) => {
            Ok(Applied { event: Event::ReadingsSealed(seal.clone()), store: None })
        }
        Payload::TakeRecords(p) => feeds::take(&cx, p),
        Payload::SellRecord(p) => feeds::sell(&cx, p),
        Payload::SetFeedAlias(p) => feeds::set_alias(&cx, p),
        Payload::DismissRecord(p) => feeds::dismiss(&cx, p),
        Payload::EnrolTill(p) => tills::enrol(&cx, p),
        Payload::RevokeTill(p) => tills::revoke(&cx, p),
        Payload::SetAlarmRule(p) => alarm_rules::set(&cx, p),
        Payload::RemoveAlarmRule(p) => alarm_rules::remove(&cx, p),
        Payload::OpenAlarm(p) => alarms::open(&cx, p),
        Payload::ClearAlarm(p) => alarms::clear(&cx, p),
        Payload::AcknowledgeAlarm(p) => alarms::acknowledge(&cx, p),
        Payload::SetQuietTime(p) => quiet_times::set(&cx, p),
        Payload::EndQuietTime(p) => quiet_times::end(&cx, p),
        Payload::SetCalibration(p) => calibrations::set(&cx, p),
        Payload::WithdrawCalibration(p) => calibrations::withdraw(&cx, p),
        Payload::AddAnnotation(p) => annotations::add(&cx, p),
        Payload::WithdrawAnnotation(p) => annotations::withdraw(&cx, p),
        Payload::TakeCoordination(p) => coordination::take(&cx, p),
        Payload::NoteBattery(p) => batteries::note(&cx, p),
        Payload::NoteUpkeep(p) => upkeep::note(&cx, p),
        Payload::NoteTold(p) => told::note(&cx, p),
    }
}

/// What every rule gets: the open transaction, the command, and its place in the journal.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub db: &'a Connection,
    pub command: &'a Command,
    pub seq: i64,
}
