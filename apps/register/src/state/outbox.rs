//! Commands on their way to the server. Each is on this machine's disk before anybody is told that it is
//! done, keeps its id until it is settled, however often it is sent, and none is dropped without a person
//! seeing it.
//!
//! They are sent in the order in which they were made, one request at a time. A server that is silent holds
//! all of them back; one that the server cannot take now, or has refused, holds back none.

use serde::{Deserialize, Serialize};
use tillwatch_desk::failure::{self, Failure};
use tillwatch_shared::api::{NewProduct, NewSale, NewStockEntry, Product, ProductChange, Sale, StockEntry};
use tillwatch_shared::time::{MINUTE, SECOND};
use tillwatch_shared::{Cents, CommandId, PersonId, ProductId, UtcMicros};

/// What waits longest between two tries.
const LONGEST_WAIT: i64 = MINUTE;
/// Commands sent on end, before the outcomes are looked at.
const BATCH: usize = 100;

/// What a command does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// On its way to the disk.
    Keeping,
    /// On the disk, to be sent. If it was sent already, it may or may not have happened: it is sent again
    /// with the same id.
    Waiting(Option<Failure>),
    Sending,
    /// The server said no, after the person had gone on. Waits for a person.
    Rejected(Failure),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// Its place in the order.
    pub number: i64,
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
    /// How often it was sent without an outcome since the server was last heard.
    pub tries: u32,
    pub stage: Stage,
}

impl Parcel {
    /// Whether it may be sent now. The waits double; a clock that was set back does not make them longer.
    fn is_due(&self, now: UtcMicros) -> bool {
        let wait = match self.tries {
            0 => 0,
            tries => (SECOND << tries.min(16).saturating_sub(1)).min(LONGEST_WAIT),
        };
        !(0..wait).contains(&now.since(self.tried_at))
    }

    fn met_silence(&self) -> bool {
        matches!(&self.stage, Stage::Waiting(Some(failure)) if failure::is_silence(failure))
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outbox {
    parcels: Vec<Parcel>,
    last_number: i64,
}

impl Parcel {
    /// Refused, and made of lines that fit into a cart.
    pub fn returns_to_cart(&self) -> bool {
        let lines = matches!(&self.work, Work::Sale(sale) if !sale.lines.is_empty());
        lines && matches!(self.stage, Stage::Rejected(_))
    }
}

impl Outbox {
    /// What the disk holds, in order.
    pub fn of(parcels: Vec<Parcel>) -> Self {
        let last_number = parcels.last().map_or(0, |parcel| parcel.number);
        Self { parcels, last_number }
    }

    pub fn parcels(&self) -> &[Parcel] {
        &self.parcels
    }

    pub const fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    /// The place of the next one.
    pub const fn next_number(&mut self) -> i64 {
        self.last_number += 1;
        self.last_number
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

    /// Not confirmed by the server and not refused.
    pub fn unsent(&self) -> usize {
        self.parcels.len() - self.rejected()
    }

    pub fn rejected(&self) -> usize {
        self.parcels.iter().filter(|parcel| matches!(parcel.stage, Stage::Rejected(_))).count()
    }

    /// What `person` has to send now, in order; it counts as sending from now on.
    pub fn due(&mut self, person: PersonId, now: UtcMicros) -> Vec<(CommandId, Work)> {
        if self.parcels.iter().any(|parcel| parcel.stage == Stage::Sending) {
            return Vec::new();
        }
        let waits =
            |parcel: &&mut Parcel| parcel.person == person && matches!(parcel.stage, Stage::Waiting(_));
        self.parcels
            .iter_mut()
            .filter(waits)
            .take_while(|parcel| parcel.is_due(now) || !parcel.met_silence())
            .filter(|parcel| parcel.is_due(now))
            .take(BATCH)
            .map(|parcel| {
                parcel.stage = Stage::Sending;
                parcel.tried_at = now;
                (parcel.command, parcel.work.clone())
            })
            .collect()
    }

    /// What was to be sent after one that met silence was not: it waits as before.
    pub fn held_back(&mut self, commands: &[CommandId]) {
        for parcel in &mut self.parcels {
            if commands.contains(&parcel.command) {
                parcel.stage = Stage::Waiting(None);
                parcel.tries = 0;
            }
        }
    }

    /// The server is heard again: nothing has to wait any longer.
    pub fn hurry(&mut self) {
        for parcel in &mut self.parcels {
            parcel.tries = 0;
        }
    }
}
