//! What people say of a sensor: notes on its chart, and its calibration.

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::Lang;
use tillwatch_monitor::charts::RangeChoice;
use tillwatch_monitor::forms::{FormAct, Order, Part};
use tillwatch_monitor::input::{Effect, User, ViewAct};
use tillwatch_monitor::samples::stage::clock;
use tillwatch_monitor::samples::{self, NOW};
use tillwatch_monitor::state::Page;
use tillwatch_shared::api::AnnotationKind;
use tillwatch_shared::time::MINUTE;

use crate::common::{Window, settle, user};
use crate::hands::{DESK, USUAL, at, click, control, enlarge, has, press, with, written};

fn large(lang: Lang) -> Window<'static> {
    let mut window = at(Page::Sensors, lang);
    let open = if lang == Lang::Pt { "Ampliar Geladeira 1" } else { "Enlarge Geladeira 1" };
    enlarge(&mut window, open);
    settle(&mut window, USUAL);
    window
}

/// The command that is on its way.
fn order(window: &Window<'_>) -> Option<Order> {
    let asked = window.state().pending.iter().rev();
    asked.into_iter().find_map(|effect| {
        if let Effect::Order { order, .. } = &effect.what { Some((**order).clone()) } else { None }
    })
}

#[test]
fn notes_and_calibrations_stand_on_the_large_chart() {
    let window = large(Lang::Pt);
    assert!(has(&window, "Degelo, 31/12/2026 20:52 – 20:58, Maria das Dores: como toda sexta"));
    assert!(has(&window, "Porta aberta, 31/12/2026 20:54 – 20:55, Maria das Dores"));
    assert!(has(&window, "Outro, 31/12/2026 21:01, Maria das Dores: falta de luz no quarteirão"));
    let since = "Calibração -0,4 °C · certificado 123/2026 de 14/12/2026 · desde 31/12/2026 20:56";
    assert!(has(&window, since));
    assert!(has(&large(Lang::En), "Defrost, 31/12/2026 20:52 – 20:58"));
}

/// Its words stand beside the mark of a note that is too near to the right edge, not across it.
#[test]
fn the_words_of_a_note_leave_its_mark_in_sight() {
    for (size, range) in [(vec2(683.0, 1100.0), RangeChoice::Hour), (DESK, RangeChoice::Day)] {
        let mut window = with(Page::Sensors, Lang::Pt, USUAL, size);
        user(&mut window, User::View(ViewAct::Sensor(Some(samples::sensor_id(0)))));
        user(&mut window, User::View(ViewAct::Range(range)));
        settle(&mut window, USUAL);
        window.run_steps(2);
        let chart = window.get_by_label("Gráfico de Temperatura, Geladeira 1").rect();
        let state = &window.state().state;
        let shown = state.range(&state.sensor_charts, clock());
        let share = (NOW.0 - 4 * MINUTE - shown.from) as f64 / shown.span() as f64;
        let mark = f64::from(chart.left()) + share * f64::from(chart.width());
        let note = written(&window).into_iter().find(|(_, words)| words == "falta de luz no quarteirão");
        let (words, _) = note.unwrap();
        let (left, right) = (f64::from(words.left()), f64::from(words.right()));
        assert!(right < mark || mark + 3.0 < left, "{words:?} lies across {mark} in {size}");
        assert!(chart.x_range().contains(words.left()) && chart.x_range().contains(words.right()));
    }
}

#[test]
fn the_time_in_sight_is_noted() {
    let mut window = large(Lang::Pt);
    click(&mut window, "Anotar…");
    let form = window.state().state.form.as_ref().unwrap();
    assert_eq!((form.value(Part::From), form.value(Part::To)), ("31/12/2026 20:50", "31/12/2026 21:05"));
    user(&mut window, User::Form(FormAct::Set(Part::Watch, "other".to_owned())));
    click(&mut window, "Conferir");
    assert!(has(&window, "Escreva o que foi."));
    user(&mut window, User::Form(FormAct::Set(Part::Instructions, "troca da borracha".to_owned())));
    user(&mut window, User::Form(FormAct::Set(Part::To, "31/12/2026 20:49".to_owned())));
    assert!(has(&window, "Não antes do início"));
    user(&mut window, User::Form(FormAct::Set(Part::To, String::new())));
    click(&mut window, "Conferir");
    click(&mut window, "Salvar");
    let Some(Order::Annotate(_, note)) = order(&window) else { panic!("nothing is sent") };
    assert_eq!((note.kind, note.to), (AnnotationKind::Other, None));
    assert_eq!(note.text.as_deref(), Some("troca da borracha"));
    assert_eq!(note.from.0 % MINUTE, 0);
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo: "));
    press(&mut window, Modifiers::NONE, Key::N);
    assert!(has(&window, "Anotação · Geladeira 1"), "the key opens the form too");
}

#[test]
fn a_calibration_is_set_with_its_certificate_and_taken_back_with_a_reason() {
    let mut window = large(Lang::Pt);
    click(&mut window, "Calibração…");
    assert!(has(&window, "Alarmes já registrados não mudam"));
    for (part, typed) in
        [(Part::Offset, "-0,35"), (Part::Certificate, "77/2026"), (Part::IssuedOn, "30/12/2026")]
    {
        user(&mut window, User::Form(FormAct::Set(part, typed.to_owned())));
    }
    click(&mut window, "Conferir");
    assert!(has(&window, "77/2026"));
    click(&mut window, "Salvar");
    let Some(Order::Calibrate(_, set)) = order(&window) else { panic!("nothing is sent") };
    assert_eq!((set.offset_celsius, set.certificate.as_str()), (-0.35, "77/2026"));
    settle(&mut window, USUAL);

    control(&window, Role::Button, "Calibração -0,4 °C · certificado 123/2026").click();
    window.run_steps(3);
    assert!(has(&window, "Retirar calibração"));
    click(&mut window, "Conferir");
    assert!(has(&window, "Escreva o motivo."));
    user(&mut window, User::Form(FormAct::Set(Part::Reason, "engano".to_owned())));
    click(&mut window, "Conferir");
    click(&mut window, "Salvar");
    let Some(Order::WithdrawCalibration(_, gone)) = order(&window) else { panic!("nothing is sent") };
    assert_eq!(gone.reason, "engano");
}

#[test]
fn a_note_is_taken_back_from_the_chart() {
    let mut window = large(Lang::En);
    control(&window, Role::Button, "Door open, 31/12/2026").click();
    window.run_steps(3);
    assert!(has(&window, "Withdraw note"));
    user(&mut window, User::Form(FormAct::Set(Part::Reason, "another fridge".to_owned())));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.state().state.form.is_none());
}
