//! Scans in the window: keys as a barcode reader sends them, into whatever has the focus.

use egui::{Event, Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_register::samples;
use tillwatch_register::state::{Dialog, State};
use tillwatch_shared::{Cents, Quantity};

use crate::common::Window;
use crate::slow_screen::asleep;
use crate::{click, desk, key, write};

const MILK: &str = "7896036090244";

fn press(key: Key, pressed: bool) -> Event {
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE }
}

/// Sends the keys of `code` and of `end`, `in_frame` of them in one frame, frames `seconds` apart.
pub fn scan_by(harness: &mut Window<'_>, code: &str, end: Key, in_frame: usize, seconds: f64) {
    let key_of = |c: char| Key::from_name(&c.to_uppercase().to_string());
    let keys = code.chars().map(|c| (key_of(c), Some(c))).chain([(Some(end), None)]);
    let keys: Vec<(Option<Key>, Option<char>)> = keys.collect();
    let mut now = asleep(harness) + 2.0;
    for frame in keys.chunks(in_frame) {
        harness.input_mut().time = Some(now);
        for (key, c) in frame {
            harness.input_mut().events.extend(key.map(|key| press(key, true)));
            harness.input_mut().events.extend(c.map(|c| Event::Text(c.to_string())));
            harness.input_mut().events.extend(key.map(|key| press(key, false)));
        }
        harness.step();
        now += seconds;
    }
    harness.input_mut().time = None;
    harness.run_steps(3);
}

fn scan(harness: &mut Window<'_>, code: &str) {
    scan_by(harness, code, Key::Enter, 3, 0.012);
}

fn cart(harness: &Window<'_>) -> Vec<(String, Quantity)> {
    harness.state().state.cart.lines().iter().map(|line| (line.name.clone(), line.quantity)).collect()
}

fn emptied() -> State {
    let mut state = samples::till(Settings::default());
    state.cart.clear();
    state
}

#[test]
fn a_scan_is_a_line_however_the_keys_come() {
    for (in_frame, seconds, end) in [
        (20, 0.0, Key::Enter),
        (1, 0.004, Key::Enter),
        (1, 0.030, Key::Enter),
        (4, 0.016, Key::Tab),
        (1, 0.016, Key::Tab),
    ] {
        let mut harness = desk(emptied());
        scan_by(&mut harness, MILK, end, in_frame, seconds);
        assert_eq!(
            cart(&harness),
            [("Leite integral 1 L".to_owned(), Quantity(1000))],
            "{in_frame} {seconds}"
        );
        assert!(harness.get_by_role_and_label(Role::TextInput, "Produto ou código").is_focused());
        assert_eq!(harness.state().state.search.text, "");
        // And once more: it is the same line.
        scan_by(&mut harness, MILK, end, in_frame, seconds);
        assert_eq!(
            cart(&harness),
            [("Leite integral 1 L".to_owned(), Quantity(2000))],
            "{in_frame} {seconds}"
        );
    }
}

#[test]
fn three_times_is_typed_and_the_rest_scanned() {
    let mut harness = desk(emptied());
    write(&mut harness, "3*");
    scan(&mut harness, MILK);
    assert_eq!(cart(&harness), [("Leite integral 1 L".to_owned(), Quantity(3000))]);
}

#[test]
fn a_person_who_types_a_code_and_enter_is_heard_as_before() {
    let mut harness = desk(emptied());
    scan_by(&mut harness, MILK, Key::Enter, 1, 0.080);
    assert_eq!(cart(&harness), [("Leite integral 1 L".to_owned(), Quantity(1000))]);
    key(&mut harness, Key::F4);
    scan_by(&mut harness, "12", Key::Enter, 1, 0.080);
    assert_eq!(cart(&harness), [("Leite integral 1 L".to_owned(), Quantity(12_000))]);
}

#[test]
fn keys_that_waited_for_a_slow_frame_are_a_persons() {
    let mut state = emptied();
    state.reader.last_frame_took(Some(0.9), None);
    let mut harness = desk(state);
    key(&mut harness, Key::F3);
    write(&mut harness, "Vinho");
    scan_by(&mut harness, " tinto", Key::Enter, 20, 0.0);
    let state = &harness.state().state;
    assert!(matches!(&state.dialog, Some(Dialog::Product(form)) if form.name == "Vinho tinto"));
    assert_eq!(state.outbox.parcels().len(), 1, "Enter saves it");
}

