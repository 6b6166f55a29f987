//! Working without the server: let in by the till, goods from memory, and back to the server by itself.

use std::sync::Arc;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Event, FormInput, Input};
use tillwatch_register::samples::{NOW, happened, kept, problem, take, waiting};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::held::Moved;
use tillwatch_register::state::offline::{Known, Memory};
use tillwatch_register::state::{Kept, Screen};
use tillwatch_register::{State, samples, update};
use tillwatch_shared::api::{PaymentMethod, Person, Product, Role, Session, Store};
use tillwatch_shared::time::{DAY, SECOND};
use tillwatch_shared::{CommandId, PersonId, Quantity, SessionId};

use crate::till::{balance, enter, typed};

pub fn known(store: &Store) -> Known {
    let person = Person {
        id: PersonId::now(),
        username: "maria".to_owned(),
        name: "Maria das Dores".to_owned(),
        role: Role::Seller,
        cpf_masked: None,
        has_pin: false,
        stores: vec![store.id],
        active: true,
        created_at: NOW,
    };
    Known { person, stores: vec![store.clone()], until: NOW.plus(30 * DAY), mandate_until: None }
}

pub fn goods(store: &Store) -> Memory {
    let items = samples::products().into_iter().map(|product| (product, Some(Quantity(7000)), 0)).collect();
    Memory { store: store.id, whole: true, heard_at: Some(NOW), place: None, items }
}

/// The machine starts, the server is silent, and Maria signs in.
pub fn started(kept: Kept, known: &Known) -> State {
    let mut state = State::new(Settings::default(), None, "test".to_owned(), kept, NOW);
    take(&mut state, Input::Start);
    happened(&mut state, Event::SignIn(tillwatch_desk::sign_in::Event::Server(Err(Failure::Unreachable))));
    happened(&mut state, Event::SignedInHere(Box::new(known.clone())));
    state
}

pub fn session(known: &Known) -> Arc<Session> {
    Arc::new(Session {
        id: SessionId::now(),
        access_token: "access".to_owned(),
        access_expires_at: NOW.plus(900 * SECOND),
        refresh_token: "refresh".to_owned(),
        refresh_expires_at: NOW.plus(DAY),
        person: known.person.clone(),
        stores: known.stores.clone(),
        mandate: None,
    })
}

fn tick(state: &mut State, seconds: i64) -> Vec<Effect> {
    update(state, Input::Tick, Moment { at: NOW.plus(seconds * SECOND), fresh: CommandId::now() })
}

fn asks_the_server(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| {
        matches!(
            effect,
            Effect::Send(_) | Effect::Load { .. } | Effect::Follow { .. } | Effect::Pulse(Some(_))
        )
    })
}

#[test]
fn balances_have_an_age_while_the_server_is_away() {
    let mut state = samples::till(Settings::default());
    assert_eq!(state.stock_age_micros(), None, "what is followed is of now");
    state.connection.silent(NOW);
    tick(&mut state, 720);
    assert_eq!(state.stock_age_micros(), Some(720 * SECOND));
    // After a start without the server it is that of the memory.
    let store = samples::store("Loja Centro");
    let memory = Memory { heard_at: Some(NOW.plus(-DAY)), ..goods(&store) };
    let mut state = started(Kept { goods: Some(memory), ..Kept::default() }, &known(&store));
    state.connection.silent(NOW);
    assert_eq!(state.stock_age_micros(), Some(DAY));
}

#[test]
fn a_till_that_starts_without_the_server_sells_what_it_remembers() {
    let store = samples::store("Loja Centro");
    let known = known(&store);
    let mut state = started(Kept { goods: Some(goods(&store)), ..Kept::default() }, &known);
    assert_eq!(state.screen, Screen::Till, "the only store is chosen");
    assert!(state.connection.is_offline());
    enter(&mut state, "7891000315507");
    assert_eq!(state.cart.lines().len(), 1);
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Submit);
    assert!(!asks_the_server(&kept(&mut state)));
    assert!(state.confirmation.is_some() && state.cart.is_empty());
    assert!(!asks_the_server(&tick(&mut state, 1)), "there is no session to ask with");
    assert!(!asks_the_server(&take(&mut state, Input::Reload)));
}

#[test]
fn another_stores_balances_are_not_shown() {
    let store = samples::store("Loja Centro");
    let other = samples::store("Loja Norte");
    let goods = goods(&other);
    let product = goods.items[0].0.id;
    let state = started(Kept { goods: Some(goods), ..Kept::default() }, &known(&store));
    assert_eq!(state.catalogue.get(product).unwrap().balance, None, "its price is known, its balance is not");
}

#[test]
fn the_server_is_asked_every_five_seconds_and_takes_over() {
    let store = samples::store("Loja Centro");
    let known = known(&store);
    let mut state = started(Kept { goods: Some(goods(&store)), ..Kept::default() }, &known);
    let reconnects = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Reconnect(_)));
    assert!(!reconnects(&tick(&mut state, 4)));
    assert!(reconnects(&tick(&mut state, 5)));
    assert!(!reconnects(&tick(&mut state, 6)), "one at a time");
    happened(&mut state, Event::Reconnected(Err(Failure::TimedOut)));
    assert_eq!(state.screen, Screen::Till, "silence changes nothing");
    enter(&mut state, "7891000315507");
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Submit);
    kept(&mut state);
    let sale = waiting(&state);
    enter(&mut state, "7896036090244");
    let effects = happened(&mut state, Event::Reconnected(Ok(session(&known))));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Load { .. })), "the goods anew");
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Send(parcels) if parcels[0].command == sale)),
        "what was kept is sent"
    );
    assert_eq!(state.cart.lines().len(), 1, "the cart stays");
}

