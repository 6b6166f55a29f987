//! Debts of the made-up shop.

use tillwatch_desk::settings::Settings;
use tillwatch_shared::api::{Account, AccountEntry, AccountPayment, Debt, PaymentMethod};
use tillwatch_shared::ids::AccountPaymentId;
use tillwatch_shared::time::{DAY, MINUTE};
use tillwatch_shared::{AccountId, Cents};

use super::{NOW, happened, kept, take, till, waiting};
use crate::State;
use crate::input::{Event, Input};
use crate::state::debts::{DebtStep, DebtsInput};
use crate::state::outbox::{Done, Parcel, Work};

fn debt(state: &State, name: Option<&str>, cpf: Option<&str>, entries: &[(i64, i64)]) -> Debt {
    let store = state.store.as_ref();
    let balance: i64 = entries.iter().map(|(cents, _)| cents).sum();
    let entry = |(number, (cents, days)): (i64, &(i64, i64))| AccountEntry {
        at: NOW.plus(-days * DAY - 25 * MINUTE),
        amount_cents: Cents(*cents),
        sale_number: (*cents > 0).then_some(1040 - number),
        method: (*cents < 0).then_some(PaymentMethod::Pix),
    };
    Debt {
        account: Account {
            id: AccountId::now(),
            store_id: store.map_or_else(tillwatch_shared::StoreId::now, |store| store.id),
            store_name: store.map(|store| store.name.clone()).unwrap_or_default(),
            name: name.map(str::to_owned),
            tax_id_masked: cpf.map(str::to_owned),
            balance_cents: Cents(balance),
            changed_at: NOW.plus(-DAY),
        },
        entries: (0..).zip(entries).map(entry).collect(),
    }
}

/// What the server tells of this store.
pub fn debts(state: &State) -> Vec<Debt> {
    let long = "Restaurante e Lanchonete Nossa Senhora da Conceição do Mato Dentro ME";
    vec![
        debt(state, Some("Maria do Carmo"), Some("***.982.247-**"), &[(4_350, 1), (-2_000, 3), (6_210, 9)]),
        debt(state, Some("João da Silva"), None, &[(2_745, 2)]),
        debt(state, Some(long), None, &[(123_456_789, 4), (98_700, 6), (1_250, 12), (4_400, 15), (700, 20)]),
        debt(state, None, Some("***.444.777-**"), &[(1_099, 5)]),
        debt(state, Some("Antônio Açougueiro"), None, &[(9_999, 7)]),
    ]
}

/// The dialog with the customers who owe.
pub fn listed(settings: Settings) -> State {
    let mut state = till(settings);
    take(&mut state, Input::Debts(DebtsInput::Open));
    answer(&mut state);
    state
}

/// The server tells who owes, as often as it is asked.
pub fn answer(state: &mut State) {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return };
    let told = debts(state);
    while state.debts.asking {
        happened(state, Event::Debts { store, answer: Ok(told.clone()) });
    }
}

/// Maria's debt; a part of it in cash is typed.
pub fn paying(settings: Settings) -> State {
    let mut state = listed(settings);
    for input in [
        DebtsInput::Wanted("maria".to_owned()),
        DebtsInput::Pick(0),
        DebtsInput::Amount("35".to_owned()),
        DebtsInput::Received("50".to_owned()),
    ] {
        take(&mut state, Input::Debts(input));
    }
    state
}

/// It is paid, and the server has not answered.
pub fn paid(settings: Settings) -> State {
    let mut state = paying(settings);
    take(&mut state, Input::Submit);
    kept(&mut state);
    super::no_answer(&mut state);
    state
}

/// As the server tells it.
pub fn payment_of(state: &State, parcel: &Parcel) -> Option<AccountPayment> {
    let Work::DebtPaid(account, payment) = &parcel.work else { return None };
    let known = state.debts.known(state.store.as_ref()?.id)?;
    let debt = known.debts.iter().find(|debt| debt.account.id == *account)?;
    let balance_cents = Cents(debt.account.balance_cents.0 - payment.amount_cents.0);
    Some(AccountPayment {
        id: AccountPaymentId(parcel.command.0),
        account: Account { balance_cents, changed_at: NOW, ..debt.account.clone() },
        method: payment.method,
        amount_cents: payment.amount_cents,
        cash_session: payment.cash_session,
        person_id: parcel.person,
        person_name: "Maria das Dores".to_owned(),
        paid_at: NOW,
        received_at: NOW,
    })
}

/// The server confirms the payment that waits.
pub fn confirm(state: &mut State) -> Vec<crate::Effect> {
    let command = waiting(state);
    let paid = state.outbox.get(command).and_then(|parcel| payment_of(state, parcel));
    let Some(paid) = paid else { return Vec::new() };
    happened(state, Event::Sent { command, answer: Ok(Done::DebtPaid(Box::new(paid))) })
}

/// What the open dialog shows.
pub fn step(state: &State) -> Option<&DebtStep> {
    match &state.dialog {
        Some(crate::state::Dialog::Debts(form)) => Some(&form.step),
        Some(_) | None => None,
    }
}
