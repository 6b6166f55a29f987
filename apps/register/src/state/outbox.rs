//! Commands on their way to the server. Each is on this machine's disk before anybody is told that it is
//! done, keeps its id until it is settled, however often it is sent, and none is dropped without a person
//! seeing it.
//!
//! They are sent one after the other, in the order in which they were made. A server that is silent holds all of them
//! back; one that the server cannot take now holds back only what rests on it, and one that it has refused none.

use serde::{Deserialize, Serialize};
use tillwatch_desk::failure::{self, Failure};
use tillwatch_shared::api::{
    AccountPayment, CashReport, CashSession, NewAccountPayment, NewCashClosing, NewCashMovement,
    NewCashSession, NewProduct, NewReturn, NewSale, NewSaleLine, NewStockEntry, Product, ProductChange,
    Return, Sale, StockEntry, StockEntryKind,
};
use tillwatch_shared::time::{MINUTE, SECOND};
use tillwatch_shared::{
    AccountId, CashSessionId, Cents, CommandId, PersonId, ProductId, SaleId, StoreId, UtcMicros,
};

use super::cash::Note;
use super::debts::Debtor;
use super::stock::{StockDone, StockWork};

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
    Stock(StockWork),
    Sale(NewSale),
    CashOpen(NewCashSession),
    CashMove(CashSessionId, NewCashMovement),
    CashClose(CashSessionId, NewCashClosing),
    DebtPaid(AccountId, NewAccountPayment),
    /// Of this sale.
    Return(SaleId, Box<NewReturn>),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    Product(Product),
    Entry(StockEntry),
    Stock(Box<StockDone>),
    Sale(Box<Sale>),
    CashOpened(Box<CashSession>),
    CashMoved,
    DebtPaid(Box<AccountPayment>),
    /// Z, as the server makes it.
    CashClosed(Box<CashReport>),
    Return(Box<Return>),
}

/// A command to be sent, and in whose name.
#[derive(Clone, Debug, PartialEq)]
pub struct Errand {
    pub command: CommandId,
    pub person: PersonId,
    pub work: Work,
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
    /// Who gave the command; it is sent in their name and no other.
    pub person: PersonId,
    pub work: Work,
    /// What it is about, for the list: the product's name, or nothing for a sale.
    pub subject: String,
    /// A refused command, corrected: its record goes when this one is on the disk. Absent as the sale is.
    pub replaces: Option<CommandId>,
    /// What the customer got back.
    pub change: Cents,
    /// The sale that it makes, or what is left of it after this return, as the till remembers it. Absent when the
    /// parcel comes from the disk: there it stands by itself.
    pub sold: Option<Box<Sale>>,
    /// What it does to the till's drawer; absent as the sale is.
    pub cash: Option<Box<Note>>,
    /// Whose debt it makes smaller, where goods come back that were bought on account.
    pub debtor: Option<Box<Debtor>>,
    pub made_at: UtcMicros,
    pub tried_at: UtcMicros,
    /// How often it was sent without an outcome since the server was last heard.
    pub tries: u32,
    pub stage: Stage,
}

impl Work {
    /// The cash session that it names.
    pub fn cash_session(&self) -> Option<CashSessionId> {
        match self {
            Self::Sale(sale) => sale.cash_session,
            Self::Return(_, back) => back.cash_session,
            Self::DebtPaid(_, payment) => payment.cash_session,
            Self::CashMove(session, _) | Self::CashClose(session, _) => Some(*session),
            Self::Product(_)
            | Self::ProductChange(..)
            | Self::Entry(_)
            | Self::Stock(_)
            | Self::CashOpen(_) => None,
        }
    }

    pub const fn sale(&self) -> Option<&NewSale> {
        match self {
            Self::Sale(sale) => Some(sale),
            Self::Product(_)
            | Self::ProductChange(..)
            | Self::Entry(_)
            | Self::Stock(_)
            | Self::Return(..)
            | Self::CashOpen(_)
            | Self::CashMove(..)
            | Self::DebtPaid(..)
            | Self::CashClose(..) => None,
        }
    }

    /// By how much it moves what a store holds. What a count moves is known when the server has told it.
    pub fn moves(&self) -> Vec<(StoreId, ProductId, i64)> {
        match self {
            Self::Sale(sale) => {
                let line =
                    |line: &NewSaleLine| (sale.store_id, line.product_id, -line.quantity_thousandths.0);
                sale.lines.iter().map(line).collect()
            }
            Self::Entry(entry) => match entry.kind {
                StockEntryKind::Receive | StockEntryKind::Adjust => {
                    vec![(entry.store_id, entry.product_id, entry.quantity_thousandths.0)]
                }
                StockEntryKind::Count => Vec::new(),
            },
            Self::Stock(work) => work.moves(),
            // What comes back is known by the line, and counted when the server has told it.
            Self::Product(_)
            | Self::ProductChange(..)
            | Self::Return(..)
            | Self::CashOpen(_)
            | Self::CashMove(..)
            | Self::CashClose(..)
            | Self::DebtPaid(..) => Vec::new(),
        }
    }
}

