//! What the server has refused, in the form in which it was made.

use tillwatch_shared::ids::TransferId;
use tillwatch_shared::{AccountId, CashSessionId, Cents, CommandId, StoreId};

use super::{amount, cash, debts, forms, returns, stock};
use crate::input::Effect;
use crate::state::cash::Book;
use crate::state::forms::{EntryForm, Part, ProductForm, Trouble};
use crate::state::outbox::{Parcel, Stage, Work};
use crate::state::{Dialog, State};
use crate::texts::Text;

/// What a person can do about what the server has refused, besides sending it again or throwing it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is a cart again.
    Cart,
    /// It is filled in again where it was made.
    Form,
    /// Nothing, for this reason.
    OnlyAgain(Text),
}

/// Absent while it is not refused.
pub fn way(state: &State, parcel: &Parcel) -> Option<Way> {
    if !parcel.is_rejected() {
        return None;
    }
    let here = state.store.as_ref().map(|store| store.id);
    let of_store = |store: StoreId| if here == Some(store) { Way::Form } else { elsewhere() };
    Some(match &parcel.work {
        Work::Sale(_) if parcel.returns_to_cart() => Way::Cart,
        Work::Sale(sale) if state.stores.iter().all(|store| store.id != sale.store_id) => elsewhere(),
        Work::Entry(entry) => of_store(entry.store_id),
        Work::CashOpen(_) if is_used(state, parcel.command) => Way::OnlyAgain(Text::DrawerUsed),
        Work::CashOpen(new) => of_store(new.store_id),
        Work::DebtPaid(account, _) => of_account(state, *account),
        Work::Stock(work) => match (work.as_draft(state.now), work.ends()) {
            (Some(draft), _) => of_store(draft.store),
            (None, Some(transfer)) => of_transfer(state, transfer),
            (None, None) => Way::Form,
        },
        Work::Sale(_)
        | Work::Product(_)
        | Work::ProductChange(..)
        | Work::CashMove(..)
        | Work::CashClose(..)
        | Work::Return(..) => Way::Form,
    })
}

const fn elsewhere() -> Way {
    Way::OnlyAgain(Text::OfOtherStore)
}

/// Whether the drawer is more than opened: what was done in it names this opening.
fn is_used(state: &State, opening: CommandId) -> bool {
    let session = CashSessionId(opening.0);
    let untouched = |book: &Book| book.session.id == session && book.entries.is_empty();
    let named = |parcel: &Parcel| parcel.work.cash_session() == Some(session);
    !state.cash.open.as_ref().is_some_and(untouched) || state.outbox.parcels().iter().any(named)
}

/// Where the account still owes.
fn of_account(state: &State, account: AccountId) -> Way {
    if debts::debt(state, account).is_some() {
        return Way::Form;
    }
    let mut known = state.debts.remembered.values().flat_map(|known| &known.debts);
    if known.any(|debt| debt.account.id == account) { elsewhere() } else { Way::OnlyAgain(Text::DebtPaidUp) }
}

/// While the transfer is on its way.
fn of_transfer(state: &State, id: TransferId) -> Way {
    if stock::transfer(state, id).is_some() {
        return Way::Form;
    }
    let mut known = state.stock.remembered.values().flat_map(|known| &known.open);
    if known.any(|open| open.id == id) { elsewhere() } else { Way::OnlyAgain(Text::TransferEnded) }
}

/// A refused command opens the form in which it was made, filled in. What is sent from there has an id of its own.
pub fn correct(state: &mut State, command: CommandId) -> Vec<Effect> {
    let parcel = state.outbox.get(command).filter(|_| state.outbox.awaits_person(command)).cloned();
    let Some(parcel) = parcel else { return Vec::new() };
    match way(state, &parcel) {
        Some(Way::Form) => {}
        Some(Way::OnlyAgain(why)) => {
            state.toasts.problem(why.get(state.lang()));
            return Vec::new();
        }
        Some(Way::Cart) | None => return Vec::new(),
    }
    let Stage::Rejected(failure) = &parcel.stage else { return Vec::new() };
    let trouble = Trouble { failure: Some(failure.clone()), replaces: Some(command), ..Trouble::default() };
    if state.pay.is_some() {
        state.toasts.problem(Text::FinishFirst.get(state.lang()));
        return Vec::new();
    }
    if matches!(parcel.work, Work::ProductChange(..)) && forms::refuses_change(state) {
        return Vec::new();
    }
    if let Work::Stock(work) = &parcel.work {
        return stock::correct(state, command, work, trouble);
    }
    state.dialog = None;
    open_again(state, parcel, trouble)
}

/// What was refused, as it was typed.
fn open_again(state: &mut State, parcel: Parcel, trouble: Trouble) -> Vec<Effect> {
    match parcel.work {
        Work::DebtPaid(..) => return debts::correct(state, &parcel, trouble),
        Work::Return(sale, _) => return returns::correct(state, sale, trouble),
        Work::CashOpen(_) | Work::CashMove(..) | Work::CashClose(..) => {
            cash::correct(state, &parcel.work, trouble);
        }
        Work::Sale(sale) => amount::correct(state, &sale, trouble),
        // A list again, or in the form of its transfer: decided before.
        Work::Stock(_) => {}
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
    }
    Vec::new()
}
