//! The search line, the product list and the cart.

use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::Product;
use tillwatch_shared::scale_label::Amount;
use tillwatch_shared::{Cents, ProductId, Quantity, rounding};

use super::open;
use crate::action::Action;
use crate::scan_texts::ScanText;
use crate::search_line;
use crate::state::cart::CartError;
use crate::state::forms::Part;
use crate::state::{Dialog, Notice, State};
use crate::texts::Text;

pub fn search(state: &mut State, text: String) {
    if !text.is_empty() {
        state.confirmation = None;
    }
    state.search.text = text;
    state.search.notice = None;
    state.search.selected = 0;
    find(state);
}

/// The catalogue has changed: the same product stays selected.
pub fn search_again(state: &mut State) {
    let selected = state.search.hits.get(state.search.selected).copied();
    find(state);
    if let Some(place) = selected.and_then(|id| state.search.hits.iter().position(|hit| *hit == id)) {
        state.search.selected = place;
    }
}

fn find(state: &mut State) {
    state.search.hits = state.catalogue.search(search_line::wanted(&state.search.text));
    state.search.selected = state.search.selected.min(state.search.hits.len().saturating_sub(1));
}

pub fn select(state: &mut State, row: usize) {
    state.search.selected = row.min(state.search.hits.len().saturating_sub(1));
    // Whoever goes through what is like a code that nobody knows means what is chosen there.
    if matches!(state.search.notice, Some(Notice::NotFound(_))) && !state.search.hits.is_empty() {
        state.search.notice = None;
    }
}

pub fn move_selection(state: &mut State, by: isize) {
    select(state, state.search.selected.saturating_add_signed(by));
}

pub fn move_line(state: &mut State, by: isize) {
    let line = state.cart.selected().saturating_add_signed(by);
    state.cart.select(line);
}

/// What is put into the cart.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub product: ProductId,
    /// What a label of the scale says; one piece if it says nothing.
    quantity: Option<Quantity>,
    /// What the label says is to pay.
    total: Option<Cents>,
}

impl Found {
    pub const fn plain(product: ProductId) -> Self {
        Self { product, quantity: None, total: None }
    }

    /// How much it is, so many times. A label stands for one packet; three alike may be told by `3*`.
    pub fn quantity(self, times: Quantity) -> Option<Quantity> {
        let Some(each) = self.quantity else { return Some(times) };
        times.as_whole().and_then(|times| each.0.checked_mul(times)).map(Quantity)
    }
}

/// Enter in the search line: an exact code or number, else the selected product.
pub fn enter_line(state: &mut State) {
    let text = state.search.text.clone();
    let line = match search_line::parse(&text) {
        Ok(line) => line,
        Err(part) => {
            state.search.notice = Some(Notice::QuantityBad(part.to_owned()));
            return;
        }
    };
    let exact = exactly(state, line.text);
    // What is like a code that was read and is unknown is not what lies on the desk.
    let unknown = matches!(state.search.notice, Some(Notice::NotFound(_)));
    let selected = || {
        let hit = state.search.hits.get(state.search.selected).filter(|_| !unknown);
        hit.copied().map(Found::plain)
    };
    match exact.or_else(selected) {
        // An empty line adds nothing: Enter pressed once too often must not sell.
        _ if line.text.is_empty() && line.quantity == Quantity::ONE => {}
        None => state.search.notice = Some(Notice::NotFound(own_code(state, line.text))),
        Some(found) => add_found(state, found, line.quantity),
    }
}

/// By its code, or by its number.
pub fn exactly(state: &State, text: &str) -> Option<Found> {
    by_code(state, text).or_else(|| by_number(state, text).map(Found::plain))
}

/// A code from the reader. `3*` in the search line is its quantity; other words there are given up.
pub fn enter_scan(state: &mut State, code: &str) {
    let typed = state.search.text.clone();
    let times = if typed.trim_end().ends_with('*') { typed.as_str() } else { "" };
    let quantity = match search_line::parse(times) {
        Ok(line) => line.quantity,
        Err(part) => {
            state.search.notice = Some(Notice::QuantityBad(part.to_owned()));
            return;
        }
    };
    if let Some(found) = by_code(state, code) {
        add_found(state, found, quantity);
    } else {
        // Ready to become a new product; the next scan takes its place.
        search(state, format!("{times}{code}"));
        state.search.notice = Some(Notice::NotFound(own_code(state, code)));
        state.focus = Some(Part::Search);
    }
}

