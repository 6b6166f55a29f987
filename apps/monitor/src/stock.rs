//! What the stores hold, page by page as the server lists it. A change marks the page it lies on, and
//! only that page is read again, so the figures are always the server's own.

use std::sync::Arc;

use tillwatch_shared::api::{Page, StockLevel};
use tillwatch_shared::names::fold;
use tillwatch_shared::{ProductId, StoreId};

use tillwatch_desk::failure::Failure;

/// Rows asked for at a time.
pub const PAGE_ROWS: u32 = 500;
/// Rows kept over all stores. What is beyond is not shown, and the page says so.
pub const MOST_ROWS: usize = 200_000;

/// So few are sorted with each page that comes,
const FEW_ROWS: usize = 5_000;
/// more after so many pages.
const MANY_PAGES: u32 = 20;

/// A row with the form of its name that is searched and sorted by.
#[derive(Debug)]
pub struct Level {
    pub level: StockLevel,
    pub folded: String,
}

/// Which page of which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageAt {
    pub store: StoreId,
    /// The cursor with which it is asked for; none for the first.
    pub after: Option<i64>,
}

#[derive(Debug)]
struct StorePage {
    after: Option<i64>,
    next: Option<i64>,
    rows: Vec<Arc<Level>>,
    dirty: bool,
}

#[derive(Debug)]
struct StoreStock {
    store: StoreId,
    pages: Vec<StorePage>,
}

