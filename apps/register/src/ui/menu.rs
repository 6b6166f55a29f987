//! The person and the window's settings.

use egui::{Context, Ui};
use tillwatch_desk::settings::{Preference, ZOOM_LEAST, ZOOM_MOST};
use tillwatch_desk::tokens;
use tillwatch_desk::widgets::{self, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, Theme};

use super::words;
use crate::input::{FormInput, Input};
use crate::state::State;
use crate::state::forms::Part;
use crate::texts::Text;

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "menu", title: Text::MenuTitle.get(lang), width: 460.0, lang };
    let answer = dialog.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        if let Some(person) = &state.person {
            widgets::strong(ui, &widgets::cut_middle(&person.name, 40));
            let role = words::role(person.role, lang);
            widgets::weak(ui, &format!("{role} · {}", person.username));
        }
        ui.separator();
        settings(ui, state, out);
        ui.separator();
        place(ui, state, out);
        ui.add_space(tokens::SPACE_8);
        if widgets::secondary_button(ui, Text::SignOut.get(lang), None, ButtonSize::Wide, true).clicked() {
            out.push(Input::SignOut);
        }
    });
    answer.closed
}

fn settings(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let width = Some(ui.available_width());
    widgets::small_weak(ui, Text::Language.get(lang));
    let langs = [Lang::Pt, Lang::En].map(|lang| (lang, lang.name()));
    let chosen = widgets::segmented(ui, Some(lang), &langs, width);
    out.extend(chosen.map(|lang| Input::Prefer(Preference::Lang(lang))));
    widgets::small_weak(ui, Text::Theme.get(lang));
    let themes = [(Theme::Light, Text::ThemeLight.get(lang)), (Theme::Dark, Text::ThemeDark.get(lang))];
    let chosen = widgets::segmented(ui, Some(state.theme()), &themes, width);
    out.extend(chosen.map(|theme| Input::Prefer(Preference::Theme(theme))));
    widgets::small_weak(ui, Text::Zoom.get(lang));
    ui.horizontal(|ui| {
        let zoom = state.settings.zoom;
        let less = widgets::secondary_button(ui, "−", None, ButtonSize::Normal, zoom > ZOOM_LEAST);
        if less.clicked() {
            out.push(Input::Prefer(Preference::ZoomOut));
        }
        widgets::strong(ui, &format!("{zoom} %"));
        let more = widgets::secondary_button(ui, "+", None, ButtonSize::Normal, zoom < ZOOM_MOST);
        if more.clicked() {
            out.push(Input::Prefer(Preference::ZoomIn));
        }
    });
}

fn place(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let till = state.settings.till.as_deref().unwrap_or_default();
    let field =
        Field::new("till-name", Text::TillName.get(lang), till).hint(Text::DefaultTill.get(lang)).limit(40);
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Form(FormInput::Text(Part::TillName, text))));
    let store = state.store.as_ref().map_or("", |store| store.name.as_str());
    ui.label(format!("{}: {}", Text::StoreNow.get(lang), widgets::cut_middle(store, 44)));
    let several = state.stores.len() > 1;
    let change = Text::ChangeStore.get(lang);
    if several && widgets::secondary_button(ui, change, None, ButtonSize::Wide, true).clicked() {
        out.push(Input::ChangeStore);
    }
}
