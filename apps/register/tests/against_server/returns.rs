//! Goods that come back.

use tillwatch_desk::failure::Failure;
use tillwatch_register::State;
use tillwatch_register::input::{Input, ReturnsInput};
use tillwatch_register::state::Dialog;
use tillwatch_server::ledger::verify;

use crate::till::{Shop, Till, alone, balance};

impl Till {
    /// Sells two of the rice, and tells the sale's number.
    fn sell_rice(&mut self) -> i64 {
        self.add("2*arroz");
        self.pay();
        self.wait("the sale", |state| state.confirmation.as_ref().is_some_and(|sale| sale.number.is_some()));
        self.state.confirmation.as_ref().and_then(|sale| sale.number).unwrap()
    }

    /// Everything of the sale with this number is about to come back.
    fn about_to_return(&mut self, number: i64) {
        self.act(Input::Returns(ReturnsInput::Open));
        self.act(Input::Returns(ReturnsInput::Wanted(number.to_string())));
        self.act(Input::Returns(ReturnsInput::Enter));
        self.wait(
            "the sale's lines",
            |state| matches!(&state.dialog, Some(Dialog::Return(form)) if !form.is_finding()),
        );
        self.act(Input::Returns(ReturnsInput::All));
        self.act(Input::Returns(ReturnsInput::Reason("troca".to_owned())));
    }
}

/// The refusal that stands in the form.
fn refused(state: &State) -> Option<String> {
    let Some(Dialog::Return(form)) = &state.dialog else { return None };
    match &form.trouble.failure {
        Some(Failure::Problem(problem, _)) => Some(problem.code.clone()),
        Some(_) | None => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tills_take_the_same_goods_back_and_one_of_them_does() {
    let mut shop = Shop::new();
    shop.served(|address| {
        let mut first = Till::new(address);
        first.sign_up("admin");
        let mut second = Till::new(address);
        second.sign_in("admin");
        let before = balance(&first.state, "arroz").unwrap();
        let number = first.sell_rice();
        // The second till has not made the sale: the server tells it.
        second.about_to_return(number);
        first.about_to_return(number);
        for till in [&mut first, &mut second] {
            till.act(Input::Returns(ReturnsInput::Submit));
        }
        for till in [&mut first, &mut second] {
            till.wait("the outcome", |state| state.outbox.is_empty());
        }
        let outcomes = [refused(&first.state), refused(&second.state)];
        let late = Some("return_began".to_owned());
        assert!(outcomes == [None, late.clone()] || outcomes == [late, None], "{outcomes:?}");
        for till in [&mut first, &mut second] {
            till.wait("the goods", |state| balance(state, "arroz") == Some(before));
        }
    })
    .await;
    let ledger = shop.ledger();
    verify::replay(&ledger, &mut |_| ()).unwrap();
    verify::verify(&ledger, &mut |_| ()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_while_the_server_is_gone_outlives_the_till_and_is_made_once() {
    let mut shop = Shop::new();
    let served = shop.served(|address| {
        let mut till = Till::new(address);
        till.sign_up("admin");
        let before = balance(&till.state, "arroz").unwrap();
        let number = till.sell_rice();
        till.wait("the till's record", |state| state.outbox.is_empty());
        (till, number, before)
    });
    let (mut till, number, before) = served.await;
    let returning = alone(move || {
        till.about_to_return(number);
        till.act(Input::Returns(ReturnsInput::Submit));
        till.wait("the return on the disk", |state| state.dialog.is_none());
        let mut till = till.restarted_alone();
        // The till knows what it has taken back: not once more.
        till.act(Input::Returns(ReturnsInput::Open));
        till.act(Input::Returns(ReturnsInput::Wanted(number.to_string())));
        till.act(Input::Returns(ReturnsInput::Enter));
        till.wait(
            "the refusal",
            |state| matches!(&state.dialog, Some(Dialog::Return(form)) if form.complaint.is_some()),
        );
        till.act(Input::Close);
        till
    });
    let mut till = returning.await;
    shop.served(move |_| {
        till.wait("the confirmation", |state| state.outbox.is_empty());
        till.wait("the goods", |state| balance(state, "arroz") == Some(before));
    })
    .await;
}
