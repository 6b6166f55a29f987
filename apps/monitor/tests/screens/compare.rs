//! The large chart compared with another sensor, and with an earlier period.

use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::Lang;
use tillwatch_monitor::compare::{Against, Before};
use tillwatch_monitor::state::Page;

use crate::common::{Window, settle};
use crate::hands::{USUAL, at, click, enlarge, has, press, written};

fn large(lang: Lang) -> Window<'static> {
    let mut window = at(Page::Sensors, lang);
    enlarge(&mut window, if lang == Lang::Pt { "Ampliar Geladeira 1" } else { "Enlarge Geladeira 1" });
    settle(&mut window, USUAL);
    window
}

/// What stands at the cursor in the middle of the chart with that label.
fn at_cursor(window: &mut Window<'_>, label: &str) -> Vec<String> {
    let chart = window.get_by_label(label).rect();
    window.hover_at(chart.center() + vec2(40.0, 0.0));
    window.run_steps(2);
    let inside = written(window).into_iter().filter(|(rect, _)| chart.contains_rect(*rect));
    inside.map(|(_, words)| words).filter(|words| words.contains(" · ") && words.contains("°C")).collect()
}

#[test]
fn two_sensors_are_told_apart_and_the_cursor_tells_both_values() {
    let mut window = large(Lang::Pt);
    click(&mut window, "Comparar…");
    assert!(has(&window, "Comparar Geladeira 1") && has(&window, "Com um período anterior"));
    window.get_by_label("Buscar sensor").type_text("deposito");
    window.run_steps(3);
    assert!(has(&window, "Depósito") && !has(&window, "Balcão refrigerado"));
    press(&mut window, Modifiers::NONE, Key::Enter);
    settle(&mut window, USUAL);
    window.run_steps(2);
    assert!(matches!(window.state().state.against(), Some(Against::Sensor(_))));
    let label = "Gráfico de Temperatura, Geladeira 1, comparado com Depósito";
    let told = at_cursor(&mut window, label);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].ends_with("Geladeira 1") && told[1].ends_with("Depósito"), "{told:?}");
    press(&mut window, Modifiers::NONE, Key::C);
    assert!(window.state().state.against().is_none());
    assert!(has(&window, "Comparar…"));
}

#[test]
fn an_earlier_period_lies_upon_the_time_in_sight_with_both_dates() {
    let mut window = large(Lang::En);
    press(&mut window, Modifiers::NONE, Key::C);
    click(&mut window, "The week before");
    settle(&mut window, USUAL);
    assert_eq!(window.state().state.against(), Some(&Against::Before(Before::Week)));
    let legend = "The week before · 24/12/2026 20:50 – 24/12/2026 21:05";
    assert!(has(&window, legend) && has(&window, "31/12/2026 20:50 – 31/12/2026 21:05"));
    let told = at_cursor(&mut window, &format!("Chart of Temperature, Geladeira 1, compared with {legend}"));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("31/12/2026 20:5") && told[1].contains("24/12/2026 20:5"), "{told:?}");
    click(&mut window, "No comparison");
    assert!(!has(&window, "The week before"));
}

#[test]
fn the_arrows_move_the_mark_and_escape_closes_the_choice() {
    let mut window = large(Lang::Pt);
    press(&mut window, Modifiers::NONE, Key::C);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(window.state().state.compare.chooser.as_ref().map(|chooser| chooser.marked), Some(2));
    assert!(window.state().state.sensor_charts.view.follows(), "the chart does not move");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.state().state.compare.chooser.is_none());
    assert!(window.state().state.large.is_some(), "only the dialog is closed");
}
