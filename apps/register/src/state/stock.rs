//! The desk's own work on stock: what is being counted or packed, and the transfers and stores that the till
//! knows of.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{
    Arrival, Count, Destination, LotName, NewCount, NewCountLine, NewTransfer, NewTransferLine, Transfer,
    TransferCancellation, TransferState,
};
use tillwatch_shared::ids::TransferId;
use tillwatch_shared::{ProductId, Quantity, StoreId, UtcMicros};

use super::forms::{Part, Trouble};

/// What a list of scanned goods is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Count,
    Send,
}

/// A product of the list, or one of its lots. For a count, the moment and the place in the change feed are those of the
/// last scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScanLine {
    pub product: ProductId,
    /// What is printed on it, where that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<LotName>,
    pub quantity: Quantity,
    pub at: UtcMicros,
    pub seen_seq: Option<i64>,
}

/// A list of goods that is being scanned. It is on this machine's disk after every scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub purpose: Purpose,
    pub store: StoreId,
    pub started_at: UtcMicros,
    /// What was scanned last stands at the end.
    pub lines: Vec<ScanLine>,
}

impl Draft {
    pub const fn new(purpose: Purpose, store: StoreId, started_at: UtcMicros) -> Self {
        Self { purpose, store, started_at, lines: Vec::new() }
    }

    /// Adds to the line of the product or lot, which becomes the last one.
    pub fn add(&mut self, line: ScanLine) {
        let before = self.take(line.product, line.lot.as_ref()).map_or(0, |before| before.quantity.0);
        let quantity = Quantity(before.saturating_add(line.quantity.0));
        self.lines.push(ScanLine { quantity, ..line });
    }

    /// In place of what that line said.
    pub fn set(&mut self, line: ScanLine) {
        self.take(line.product, line.lot.as_ref());
        self.lines.push(line);
    }

    pub fn line(&self, product: ProductId, lot: Option<&LotName>) -> Option<&ScanLine> {
        self.lines.iter().find(|line| (line.product, line.lot.as_ref()) == (product, lot))
    }

    fn take(&mut self, product: ProductId, lot: Option<&LotName>) -> Option<ScanLine> {
        let is_it = |line: &ScanLine| (line.product, line.lot.as_ref()) == (product, lot);
        let place = self.lines.iter().position(is_it)?;
        Some(self.lines.remove(place))
    }

    /// How many products there are in it.
    pub fn products(&self) -> usize {
        self.lines.iter().map(|line| line.product).collect::<HashSet<_>>().len()
    }

    pub fn as_count(&self) -> NewCount {
        let line = |line: &ScanLine| NewCountLine {
            product_id: line.product,
            counted_thousandths: line.quantity,
            counted_at: line.at,
            seen_seq: line.seen_seq,
            lot: line.lot.clone(),
        };
        NewCount {
            store_id: self.store,
            started_at: self.started_at,
            lines: self.lines.iter().map(line).collect(),
            note: None,
        }
    }

    pub fn as_transfer(&self, to_store_id: StoreId, sent_at: UtcMicros) -> NewTransfer {
        let line = |line: &ScanLine| NewTransferLine {
            product_id: line.product,
            quantity_thousandths: line.quantity,
            lot: None,
        };
        NewTransfer {
            from_store_id: self.store,
            to_store_id,
            lines: self.lines.iter().map(line).collect(),
            note: None,
            sent_at: Some(sent_at),
        }
    }
}

/// A command about a list or a transfer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockWork {
    Count(NewCount),
    Send(NewTransfer),
    Arrive(TransferId, Arrival),
    TakeBack(TransferId, TransferCancellation),
}

