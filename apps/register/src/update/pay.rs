//! Taking the money, and what happens after it.

use tillwatch_desk::clock::Moment;
use tillwatch_shared::api::{NewSale, Payment, PaymentMethod};
use tillwatch_shared::{Cents, limits};

use super::outbox;
use crate::input::Effect;
use crate::state::forms::{Complaint, Part, PayForm, Trouble};
use crate::state::outbox::Work;
use crate::state::{Confirmation, State};

/// F12. What costs nothing is finished at once.
pub fn open(state: &mut State, moment: Moment) -> Vec<Effect> {
    if state.cart.is_empty() || state.pay.is_some() || state.dialog.is_some() {
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
    pay.trouble = Trouble::default();
    state.focus = Some(Part::Amount);
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
        PaymentMethod::Pix | PaymentMethod::Credit | PaymentMethod::Debit if amount <= pay.open(total) => {
            Ok(amount)
        }
        PaymentMethod::Pix | PaymentMethod::Credit | PaymentMethod::Debit => Err(Complaint::AmountOverOpen),
    }
}

fn finish(state: &mut State, moment: Moment) -> Vec<Effect> {
    let till = state.till_name();
    let total_cents = state.cart.total();
    let (Some(pay), Some(store)) = (&mut state.pay, &state.store) else { return Vec::new() };
    let change = pay.change(total_cents);
    pay.trouble = Trouble { waiting: Some(moment.fresh), ..Trouble::default() };
    let sale = NewSale {
        store_id: store.id,
        lines: state.cart.sale_lines(),
        payments: pay.payments.clone(),
        total_cents,
        till: Some(till),
        sold_at: Some(moment.at),
    };
    outbox::send(state, Work::Sale(sale), String::new(), change, moment)
}

/// The sale is settled, or left to the outbox: the next customer.
pub fn next_customer(state: &mut State, confirmation: Confirmation) {
    state.cart.clear();
    state.pay = None;
    state.confirmation = Some(confirmation);
    super::till::search(state, String::new());
    state.focus = Some(Part::Search);
}
