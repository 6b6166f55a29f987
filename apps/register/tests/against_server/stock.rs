//! Counts and transfers.

use tillwatch_register::input::Input;
use tillwatch_register::state::stock::{StockInput, Task};
use tillwatch_shared::Quantity;
use tillwatch_shared::time::SECOND;

use crate::till::{Shop, Till, alone, balance};

/// Counted and packed while the server is away; a sale between counting and sending is no difference.
#[tokio::test(flavor = "multi_thread")]
async fn counts_and_transfers_without_the_server_come_out_right() {
    let mut shop = Shop::new();
    let mut till = shop.left_alone().await;
    let rice = balance(&till.state, "arroz").unwrap();
    let counting = alone(move || {
        let stock = |till: &mut Till, input: StockInput| till.act(Input::Stock(input));
        let scan = |till: &mut Till, line: String| {
            stock(till, StockInput::Text(line));
            till.act(Input::Submit);
        };
        // Two fewer than the books have.
        stock(&mut till, StockInput::Choose(Task::Count));
        scan(&mut till, format!("{}*arroz", rice.0 / 1000 - 2));
        till.act(Input::Close);
        till.now = till.now.plus(SECOND);
        till.add("3*arroz");
        till.pay();
        till.wait("the sale on the disk", |state| state.cart.is_empty());
        stock(&mut till, StockInput::Choose(Task::Count));
        stock(&mut till, StockInput::Finish);
        till.wait("the count on the disk", |state| state.outbox.unsent() == 2);
        till.wait("the silence", |state| state.connection.is_offline() && state.dialog.is_none());
        stock(&mut till, StockInput::Choose(Task::Send));
        scan(&mut till, "4*arroz".to_owned());
        stock(&mut till, StockInput::Finish);
        till.wait("the transfer on the disk", |state| state.outbox.unsent() == 3);
        till
    });
    let mut till = counting.await;
    shop.served(move |_| {
        till.wait("the confirmation", |state| state.outbox.is_empty());
        let left = Quantity(rice.0 - 2_000 - 3_000 - 4_000);
        till.wait("the balance", |state| balance(state, "arroz") == Some(left));
        till.wait("the transfer on its way", |state| {
            let store = state.store.as_ref().unwrap().id;
            state.stock.known(store).is_some_and(|known| known.open.len() == 1)
        });
    })
    .await;
}
