//! What every page has: its name and key, its five states, and room at any size.

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tillwatch_desk::failure::Failure;
use tillwatch_desk::{Lang, Theme, icons};
use tillwatch_monitor::input::{Answer, Effect, Input, User, ViewAct};
use tillwatch_monitor::livelog::KindFilter;
use tillwatch_monitor::reports::Period;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{advance, app, settings};
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::{ReportKind, ReportStep};
use tillwatch_shared::time::MINUTE;

use crate::common::{settle, user, window};
use crate::hands::{DESK, USUAL, at, click, has, page_of, press, with, written};

#[test]
fn every_page_opens_by_its_name_and_its_key() {
    let names = [
        (
            Lang::Pt,
            [
                "Visão geral",
                "Ao vivo",
                "Sensores",
                "Alarmes",
                "Estoque",
                "Vendas de hoje",
                "Caixa e fiado",
                "Relatórios",
                "Terminais",
                "Arquivos",
                "Servidores",
                "Cadastros",
                "Ajustes",
            ],
        ),
        (
            Lang::En,
            [
                "Overview",
                "Live",
                "Sensors",
                "Alarms",
                "Stock",
                "Sales today",
                "Cash and accounts",
                "Reports",
                "Terminals",
                "Files",
                "Servers",
                "Set-up",
                "Settings",
            ],
        ),
    ];
    let keys =
        [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
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
        press(&mut window, Modifiers::COMMAND, Key::Comma);
        assert_eq!(page_of(&window), Page::Settings);
    }
}

#[test]
fn what_needs_somebody_tells_transfers_on_the_way() {
    assert!(has(&at(Page::Overview, Lang::Pt), "transferências a caminho"));
}

#[test]
fn every_figure_of_the_overview_leads_to_its_rows() {
    let cases = [
        ("Vendido hoje:", Page::Sales),
        ("Vendas:", Page::Live),
        ("Ticket médio:", Page::Sales),
        ("Sensores em alerta:", Page::Sensors),
        ("Estoque baixo:", Page::Stock),
        ("Validade:", Page::Stock),
        ("Depósito · acima do limite", Page::Alarms),
        ("caixas calados", Page::Terminals),
        ("Ver as vendas de ATAKADAO", Page::Live),
        ("Ver as vendas de Pessoa 1", Page::Live),
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
            "Sensores em alerta:" => assert!(state.sensor_view.troubled),
            "Depósito · acima do limite" => {
                let open = state.lists.open.as_ref().map(|open| open.detail.title.clone());
                assert!(open.is_some_and(|title| title.contains("Depósito")), "{:?}", state.lists.open);
            }
            "Ver as vendas de Pessoa 1" => {
                assert_eq!(
                    (state.log.filter().kind, state.log.filter().person.as_deref()),
                    (KindFilter::Sales, Some("Pessoa 1"))
                );
            }
            "Ampliar Geladeira 2 (2)" => assert_eq!(state.large, Some(samples::sensor_id(7))),
            _ => {}
        }
    }
}

/// Against the same weekday before, up to the same hour: in words, with a sign, and one step from the rows.
#[test]
fn stores_and_sellers_stand_against_a_week_before() {
    let window = at(Page::Overview, Lang::Pt);
    for (who, words) in [
        ("Ver as vendas de Loja Centro", "8 % a mais"),
        ("Ver as vendas de Loja Bairro Novo", "7 % a menos"),
        ("Ver as vendas de MAX ATACADO Zona Norte", "igual"),
        ("Ver as vendas de ATAKADAO", "nada há 7 dias"),
        ("Ver as vendas de Pessoa 1", "8 % a mais"),
        ("Ver as vendas de Pessoa 2", "7 % a menos"),
    ] {
        let row = window.get_by_label_contains(who);
        let label = row.accesskit_node().label().unwrap_or_default();
        assert!(label.contains("até 21h: R$") && label.ends_with(words), "{label}");
    }
    let shown = written(&window);
    for (sign, change) in [(icons::CARET_UP, "8 %"), (icons::CARET_DOWN, "7 %"), ("=", "0 %")] {
        let text = format!("{sign} {change}");
        assert!(shown.iter().filter(|(_, one)| *one == text).count() >= 2, "{text}: of a store and a seller");
    }
    for (who, person) in [("Loja Bairro Novo", None), ("Pessoa 2", Some("Pessoa 2"))] {
        let mut window = at(Page::Overview, Lang::Pt);
        window.get_by_label_contains(&format!("Ver as vendas de {who}")).focus();
        window.run_steps(2);
        press(&mut window, Modifiers::NONE, Key::Enter);
        assert_eq!(page_of(&window), Page::Live, "{who}");
        let filter = window.state().state.log.filter();
        assert_eq!((filter.kind, filter.person.as_deref()), (KindFilter::Sales, person), "{who}");
        assert_eq!(filter.store, person.is_none().then_some(samples::store(1).id));
    }
}

