//! Commands on their way to the server. Each keeps its id until it is settled, however often it is sent,
//! and none is dropped without a person seeing it.
//!
//! This is the seam for working without a server: what stands here in memory will stand in the register's
//! own database, and nothing else has to know.

use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::{NewProduct, NewSale, NewStockEntry, Product, ProductChange, Sale, StockEntry};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{Cents, CommandId, PersonId, ProductId, UtcMicros};

/// Between two tries of a command that got no answer.
const RETRY_EVERY_MICROS: i64 = 5 * SECOND;

/// What a command does.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    Product(NewProduct),
    ProductChange(ProductId, ProductChange),
    Entry(NewStockEntry),
    Sale(NewSale),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    Product(Product),
    Entry(StockEntry),
    Sale(Sale),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    Sending,
    /// No answer: it may or may not have happened. Sent again with the same id.
    Unconfirmed(Failure),
    /// The server said no, after the person had gone on. Waits for a person.
    Rejected(Failure),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    pub command: CommandId,
    /// Who gave the command; only under their name is it sent again by itself.
    pub person: PersonId,
    pub work: Work,
    /// What it is about, for the list: the product's name, or nothing for a sale.
    pub subject: String,
    /// What the customer got back.
    pub change: Cents,
    pub made_at: UtcMicros,
    pub tried_at: UtcMicros,
    pub stage: Stage,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outbox {
    parcels: Vec<Parcel>,
}

impl Outbox {
    pub fn parcels(&self) -> &[Parcel] {
        &self.parcels
    }

    pub const fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    pub fn put(&mut self, parcel: Parcel) {
        self.parcels.push(parcel);
    }

    pub fn get(&self, command: CommandId) -> Option<&Parcel> {
        self.parcels.iter().find(|parcel| parcel.command == command)
    }

    pub fn get_mut(&mut self, command: CommandId) -> Option<&mut Parcel> {
        self.parcels.iter_mut().find(|parcel| parcel.command == command)
    }

    /// Settled: takes it out.
    pub fn take(&mut self, command: CommandId) -> Option<Parcel> {
        let index = self.parcels.iter().position(|parcel| parcel.command == command)?;
        Some(self.parcels.remove(index))
    }

    pub fn unconfirmed(&self) -> usize {
        self.parcels.iter().filter(|parcel| matches!(parcel.stage, Stage::Unconfirmed(_))).count()
    }

    pub fn rejected(&self) -> usize {
        self.parcels.iter().filter(|parcel| matches!(parcel.stage, Stage::Rejected(_))).count()
    }

    /// Commands of `person` that are due to be sent again; they count as sending from now on.
    pub fn due(&mut self, person: PersonId, now: UtcMicros) -> Vec<(CommandId, Work)> {
        let is_due = |parcel: &&mut Parcel| {
            parcel.person == person
                && matches!(parcel.stage, Stage::Unconfirmed(_))
                && now.since(parcel.tried_at) >= RETRY_EVERY_MICROS
        };
        let again = |parcel: &mut Parcel| {
            parcel.stage = Stage::Sending;
            parcel.tried_at = now;
            (parcel.command, parcel.work.clone())
        };
        self.parcels.iter_mut().filter(is_due).map(again).collect()
    }
}
