//! Setting things up: products and prices, stores, people, sensors, keys, and the history.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_monitor::forms::{FormAct, Part};
use tillwatch_monitor::input::{Answer, Effect, Input, User};
use tillwatch_monitor::state::Page;

use crate::common::{Window, settle, user};
use crate::hands::{USUAL, at, click, control, has, press};

fn topic(tab: &str, lang: Lang) -> Window<'static> {
    let mut window = at(Page::Manage, lang);
    click(&mut window, tab);
    settle(&mut window, USUAL);
    window
}

fn row(window: &mut Window<'_>, part: &str) {
    control(window, Role::Button, part).click();
    window.run_steps(3);
}

fn set(window: &mut Window<'_>, part: Part, value: &str) {
    user(window, User::Form(FormAct::Set(part, value.to_owned())));
}

#[test]
fn a_price_is_changed_after_a_review() {
    let mut window = at(Page::Manage, Lang::Pt);
    row(&mut window, "Leite integral 1 L");
    click(&mut window, "Mudar…");
    let price = window.get_by_role_and_label(Role::TextInput, "Preço de sempre");
    price.focus();
    price.type_text("x");
    window.run_steps(3);
    click(&mut window, "Conferir");
    assert!(has(&window, "Um valor como 12,50."));
    set(&mut window, Part::Price, "6,49");
    click(&mut window, "Conferir");
    assert!(has(&window, "Confira antes de salvar:") && has(&window, "6,20 → 6,49"));
    window.state_mut().pending.clear();
    click(&mut window, "Salvar");
    let asked = window.state().pending.iter().any(|effect| matches!(effect.what, Effect::Order { .. }));
    assert!(asked);
    window.state_mut().pending.clear();
    window.state_mut().take(Input::Answer(Answer::Ordered(Err(Failure::TimedOut))));
    window.run_steps(3);
    assert!(has(&window, "O servidor demorou demais para responder."));
    click(&mut window, "Conferir");
    click(&mut window, "Salvar");
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo: Leite integral 1 L") && window.state().state.form.is_none());
}

#[test]
fn prices_of_days_stay_or_go_by_their_boxes() {
    let mut window = at(Page::Manage, Lang::Pt);
    row(&mut window, "2 períodos");
    assert!(has(&window, "26/12/2026 – 02/01/2027") && has(&window, "desde 10/01/2027"));
    click(&mut window, "Preço por período…");
    control(&window, Role::CheckBox, "de 26/12/2026 a 02/01/2027").click();
    window.run_steps(3);
    click(&mut window, "Conferir");
    assert!(has(&window, "desde 10/01/2027") && has(&window, "Períodos que ficam"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.state().state.form.is_none());
}

#[test]
fn stores_people_sensors_and_tills_are_looked_at() {
    let mut window = topic("Lojas e descontos", Lang::Pt);
    row(&mut window, "Loja Centro");
    click(&mut window, "Limites de desconto…");
    set(&mut window, Part::SellerLimit, "40");
    click(&mut window, "Conferir");
    assert!(has(&window, "Nenhum papel dá mais que o de cima."));
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::NONE, Key::Escape);
    click(&mut window, "Pessoas");
    settle(&mut window, USUAL);
    assert!(has(&window, "sem acesso") && has(&window, "todas as lojas"));
    click(&mut window, "Nova pessoa…");
    assert!(has(&window, "CPF (se houver)"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    let mut window = topic("Sensores", Lang::Pt);
    row(&mut window, "Geladeira 1");
    click(&mut window, "Mudar…");
    assert!(has(&window, "Máxima em °C"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::NONE, Key::Escape);
    click(&mut window, "Caixas");
    settle(&mut window, USUAL);
    row(&mut window, "Loja Centro / Caixa 8");
    click(&mut window, "Desligar…");
    assert!(has(&window, "não envia mais nada em nome de ninguém"));
}

#[test]
fn a_key_is_made_and_its_secret_shown() {
    let mut window = topic("Keys", Lang::En);
    assert!(has(&window, "revoked") && has(&window, "expired") && has(&window, "never"));
    click(&mut window, "New key…");
    set(&mut window, Part::Name, "Fridge collector");
    click(&mut window, "Review");
    click(&mut window, "Save");
    settle(&mut window, USUAL);
    assert!(has(&window, "tw_made-up-secret") && has(&window, "It is shown this once."));
    press(&mut window, Modifiers::NONE, Key::Escape);
    row(&mut window, "Coletor 9");
    click(&mut window, "Revoke…");
    assert!(has(&window, "The device that uses “Coletor 9” sends nothing any more."));
    window.state_mut().pending.clear();
    control(&window, Role::Button, "Cancel").click();
    window.run_steps(3);
    assert!(window.state().state.form.is_none() && window.state().pending.is_empty());
}

#[test]
fn the_history_tells_who_changed_what() {
    let mut window = topic("Histórico", Lang::Pt);
    assert!(has(&window, "produto mudado") && has(&window, "produto cadastrado"));
    row(&mut window, "31/12/2026 18:05, Lucas, produto mudado");
    assert!(has(&window, "antes: R$\u{a0}11,20"));
}
