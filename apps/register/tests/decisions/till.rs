//! A till without a window: what is typed, and what it sends.

use tillwatch_desk::settings::Settings;
use tillwatch_register::State;
use tillwatch_register::input::{Effect, FormInput, Input};
use tillwatch_register::samples::{NOW, take, till};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::outbox::Work;
use tillwatch_shared::api::{NewSale, NewStockEntry, StockEntry, Unit};
use tillwatch_shared::ids::StockEntryId;
use tillwatch_shared::{CommandId, ProductId, Quantity};

pub fn typed(part: Part, text: &str) -> Input {
    Input::Form(FormInput::Text(part, text.to_owned()))
}

pub fn enter(state: &mut State, line: &str) {
    take(state, Input::Search(line.to_owned()));
    take(state, Input::EnterLine);
}

/// In the shop with an empty cart.
pub fn shop() -> State {
    let mut state = till(Settings::default());
    take(&mut state, Input::OpenCancelSale);
    take(&mut state, Input::CancelSale);
    state
}

pub fn balance(state: &State, id: ProductId) -> Quantity {
    state.catalogue.get(id).unwrap().balance.unwrap()
}

pub fn sent(effects: &[Effect]) -> (CommandId, Work) {
    match effects {
        [Effect::Keep(parcel)] => (parcel.command, parcel.work.clone()),
        other => panic!("one command expected in {other:?}"),
    }
}

pub fn sent_sale(effects: &[Effect]) -> (CommandId, NewSale) {
    match sent(effects) {
        (command, Work::Sale(sale)) => (command, sale),
        other => panic!("a sale expected, not {other:?}"),
    }
}

pub fn sent_entry(effects: &[Effect]) -> (CommandId, NewStockEntry) {
    match sent(effects) {
        (command, Work::Entry(entry)) => (command, entry),
        other => panic!("a stock entry expected, not {other:?}"),
    }
}

pub fn entry_of(state: &State, entry: &NewStockEntry, after: i64) -> StockEntry {
    StockEntry {
        id: StockEntryId::now(),
        number: 1,
        kind: entry.kind,
        store_id: entry.store_id,
        store_name: "Loja Centro".to_owned(),
        product_id: entry.product_id,
        product_number: 1,
        product_name: "Parafuso 10mm".to_owned(),
        unit: Unit::Un,
        quantity_thousandths: entry.quantity_thousandths,
        moved_thousandths: entry.quantity_thousandths,
        balance_after_thousandths: Quantity(after),
        reason: entry.reason.clone(),
        lots: Vec::new(),
        person_id: state.person.as_ref().unwrap().id,
        person_name: "Maria".to_owned(),
        recorded_at: NOW,
        received_at: NOW,
    }
}
