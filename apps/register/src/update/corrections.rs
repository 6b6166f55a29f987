//! What the server has refused, in the form in which it was made.

use tillwatch_shared::{Cents, CommandId};

use super::{forms, stock};
use crate::input::Effect;
use crate::state::forms::{EntryForm, Part, ProductForm, Trouble};
use crate::state::outbox::{Stage, Work};
use crate::state::{Dialog, State};
use crate::texts::Text;

/// A refused command opens the form in which it was made, filled in. What is sent from there has an id of its own.
pub fn correct(state: &mut State, command: CommandId) -> Vec<Effect> {
    let parcel = state.outbox.get(command).filter(|parcel| parcel.can_be_corrected()).cloned();
    let Some(parcel) = parcel.filter(|_| state.outbox.awaits_person(command)) else { return Vec::new() };
    let Stage::Rejected(failure) = parcel.stage else { return Vec::new() };
    let trouble = Trouble { failure: Some(failure), replaces: Some(command), ..Trouble::default() };
    let store = match &parcel.work {
        Work::Entry(entry) => Some(entry.store_id),
        Work::Stock(work) => work.as_draft(state.now).map(|draft| draft.store),
        Work::Product(_)
        | Work::ProductChange(..)
        | Work::Sale(_)
        | Work::CashOpen(_)
        | Work::CashMove(..)
        | Work::DebtPaid(..)
        | Work::CashClose(..)
        | Work::Return(..) => None,
    };
    if store.is_some_and(|store| state.store.as_ref().is_none_or(|here| here.id != store)) {
        state.toasts.problem(Text::OfOtherStore.get(state.lang()));
        return Vec::new();
    }
    if let Work::Stock(work) = &parcel.work {
        return stock::correct(state, command, work);
    }
    state.dialog = None;
    open_again(state, parcel.work, trouble);
    Vec::new()
}

/// What was refused, as it was typed.
fn open_again(state: &mut State, work: Work, trouble: Trouble) {
    match work {
        Work::Product(new) => {
            let form = ProductForm {
                editing: None,
                name: new.name,
                code: new.code.unwrap_or_default(),
                unit: new.unit,
                price: new.price_cents.plain(),
                minimum: new.minimum_thousandths.to_string(),
                trouble,
            };
            forms::show(state, Dialog::Product(form), Part::Name);
        }
        Work::ProductChange(id, change) => {
            let form = ProductForm {
                editing: Some(id),
                name: change.name.unwrap_or_default(),
                code: change.code.unwrap_or_default(),
                unit: change.unit.unwrap_or_default(),
                price: change.price_cents.map(Cents::plain).unwrap_or_default(),
                minimum: change.minimum_thousandths.map(|least| least.to_string()).unwrap_or_default(),
                trouble,
            };
            forms::show(state, Dialog::Product(form), Part::Name);
        }
        Work::Entry(entry) => {
            let lot = entry.lot.unwrap_or_default();
            // A product that was refused itself is chosen anew.
            let product = state.catalogue.get(entry.product_id).map(|item| item.product.id);
            let form = EntryForm {
                product,
                hits: forms::hits(state, "", forms::HITS),
                quantity: entry.quantity_thousandths.to_string(),
                reason: entry.reason.unwrap_or_default(),
                lot: lot.code.unwrap_or_default(),
                expiry: lot.expires_on.map(|day| day.strftime("%d/%m/%Y").to_string()).unwrap_or_default(),
                trouble,
                ..EntryForm::new(entry.kind)
            };
            let focus = if product.is_some() { Part::Quantity } else { Part::Product };
            forms::show(state, Dialog::Entry(form), focus);
        }
        Work::Stock(_)
        | Work::Sale(_)
        | Work::CashOpen(_)
        | Work::CashMove(..)
        | Work::DebtPaid(..)
        | Work::CashClose(..)
        | Work::Return(..) => {}
    }
}
