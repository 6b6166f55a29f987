//! The wall, and what is set about calls.

use egui::{Key, Modifiers};
use tillwatch_desk::Lang;
use tillwatch_monitor::input::Effect;
use tillwatch_monitor::state::Page;

use crate::hands::{at, click, has, press};

#[test]
fn the_wall_is_entered_by_key_and_left_by_escape() {
    let mut window = at(Page::Live, Lang::Pt);
    assert!(has(&window, "Cadastros"));
    press(&mut window, Modifiers::NONE, Key::F11);
    let state = &window.state().state;
    assert!(state.wall.is_some() && state.page == Page::Overview);
    assert!(!has(&window, "Cadastros"), "no way through the pages");
    assert!(has(&window, "Esc volta"));
    let awake = |on| move |effect: &Effect| *effect == Effect::StayAwake(on);
    let asked =
        |window: &crate::common::Window<'_>, on| window.state().pending.iter().any(|of| awake(on)(&of.what));
    assert!(asked(&window, true));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.state().state.wall.is_none());
    assert!(has(&window, "Cadastros") && asked(&window, false));
}

#[test]
fn the_sound_of_alarms_is_switched_off_in_the_settings() {
    let mut window = at(Page::Settings, Lang::En);
    click(&mut window, "Play a sound");
    assert!(!window.state().state.settings.calls.sound);
}
