//! Cash sessions and customers' accounts of the made-up chain.

use tillwatch_shared::api::{
    Account, CashClosing, CashCount, CashHourTotal, CashLate, CashMethodTotal, CashMovementKind, CashReport,
    CashReportMovement, CashSellerTotal, CashSession, CashSessionReport, PaymentMethod,
};
use tillwatch_shared::time::{HOUR, MINUTE};
use tillwatch_shared::{AccountId, CashSessionId, Cents, PersonId, UtcMicros};

use super::{cycle, store, uuid};

const CUSTOMERS: [&str; 4] = [
    "Dona Lurdes",
    "Oficina do Zé",
    "",
    "Associação de Moradores do Conjunto Habitacional Nova Esperança II",
];
const EXPECTED: i64 = 61_240;

/// What the drawers lacked or had over, by the session's number.
fn difference(number: i64) -> Cents {
    Cents(match number % 4 {
        0 => -1_250,
        1 => 300,
        _ => 0,
    })
}

/// The newest of nine sessions is open; the others were closed on the days before.
pub fn session(number: i64, now: UtcMicros) -> CashSession {
    let place = usize::try_from(number).unwrap_or_default();
    let store = store(place % 3);
    let opened_at = now.plus((number - 9) * 24 * HOUR - 8 * HOUR);
    let difference = difference(number);
    let closing = (number < 9).then(|| CashClosing {
        closed_by: PersonId(uuid(4, 1)),
        closed_by_name: "Lucas".to_owned(),
        closed_at: opened_at.plus(9 * HOUR),
        counts: vec![CashCount { value_cents: Cents(5_000), count: 12 }],
        counted_cents: Cents(EXPECTED + difference.0),
        expected_cents: Cents(EXPECTED),
        difference_cents: difference,
        reason: None,
    });
    CashSession {
        id: CashSessionId(uuid(24, number)),
        number,
        store_id: store.id,
        store_name: store.name,
        till: format!("Caixa {}", number % 2 + 1),
        opened_by: PersonId(uuid(4, 2)),
        opened_by_name: "Maria das Dores".to_owned(),
        float_cents: Cents(20_000),
        opened_at,
        closing,
    }
}

/// With something of everything in it.
pub fn report(id: CashSessionId, now: UtcMicros) -> CashSessionReport {
    let session = (1..=9).map(|number| session(number, now)).find(|session| session.id == id);
    let session = session.unwrap_or_else(|| self::session(9, now));
    let methods =
        [(PaymentMethod::Cash, 41_000), (PaymentMethod::Pix, 83_700), (PaymentMethod::Credit, 25_400)];
    let report = CashReport {
        store_name: session.store_name.clone(),
        till: session.till.clone(),
        opened_by_name: session.opened_by_name.clone(),
        opened_at: session.opened_at,
        float_cents: session.float_cents,
        sales: 37,
        total_cents: Cents(150_100),
        discount_cents: Cents(1_990),
        returns: 1,
        returned_cents: Cents(2_760),
        voids: 0,
        voided_cents: Cents::ZERO,
        debts_cents: Cents(5_000),
        cash_received_cents: Cents(45_000),
        change_cents: Cents(4_000),
        cash_debts_cents: Cents(5_000),
        deposits_cents: Cents(10_000),
        withdrawals_cents: Cents(12_000),
        expected_cents: Cents(EXPECTED),
        methods: methods
            .map(|(method, amount)| CashMethodTotal {
                method,
                payments: amount / 3_000,
                amount_cents: Cents(amount),
                refunded_cents: Cents(if method == PaymentMethod::Cash { 2_760 } else { 0 }),
            })
            .to_vec(),
        sellers: vec![CashSellerTotal {
            person_id: session.opened_by,
            person_name: session.opened_by_name.clone(),
            sales: 37,
            total_cents: Cents(150_100),
        }],
        hours: vec![CashHourTotal { hour: 14, sales: 37, total_cents: Cents(150_100) }],
        movements: vec![CashReportMovement {
            recorded_at: session.opened_at.plus(90 * MINUTE),
            kind: CashMovementKind::Withdrawal,
            amount_cents: Cents(12_000),
            reason: "Depósito no banco".to_owned(),
            person_name: "Lucas".to_owned(),
        }],
        closing: session.closing.clone(),
    };
    let late = session.closing.is_some().then_some(CashLate {
        sales: 2,
        total_cents: Cents(3_990),
        cash_cents: Cents(1_000),
    });
    CashSessionReport { session, report: Box::new(report), late }
}

pub fn account(number: i64, now: UtcMicros) -> Account {
    let place = usize::try_from(number).unwrap_or_default();
    let store = store(place % 2);
    let name = cycle(&CUSTOMERS, place).filter(|name| !name.is_empty()).map(str::to_owned);
    Account {
        id: AccountId(uuid(25, number)),
        store_id: store.id,
        store_name: store.name,
        tax_id_masked: name.is_none().then(|| "***.456.789-**".to_owned()),
        name,
        balance_cents: Cents(number * 7_350),
        changed_at: now.plus(-number * 5 * HOUR),
    }
}
