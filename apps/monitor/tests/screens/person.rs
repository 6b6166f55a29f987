//! Signing in and out, language and look.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::{Lang, Theme, sign_in};
use tillwatch_monitor::input::{Answer, Effect, Input, User};
use tillwatch_monitor::samples::NOW;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{app, settings};
use tillwatch_monitor::state::{Dialog, Page};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{ReadingsHeld, ServerInfo};
use tillwatch_shared::time::{DAY, MINUTE};

use crate::common::{user, window};
use crate::hands::{DESK, USUAL, at, click, control, has, press};

#[test]
fn one_signs_in_with_name_and_password() {
    let mut app = app(settings(Lang::Pt, Theme::Dark));
    let demo = MadeUp { demo: true, ..USUAL };
    if let Some(Answer::Server(info)) = demo.answer(&Effect::Server, NOW) {
        app.take(Input::SignIn(sign_in::Input::Happened(sign_in::Event::Server(info))));
    }
    let mut window = window(app, DESK, 1.0);
    control(&window, Role::TextInput, "Usuário ou CPF").focus();
    window.run_steps(2);
    control(&window, Role::TextInput, "Usuário ou CPF").type_text("lucas");
    control(&window, Role::PasswordInput, "Senha ou PIN").focus();
    window.run_steps(2);
    control(&window, Role::PasswordInput, "Senha ou PIN").type_text("1234");
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    let asked = &window.state().pending;
    let body = asked.iter().find_map(|e| {
        if let Effect::SignIn(sign_in::Effect::SignIn(_, body)) = &e.what { Some(body.clone()) } else { None }
    });
    assert_eq!(body.map(|b| (b.username, b.password)), Some(("lucas".into(), "1234".into())));
}

#[test]
fn signing_out_asks_once_and_staying_is_the_default() {
    let mut window = at(Page::Settings, Lang::Pt);
    click(&mut window, "Sair");
    assert!(window.get_by_label("Continuar aqui").is_focused());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.state().state.signed_in.is_some());
    assert_eq!(window.state().state.dialog, None);
    user(&mut window, User::Dialog(Some(Dialog::SignOut)));
    let leave = window.get_all_by_label("Sair").last().unwrap();
    leave.click();
    window.run_steps(3);
    assert!(window.state().state.signed_in.is_none());
    assert!(has(&window, "Senha ou PIN"));
}

#[test]
fn language_and_look_change_while_it_runs() {
    let mut window = at(Page::Settings, Lang::Pt);
    click(&mut window, "English");
    assert!(has(&window, "Appearance"));
    click(&mut window, "Light");
    assert_eq!(window.state().state.theme(), Theme::Light);
    click(&mut window, "Bigger");
    assert_eq!(window.state().state.settings.zoom, 110);
    press(&mut window, Modifiers::COMMAND, Key::Num0);
    assert_eq!(window.state().state.settings.zoom, 100);
    click(&mut window, "Português");
    assert!(has(&window, "Aparência"));
}

#[test]
fn the_keys_are_listed() {
    for (lang, line) in [(Lang::Pt, "lê tudo de novo"), (Lang::En, "reads everything again")] {
        let mut window = at(Page::Live, lang);
        press(&mut window, Modifiers::NONE, Key::F1);
        assert!(has(&window, line));
        press(&mut window, Modifiers::NONE, Key::F1);
        assert!(!has(&window, line));
    }
}

/// Readings that wait on the server's disk.
fn held(readings: u64, bytes: u64, refused: bool, since: UtcMicros) -> ReadingsHeld {
    ReadingsHeld { since, readings, bytes, room_bytes: 64 << 20, refused }
}

#[test]
fn readings_that_wait_on_disk_are_told_in_both_languages() {
    for (lang, told, refusal) in [
        (
            Lang::Pt,
            "As leituras esperam em disco porque o banco de dados está fora do ar desde 20:40: 12.345 leituras, \
             1,2 MB de 67,1 MB do espaço.",
            "Novas leituras são recusadas: o banco de dados está fora do ar desde 27/12/2026",
        ),
        (
            Lang::En,
            "Readings wait on disk because the database is away since 20:40: 12.345 readings, \
             1,2 MB of 67,1 MB of the room used.",
            "New readings are refused: the database is away since 27/12/2026",
        ),
    ] {
        let mut window = at(Page::Overview, lang);
        let Some(Answer::Server(Ok(info))) = USUAL.answer(&Effect::Server, NOW) else { panic!("no answer") };
        let mut tell = |readings_held| {
            let info = ServerInfo { readings_held, ..info.clone() };
            window.state_mut().take(Input::Answer(Answer::Server(Ok(info))));
            window.run_steps(2);
            let telling = |part| has(&window, part);
            (telling(told), telling(refusal))
        };
        assert_eq!(tell(None), (false, false));
        assert_eq!(tell(Some(held(12_345, 1_234_567, false, NOW.plus(-25 * MINUTE)))), (true, false));
        assert_eq!(tell(Some(held(1, 64 << 20, true, NOW.plus(-4 * DAY)))), (false, true));
        assert_eq!(tell(None), (false, false));
    }
}
