//! Draws the sign-in screen.

use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, RichText, ScrollArea, Stroke, Ui, Vec2};

use super::state::{Complaint, DEMO_PEOPLE, Input, Mode, Place, State};
use super::texts::Text;
use crate::settings::Preference;
use crate::tokens::{self, Palette, Tone};
use crate::widgets::{self, Banner, ButtonSize, Field};
use crate::{Lang, Theme, failure, icons};

const CARD_WIDTH: f32 = 400.0;
/// Low and wide, as a low window is.
const LOW_CARD_WIDTH: f32 = 600.0;
/// What two fields beside each other need.
const TWO_COLUMNS: f32 = 480.0;

/// How the window looks now, and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub lang: Lang,
    pub theme: Theme,
    /// "Caixa", "Monitor"
    pub program: &'a str,
    pub icon: &'a str,
}

/// What the person did in this frame.
#[derive(Debug, Default)]
pub struct Answers {
    pub inputs: Vec<Input>,
    pub preferences: Vec<Preference>,
}

pub fn ui(ui: &mut Ui, state: &State, look: Look<'_>) -> Answers {
    let mut answers = Answers::default();
    let palette = Palette::in_ui(ui);
    if state.is_demo() {
        Panel::top("sign-in-demo").frame(Frame::new()).show_separator_line(false).show(ui, |ui| {
            Banner { tone: Tone::Info, text: Text::Demo.get(look.lang), call: None }.show(ui);
        });
    }
    let foot = Frame::new().fill(palette.surface).inner_margin(Margin::symmetric(16, 8));
    Panel::bottom("sign-in-foot").frame(foot).show_separator_line(false).show(ui, |ui| {
        preferences(ui, look, &mut answers);
    });
    CentralPanel::default().frame(Frame::new().fill(palette.surface)).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            ui.vertical_centered(|ui| {
                let above = ((ui.available_height() - 440.0) / 3.0).clamp(tokens::SPACE_16, 140.0);
                ui.add_space(if widgets::is_low(ui) { tokens::SPACE_4 } else { above });
                card(ui, state, look, &mut answers);
                ui.add_space(tokens::SPACE_24);
            });
        });
    });
    if state.focus.is_some() {
        answers.inputs.push(Input::Focused);
    }
    answers
}

fn preferences(ui: &mut Ui, look: Look<'_>, answers: &mut Answers) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let (text, theme) = match look.theme {
            Theme::Light => (Text::ThemeDark, Theme::Dark),
            Theme::Dark => (Text::ThemeLight, Theme::Light),
        };
        if widgets::quiet_button(ui, text.get(look.lang), None).clicked() {
            answers.preferences.push(Preference::Theme(theme));
        }
        let other = look.lang.other();
        if widgets::quiet_button(ui, other.name(), None).clicked() {
            answers.preferences.push(Preference::Lang(other));
        }
    });
}

fn card(ui: &mut Ui, state: &State, look: Look<'_>, answers: &mut Answers) {
    let palette = Palette::in_ui(ui);
    let low = widgets::is_low(ui);
    let width = if low { LOW_CARD_WIDTH } else { CARD_WIDTH }.min(ui.available_width());
    ui.set_max_width(width);
    if !low {
        ui.label(RichText::new(look.icon).size(tokens::SIZE_TOTAL).color(palette.accent));
    }
    ui.label(RichText::new(format!("Tillwatch · {}", look.program)).font(tokens::title()));
    ui.add_space(if low { tokens::SPACE_4 } else { tokens::SPACE_12 });
    let margin = if low { tokens::SPACE_12 } else { tokens::SPACE_24 };
    let frame = Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(tokens::CORNER)
        .inner_margin(margin);
    frame.show(ui, |ui| {
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.set_width(width - 2.0 * margin);
            ui.spacing_mut().item_spacing.y = if low { tokens::SPACE_8 } else { tokens::SPACE_12 };
            form(ui, state, look.lang, answers);
        });
    });
    ui.add_space(tokens::SPACE_8);
    ui.with_layout(Layout::top_down(Align::Min), |ui| server(ui, state, look.lang, answers));
}

