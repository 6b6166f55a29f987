//! The live log: sales and stock entries in the order the server took them, bounded, filtered, and held
//! still while somebody reads. Loading them is `update::feed`'s work.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tillwatch_shared::api::{Event, Payment, Sale, StockEntry, StockEntryKind, Unit};
use tillwatch_shared::names::fold;
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{Cents, Quantity, StoreId, UtcMicros};
use uuid::Uuid;

/// Rows that are kept; the oldest leave first. About 60 MB when every row is a sale of three lines.
pub const MOST_ROWS: usize = 200_000;

/// A till's clock may be ahead by so much before it is thought wrong.
const CLOCK_LEAD: i64 = MINUTE;
/// What takes longer than this to arrive is told as late.
const LATE: i64 = 2 * MINUTE;

/// A name that many rows share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameId(u32);

#[derive(Debug, Default)]
struct Names {
    texts: Vec<Arc<str>>,
    folded: Vec<String>,
    ids: HashMap<Arc<str>, NameId>,
}

impl Names {
    fn intern(&mut self, text: &str) -> NameId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        // Four billion names do not fit into memory, so the last id is never shared in practice.
        let id = NameId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let shared: Arc<str> = text.into();
        self.texts.push(Arc::clone(&shared));
        self.folded.push(fold(text));
        self.ids.insert(shared, id);
        id
    }

    fn text(&self, id: NameId) -> &str {
        usize::try_from(id.0).ok().and_then(|i| self.texts.get(i)).map_or("", |t| t)
    }

    fn matches(&self, id: NameId, folded: &str) -> bool {
        usize::try_from(id.0).ok().and_then(|i| self.folded.get(i)).is_some_and(|t| t.contains(folded))
    }
}

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
    /// When it happened: by the till's clock, unless that is ahead of the server's.
    pub fn happened_at(&self) -> UtcMicros {
        if self.device_at > self.at.plus(CLOCK_LEAD) { self.at } else { self.device_at }
    }

    /// It came much later than it happened, as from a till that was offline.
    pub fn came_late(&self) -> bool {
        self.at.since(self.happened_at()) > LATE
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KindFilter {
    #[default]
    All,
    Sales,
    Entries,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub kind: KindFilter,
    pub store: Option<StoreId>,
    pub text: String,
}

impl Filter {
    pub fn is_active(&self) -> bool {
        *self != Self::default()
    }
}

/// Rows are numbered in the order they stand; older ones that are loaded later get negative numbers.
#[derive(Debug, Default)]
pub struct Log {
    names: Names,
    rows: VecDeque<Row>,
    /// The number of the oldest row.
    first: i64,
    ids: HashSet<Uuid>,
    filter: Filter,
    /// Numbers of the rows that pass the filter, ascending.
    passing: VecDeque<i64>,
    /// Held: rows from this number on wait.
    held_from: Option<i64>,
}

impl Log {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn name(&self, id: NameId) -> &str {
        self.names.text(id)
    }

    /// What goes on top of the log, newest first.
    pub fn shown_len(&self) -> usize {
        match self.held_from {
            None => self.passing.len(),
            Some(held) => self.passing.partition_point(|n| *n < held),
        }
    }

    /// The `index`th row of the screen, counted from the newest, with its number.
    pub fn shown(&self, index: usize) -> Option<(i64, &Row)> {
        let place = self.shown_len().checked_sub(index + 1)?;
        let number = *self.passing.get(place)?;
        Some((number, self.row(number)?))
    }

    /// Where on the screen the row with that number stands.
    pub fn place_of(&self, number: i64) -> Option<usize> {
        let place = self.passing.binary_search(&number).ok()?;
        self.shown_len().checked_sub(place + 1)
    }

    /// The newest rows, whatever the filter.
    pub fn newest(&self, count: usize) -> impl Iterator<Item = &Row> {
        self.rows.iter().rev().take(count)
    }

    fn row(&self, number: i64) -> Option<&Row> {
        usize::try_from(number - self.first).ok().and_then(|i| self.rows.get(i))
    }

    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    pub fn set_filter(&mut self, filter: Filter) {
        if filter == self.filter {
            return;
        }
        self.filter = filter;
        let test = Test::new(&self.filter);
        let numbered = (self.first..).zip(&self.rows);
        self.passing =
            numbered.filter(|(_, row)| test.passes(&self.names, row)).map(|(number, _)| number).collect();
    }

    pub const fn is_held(&self) -> bool {
        self.held_from.is_some()
    }

    /// Stops the rows from moving; those that come wait.
    pub fn hold(&mut self) {
        if self.held_from.is_none() {
            self.held_from = Some(self.end());
        }
    }

    pub const fn release(&mut self) {
        self.held_from = None;
    }

    /// Rows that came since it is held and pass the filter.
    pub fn waiting(&self) -> usize {
        self.passing.len() - self.shown_len()
    }

    fn end(&self) -> i64 {
        self.first.saturating_add(i64::try_from(self.rows.len()).unwrap_or(i64::MAX))
    }

    /// A sale or stock entry that came now; anything else, and what is here already, is passed over.
    pub fn append(&mut self, seq: i64, event: &Event, arrived_at: Option<UtcMicros>) -> bool {
        let Some(row) = self.make(seq, event, arrived_at) else { return false };
        if !self.ids.insert(row.id) {
            return false;
        }
        let number = self.end();
        if Test::new(&self.filter).passes(&self.names, &row) {
            self.passing.push_back(number);
        }
        self.rows.push_back(row);
        if self.rows.len() > MOST_ROWS {
            self.drop_oldest();
        }
        true
    }

    /// Older rows, ascending by seq; taken from the newest back while there is room.
    pub fn prepend<'e>(&mut self, older: impl DoubleEndedIterator<Item = (i64, &'e Event)>) -> usize {
        let mut taken = 0;
        for (seq, event) in older.rev() {
            if self.rows.len() >= MOST_ROWS {
                break;
            }
            let Some(row) = self.make(seq, event, None) else { continue };
            if !self.ids.insert(row.id) {
                continue;
            }
            self.first -= 1;
            if Test::new(&self.filter).passes(&self.names, &row) {
                self.passing.push_front(self.first);
            }
            self.rows.push_front(row);
            taken += 1;
        }
        taken
    }

    pub fn clear(&mut self) {
        let filter = std::mem::take(&mut self.filter);
        *self = Self { filter, ..Self::default() };
    }

    fn drop_oldest(&mut self) {
        if let Some(row) = self.rows.pop_front() {
            self.ids.remove(&row.id);
            if self.passing.front() == Some(&self.first) {
                self.passing.pop_front();
            }
            self.first += 1;
        }
    }

    fn make(&mut self, seq: i64, event: &Event, arrived_at: Option<UtcMicros>) -> Option<Row> {
        let mut row = match event {
            Event::SaleRecorded(sale) => self.sale(sale),
            Event::StockEntered(entry) => self.entry(entry),
            Event::ChainAdded(_)
            | Event::StoreAdded(_)
            | Event::StoreChanged(_)
            | Event::PersonAdded(_)
            | Event::PersonChanged(_)
            | Event::SessionOpened(_)
            | Event::SessionRefreshed(_)
            | Event::SessionEnded(_)
            | Event::ProductAdded(_)
            | Event::ProductChanged(_)
            | Event::KeyIssued(_)
            | Event::KeyRevoked(_)
            | Event::SensorSet(_)
            | Event::ReadingsSealed(_)
            | Event::FeedTaken(_)
            | Event::FeedRecordParked(_)
            | Event::FeedAliasSet(_)
            | Event::FeedRecordDismissed(_) => return None,
        };
        row.seq = seq;
        row.arrived_at = arrived_at;
        Some(row)
    }

    fn sale(&mut self, sale: &Sale) -> Row {
        let lines = sale.lines.iter().map(|line| Line {
            product: self.names.intern(&line.product_name),
            quantity: line.quantity_thousandths,
            unit_price: line.unit_price_cents,
            total: line.total_cents,
        });
        let what = What::Sale {
            lines: lines.collect(),
            total: sale.total_cents,
            change: sale.change_cents,
            till: sale.till.as_deref().map(Into::into),
            payments: sale.payments.as_slice().into(),
        };
        Row {
            id: sale.id.0,
            seq: 0,
            number: sale.number,
            store_id: sale.store_id,
            store: self.names.intern(&sale.store_name),
            person: self.names.intern(&sale.person_name),
            at: sale.received_at,
            device_at: sale.sold_at,
            what,
            arrived_at: None,
        }
    }

    fn entry(&mut self, entry: &StockEntry) -> Row {
        let what = What::Entry {
            kind: entry.kind,
            product: self.names.intern(&entry.product_name),
            unit: entry.unit,
            quantity: entry.quantity_thousandths,
            moved: entry.moved_thousandths,
            balance: entry.balance_after_thousandths,
            reason: entry.reason.as_deref().map(Into::into),
        };
        Row {
            id: entry.id.0,
            seq: 0,
            number: entry.number,
            store_id: entry.store_id,
            store: self.names.intern(&entry.store_name),
            person: self.names.intern(&entry.person_name),
            at: entry.received_at,
            device_at: entry.recorded_at,
            what,
            arrived_at: None,
        }
    }
}

