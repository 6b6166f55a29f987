//! Counts and transfers of the made-up shop.

use tillwatch_desk::settings::Settings;
use tillwatch_shared::api::{
    Count, CountLine, CountedLot, Destination, LotName, NewCountLine, Transfer, TransferLine, TransferState,
};
use tillwatch_shared::ids::{CountId, LotId, TransferId};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{Cents, ProductId, Quantity, StoreId};

use super::{NOW, happened, take, till};
use crate::State;
use crate::input::{Event, Input};
use crate::state::forms::Part;
use crate::state::outbox::{Done, Work};
use crate::state::stock::{Known, StockDone, StockInput, StockWork, Task};

/// In the shop, with a list begun of each kind, and transfers on the way in both directions.
pub fn counting(settings: Settings) -> State {
    let mut state = till(settings);
    let round = state.feed.round;
    let Some(store) = state.store.clone() else { return state };
    let north = Destination { store_id: StoreId::now(), name: "MAX ATACADO Norte".to_owned() };
    let far =
        Destination { store_id: StoreId::now(), name: "ATAKADAO Praça da Árvore e Região".to_owned() };
    let coming = transfer(&state, (north.store_id, &north.name), (store.id, &store.name));
    let going = transfer(&state, (store.id, &store.name), (far.store_id, &far.name));
    let known = Box::new(Known { destinations: vec![north, far], open: vec![coming, going] });
    happened(&mut state, Event::StockKnown { round, store: store.id, known });
    for task in [Task::Count, Task::Send] {
        take(&mut state, Input::Stock(StockInput::Choose(task)));
        for line in ["12*7891000315507", "0,450*QM", "7896036090244", "7896036090244"] {
            scan(&mut state, line);
        }
        take(&mut state, Input::Close);
    }
    state
}

pub fn scan(state: &mut State, line: &str) {
    take(state, Input::Stock(StockInput::Text(line.to_owned())));
    take(state, Input::Submit);
}

/// Ten boxes of one product and three of another.
pub fn transfer(state: &State, from: (StoreId, &str), to: (StoreId, &str)) -> Transfer {
    let lines =
        state.catalogue.items().iter().take(2).zip([10_000, 3_000]).map(|(item, sent)| TransferLine {
            product_id: item.product.id,
            product_name: item.product.name.clone(),
            unit: item.product.unit,
            sent_thousandths: Quantity(sent),
            arrived_thousandths: None,
            lost_thousandths: Quantity::ZERO,
            reason: None,
            balance_after_thousandths: None,
            lots: Vec::new(),
        });
    Transfer {
        id: TransferId::now(),
        number: 17,
        state: TransferState::Sent,
        from_store_id: from.0,
        from_store_name: from.1.to_owned(),
        to_store_id: to.0,
        to_store_name: to.1.to_owned(),
        lines: lines.collect(),
        note: None,
        sent_by: "Lucas".to_owned(),
        sent_at: NOW.plus(-90 * MINUTE),
        closed_by: None,
        closed_at: None,
        reason: None,
        received_at: NOW.plus(-90 * MINUTE),
    }
}

/// The server has taken the count in: one less than expected of the first product.
pub fn counted(settings: Settings) -> State {
    let mut state = counting(settings);
    take(&mut state, Input::Stock(StockInput::Choose(Task::Count)));
    take(&mut state, Input::Stock(StockInput::Finish));
    count_answer(&mut state);
    state
}

/// What was found of a lot; what is missing has no lot.
fn lot(line: &NewCountLine, missing: i64) -> CountedLot {
    let LotName { code, expires_on } = line.lot.clone().unwrap_or_default();
    let missing = if line.lot.is_some() { 0 } else { missing };
    CountedLot {
        lot_id: line.lot.is_some().then(LotId::now),
        code,
        expires_on,
        counted_thousandths: line.counted_thousandths,
        expected_thousandths: Quantity(line.counted_thousandths.0 + missing),
    }
}

/// A count with two lots of one product, and some of it without a lot.
pub fn counting_lots(settings: Settings) -> State {
    let mut state = till(settings);
    take(&mut state, Input::Stock(StockInput::Choose(Task::Count)));
    let lots = [("L77-0926", "0517", 5), ("l81", "30/11/2025", 3), ("", "", 2)];
    for (code, expiry, counted) in lots {
        for (part, text) in [(Part::Lot, code), (Part::Expiry, expiry)] {
            take(&mut state, Input::Stock(StockInput::Printed(part, text.to_owned())));
        }
        scan(&mut state, &format!("{counted}*7896036090244"));
    }
    scan(&mut state, "12*7891000315507");
    state
}

/// The same when the server has taken it in.
pub fn counted_lots(settings: Settings) -> State {
    let mut state = counting_lots(settings);
    take(&mut state, Input::Stock(StockInput::Finish));
    count_answer(&mut state);
    state
}

/// Answers the count that was sent last.
pub fn count_answer(state: &mut State) {
    let Some(parcel) = state.outbox.parcels().last().cloned() else { return };
    let Work::Stock(StockWork::Count(count)) = &parcel.work else { return };
    let mut products: Vec<ProductId> = count.lines.iter().map(|line| line.product_id).collect();
    products.dedup();
    let line = |(index, id): (usize, &ProductId)| {
        let product = &state.catalogue.get(*id)?.product;
        let found: Vec<&NewCountLine> = count.lines.iter().filter(|line| line.product_id == *id).collect();
        let counted = found.iter().map(|line| line.counted_thousandths.0).sum();
        let missing = if index == 0 { 1_000 } else { 0 };
        Some(CountLine {
            product_id: *id,
            product_number: product.number,
            product_name: product.name.clone(),
            unit: product.unit,
            counted_thousandths: Quantity(counted),
            counted_at: NOW,
            expected_thousandths: Quantity(counted + missing),
            difference_thousandths: Quantity(-missing),
            balance_after_thousandths: Quantity(counted),
            unit_price_cents: product.price_cents,
            worth_cents: Cents(-missing * product.price_cents.0 / 1_000),
            lots: if found.iter().any(|line| line.lot.is_some()) {
                found.iter().map(|line| lot(line, missing)).collect()
            } else {
                Vec::new()
            },
        })
    };
    let lines: Vec<CountLine> = products.iter().enumerate().filter_map(line).collect();
    let done = Count {
        id: CountId(parcel.command.0),
        number: 3,
        store_id: count.store_id,
        store_name: "Loja Centro".to_owned(),
        person_id: parcel.person,
        person_name: "Maria das Dores".to_owned(),
        started_at: count.started_at,
        received_at: NOW,
        note: None,
        worth_cents: lines.iter().map(|line| line.worth_cents).sum(),
        lines,
    };
    let answer = Ok(Done::Stock(Box::new(StockDone::Counted(done))));
    happened(state, Event::Sent { command: parcel.command, answer });
}
