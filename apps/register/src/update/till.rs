//! The search line, the product list and the cart.

use tillwatch_desk::texts::Table as _;
use tillwatch_shared::{ProductId, Quantity};

use super::open;
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
}

pub fn move_selection(state: &mut State, by: isize) {
    select(state, state.search.selected.saturating_add_signed(by));
}

pub fn move_line(state: &mut State, by: isize) {
    let line = state.cart.selected().saturating_add_signed(by);
    state.cart.select(line);
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
    let exact = exact(state, line.text);
    let chosen = exact.or_else(|| state.search.hits.get(state.search.selected).copied());
    match chosen {
        // An empty line adds nothing: Enter pressed once too often must not sell.
        _ if line.text.is_empty() && line.quantity == Quantity::ONE => {}
        None => state.search.notice = Some(Notice::NotFound(line.text.to_owned())),
        Some(product) => add(state, product, line.quantity),
    }
}

fn exact(state: &State, text: &str) -> Option<ProductId> {
    let by_code = state.catalogue.by_code(text);
    let by_number = || text.parse().ok().and_then(|number| state.catalogue.by_number(number));
    by_code.or_else(by_number).map(|item| item.product.id)
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
    match state.cart.add(&item.product, quantity) {
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
        let text = Text::Removed.with(lang, &[("name", &line.name)]);
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