impl Parcel {
    /// Whether the server would refuse it for not knowing the earlier one: what happens in a drawer that is not open
    /// there, goods of a sale that it has not heard of, a product that nobody has added. A drawer is closed after
    /// what was moved in it, and opened again after that: else the server would take it for another till's.
    fn rests_on(&self, earlier: &Self) -> bool {
        let id = earlier.command.0;
        match (&earlier.work, &self.work) {
            (Work::CashOpen(_), Work::CashMove(session, _) | Work::CashClose(session, _)) => session.0 == id,
            (Work::CashMove(moved, _), Work::CashClose(session, _)) => moved == session,
            (Work::CashClose(..), Work::CashOpen(_)) => true,
            (Work::Sale(_), Work::Return(sale, _)) => sale.0 == id,
            (Work::Product(_), Work::ProductChange(product, _)) => product.0 == id,
            (Work::Product(_), Work::Entry(entry)) => entry.product_id.0 == id,
            (Work::Product(_), Work::Sale(sale)) => sale.lines.iter().any(|line| line.product_id.0 == id),
            (Work::Product(_), Work::Stock(work)) => work.is_about(ProductId(id)),
            _ => false,
        }
    }

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

/// The list of what is not settled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OutboxForm {
    /// The person is asked whether this one is to be thrown away.
    pub discarding: Option<CommandId>,
}

impl Parcel {
    /// Refused, and made of lines that fit into a cart.
    pub fn returns_to_cart(&self) -> bool {
        let lines = matches!(&self.work, Work::Sale(sale) if !sale.lines.is_empty());
        lines && self.is_rejected()
    }

    pub const fn is_rejected(&self) -> bool {
        matches!(self.stage, Stage::Rejected(_))
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

    /// Refused, and a person can still decide about it: nothing that takes its place is on its way to the disk.
    pub fn awaits_person(&self, command: CommandId) -> bool {
        self.get(command).is_some_and(Parcel::is_rejected)
            && self.parcels.iter().all(|parcel| parcel.replaces != Some(command))
    }

    /// Settled: takes it out.
    pub fn take(&mut self, command: CommandId) -> Option<Parcel> {
        let index = self.parcels.iter().position(|parcel| parcel.command == command)?;
        Some(self.parcels.remove(index))
    }

    /// What is here and was not refused, as movements of goods.
    pub fn moves(&self) -> impl Iterator<Item = (StoreId, ProductId, i64)> + '_ {
        let here = self.parcels.iter().filter(|parcel| !matches!(parcel.stage, Stage::Rejected(_)));
        here.flat_map(|parcel| parcel.work.moves())
    }

    /// Not confirmed by the server and not refused.
    pub fn unsent(&self) -> usize {
        self.parcels.len() - self.rejected()
    }

    pub fn rejected(&self) -> usize {
        self.parcels.iter().filter(|parcel| matches!(parcel.stage, Stage::Rejected(_))).count()
    }

    /// What `senders` have to send now, in order; it counts as sending from now on. What is not yet on the disk
    /// holds back what was made after it, and what stays here what rests on it.
    pub fn due(&mut self, senders: &[PersonId], now: UtcMicros) -> Vec<Errand> {
        if self.parcels.iter().any(|parcel| parcel.stage == Stage::Sending) {
            return Vec::new();
        }
        let mut left: Vec<&Parcel> = Vec::new();
        let mut due = Vec::new();
        for parcel in self.parcels.iter_mut().take_while(|parcel| parcel.stage != Stage::Keeping) {
            if due.len() >= BATCH {
                break;
            }
            if matches!(parcel.stage, Stage::Rejected(_)) {
                continue;
            }
            let may_go = senders.contains(&parcel.person);
            if may_go && parcel.met_silence() && !parcel.is_due(now) {
                break;
            }
            if !may_go || !parcel.is_due(now) || left.iter().any(|earlier| parcel.rests_on(earlier)) {
                left.push(parcel);
                continue;
            }
            parcel.stage = Stage::Sending;
            parcel.tried_at = now;
            due.push(Errand { command: parcel.command, person: parcel.person, work: parcel.work.clone() });
        }
        due
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
