//! Every screen in both languages, found and used by its labels as a person with a screen reader would.

mod common;

use common::{Window, settle, user, window};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tillwatch_desk::failure::Failure;
use tillwatch_desk::{Lang, Theme, sign_in};
use tillwatch_monitor::input::{Answer, Effect, Input, LogAct, SaveFailure, User, ViewAct};
use tillwatch_monitor::livelog::{Filter, KindFilter};
use tillwatch_monitor::reports::ReportAct;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{advance, app, clock, loaded, settings};
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::state::{Dialog, Page};
use tillwatch_monitor::terminals::Exported;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{Change, Changes, Event};
use tillwatch_shared::time::{MINUTE, SECOND};

const DESK: Vec2 = vec2(1366.0, 768.0);
const USUAL: MadeUp = MadeUp { stores: 6, sensors: 8, changes: 60, products: 40, demo: false };

fn at(page: Page, lang: Lang) -> Window<'static> {
    with(page, lang, USUAL, DESK)
}

fn with(page: Page, lang: Lang, made_up: MadeUp, size: Vec2) -> Window<'static> {
    let mut window = window(loaded(settings(lang, Theme::Dark), made_up, page), size, 1.0);
    settle(&mut window, made_up);
    window
}

fn page_of(window: &Window<'_>) -> Page {
    window.state().state.page
}

fn click(window: &mut Window<'_>, label: &str) {
    window.get_by_label(label).click();
    window.run_steps(3);
}

/// The control of that role whose label holds `part`: its text is a node of its own.
fn control<'w>(window: &'w Window<'_>, role: Role, part: &'w str) -> egui_kittest::Node<'w> {
    let mut found = window.query_all_by_label_contains(part).filter(|n| n.accesskit_node().role() == role);
    found.next().unwrap_or_else(|| panic!("no {role:?} {part:?}"))
}

fn press(window: &mut Window<'_>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

fn has(window: &Window<'_>, part: &str) -> bool {
    window.query_all_by_label_contains(part).next().is_some()
}

#[test]
fn every_page_opens_by_its_name_and_its_key() {
    let names = [
        (
            Lang::Pt,
            [
                "Visão geral",
                "Ao vivo",
                "Sensores",
                "Estoque",
                "Vendas de hoje",
                "Relatórios",
                "Terminais",
                "Ajustes",
            ],
        ),
        (
            Lang::En,
            ["Overview", "Live", "Sensors", "Stock", "Sales today", "Reports", "Terminals", "Settings"],
        ),
    ];
    let keys = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8];
    for (lang, names) in names {
        // Without alerts the names stand alone.
        let calm = MadeUp { sensors: 1, products: 2, ..USUAL };
        let mut window = with(Page::Settings, lang, calm, DESK);
        for (name, page) in names.into_iter().zip(Page::ALL) {
            let item = window
                .query_all_by_label(name)
                .find(|node| node.accesskit_node().role() == Role::Button)
                .unwrap();
            item.click();
            window.run_steps(3);
            settle(&mut window, calm);
            assert_eq!(page_of(&window), page, "{name}");
        }
        for (key, page) in keys.into_iter().zip(Page::ALL) {
            press(&mut window, Modifiers::COMMAND, key);
            assert_eq!(page_of(&window), page, "{key:?}");
        }
    }
}

#[test]
fn every_figure_of_the_overview_leads_to_its_rows() {
    let cases = [
        ("Vendido hoje:", Page::Sales),
        ("Vendas:", Page::Live),
        ("Ticket médio:", Page::Sales),
        ("Sensores com problema:", Page::Sensors),
        ("Estoque baixo:", Page::Stock),
        ("Ver as vendas de ATAKADAO", Page::Live),
        ("Ampliar Geladeira 2 (2)", Page::Sensors),
    ];
    for (label, page) in cases {
        let mut window = at(Page::Overview, Lang::Pt);
        window.get_by_label_contains(label).click();
        window.run_steps(3);
        assert_eq!(page_of(&window), page, "{label}");
        let state = &window.state().state;
        match label {
            "Vendas:" => assert_eq!(state.log.filter().kind, KindFilter::Sales),
            "Estoque baixo:" => assert!(state.stock.filter().low_only),
            "Ver as vendas de ATAKADAO" => {
                assert_eq!(state.log.filter().store, Some(samples::store(3).id));
            }
            "Ampliar Geladeira 2 (2)" => assert_eq!(state.large, Some(samples::sensor_id(7))),
            _ => {}
        }
    }
}

