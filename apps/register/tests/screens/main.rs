//! Every screen, by its labels: found, clicked and typed into as assistive technology would; and a few pictures.
#![allow(clippy::wildcard_enum_match_arm, reason = "whatever else was asked for fails the test")]

mod carts;
mod cash;
#[path = "../common/mod.rs"]
mod common;
mod corrections;
mod debts;
mod keys;
mod leaving;
mod low_window;
mod names;
mod paying;
mod people;
mod pictures;
mod receipts;
mod returns;
mod scan;
mod scan_everywhere;
mod slow_screen;
mod stock;
mod toasts;
mod typed_ahead;

use common::{Window, window};
use egui::{Key, Role, Vec2};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::{Lang, Theme};
use tillwatch_register::input::{Effect, Event, Input};
use tillwatch_register::state::outbox::Work;
use tillwatch_register::state::pulse::{Beat, Beating};
use tillwatch_register::state::{Dialog, Screen};
use tillwatch_register::{State, samples};
use tillwatch_shared::api::PaymentMethod;
use tillwatch_shared::{Cents, Quantity};

fn desk<'a>(state: State) -> Window<'a> {
    window(state, Vec2::new(1366.0, 768.0))
}

fn key(harness: &mut Window<'_>, key: Key) {
    harness.key_press(key);
    harness.run_steps(3);
}

fn click(harness: &mut Window<'_>, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run_steps(3);
}

fn ctrl(harness: &mut Window<'_>, key: Key) {
    harness.key_press_modifiers(egui::Modifiers::COMMAND, key);
    harness.run_steps(3);
}

/// Into what has the focus.
fn write(harness: &mut Window<'_>, text: &str) {
    harness.event(egui::Event::Text(text.to_owned()));
    harness.run_steps(3);
}

#[test]
fn a_newcomer_signs_up() {
    let mut harness = desk(samples::signed_out(Settings::default(), true));
    harness.get_by_label_contains("Demonstração");
    click(&mut harness, "Criar acesso");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Usuário").is_focused());
    write(&mut harness, "admin");
    key(&mut harness, Key::Tab);
    write(&mut harness, "1234");
    key(&mut harness, Key::Enter);
    let asked = harness.state().effects.last().unwrap();
    let tillwatch_desk::sign_in::Effect::SignUp(_, body) = (match asked {
        Effect::SignIn(effect) => effect,
        other => panic!("not a sign-up: {other:?}"),
    }) else {
        panic!("not a sign-up: {asked:?}")
    };
    assert_eq!((body.username.as_str(), body.password.as_str()), ("admin", "1234"));
    harness.get_by_label_contains("Falando com o servidor");
}

#[test]
fn a_missing_server_says_what_to_do_and_its_address_can_be_changed() {
    let mut harness = desk(samples::signed_out(Settings::default(), false));
    harness.get_by_label_contains("O servidor não responde.");
    click(&mut harness, "Endereço do servidor");
    harness.get_by_role_and_label(Role::TextInput, "Endereço do servidor");
    key(&mut harness, Key::Escape);
    click(&mut harness, "Tentar de novo");
    assert_eq!(harness.state().effects.len(), 1);
}

#[test]
fn the_language_and_the_theme_change_on_the_first_screen() {
    let mut harness = desk(samples::signed_out(Settings::default(), true));
    click(&mut harness, "English");
    harness.get_by_role_and_label(Role::TextInput, "User name or CPF");
    click(&mut harness, "Dark theme");
    assert_eq!(harness.state().state.theme(), Theme::Dark);
}

#[test]
fn a_store_is_chosen_with_the_keyboard() {
    let mut harness = desk(samples::choosing(Settings::default()));
    harness.get_by_label("Em que loja está este caixa?");
    key(&mut harness, Key::ArrowDown);
    key(&mut harness, Key::Enter);
    let state = &harness.state().state;
    assert_eq!(state.screen, Screen::Till);
    assert_eq!(state.store.as_ref().unwrap().name, "MAX ATACADO Norte");
}

