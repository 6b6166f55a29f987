//! A return that the seller may not make alone: a manager proves who they are, to the server or to this till.

use tillwatch_desk::clock::Moment;
use tillwatch_shared::api::{NewReturnApproval, Role, Sale};
use tillwatch_shared::{Cents, PersonId, ReturnId};

use super::returns::{self, today};
use crate::input::Effect;
use crate::state::carts::{Approver, Field, Refusal, works_in};
use crate::state::consent::{AskConsent, Consent, Consented};
use crate::state::forms::Part;
use crate::state::returns::{ReturnForm, Step};
use crate::state::{Dialog, State};

fn form(state: &mut State) -> Option<&mut ReturnForm> {
    if let Some(Dialog::Return(form)) = &mut state.dialog { Some(form) } else { None }
}

/// The consent that is asked for and not given.
fn asking(state: &mut State) -> Option<&mut Consent> {
    form(state)?.consent.as_mut().filter(|consent| consent.given.is_none())
}

pub fn is_asked(state: &State) -> bool {
    let Some(Dialog::Return(form)) = &state.dialog else { return false };
    form.consent.as_ref().is_some_and(|consent| consent.given.is_none())
}

/// Sellers take back what was sold on the same day, and managers anything.
pub fn is_needed(state: &State, sale: &Sale) -> bool {
    let seller = state.person.as_ref().is_none_or(|person| person.role < Role::Manager);
    seller && sale.business_day != today(state)
}

/// Who has consented to so much of the open return.
pub fn given(state: &State, total: Cents) -> Option<&Consent> {
    let Some(Dialog::Return(form)) = &state.dialog else { return None };
    form.consent.as_ref().filter(|consent| consent.given.is_some() && consent.limit >= total)
}

pub fn open(state: &mut State, total: Cents, moment: Moment) {
    if let Some(form) = form(state) {
        form.consent = Some(Consent::new(moment.fresh, total));
        form.focus = None;
        state.focus = Some(Part::Supervisor);
    }
}

/// Escape: back to the goods. `false`: nothing was asked.
pub fn back(state: &mut State) -> bool {
    if asking(state).is_none() {
        return false;
    }
    if let Some(form) = form(state) {
        form.consent = None;
        form.focus = Some(form.at);
    }
    true
}

pub fn typed(state: &mut State, field: Field, text: String) {
    let Some(consent) = asking(state).filter(|consent| consent.waiting.is_none()) else { return };
    consent.refusal = None;
    match field {
        Field::Username => consent.username = text,
        Field::Password => consent.password = text,
        Field::Discount | Field::Customer | Field::Note => {}
    }
}

/// Enter.
pub fn ask(state: &mut State, moment: Moment) -> Vec<Effect> {
    let here = state.offline.signed_in_here.is_some() || state.connection.is_offline();
    let Some(store_id) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    let Some(sale_id) = form(state).and_then(ReturnForm::lines_mut).map(|lines| lines.sale.id) else {
        return Vec::new();
    };
    let Some(consent) = asking(state).filter(|consent| consent.waiting.is_none()) else { return Vec::new() };
    if consent.username.trim().is_empty() || consent.password.is_empty() {
        let missing = if consent.username.trim().is_empty() { Part::Supervisor } else { Part::Pin };
        state.focus = Some(missing);
        return Vec::new();
    }
    consent.waiting = Some(moment.fresh);
    let body = NewReturnApproval {
        username: consent.username.trim().to_owned(),
        password: std::mem::take(&mut consent.password),
        store_id,
        sale_id,
        return_id: ReturnId(consent.id.0),
        limit_cents: consent.limit,
    };
    vec![Effect::Consent(Box::new(AskConsent { command: moment.fresh, body, here }))]
}

/// Somebody has proved who they are, or not. With the consent the return is made.
pub fn answered(state: &mut State, told: Consented, moment: Moment) -> Vec<Effect> {
    let verdict = match told.answer {
        Err(failure) => Err(Refusal::Server(failure)),
        Ok(approver) => verdict(state, approver, moment),
    };
    let Some(consent) = asking(state).filter(|consent| consent.waiting == Some(told.command)) else {
        return Vec::new();
    };
    consent.waiting = None;
    match verdict {
        Err(refusal) => {
            consent.refusal = Some(refusal);
            state.focus = Some(Part::Pin);
            Vec::new()
        }
        Ok(given) => {
            consent.given = Some(given);
            state.focus = None;
            returns::submit(state, moment)
        }
    }
}

fn verdict(state: &State, approver: Approver, moment: Moment) -> Result<(PersonId, String), Refusal> {
    let known = match approver {
        Approver::Server(allowed) => return Ok((allowed.person, allowed.name)),
        Approver::Nobody => return Err(Refusal::Unknown),
        Approver::Known(known) => known,
    };
    let here = state.store.as_ref().is_some_and(|store| works_in(&known, store.id));
    if moment.at > known.until || !here {
        return Err(Refusal::Unknown);
    }
    let name = known.person.name.clone();
    if known.person.role < Role::Manager {
        return Err(Refusal::TooLow { name, limit: Cents::ZERO });
    }
    Ok((known.person.id, name))
}

/// The name of the one who has consented, for the slip.
pub fn name(state: &State) -> Option<&str> {
    let Some(Dialog::Return(form)) = &state.dialog else { return None };
    let Step::Lines(_) = &form.step else { return None };
    form.consent.as_ref()?.given.as_ref().map(|(_, name)| name.as_str())
}
