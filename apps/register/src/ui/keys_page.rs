//! The page of keys: what each does, and changing them.

use egui::{Align, Context, Grid, Layout, Ui};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Tone};
use tillwatch_desk::widgets::{self, ButtonSize, Dialog};

use super::keys;
use crate::action::Action;
use crate::input::{Input, KeysInput};
use crate::keys_texts::KeysText;
use crate::state::State;
use crate::state::keys::{KeyComplaint, KeysForm};

/// What two columns of keys and their words need.
const TWO_COLUMNS: f32 = 720.0;
const KEY_WIDTH: f32 = 76.0;

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: KeysForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "keys", title: KeysText::Title.get(lang), width: 860.0, lang };
    let answer = dialog.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        ui.horizontal(|ui| {
            let changed = !state.settings.keys.is_empty();
            let defaults = KeysText::Defaults.get(lang);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if widgets::secondary_button(ui, defaults, None, ButtonSize::Normal, changed).clicked() {
                    out.push(Input::Keys(KeysInput::Defaults));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| say(ui, state, form));
            });
        });
        let columns = if ui.available_width() < TWO_COLUMNS { 1 } else { 2 };
        columned(ui, "keys-grid", columns, Action::ALL, |ui, action| {
            if one(ui, state, form, *action) {
                out.push(Input::Keys(KeysInput::Change(*action)));
            }
            ui.label(action.text(lang));
        });
        ui.separator();
        widgets::small_weak(ui, KeysText::Fixed.get(lang));
        columned(ui, "fixed-keys-grid", columns, &keys::fixed(lang), |ui, line| {
            widgets::key_cap(ui, line.key);
            ui.label(line.does);
        });
    });
    answer.closed
}

/// What to do, or what was wrong. Always one line, so that nothing jumps.
fn say(ui: &mut Ui, state: &State, form: KeysForm) {
    let lang = state.lang();
    match (form.complaint, form.changing) {
        (Some(KeyComplaint::Taken(key, owner)), _) => {
            let words = KeysText::Taken.with(lang, &[("key", &key), ("does", &owner.text(lang))]);
            widgets::status(ui, Tone::Danger, &words);
        }
        (Some(KeyComplaint::NotThis(key)), _) => {
            widgets::status(ui, Tone::Danger, &KeysText::NotThis.with(lang, &[("key", &key)]));
        }
        (None, Some(action)) => {
            let words = KeysText::PressHint.with(lang, &[("does", &action.text(lang))]);
            widgets::status(ui, Tone::Info, &words);
        }
        (None, None) => {
            widgets::weak(ui, KeysText::Hint.get(lang));
        }
    }
}

/// `true` when the key is to be changed.
fn one(ui: &mut Ui, state: &State, form: KeysForm, action: Action) -> bool {
    let lang = state.lang();
    let key = state.keys.word(action);
    let words = if form.changing == Some(action) { KeysText::Press.get(lang) } else { key };
    let name = KeysText::Change.with(lang, &[("does", &action.text(lang)), ("key", &key)]);
    widgets::secondary_button(ui, words, None, ButtonSize::Normal, true).accessible_name(name).clicked()
}

/// Pairs of a key and its words, down the first column and then the second.
fn columned<T>(ui: &mut Ui, id: &str, columns: usize, items: &[T], mut add: impl FnMut(&mut Ui, &T)) {
    let rows = items.len().div_ceil(columns);
    ui.columns(columns, |columns| {
        for (place, (ui, items)) in columns.iter_mut().zip(items.chunks(rows.max(1))).enumerate() {
            let grid = Grid::new((id, place)).spacing([tokens::SPACE_12, tokens::SPACE_4]);
            grid.min_col_width(KEY_WIDTH).show(ui, |ui| {
                for item in items {
                    add(ui, item);
                    ui.end_row();
                }
            });
        }
    });
}