/// What was written to the disk last.
fn kept_work(harness: &Window<'_>) -> Work {
    match harness.state().effects.last() {
        Some(Effect::Keep(parcel)) => parcel.work.clone(),
        other => panic!("nothing was kept: {other:?}"),
    }
}

#[test]
fn an_empty_shop_says_what_to_do_first() {
    let mut harness = desk(samples::empty(Settings::default()));
    harness.get_by_label("Comece pelo primeiro produto");
    harness.get_by_label("Carrinho vazio");
    key(&mut harness, Key::F3);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Nome").is_focused());
    write(&mut harness, "Parafuso 10mm");
    key(&mut harness, Key::Enter);
    assert!(matches!(kept_work(&harness), Work::Product(product) if product.name == "Parafuso 10mm"));
    harness.get_by_label_contains("Enviando");
}

#[test]
fn a_sale_by_keyboard_alone() {
    let mut harness = desk(samples::till(Settings::default()));
    assert!(harness.get_by_role_and_label(Role::TextInput, "Produto ou código").is_focused());
    write(&mut harness, "2*7891910000197");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Açúcar União 1 kg, 2 un × 4,89");
    harness.get_by_label("4 itens");
    key(&mut harness, Key::F12);
    harness.get_by_label("Como o cliente paga?");
    key(&mut harness, Key::Num1);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Valor em Dinheiro").is_focused());
    // What was offered is selected: typing replaces it.
    write(&mut harness, "80");
    harness.get_by_label("Troco");
    harness.get_by_label("7,89");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Registrando a venda");
    let Work::Sale(sale) = kept_work(&harness) else { panic!("no sale") };
    assert_eq!(sale.total_cents, Cents(7211));
    assert_eq!(
        sale.payments.first().map(|p| (p.method, p.amount_cents)),
        Some((PaymentMethod::Cash, Cents(8000)))
    );
    samples::sale_answer(&mut harness.state_mut().state);
    harness.run_steps(3);
    harness.get_by_label_contains("Venda 1042 registrada");
    harness.get_by_label("R$\u{a0}7,89");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Produto ou código").is_focused());
}

#[test]
fn a_sale_without_an_answer_is_kept_and_counted_in_the_bar() {
    let mut state = samples::till(Settings::default());
    for input in [Input::OpenPay, Input::PayMethod(PaymentMethod::Pix), Input::Submit] {
        samples::take(&mut state, input);
    }
    samples::kept(&mut state);
    samples::no_answer(&mut state);
    let mut harness = desk(state);
    harness.get_by_label_contains("Venda guardada neste caixa");
    harness.get_by_role_and_label(Role::Button, "1 por enviar");
    ctrl(&mut harness, Key::O);
    harness.get_by_label_contains("Venda de R$\u{a0}62,33");
    harness.get_by_label_contains("sem resposta");
    click(&mut harness, "Tentar de novo");
}

#[test]
fn stock_is_recorded_with_the_keyboard() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F5);
    key(&mut harness, Key::F5);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Produto").is_focused());
    write(&mut harness, "parafuso");
    key(&mut harness, Key::Enter);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Quantidade").is_focused());
    write(&mut harness, "50");
    harness.get_by_label("Em estoque: 50 → 100 un");
    key(&mut harness, Key::Enter);
    let Work::Entry(entry) = kept_work(&harness) else { panic!("no entry") };
    assert_eq!(entry.quantity_thousandths, Quantity(50_000));
}

#[test]
fn a_correction_needs_its_reason() {
    let mut harness = desk(samples::till(Settings::default()));
    write(&mut harness, "arroz");
    key(&mut harness, Key::F5);
    key(&mut harness, Key::Num2);
    write(&mut harness, "-1");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Diga o motivo da correção.");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Motivo").is_focused());
    write(&mut harness, "1");
    key(&mut harness, Key::Enter);
    let Work::Entry(entry) = kept_work(&harness) else { panic!("no entry") };
    assert_eq!(entry.reason.as_deref(), Some("Quebra ou avaria"), "a digit is one of the usual reasons");
}

