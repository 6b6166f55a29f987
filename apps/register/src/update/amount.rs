//! A sale of which only the amount is told: in which store, how much, and when.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::format;
use tillwatch_shared::api::NewSale;
use tillwatch_shared::{Cents, UtcMicros, limits};

use super::{forms, outbox};
use crate::input::{Effect, FormInput};
use crate::state::forms::{AmountForm, Complaint, Part, Trouble};
use crate::state::outbox::Work;
use crate::state::{Dialog, State};
use crate::texts::Text;
use crate::when;

/// The store of this till is offered.
pub fn open(state: &mut State) {
    let own = state.store.as_ref().map(|store| store.id);
    let Some(store) = state.stores.iter().position(|store| Some(store.id) == own) else { return };
    forms::show(state, Dialog::Amount(AmountForm { store, ..AmountForm::default() }), Part::Amount);
}

/// A refused sale by amount, as it was typed.
pub fn correct(state: &mut State, sale: &NewSale, trouble: Trouble) {
    let Some(store) = state.stores.iter().position(|store| store.id == sale.store_id) else { return };
    let zone = state.stores.get(store).map_or("", |store| store.zone.as_str());
    let when = sale.sold_at.map(|at| format::date_time(at, &format::zone(zone))).unwrap_or_default();
    let form = AmountForm { store, amount: sale.total_cents.plain(), when, trouble };
    forms::show(state, Dialog::Amount(form), Part::Amount);
}

pub fn typed(form: &mut AmountForm, stores: usize, input: FormInput) {
    if form.trouble.waiting.is_some() {
        return;
    }
    form.trouble.edited();
    match input {
        FormInput::Text(Part::Amount, text) => form.amount = text,
        FormInput::Text(Part::When, text) => form.when = text,
        FormInput::MoveHit(by) => {
            form.store = form.store.saturating_add_signed(by).min(stores.saturating_sub(1));
        }
        FormInput::PickHit(store) => form.store = store,
        FormInput::Text(..) | FormInput::Unit(_) | FormInput::Kind(_) | FormInput::OtherProduct => {}
    }
}

pub fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    let till = state.till_name();
    let Some(Dialog::Amount(form)) = &mut state.dialog else { return Vec::new() };
    if form.trouble.waiting.is_some() {
        return Vec::new();
    }
    let Some(store) = state.stores.get(form.store) else { return Vec::new() };
    let sold_at = when::parse(&form.when, moment.at, &format::zone(&store.zone));
    let (total_cents, sold_at) = match (amount(&form.amount), told(sold_at)) {
        (Ok(amount), Ok(at)) => (amount, at),
        (Err((part, complaint)), _) | (_, Err((part, complaint))) => {
            form.trouble.complaint = Some((part, complaint));
            state.focus = Some(part);
            return Vec::new();
        }
    };
    form.trouble.waiting = Some(moment.fresh);
    let sale = NewSale { total_cents, till: Some(till), sold_at: Some(sold_at), ..NewSale::of(store.id) };
    outbox::send(state, Work::Sale(sale), String::new(), Cents::ZERO, moment)
}

fn amount(text: &str) -> Result<Cents, (Part, Complaint)> {
    let amount = Cents::parse(text).ok().filter(|amount| (1..=limits::AMOUNT_CENTS).contains(&amount.0));
    amount.ok_or((Part::Amount, Complaint::AmountBad))
}

/// The server takes no sale by amount from before the year 2000.
fn told(at: Option<UtcMicros>) -> Result<UtcMicros, (Part, Complaint)> {
    at.filter(|at| *at >= limits::EARLIEST_TOLD).ok_or((Part::When, Complaint::WhenBad))
}

/// What is said when it is done.
pub fn done(state: &State, number: i64, total: Cents, store: &str) -> String {
    use tillwatch_desk::texts::Table as _;
    let figures: [(&str, &dyn std::fmt::Display); 3] = [("n", &number), ("total", &total), ("store", &store)];
    Text::AmountDone.with(state.lang(), &figures)
}
