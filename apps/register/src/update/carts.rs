//! Keeping the open sale on the disk, putting sales aside and taking them up again.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::limits::NAME_CHARS;
use tillwatch_shared::{CommandId, names};

use super::{forms, pay};
use crate::cart_texts::Text;
use crate::input::Effect;
use crate::state::cart::Cart;
use crate::state::carts::{AsideForm, CartDialog, CartEffect, CartInput, Field, KeptCart};
use crate::state::forms::Part;
use crate::state::{Dialog, State};

/// After each decision: what has changed about the open sale goes to the disk. While a sale is on its way into
/// the outbox nothing is written: the same transaction that keeps the sale takes its cart out.
pub fn keep_open(state: &mut State, moment: Moment) -> Vec<CartEffect> {
    if pay::is_recording(state) {
        return Vec::new();
    }
    if state.cart.is_empty() {
        return state
            .carts
            .written
            .take()
            .and_then(|cart| cart.sale)
            .map(CartEffect::Drop)
            .into_iter()
            .collect();
    }
    state.cart.name_sale(moment.fresh);
    if state.carts.written.as_ref() == Some(state.cart.basket()) {
        return Vec::new();
    }
    let Some(kept) = as_kept(state, moment, String::new(), false) else { return Vec::new() };
    let before = state.carts.written.replace(kept.basket.clone()).and_then(|cart| cart.sale);
    let renamed = before.filter(|before| !kept.is(*before));
    let mut writes = vec![CartEffect::Keep(Box::new(kept))];
    writes.extend(renamed.map(CartEffect::Drop));
    writes
}

fn as_kept(state: &State, moment: Moment, note: String, suspended: bool) -> Option<KeptCart> {
    let (person, store) = (state.person.as_ref()?, state.store.as_ref()?);
    Some(KeptCart {
        basket: state.cart.basket().clone(),
        store: store.id,
        person: person.id,
        person_name: person.name.clone(),
        at: moment.at,
        note,
        suspended,
    })
}

/// The sale is on the disk as a command; its cart is there no more.
pub fn sale_kept(state: &mut State, sale: CommandId) {
    if state.carts.written.as_ref().is_some_and(|written| written.sale == Some(sale)) {
        state.carts.written = None;
    }
}

/// The store is chosen: the sale that was open there when the program ended goes on.
pub fn restore(state: &mut State) {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return };
    let was_open = |cart: &&KeptCart| cart.store == store && !cart.suspended;
    if !state.cart.is_empty() {
        return;
    }
    let Some(sale) = state.carts.aside.iter().rev().find(was_open).and_then(|cart| cart.basket.sale) else {
        return;
    };
    let Some(kept) = state.carts.take(sale) else { return };
    let figures: [(&str, &dyn std::fmt::Display); 2] =
        [("n", &kept.basket.lines.len()), ("total", &kept.basket.total())];
    let text = Text::Restored.with(state.lang(), &figures);
    state.toasts.done(text, state.now);
    state.carts.written = Some(kept.basket.clone());
    state.cart = Cart::of(kept.basket);
}

/// F9. The keys begin in the note while there is something to put aside, else in the list.
pub fn open(state: &mut State) {
    let row = state.cart.is_empty().then_some(0);
    let form = AsideForm { row, ..AsideForm::default() };
    forms::show(state, Dialog::Cart(CartDialog::Aside(form)), Part::Note);
}

pub fn typed(state: &mut State, input: CartInput) -> Vec<Effect> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    let rows = state.carts.of_store(store).count();
    let typing = !state.cart.is_empty();
    let Some(Dialog::Cart(CartDialog::Aside(form))) = &mut state.dialog else { return Vec::new() };
    match input {
        CartInput::Text(Field::Note, text) => form.note = text,
        CartInput::Row(by) => {
            form.dropping = None;
            form.row = moved(form.row, by, rows, typing);
        }
        CartInput::Keep => form.dropping = None,
        CartInput::Drop(sale) if form.dropping == Some(sale) => {
            form.dropping = None;
            form.row = form.row.map(|row| row.min(rows.saturating_sub(2)));
            return discard(state, sale);
        }
        CartInput::Drop(sale) => form.dropping = Some(sale),
        CartInput::OpenDiscount
        | CartInput::OpenCustomer
        | CartInput::OpenAside
        | CartInput::Scope(_)
        | CartInput::Kind(_)
        | CartInput::Text(..)
        | CartInput::Suspend
        | CartInput::Recall(_) => {}
    }
    Vec::new()
}

/// Above the first row is the note, if there is one.
const fn moved(row: Option<usize>, by: isize, rows: usize, typing: bool) -> Option<usize> {
    match row {
        _ if rows == 0 => row,
        None if by > 0 => Some(0),
        None => None,
        Some(0) if by < 0 && typing => None,
        Some(row) => {
            let row = row.saturating_add_signed(by);
            Some(if row < rows { row } else { rows - 1 })
        }
    }
}

fn discard(state: &mut State, sale: CommandId) -> Vec<Effect> {
    if state.carts.take(sale).is_none() {
        return Vec::new();
    }
    vec![Effect::Cart(CartEffect::Drop(sale))]
}

/// Enter: puts the open sale aside, or takes up the highlighted one.
pub fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    let Some(Dialog::Cart(CartDialog::Aside(form))) = &state.dialog else { return Vec::new() };
    match form.row {
        Some(row) => {
            let sale = state.carts.of_store(store).nth(row).and_then(|cart| cart.basket.sale);
            sale.map(|sale| recall(state, sale, moment)).unwrap_or_default()
        }
        None => put_aside(state, moment),
    }
}

/// Puts the open sale aside, with the note that was typed.
pub fn put_aside(state: &mut State, moment: Moment) -> Vec<Effect> {
    let effects = suspend(state, moment);
    if !effects.is_empty() {
        let words = Text::Suspended.get(state.lang());
        state.toasts.done(words, state.now);
        close(state);
    }
    effects
}

fn suspend(state: &mut State, moment: Moment) -> Vec<Effect> {
    if state.cart.is_empty() {
        return Vec::new();
    }
    state.cart.name_sale(moment.fresh);
    let note = match &state.dialog {
        Some(Dialog::Cart(CartDialog::Aside(form))) => names::clean(&form.note, NAME_CHARS),
        Some(_) | None => None,
    };
    let note = note.unwrap_or_default();
    let Some(kept) = as_kept(state, moment, note, true) else { return Vec::new() };
    state.carts.aside.push(kept.clone());
    state.carts.written = None;
    state.cart.clear();
    vec![Effect::Cart(CartEffect::Keep(Box::new(kept)))]
}

/// Takes up a sale that was put aside. The open one takes its place there.
pub fn recall(state: &mut State, sale: CommandId, moment: Moment) -> Vec<Effect> {
    let Some(kept) = state.carts.take(sale) else { return Vec::new() };
    let effects = suspend(state, moment);
    state.cart = Cart::of(kept.basket);
    state.carts.written = None;
    close(state);
    effects
}

fn close(state: &mut State) {
    state.dialog = None;
    state.confirmation = None;
    state.focus = Some(Part::Search);
}

pub fn not_kept(state: &mut State, reason: &str) {
    let text = Text::CartNotKept.with(state.lang(), &[("reason", &reason)]);
    state.toasts.problem(text);
}
