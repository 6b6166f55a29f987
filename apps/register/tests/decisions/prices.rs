//! Price lists: what the store's day makes of them, and carts that keep what was shown.

use jiff::civil::Date;
use tillwatch_desk::clock::Moment;
use tillwatch_desk::settings::Settings;
use tillwatch_register::samples::{NOW, happened, take, till};
use tillwatch_register::{Event, Input, State, update};
use tillwatch_shared::api::{Event as Change, PaymentMethod, PriceList, PricePeriod, Product};
use tillwatch_shared::time::{HOUR, SECOND};
use tillwatch_shared::{Cents, CommandId, StoreId, UtcMicros};

use crate::till::{enter, sent_sale, shop};

/// The product with a price for 31/12/2026, which is today, in this store or in all.
fn promoted(state: &State, store: Option<StoreId>, price: i64) -> Product {
    let day = Date::constant(2026, 12, 31);
    let period = PricePeriod { price_cents: Cents(price), first_day: day, last_day: Some(day) };
    let mut product = state.catalogue.by_number(1).unwrap().product.clone();
    product.price_lists.push(PriceList { store_id: store, periods: vec![period] });
    product.changed_at = product.changed_at.plus(1);
    product
}

fn told(state: &mut State, product: Product) {
    let round = state.feed.round;
    happened(state, Event::Products { round, items: vec![product] });
}

fn at(state: &mut State, now: UtcMicros) {
    update(state, Input::Tick, Moment { at: now, fresh: CommandId::now() });
}

fn price(state: &State) -> Cents {
    state.price(&state.catalogue.by_number(1).unwrap().product)
}

#[test]
fn a_store_sells_at_its_own_list_then_at_that_of_all() {
    let mut state = shop();
    let store = state.store.as_ref().unwrap().id;
    for (lists, wanted) in [
        (vec![], 2790),
        (vec![(Some(StoreId::now()), 100)], 2790),
        (vec![(None, 2500)], 2500),
        (vec![(None, 2500), (Some(store), 2400)], 2400),
        (vec![(None, 2300), (Some(StoreId::now()), 100)], 2300),
    ] {
        let mut product = promoted(&state, None, 0);
        product.price_lists =
            lists.iter().flat_map(|(of, cents)| promoted(&shop(), *of, *cents).price_lists).collect();
        told(&mut state, product);
        enter(&mut state, "7891000315507");
        assert_eq!(state.cart.selected_line().unwrap().unit_price, Cents(wanted), "{lists:?}");
    }
}

#[test]
fn a_price_ends_with_the_stores_day_while_the_window_is_open_and_a_cart_keeps_it() {
    let mut state = shop();
    let product = promoted(&state, None, 2500);
    told(&mut state, product);
    // 21:05 in São Paulo is 00:05 in UTC: still the 31st.
    assert_eq!(price(&state), Cents(2500));
    enter(&mut state, "7891000315507");
    at(&mut state, NOW.plus(3 * HOUR - 6 * 60 * SECOND));
    assert_eq!(price(&state), Cents(2500), "23:59");
    at(&mut state, NOW.plus(3 * HOUR - 5 * 60 * SECOND));
    assert_eq!(price(&state), Cents(2790), "00:00");
    let later = NOW.plus(3 * HOUR);
    let mut then = |input| update(&mut state, input, Moment { at: later, fresh: CommandId::now() });
    then(Input::Search("7891000315507".to_owned()));
    then(Input::EnterLine);
    then(Input::OpenPay);
    then(Input::PayMethod(PaymentMethod::Pix));
    let (_, sale) = sent_sale(&then(Input::Submit));
    let prices: Vec<Cents> = sale.lines.iter().map(|line| line.unit_price_cents).collect();
    assert_eq!(prices, [Cents(2500), Cents(2790)], "what was in the cart keeps its price");
}

#[test]
fn the_feed_brings_a_list_and_the_disk_keeps_it() {
    let mut state = till(Settings::default());
    let before = state.cart.clone();
    let product = promoted(&state, None, 2500);
    let round = state.feed.round;
    let change = tillwatch_shared::api::Change {
        seq: 8,
        command_id: CommandId::now(),
        actor_id: None,
        store_id: None,
        client_at: NOW,
        server_at: NOW,
        event: Change::ProductChanged(product.clone()),
    };
    let effects = happened(&mut state, tillwatch_register::samples::changes(round, 8, vec![change]));
    let remembered = effects.iter().any(|effect| {
        matches!(effect, tillwatch_register::Effect::Remember(goods) if goods.items.iter().any(|(p, _, _)| *p == product))
    });
    assert!(remembered, "{effects:?}");
    assert_eq!((price(&state), &state.cart), (Cents(2500), &before));
    let read: Product = serde_json::from_str(&serde_json::to_string(&product).unwrap()).unwrap();
    assert_eq!(read, product);
    take(&mut state, Input::Tick);
}
