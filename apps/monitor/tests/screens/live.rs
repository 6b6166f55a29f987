//! The live log.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::Lang;
use tillwatch_monitor::input::{Answer, Input, LogAct, User};
use tillwatch_monitor::livelog::Filter;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{advance, clock};
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::state::Page;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{Change, Changes, Event};
use tillwatch_shared::time::SECOND;

use crate::common::{Window, settle, user};
use crate::hands::{DESK, USUAL, at, click, control, has, press, with};

#[test]
fn a_sale_opens_to_its_lines_and_closes() {
    let mut window = at(Page::Live, Lang::Pt);
    control(&window, Role::Button, "Venda 58 · 3 itens").click();
    window.run_steps(3);
    assert!(has(&window, "Leite integral 1 L"));
    assert!(has(&window, "Troco"));
    // While it is open the log holds still.
    assert!(window.state().state.log.is_held());
    control(&window, Role::Button, "Venda 58 · 3 itens").click();
    window.run_steps(3);
    assert!(!has(&window, "Leite integral 1 L"));
    assert!(!window.state().state.log.is_held());
}

#[test]
fn the_log_is_walked_and_opened_by_keyboard_alone() {
    let mut window = at(Page::Live, Lang::Pt);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::Enter);
    let state = &window.state().state;
    assert_eq!(state.expanded, state.log.shown(1).map(|(number, _)| number));
    press(&mut window, Modifiers::COMMAND, Key::P);
    assert!(window.state().state.paused);
    press(&mut window, Modifiers::COMMAND, Key::P);
    assert!(!window.state().state.paused);
}

#[test]
fn the_log_is_filtered_by_kind_store_and_text() {
    let mut window = at(Page::Live, Lang::Pt);
    click(&mut window, "Vendas");
    assert!(window.state().state.log.shown_len() == 48);
    press(&mut window, Modifiers::COMMAND, Key::F);
    window.get_by_label("Buscar").type_text("parafuso");
    window.run_steps(3);
    assert!(has(&window, "Nada encontrado"));
    click(&mut window, "Limpar filtro");
    assert_eq!(window.state().state.log.shown_len(), 60);
    window.get_by_label("Loja: Todas as lojas").click();
    window.run_steps(3);
    control(&window, Role::Button, "Loja Bairro Novo").click();
    window.run_steps(3);
    assert_eq!(window.state().state.log.filter().store, Some(samples::store(1).id));
}

#[test]
fn a_new_sale_glows_once_and_waits_while_paused() {
    let mut window = at(Page::Live, Lang::En);
    click(&mut window, "Pause");
    arrive(&mut window, 61);
    assert!(has(&window, "1 new: back to the top"));
    assert!(!has(&window, "Sale 961"));
    window.get_by_label_contains("1 new").click();
    window.run_steps(3);
    assert!(has(&window, "Sale 961"));

    arrive(&mut window, 62);
    let glow = |window: &Window<'_>| window.state().state.log.shown(0).unwrap().1.arrived_at.unwrap();
    assert_eq!(clock().since(glow(&window)), 0);
    advance(2 * SECOND);
    window.run_steps(2);
    assert!(has(&window, "Sale 962"));
}

/// A sale comes with the next poll.
fn arrive(window: &mut Window<'_>, seq: i64) {
    let event = Event::SaleRecorded(samples::sale(seq + 900, 0, clock()));
    let command_id = CommandId::now();
    let change =
        Change { seq, command_id, actor_id: None, store_id: None, client_at: NOW, server_at: NOW, event };
    let changes = Changes { changes: vec![change], next_after: seq, more: false, server_at: clock() };
    window.state_mut().take(Input::Answer(Answer::Changes(Ok(changes), 0)));
    window.run_steps(2);
}

#[test]
fn the_way_back_in_time_is_offered_at_the_end_of_the_log() {
    let long = MadeUp { changes: 25_000, ..USUAL };
    let mut window = with(Page::Live, Lang::Pt, long, DESK);
    let before = window.state().state.log.len();
    user(&mut window, User::Log(LogAct::Filter(Filter { text: "xyz".into(), ..Filter::default() })));
    click(&mut window, "Carregar mais antigos");
    settle(&mut window, long);
    assert_eq!(window.state().state.log.len(), before + 1_000);
}
