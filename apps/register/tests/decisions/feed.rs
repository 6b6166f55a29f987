//! What the server's feed changes in the catalogue, and when it is asked.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::samples::{NOW, changes, happened};
use tillwatch_register::state::offline::{Memory, Place};
use tillwatch_register::state::{Kept, Screen};
use tillwatch_register::{State, samples, update};
use tillwatch_shared::api::{
    Change, Event as ChangeEvent, NewStockEntry, Product, Sale, SaleLine, StockEntryKind, Store, Unit,
};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{Cents, CommandId, Quantity, SaleId, StoreId};

use crate::offline::{goods, known, started};
use crate::till::{balance, entry_of, shop};

fn change(store_id: StoreId, seq: i64, event: ChangeEvent) -> Change {
    Change {
        seq,
        command_id: CommandId::now(),
        actor_id: None,
        store_id: Some(store_id),
        client_at: NOW,
        server_at: NOW,
        event,
    }
}

fn sale_of(state: &State, product: &Product, thousandths: i64) -> Sale {
    let total = product.price_cents.times(Quantity(thousandths)).unwrap();
    Sale {
        id: SaleId::now(),
        number: 1,
        store_id: state.store.as_ref().unwrap().id,
        store_name: String::new(),
        person_id: state.person.as_ref().unwrap().id,
        person_name: String::new(),
        till: None,
        lines: vec![SaleLine {
            product_id: product.id,
            product_name: product.name.clone(),
            quantity_thousandths: Quantity(thousandths),
            unit_price_cents: product.price_cents,
            discount_cents: Cents::ZERO,
            total_cents: total,
            share_cents: Cents::ZERO,
            lots: Vec::new(),
            counted_since: false,
        }],
        payments: Vec::new(),
        total_cents: total,
        change_cents: Cents::ZERO,
        discount_cents: Cents::ZERO,
        approved_by: None,
        approved_by_name: None,
        customer_cpf: None,
        customer_cpf_masked: None,
        business_day: "2026-12-31".to_owned(),
        sold_at: NOW,
        received_at: NOW,
        returned: None,
        cash_session: None,
        customer_name: None,
    }
}

#[test]
fn the_feed_keeps_products_and_balances_current() {
    let mut state = shop();
    let (round, store_id) = (state.feed.round, state.store.as_ref().unwrap().id);
    let item = state.catalogue.by_code("7891000315507").unwrap().product.clone();
    let renamed = Product { name: "Arroz integral 5 kg".to_owned(), changed_at: NOW.plus(1), ..item.clone() };
    let sale = sale_of(&state, &item, 2000);
    let elsewhere = Sale { store_id: StoreId::now(), ..sale.clone() };
    let events = vec![
        change(store_id, 8, ChangeEvent::ProductChanged(renamed)),
        change(store_id, 9, ChangeEvent::SaleRecorded(sale)),
        change(store_id, 10, ChangeEvent::SaleRecorded(elsewhere)),
    ];
    happened(&mut state, changes(round, 10, events));
    assert_eq!(state.feed.after, Some(10));
    assert_eq!(balance(&state, item.id), Quantity(29_000), "only this store's sale counts");
    assert_eq!(state.catalogue.get(item.id).unwrap().product.name, "Arroz integral 5 kg");
    happened(&mut state, changes(round - 1, 99, Vec::new()));
    assert_eq!(state.feed.after, Some(10), "answers to an abandoned question are ignored");
}

/// A load reads the balances after it has noted from where to follow: what moved in between is told twice.
#[test]
fn what_a_loaded_balance_has_in_it_does_not_move_it_again() {
    let mut state = shop();
    let (round, store_id) = (state.feed.round, state.store.as_ref().unwrap().id);
    let item = state.catalogue.by_code("7891000315507").unwrap().product.clone();
    let order = NewStockEntry {
        kind: StockEntryKind::Receive,
        store_id,
        product_id: item.id,
        quantity_thousandths: Quantity(5_000),
        reason: None,
        lot: None,
        recorded_at: None,
    };
    let sale = || ChangeEvent::SaleRecorded(sale_of(&state, &item, 2000));
    let told = [sale(), ChangeEvent::StockEntered(entry_of(&state, &order, 40_000)), sale(), sale()];
    let told: Vec<Change> = (5..).zip(told).map(|(seq, event)| change(store_id, seq, event)).collect();
    happened(&mut state, changes(round, 7, told[..3].to_vec()));
    assert_eq!(balance(&state, item.id), Quantity(31_000), "as it was loaded, at 7");
    happened(&mut state, changes(round, 8, told));
    assert_eq!(balance(&state, item.id), Quantity(29_000), "the last one is new");
}