impl StockWork {
    /// The list that it was made of, if it was made of one.
    pub fn as_draft(&self, now: UtcMicros) -> Option<Draft> {
        match self {
            Self::Count(count) => {
                let line = |line: &NewCountLine| ScanLine {
                    product: line.product_id,
                    lot: line.lot.clone(),
                    quantity: line.counted_thousandths,
                    at: line.counted_at,
                    seen_seq: line.seen_seq,
                };
                let lines = count.lines.iter().map(line).collect();
                let draft = Draft::new(Purpose::Count, count.store_id, count.started_at);
                Some(Draft { lines, ..draft })
            }
            Self::Send(transfer) => {
                let line = |line: &NewTransferLine| ScanLine {
                    product: line.product_id,
                    lot: None,
                    quantity: line.quantity_thousandths,
                    at: now,
                    seen_seq: None,
                };
                let lines = transfer.lines.iter().map(line).collect();
                Some(Draft { lines, ..Draft::new(Purpose::Send, transfer.from_store_id, now) })
            }
            Self::Arrive(..) | Self::TakeBack(..) => None,
        }
    }

    /// It was made of a list.
    pub const fn is_of_list(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Send(_))
    }

    /// What leaves the store with it. What a count or an arrival moves is known when the server has told it.
    pub fn moves(&self) -> Vec<(StoreId, ProductId, i64)> {
        match self {
            Self::Send(transfer) => {
                let from = transfer.from_store_id;
                let line = |line: &NewTransferLine| (from, line.product_id, -line.quantity_thousandths.0);
                transfer.lines.iter().map(line).collect()
            }
            Self::Count(_) | Self::Arrive(..) | Self::TakeBack(..) => Vec::new(),
        }
    }

    /// Whether it names this product.
    pub fn is_about(&self, product: ProductId) -> bool {
        match self {
            Self::Count(count) => count.lines.iter().any(|line| line.product_id == product),
            Self::Send(transfer) => transfer.lines.iter().any(|line| line.product_id == product),
            Self::Arrive(..) | Self::TakeBack(..) => false,
        }
    }

    /// The transfer that it ends.
    pub const fn ends(&self) -> Option<TransferId> {
        match self {
            Self::Arrive(id, _) | Self::TakeBack(id, _) => Some(*id),
            Self::Count(_) | Self::Send(_) => None,
        }
    }
}

/// What the server made of it.
#[derive(Clone, Debug, PartialEq)]
pub enum StockDone {
    Counted(Count),
    Moved(Transfer),
}

/// What the till knows of transfers of its store.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub destinations: Vec<Destination>,
    /// On their way, from this store or to it.
    pub open: Vec<Transfer>,
}

impl Known {
    /// Follows a transfer: it is on its way, or no longer.
    pub fn follow(&mut self, transfer: &Transfer) {
        self.open.retain(|known| known.id != transfer.id);
        if transfer.state == TransferState::Sent {
            self.open.push(transfer.clone());
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StockDesk {
    pub drafts: Vec<Draft>,
    /// Of each store that this till has worked in.
    pub remembered: HashMap<StoreId, Known>,
}

impl StockDesk {
    pub fn draft(&self, purpose: Purpose, store: StoreId) -> Option<&Draft> {
        self.drafts.iter().find(|draft| (draft.purpose, draft.store) == (purpose, store))
    }

    /// The list of this purpose and store, begun now if there is none.
    pub fn draft_mut(&mut self, purpose: Purpose, store: StoreId, now: UtcMicros) -> Option<&mut Draft> {
        if self.draft(purpose, store).is_none() {
            self.drafts.push(Draft::new(purpose, store, now));
        }
        self.drafts.iter_mut().find(|draft| (draft.purpose, draft.store) == (purpose, store))
    }

    pub fn drop_draft(&mut self, purpose: Purpose, store: StoreId) {
        self.drafts.retain(|draft| (draft.purpose, draft.store) != (purpose, store));
    }

    pub fn known(&self, store: StoreId) -> Option<&Known> {
        self.remembered.get(&store)
    }
}

/// What can be done about stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    Receive,
    Adjust,
    Count,
    Send,
    Arrive,
}

impl Task {
    /// As the menu lists them: the keys 1 to 5.
    pub const ALL: [Self; 5] = [Self::Receive, Self::Adjust, Self::Count, Self::Send, Self::Arrive];
}

/// Scanning a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanForm {
    pub purpose: Purpose,
    pub text: String,
    pub hits: Vec<ProductId>,
    pub hit: usize,
    /// What is printed on what is counted.
    pub printed: Printed,
    /// Its place among the destinations.
    pub destination: usize,
    pub notice: Option<ScanNotice>,
    /// The person is asked whether the list is to be thrown away.
    pub dropping: bool,
    pub trouble: Trouble,
}

/// Lot and expiry of what is counted, as typed. They hold for one product, until another one is scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    pub lot: String,
    pub expiry: String,
    /// The product that was scanned with them; none since they were typed.
    pub of: Option<ProductId>,
}

