//! The live log.

use egui::accesskit::Role;
use egui::{Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tillwatch_desk::Lang;
use tillwatch_monitor::input::{Answer, Input, LogAct, User};
use tillwatch_monitor::lists::Topic;
use tillwatch_monitor::livelog::{Filter, Log, What};
use tillwatch_monitor::past::{PastAct, Way};
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{advance, clock};
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::state::Page;
use tillwatch_monitor::update::lists::shown;
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
    happen(window, seq, Event::SaleRecorded(samples::sale(seq + 900, 0, clock())));
}

fn happen(window: &mut Window<'_>, seq: i64, event: Event) {
    let command_id = CommandId::now();
    let change =
        Change { seq, command_id, actor_id: None, store_id: None, client_at: NOW, server_at: NOW, event };
    let changes = Changes { changes: vec![change], next_after: seq, more: false, server_at: clock() };
    window.state_mut().take(Input::Answer(Answer::Changes(Ok(changes), 0)));
    window.run_steps(2);
}

#[test]
fn an_alarm_in_the_log_leads_to_the_alarm() {
    let mut window = at(Page::Live, Lang::Pt);
    let alarm = samples::alarms::alarm(9, NOW);
    happen(&mut window, 61, Event::AlarmOpened(alarm.clone()));
    happen(&mut window, 62, Event::SessionOpened(samples::sign_in(2)));
    assert!(has(&window, "Entrou · Caixa 2"));
    let words = format!("Alarme: {}", alarm.name);
    control(&window, Role::Button, &words).click();
    window.run_steps(3);
    click(&mut window, "Ver o registro");
    let state = &window.state().state;
    assert_eq!((state.page, shown(state)), (Page::Alarms, Some(Topic::Alarms)));
    assert_eq!(state.lists.open.as_ref().map(|open| open.id.clone()), Some(alarm.id.to_string()));
}

#[test]
fn a_count_in_the_log_leads_to_that_count_though_it_is_in_no_list() {
    let mut window = at(Page::Live, Lang::Pt);
    let mut count = samples::goods::count(977, NOW);
    count.id.0 = CommandId::now().0;
    happen(&mut window, 61, Event::StockCounted(count.clone()));
    control(&window, Role::Button, "Contagem · 2 produtos").click();
    window.run_steps(3);
    click(&mut window, "Ver o registro");
    settle(&mut window, USUAL);
    let state = &window.state().state;
    assert_eq!(shown(state), Some(Topic::Counts));
    let open = state.lists.open.as_ref().unwrap();
    assert!(!state.lists.get(Topic::Counts).unwrap().rows().iter().any(|row| row.id() == open.id));
    assert_eq!(open.id, count.id.to_string());
    assert!(!open.detail.parts.is_empty());
}

#[test]
fn the_log_is_filtered_by_person_and_by_what_came_back() {
    let mut window = at(Page::Live, Lang::Pt);
    let everything = window.state().state.log.shown_len();
    window.get_by_label("Quem: Todas as pessoas").click();
    window.run_steps(3);
    let name = window.state().state.log.people().next().unwrap().to_owned();
    control(&window, Role::Button, &name).click();
    window.run_steps(3);
    let log = &window.state().state.log;
    assert!(log.shown_len() > 0 && log.shown_len() < everything);
    assert!((0..log.shown_len()).all(|at| log.name(log.shown(at).unwrap().1.person) == name));
    click(&mut window, "Devoluções");
    let log = &window.state().state.log;
    assert!((0..log.shown_len()).all(|at| matches!(log.shown(at).unwrap().1.what, What::Return { .. })));
}

#[test]
fn the_way_back_in_time_is_offered_at_the_end_of_the_log() {
    let long = MadeUp { changes: 45_000, ..USUAL };
    let mut window = with(Page::Live, Lang::Pt, long, DESK);
    user(&mut window, User::Log(LogAct::Filter(Filter { text: "xyz".into(), ..Filter::default() })));
    // It looks further back by itself, and after a while only if somebody says so.
    while window.state().state.feed.past.unasked > 0 {
        settle(&mut window, long);
    }
    let before = window.state().state.log.len();
    assert_eq!(before, 21_000);
    settle(&mut window, long);
    assert_eq!(window.state().state.log.len(), before);
    click(&mut window, "Carregar mais antigos");
    assert_eq!(window.state().state.feed.past.asked.map(|(_, way)| way), Some(Way::Older));
}

/// Of a journal of a million changes only rows in sight are laid out, wherever one has scrolled to; and they stay
/// where they are while rows beyond them come and go.
#[test]
fn a_million_rows_are_scrolled_through_a_few_at_a_time() {
    const ROOM: usize = 2_500;
    let long = MadeUp { changes: 1_000_000, ..USUAL };
    let mut window = with(Page::Live, Lang::Pt, long, DESK);
    window.state_mut().state.log = Log::with_room(ROOM);
    user(&mut window, User::Log(LogAct::Past(PastAct::Day("25/07/2026 08:30".into()))));
    user(&mut window, User::Log(LogAct::Past(PastAct::Go)));
    while window.state().state.feed.past.seek.is_some() {
        settle(&mut window, long);
    }
    settle(&mut window, long);
    let mut before = window.state().state.feed.oldest;
    for _ in 0..6 {
        // As far as there are rows, and then they are read on.
        while window.state().state.feed.past.asked.is_none() {
            scroll(&mut window, -20_000.0);
        }
        let seen = rows_in_sight(&window);
        settle(&mut window, long);
        assert!(rows_in_sight(&window).starts_with(&seen), "what is in sight stays");
        let state = &window.state().state;
        assert!(seen.len() < 40 && state.log.len() <= ROOM, "{} {}", seen.len(), state.log.len());
        assert_eq!(state.feed.oldest, before - 1_000);
        before = state.feed.oldest;
    }
    // Forward again rows come above, and those in sight stay, too.
    let newest = window.state().state.feed.past.newest;
    while window.state().state.feed.past.asked.is_none() {
        scroll(&mut window, 20_000.0);
    }
    let seen = rows_in_sight(&window);
    settle(&mut window, long);
    assert_eq!(rows_in_sight(&window), seen);
    assert_eq!(window.state().state.feed.past.newest, newest.map(|seq| seq + 1_000));
    window.get_by_label_contains("Voltar para agora").click();
    window.run_steps(3);
    settle(&mut window, long);
    assert_eq!(window.state().state.log.shown(0).map(|(_, row)| row.seq), Some(1_000_000));
}

fn scroll(window: &mut Window<'_>, points: f32) {
    let delta = vec2(0.0, points);
    window.hover_at(pos2(700.0, 500.0));
    let (unit, phase, source) = (MouseWheelUnit::Point, TouchPhase::Move, MouseWheelSource::Unknown);
    let modifiers = Modifiers::NONE;
    window.event(egui::Event::MouseWheel { unit, delta, phase, modifiers, source });
    window.run_steps(8);
}

/// The sentences of the rows that are laid out, from the top down.
fn rows_in_sight(window: &Window<'_>) -> Vec<String> {
    let rows = window.get_all_by_role(Role::Button);
    let names = rows.filter_map(|row| row.accesskit_node().label());
    names.filter(|name| name.starts_with("Venda ") || name.starts_with("Entrada ")).collect()
}
