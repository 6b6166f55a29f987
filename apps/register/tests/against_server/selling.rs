//! Selling: from the first product on, without the server, with a discount that somebody allowed.

use tillwatch_register::input::Input;
use tillwatch_register::state::carts::{CartDialog, CartInput, Field};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::pulse::Beating;
use tillwatch_register::state::{Dialog, Screen};
use tillwatch_register::till_file::TillFile;
use tillwatch_shared::{Cents, Quantity};

use crate::till::{Shop, Till, alone, balance};

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_product_to_the_first_sale_seen_at_two_tills() {
    let mut shop = Shop::new();
    shop.served(|address| {
        let mut first = Till::new(address);
        first.sign_up("admin");
        assert!(!first.state.catalogue.is_empty(), "the demonstration has products");
        assert!(
            first
                .state
                .catalogue
                .search("")
                .iter()
                .all(|id| { first.state.catalogue.get(*id).is_some_and(|item| item.balance.is_some()) })
        );
        let mut second = Till::new(address);
        second.sign_in("admin");

        // Both tills have the same name: the second one has the pulse, the first one says so.
        second.wait("the pulse", |state| {
            state.pulse.beat.beating == Beating::Online && state.pulse.beat.round_trip_micros.is_some()
        });
        second.wait("telling about itself", |state| state.pulse.told.is_some());
        let about = second.known_at_the_server();
        assert_eq!((about.version.as_str(), about.unsent), (env!("CARGO_PKG_VERSION"), Some(0)));
        assert_eq!((about.refused, about.unsent_since), (Some(0), None));
        // The machine's time, and the server's in this test.
        assert!(about.clock_is_wrong(), "{about:?}");
        first.wait("the other's pulse", |state| state.pulse.beat.beating == Beating::TakenOver);

        first.act(Input::OpenProduct);
        first.typed(Part::Name, "Parafuso 10mm");
        first.typed(Part::Price, "0,25");
        first.act(Input::Submit);
        first.wait("the product", |state| state.dialog.is_none() && state.outbox.is_empty());
        first.act(Input::OpenEntry);
        first.typed(Part::Quantity, "50");
        first.act(Input::Submit);
        first.wait("the entry", |state| state.outbox.is_empty());
        assert_eq!(balance(&first.state, "Parafuso 10mm"), Some(Quantity(50_000)));

        first.add("3*parafuso 10");
        first.pay();
        first.wait("the sale", |state| state.confirmation.is_some());
        assert!(first.state.cart.is_empty());
        first.wait("its movement", |state| balance(state, "parafuso") == Some(Quantity(47_000)));
        second
            .wait("the other till's movement", |state| balance(state, "parafuso") == Some(Quantity(47_000)));

        // The same name again is refused in words, and the form stays.
        second.act(Input::OpenProduct);
        second.typed(Part::Name, "PARAFUSO 10MM");
        second.act(Input::Submit);
        second.wait("the refusal", |state| state.outbox.is_empty());
        assert!(second.state.dialog.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_while_the_server_is_gone_outlive_the_till_and_are_counted_once() {
    let mut shop = Shop::new();
    let mut till = shop.left_alone().await;
    let rice = balance(&till.state, "arroz").unwrap();
    let selling = alone(move || {
        till.add("2*arroz");
        till.pay();
        till.wait("the sale on the disk", |state| state.confirmation.is_some());
        till.wait("the silence", |state| state.connection.is_offline());
        assert!(till.state.cart.is_empty(), "the next customer can be served");
        till.add("arroz");
        till.pay();
        till.wait("the second sale on the disk", |state| state.cart.is_empty());
        assert_eq!(till.state.outbox.unsent(), 2);

        // The machine starts again, and the server is still gone.
        let mut till = till.restarted();
        till.wait("the silence", |state| state.sign_in.server.failure().is_some());
        till.words("admin", "12345");
        till.wait("the refusal", |state| state.sign_in.failure.is_some());
        till.words("admin", "1234");
        till.wait("the stores", |state| state.screen == Screen::ChooseStore);
        till.act(Input::ChooseStore(0));
        till.add("arroz");
        till.pay();
        till.wait("the third sale on the disk", |state| state.cart.is_empty());
        assert_eq!(till.state.outbox.unsent(), 3);
        till
    });
    let mut till = selling.await;
    shop.served(move |address| {
        till.wait("the confirmation", |state| state.outbox.is_empty());
        let left = Quantity(rice.0 - 4000);
        till.wait("the movement", |state| balance(state, "arroz") == Some(left));
        // Once: another register that reads the balance afresh sees the same.
        let mut other = Till::new(address);
        other.sign_in("admin");
        assert_eq!(balance(&other.state, "arroz"), Some(left));
        till.wait("the link", |state| !state.connection.is_offline());
        let folder = till.die();
        assert_eq!(TillFile::open(folder.path()).unwrap().parcels().unwrap(), [], "and the disk knows");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_allows_a_discount_and_an_open_sale_outlives_the_till() {
    let mut shop = Shop::new();
    let selling = shop.served(|address| {
        let mut till = Till::new(address);
        till.sign_in("ana");
        till.add("2*arroz");
        till.act(Input::Cart(CartInput::OpenCustomer));
        till.in_cart(Field::Customer, "52998224725");
        till.act(Input::Submit);
        till.act(Input::Cart(CartInput::OpenDiscount));
        till.in_cart(Field::Discount, "25");
        till.act(Input::Submit);
        // Somebody who may not, and somebody who may.
        for (name, done) in [("bruno", false), ("56789012345", true)] {
            till.in_cart(Field::Username, name);
            till.in_cart(Field::Password, "1234");
            till.act(Input::Submit);
            till.wait("the answer", |state| match &state.dialog {
                Some(Dialog::Cart(CartDialog::Approval(form))) => form.refusal.is_some() && !done,
                Some(_) => false,
                None => done,
            });
        }
        let open = till.state.cart.basket().clone();
        assert!(open.allowed.is_some() && open.discounts() > Cents::ZERO);

        // The machine dies in the middle of the sale: all of it is there again, also what was allowed.
        till.on_disk("the cart", |file| file.carts().unwrap().iter().any(|cart| cart.basket == open));
        let mut till = till.restarted();
        till.sign_in("ana");
        assert_eq!(till.state.cart.basket(), &open);
        till.pay();
        till.wait("the sale", |state| state.outbox.is_empty() && state.confirmation.is_some());
        let folder = till.die();
        assert_eq!(TillFile::open(folder.path()).unwrap().carts().unwrap(), [], "the sale has taken it out");
        open
    });
    let sold = selling.await;
    let row: (i64, i64, String, String) = shop
        .ledger()
        .query_row(
            "SELECT total_cents, discount_cents, customer, person.name
             FROM sale JOIN person ON person.id = approver WHERE sale.uid = ?1",
            [sold.sale.unwrap().0.as_bytes()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    let (customer, lucas) = ("52998224725".to_owned(), "Lucas Almeida".to_owned());
    assert_eq!(row, (sold.total().0, sold.discount_cents().0, customer, lucas));
}
