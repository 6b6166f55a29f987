//! The last thing that is done with goods: all of both stores is counted, lot by lot, when nothing else is on its way.
//! What the lots hold afterwards is known without knowing in which order goods left them.

use std::collections::BTreeSet;

use tillwatch_register::input::Input;
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::stock::{Purpose, StockInput, Task};
use tillwatch_shared::StoreId;

use super::Outcome;
use super::life::STORES;
use super::till::Till;

/// Products that are counted before the next step.
const AT_ONCE: usize = 20;
/// Products of one count, with their lots: less than a count may have lines.
const ONE_COUNT: usize = 200;
/// Names of lots; a product has two of them, and goods without any.
const CODES: usize = 4;

#[derive(Debug, Default)]
pub struct Stocktaking {
    /// The store that is counted, and the load of its goods before which nothing is: all that moved is known then.
    here: Option<(StoreId, u64)>,
    /// The place of the next product.
    next: usize,
    /// A list was ended, and is there no more once it is on the disk: a worker that is far behind takes nothing.
    ended: bool,
    /// The server has refused it while it was waited for: as it is it would be refused for ever.
    refused: bool,
    /// Up to where the journal was known when the last products were counted: a till that finds its server again may
    /// know less for a moment.
    seen: i64,
    done: BTreeSet<StoreId>,
}

impl Stocktaking {
    /// A form that waited for the server was told no.
    pub const fn refused(&mut self) {
        self.refused = self.ended;
    }
}

impl Till {
    /// One step of it. Whether both stores are counted.
    pub fn take_stock(&mut self) -> Outcome<bool> {
        let Some(store) = self.state.store.as_ref().map(|store| store.id) else { return Ok(false) };
        if self.stocktaking.done.contains(&store) {
            if self.stocktaking.done.len() < STORES.len() {
                self.change_store()?;
                return Ok(false);
            }
            return Ok(true);
        }
        match self.stocktaking.here {
            Some((here, before)) if here == store => {
                let feed = &self.state.feed;
                if feed.failure.is_some() {
                    self.stocktaking.here = None;
                } else if feed.round > before && feed.loading.is_none() {
                    let known = feed.after.filter(|after| *after >= self.stocktaking.seen);
                    if let Some(after) = known {
                        self.stocktaking.seen = after;
                        if self.stocktaking.ended { self.was_kept(store)? } else { self.count_some(store)? }
                    }
                }
            }
            Some(_) | None => {
                // The counts stand above all others only by a clock that is right.
                self.off = 0;
                self.stocktaking.here = Some((store, self.state.feed.round));
                self.stocktaking.next = 0;
                self.stocktaking.ended = false;
                self.stocktaking.refused = false;
                self.act(Input::Reload)?;
            }
        }
        Ok(false)
    }

    fn count_some(&mut self, store: StoreId) -> Outcome<()> {
        let from = self.stocktaking.next;
        self.act(Input::Stock(StockInput::Choose(Task::Count)))?;
        if from.is_multiple_of(ONE_COUNT) && self.state.stock.draft(Purpose::Count, store).is_some() {
            // Of an earlier day.
            self.act(Input::Stock(StockInput::Drop))?;
            self.act(Input::Stock(StockInput::Choose(Task::Count)))?;
        }
        let all = self.state.catalogue.items();
        let names: Vec<String> =
            all.iter().skip(from).take(AT_ONCE).map(|item| item.product.name.clone()).collect();
        let to = from + names.len();
        for (place, name) in names.iter().enumerate() {
            self.count_product(from + place, name)?;
        }
        self.stocktaking.next = to;
        if self.is_last() || to.is_multiple_of(ONE_COUNT) {
            self.stocktaking.ended = true;
            return self.act(Input::Stock(StockInput::Finish));
        }
        self.act(Input::Close)
    }

    fn is_last(&self) -> bool {
        self.stocktaking.next >= self.state.catalogue.items().len()
    }

    /// A list that is still there is ended once more, unless the server will not have it: then nothing is known of
    /// its lots, and the proof says so.
    fn was_kept(&mut self, store: StoreId) -> Outcome<()> {
        if std::mem::take(&mut self.stocktaking.refused) {
            self.act(Input::Stock(StockInput::Choose(Task::Count)))?;
            self.act(Input::Stock(StockInput::Drop))?;
            self.act(Input::Close)?;
        } else if self.state.stock.draft(Purpose::Count, store).is_some() {
            self.act(Input::Stock(StockInput::Choose(Task::Count)))?;
            return self.act(Input::Stock(StockInput::Finish));
        }
        self.stocktaking.ended = false;
        if self.is_last() {
            self.stocktaking.done.insert(store);
        }
        Ok(())
    }

    /// Two lots of a product, and what of it has none.
    fn count_product(&mut self, place: usize, name: &str) -> Outcome<()> {
        let lots = [place, place + 1].map(|place| format!("L{}", place % CODES));
        for (lot, day) in lots.iter().map(String::as_str).zip(["31/10/2035", ""]).chain([("", "")]) {
            for (part, text) in [(Part::Lot, lot), (Part::Expiry, day)] {
                self.act(Input::Stock(StockInput::Printed(part, text.to_owned())))?;
            }
            let times = 1 + self.below(150);
            self.act(Input::Stock(StockInput::Text(format!("{times}*{name}"))))?;
            self.act(Input::Submit)?;
        }
        Ok(())
    }
}
