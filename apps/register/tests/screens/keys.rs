//! The page of keys, and keys that were changed.

use egui::{Key, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_register::action::Action;
use tillwatch_register::samples;
use tillwatch_register::state::{Dialog, State};
use tillwatch_shared::api::Unit;

use crate::common::Window;
use crate::{click, ctrl, desk, key, write};

fn page(state: &State) -> bool {
    matches!(state.dialog, Some(Dialog::Keys(_)))
}

#[test]
fn a_key_is_changed_kept_and_given_back() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F1);
    click(&mut harness, "Receber o pagamento: F12. Mudar a tecla");
    harness.get_by_label_contains("Pressione a nova tecla para “Receber o pagamento”");
    key(&mut harness, Key::F4);
    harness.get_by_label_contains("F4 já serve para “Quantidade da linha do carrinho”");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Enter não pode ser mudada");
    ctrl(&mut harness, Key::Q);
    click(&mut harness, "Receber o pagamento: Ctrl+Q. Mudar a tecla");
    key(&mut harness, Key::Escape);
    assert!(page(&harness.state().state), "escape gives up the change, not the page");
    key(&mut harness, Key::Escape);
    assert!(!page(&harness.state().state));

    harness.get_by_label_contains("Receber R$");
    key(&mut harness, Key::F12);
    assert!(harness.state().state.pay.is_none(), "the old key does nothing");
    ctrl(&mut harness, Key::Q);
    assert!(harness.state().state.pay.is_some());

    // After a restart it is the same.
    let settings = harness.state().state.settings.clone();
    let mut harness = desk(samples::till(settings));
    assert_eq!(harness.state().state.keys.label(Action::Pay), Some("Ctrl+Q"));
    key(&mut harness, Key::F1);
    click(&mut harness, "Voltar às teclas originais");
    key(&mut harness, Key::F1);
    key(&mut harness, Key::F12);
    assert!(harness.state().state.pay.is_some());
    assert!(harness.state().state.settings.keys.is_empty());
}

#[test]
fn each_action_is_on_the_page_with_its_key() {
    for lang in [tillwatch_desk::Lang::Pt, tillwatch_desk::Lang::En] {
        let settings = Settings { lang, ..Settings::default() };
        let mut harness = desk(samples::till(settings));
        key(&mut harness, Key::F1);
        for action in Action::ALL {
            harness.get_by_label_contains(&format!("{}: {}.", action.text(lang), action.default_key()));
        }
    }
}

#[test]
fn a_choice_is_one_stop_and_arrows_choose() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F3);
    write(&mut harness, "Vinho");
    key(&mut harness, Key::Tab);
    key(&mut harness, Key::Tab);
    assert!(harness.get_by_label("un").is_focused());
    let unit = |harness: &Window<'_>| match &harness.state().state.dialog {
        Some(Dialog::Product(form)) => form.unit,
        _ => panic!("the form is gone"),
    };
    for (arrow, chosen, label) in [
        (Key::ArrowLeft, Unit::Un, "un"),
        (Key::ArrowRight, Unit::Kg, "kg"),
        (Key::ArrowRight, Unit::G, "g"),
        (Key::ArrowLeft, Unit::Kg, "kg"),
    ] {
        key(&mut harness, arrow);
        assert_eq!(unit(&harness), chosen);
        assert!(harness.get_by_label(label).is_focused(), "{label}");
    }
    key(&mut harness, Key::Tab);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Preço").is_focused());
    click(&mut harness, "pct");
    assert_eq!(unit(&harness), Unit::Pct);
}