#[test]
fn goods_of_a_product_that_is_new_in_the_same_answer_are_counted() {
    let mut state = shop();
    let (round, store_id) = (state.feed.round, state.store.as_ref().unwrap().id);
    let product = samples::product(77, "Prego 12mm", "", 10, Unit::Un);
    let order = NewStockEntry {
        kind: StockEntryKind::Receive,
        store_id,
        product_id: product.id,
        quantity_thousandths: Quantity(50_000),
        reason: None,
        lot: None,
        recorded_at: None,
    };
    let events = [
        ChangeEvent::ProductAdded(product.clone()),
        ChangeEvent::StockEntered(entry_of(&state, &order, 50_000)),
        ChangeEvent::SaleRecorded(sale_of(&state, &product, 3000)),
    ];
    let changed = (8..).zip(events).map(|(seq, event)| change(store_id, seq, event)).collect();
    happened(&mut state, changes(round, 10, changed));
    assert_eq!(balance(&state, product.id), Quantity(47_000));
}

#[test]
fn a_catalogue_that_did_not_come_is_asked_for_again_and_silence_keeps_the_old_one() {
    let mut state = shop();
    let later = |seconds: i64| tillwatch_desk::clock::Moment {
        at: NOW.plus(seconds * SECOND),
        fresh: CommandId::now(),
    };
    let loads = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Load { .. }));
    let round = state.feed.round;
    let silence = Event::Changes { round, answer: Err(Failure::Unreachable), round_trip_micros: 0 };
    update(&mut state, Input::Happened(Box::new(silence)), later(1));
    assert!(state.connection.is_offline() && !state.catalogue.is_empty());
    assert!(!loads(&update(&mut state, Input::Tick, later(60))), "what is there is not loaded again");

    let mut state = samples::load_failed(Settings::default());
    assert!(!loads(&update(&mut state, Input::Tick, later(1))));
    assert!(loads(&update(&mut state, Input::Tick, later(5))));
    assert!(!loads(&update(&mut state, Input::Tick, later(11))), "one at a time");

    let mut state = samples::load_failed(Settings::default());
    assert!(
        loads(&update(&mut state, Input::Tick, later(-3600))),
        "a clock that was set back does not hold it up"
    );
}

#[test]
fn an_idle_window_sleeps_for_most_of_a_minute() {
    let mut state = shop();
    state.toasts = tillwatch_desk::toasts::Toasts::default();
    assert!(state.next_wake().since(state.now) > 30 * SECOND);
    let signed_out = samples::signed_out(Settings::default(), true);
    assert!(signed_out.next_wake().since(signed_out.now) > 30 * SECOND);
}

/// As it is remembered on the disk, at this place in the feed.
fn remembered(store: &Store, seq: i64) -> (Kept, Place) {
    let place = Place { store: store.id, seq, command: CommandId::now(), reached: seq + 5 };
    (Kept { goods: Some(Memory { place: Some(place), ..goods(store) }), ..Kept::default() }, place)
}

fn asked(effects: &[Effect]) -> (Option<Place>, bool, Option<i64>) {
    let resumed = effects
        .iter()
        .find_map(|effect| if let Effect::Resume { place, .. } = effect { Some(*place) } else { None });
    let follows = effects
        .iter()
        .find_map(|effect| if let Effect::Follow { after, .. } = effect { Some(*after) } else { None });
    (resumed, effects.iter().any(|effect| matches!(effect, Effect::Load { .. })), follows)
}

