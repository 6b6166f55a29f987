//! A row of the log: a sale or a stock entry, as small as the screen allows.

use tillwatch_shared::api::{Event, Goods, Payment, Sale, StockEntry, StockEntryKind, Unit};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{Cents, Quantity, StoreId, UtcMicros};
use uuid::Uuid;

use super::names::{NameId, Names};

/// A till's clock may be ahead by so much before it is thought wrong.
const CLOCK_LEAD: i64 = MINUTE;
/// What takes longer than this to arrive is told as late.
const LATE: i64 = 2 * MINUTE;

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub product: NameId,
    pub quantity: Quantity,
    pub unit_price: Cents,
    pub total: Cents,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Entry {
        kind: StockEntryKind,
        product: NameId,
        unit: Unit,
        quantity: Quantity,
        moved: Quantity,
        balance: Quantity,
        reason: Option<Box<str>>,
    },
    Sale {
        total: Cents,
        change: Cents,
        till: Option<Box<str>>,
        lines: Box<[Line]>,
        payments: Box<[Payment]>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: Uuid,
    /// Of the journal.
    pub seq: i64,
    /// The store's sale number, or the entry's.
    pub number: i64,
    pub store_id: StoreId,
    pub store: NameId,
    pub person: NameId,
    /// When the server took it.
    pub at: UtcMicros,
    /// When it happened by the device's clock.
    pub device_at: UtcMicros,
    pub what: What,
    /// Set on rows that came while somebody watched: they glow once.
    pub arrived_at: Option<UtcMicros>,
}

impl Row {
    /// The row of a sale or a stock entry; other events have none.
    pub(super) fn new(
        names: &mut Names,
        seq: i64,
        event: &Event,
        arrived_at: Option<UtcMicros>,
    ) -> Option<Self> {
        let row = match event.goods()? {
            Goods::Sold(sale) => Self {
                id: sale.id.0,
                seq,
                number: sale.number,
                store_id: sale.store_id,
                store: names.intern(&sale.store_name),
                person: names.intern(&sale.person_name),
                at: sale.received_at,
                device_at: sale.sold_at,
                what: What::sale(names, sale),
                arrived_at,
            },
            Goods::Entered(entry) => Self {
                id: entry.id.0,
                seq,
                number: entry.number,
                store_id: entry.store_id,
                store: names.intern(&entry.store_name),
                person: names.intern(&entry.person_name),
                at: entry.received_at,
                device_at: entry.recorded_at,
                what: What::entry(names, entry),
                arrived_at,
            },
        };
        Some(row)
    }

    /// When it happened: by the till's clock, unless that is ahead of the server's.
    pub fn happened_at(&self) -> UtcMicros {
        if self.device_at > self.at.plus(CLOCK_LEAD) { self.at } else { self.device_at }
    }

    /// It came much later than it happened, as from a till that was offline.
    pub fn came_late(&self) -> bool {
        self.at.since(self.happened_at()) > LATE
    }
}

impl What {
    fn sale(names: &mut Names, sale: &Sale) -> Self {
        let lines = sale.lines.iter().map(|line| Line {
            product: names.intern(&line.product_name),
            quantity: line.quantity_thousandths,
            unit_price: line.unit_price_cents,
            total: line.total_cents,
        });
        Self::Sale {
            lines: lines.collect(),
            total: sale.total_cents,
            change: sale.change_cents,
            till: sale.till.as_deref().map(Into::into),
            payments: sale.payments.as_slice().into(),
        }
    }

    fn entry(names: &mut Names, entry: &StockEntry) -> Self {
        Self::Entry {
            kind: entry.kind,
            product: names.intern(&entry.product_name),
            unit: entry.unit,
            quantity: entry.quantity_thousandths,
            moved: entry.moved_thousandths,
            balance: entry.balance_after_thousandths,
            reason: entry.reason.as_deref().map(Into::into),
        }
    }
}
