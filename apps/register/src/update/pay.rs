//! Taking the money, and what happens after it.

use tillwatch_desk::clock::Moment;
use tillwatch_shared::api::{NewSale, Payment, PaymentMethod};
use tillwatch_shared::{Cents, limits, names};

use super::{cash, discounts, outbox};
use crate::input::Effect;
use crate::state::forms::{Complaint, Part, PayForm, Trouble};
use crate::state::outbox::Work;
use crate::state::{Confirmation, State};

/// What costs nothing is finished at once.
pub fn open(state: &mut State, moment: Moment) -> Vec<Effect> {
    if state.cart.is_empty() || state.pay.is_some() || state.dialog.is_some() {
        return Vec::new();
    }
    if discounts::stands_in_the_way(state) {
        return Vec::new();
    }
    state.pay = Some(PayForm::default());
    state.focus = None;
    if state.cart.total() == Cents::ZERO { finish(state, moment) } else { Vec::new() }
}

/// The open amount is offered; Enter takes it.
pub fn choose(state: &mut State, method: PaymentMethod) {
    let total = state.cart.total();
    let Some(pay) = &mut state.pay else { return };
    if pay.trouble.waiting.is_some() || pay.payments.len() >= limits::SALE_PAYMENTS {
        return;
    }
    pay.method = Some(method);
    pay.amount = pay.open(total).plain();
    pay.notes = false;
    pay.trouble = Trouble::default();
    let nobody = method == PaymentMethod::Account && pay.customer.trim().is_empty();
    state.focus = Some(if nobody { Part::Debtor } else { Part::Amount });
}

/// Notes that the customer hands over add up; exactly what is open is taken at once.
pub fn note(state: &mut State, note: Option<Cents>, moment: Moment) -> Vec<Effect> {
    if state.pay.as_ref().is_some_and(|pay| pay.method != Some(PaymentMethod::Cash)) {
        choose(state, PaymentMethod::Cash);
    }
    let total = state.cart.total();
    let Some(pay) = &mut state.pay else { return Vec::new() };
    if pay.trouble.waiting.is_some() || pay.method.is_none() {
        return Vec::new();
    }
    let Some(note) = note else {
        pay.amount = pay.open(total).plain();
        return submit(state, moment);
    };
    let before = if pay.notes { Cents::parse(&pay.amount).unwrap_or_default() } else { Cents::ZERO };
    pay.amount = Cents(before.0.saturating_add(note.0)).plain();
    pay.notes = true;
    pay.trouble = Trouble::default();
    state.focus = Some(Part::Amount);
    Vec::new()
}

/// Escape: from the amount to the methods, from the methods to the cart.
pub fn back(state: &mut State) {
    let Some(pay) = &mut state.pay else { return };
    if pay.trouble.waiting.is_some() {
        return;
    }
    if pay.method.take().is_none() {
        state.pay = None;
        state.focus = Some(Part::Search);
    }
}

pub fn take_back(state: &mut State) {
    if let Some(pay) = state.pay.as_mut().filter(|pay| pay.trouble.waiting.is_none()) {
        pay.payments.pop();
        pay.method = None;
        pay.trouble = Trouble::default();
    }
}

/// Enter: takes the amount; when nothing is open any more, the sale is made.
pub fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    let total = state.cart.total();
    let Some(pay) = &mut state.pay else { return Vec::new() };
    if pay.trouble.waiting.is_some() {
        return Vec::new();
    }
    if pay.open(total) == Cents::ZERO && pay.method.is_none() {
        return finish(state, moment);
    }
    let Some(method) = pay.method else { return Vec::new() };
    if method == PaymentMethod::Account && names::clean(&pay.customer, limits::NAME_CHARS).is_none() {
        pay.trouble.complaint = Some((Part::Debtor, Complaint::CustomerMissing));
        state.focus = Some(Part::Debtor);
        return Vec::new();
    }
    match amount(pay, method, total) {
        Err(complaint) => {
            pay.trouble.complaint = Some((Part::Amount, complaint));
            state.focus = Some(Part::Amount);
            Vec::new()
        }
        Ok(amount_cents) => {
            pay.payments.push(Payment { method, amount_cents });
            pay.method = None;
            pay.trouble = Trouble::default();
            if pay.open(total) == Cents::ZERO { finish(state, moment) } else { Vec::new() }
        }
    }
}

fn amount(pay: &PayForm, method: PaymentMethod, total: Cents) -> Result<Cents, Complaint> {
    let amount = Cents::parse(&pay.amount)
        .ok()
        .filter(|amount| (1..=limits::AMOUNT_CENTS).contains(&amount.0))
        .ok_or(Complaint::AmountBad)?;
    match method {
        PaymentMethod::Cash => Ok(amount),
        PaymentMethod::Pix | PaymentMethod::Credit | PaymentMethod::Debit | PaymentMethod::Account => {
            if amount <= pay.open(total) {
                Ok(amount)
            } else {
                Err(Complaint::AmountOverOpen)
            }
        }
    }
}

fn finish(state: &mut State, moment: Moment) -> Vec<Effect> {
    let till = state.till_name();
    let cash_session = cash::session(state);
    let total_cents = state.cart.total();
    let above_own = discounts::above_own(state, &state.cart);
    let basket = state.cart.basket();
    // The cart's own id: what was allowed was allowed for it, and the till's file knows the cart by it.
    let moment = Moment { fresh: basket.sale.unwrap_or(moment.fresh), ..moment };
    let (Some(pay), Some(store)) = (&mut state.pay, &state.store) else { return Vec::new() };
    let change = pay.change(total_cents);
    pay.trouble = Trouble { waiting: Some(moment.fresh), ..Trouble::default() };
    let sale = NewSale {
        discount_cents: basket.discount_cents(),
        customer_cpf: basket.customer.clone(),
        approved_by: basket.allowed.as_ref().filter(|_| above_own).map(|allowed| allowed.person),
        lines: state.cart.sale_lines(),
        payments: pay.payments.clone(),
        total_cents,
        till: Some(till),
        sold_at: Some(moment.at),
        cash_session,
        customer_name: pay.customer(),
        ..NewSale::of(store.id)
    };
    outbox::send(state, Work::Sale(sale), String::new(), change, moment)
}

/// The sale is on its way to the disk, or waits there for the server's answer.
pub fn is_recording(state: &State) -> bool {
    state.pay.as_ref().is_some_and(|pay| pay.trouble.waiting.is_some())
}

/// The sale is settled, or left to the outbox: the next customer.
pub fn next_customer(state: &mut State, confirmation: Confirmation) {
    state.cart.clear();
    state.pay = None;
    state.confirmation = Some(confirmation);
    super::till::search(state, String::new());
    state.focus = Some(Part::Search);
}
