//! Text in the named sizes, amounts, and names cut in the middle.

use std::borrow::Cow;

use egui::{Align, FontId, Label, Layout, Response, RichText, Ui};
use tillwatch_shared::Cents;

use crate::tokens::{self, Palette};

/// 14 points, weak.
pub fn weak(ui: &mut Ui, text: &str) -> Response {
    let colour = Palette::in_ui(ui).text_weak;
    ui.label(RichText::new(text).color(colour))
}

/// 12 points, weak.
pub fn small_weak(ui: &mut Ui, text: &str) -> Response {
    let colour = Palette::in_ui(ui).text_weak;
    ui.label(RichText::new(text).font(tokens::small()).color(colour))
}

/// 17 points, semibold.
pub fn strong(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).font(tokens::strong()))
}

/// 22 points, semibold.
pub fn title(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).font(tokens::title()))
}

/// An icon and its words.
pub fn icon_label(ui: &mut Ui, icon: &str, text: &str) -> Response {
    ui.label(format!("{icon} {text}"))
}

/// An amount against the right edge of what is available.
pub fn money(ui: &mut Ui, amount: Cents, font: FontId) -> Response {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.add(Label::new(RichText::new(amount.to_string()).font(font)).extend())
    })
    .inner
}

/// `text` in at most `max_chars` characters, the middle replaced by `…`: what tells long names apart
/// stands at their ends.
pub fn cut_middle(text: &str, max_chars: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= max_chars {
        return Cow::Borrowed(text);
    }
    let kept = max_chars.saturating_sub(1);
    let tail = kept / 3;
    let head: String = text.chars().take(kept - tail).collect();
    let tail: String = text.chars().skip(count - tail).collect();
    Cow::Owned(format!("{}…{}", head.trim_end(), tail.trim_start()))
}

/// How many points `text` takes in one line.
pub fn width(ui: &Ui, text: &str, font: &FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font.clone(), egui::Color32::PLACEHOLDER).size().x
}

/// `text` cut in the middle so that it fits into `width` points.
pub fn fit_middle<'a>(ui: &Ui, text: &'a str, font: &FontId, width: f32) -> Cow<'a, str> {
    let measure = |text: &str| self::width(ui, text, font);
    if measure(text) <= width {
        return Cow::Borrowed(text);
    }
    let (mut fits, mut too_long) = (1, text.chars().count());
    while fits + 1 < too_long {
        let middle = usize::midpoint(fits, too_long);
        if measure(&cut_middle(text, middle)) <= width {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    cut_middle(text, fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(cut_middle("Arroz", 10), "Arroz");
        assert_eq!(cut_middle("Arroz integral parboilizado 5 kg", 16), "Arroz inte…5 kg");
        assert_eq!(cut_middle("áéíóú", 1), "…");
        assert_eq!(cut_middle("", 0), "");
    }
}
