//! Choosing the store, for a person who works in several.

use egui::{CentralPanel, Frame, ScrollArea, Ui};
use tillwatch_desk::icons;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::widgets::{self, ButtonSize, Call};

use crate::input::Input;
use crate::state::State;
use crate::texts::Text;

const WIDTH: f32 = 420.0;

pub fn ui(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let palette = Palette::in_ui(ui);
    CentralPanel::default().frame(Frame::new().fill(palette.surface)).show(ui, |ui| {
        if state.stores.is_empty() {
            nothing(ui, state, out);
        } else {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                ui.vertical_centered(|ui| list(ui, state, out));
            });
        }
    });
}

fn nothing(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let name = state.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
    let title = Text::NoStore.with(lang, &[("name", &name)]);
    let call = Call { text: Text::SignOut.get(lang), key: None };
    if widgets::empty_state(ui, icons::STOREFRONT, &title, Text::NoStoreHint.get(lang), Some(call)) {
        out.push(Input::SignOut);
    }
}

fn list(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    ui.set_max_width(WIDTH);
    ui.add_space((ui.available_height() * 0.12).min(80.0));
    widgets::title(ui, Text::ChooseStore.get(lang));
    widgets::weak(ui, Text::ChooseStoreHint.get(lang));
    ui.add_space(tokens::SPACE_12);
    for (row, store) in state.stores.iter().enumerate() {
        let name = widgets::cut_middle(&store.name, 44);
        let button = if row == state.store_row {
            widgets::primary_button(ui, &name, Some("Enter"), ButtonSize::Large, true)
        } else {
            widgets::secondary_button(ui, &name, None, ButtonSize::Large, true)
        };
        if button.on_hover_text(&store.name).clicked() {
            out.push(Input::ChooseStore(row));
        }
    }
    ui.add_space(tokens::SPACE_16);
    if widgets::quiet_button(ui, Text::SignOut.get(lang), None).clicked() {
        out.push(Input::SignOut);
    }
}