#[test]
fn a_refused_product_shows_what_and_what_to_do() {
    let mut state = samples::till(Settings::default());
    samples::take(&mut state, Input::OpenProduct);
    let text = tillwatch_register::input::FormInput::Text(
        tillwatch_register::state::forms::Part::Name,
        "Arroz".to_owned(),
    );
    samples::take(&mut state, Input::Form(text));
    samples::take(&mut state, Input::Submit);
    samples::name_taken(&mut state);
    let mut harness = desk(state);
    harness.get_by_label_contains("Já existe um produto com este nome. Escolha outro nome.");
    key(&mut harness, Key::Escape);
    assert!(harness.state().state.dialog.is_none());
}

#[test]
fn lines_are_changed_removed_and_brought_back() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F4);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Quantidade").is_focused());
    write(&mut harness, "1,2");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Queijo minas, 1,200 kg × 39,90");
    key(&mut harness, Key::Delete);
    assert!(harness.query_by_label_contains("Queijo minas, 1,200 kg").is_none());
    harness.get_by_label_contains("Queijo minas removido");
    ctrl(&mut harness, Key::Z);
    harness.get_by_label_contains("Queijo minas, 1,200 kg × 39,90");
}

#[test]
fn cancelling_asks_once_and_keeping_is_the_default() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F8);
    harness.get_by_label_contains("3 itens, R$\u{a0}62,33");
    key(&mut harness, Key::Enter);
    assert_eq!(harness.state().state.cart.lines().len(), 3);
    key(&mut harness, Key::F8);
    click(&mut harness, "Cancelar a venda");
    assert!(harness.state().state.cart.is_empty());
}

#[test]
fn the_keys_the_menu_and_the_language_while_selling() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F1);
    harness.get_by_label("Receber o pagamento");
    key(&mut harness, Key::Escape);
    key(&mut harness, Key::F10);
    harness.get_by_label("Maria das Dores");
    click(&mut harness, "English");
    harness.get_by_role_and_label(Role::Label, "Person and settings");
    click(&mut harness, "+");
    let state = &harness.state().state;
    assert_eq!((state.lang(), state.settings.zoom), (Lang::En, 110));
    key(&mut harness, Key::Escape);
    harness.get_by_role_and_label(Role::Button, "Take R$\u{a0}62,33");
}

#[test]
fn nothing_found_offers_a_new_product() {
    let mut harness = desk(samples::till(Settings::default()));
    write(&mut harness, "vinho do porto");
    harness.get_by_label("Nada encontrado para “vinho do porto”");
    key(&mut harness, Key::F3);
    let form = match &harness.state().state.dialog {
        Some(Dialog::Product(form)) => form.clone(),
        other => panic!("no dialog: {other:?}"),
    };
    assert_eq!(form.name, "vinho do porto");
}

#[test]
fn the_total_stays_in_sight_on_the_smallest_window() {
    let harness = window(samples::till(Settings::default()), Vec2::new(1024.0, 600.0));
    let pay = harness.get_by_role_and_label(Role::Button, "Receber R$\u{a0}62,33").rect();
    assert!(pay.bottom() <= 584.0 && pay.right() <= 1008.5, "{pay:?}");
    let total = harness.get_by_label("62,33").rect();
    assert!(total.bottom() <= pay.top(), "{total:?} over {pay:?}");
}

#[test]
fn fifty_thousand_products_draw_only_what_is_seen() {
    let mut state = samples::empty(Settings::default());
    let round = state.feed.round;
    let items = (0..50_000)
        .map(|n| samples::product(n, &format!("Produto {n:05}"), "", 100, tillwatch_shared::api::Unit::Un))
        .collect();
    samples::happened(&mut state, tillwatch_register::input::Event::Products { round, items });
    samples::take(&mut state, Input::Search(String::new()));
    let mut harness = desk(state);
    harness.get_by_label("50.000 produtos");
    assert!(harness.query_all_by_role(Role::ListBoxOption).count() < 40);
    for _ in 0..3 {
        key(&mut harness, Key::PageDown);
    }
    harness.get_by_label_contains("Produto 00030");
}