/// The first key wakes the window, and the others wait until that frame is on a slow screen.
#[test]
fn a_slow_screen_does_not_tear_a_scan() {
    let mut state = emptied();
    state.reader.last_frame_took(Some(0.15), None);
    let mut harness = desk(state);
    let (first, rest) = MILK.split_at(1);
    let now = harness.ctx.input(|input| input.time) + 2.0;
    harness.input_mut().time = Some(now);
    harness.input_mut().events.push(Event::Text(first.to_owned()));
    harness.step();
    harness.input_mut().time = Some(now + 0.15);
    harness.input_mut().events.extend(rest.chars().map(|c| Event::Text(c.to_string())));
    harness.input_mut().events.push(press(Key::Enter, true));
    harness.step();
    harness.input_mut().time = None;
    harness.run_steps(3);
    assert_eq!(cart(&harness), [("Leite integral 1 L".to_owned(), Quantity(1000))]);
}

/// What was typed ahead of the screen comes with the frame of the scan, and is the quantity all the same.
#[test]
fn a_quantity_that_waited_is_there_before_its_scan() {
    let mut harness = desk(emptied());
    let start = asleep(&mut harness) + 2.0;
    let typed = |code: &str| -> Vec<Event> {
        let key_of = |c: char| Key::from_name(&c.to_string());
        let keys = code.chars().map(|c| (key_of(c), Event::Text(c.to_string())));
        keys.flat_map(|(key, text)| key.map(|key| press(key, true)).into_iter().chain([text])).collect()
    };
    let mut code = typed(MILK);
    code.push(press(Key::Enter, true));
    let frames = [vec![press(Key::Escape, true)], typed("3*"), Vec::new(), code];
    for (frame, at) in frames.into_iter().zip([0.0, 0.2, 0.4, 0.6]) {
        harness.input_mut().time = Some(start + at);
        harness.input_mut().events.extend(frame);
        harness.step();
    }
    harness.input_mut().time = None;
    harness.run_steps(4);
    assert_eq!(cart(&harness), [("Leite integral 1 L".to_owned(), Quantity(3000))]);
}

#[test]
fn no_field_of_a_dialog_keeps_a_scan() {
    let mut harness = desk(samples::till(Settings::default()));
    let before = cart(&harness);
    key(&mut harness, Key::F4);
    scan(&mut harness, MILK);
    let quantity = |harness: &Window<'_>| match &harness.state().state.dialog {
        Some(Dialog::Quantity(form)) => form.quantity.clone(),
        other => panic!("the dialog is gone: {other:?}"),
    };
    assert_eq!((quantity(&harness), cart(&harness)), ("0,450".to_owned(), before.clone()));
    harness.get_by_label_contains("7896036090244 não entrou");
    // What was selected is selected again: typing replaces it.
    write(&mut harness, "2");
    assert_eq!(quantity(&harness), "2");
    key(&mut harness, Key::Escape);

    key(&mut harness, Key::F12);
    key(&mut harness, Key::Num1);
    scan_by(&mut harness, MILK, Key::Tab, 2, 0.010);
    let amount = |harness: &Window<'_>| harness.state().state.pay.clone().unwrap().amount;
    assert_eq!(amount(&harness), "62,33");
    assert!(harness.get_by_role_and_label(Role::TextInput, "Valor em Dinheiro").is_focused());
    write(&mut harness, "80");
    assert_eq!(amount(&harness), "80");
    assert_eq!(cart(&harness), before);
}

#[test]
fn no_button_is_pressed_by_a_scan() {
    let mut harness = desk(samples::till(Settings::default()));
    key(&mut harness, Key::F8);
    // The focus stands on what loses the sale.
    for _ in 0..4 {
        key(&mut harness, Key::Tab);
        if harness.get_by_role_and_label(Role::Button, "Cancelar a venda").is_focused() {
            break;
        }
    }
    assert!(harness.get_by_role_and_label(Role::Button, "Cancelar a venda").is_focused());
    scan(&mut harness, "AB 12 34");
    assert_eq!(harness.state().state.cart.lines().len(), 3);
    // With the methods in sight, the digits of a code choose none.
    key(&mut harness, Key::Escape);
    key(&mut harness, Key::F12);
    scan(&mut harness, "12344321");
    assert_eq!(harness.state().state.pay.clone().unwrap().method, None);
    assert_eq!(harness.state().state.cart.total(), Cents(6233));
}