impl StoreStock {
    /// The next page to read, if one is missing or out of date.
    fn wanted(&self) -> Option<PageAt> {
        let at = |after| PageAt { store: self.store, after };
        if let Some(page) = self.pages.iter().find(|p| p.dirty) {
            return Some(at(page.after));
        }
        match self.pages.last() {
            None => Some(at(None)),
            Some(last) => last.next.map(|next| at(Some(next))),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Name,
    Number,
    Balance,
    /// What is furthest below its minimum first.
    Shortage,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockFilter {
    pub store: Option<StoreId>,
    pub text: String,
    pub low_only: bool,
    pub sort: Sort,
    pub descending: bool,
}

impl Default for StockFilter {
    fn default() -> Self {
        Self { store: None, text: String::new(), low_only: false, sort: Sort::Name, descending: false }
    }
}

#[derive(Debug, Default)]
pub struct Stock {
    stores: Vec<StoreStock>,
    filter: StockFilter,
    shown: Vec<Arc<Level>>,
    /// Pages that came since `shown` was arranged.
    unarranged: u32,
    rows: usize,
    low: usize,
    /// The request that is under way.
    pub asked: Option<PageAt>,
    pub failure: Option<Failure>,
}

impl Stock {
    /// Starts over for these stores.
    pub fn open(&mut self, stores: &[StoreId]) {
        let filter = std::mem::take(&mut self.filter);
        let stores = stores.iter().map(|store| StoreStock { store: *store, pages: Vec::new() }).collect();
        *self = Self { stores, filter, ..Self::default() };
    }

    pub fn add_store(&mut self, store: StoreId) {
        self.stores.push(StoreStock { store, pages: Vec::new() });
    }

    /// The page to read next; `None` when all is here and up to date, or full.
    pub fn wanted(&self) -> Option<PageAt> {
        let full = self.len() >= MOST_ROWS;
        self.stores.iter().find_map(|s| {
            let page = s.wanted()?;
            let is_reload = s.pages.iter().any(|p| p.dirty);
            (is_reload || !full).then_some(page)
        })
    }

    /// Every page was read once.
    pub fn is_complete(&self) -> bool {
        self.stores.iter().all(|s| s.pages.last().is_some_and(|p| p.next.is_none()))
    }

    pub fn is_full(&self) -> bool {
        self.len() >= MOST_ROWS && !self.is_complete()
    }

    pub fn take(&mut self, at: PageAt, page: Page<StockLevel>) {
        let PageAt { store, after } = at;
        self.failure = None;
        let Some(held) = self.stores.iter_mut().find(|s| s.store == store) else { return };
        let rows = page
            .items
            .into_iter()
            .map(|level| Arc::new(Level { folded: fold(&level.product_name), level }))
            .collect();
        let fresh = StorePage { after, next: page.next, rows, dirty: false };
        match held.pages.iter().position(|p| p.after == after) {
            Some(index) => {
                // A page whose end moved no longer meets the next one: those after it are read again.
                let moved = held.pages.get(index).is_some_and(|old| old.next != fresh.next);
                if moved {
                    held.pages.truncate(index + 1);
                }
                if let Some(old) = held.pages.get_mut(index) {
                    *old = fresh;
                }
            }
            None => held.pages.push(fresh),
        }
        self.unarranged += 1;
        self.rows = self.rows().count();
        self.low = self.rows().filter(|l| l.level.low).count();
    }

    /// Sorts what came into what is shown. Called while somebody looks; a long first load is sorted now
    /// and then only.
    pub fn refresh(&mut self) {
        let due = self.rows < FEW_ROWS || self.unarranged >= MANY_PAGES || self.wanted().is_none();
        if self.unarranged > 0 && due {
            self.arrange();
        }
    }

    /// The product's balance in that store changed.
    pub fn moved(&mut self, store: StoreId, product: ProductId) {
        for held in self.stores.iter_mut().filter(|s| s.store == store) {
            mark(held, product);
        }
    }

    /// The product's name or minimum changed.
    pub fn product_changed(&mut self, product: ProductId) {
        for held in &mut self.stores {
            mark(held, product);
        }
    }

    /// New products stand at the end.
    pub fn product_added(&mut self) {
        for held in &mut self.stores {
            if let Some(last) = held.pages.last_mut().filter(|p| p.next.is_none()) {
                last.dirty = true;
            }
        }
    }

    pub fn all_changed(&mut self) {
        for page in self.stores.iter_mut().flat_map(|s| &mut s.pages) {
            page.dirty = true;
        }
    }

    fn rows(&self) -> impl Iterator<Item = &Arc<Level>> {
        self.stores.iter().flat_map(|s| &s.pages).flat_map(|p| &p.rows)
    }

    pub const fn len(&self) -> usize {
        self.rows
    }

    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub const fn low(&self) -> usize {
        self.low
    }

    pub const fn filter(&self) -> &StockFilter {
        &self.filter
    }

    pub fn set_filter(&mut self, filter: StockFilter) {
        if filter != self.filter {
            self.filter = filter;
            self.arrange();
        }
    }

    /// The rows that pass the filter, in its order.
    pub fn shown(&self) -> &[Arc<Level>] {
        &self.shown
    }

    fn arrange(&mut self) {
        self.unarranged = 0;
        let filter = &self.filter;
        let text = fold(&filter.text);
        let number: Option<i64> = text.parse().ok();
        let mut shown: Vec<Arc<Level>> = self
            .stores
            .iter()
            .filter(|s| filter.store.is_none_or(|store| store == s.store))
            .flat_map(|s| &s.pages)
            .flat_map(|p| &p.rows)
            .filter(|l| !filter.low_only || l.level.low)
            .filter(|l| text.is_empty() || l.folded.contains(&text) || number == Some(l.level.product_number))
            .cloned()
            .collect();
        match filter.sort {
            Sort::Name => shown.sort_by(|a, b| a.folded.cmp(&b.folded)),
            Sort::Number => shown.sort_by_key(|l| l.level.product_number),
            Sort::Balance => shown.sort_by_key(|l| l.level.balance_thousandths),
            Sort::Shortage => shown.sort_by_key(|l| {
                let missing = l.level.balance_thousandths.0.saturating_sub(l.level.minimum_thousandths.0);
                (!l.level.low, missing)
            }),
        }
        if filter.descending {
            shown.reverse();
        }
        self.shown = shown;
    }
}

fn mark(stock: &mut StoreStock, product: ProductId) {
    for page in &mut stock.pages {
        if page.rows.iter().any(|l| l.level.product_id == product) {
            page.dirty = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use tillwatch_shared::api::Page;

    use super::{PageAt, Sort, Stock, StockFilter};
    use crate::samples;

    fn page(store: usize, numbers: std::ops::Range<i64>, next: Option<i64>) -> Page<super::StockLevel> {
        Page { items: numbers.map(|n| samples::level(store, n, n * 1000, 3000)).collect(), next }
    }

    #[test]
    fn reads_page_after_page_and_then_only_what_changed() {
        let store = samples::store(0).id;
        let mut stock = Stock::default();
        stock.open(&[store]);
        assert_eq!(stock.wanted(), Some(PageAt { store, after: None }));
        stock.take(PageAt { store, after: None }, page(0, 1..4, Some(3)));
        assert_eq!(stock.wanted(), Some(PageAt { store, after: Some(3) }));
        assert!(!stock.is_complete());
        stock.take(PageAt { store, after: Some(3) }, page(0, 4..6, None));
        assert!(stock.is_complete());
        assert_eq!(stock.wanted(), None);

        stock.moved(store, samples::product_id(5));
        assert_eq!(stock.wanted(), Some(PageAt { store, after: Some(3) }));
        stock.take(PageAt { store, after: Some(3) }, page(0, 4..6, None));
        assert_eq!(stock.wanted(), None);
        stock.product_added();
        assert_eq!(stock.wanted(), Some(PageAt { store, after: Some(3) }));
    }

    #[test]
    fn a_page_whose_end_moved_is_followed_by_fresh_ones() {
        let store = samples::store(0).id;
        let mut stock = Stock::default();
        stock.open(&[store]);
        stock.take(PageAt { store, after: None }, page(0, 1..4, None));
        stock.product_added();
        stock.take(PageAt { store, after: None }, page(0, 1..4, Some(3)));
        assert_eq!(stock.wanted(), Some(PageAt { store, after: Some(3) }));
    }

    #[test]
    fn low_first_when_sorted_by_shortage() {
        let store = samples::store(0).id;
        let mut stock = Stock::default();
        stock.open(&[store]);
        stock.take(PageAt { store, after: None }, page(0, 1..6, None));
        assert_eq!(stock.low(), 3);
        stock.set_filter(StockFilter { sort: Sort::Shortage, ..StockFilter::default() });
        stock.refresh();
        let numbers: Vec<i64> = stock.shown().iter().map(|l| l.level.product_number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        stock.set_filter(StockFilter { low_only: true, text: "produto 2".into(), ..StockFilter::default() });
        assert_eq!(stock.shown().len(), 1);
    }
}
