//! Lists: expiry, transfers, counts, cash sessions and accounts, as a person uses them.

use egui::Key;
use egui::Modifiers;
use egui::accesskit::Role;
use tillwatch_desk::Lang;
use tillwatch_desk::failure::Failure;
use tillwatch_monitor::input::{Answer, Effect, Input, User};
use tillwatch_monitor::lists::{ListAct, Topic};
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::state::Page;

use crate::common::{Window, settle, user};
use crate::hands::{DESK, USUAL, at, click, control, has, press, with};

fn topic(topic: Topic, tab: &str, lang: Lang) -> Window<'static> {
    let mut window = at(topic.page(), lang);
    click(&mut window, tab);
    settle(&mut window, USUAL);
    window
}

#[test]
fn what_expires_is_seen_narrowed_and_saved() {
    let mut window = topic(Topic::Lots, "Validade", Lang::Pt);
    for words in ["vencido há 12 dias", "vence amanhã", "sem validade", "valem R$\u{a0}741,15", "9 linhas"]
    {
        assert!(has(&window, words), "{words}");
    }
    click(&mut window, "Vencidos");
    assert!(has(&window, "vencido ontem") && !has(&window, "vence amanhã") && has(&window, "2 linhas"));
    click(&mut window, "Salvar CSV");
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo em /home/lucas/Downloads/Validade 2026-12-31.csv"));
    click(&mut window, "Salvar PDF");
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo em /home/lucas/Downloads/Validade 2026-12-31.pdf"));
    control(&window, Role::Button, "vencido ontem").click();
    window.run_steps(3);
    assert!(has(&window, "Sensor do lugar") && has(&window, "Salvar como texto"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!has(&window, "Sensor do lugar"));
    click(&mut window, "Saldos");
    assert!(has(&window, "Só o que está baixo"));
}

#[test]
fn a_count_shows_what_was_missing() {
    let mut window = topic(Topic::Counts, "Contagens", Lang::Pt);
    click(&mut window, "Com diferença");
    let row = "Ver de perto: 8, Loja Centro";
    control(&window, Role::Button, row).click();
    window.run_steps(3);
    for words in [
        "Contagem 8",
        "contado 38 un, esperado 40 un",
        "-2 un · -R$\u{a0}10,98",
        "L77 · 14/03/2026",
        "contado 25 un, esperado 25 un",
        "sem lote",
        "contado 13 un, esperado 15 un",
    ] {
        assert!(has(&window, words), "{words}");
    }
}

#[test]
fn transfers_are_told_with_what_got_lost() {
    let mut window = topic(Topic::Transfers, "Transfers", Lang::En);
    assert!(has(&window, "on the way") && has(&window, "taken back"));
    click(&mut window, "Short");
    control(&window, Role::Button, "arrived with a difference").click();
    window.run_steps(3);
    assert!(has(&window, "8 cx of 10 cx arrived · Duas caixas quebradas") && has(&window, "-2 cx"));
}

#[test]
fn a_cash_session_is_opened_with_its_report() {
    let mut window = at(Page::Money, Lang::Pt);
    assert!(has(&window, "aberto") && has(&window, "-R$\u{a0}12,50"));
    control(&window, Role::Button, "Ver de perto: 8, ").click();
    window.run_steps(3);
    assert!(has(&window, "somando a sessão…"));
    settle(&mut window, USUAL);
    for words in
        ["Relatório Z: o caixa está fechado.", "Depósito no banco", "12 × R$\u{a0}50,00", "Chegou depois"]
    {
        assert!(has(&window, words), "{words}");
    }
    click(&mut window, "Salvar como texto");
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo em /home/lucas/Downloads/Sessão 8 - Caixa 1.txt"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    click(&mut window, "Fiado");
    settle(&mut window, USUAL);
    assert!(has(&window, "Dona Lurdes") && has(&window, "somam R$\u{a0}3.307,50"));
}

#[test]
fn lists_that_are_empty_fail_or_are_old_say_so() {
    let empty = MadeUp { products: 0, ..USUAL };
    let mut window = with(Page::Money, Lang::En, empty, DESK);
    assert!(has(&window, "No cash session yet"));
    let failed = |window: &mut Window<'_>| {
        let asked = window.state().pending.iter().find_map(|effect| {
            if let Effect::List { topic, ticket, .. } = &effect.what { Some((*topic, *ticket)) } else { None }
        });
        let (topic, ticket) = asked.expect("it was asked for");
        window.state_mut().pending.clear();
        let answer = Answer::List { topic, ticket, result: Err(Failure::TimedOut) };
        window.state_mut().take(Input::Answer(answer));
        window.run_steps(2);
    };
    click(&mut window, "Accounts");
    assert!(has(&window, "reading the customers' accounts…"));
    failed(&mut window);
    assert!(has(&window, "The server took too long to answer."));
    click(&mut window, "Try again");
    settle(&mut window, USUAL);
    assert!(has(&window, "Dona Lurdes"));
    user(&mut window, User::List(ListAct::Tab(Page::Money, Some(Topic::Accounts))));
    failed(&mut window);
    assert!(has(&window, "Dona Lurdes") && has(&window, "The server took too long to answer."));
}

#[test]
fn enter_in_the_search_opens_the_first_row_that_was_found() {
    let mut window = at(Page::Alarms, Lang::Pt);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.state().state.lists.open.is_none(), "only in the search");
    press(&mut window, Modifiers::COMMAND, Key::F);
    control(&window, Role::TextInput, "Buscar").type_text("gela");
    window.run_steps(3);
    let first = window.state().state.lists.get(Topic::Alarms).unwrap().sheet.lines[0].id.clone();
    press(&mut window, Modifiers::NONE, Key::Enter);
    let open = window.state().state.lists.open.as_ref().map(|open| open.id.clone());
    assert_eq!(open, Some(first));
}