impl Printed {
    /// Whether what is scanned now is of this lot.
    pub fn holds_for(&self, product: ProductId) -> bool {
        self.of.is_none_or(|of| of == product)
    }

    /// Another product has other words on it.
    pub fn scanned(&mut self, product: ProductId) {
        let kept = if self.holds_for(product) { std::mem::take(self) } else { Self::default() };
        *self = Self { of: Some(product), ..kept };
    }
}

/// Why what was entered adds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanNotice {
    NotFound(String),
    QuantityBad(String),
    NotWhole,
    TooMuch,
    /// The list is full.
    Full,
    Empty,
    NoDestination,
}

/// What arrived of a transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct ArriveForm {
    pub transfer: TransferId,
    /// Of each line, as typed.
    pub arrived: Vec<String>,
    pub line: usize,
    pub reason: String,
    pub trouble: Trouble,
}

/// Taking back what has not arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct TakeBackForm {
    pub transfer: TransferId,
    pub reason: String,
    pub trouble: Trouble,
}

/// What is open of the desk's work on stock.
#[derive(Clone, Debug, PartialEq)]
pub enum StockForm {
    Menu {
        row: usize,
    },
    Scan(ScanForm),
    /// The transfers on their way; one is marked.
    Transfers {
        row: usize,
    },
    Arrive(ArriveForm),
    TakeBack(TakeBackForm),
    /// A count that the server has taken in.
    Report(Box<Count>),
}

impl StockForm {
    pub const fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Scan(form) => Some(&form.trouble),
            Self::Arrive(form) => Some(&form.trouble),
            Self::TakeBack(form) => Some(&form.trouble),
            Self::Menu { .. } | Self::Transfers { .. } | Self::Report(_) => None,
        }
    }

    pub const fn trouble_mut(&mut self) -> Option<&mut Trouble> {
        match self {
            Self::Scan(form) => Some(&mut form.trouble),
            Self::Arrive(form) => Some(&mut form.trouble),
            Self::TakeBack(form) => Some(&mut form.trouble),
            Self::Menu { .. } | Self::Transfers { .. } | Self::Report(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum StockInput {
    /// The menu of what can be done.
    Open,
    Choose(Task),
    /// Up or down in the menu, the hits, or the lines.
    Move(isize),
    /// Marks a row, and takes it.
    Pick(usize),
    /// Of a scan form: another store to send to.
    Destination(usize),
    Text(String),
    /// Lot or expiry of what is counted.
    Printed(Part, String),
    Reason(String),
    /// Takes the last scanned product off the list again.
    RemoveLast,
    /// Asks whether the list is to be thrown away, or no longer does.
    AskDrop(bool),
    /// Throws the list away.
    Drop,
    /// The list, or what arrived, is complete.
    Finish,
}

/// What is asked of the till's file.
#[derive(Clone, Debug, PartialEq)]
pub enum StockEffect {
    KeepDraft(Box<Draft>),
    DropDraft(Purpose, StoreId),
    /// What is known of the store's transfers.
    Remember(StoreId, Box<Known>),
}
