//! What a person can do with a page: look, click, press.

use egui::accesskit::Role;
use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Rect, Shape, TouchPhase, Vec2, pos2, vec2,
};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tillwatch_desk::{Lang, Theme};
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{loaded, settings};
use tillwatch_monitor::state::Page;

use crate::common::{Window, settle, window};

pub const DESK: Vec2 = vec2(1366.0, 768.0);

pub const USUAL: MadeUp = MadeUp { stores: 6, sensors: 8, changes: 60, products: 40, demo: false };

pub fn at(page: Page, lang: Lang) -> Window<'static> {
    with(page, lang, USUAL, DESK)
}

pub fn with(page: Page, lang: Lang, made_up: MadeUp, size: Vec2) -> Window<'static> {
    let mut window = window(loaded(settings(lang, Theme::Dark), made_up, page), size, 1.0);
    settle(&mut window, made_up);
    window
}

pub fn page_of(window: &Window<'_>) -> Page {
    window.state().state.page
}

pub fn click(window: &mut Window<'_>, label: &str) {
    window.get_by_label(label).click();
    window.run_steps(3);
}

/// Clicks the head of a sensor's card, which may stand further down.
pub fn enlarge(window: &mut Window<'_>, label: &str) {
    for _ in 0..20 {
        if window.query_by_label(label).is_some_and(|card| card.rect().bottom() < DESK.y) {
            break;
        }
        window.hover_at(pos2(DESK.x * 0.6, DESK.y * 0.6));
        let (unit, phase, source) = (MouseWheelUnit::Point, TouchPhase::Move, MouseWheelSource::Unknown);
        let (delta, modifiers) = (vec2(0.0, -200.0), Modifiers::NONE);
        window.event(Event::MouseWheel { unit, delta, phase, modifiers, source });
        window.run_steps(8);
    }
    click(window, label);
}

/// The control of that role whose label holds `part`: its text is a node of its own.
pub fn control<'w>(window: &'w Window<'_>, role: Role, part: &'w str) -> egui_kittest::Node<'w> {
    let mut found = window.query_all_by_label_contains(part).filter(|n| n.accesskit_node().role() == role);
    found.next().unwrap_or_else(|| panic!("no {role:?} {part:?}"))
}

pub fn press(window: &mut Window<'_>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

pub fn has(window: &Window<'_>, part: &str) -> bool {
    window.query_all_by_label_contains(part).next().is_some()
}

/// What is written in the window and where, as the painter gets it: also what is drawn without a label.
pub fn written(window: &Window<'_>) -> Vec<(Rect, String)> {
    fn texts(shape: &Shape, found: &mut Vec<(Rect, String)>) {
        if let Shape::Text(text) = shape {
            found.push((text.visual_bounding_rect(), text.galley.text().to_owned()));
        } else if let Shape::Vec(shapes) = shape {
            for shape in shapes {
                texts(shape, found);
            }
        }
    }
    let mut found = Vec::new();
    for clipped in &window.output().shapes {
        texts(&clipped.shape, &mut found);
    }
    found
}
