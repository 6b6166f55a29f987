//! The states of a screen: loading, empty, failed, and the signs and banners that tell how things are.

use egui::{Align, Frame, Layout, Margin, Pos2, Rect, Response, RichText, Sense, Shape, Stroke, Ui, Vec2};

use super::buttons::{ButtonSize, primary_button, secondary_button};
use crate::failure::{self, Failure};
use crate::tokens::{self, Palette, Tone};
use crate::{Lang, icons, texts};

texts! {
    Text {
        Again: "Tentar de novo", "Try again";
    }
}

/// A button's words and key.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub text: &'a str,
    pub key: Option<&'a str>,
}

/// The icon that says what a tone says.
pub const fn tone_icon(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => icons::CIRCLE,
        Tone::Good => icons::CHECK_CIRCLE,
        Tone::Attention => icons::WARNING,
        Tone::Danger => icons::WARNING_CIRCLE,
        Tone::Info => icons::INFO,
    }
}

/// A small shape in a tone: the form says the same as the colour.
pub fn tone_shape(tone: Tone, centre: Pos2, radius: f32, palette: &Palette) -> Shape {
    let colour = palette.tone(tone);
    match tone {
        Tone::Good | Tone::Info => Shape::circle_filled(centre, radius, colour),
        Tone::Neutral => Shape::circle_stroke(centre, radius - 0.75, Stroke::new(1.5, colour)),
        Tone::Attention => {
            let corners = [Vec2::new(0.0, -1.1), Vec2::new(1.1, 0.9), Vec2::new(-1.1, 0.9)];
            let points = corners.iter().map(|corner| centre + *corner * radius).collect();
            Shape::convex_polygon(points, colour, Stroke::NONE)
        }
        Tone::Danger => {
            Shape::rect_filled(Rect::from_center_size(centre, Vec2::splat(radius * 1.8)), 1.0, colour)
        }
    }
}

/// The window is low, as at 200 % on a small screen: what is not needed now gives way.
pub fn is_low(ui: &Ui) -> bool {
    is_low_window(ui.ctx())
}

/// The same, where nothing is being drawn into yet.
pub fn is_low_window(ctx: &egui::Context) -> bool {
    ctx.content_rect().height() < 520.0
}

/// A dot and a word.
pub fn status(ui: &mut Ui, tone: Tone, words: &str) -> Response {
    let palette = Palette::in_ui(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let colour = if tone == Tone::Good { palette.text } else { palette.tone(tone) };
        let words = RichText::new(words).color(colour);
        let dot = |ui: &mut Ui| {
            let (rect, _) = ui.allocate_exact_size(Vec2::new(10.0, 16.0), Sense::hover());
            ui.painter().add(tone_shape(tone, rect.center(), 4.5, palette));
        };
        // The dot stands before the words in either direction.
        if ui.layout().prefer_right_to_left() {
            let response = ui.label(words);
            dot(ui);
            return response;
        }
        dot(ui);
        ui.label(words)
    })
    .inner
}

/// A sign of work, with its reason. It does not move, so that waiting costs nothing.
pub fn loading(ui: &mut Ui, reason: &str) -> Response {
    let colour = Palette::in_ui(ui).text_weak;
    ui.label(RichText::new(format!("{} {reason}", icons::HOURGLASS)).color(colour))
}

/// Title, hint and button of an empty place.
const LEAST_WITH_BUTTON: f32 = 110.0;

/// Nothing is here yet: says what to do first. `true` when the button was pressed.
pub fn empty_state(ui: &mut Ui, icon: &str, title: &str, hint: &str, call: Option<Call<'_>>) -> bool {
    // Where there is no room for it, its key does the same.
    let call = call.filter(|_| ui.available_height() > LEAST_WITH_BUTTON);
    centred(ui, |ui| {
        // In a low window the words and the way on come first.
        if !is_low(ui) {
            big_icon(ui, icon, Tone::Neutral);
        }
        ui.label(RichText::new(title).font(tokens::strong()));
        super::weak(ui, hint);
        ui.add_space(tokens::SPACE_8);
        call.is_some_and(|call| primary_button(ui, call.text, call.key, ButtonSize::Normal, true).clicked())
    })
}

/// It failed: what happened, what to do, and a button that tries again. `true` when it was pressed.
pub fn error_state(ui: &mut Ui, failure: &Failure, lang: Lang) -> bool {
    centred(ui, |ui| {
        big_icon(ui, icons::WARNING_CIRCLE, Tone::Danger);
        ui.label(RichText::new(failure::what(failure, lang)).font(tokens::strong()));
        super::weak(ui, &failure::hint(failure, lang));
        ui.add_space(tokens::SPACE_8);
        secondary_button(ui, Text::Again.get(lang), None, ButtonSize::Normal, true).clicked()
    })
}

/// A banner's icon and button.
const BESIDE_WORDS: f32 = 240.0;

/// A line across the window that tells how things are.
#[derive(Clone, Copy, Debug)]
pub struct Banner<'a> {
    pub tone: Tone,
    pub text: &'a str,
    pub call: Option<Call<'a>>,
}

impl Banner<'_> {
    /// `true` when its button was pressed.
    pub fn show(self, ui: &mut Ui) -> bool {
        let palette = Palette::in_ui(ui);
        let frame = Frame::new().fill(palette.soft(self.tone)).inner_margin(Margin::symmetric(16, 6));
        let words = |ui: &mut Ui| {
            let icon = RichText::new(tone_icon(self.tone)).color(palette.tone(self.tone));
            ui.label(icon.size(tokens::SIZE_STRONG));
            ui.label(RichText::new(self.text).color(palette.text));
        };
        frame
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                let Some(call) = self.call else {
                    ui.horizontal_wrapped(words);
                    return false;
                };
                let press = |ui: &mut Ui| {
                    secondary_button(ui, call.text, call.key, ButtonSize::Normal, true).clicked()
                };
                // Beside the words where both fit into one line, else below them.
                let font = tokens::body();
                let measured = ui.painter().layout_no_wrap(self.text.to_owned(), font, palette.text).size().x;
                if measured + BESIDE_WORDS > ui.available_width() {
                    ui.horizontal_wrapped(words);
                    return press(ui);
                }
                ui.horizontal(|ui| {
                    words(ui);
                    press(ui)
                })
                .inner
            })
            .inner
    }
}

fn big_icon(ui: &mut Ui, icon: &str, tone: Tone) {
    if is_low(ui) {
        return;
    }
    let colour = Palette::in_ui(ui).tone(tone);
    ui.label(RichText::new(icon).size(tokens::SIZE_TOTAL).color(colour));
}

/// A column in the middle of what is available, narrow enough to be read.
fn centred<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    let above = (ui.available_height() * if is_low(ui) { 0.05 } else { 0.25 }).clamp(0.0, 120.0);
    ui.add_space(above);
    let side = ((ui.available_width() - 440.0) / 2.0).max(0.0);
    ui.horizontal(|ui| {
        ui.add_space(side);
        let width = ui.available_width().min(440.0);
        ui.allocate_ui_with_layout(Vec2::new(width, 0.0), Layout::top_down(Align::Center), |ui| {
            ui.set_width(width);
            add(ui)
        })
        .inner
    })
    .inner
}
