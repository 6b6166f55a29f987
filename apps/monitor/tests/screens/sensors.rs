//! The charts.

use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::Lang;
use tillwatch_monitor::input::Effect;
use tillwatch_monitor::samples;
use tillwatch_monitor::state::Page;
use tillwatch_shared::time::MINUTE;

use crate::common::{Window, settle};
use crate::hands::{USUAL, at, click, has, press};

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