#[test]
fn a_start_goes_on_from_the_place_that_is_remembered() {
    let store = samples::store("Loja Centro");
    let (kept, place) = remembered(&store, 40);
    let mut state = State::new(Settings::default(), None, "test".to_owned(), kept, NOW);
    let effects = samples::sign_in_to(&mut state, vec![store.clone()]);
    assert_eq!(asked(&effects), (Some(place), false, None));
    assert_eq!((state.screen, state.catalogue.len()), (Screen::Till, samples::products().len()));
    let (round, rice) = (state.feed.round, state.catalogue.by_code("7891000315507").unwrap().product.clone());
    let effects = happened(&mut state, Event::Resumed { round, known: true });
    assert_eq!(asked(&effects), (None, false, Some(40)));

    // What is heard is on the disk with its place, in one go.
    let round = state.feed.round;
    let sold = change(store.id, 43, ChangeEvent::SaleRecorded(sale_of(&state, &rice, 2000)));
    let effects = happened(&mut state, changes(round, 44, vec![sold.clone()]));
    let Some(Effect::Remember(memory)) = effects.first() else { panic!("{effects:?}") };
    let next = Place { store: store.id, seq: 43, command: sold.command_id, reached: 44 };
    assert_eq!((memory.place, memory.whole), (Some(next), false));
    assert_eq!(memory.items[0].1, Some(Quantity(5000)));

    // Nobody else's store is known there, and another round is not this one.
    assert_eq!(happened(&mut state, Event::Resumed { round: round - 1, known: false }), []);
    let other = samples::store("Loja Norte");
    let effects = samples::sign_in_to(&mut state, vec![other]);
    assert_eq!(asked(&effects), (None, true, None));
    assert_eq!(state.offline.place, None);
}

#[test]
fn a_server_that_does_not_know_the_place_is_loaded_anew_and_one_that_is_silent_asked_again() {
    let store = samples::store("Loja Centro");
    let (kept, place) = remembered(&store, 40);
    let mut state = State::new(Settings::default(), None, "test".to_owned(), kept.clone(), NOW);
    samples::sign_in_to(&mut state, vec![store.clone()]);
    let round = state.feed.round;
    let effects = happened(&mut state, Event::Resumed { round, known: false });
    assert_eq!(asked(&effects), (None, true, None));
    assert_eq!(state.offline.place, None);

    let mut state = State::new(Settings::default(), None, "test".to_owned(), kept.clone(), NOW);
    samples::sign_in_to(&mut state, vec![store.clone()]);
    let round = state.feed.round;
    happened(&mut state, Event::LoadFailed { round, failure: Failure::TimedOut });
    let later = tillwatch_desk::clock::Moment { at: NOW.plus(6 * SECOND), fresh: CommandId::now() };
    assert_eq!(asked(&update(&mut state, Input::Tick, later)), (Some(place), false, None));

    // Without the server at first: when it is back only what has changed is asked for.
    let known = known(&store);
    let mut state = started(kept, &known);
    let effects = happened(&mut state, Event::Reconnected(Ok(crate::offline::session(&known))));
    assert_eq!(asked(&effects), (Some(place), false, None));
}

/// The balances of a load have changes in them that are told again behind its place.
#[test]
fn what_a_remembered_balance_has_in_it_does_not_move_it_again() {
    let store = samples::store("Loja Centro");
    let (mut kept, place) = remembered(&store, 40);
    for item in &mut kept.goods.as_mut().unwrap().items {
        item.2 = 42;
    }
    let mut state = State::new(Settings::default(), None, "test".to_owned(), kept, NOW);
    samples::sign_in_to(&mut state, vec![store.clone()]);
    let round = state.feed.round;
    happened(&mut state, Event::Resumed { round, known: true });
    assert_eq!(state.feed.after, Some(place.seq));
    let (round, rice) = (state.feed.round, state.catalogue.by_code("7891000315507").unwrap().product.clone());
    let sale = |seq| change(store.id, seq, ChangeEvent::SaleRecorded(sale_of(&state, &rice, 1000)));
    let told = [sale(41), sale(42), sale(43)];
    happened(&mut state, changes(round, 43, told.to_vec()));
    assert_eq!(balance(&state, rice.id), Quantity(6000), "the last one is new");
}