#[test]
fn the_overview_says_how_the_day_goes_in_both_languages() {
    let window = at(Page::Overview, Lang::Pt);
    assert!(has(&window, "Vendido hoje: R$\u{a0}12.033,00"));
    assert!(has(&window, "Sensores com problema: 3 de 8"));
    let window = at(Page::Overview, Lang::En);
    assert!(has(&window, "Sold today: R$\u{a0}12.033,00"));
    assert!(has(&window, "Sensors in trouble: 3 of 8"));
}

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
fn a_sensor_opens_large_and_escape_leads_back() {
    let mut window = at(Page::Sensors, Lang::Pt);
    assert!(has(&window, "Gráfico de Temperatura, Balcão refrigerado"));
    assert!(has(&window, "Gráfico de Umidade, Balcão refrigerado"));
    assert!(has(&window, "Gráfico de Pressão, Balcão refrigerado"));
    click(&mut window, "Ampliar Balcão refrigerado");
    settle(&mut window, USUAL);
    assert_eq!(window.state().state.large, Some(samples::sensor_id(5)));
    assert!(!has(&window, "Gráfico de Temperatura, Depósito"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(window.state().state.large, None);
}

#[test]
fn charts_are_moved_by_hand_and_by_key_and_come_back_to_now() {
    let mut window = at(Page::Sensors, Lang::En);
    click(&mut window, "Enlarge Geladeira 1");
    settle(&mut window, USUAL);
    let view = |window: &Window<'_>| window.state().state.sensor_charts.view;
    let chart = window.get_by_label("Chart of Temperature, Geladeira 1").rect();

    window.hover_at(chart.center());
    window.run_steps(2);
    assert!(window.state().state.cursor.is_some());
    window.drag_at(chart.center());
    window.run_steps(2);
    window.hover_at(chart.center() + vec2(120.0, 0.0));
    window.run_steps(2);
    window.drop_at(chart.center() + vec2(120.0, 0.0));
    window.run_steps(2);
    assert!(!view(&window).follows());
    click(&mut window, "Back to now");
    assert!(view(&window).follows());

    press(&mut window, Modifiers::NONE, Key::ArrowLeft);
    assert!(!view(&window).follows());
    press(&mut window, Modifiers::NONE, Key::Home);
    assert!(view(&window).follows());
    press(&mut window, Modifiers::NONE, Key::Plus);
    assert!(view(&window).range(0).span() < 15 * MINUTE);
    click(&mut window, "24 h");
    assert_eq!(view(&window).range(0).span(), 24 * 60 * MINUTE);
    let asks =
        |window: &Window<'_>| window.state().pending.iter().any(|e| matches!(&e.what, Effect::Series { .. }));
    assert!(asks(&window));
}

#[test]
fn stock_is_sorted_filtered_and_leads_to_its_movements() {
    let mut window = at(Page::Stock, Lang::Pt);
    click(&mut window, "Ordenar por Saldo");
    let first = |window: &Window<'_>| window.state().state.stock.shown()[0].level.balance_thousandths;
    let lowest = first(&window);
    click(&mut window, "Ordenar por Saldo");
    assert!(first(&window) > lowest);
    window.get_by_label_contains("Só o que está baixo").click();
    window.run_steps(3);
    assert!(window.state().state.stock.shown().iter().all(|l| l.level.low));
    assert!(has(&window, ", baixo"));
    let name = window.state().state.stock.shown()[1].level.product_name.clone();
    window.get_all_by_label_contains(&name).next().unwrap().click();
    window.run_steps(3);
    assert_eq!(page_of(&window), Page::Live);
}

#[test]
fn sales_by_store_lead_to_their_rows() {
    let mut window = at(Page::Sales, Lang::En);
    window.get_by_label_contains("Show the sales of LOJAS MARTINS Praia").click();
    window.run_steps(3);
    assert_eq!(page_of(&window), Page::Live);
    let filter = window.state().state.log.filter().clone();
    assert_eq!((filter.kind, filter.store), (KindFilter::Sales, Some(samples::store(5).id)));
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
    assert!(has(&window, "Senha"));
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
    control(&window, Role::PasswordInput, "Senha").focus();
    window.run_steps(2);
    control(&window, Role::PasswordInput, "Senha").type_text("1234");
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    let asked = &window.state().pending;
    let body = asked.iter().find_map(|e| {
        if let Effect::SignIn(sign_in::Effect::SignIn(_, body)) = &e.what { Some(body.clone()) } else { None }
    });
    assert_eq!(body.map(|b| (b.username, b.password)), Some(("lucas".into(), "1234".into())));
}

/// The five states: loading for the first time, failed, empty, normal (above), stale.
#[test]
fn every_page_says_how_it_stands() {
    let pages = [Page::Overview, Page::Live, Page::Sensors, Page::Stock, Page::Sales, Page::Reports];
    let empty = MadeUp { sensors: 0, changes: 0, products: 0, stores: 1, demo: true };
    let expected = [
        "Nada registrado ainda",
        "Nada registrado ainda",
        "Nenhum sensor ainda",
        "Nenhum produto ainda",
        "Nenhuma venda ainda hoje",
    ];
    for (page, nothing) in pages.into_iter().zip(expected) {
        let mut app = app(settings(Lang::Pt, Theme::Dark));
        USUAL.enter(&mut app);
        app.take(Input::User(User::Open(page)));
        let mut window = window(app, vec2(1024.0, 600.0), 1.0);
        assert!(has(&window, "…"), "{page:?} says what loads");
        window.state_mut().take(Input::Answer(Answer::Latest(Err(Failure::Unreachable), 0)));
        window.run_steps(2);
        assert!(has(&window, "O servidor não responde."), "{page:?}");
        window.state_mut().pending.clear();
        click(&mut window, "Tentar de novo");
        assert!(window.state().pending.iter().any(|e| e.what == Effect::Latest), "{page:?} tries again");

        let window = with(page, Lang::Pt, empty, vec2(1024.0, 600.0));
        assert!(has(&window, nothing), "{page:?}: {nothing}");
        assert!(has(&window, "Demonstração"), "{page:?}");
    }
}

#[test]
fn old_data_stays_with_its_age_when_the_server_goes() {
    let mut window = at(Page::Overview, Lang::Pt);
    advance(3 * MINUTE);
    window.run_steps(1);
    window.state_mut().take(Input::Answer(Answer::Changes(Err(Failure::Unreachable), 0)));
    window.run_steps(2);
    assert!(has(&window, "O que se vê é de 3 min"));
    assert!(has(&window, "sem servidor há 3 min"));
    assert!(has(&window, "Vendido hoje: R$\u{a0}12.033,00"));
    window.state_mut().pending.clear();
    click(&mut window, "Tentar agora");
    settle(&mut window, USUAL);
    assert!(!has(&window, "O que se vê é de"));
    assert!(has(&window, "ligado"));
}

/// At 200 % on a small screen nothing panics, and every page still has its controls.
#[test]
fn small_and_zoomed_windows_work() {
    for size in [vec2(683.0, 384.0), vec2(400.0, 260.0), vec2(3840.0, 2160.0)] {
        for page in Page::ALL {
            let mut window = with(page, Lang::Pt, USUAL, size);
            user(&mut window, User::View(ViewAct::Cursor(Some(NOW.0 - MINUTE))));
            assert_eq!(page_of(&window), page);
        }
        let mut window = with(Page::Sensors, Lang::En, USUAL, size);
        user(&mut window, User::View(ViewAct::Sensor(Some(samples::sensor_id(4)))));
        assert!(has(&window, "Chart of Temperature"));
    }
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

#[test]
fn frames_can_be_measured_without_a_screen() {
    let mut out = Vec::new();
    tillwatch_monitor::frames::measure(1, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("12 charts of") && text.contains("200000 rows"), "{text}");
}

#[test]
fn a_report_is_chosen_seen_and_saved() {
    let mut window = at(Page::Reports, Lang::Pt);
    for part in ["Melhores vendedores", "30 dias", "Pessoa 1", "Vendas no período: R$"] {
        assert!(has(&window, part), "{part}");
    }
    click(&mut window, "Ontem");
    settle(&mut window, USUAL);
    let day = jiff::civil::date(2026, 12, 30);
    let shown = window.state().state.reports.report.value().unwrap();
    assert_eq!((shown.from, shown.to), (day, day));
    control(&window, Role::ComboBox, "Relatório").click();
    window.run_steps(3);
    click(&mut window, "Melhores lojas");
    settle(&mut window, USUAL);
    assert!(has(&window, "1. Loja Centro"), "stores are listed, best first");
    click(&mut window, "Salvar CSV");
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo em /home/lucas/Downloads/relatorio.csv"));

    click(&mut window, "De … a …");
    assert!(has(&window, "Primeiro dia"));
    user(&mut window, User::Report(ReportAct::From("31/02/2026".to_owned())));
    assert!(has(&window, "escreva dois dias em ordem"));
    user(&mut window, User::Report(ReportAct::From("01/12/2026".to_owned())));
    settle(&mut window, USUAL);
    let shown = window.state().state.reports.report.value().unwrap();
    assert_eq!((shown.from, shown.to), (jiff::civil::date(2026, 12, 1), day));

    window.state_mut().take(Input::Answer(Answer::Saved(Err(SaveFailure::Disk("disco cheio".to_owned())))));
    window.run_steps(2);
    assert!(has(&window, "O arquivo não foi salvo: disco cheio"));
    let english = at(Page::Reports, Lang::En);
    assert!(has(&english, "Save spreadsheet") && has(&english, "Best sellers"));
}

#[test]
fn a_report_that_fails_or_is_empty_says_so() {
    let mut window = at(Page::Reports, Lang::En);
    let ask = window.state().state.reports.asked.unwrap();
    let mut nothing = samples::report(&ask, 1, NOW);
    (nothing.sales, nothing.total_cents) = (0, tillwatch_shared::Cents::ZERO);
    nothing.rows.clear();
    window.state_mut().take(Input::Answer(Answer::Report(ask, Ok(nothing))));
    window.run_steps(2);
    assert!(has(&window, "Nothing sold in this period"));
    click(&mut window, "Yesterday");
    window.state_mut().pending.clear();
    let ask = window.state().state.reports.asked.unwrap();
    window.state_mut().take(Input::Answer(Answer::Report(ask, Err(Failure::TimedOut))));
    window.run_steps(2);
    click(&mut window, "Try again");
    settle(&mut window, USUAL);
    assert!(has(&window, "Pessoa 1"), "asked again");
}

#[test]
fn terminals_say_how_they_are_and_show_their_messages() {
    let mut window = at(Page::Terminals, Lang::Pt);
    for words in ["ligado", "sem resposta", "desligado", "Loja Centro / Caixa 1", "2,3 ms", "Último contato"]
    {
        assert!(has(&window, words), "{words}");
    }
    let row = "Loja Centro / Caixa 1: ligado, valor 0, contato agora, 0 falhas. Ver mensagens";
    control(&window, Role::Button, row).click();
    window.run_steps(3);
    settle(&mut window, USUAL);
    assert!(has(&window, "Mensagens de Loja Centro / Caixa 1 · passo 27"));
    assert!(
        has(&window, "recebida") && has(&window, "enviada") && has(&window, r#"{"type":"ack","value":0}"#)
    );
    click(&mut window, "Recebidas");
    settle(&mut window, USUAL);
    assert!(!has(&window, "enviada") && has(&window, "recebida"));
    let shown = |window: &Window<'_>| window.state().state.terminals.log.value().unwrap().len();
    assert_eq!(shown(&window), 100);
    click(&mut window, "Mais antigas");
    settle(&mut window, USUAL);
    assert_eq!(shown(&window), 200);
    window.state_mut().pending.clear();
    click(&mut window, "Exportar CSV");
    assert!(has(&window, "Exportando…"));
    let asked = window.state().pending.iter().any(
        |effect| matches!(&effect.what, Effect::Export { client, .. } if client == "Loja Centro / Caixa 1"),
    );
    assert!(asked);
    let path = "/home/x/a.csv".into();
    window.state_mut().take(Input::Answer(Answer::Exported(Ok(Exported { path, messages: 7 }))));
    window.run_steps(3);
    assert!(has(&window, "7 mensagens em /home/x/a.csv") && has(&window, "Exportar CSV"));
    let english = at(Page::Terminals, Lang::En);
    for words in ["online", "not answering", "off", "Round trip", "Last contact"] {
        assert!(has(&english, words), "{words}");
    }
}
