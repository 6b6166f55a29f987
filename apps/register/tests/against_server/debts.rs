//! What customers owe.

use tillwatch_register::State;
use tillwatch_register::input::Input;
use tillwatch_register::state::Dialog;
use tillwatch_register::state::debts::{DebtStep, DebtsInput};
use tillwatch_register::state::forms::Part;
use tillwatch_register::update::debts::{found, owed};
use tillwatch_server::ledger::verify;
use tillwatch_shared::Cents;
use tillwatch_shared::api::PaymentMethod;

use crate::till::{Shop, Till, alone};

/// What can be paid now of the only debt.
fn left(state: &State) -> Option<(Cents, Cents)> {
    let debts = found(state);
    let [debt] = debts.as_slice() else { return None };
    let owed = owed(state, debt);
    Some((owed.left(), owed.paid_here))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_debt_paid_while_the_server_is_gone_outlives_the_till_and_is_paid_once() {
    let mut shop = Shop::new();
    let served = shop.served(|address| {
        let mut till = Till::new(address);
        till.sign_up("admin");
        till.add("arroz");
        till.act(Input::OpenPay);
        till.act(Input::PayMethod(PaymentMethod::Account));
        till.typed(Part::Debtor, "João");
        till.act(Input::Submit);
        till.wait("the sale", |state| state.outbox.is_empty() && state.confirmation.is_some());
        till.wait("the debt", |state| left(state) == Some((Cents(2790), Cents::ZERO)));
        let store = till.state.store.as_ref().unwrap().id;
        till.on_disk("the debt", |file| {
            file.debts().unwrap().known(store).is_some_and(|known| !known.debts.is_empty())
        });
        till
    });
    let mut till = served.await;
    let selling = alone(move || {
        till.act(Input::Debts(DebtsInput::Open));
        till.act(Input::Debts(DebtsInput::Wanted("joao".to_owned())));
        till.act(Input::Debts(DebtsInput::Pick(0)));
        till.act(Input::Debts(DebtsInput::Amount("20".to_owned())));
        till.act(Input::Debts(DebtsInput::Received("50".to_owned())));
        till.act(Input::Submit);
        till.wait("the payment on the disk", |state| {
            let Some(Dialog::Debts(form)) = &state.dialog else { return false };
            matches!(&form.step, DebtStep::Done(paid) if paid.kept_here && paid.change == Cents(3000))
        });
        let till = till.restarted_alone();
        // What was paid is not owed a second time, although the server does not know.
        assert_eq!(left(&till.state), Some((Cents(790), Cents(2000))));
        till
    });
    let mut till = selling.await;
    shop.served(move |_| {
        till.wait("the confirmation", |state| state.outbox.is_empty());
        till.wait("the new balance", |state| left(state) == Some((Cents(790), Cents::ZERO)));
    })
    .await;
    let ledger = shop.ledger();
    let paid: (i64, i64) = ledger
        .query_row(
            "SELECT count(*), sum(amount_cents) FROM account_movement WHERE method = 'cash'",
            (),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(paid, (1, -2000));
    verify::verify(&ledger, &mut |_| ()).unwrap();
}
