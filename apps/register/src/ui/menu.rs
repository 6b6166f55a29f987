//! The person and the window's settings.

use egui::{Context, Ui};
use tillwatch_desk::settings::{Preference, ZOOM_LEAST, ZOOM_MOST};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens;
use tillwatch_desk::widgets::{self, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, Theme};

use super::{printer, words};
use crate::action::Action;
use crate::input::{FormInput, Input};
use crate::people_texts::Text as PeopleText;
use crate::receipts_texts::Text as Papers;
use crate::scan_texts::ScanText;
use crate::state::State;
use crate::state::forms::Part;
use crate::state::labels::LabelsInput;
use crate::state::people::{LOCK_AFTER, PeopleInput};
use crate::state::receipts::ReceiptsInput;
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
        let reader = ScanText::ReaderTitle.get(lang);
        if widgets::secondary_button(ui, reader, None, ButtonSize::Wide, true).clicked() {
            out.push(Input::OpenReader);
        }
        ui.separator();
        locking(ui, state, out);
        papers(ui, state, out);
        ui.add_space(tokens::SPACE_8);
        if widgets::secondary_button(ui, Text::SignOut.get(lang), None, ButtonSize::Wide, true).clicked() {
            out.push(Input::SignOut);
        }
    });
    answer.closed
}

fn settings(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let langs = [Lang::Pt, Lang::En].map(|lang| (lang, lang.name()));
    let themes = [(Theme::Light, Text::ThemeLight.get(lang)), (Theme::Dark, Text::ThemeDark.get(lang))];
    ui.columns_const(|[left, right]| {
        widgets::small_weak(left, Text::Language.get(lang));
        let width = Some(left.available_width());
        let chosen = widgets::segmented(left, Some(lang), &langs, width);
        out.extend(chosen.map(|lang| Input::Prefer(Preference::Lang(lang))));
        widgets::small_weak(right, Text::Theme.get(lang));
        let chosen = widgets::segmented(right, Some(state.theme()), &themes, width);
        out.extend(chosen.map(|theme| Input::Prefer(Preference::Theme(theme))));
    });
    ui.columns_const(|[left, right]| {
        zoom(left, state, out);
        till_name(right, state, out);
    });
}

fn zoom(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    widgets::small_weak(ui, Text::Zoom.get(state.lang()));
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

fn locking(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    widgets::small_weak(ui, PeopleText::LockAfter.get(lang));
    let words = LOCK_AFTER.map(|minutes| match minutes {
        0 => PeopleText::Never.get(lang).to_owned(),
        n => PeopleText::Minutes.with(lang, &[("n", &n)]),
    });
    let choices: Vec<(u32, &str)> = LOCK_AFTER.into_iter().zip(words.iter().map(String::as_str)).collect();
    let chosen =
        widgets::segmented(ui, Some(state.settings.lock_after_minutes), &choices, Some(ui.available_width()));
    out.extend(chosen.map(|minutes| Input::People(PeopleInput::LockAfter(minutes))));
    let now = PeopleText::LockNow.get(lang);
    let key = state.keys.label(Action::Lock);
    if widgets::secondary_button(ui, now, key, ButtonSize::Wide, true).clicked() {
        out.push(Input::Close);
        out.push(Input::People(PeopleInput::Lock));
    }
}

fn till_name(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let till = state.settings.till.as_deref().unwrap_or_default();
    let field =
        Field::new("till-name", Text::TillName.get(lang), till).hint(Text::DefaultTill.get(lang)).limit(40);
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Form(FormInput::Text(Part::TillName, text))));
}

fn place(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let store = state.store.as_ref().map_or("", |store| store.name.as_str());
    ui.label(format!("{}: {}", Text::StoreNow.get(lang), widgets::cut_middle(store, 44)));
    let several = state.stores.len() > 1;
    let change = Text::ChangeStore.get(lang);
    if several && widgets::secondary_button(ui, change, None, ButtonSize::Wide, true).clicked() {
        out.push(Input::ChangeStore);
    }
}

/// Printer and labels.
fn papers(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let way = printer::way(state.settings.printer.way, lang);
    let words = Papers::PrinterNow.with(lang, &[("way", &way)]);
    if widgets::secondary_button(ui, &words, None, ButtonSize::Wide, true).clicked() {
        out.push(Input::Receipts(ReceiptsInput::OpenPrinter));
    }
    let key = state.keys.label(Action::Labels);
    let labels = Papers::LabelsOpen.get(lang);
    if widgets::secondary_button(ui, labels, key, ButtonSize::Wide, true).clicked() {
        out.push(Input::Receipts(ReceiptsInput::Labels(LabelsInput::Open)));
    }
}