#[test]
fn no_secret_takes_a_scan() {
    let mut harness = desk(samples::signed_out(Settings::default(), true));
    write(&mut harness, "maria");
    key(&mut harness, Key::Tab);
    write(&mut harness, "1234");
    scan(&mut harness, MILK);
    let sign_in = &harness.state().state.sign_in;
    assert_eq!((sign_in.username.as_str(), sign_in.password.as_str()), ("maria", "1234"));
    assert!(harness.state().effects.is_empty(), "nobody was signed in by it");
}

#[test]
fn a_locked_till_tries_no_scan_as_a_pin() {
    let mut harness = desk(samples::till(Settings::default()));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run_steps(3);
    write(&mut harness, "48");
    scan(&mut harness, MILK);
    harness.get_by_label_contains("o caixa não está aberto");
    assert!(harness.query_by_label_contains(MILK).is_none(), "it may have been a secret");
    let state = &harness.state().state;
    let lock = state.people.lock.as_ref().unwrap();
    assert_eq!((lock.secret.as_str(), lock.waiting), ("48", None));
    assert_eq!(state.cart.lines().len(), 3);
}

/// A stalled screen tells a person's keys all at once.
#[test]
fn a_secret_whose_keys_were_told_at_once_is_no_scan() {
    let mut harness = desk(samples::till(Settings::default()));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run_steps(3);
    scan(&mut harness, "48215937");
    let lock = harness.state().state.people.lock.as_ref().unwrap();
    assert!(lock.waiting.is_some(), "Enter has sent {:?}", lock.secret);
    let mut harness = desk(samples::signed_out(Settings::default(), true));
    write(&mut harness, "maria");
    key(&mut harness, Key::Tab);
    scan(&mut harness, "1234");
    assert_eq!(harness.state().effects.len(), 1, "they sign in");
}

#[test]
fn an_unknown_code_offers_a_new_product_with_it() {
    let mut harness = desk(emptied());
    scan(&mut harness, "7891000999998");
    harness.get_by_label("Nada encontrado para “7891000999998”");
    key(&mut harness, Key::F3);
    let form = match &harness.state().state.dialog {
        Some(Dialog::Product(form)) => form.clone(),
        other => panic!("no dialog: {other:?}"),
    };
    assert_eq!((form.code.as_str(), form.name.as_str()), ("7891000999998", ""));
    write(&mut harness, "Vinho do Porto");
    // The same packet once more, into the field of the name.
    scan(&mut harness, "07891000999998");
    let Some(Dialog::Product(form)) = &harness.state().state.dialog else { panic!("the form is gone") };
    assert_eq!((form.code.as_str(), form.name.as_str()), ("7891000999998", "Vinho do Porto"));
}

#[test]
fn reader_and_scale_are_set_up_from_the_menu() {
    let mut harness = desk(emptied());
    key(&mut harness, Key::F10);
    click(&mut harness, "Leitor e balança");
    click(&mut harness, "lento · 70 ms");
    assert_eq!(harness.state().state.settings.reader_gap_ms, 70);
    harness.get_by_role_and_label(Role::TextInput, "Etiquetas da balança").click();
    harness.run_steps(3);
    write(&mut harness, "2CCCCCPPPPPP");
    harness.get_by_label_contains("Cada etiqueta tem 13 posições.");
    write(&mut harness, "D");
    scan(&mut harness, "2000050004506");
    harness.get_by_label_contains("2000050004506: etiqueta do código 5, peso de 0,450. Queijo minas");
    assert_eq!(harness.state().state.settings.scale_layouts.as_deref(), Some("2CCCCCPPPPPPD"));
    key(&mut harness, Key::Escape);
    scan(&mut harness, "2000050004506");
    assert_eq!(cart(&harness), [("Queijo minas".to_owned(), Quantity(450))]);
}
