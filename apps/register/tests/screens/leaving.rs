//! What is not yet sent: counted on every screen, and told before the window closes, over whatever is open.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::Lang;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Input};
use tillwatch_register::samples;
use tillwatch_register::state::people::PeopleInput;
use tillwatch_register::state::{Dialog, Screen};

use crate::{click, desk, key, write};

const BOTH: &str = "1 recusado · 3 por enviar";

#[test]
fn one_refused_does_not_hide_those_that_wait() {
    let state = samples::refused::unsettled(Settings::default());
    assert_eq!((state.outbox.rejected(), state.outbox.unsent()), (1, 3));
    desk(state.clone()).get_by_role_and_label(Role::Button, BOTH);

    let mut choosing = state.clone();
    samples::take(&mut choosing, Input::ChangeStore);
    assert_eq!(choosing.screen, Screen::ChooseStore);
    desk(choosing).get_by_label_contains(BOTH);

    let mut locked = state.clone();
    samples::take(&mut locked, Input::People(PeopleInput::Lock));
    desk(locked).get_by_label_contains(BOTH);

    let mut signed_out = state;
    samples::take(&mut signed_out, Input::SignOut);
    assert_eq!(signed_out.screen, Screen::SignIn);
    desk(signed_out.clone()).get_by_label_contains(BOTH);
    samples::take(&mut signed_out, Input::Prefer(tillwatch_desk::settings::Preference::Lang(Lang::En)));
    desk(signed_out).get_by_label_contains("1 refused · 3 to send");
}

#[test]
fn nothing_is_counted_where_everything_is_sent() {
    let harness = desk(samples::signed_out(Settings::default(), true));
    assert!(harness.query_by_label_contains("por enviar").is_none());
    assert!(harness.query_by_label_contains("recusado").is_none());
}

#[test]
fn a_locked_till_says_before_it_closes_what_is_not_sent() {
    let mut state = samples::refused::unsettled(Settings::default());
    samples::take(&mut state, Input::People(PeopleInput::Lock));
    let mut harness = desk(state);
    assert!(harness.get_by_role_and_label(Role::PasswordInput, "PIN ou senha").is_focused());
    samples::take(&mut harness.state_mut().state, Input::AskClose);
    harness.run_steps(3);
    harness.get_by_label("Fechar com envios pendentes?");
    harness.get_by_label_contains("3 ainda por enviar");
    harness.get_by_label_contains("1 recusado pelo servidor");
    write(&mut harness, "4821");
    key(&mut harness, Key::Enter);
    let lock = harness.state().state.people.lock.clone().unwrap();
    assert_eq!((lock.secret.as_str(), lock.waiting), ("", None), "nothing is typed below the question");

    click(&mut harness, "Ficar e esperar");
    assert!(harness.query_by_label("Fechar com envios pendentes?").is_none());
    harness.get_by_label_contains("Caixa bloqueado");
    assert!(harness.get_by_role_and_label(Role::PasswordInput, "PIN ou senha").is_focused());

    samples::take(&mut harness.state_mut().state, Input::AskClose);
    harness.run_steps(3);
    harness.get_all_by_role_and_label(Role::Button, "Fechar").last().unwrap().click();
    harness.run_steps(3);
    assert!(harness.state().effects.contains(&Effect::CloseWindow));
}

#[test]
fn half_a_count_of_the_drawer_is_still_there_after_staying() {
    let mut state = samples::cash::counting(Settings::default());
    state.outbox = samples::refused::unsettled(Settings::default()).outbox;
    let counted = state.dialog.clone();
    assert!(matches!(counted, Some(Dialog::Cash(_))));
    let mut harness = desk(state);
    let first = harness.get_all_by_role(Role::TextInput).find(egui_kittest::Node::is_focused);
    let first = first.map(|field| field.rect()).unwrap();
    samples::take(&mut harness.state_mut().state, Input::AskClose);
    harness.run_steps(3);
    write(&mut harness, "7");
    key(&mut harness, Key::F12);
    harness.get_by_label("Fechar com envios pendentes?");
    key(&mut harness, Key::Escape);
    assert_eq!(harness.state().state.dialog, counted);
    let again = harness.get_all_by_role(Role::TextInput).find(egui_kittest::Node::is_focused);
    assert_eq!(again.map(|field| field.rect()), Some(first), "the focus is where it was");
}