/// A filter, made ready to be tried on many rows.
struct Test<'f> {
    filter: &'f Filter,
    folded: String,
    number: Option<i64>,
}

impl<'f> Test<'f> {
    fn new(filter: &'f Filter) -> Self {
        let number = filter.text.trim().trim_start_matches('#').parse().ok();
        Self { filter, folded: fold(&filter.text), number }
    }

    fn passes(&self, names: &Names, row: &Row) -> bool {
        let kind = match (self.filter.kind, &row.what) {
            (KindFilter::All, _)
            | (KindFilter::Sales, What::Sale { .. })
            | (KindFilter::Entries, What::Entry { .. }) => true,
            (KindFilter::Sales, What::Entry { .. }) | (KindFilter::Entries, What::Sale { .. }) => false,
        };
        let store = self.filter.store.is_none_or(|store| store == row.store_id);
        kind && store && (self.folded.is_empty() || self.number == Some(row.number) || self.text(names, row))
    }

    fn text(&self, names: &Names, row: &Row) -> bool {
        let hit = |id: NameId| names.matches(id, &self.folded);
        hit(row.person)
            || hit(row.store)
            || match &row.what {
                What::Sale { lines, .. } => lines.iter().any(|line| hit(line.product)),
                What::Entry { product, .. } => hit(*product),
            }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tillwatch_shared::UtcMicros;
    use tillwatch_shared::api::Event;

    use super::{Filter, KindFilter, Log};
    use crate::samples;

    fn numbers(log: &Log) -> Vec<i64> {
        (0..log.shown_len()).map(|i| log.shown(i).unwrap().1.number).collect()
    }

    fn sale(number: i64) -> Event {
        Event::SaleRecorded(samples::sale(number, 0, UtcMicros(number)))
    }

    fn entry(number: i64) -> Event {
        Event::StockEntered(samples::entry(number, 1, UtcMicros(number)))
    }

    #[test]
    fn newest_first_and_each_once() {
        let mut log = Log::default();
        let (first, second) = (sale(1), sale(2));
        assert!(log.append(1, &first, None));
        assert!(log.append(2, &second, None));
        assert!(!log.append(2, &second, None));
        assert_eq!(numbers(&log), [2, 1]);
    }

    #[test]
    fn older_rows_go_below() {
        let mut log = Log::default();
        log.append(10, &sale(10), None);
        let older = [(8, sale(8)), (9, entry(9))];
        assert_eq!(log.prepend(older.iter().map(|(seq, event)| (*seq, event))), 2);
        assert_eq!(numbers(&log), [10, 9, 8]);
        assert_eq!(log.place_of(log.shown(2).unwrap().0), Some(2));
    }

    #[test]
    fn while_held_new_rows_wait() {
        let mut log = Log::default();
        log.append(1, &sale(1), None);
        log.hold();
        log.append(2, &sale(2), None);
        log.append(3, &entry(3), None);
        assert_eq!((numbers(&log), log.waiting()), (vec![1], 2));
        log.set_filter(Filter { kind: KindFilter::Sales, ..Filter::default() });
        assert_eq!(log.waiting(), 1);
        log.release();
        assert_eq!(numbers(&log), [2, 1]);
    }

    #[test]
    fn finds_by_product_person_store_and_number_without_accents() {
        let mut log = Log::default();
        log.append(1, &sale(41), None);
        log.append(2, &entry(7), None);
        for (text, found) in [
            ("PAO DE", vec![41]),
            ("parafuso", vec![7]),
            ("#41", vec![41]),
            ("lucas", vec![41]),
            ("xyz", vec![]),
        ] {
            log.set_filter(Filter { text: text.into(), ..Filter::default() });
            assert_eq!(numbers(&log), found, "{text}");
        }
    }

    proptest! {
        /// Whatever comes in whatever order, what is shown is what a naive filter over all rows shows.
        #[test]
        fn filtering_as_rows_come_equals_filtering_at_the_end(
            steps in prop::collection::vec((0_u8..6, 1_i64..500), 1..60),
        ) {
            let mut log = Log::default();
            let mut model: Vec<(i64, bool)> = Vec::new();
            let mut sales_only = false;
            for (kind, number) in steps {
                let is_sale = number % 3 != 0;
                let known = model.iter().any(|(n, _)| *n == number);
                let event = if is_sale { sale(number) } else { entry(number) };
                match kind {
                    0..=2 => { log.append(number, &event, None); if !known { model.push((number, is_sale)); } }
                    3 => { log.prepend(std::iter::once((number, &event))); if !known { model.insert(0, (number, is_sale)); } }
                    _ => {
                        sales_only = !sales_only;
                        let kind = if sales_only { KindFilter::Sales } else { KindFilter::All };
                        log.set_filter(Filter { kind, ..Filter::default() });
                    }
                }
                let expected: Vec<i64> =
                    model.iter().rev().filter(|(_, s)| *s || !sales_only).map(|(n, _)| *n).collect();
                prop_assert_eq!(numbers(&log), expected);
            }
        }
    }
}