fn form(ui: &mut Ui, state: &State, lang: Lang, answers: &mut Answers) {
    match state.mode {
        Mode::SetUp => {
            widgets::strong(ui, Text::SetUpTitle.get(lang));
            widgets::weak(ui, Text::SetUpHint.get(lang));
        }
        Mode::SignIn | Mode::SignUp if state.open_registration() => {
            let options = [(Mode::SignIn, Text::SignIn.get(lang)), (Mode::SignUp, Text::SignUp.get(lang))];
            let width = ui.available_width();
            if let Some(mode) = widgets::segmented(ui, Some(state.mode), &options, Some(width)) {
                answers.inputs.push(Input::Mode(mode));
            }
        }
        Mode::SignIn | Mode::SignUp => {}
    }
    fields(ui, state, lang, answers);
    trouble(ui, state, lang);
    let text = match state.mode {
        Mode::SignIn => Text::SignIn,
        Mode::SignUp => Text::SignUpDo,
        Mode::SetUp => Text::SetUpDo,
    };
    let clicked =
        widgets::primary_button(ui, text.get(lang), Some("Enter"), ButtonSize::Wide, !state.busy).clicked();
    if clicked {
        answers.inputs.push(Input::Submit);
    }
    if state.busy {
        widgets::loading(ui, Text::Busy.get(lang));
    } else if state.is_demo() && state.mode != Mode::SetUp {
        demo_people(ui, state, lang, answers);
    }
}

fn fields(ui: &mut Ui, state: &State, lang: Lang, answers: &mut Answers) {
    let code = Field::new("sign-in-code", Text::Code.get(lang), &state.code).limit(64);
    let label = if state.mode == Mode::SignIn { Text::Username } else { Text::NewUsername };
    let username = Field::new("sign-in-username", label.get(lang), &state.username)
        .limit(tillwatch_shared::limits::USERNAME_CHARS);
    let label = if state.mode == Mode::SignIn { Text::Password } else { Text::NewPassword };
    let password = Field::new("sign-in-password", label.get(lang), &state.password)
        .limit(tillwatch_shared::limits::PASSWORD_CHARS)
        .password();
    let store = Field::new("sign-in-store", Text::StoreName.get(lang), &state.store_name);
    let both = [(Place::Username, username), (Place::Password, password)];
    let mut all: Vec<(Place, Field<'_>)> = match state.mode {
        Mode::SignIn | Mode::SignUp => both.into(),
        Mode::SetUp => {
            std::iter::once((Place::Code, code)).chain(both).chain([(Place::StoreName, store)]).collect()
        }
    };
    // Side by side where below each other they would push the button out of the window.
    let columns = if widgets::is_low(ui) && ui.available_width() >= TWO_COLUMNS { 2 } else { 1 };
    while !all.is_empty() {
        let row: Vec<_> = all.drain(..columns.min(all.len())).collect();
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = tokens::SPACE_12;
            let width = (ui.available_width() - tokens::SPACE_12 * (columns - 1) as f32) / columns as f32;
            for (place, field) in row {
                one_field(ui, state, lang, place, field.width(width), answers);
            }
        });
    }
}

fn one_field(ui: &mut Ui, state: &State, lang: Lang, place: Place, field: Field<'_>, answers: &mut Answers) {
    let error = state.complaint.filter(|complaint| place_of(*complaint) == Some(place));
    let answer = field
        .error(error.map(|complaint| complaint_text(complaint).get(lang)))
        .focus(state.focus == Some(place) && state.address_draft.is_none())
        .show(ui);
    answers.inputs.extend(answer.changed.map(|text| Input::Text(place, text)));
    if answer.entered {
        answers.inputs.push(Input::Submit);
    }
}

/// The field that a complaint is about.
const fn place_of(complaint: Complaint) -> Option<Place> {
    match complaint {
        Complaint::CodeMissing => Some(Place::Code),
        Complaint::UsernameMissing => Some(Place::Username),
        Complaint::PasswordMissing | Complaint::PasswordShort => Some(Place::Password),
        Complaint::StoreNameMissing => Some(Place::StoreName),
        Complaint::Address => None,
    }
}

fn trouble(ui: &mut Ui, state: &State, lang: Lang) {
    let Some(failure) = &state.failure else { return };
    let palette = Palette::in_ui(ui);
    let frame = Frame::new()
        .fill(palette.danger_soft)
        .corner_radius(tokens::CORNER)
        .inner_margin(Margin::symmetric(12, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        let what = format!("{} {}", icons::WARNING_CIRCLE, failure::what(failure, lang));
        ui.label(RichText::new(what).color(palette.danger));
        let hint = failure::hint(failure, lang);
        if !hint.is_empty() {
            ui.label(RichText::new(hint).color(palette.text));
        }
    });
}

