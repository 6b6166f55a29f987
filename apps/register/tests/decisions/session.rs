//! Signing in and out, the store, preferences.

use tillwatch_desk::settings::{Preference, Settings};
use tillwatch_desk::{Lang, Theme, sign_in};
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::samples;
use tillwatch_register::samples::{happened, problem, take, till};
use tillwatch_register::state::Screen;

use crate::till::shop;

#[test]
fn an_ended_session_keeps_the_cart_and_the_outbox() {
    let mut state = till(Settings::default());
    let (round, lines) = (state.feed.round, state.cart.lines().to_vec());
    let ended = problem(401, "session_ended", "A sessão foi encerrada.", "Entre de novo.");
    happened(&mut state, Event::Changes { round, answer: Err(ended), round_trip_micros: 1000 });
    assert_eq!(state.screen, Screen::SignIn);
    let stores = state.stores.clone();
    samples::sign_in_to(&mut state, stores);
    assert_eq!(state.screen, Screen::Till);
    assert_eq!(state.cart.lines(), lines);
}

#[test]
fn signing_out_waits_for_open_work() {
    let mut state = till(Settings::default());
    take(&mut state, Input::SignOut);
    assert_eq!(state.screen, Screen::Till);
    let mut state = shop();
    let effects = take(&mut state, Input::SignOut);
    assert_eq!(state.screen, Screen::SignIn);
    assert!(effects.contains(&Effect::SignIn(sign_in::Effect::SignOut)));
}

#[test]
fn the_remembered_store_is_taken_without_asking() {
    let mut state = samples::choosing(Settings::default());
    assert_eq!(state.screen, Screen::ChooseStore);
    take(&mut state, Input::StoreRow(1));
    let effects = take(&mut state, Input::ChooseStore(1));
    assert!(matches!(effects.as_slice(), [Effect::Load { .. }]));
    let (settings, stores) = (state.settings.clone(), state.stores.clone());
    let mut next = samples::signed_out(settings, true);
    samples::sign_in_to(&mut next, stores);
    assert_eq!(next.screen, Screen::Till);
    assert_eq!(next.store, state.store);
}

#[test]
fn preferences_change_while_running_and_are_saved() {
    let mut state = shop();
    take(&mut state, Input::Tick);
    let effects = take(&mut state, Input::Prefer(Preference::Lang(Lang::En)));
    assert_eq!(effects, [Effect::SignIn(sign_in::Effect::Speak(Lang::En))]);
    take(&mut state, Input::Prefer(Preference::Theme(Theme::Dark)));
    take(&mut state, Input::Prefer(Preference::ZoomIn));
    assert_eq!((state.lang(), state.theme(), state.settings.zoom), (Lang::En, Theme::Dark, 110));
    assert!(take(&mut state, Input::Tick).contains(&Effect::SaveSettings));
    assert!(!take(&mut state, Input::Tick).contains(&Effect::SaveSettings));
}
