//! Who works at the till: the lock, changing the person, and in whose name things are sent.

use std::sync::Arc;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::sign_in;
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::samples::{NOW, happened, kept, problem, sign_in_to, take, waiting};
use tillwatch_register::state::offline::Known;
use tillwatch_register::state::outbox::{Parcel, Stage};
use tillwatch_register::state::people::{
    Barrier, Identity, NotLetIn, PeopleEffect, PeopleEvent, PeopleInput,
};
use tillwatch_register::state::{Kept, Screen};
use tillwatch_register::{State, samples, update};
use tillwatch_shared::api::{PaymentMethod, Session, Store, TillMandate};
use tillwatch_shared::time::{DAY, MINUTE, SECOND};
use tillwatch_shared::{CommandId, PersonId, TillId, UtcMicros};

use crate::offline::{goods, known, session, started};
use crate::till::enter;

fn tick(state: &mut State, at: UtcMicros) -> Vec<Effect> {
    update(state, Input::Tick, Moment { at, fresh: CommandId::now() })
}

fn person(name: &str, store: &Store) -> Known {
    let mut known = known(store);
    known.person.username = name.to_lowercase();
    name.clone_into(&mut known.person.name);
    known.mandate_until = Some(NOW.plus(30 * DAY));
    known
}

fn sell(state: &mut State) -> CommandId {
    enter(state, "7891000315507");
    take(state, Input::OpenPay);
    take(state, Input::PayMethod(PaymentMethod::Cash));
    take(state, Input::Submit);
    let command = waiting(state);
    kept(state);
    command
}

/// A till that knows Ana and Bia; Bia is there, and the server is away.
fn two() -> (State, Known, Known, Store) {
    let store = samples::store("Loja Centro");
    let (ana, bia) = (person("Ana", &store), person("Bia", &store));
    let identity = Some(Identity { id: TillId::now(), key: "till_0123456789012345678901234567".to_owned() });
    let people = vec![bia.clone(), ana.clone()];
    let kept = Kept { goods: Some(goods(&store)), identity, people, ..Kept::default() };
    let state = started(kept, &bia);
    (state, ana, bia, store)
}

fn unlock(state: &mut State, row: usize, secret: &str) -> Vec<Effect> {
    take(state, Input::People(PeopleInput::Choose(row)));
    take(state, Input::People(PeopleInput::Secret(secret.to_owned())));
    take(state, Input::People(PeopleInput::Unlock))
}

fn asked(state: &State) -> CommandId {
    state.people.lock.as_ref().unwrap().waiting.unwrap()
}

fn errands(effects: &[Effect]) -> Vec<(CommandId, PersonId)> {
    let mut sent = Vec::new();
    for effect in effects {
        if let Effect::Send(errands) = effect {
            sent.extend(errands.iter().map(|errand| (errand.command, errand.person)));
        }
    }
    sent
}

#[test]
fn the_next_person_unlocks_without_the_server_and_the_cart_goes_on() {
    let (mut state, ana, bia, _) = two();
    enter(&mut state, "7891000315507");
    take(&mut state, Input::People(PeopleInput::Lock));
    let lock = state.people.lock.clone().unwrap();
    assert_eq!(state.people.known()[lock.chosen].person.id, bia.person.id, "who is there is offered first");
    let effects = unlock(&mut state, 0, "4821");
    let Some(Effect::People(PeopleEffect::Unlock { person, words, at_once, .. })) = effects.first() else {
        panic!("{effects:?}")
    };
    assert_eq!((*person, words.username.as_str(), *at_once), (ana.person.id, "ana", true));
    assert!(words.till.is_some(), "the till presents itself");
    assert_eq!(take(&mut state, Input::People(PeopleInput::Unlock)), [], "one try at a time");
    let known = Box::new(ana.clone());
    let command = asked(&state);
    happened(&mut state, Event::People(PeopleEvent::UnlockedHere { command, known }));
    assert_eq!((state.screen, state.people.lock.is_none()), (Screen::Till, true));
    assert_eq!(state.person.as_ref().unwrap().id, ana.person.id);
    assert_eq!(state.cart.lines().len(), 1, "the open sale is Ana's now");
    let sale = sell(&mut state);
    assert_eq!(state.outbox.get(sale).unwrap().person, ana.person.id);
}

#[test]
fn a_wrong_pin_says_so_and_stays_locked() {
    let (mut state, ..) = two();
    take(&mut state, Input::People(PeopleInput::Lock));
    for why in [NotLetIn::Wrong, NotLetIn::Wait { seconds: 8 }, NotLetIn::ServerOnly] {
        unlock(&mut state, 0, "1111");
        let command = asked(&state);
        happened(&mut state, Event::People(PeopleEvent::NotLetIn { command, why }));
        let lock = state.people.lock.as_ref().unwrap();
        assert_eq!((lock.barrier.clone(), lock.secret.as_str()), (Some(Barrier::Here(why)), ""));
    }
    unlock(&mut state, 0, "1111");
    let (command, refusal) = (asked(&state), problem(401, "wrong_credentials", "Não.", ""));
    happened(&mut state, Event::People(PeopleEvent::Unlocked { command, answer: Err(refusal.clone()) }));
    assert_eq!(state.people.lock.as_ref().unwrap().barrier, Some(Barrier::Server(refusal)));
    assert_eq!(state.screen, Screen::Till, "a wrong PIN ends nobody's session");
}