#[test]
fn a_person_whom_the_server_no_longer_lets_in_has_to_sign_in_again() {
    let store = samples::store("Loja Centro");
    let known = known(&store);
    let mut state = started(Kept::default(), &known);
    let refusal = problem(401, "wrong_credentials", "Usuário ou senha incorretos.", "");
    happened(&mut state, Event::Reconnected(Err(refusal)));
    assert_eq!((state.screen, state.offline.signed_in_here), (Screen::SignIn, None));
}

#[test]
fn a_person_unseen_by_the_server_for_too_long_is_not_let_in() {
    let store = samples::store("Loja Centro");
    let known = Known { until: NOW.plus(-1), ..known(&store) };
    let state = started(Kept::default(), &known);
    assert_eq!(state.screen, Screen::SignIn);
    assert!(state.toasts.texts().any(|text| text.contains("30 dias")));
}

#[test]
fn a_session_that_comes_after_the_person_has_left_is_ended() {
    let store = samples::store("Loja Centro");
    let known = known(&store);
    let mut state = started(Kept::default(), &known);
    take(&mut state, Input::SignOut);
    let effects = happened(&mut state, Event::Reconnected(Ok(session(&known))));
    assert_eq!(effects, [Effect::SignIn(tillwatch_desk::sign_in::Effect::SignOut)]);
}

#[test]
fn a_new_product_is_sold_before_the_server_knows_it_and_after_a_restart() {
    let store = samples::store("Loja Centro");
    let known = known(&store);
    let mut state = started(Kept { goods: Some(goods(&store)), ..Kept::default() }, &known);
    take(&mut state, Input::OpenProduct);
    take(&mut state, typed(Part::Name, "Vinagre"));
    take(&mut state, Input::Form(FormInput::Text(Part::Code, "7891000000014".to_owned())));
    take(&mut state, typed(Part::Price, "3,50"));
    take(&mut state, Input::Submit);
    kept(&mut state);
    let id = tillwatch_shared::ProductId(waiting(&state).0);
    enter(&mut state, "7891000000014");
    assert_eq!(state.cart.lines().len(), 1);
    assert_eq!(state.catalogue.by_number(0), None, "a product without a number is not found by one");

    let parcels = state.outbox.parcels().to_vec();
    let mut state = started(Kept { parcels, goods: Some(goods(&store)), ..Kept::default() }, &known);
    enter(&mut state, "vinagre");
    assert_eq!(state.cart.lines().first().map(|line| line.product_id), Some(id));
    // The server's own version takes its place.
    let round = state.feed.round;
    let own = Product {
        id,
        ..samples::product(10, "Vinagre de maçã", "7891000000014", 350, tillwatch_shared::api::Unit::Un)
    };
    happened(&mut state, Event::Products { round, items: vec![own] });
    assert_eq!(state.catalogue.get(id).unwrap().product.number, 10);
    assert_eq!(balance(&state, id), Quantity::ZERO);
}

#[test]
fn what_is_there_to_sell_is_remembered_whole_at_first_and_then_what_changes() {
    let mut state = samples::till(Settings::default());
    let round = state.feed.round;
    let effects = happened(&mut state, Event::Loaded { round, after: 9, place: None });
    let Some(Effect::Remember(goods)) = effects.first() else { panic!("{effects:?}") };
    assert!(goods.whole && goods.items.len() == samples::products().len());
    let round = state.feed.round;
    assert_eq!(happened(&mut state, samples::changes(round, 10, Vec::new())), []);
}

/// The balance that the list shows.
fn shown(state: &State, product: tillwatch_shared::ProductId) -> Option<Quantity> {
    Moved::of(state).apply(state.catalogue.get(product).unwrap()).balance
}

#[test]
fn balances_follow_what_this_till_does_while_the_server_is_away() {
    let store = samples::store("Loja Centro");
    let known = known(&store);
    let goods = Some(goods(&store));
    let mut state = started(Kept { goods: goods.clone(), ..Kept::default() }, &known);
    let rice = state.catalogue.by_code("7891000315507").unwrap().product.id;
    assert_eq!(shown(&state, rice), Some(Quantity(7000)));
    enter(&mut state, "2*7891000315507");
    assert_eq!(shown(&state, rice), Some(Quantity(7000)), "what is in the cart is still in the store");
    take(&mut state, Input::OpenPay);
    take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    take(&mut state, Input::Submit);
    let sale = waiting(&state);
    kept(&mut state);
    assert_eq!(shown(&state, rice), Some(Quantity(5000)));
    assert_eq!(
        state.catalogue.get(rice).unwrap().balance,
        Some(Quantity(7000)),
        "the server's word stays apart"
    );
    // After a restart as well; what the server refuses did not leave the store.
    let parcels = state.outbox.parcels().to_vec();
    let mut state = started(Kept { parcels, goods, ..Kept::default() }, &known);
    assert_eq!(shown(&state, rice), Some(Quantity(5000)));
    let refusal = problem(409, "price_changed", "O preço mudou.", "");
    happened(&mut state, Event::Sent { command: sale, answer: Err(refusal) });
    assert_eq!(shown(&state, rice), Some(Quantity(7000)));
}
