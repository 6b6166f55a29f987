//! Lots, counts and transfers of the made-up chain.

use jiff::ToSpan;
use jiff::civil::date;
use tillwatch_shared::api::{Count, CountLine, CountedLot, Lot, Transfer, TransferLine, TransferState, Unit};
use tillwatch_shared::ids::{CountId, LotId, TransferId};
use tillwatch_shared::time::{HOUR, MINUTE};
use tillwatch_shared::{Cents, PersonId, Quantity, SensorId, UtcMicros};

use super::{product_id, store, uuid};

/// Ten boxes from the first store to the second; two of them are lost on the way.
pub fn transfer(number: i64, state: TransferState, at: UtcMicros) -> Transfer {
    let (from, to) = (store(0), store(1));
    let arrived = (state == TransferState::Received).then_some(Quantity(8_000));
    let closed = state != TransferState::Sent;
    Transfer {
        id: TransferId(uuid(21, number)),
        number,
        state,
        from_store_id: from.id,
        from_store_name: from.name,
        to_store_id: to.id,
        to_store_name: to.name,
        lines: vec![TransferLine {
            product_id: product_id(2),
            product_name: "Leite integral 1 L".to_owned(),
            unit: Unit::Cx,
            sent_thousandths: Quantity(10_000),
            arrived_thousandths: arrived,
            lost_thousandths: Quantity(arrived.map_or(0, |arrived| 10_000 - arrived.0)),
            reason: arrived.map(|_| "Duas caixas quebradas".to_owned()),
            balance_after_thousandths: None,
            lots: Vec::new(),
        }],
        note: None,
        sent_by: "Lucas".to_owned(),
        sent_at: at,
        closed_by: closed.then(|| "Maria das Dores".to_owned()),
        closed_at: closed.then(|| at.plus(30 * MINUTE)),
        reason: (state == TransferState::Cancelled).then(|| "Loja errada".to_owned()),
        received_at: at,
    }
}

/// One lot that is as expected, and the rest, which has no lot.
fn counted_lots(expected: i64, counted: i64) -> Vec<CountedLot> {
    let lot = |lot_id, code: Option<&str>, found: i64, had: i64| CountedLot {
        lot_id,
        code: code.map(str::to_owned),
        expires_on: code.map(|_| date(2026, 3, 14)),
        counted_thousandths: Quantity(found),
        expected_thousandths: Quantity(had),
    };
    let named = 25_000;
    vec![
        lot(Some(LotId(uuid(23, 1))), Some("L77"), named, named),
        lot(None, None, counted - named, expected - named),
    ]
}

/// A product that is short, and one that is as expected.
pub fn count(number: i64, at: UtcMicros) -> Count {
    let line = |product: i64, name: &str, expected: i64, counted: i64| CountLine {
        product_id: product_id(product),
        product_number: product,
        product_name: name.to_owned(),
        unit: Unit::Un,
        counted_thousandths: Quantity(counted),
        counted_at: at,
        expected_thousandths: Quantity(expected),
        difference_thousandths: Quantity(counted - expected),
        balance_after_thousandths: Quantity(counted),
        unit_price_cents: Cents(549),
        worth_cents: Cents((counted - expected) * 549 / 1000),
        lots: if product == 2 { counted_lots(expected, counted) } else { Vec::new() },
    };
    let store = store(0);
    Count {
        id: CountId(uuid(22, number)),
        number,
        store_id: store.id,
        store_name: store.name,
        person_id: PersonId(uuid(4, 1)),
        person_name: "Lucas".to_owned(),
        started_at: at,
        received_at: at,
        note: None,
        lines: vec![
            line(2, "Leite integral 1 L", 40_000, 38_000),
            line(10, "Parafuso 10mm", 118_000, 118_000),
        ],
        worth_cents: Cents(-1_098),
    }
}

/// `day` is in December 2026; the stores' day is the 31st.
pub fn lot(number: i64, day: i8, balance: i64) -> Lot {
    Lot {
        id: LotId(uuid(23, number)),
        number,
        store_id: store(0).id,
        product_id: product_id(number),
        product_name: format!("Produto {number}"),
        unit: Unit::Un,
        code: Some(format!("L{number:03}")),
        expires_on: Some(date(2026, 12, day)),
        balance_thousandths: Quantity(balance),
        sensor_id: (number % 2 == 0).then(|| SensorId::Text("geladeira-1".to_owned())),
        price_cents: Some(Cents(549)),
    }
}

/// Of these lots some have expired, some will soon, and one never does.
pub fn expiring(number: i64) -> Lot {
    let days = [-12, -1, 0, 1, 5, 12, 29, 90];
    let place = usize::try_from(number - 1).unwrap_or_default();
    let day = days.get(place).and_then(|days| date(2026, 12, 31).checked_add(days.days()).ok());
    let mut lot = Lot { expires_on: day, ..lot(number, 1, number * 3_000) };
    lot.store_id = store(place % 3).id;
    if let Some(name) = super::PRODUCTS.get(place).filter(|name| !name.is_empty()) {
        (*name).clone_into(&mut lot.product_name);
    }
    lot
}

/// Transfers in each of their states; the newest is on its way.
pub fn one_of_transfers(number: i64, now: UtcMicros) -> Transfer {
    let state = match number % 3 {
        0 => TransferState::Sent,
        1 => TransferState::Received,
        _ => TransferState::Cancelled,
    };
    transfer(number, state, now.plus((number - 9) * 31 * HOUR - MINUTE))
}

/// Every third is as expected.
pub fn one_of_counts(number: i64, now: UtcMicros) -> Count {
    let mut count = count(number, now.plus((number - 9) * 26 * HOUR));
    if number % 3 == 0 {
        for line in &mut count.lines {
            line.counted_thousandths = line.expected_thousandths;
            line.difference_thousandths = Quantity::ZERO;
            line.worth_cents = Cents::ZERO;
            for lot in &mut line.lots {
                lot.counted_thousandths = lot.expected_thousandths;
            }
        }
        count.worth_cents = Cents::ZERO;
    }
    count
}
