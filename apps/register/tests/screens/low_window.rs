//! A low window, as at 200 % on a screen of 1366 × 768: what a screen asks for can be pressed without scrolling.

use egui::accesskit::Role;
use egui::epaint::Shape;
use egui::{Rect, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tillwatch_desk::settings::Settings;
use tillwatch_desk::tokens::Palette;
use tillwatch_desk::{Lang, Theme};
use tillwatch_register::State;

use crate::common::{Window, window};
use crate::names::drawn::screens;

/// What a window of 1366 × 768 has at 200 %.
const LOW: Vec2 = Vec2::new(683.0, 384.0);
/// So high that nothing of any screen has to be scrolled.
const HIGH: Vec2 = Vec2::new(683.0, 3000.0);
/// Of an empty list, which says the key in place of the button where there is no room for it.
const TOLD_BY_KEY: [&str; 2] = ["Venda por valor", "Sale by amount"];

/// What is filled with the accent colour and can be seen: all of it, and not only the part in a scrolled list.
fn accented(harness: &Window<'_>, state: &State) -> Vec<Rect> {
    let accent = Palette::of(state.theme()).accent;
    let filled = |shape: &Shape| match shape {
        Shape::Rect(rect) if rect.fill == accent => Some(rect.rect),
        _ => None,
    };
    let shapes = harness.output().shapes.iter();
    let seen = shapes.filter_map(|one| {
        let rect = filled(&one.shape)?;
        one.clip_rect.expand(1.0).contains_rect(rect).then_some(rect)
    });
    seen.collect()
}

/// The primary buttons that can be seen, by their labels.
fn primary(harness: &Window<'_>, state: &State) -> Vec<String> {
    let accented = accented(harness, state);
    let screen = harness.ctx.content_rect().expand(0.5);
    let buttons = harness.query_all_by_role(Role::Button);
    let at = |rect: Rect| accented.iter().any(|other| (other.center() - rect.center()).length() < 2.0);
    let primary = buttons.filter(|button| {
        let rect = button.rect();
        screen.contains_rect(rect) && at(rect)
    });
    primary.filter_map(|button| button.accesskit_node().label()).collect()
}

fn hidden(lang: Lang) -> Vec<String> {
    let settings = || Settings { lang, theme: Some(Theme::Light), ..Settings::default() };
    let mut hidden = Vec::new();
    let mut buttons = 0;
    for (name, state) in screens(&settings) {
        let mut harness = window(state.clone(), HIGH);
        let wanted = primary(&harness, &state);
        harness.set_size(LOW);
        harness.run_steps(4);
        let seen = primary(&harness, &state);
        buttons += wanted.len();
        for label in wanted {
            if !seen.contains(&label) && !TOLD_BY_KEY.contains(&label.as_str()) {
                hidden.push(format!("{name}: {label}"));
            }
        }
    }
    assert!(buttons > 40, "only {buttons} primary buttons were found: the test looks at the wrong things");
    hidden
}

#[test]
fn what_is_to_be_pressed_is_in_sight_in_portuguese() {
    assert_eq!(hidden(Lang::Pt), Vec::<String>::new());
}

#[test]
fn what_is_to_be_pressed_is_in_sight_in_english() {
    assert_eq!(hidden(Lang::En), Vec::<String>::new());
}
