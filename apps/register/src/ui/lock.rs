//! The locked till: who is there, and what they prove it with. What is open behind it is not shown.

use egui::{Button, CentralPanel, Frame, Key, Margin, RichText, ScrollArea, Ui, Vec2};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, ButtonSize, Field};
use tillwatch_desk::{failure, icons, keys, toasts};
use tillwatch_shared::limits::PASSWORD_CHARS;

use super::words;
use crate::input::Input;
use crate::people_texts::Text;
use crate::state::State;
use crate::state::people::{Barrier, Lock, PeopleInput};
use crate::texts::Text as Register;

const WIDTH: f32 = 420.0;
/// People shown before the list scrolls.
const LIST_HEIGHT: f32 = 260.0;
const LOW_LIST: f32 = 84.0;

pub fn ui(ui: &mut Ui, state: &State, lock: &Lock, out: &mut Vec<Input>) {
    if !state.asks_to_leave {
        read_keys(ui, out);
    }
    let palette = Palette::in_ui(ui);
    CentralPanel::default().frame(Frame::new().fill(palette.surface)).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            ui.vertical_centered(|ui| {
                ui.set_max_width(WIDTH);
                ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
                let above = if widgets::is_low(ui) { tokens::SPACE_8 } else { 64.0 };
                ui.add_space((ui.available_height() * 0.10).min(above).max(toasts::room(ui.ctx())));
                card(ui, state, lock, out);
            });
        });
    });
}

fn read_keys(ui: &Ui, out: &mut Vec<Input>) {
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
        if keys::pressed(ui.ctx(), key) {
            out.push(Input::People(PeopleInput::Move(by)));
        }
    }
}

fn card(ui: &mut Ui, state: &State, lock: &Lock, out: &mut Vec<Input>) {
    let lang = state.lang();
    widgets::title(ui, &format!("{} {}", icons::LOCK, Text::Locked.get(lang)));
    // In a low window what is to be typed and pressed comes first.
    if !widgets::is_low(ui) {
        widgets::weak(ui, Text::LockHint.get(lang));
    }
    waiting_work(ui, state);
    ui.add_space(tokens::SPACE_4);
    people(ui, state, lock, out);
    secret(ui, state, lock, out);
    barrier(ui, state, lock);
    let free = lock.waiting.is_none();
    let words = Text::Unlock.get(lang);
    if widgets::primary_button(ui, words, Some("Enter"), ButtonSize::Large, free).clicked() {
        out.push(Input::People(PeopleInput::Unlock));
    }
    if !free {
        widgets::loading(ui, Text::Checking.get(lang));
    }
    if widgets::quiet_button(ui, Text::SomebodyElse.get(lang), None).clicked() {
        out.push(Input::People(PeopleInput::SomebodyElse));
    }
}

/// What the next person finds: the open sale, and what is not yet sent.
fn waiting_work(ui: &mut Ui, state: &State) {
    let lang = state.lang();
    if !state.cart.is_empty() {
        let items = words::items(state.cart.lines().len(), lang);
        let figures: [(&str, &dyn std::fmt::Display); 2] =
            [("items", &items), ("total", &state.cart.total())];
        centred(ui, Tone::Info, &Text::OpenSale.with(lang, &figures));
    }
    if let Some((tone, words)) = words::unsettled(&state.outbox, lang) {
        centred(ui, tone, &words);
    }
}

/// A status between the other lines of the card.
fn centred(ui: &mut Ui, tone: Tone, words: &str) {
    let colour = Palette::in_ui(ui).tone(tone);
    ui.label(RichText::new(format!("{} {words}", widgets::tone_icon(tone))).color(colour));
}

fn people(ui: &mut Ui, state: &State, lock: &Lock, out: &mut Vec<Input>) {
    let low = widgets::is_low(ui);
    if !low {
        widgets::small_weak(ui, Text::WhoAreYou.get(state.lang()));
    }
    let height = if low { LOW_LIST } else { LIST_HEIGHT };
    ScrollArea::vertical().id_salt("people").max_height(height).show(ui, |ui| {
        for (row, known) in state.people.known().iter().enumerate() {
            let name = widgets::cut_middle(&known.person.name, 40);
            let chosen = row == lock.chosen;
            let words = RichText::new(name.as_ref()).font(tokens::body_strong());
            let button = Button::selectable(chosen, words)
                .frame_when_inactive(true)
                .min_size(Vec2::new(ui.available_width(), 36.0))
                // The name begins at the left edge.
                .right_text("");
            let button = ui.add_enabled(lock.waiting.is_none(), button).accessible_name(name);
            if chosen {
                button.scroll_to_me(None);
            }
            if button.on_hover_text(words::role(known.person.role, state.lang())).clicked() {
                out.push(Input::People(PeopleInput::Choose(row)));
            }
        }
    });
}

fn secret(ui: &mut Ui, state: &State, lock: &Lock, out: &mut Vec<Input>) {
    let field = Field::new("lock-secret", Text::Secret.get(state.lang()), &lock.secret)
        .password()
        .limit(PASSWORD_CHARS)
        .focus(lock.focus);
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::People(PeopleInput::Secret(text))));
    if answer.entered {
        out.push(Input::People(PeopleInput::Unlock));
    }
    if lock.focus {
        // Put first: a decision of this frame may move the focus again.
        out.insert(0, Input::People(PeopleInput::Focused));
    }
}

fn barrier(ui: &mut Ui, state: &State, lock: &Lock) {
    let lang = state.lang();
    let Some(barrier) = &lock.barrier else { return };
    let text = match barrier {
        Barrier::Here(why) => Text::not_let_in(*why, lang),
        Barrier::Server(failure) => {
            format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang))
        }
        Barrier::TooLongAgo => Register::KnownTooLongAgo.get(lang).to_owned(),
        Barrier::OtherStore => Text::OtherStore.get(lang).to_owned(),
    };
    let palette = Palette::in_ui(ui);
    let margin = Margin::symmetric(12, 8);
    let frame = Frame::new().fill(palette.danger_soft).corner_radius(tokens::CORNER).inner_margin(margin);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let words = format!("{} {text}", icons::WARNING_CIRCLE);
        ui.add(egui::Label::new(RichText::new(words).color(palette.danger)).wrap());
    });
}