#[test]
fn an_answer_to_a_lock_of_before_opens_nothing() {
    let (mut state, ana, ..) = two();
    take(&mut state, Input::People(PeopleInput::Lock));
    unlock(&mut state, 0, "4821");
    let (command, known) = (CommandId::now(), Box::new(ana));
    happened(&mut state, Event::People(PeopleEvent::UnlockedHere { command, known }));
    assert!(state.people.lock.is_some());
}

#[test]
fn whoever_does_not_work_in_the_store_does_not_get_its_open_sale() {
    let (mut state, ana, ..) = two();
    enter(&mut state, "7891000315507");
    take(&mut state, Input::People(PeopleInput::Lock));
    let stores = vec![samples::store("Loja Norte")];
    for _ in 0..2 {
        unlock(&mut state, 0, "4821");
        let (command, known) = (asked(&state), Box::new(Known { stores: stores.clone(), ..ana.clone() }));
        happened(&mut state, Event::People(PeopleEvent::UnlockedHere { command, known }));
        assert_eq!(state.people.lock.as_ref().unwrap().barrier, Some(Barrier::OtherStore));
    }
    let mut elsewhere = Session::clone(&session(&ana));
    elsewhere.stores = stores;
    unlock(&mut state, 0, "4821");
    let (command, answer) = (asked(&state), Ok(Arc::new(elsewhere)));
    let effects = happened(&mut state, Event::People(PeopleEvent::Unlocked { command, answer }));
    assert_eq!(effects, [Effect::SignIn(sign_in::Effect::SignOut)], "nor does their session stay");
    assert_eq!(state.cart.lines().len(), 1);
}

#[test]
fn the_till_locks_itself_after_five_minutes_without_a_key() {
    let mut state = samples::till(Settings::default());
    let lines = state.cart.lines().len();
    tick(&mut state, NOW.plus(5 * MINUTE - SECOND));
    assert!(state.people.lock.is_none());
    update(&mut state, Input::MoveLine(1), Moment { at: NOW.plus(4 * MINUTE), fresh: CommandId::now() });
    tick(&mut state, NOW.plus(9 * MINUTE - SECOND));
    assert!(state.people.lock.is_none(), "a key counts anew");
    assert!(state.next_wake() <= NOW.plus(9 * MINUTE), "the window wakes for it");
    tick(&mut state, NOW.plus(9 * MINUTE));
    assert!(state.people.lock.is_some());
    assert_eq!(state.cart.lines().len(), lines, "the open sale stays");

    let mut state = samples::till(Settings::default());
    take(&mut state, Input::People(PeopleInput::LockAfter(0)));
    tick(&mut state, NOW.plus(DAY));
    assert!(state.people.lock.is_none(), "never means never");
    assert!(take(&mut state, Input::Tick).is_empty(), "and is noted in the settings once");
}

#[test]
fn somebody_whom_the_till_does_not_know_signs_in_from_the_lock() {
    let mut state = samples::till(Settings::default());
    let lines = state.cart.lines().len();
    take(&mut state, Input::People(PeopleInput::Lock));
    let effects = take(&mut state, Input::People(PeopleInput::SomebodyElse));
    assert_eq!((state.screen, state.people.lock.is_none()), (Screen::SignIn, true));
    assert!(effects.contains(&Effect::SignIn(sign_in::Effect::SignOut)));
    let store = state.store.clone().unwrap();
    sign_in_to(&mut state, vec![store]);
    assert_eq!((state.screen, state.cart.lines().len()), (Screen::Till, lines));
}

/// The outbox of a till with everybody's sales, and nobody there.
fn left_behind() -> (State, [Parcel; 3], [Known; 2]) {
    let (mut state, ana, bia, store) = two();
    let first = sell(&mut state);
    take(&mut state, Input::People(PeopleInput::Lock));
    unlock(&mut state, 0, "4821");
    let (command, known) = (asked(&state), Box::new(ana.clone()));
    happened(&mut state, Event::People(PeopleEvent::UnlockedHere { command, known }));
    let second = sell(&mut state);
    take(&mut state, Input::People(PeopleInput::Lock));
    unlock(&mut state, 1, "1379");
    let (command, known) = (asked(&state), Box::new(bia.clone()));
    happened(&mut state, Event::People(PeopleEvent::UnlockedHere { command, known }));
    let third = sell(&mut state);
    let parcels = [first, second, third].map(|command| state.outbox.get(command).unwrap().clone());
    let kept = Kept {
        parcels: parcels
            .iter()
            .map(|p| Parcel { stage: Stage::Waiting(None), tries: 0, ..p.clone() })
            .collect(),
        goods: Some(goods(&store)),
        identity: state.people.identity.clone(),
        people: vec![ana.clone(), bia.clone()],
        ..Kept::default()
    };
    let mut state = State::new(Settings::default(), None, "test".to_owned(), kept, NOW);
    take(&mut state, Input::Start);
    (state, parcels, [ana, bia])
}

