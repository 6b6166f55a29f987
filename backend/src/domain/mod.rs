//! The rules. A [`Command`] is checked, applied to the tables inside the writer's transaction, and
//! becomes an [`Event`]. Nothing here reads a clock, draws a random number or waits: what is needed is
//! in the command, so that every server that applies the same commands gets the same ledger.

pub mod access;
pub mod check;
pub mod feed_sale;
pub mod feeds;
pub mod keys;
pub mod people;
pub mod pin;
pub mod products;
pub mod rejection;
pub mod rows;
pub mod sales;
pub mod sensors;
pub mod sessions;
pub mod stock;
pub mod stores;

use std::borrow::Cow;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, ReadingsSeal};
use tillwatch_shared::{CommandId, PersonId, StoreId, UtcMicros};

pub use rejection::{ApplyError, Rejection};

/// One change of the ledger, as it was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Command {
    pub id: CommandId,
    /// Who asks. `None` is the server itself (first start, seals).
    pub actor: Option<PersonId>,
    /// By the device's clock.
    pub client_at: UtcMicros,
    /// When the server took it.
    pub server_at: UtcMicros,
    pub payload: Payload,
}

/// What is asked for. The name of a variant is its `kind` in the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Payload {
    AddChain(stores::AddChain),
    AddStore(stores::AddStore),
    ChangeStore(stores::ChangeStore),
    AddPerson(people::AddPerson),
    ChangePerson(people::ChangePerson),
    OpenSession(sessions::OpenSession),
    RefreshSession(sessions::RefreshSession),
    EndSession(sessions::EndSession),
    AddProduct(products::AddProduct),
    ChangeProduct(products::ChangeProduct),
    EnterStock(stock::EnterStock),
    RecordSale(sales::RecordSale),
    IssueKey(keys::IssueKey),
    RevokeKey(keys::RevokeKey),
    SetSensor(sensors::SetSensor),
    SealReadings(ReadingsSeal),
    TakeRecords(feeds::TakeRecords),
    SellRecord(feeds::SellRecord),
    SetFeedAlias(feeds::SetFeedAlias),
    DismissRecord(feeds::DismissRecord),
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
            | Payload::EnterStock(_)
            | Payload::IssueKey(_)
            | Payload::RevokeKey(_)
            | Payload::SetSensor(_)
            | Payload::SealReadings(_)
            | Payload::TakeRecords(_)
            | Payload::SellRecord(_)
            | Payload::SetFeedAlias(_)
            | Payload::DismissRecord(_) => Ok(()),
        }
    }
}

impl Payload {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AddChain(_) => "add_chain",
            Self::AddStore(_) => "add_store",
            Self::ChangeStore(_) => "change_store",
            Self::AddPerson(_) => "add_person",
            Self::ChangePerson(_) => "change_person",
            Self::OpenSession(_) => "open_session",
            Self::RefreshSession(_) => "refresh_session",
            Self::EndSession(_) => "end_session",
            Self::AddProduct(_) => "add_product",
            Self::ChangeProduct(_) => "change_product",
            Self::EnterStock(_) => "enter_stock",
            Self::RecordSale(_) => "record_sale",
            Self::IssueKey(_) => "issue_key",
            Self::RevokeKey(_) => "revoke_key",
            Self::SetSensor(_) => "set_sensor",
            Self::SealReadings(_) => "seal_readings",
            Self::TakeRecords(_) => "take_records",
            Self::SellRecord(_) => "sell_record",
            Self::SetFeedAlias(_) => "set_feed_alias",
            Self::DismissRecord(_) => "dismiss_record",
        }
    }

    /// What can be said about the request by itself.
    fn check(&self) -> Result<(), Rejection> {
        match self {
            Self::AddChain(p) => p.check(),
            Self::AddStore(p) => p.check(),
            Self::ChangeStore(p) => p.check(),
            Self::AddPerson(p) => p.check(),
            Self::ChangePerson(p) => p.check(),
            Self::OpenSession(p) => p.check(),
            Self::AddProduct(p) => p.check(),
            Self::ChangeProduct(p) => p.check(),
            Self::EnterStock(p) => p.check(),
            Self::RecordSale(p) => p.check(),
            Self::IssueKey(p) => p.check(),
            Self::SetSensor(p) => p.check(),
            Self::TakeRecords(p) => p.check(),
            Self::SetFeedAlias(p) => p.check(),
            Self::DismissRecord(p) => p.check(),
            Self::SellRecord(_)
            | Self::RefreshSession(_)
            | Self::EndSession(_)
            | Self::RevokeKey(_)
            | Self::SealReadings(_) => Ok(()),
        }
    }

    /// The request as the journal keeps it: canonical JSON, secrets left out.
    pub fn journal_body(&self) -> serde_json::Result<String> {
        let open = match self {
            Self::AddPerson(p) => Cow::Owned(Self::AddPerson(p.without_secret())),
            Self::ChangePerson(p) => Cow::Owned(Self::ChangePerson(p.without_secret())),
            Self::IssueKey(p) => Cow::Owned(Self::IssueKey(p.without_secret())),
            Self::AddChain(_)
            | Self::AddStore(_)
            | Self::ChangeStore(_)
            | Self::OpenSession(_)
            | Self::RefreshSession(_)
            | Self::EndSession(_)
            | Self::AddProduct(_)
            | Self::ChangeProduct(_)
            | Self::EnterStock(_)
            | Self::RecordSale(_)
            | Self::RevokeKey(_)
            | Self::SetSensor(_)
            | Self::SealReadings(_)
            | Self::TakeRecords(_)
            | Self::SellRecord(_)
            | Self::SetFeedAlias(_)
            | Self::DismissRecord(_) => Cow::Borrowed(self),
        };
        serde_json::to_string(&open)
    }
}

/// Applies one command to the tables. `seq` is the journal row that it will become. On an error the
/// caller rolls back to the savepoint before it.
pub fn apply(db: &Connection, command: &Command, seq: i64) -> Result<Applied, ApplyError> {
    let cx = Context { db, command, seq };
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
        Payload::EnterStock(p) => stock::enter(&cx, p),
        Payload::RecordSale(p) => sales::record(&cx, p),
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
    }
}

/// What every rule gets: the open transaction, the command, and its place in the journal.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub db: &'a Connection,
    pub command: &'a Command,
    pub seq: i64,
}