#[test]
fn what_is_behind_the_hours_the_sellers_and_a_newest_row_is_opened_as_it_was_seen() {
    for (title, kind, step) in [
        ("Vendas por hora", ReportKind::BestStores, Some(ReportStep::Hour)),
        ("Por vendedor", ReportKind::BestSellers, None),
    ] {
        let mut window = at(Page::Overview, Lang::Pt);
        let link = |node: &egui_kittest::Node<'_>| {
            let name = node.accesskit_node().label().unwrap_or_default();
            name.starts_with(title) && name.ends_with(": Ver tudo")
        };
        window.query_all_by_label_contains(title).find(link).unwrap().click();
        window.run_steps(3);
        let reports = &window.state().state.reports;
        assert_eq!(
            (page_of(&window), reports.kind, reports.step),
            (Page::Reports, Some(kind), step),
            "{title}"
        );
        assert_eq!(reports.period, Period::Today);
    }
    let mut window = at(Page::Overview, Lang::Pt);
    let is_row = |node: &egui_kittest::Node<'_>| {
        let name = node.accesskit_node().label().unwrap_or_default();
        name.starts_with("Venda ") || name.starts_with("Entrada ")
    };
    let rows = window.query_all_by_role(Role::Button).filter(is_row);
    rows.min_by(|a, b| a.rect().top().total_cmp(&b.rect().top())).unwrap().click();
    window.run_steps(3);
    let state = &window.state().state;
    let newest: Vec<i64> = state.log.newest(5).filter_map(|row| state.log.number_of(row.seq)).collect();
    assert!(state.page == Page::Live && state.expanded.is_some_and(|number| newest.contains(&number)));
}

#[test]
fn the_overview_says_how_the_day_goes_in_both_languages() {
    let window = at(Page::Overview, Lang::Pt);
    assert!(has(&window, "Vendido hoje: R$\u{a0}12.033,00"));
    assert!(has(&window, "Sensores em alerta: 3 de 8"));
    assert!(has(&window, "8 % em 7 dias"), "the hours that are through, a week ago");
    for words in ["Precisa de alguém", "2 lotes vencidos com saldo", "caixa", "Pessoa 1"] {
        assert!(has(&window, words), "{words}");
    }
    let window = at(Page::Overview, Lang::En);
    assert!(has(&window, "Sold today: R$\u{a0}12.033,00"));
    assert!(has(&window, "Sensors in trouble: 3 of 8"));
}

#[test]
fn the_names_of_the_figures_are_seen_whole_in_any_width() {
    let names = [
        (
            Lang::Pt,
            ["Vendido hoje", "Vendas", "Ticket médio", "Sensores em alerta", "Estoque baixo", "Validade"],
        ),
        (Lang::En, ["Sold today", "Sales", "Average sale", "Sensors in trouble", "Low stock", "Expiry"]),
    ];
    for (lang, names) in names {
        for width in [800.0, 1024.0, 1120.0, 1180.0, 1220.0, 1280.0, 1366.0] {
            let window = with(Page::Overview, lang, USUAL, vec2(width, 768.0));
            let written = written(&window);
            for name in names {
                assert!(written.iter().any(|(_, words)| words == name), "{name} at {width}");
            }
        }
    }
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
fn frames_can_be_measured_without_a_screen() {
    let mut out = Vec::new();
    tillwatch_monitor::frames::measure(1, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("12 charts of") && text.contains("200000 rows"), "{text}");
}