#[test]
fn everybodys_work_is_sent_in_order_in_their_own_names_though_nobody_is_there() {
    let (mut state, parcels, [ana, bia]) = left_behind();
    let effects = tick(&mut state, NOW.plus(SECOND));
    let wanted: Vec<_> = parcels.iter().map(|parcel| (parcel.command, parcel.person)).collect();
    assert_eq!(errands(&effects), wanted);
    assert_eq!(parcels.map(|parcel| parcel.person), [bia.person.id, ana.person.id, bia.person.id]);
    assert_eq!(state.screen, Screen::SignIn);
}

#[test]
fn a_mandate_that_the_server_denies_holds_back_that_person_alone() {
    let (mut state, parcels, [ana, bia]) = left_behind();
    tick(&mut state, NOW.plus(SECOND));
    let denied = problem(403, "no_mandate", "Não pode.", "");
    let answer = Err(denied.clone());
    let effects = happened(&mut state, Event::Sent { command: parcels[0].command, answer });
    assert_eq!(effects, [Effect::People(PeopleEffect::EndMandate(bia.person.id))]);
    let stage = state.outbox.get(parcels[0].command).unwrap().stage.clone();
    assert_eq!(stage, Stage::Waiting(Some(denied)), "not a refusal: it waits for Bia");
    for parcel in &parcels[1..] {
        happened(&mut state, Event::Sent { command: parcel.command, answer: Err(Failure::TimedOut) });
    }
    happened(&mut state, Event::HeldBack(Vec::new()));
    let effects = tick(&mut state, NOW.plus(10 * SECOND));
    assert_eq!(errands(&effects), [(parcels[1].command, ana.person.id)], "Ana's goes on");
    // Bia signs in: hers go with her session, and the till speaks for her again.
    let mut again = Session::clone(&session(&bia));
    again.mandate = Some(TillMandate { till_id: TillId::now(), until: NOW.plus(DAY) });
    happened(&mut state, Event::Sent { command: parcels[1].command, answer: Err(Failure::TimedOut) });
    happened(&mut state, Event::HeldBack(Vec::new()));
    happened(&mut state, Event::SignIn(sign_in::Event::SignedIn(Ok(Arc::new(again)))));
    assert!(state.people.speaks_for(bia.person.id, NOW));
    let effects = tick(&mut state, NOW.plus(60 * SECOND));
    assert_eq!(errands(&effects).len(), 3, "{effects:?}");
}

#[test]
fn a_till_whose_key_is_refused_becomes_another_till() {
    let (mut state, parcels, [ana, bia]) = left_behind();
    tick(&mut state, NOW.plus(SECOND));
    let answer = Err(problem(401, "bad_till_key", "Chave.", ""));
    let effects = happened(&mut state, Event::Sent { command: parcels[0].command, answer });
    assert_eq!(effects, [Effect::People(PeopleEffect::Renew)]);
    assert!(!state.people.speaks_for(ana.person.id, NOW) && !state.people.speaks_for(bia.person.id, NOW));
    assert_eq!(state.screen, Screen::SignIn);
    let identity = Identity { id: TillId::now(), key: "till_another_another_another_another".to_owned() };
    happened(&mut state, Event::People(PeopleEvent::Renewed(identity.clone())));
    assert_eq!(state.people.identity, Some(identity));
    assert_eq!(state.outbox.unsent(), 3, "nothing is lost: it waits for people to sign in");
}

#[test]
fn a_mandate_runs_out_by_itself() {
    let (mut state, ..) = left_behind();
    assert_eq!(errands(&tick(&mut state, NOW.plus(31 * DAY))), []);
}

#[test]
fn a_clock_that_is_off_is_told() {
    let mut state = samples::till(Settings::default());
    let round = state.feed.round;
    assert_eq!(state.offline.clock_off(), None, "made-up answers come at the same time");
    for (seconds, told) in [(60, None), (61, Some(61)), (-60, None), (-3700, Some(-3700))] {
        let at = NOW.plus(seconds * SECOND + 6_000);
        let event = samples::changes(round, 7, Vec::new());
        update(&mut state, Input::Happened(Box::new(event)), Moment { at, fresh: CommandId::now() });
        assert_eq!(state.offline.clock_off(), told.map(|seconds: i64| seconds * SECOND), "{seconds}");
    }
}
