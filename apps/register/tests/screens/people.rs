//! The lock, by its labels and with the keyboard alone.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::Lang;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::Effect;
use tillwatch_register::samples;
use tillwatch_register::state::people::PeopleEffect;

use crate::{click, desk, key, write};

fn asked(effects: &[Effect]) -> Option<(String, String)> {
    effects.iter().find_map(|effect| {
        let Effect::People(PeopleEffect::Unlock { words, .. }) = effect else { return None };
        Some((words.username.clone(), words.password.clone()))
    })
}

#[test]
fn ctrl_l_locks_and_a_pin_is_typed_at_once() {
    let mut harness = desk(samples::till(Settings::default()));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run_steps(3);
    harness.get_by_label_contains("Caixa bloqueado");
    harness.get_by_label_contains("Venda aberta: 3 itens");
    assert!(harness.query_by_label_contains("Arroz").is_none(), "nothing of the sale is shown");
    assert!(harness.get_by_role_and_label(Role::PasswordInput, "PIN ou senha").is_focused());
    write(&mut harness, "4821");
    key(&mut harness, Key::Enter);
    let asked = asked(&harness.state().effects);
    assert_eq!(asked, Some(("maria".to_owned(), "4821".to_owned())));
    harness.get_by_label_contains("Conferindo");
}

#[test]
fn people_are_chosen_by_arrows_and_by_mouse_and_a_wrong_pin_is_told() {
    let mut harness = desk(samples::locked(Settings::default()));
    harness.get_by_label_contains("Não confere.");
    assert_eq!(harness.state().state.people.lock.as_ref().unwrap().chosen, 1, "who was there");
    key(&mut harness, Key::ArrowDown);
    assert_eq!(harness.state().state.people.lock.as_ref().unwrap().chosen, 2);
    assert!(harness.query_by_label_contains("Não confere.").is_none(), "that was about somebody else");
    key(&mut harness, Key::ArrowDown);
    assert_eq!(harness.state().state.people.lock.as_ref().unwrap().chosen, 2, "there are three");
    click(&mut harness, "Maria das Dores");
    write(&mut harness, "4821");
    click(&mut harness, "Entrar");
    assert!(asked(&harness.state().effects).is_some());
}

#[test]
fn somebody_else_and_english() {
    let mut harness = desk(samples::locked(Settings { lang: Lang::En, ..Settings::default() }));
    harness.get_by_label_contains("The till is locked");
    click(&mut harness, "Somebody else");
    harness.get_by_role_and_label(Role::TextInput, "User name or CPF");
}

#[test]
fn a_clock_that_is_off_is_a_banner() {
    let harness = desk(samples::clock_behind(Settings::default()));
    harness.get_by_label_contains("atrasado 1 h 02 min");
}
