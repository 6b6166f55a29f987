//! The bar at the top: where this till is, who works at it, and how it stands with the server.

use egui::{Align, Layout, RichText, Ui};
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::{format, icons, widgets};

use super::words;
use crate::action::Action;
use crate::cash_texts::CashText;
use crate::input::Input;
use crate::state::State;
use crate::state::cash::CashInput;
use crate::texts::Text;

/// Room that the bar needs to show the pulse.
const PULSE_FROM: f32 = 620.0;
/// Room with which the button of what is not sent shows its key.
const OUTBOX_KEY_FROM: f32 = 520.0;
/// What stays for the store's name, beside the person's.
const STORE_ROOM: f32 = 120.0;
/// The icons, the key and the edges of the person's button.
const PERSON_SIGNS: f32 = 110.0;
/// A name cut shorter than this says nothing.
const NAME_LEAST: f32 = 48.0;

pub fn ui(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let palette = Palette::in_ui(ui);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = tokens::SPACE_16;
        let zone = format::zone(state.store.as_ref().map_or("", |store| store.zone.as_str()));
        ui.label(RichText::new(format::time(state.now, &zone)).font(tokens::strong()))
            .on_hover_text(format::date_time(state.now, &zone));
        let words = state.connection.words(lang, state.now);
        widgets::status(ui, state.connection.tone(), &words)
            .on_hover_text(state.connection.data_age(lang, state.now));
        pulse(ui, state);
        waiting(ui, state, out);
        drawer(ui, state, out);
        if state.is_demo() && widgets::is_low(ui) {
            widgets::status(ui, Tone::Info, Text::DemoShort.get(lang));
        }
        person(ui, state, out);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = tokens::SPACE_8;
            ui.label(RichText::new(icons::STOREFRONT).size(tokens::SIZE_STRONG).color(palette.accent));
            let till = state.settings.till.as_deref().unwrap_or(Text::DefaultTill.get(lang));
            let store = state.store.as_ref().map_or("", |store| store.name.as_str());
            let words = format!("{store} · {till}");
            let font = tokens::body_strong();
            let shown = widgets::fit_middle(ui, &words, &font, ui.available_width());
            ui.label(RichText::new(shown).font(font)).on_hover_text(&words);
        });
    });
}

/// Left out where the bar has no room: the connection stands there in any case.
fn pulse(ui: &mut Ui, state: &State) {
    if state.pulse.name.is_none() || ui.available_width() < PULSE_FROM {
        return;
    }
    let lang = state.lang();
    let words = state.pulse.beat.words(lang);
    widgets::status(ui, state.pulse.beat.tone(), &words).on_hover_text(Text::PulseHint.get(lang));
}

/// Left out as the pulse is: the key opens it in any case.
fn drawer(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    if ui.available_width() < PULSE_FROM {
        return;
    }
    let store = state.store.as_ref().map(|store| store.id);
    let open = state.cash.here(store).is_some();
    let text = if open { CashText::StatusOpen } else { CashText::StatusClosed }.get(state.lang());
    let words = format!("{} {text}", if open { icons::MONEY } else { icons::LOCK });
    let key = state.keys.label(Action::Cash);
    if widgets::quiet_button(ui, &words, key).accessible_name(text).clicked() {
        out.push(Input::Cash(CashInput::Open));
    }
}

fn person(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let Some(person) = &state.person else { return };
    let name = widgets::cut_middle(&person.name, 28);
    let room = ui.available_width() - STORE_ROOM - PERSON_SIGNS;
    let words = if room < NAME_LEAST {
        format!("{} {}", icons::USER, icons::CARET_DOWN)
    } else {
        let name = widgets::fit_middle(ui, &name, &tokens::body(), room);
        format!("{} {name} {}", icons::USER, icons::CARET_DOWN)
    };
    let label = Text::MenuTitle.get(state.lang());
    let button = widgets::quiet_button(ui, &words, state.keys.label(Action::Menu));
    if button.on_hover_text(&person.name).accessible_name(label).clicked() {
        out.push(Input::OpenMenu);
    }
}

fn waiting(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let Some((tone, words)) = words::unsettled(&state.outbox, state.lang()) else { return };
    let text = format!("{} {words}", widgets::tone_icon(tone));
    let key = state.keys.label(Action::Outbox).filter(|_| ui.available_width() >= OUTBOX_KEY_FROM);
    if widgets::quiet_button(ui, &text, key).accessible_name(words).clicked() {
        out.push(Input::OpenOutbox);
    }
}
