//! The monthly sheet of a sensor.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tillwatch_desk::Lang;
use tillwatch_monitor::input::Effect;
use tillwatch_monitor::saving::FileEffect;
use tillwatch_monitor::state::Page;

use crate::common::{Window, settle};
use crate::hands::{USUAL, at, click, enlarge, has, press};
use crate::row_keys::key;

fn open() -> Window<'static> {
    let mut window = at(Page::Sensors, Lang::Pt);
    enlarge(&mut window, "Ampliar Geladeira 1");
    settle(&mut window, USUAL);
    click(&mut window, "Folha do mês");
    settle(&mut window, USUAL);
    window
}

#[test]
fn the_month_its_figures_and_its_excursions() {
    let mut window = open();
    for words in
        ["Folha de temperatura · Geladeira 1", "dez 2026", "4,87 °C", "2,0 °C – 8,0 °C", "Excursões (2)"]
    {
        assert!(has(&window, words), "{words}");
    }
    assert!(has(&window, "01/12/2026") && has(&window, "manhã"));
    let day = key(&mut window, Key::Home);
    assert!(day.contains("01/12/2026, manhã"), "{day}");
    let day = key(&mut window, Key::End);
    assert!(day.contains("/12/2026, ") && !day.contains("01/12/2026"), "{day}");
    click(&mut window, "Excursões (2)");
    assert!(has(&window, "Vacinas levadas"));
    assert!(has(&window, "Calibração -0,4 °C · certificado 123/2026"));
    assert!(has(&window, "ninguém anotou"));
    click(&mut window, "Mês anterior");
    settle(&mut window, USUAL);
    assert!(has(&window, "nov 2026"));
    click(&mut window, "Mês anterior");
    settle(&mut window, USUAL);
    assert!(has(&window, "Nenhuma leitura neste mês"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!has(&window, "Folha de temperatura"));
    assert!(window.state().state.large.is_some(), "Escape closes the sheet alone");
}

#[test]
fn it_is_saved_with_the_name_of_who_answers_for_it() {
    let mut window = open();
    window.get_by_role_and_label(Role::TextInput, "Responsável").focus();
    window.run_steps(2);
    window.get_by_role_and_label(Role::TextInput, "Responsável").type_text("Ana");
    window.run_steps(2);
    window.state_mut().pending.clear();
    click(&mut window, "Salvar XLSX");
    let saved = window.state().pending.iter().find_map(|effect| {
        if let Effect::File(FileEffect::Sheet { ask, .. }) = &effect.what {
            ask.responsible.clone()
        } else {
            None
        }
    });
    assert_eq!(saved.as_deref(), Some("Ana"));
    settle(&mut window, USUAL);
    click(&mut window, "Salvar PDF");
    settle(&mut window, USUAL);
    assert!(has(&window, "Salvo em /home/lucas/Downloads/folha-de-temperatura-2026-12.pdf"));
}