fn demo_people(ui: &mut Ui, state: &State, lang: Lang, answers: &mut Answers) {
    ui.separator();
    ui.horizontal_wrapped(|ui| {
        widgets::weak(ui, Text::DemoTry.get(lang));
        for person in DEMO_PEOPLE {
            let text = if person.manager { Text::DemoManager } else { Text::DemoSeller };
            let enabled = !state.busy;
            if widgets::secondary_button(ui, text.get(lang), None, ButtonSize::Normal, enabled).clicked() {
                answers.inputs.push(Input::Demo(person));
            }
        }
    });
    if state.open_registration() && state.mode == Mode::SignIn {
        widgets::small_weak(ui, Text::DemoNew.get(lang));
    }
}

fn server(ui: &mut Ui, state: &State, lang: Lang, answers: &mut Answers) {
    if let Some(draft) = &state.address_draft {
        return address(ui, state, draft, lang, answers);
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().button_padding.x = tokens::SPACE_4;
        if let Some(reason) = state.server.loading() {
            widgets::status(ui, Tone::Neutral, reason);
        } else if state.server.failure().is_some() {
            widgets::status(ui, Tone::Attention, Text::NotFound.get(lang));
        } else if state.server.value().is_some() {
            widgets::status(ui, Tone::Good, Text::Found.get(lang));
        }
        let link = format!("{}: {}", Text::Server.get(lang), widgets::cut_middle(&state.address, 40));
        let small = RichText::new(link).font(tokens::small());
        let label = Text::Address.get(lang);
        let button = egui::Button::new(small).frame_when_inactive(false);
        if ui.add(button).on_hover_text(label).accessible_name(label).clicked() {
            answers.inputs.push(Input::EditAddress);
        }
    });
    if let Some(failure) = state.server.failure().filter(|_| state.failure.is_none()) {
        let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
        widgets::weak(ui, &words);
        if widgets::secondary_button(ui, Text::Retry.get(lang), None, ButtonSize::Normal, true).clicked() {
            answers.inputs.push(Input::Retry);
        }
    }
}

fn address(ui: &mut Ui, state: &State, draft: &str, lang: Lang, answers: &mut Answers) {
    let bad = state.complaint == Some(Complaint::Address);
    let field = Field::new("sign-in-address", Text::Address.get(lang), draft)
        .error(bad.then(|| Text::AddressBad.get(lang)))
        .limit(400)
        .focus(state.focus == Some(Place::Address));
    let answer = field.show(ui);
    if answer.entered {
        answers.inputs.push(Input::UseAddress);
    }
    answers.inputs.extend(answer.changed.map(|text| Input::Text(Place::Address, text)));
    widgets::small_weak(ui, Text::AddressHint.get(lang));
    ui.horizontal(|ui| {
        let use_it = Text::UseAddress.get(lang);
        if widgets::primary_button(ui, use_it, Some("Enter"), ButtonSize::Normal, true).clicked() {
            answers.inputs.push(Input::UseAddress);
        }
        let keep = Text::KeepAddress.get(lang);
        let escape = ui.input(|input| input.key_pressed(egui::Key::Escape));
        if widgets::secondary_button(ui, keep, Some("Esc"), ButtonSize::Normal, true).clicked() || escape {
            answers.inputs.push(Input::KeepAddress);
        }
    });
    if let Some(reason) = state.server.loading() {
        widgets::loading(ui, reason);
    } else if let Some(failure) = state.server.failure() {
        let colour = Palette::in_ui(ui).danger;
        let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
        ui.add_sized(Vec2::new(CARD_WIDTH, 0.0), egui::Label::new(RichText::new(words).color(colour)).wrap());
    }
}

const fn complaint_text(complaint: Complaint) -> Text {
    match complaint {
        Complaint::CodeMissing => Text::CodeMissing,
        Complaint::UsernameMissing => Text::UsernameMissing,
        Complaint::PasswordMissing => Text::PasswordMissing,
        Complaint::PasswordShort => Text::PasswordShort,
        Complaint::StoreNameMissing => Text::StoreNameMissing,
        Complaint::Address => Text::AddressBad,
    }
}
