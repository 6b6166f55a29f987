//! A day without the server, and what the server has of it in the end.

use tillwatch_register::input::Input;
use tillwatch_register::state::Dialog;
use tillwatch_register::state::cash::{CashField, CashInput, CashPage};
use tillwatch_server::ledger::verify;
use tillwatch_shared::api::CashMovementKind;
use tillwatch_shared::{CommandId, Quantity};
use uuid::Uuid;

use crate::till::{Shop, Till, alone, balance};

/// Sales before and after the money is taken out.
const HALF: usize = 30;
const DAY: i64 = 2 * HALF as i64;

impl Till {
    fn cash(&mut self, page: CashPage, texts: &[(CashField, &str)]) {
        self.act(Input::Cash(CashInput::Open));
        self.act(Input::Cash(CashInput::Page(page)));
        for (field, text) in texts {
            self.act(Input::Cash(CashInput::Text(*field, (*text).to_owned())));
        }
        self.act(Input::Cash(CashInput::Submit));
        self.wait(
            "the drawer's record on the disk",
            |state| !matches!(&state.dialog, Some(Dialog::Cash(form)) if form.trouble.waiting.is_some()),
        );
        self.act(Input::Close);
    }

    fn sell_rice_often(&mut self, times: usize) {
        for _ in 0..times {
            self.add("arroz");
            self.pay();
            self.wait("the sale on the disk", |state| state.cart.is_empty());
        }
    }
}

/// Each command after the one that was made before it: sales, and the money taken out at noon between them.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_the_server_arrives_in_order_and_once() {
    let mut shop = Shop::new();
    let mut till = shop.left_alone().await;
    let rice = balance(&till.state, "arroz").unwrap();
    let selling = alone(move || {
        till.cash(CashPage::Open, &[(CashField::Float, "100")]);
        till.sell_rice_often(HALF);
        let out = CashPage::Move(CashMovementKind::Withdrawal);
        till.cash(out, &[(CashField::Amount, "50"), (CashField::Reason, "cofre")]);
        till.sell_rice_often(HALF);
        let till = till.restarted_alone();
        let made: Vec<_> = till.state.outbox.parcels().iter().map(|parcel| parcel.command).collect();
        assert_eq!((made.len(), till.state.outbox.unsent()), (2 * HALF + 2, 2 * HALF + 2));
        (till, made)
    });
    let (mut till, made) = selling.await;
    shop.served(move |_| {
        till.wait("the confirmation", |state| state.outbox.is_empty());
        let left = Quantity(rice.0 - 1000 * DAY);
        till.wait("the movements", |state| balance(state, "arroz") == Some(left));
    })
    .await;
    let ledger = shop.ledger();
    let of_the_day = |sql: &str| {
        let mut query = ledger.prepare(sql).unwrap();
        let rows = query.query_map((), |row| Ok((CommandId(Uuid::from_bytes(row.get(0)?)), row.get(1)?)));
        let rows: Vec<(CommandId, i64)> = rows.unwrap().map(Result::unwrap).collect();
        rows.into_iter().filter(|(command, _)| made.contains(command)).collect::<Vec<_>>()
    };
    let journal = of_the_day("SELECT command_id, seq FROM journal ORDER BY seq");
    let arrived: Vec<_> = journal.into_iter().map(|(command, _)| command).collect();
    assert_eq!(arrived, made);
    let sales = of_the_day("SELECT uid, total_cents FROM sale");
    assert_eq!((sales.len(), sales.iter().map(|(_, cents)| cents).sum()), (2 * HALF, 2790 * DAY));
    verify::verify(&ledger, &mut |_| ()).unwrap();
}