/// What a code stands for: a product, or some of it that the scale has weighed.
pub fn by_code(state: &State, code: &str) -> Option<Found> {
    if let Some(item) = state.catalogue.by_code(code) {
        return Some(Found::plain(item.product.id));
    }
    let label = state.reader.layouts.iter().find_map(|layout| layout.read(code))?;
    let own = state.catalogue.by_code(&label.code).or_else(|| state.catalogue.by_code(label.bare_code()));
    let product = own.map(|item| item.product.id).or_else(|| by_number(state, label.bare_code()))?;
    let price = state.price(&state.catalogue.get(product)?.product);
    let (quantity, total) = match label.amount {
        Amount::Weight(weight) => (weight, None),
        Amount::Total(total) => (worth(total, price), Some(total)),
    };
    Some(Found { product, quantity: Some(quantity), total })
}

/// The code that a label of the scale has on it beside weight or price; anything else as it is.
fn own_code(state: &State, code: &str) -> String {
    let label = state.reader.layouts.iter().find_map(|layout| layout.read(code));
    label.map_or_else(|| code.to_owned(), |label| label.bare_code().to_owned())
}

fn by_number(state: &State, text: &str) -> Option<ProductId> {
    let number = text.parse().ok()?;
    state.catalogue.by_number(number).map(|item| item.product.id)
}

/// The most that this much money buys, to the nearest thousandth: its price is never above what the label says.
fn worth(total: Cents, price: Cents) -> Quantity {
    if price.0 <= 0 {
        return Quantity::ZERO;
    }
    let thousandths = rounding::div_round(i128::from(total.0) * 1000, i128::from(price.0));
    let nearest = Quantity(i64::try_from(thousandths).unwrap_or(i64::MAX));
    let over = price.times(nearest).is_some_and(|worth| worth > total);
    Quantity(nearest.0 - i64::from(over))
}

fn add_found(state: &mut State, found: Found, times: Quantity) {
    let Some(quantity) = found.quantity(times) else {
        state.search.notice = Some(Notice::QuantityBad(times.to_string()));
        return;
    };
    add(state, found.product, quantity);
    tell_other_price(state, found);
}

/// The goods were labelled at another price than they have now.
fn tell_other_price(state: &mut State, found: Found) {
    let item = state.catalogue.get(found.product);
    let (Some(label), Some(each), Some(item)) = (found.total, found.quantity, item) else { return };
    let total = state.price(&item.product).times(each).unwrap_or_default();
    if total != label {
        let name = &item.product.name;
        let text = ScanText::LabelPriceDiffers
            .with(state.lang(), &[("name", name), ("label", &label), ("total", &total)]);
        state.toasts.info(text, state.now);
    }
}

pub fn add_row(state: &mut State, row: usize) {
    let quantity = search_line::parse(&state.search.text).map_or(Quantity::ONE, |line| line.quantity);
    if let Some(product) = state.search.hits.get(row).copied() {
        add(state, product, quantity);
    }
}

fn add(state: &mut State, product: ProductId, quantity: Quantity) {
    if state.pay.is_some() {
        return;
    }
    let Some(item) = state.catalogue.get(product) else { return };
    // Today's price stays with the line, also when the day ends or the product changes.
    let product = Product { price_cents: state.price(&item.product), ..item.product.clone() };
    match state.cart.add(&product, quantity) {
        Ok(()) => {
            search(state, String::new());
            state.confirmation = None;
            state.focus = Some(Part::Search);
        }
        Err(error) => state.search.notice = Some(Notice::Refused(error)),
    }
}

pub fn remove_line(state: &mut State) {
    let lang = state.lang();
    if state.pay.is_some() {
        return;
    }
    if let Some(line) = state.cart.remove_selected() {
        let key = state.keys.word(Action::UndoRemove);
        let text = Text::Removed.with(lang, &[("name", &line.name), ("key", &key)]);
        state.toasts.info(text, state.now);
    }
}

pub fn open_cancel(state: &mut State) {
    if !state.cart.is_empty() && state.pay.is_none() {
        open(state, Dialog::CancelSale);
    }
}

pub fn cancel_sale(state: &mut State) {
    state.cart.clear();
    state.dialog = None;
    state.focus = Some(Part::Search);
}

/// Why the cart refuses, in words.
pub const fn refusal(error: CartError) -> Text {
    match error {
        CartError::NotPositive => Text::QuantityBad,
        CartError::NotWhole => Text::NotWhole,
        CartError::TooMuch => Text::TooMuch,
        CartError::TooManyLines => Text::TooManyLines,
        CartError::TotalTooLarge => Text::TotalTooLarge,
    }
}
