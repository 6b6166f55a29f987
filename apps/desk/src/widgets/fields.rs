//! A text field with its label above and, where something is wrong with it, the reason below.

use egui::text::{CCursor, CCursorRange};
use egui::widgets::text_edit::TextEditState;
use egui::{Align2, FontId, Id, Key, Margin, Response, RichText, Stroke, TextEdit, Ui, Vec2};

use crate::tokens::{self, Palette};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Password,
    Amount,
}

/// What happens with the keyboard focus in this frame.
#[derive(Clone, Copy, Debug, Default)]
struct Focus {
    take: bool,
    select_all: bool,
}

/// A text field, described before it is shown.
#[derive(Debug)]
pub struct Field<'a> {
    id: Id,
    label: &'a str,
    value: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    kind: Kind,
    label_hidden: bool,
    focus: Focus,
    shape: Option<fn(&str) -> String>,
    enabled: bool,
    width: Option<f32>,
    limit: usize,
    font: FontId,
    height: f32,
}

#[derive(Debug)]
pub struct FieldAnswer {
    /// The new text, if it was changed now.
    pub changed: Option<String>,
    /// Enter was pressed in the field. The field keeps the focus.
    pub entered: bool,
    pub response: Response,
}

impl<'a> Field<'a> {
    pub fn new(id: impl std::hash::Hash + std::fmt::Debug, label: &'a str, value: &'a str) -> Self {
        Self {
            id: Id::unique(id),
            label,
            value,
            hint: "",
            error: None,
            kind: Kind::Text,
            label_hidden: false,
            focus: Focus::default(),
            shape: None,
            enabled: true,
            width: None,
            limit: tillwatch_shared::limits::NAME_CHARS,
            font: tokens::body(),
            height: tokens::CONTROL_HEIGHT,
        }
    }

    #[must_use]
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    #[must_use]
    /// Empty where it is said in another place.
    pub const fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    #[must_use]
    pub const fn password(mut self) -> Self {
        self.kind = Kind::Password;
        self
    }

    /// Against the right edge, for amounts.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.kind = Kind::Amount;
        self
    }

    /// The label is for assistive technology only; the place says what the field is.
    #[must_use]
    pub const fn label_hidden(mut self) -> Self {
        self.label_hidden = true;
        self
    }

    /// Takes the keyboard focus in this frame.
    #[must_use]
    pub const fn focus(mut self, focus: bool) -> Self {
        self.focus.take = focus;
        self
    }

    /// What stands there is selected when the field gets the focus by [`Field::focus`]: typing replaces it.
    #[must_use]
    pub const fn select_all(mut self) -> Self {
        self.focus.select_all = true;
        self
    }

    /// Writes what was typed in its usual form, with signs between the letters and digits. The cursor stays
    /// behind the letter or digit behind which it was.
    #[must_use]
    pub const fn shaped(mut self, shape: fn(&str) -> String) -> Self {
        self.shape = Some(shape);
        self
    }

    #[must_use]
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    #[must_use]
    pub const fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// The most characters that can be typed.
    #[must_use]
    pub const fn limit(mut self, characters: usize) -> Self {
        self.limit = characters;
        self
    }

    #[must_use]
    pub fn font(mut self, font: FontId, height: f32) -> Self {
        self.font = font;
        self.height = height;
        self
    }

    pub fn show(self, ui: &mut Ui) -> FieldAnswer {
        let width = self.width.unwrap_or_else(|| ui.available_width());
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
            if !self.label_hidden {
                let colour = Palette::in_ui(ui).text_weak;
                ui.label(RichText::new(self.label).font(tokens::small()).color(colour));
            }
            let answer = self.edit(ui, width);
            if let Some(error) = self.error.filter(|error| !error.is_empty()) {
                let colour = Palette::in_ui(ui).danger;
                let words = format!("{} {error}", crate::icons::WARNING_CIRCLE);
                ui.label(RichText::new(words).font(tokens::small()).color(colour));
            }
            answer
        })
        .inner
    }

    fn edit(&self, ui: &mut Ui, width: f32) -> FieldAnswer {
        let palette = Palette::in_ui(ui);
        if self.error.is_some() {
            ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::new(1.5, palette.danger);
        }
        let mut text = self.value.to_owned();
        let vertical = ((self.height - self.font.size * 1.3) / 2.0).max(2.0);
        let edit = TextEdit::singleline(&mut text)
            .id(self.id)
            .password(self.kind == Kind::Password)
            .hint_text(RichText::new(self.hint).color(palette.text_weak))
            .char_limit(self.limit)
            .font(self.font.clone())
            .align(if self.kind == Kind::Amount { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER })
            .margin(margin(vertical))
            .min_size(Vec2::new(width, self.height))
            .desired_width(width)
            // Enter is for the form; the field keeps the focus.
            .return_key(None);
        let takes_focus = self.focus.take && self.enabled;
        let selects = takes_focus && self.focus.select_all;
        // The keys of this frame are for a field that has the focus already. They replace what is selected.
        let hears = ui.memory(|memory| memory.has_focus(self.id));
        if selects && hears {
            select_all(ui, self.id, self.value);
        }
        let response = ui.add_enabled(self.enabled, edit).accessible_name(self.label);
        if takes_focus {
            response.request_focus();
        }
        // What is typed is seen, wherever in a list or a low window the field stands.
        if (takes_focus || response.gained_focus()) && !ui.clip_rect().contains_rect(response.rect) {
            response.scroll_to_me(None);
        }
        if selects && !hears {
            select_all(ui, self.id, self.value);
        }
        let entered = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if let Some(shape) = self.shape {
            let shaped = shape(&text);
            if shaped != text {
                keep_cursor(ui, self.id, &text, &shaped);
                text = shaped;
            }
        }
        let changed = (text != self.value).then_some(text);
        FieldAnswer { changed, entered, response }
    }
}

fn keep_cursor(ui: &Ui, id: Id, before: &str, after: &str) {
    let Some(mut state) = TextEditState::load(ui.ctx(), id) else { return };
    let Some(range) = state.cursor.char_range() else { return };
    let passed = before.chars().take(range.primary.index.0).filter(|c| c.is_alphanumeric()).count();
    let place = place_behind(after, passed);
    state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(place))));
    state.store(ui.ctx(), id);
}

/// Where so many letters and digits of a text have passed.
fn place_behind(text: &str, count: usize) -> usize {
    let mut seen = 0;
    for (place, character) in text.chars().enumerate() {
        if seen == count {
            return place;
        }
        seen += usize::from(character.is_alphanumeric());
    }
    text.chars().count()
}

fn select_all(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), end)));
    state.store(ui.ctx(), id);
}

fn margin(vertical: f32) -> Margin {
    Margin::from(Vec2::new(10.0, vertical))
}