#[test]
fn the_bar_says_how_the_pulse_is() {
    for (lang, online, waiting) in [
        (Lang::Pt, "pulso 42 · 5 ms", "pulso: sem resposta"),
        (Lang::En, "pulse 42 · 5 ms", "pulse: no answer"),
    ] {
        let mut state = samples::till(Settings { lang, ..Settings::default() });
        let effects = samples::take(&mut state, Input::Tick);
        let name = state.pulse.name.clone().unwrap();
        assert!(effects.contains(&Effect::Pulse(Some(name.clone()))), "{effects:?}");
        assert!(tillwatch_shared::pulse::is_name(&name) && name.ends_with("Caixa 1"), "{name}");
        let mut beat = Beat { beating: Beating::Online, value: 42, step: 1, round_trip_micros: Some(5_300) };
        samples::happened(&mut state, Event::Pulse { name: name.clone(), beat });
        assert!(desk(state.clone()).query_by_label(online).is_some());
        beat.beating = Beating::Waiting;
        samples::happened(&mut state, Event::Pulse { name, beat });
        assert!(desk(state.clone()).query_by_label(waiting).is_some());
        state.screen = Screen::SignIn;
        assert!(samples::take(&mut state, Input::Tick).contains(&Effect::Pulse(None)));
    }
}

#[test]
fn a_sale_by_amount_with_the_keyboard_alone() {
    let mut state = samples::choosing(Settings::default());
    samples::take(&mut state, Input::ChooseStore(0));
    let mut harness = desk(state);
    ctrl(&mut harness, Key::M);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Valor").is_focused());
    write(&mut harness, "x");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Digite um valor como 50");
    key(&mut harness, Key::Backspace);
    write(&mut harness, "1234,5");
    key(&mut harness, Key::ArrowDown);
    key(&mut harness, Key::Tab);
    assert!(harness.get_by_role_and_label(Role::TextInput, "Quando").is_focused());
    // It is 21:05.
    write(&mut harness, "21:06");
    key(&mut harness, Key::Enter);
    harness.get_by_label_contains("Digite 14:30 ou 30/12 14:30, já passado");
    for _ in 0..5 {
        key(&mut harness, Key::Backspace);
    }
    write(&mut harness, "30/12 14:30");
    harness.get_by_label("R$\u{a0}1.234,50 em 30/12/2026 14:30");
    key(&mut harness, Key::Enter);
    let Work::Sale(sale) = kept_work(&harness) else { panic!("no sale") };
    assert_eq!((sale.total_cents, sale.lines.len(), sale.payments.len()), (Cents(123_450), 0, 0));
    assert_eq!(sale.sold_at, Some("2026-12-30T17:30:00Z".parse().unwrap()));
    let state = &harness.state().state;
    assert_eq!(sale.store_id, state.stores[1].id, "the store below the till's own");
    assert_eq!(state.store.as_ref().unwrap().id, state.stores[0].id);

    let mut state = state.clone();
    samples::sale_answer(&mut state);
    let harness = desk(state);
    assert!(harness.state().state.dialog.is_none());
    harness.get_by_label_contains("Venda 1042 de R$\u{a0}1.234,50 registrada em");
}

#[test]
fn what_was_refused_is_thrown_away_only_after_a_question() {
    let mut harness = desk(samples::discarding(Settings::default()));
    harness.get_by_label_contains("Descartar “Venda de R$\u{a0}62,33”?");
    click(&mut harness, "Manter");
    assert!(harness.query_by_label_contains("Nada disso fica registrado").is_none());
    click(&mut harness, "Descartar");
    click(&mut harness, "Descartar de vez");
    assert!(harness.state().state.outbox.is_empty());
}

#[test]
fn a_refused_entry_is_corrected_where_it_was_typed() {
    let mut harness = desk(samples::refused::entry(Settings::default()));
    ctrl(&mut harness, Key::O);
    harness.get_by_label_contains("O motivo diz pouco.");
    click(&mut harness, "Corrigir");
    harness.get_by_label_contains("O motivo diz pouco.");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Quantidade").is_focused());
    write(&mut harness, "-2");
    key(&mut harness, Key::Enter);
    let Work::Entry(entry) = kept_work(&harness) else { panic!("no entry") };
    assert_eq!(entry.quantity_thousandths, Quantity(-2000));
}
