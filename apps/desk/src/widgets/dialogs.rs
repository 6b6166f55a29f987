//! Dialogs: one panel over the window, closed with Escape, its title and close button always in one place.

use egui::{Align, Align2, Context, Frame, Grid, Id, Layout, Margin, Modal, Stroke, Ui};

use super::buttons::{icon_button, key_cap};
use super::states::is_low_window;
use crate::keys::KeyLine;
use crate::tokens::{self, Palette};
use crate::{Lang, Theme, icons, texts, toasts};

texts! {
    Text {
        Close: "Fechar (Esc)", "Close (Esc)";
        Keys: "Teclas", "Keys";
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Dialog<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub width: f32,
    pub lang: Lang,
}

#[derive(Debug)]
pub struct DialogAnswer<R> {
    pub inner: R,
    /// Escape, the close button, or a click beside the dialog.
    pub closed: bool,
}

impl Dialog<'_> {
    pub fn show<R>(self, ctx: &Context, add: impl FnOnce(&mut Ui) -> R) -> DialogAnswer<R> {
        let theme = if ctx.global_style().visuals.dark_mode { Theme::Dark } else { Theme::Light };
        let palette = Palette::of(theme);
        let frame = Frame::new()
            .fill(palette.raised)
            .stroke(Stroke::new(1.0, palette.line))
            .corner_radius(tokens::CORNER)
            .shadow(tokens::shadow(palette))
            .inner_margin(Margin::same(24));
        let mut room =
            ctx.content_rect().size() - egui::Vec2::splat(2.0 * (tokens::SPACE_24 + tokens::SPACE_16));
        // Notices are above it. In a low window it moves down, in others it only grows less high.
        let notices = toasts::room(ctx);
        let (less, down) = if is_low_window(ctx) { (notices, notices / 2.0) } else { (2.0 * notices, 0.0) };
        room.y -= less;
        let id = Id::unique(self.id);
        let area = Modal::default_area(id).anchor(Align2::CENTER_CENTER, egui::Vec2::new(0.0, down));
        let modal = Modal::new(id).area(area).frame(frame).backdrop_color(palette.backdrop);
        let answer = modal.show(ctx, |ui| {
            ui.set_width(self.width.min(room.x));
            ui.set_max_height(room.y);
            let closed = self.head(ui);
            ui.add_space(tokens::SPACE_8);
            let inner = egui::ScrollArea::vertical()
                .max_height((room.y - 48.0).max(120.0))
                .auto_shrink([false, true])
                .show(ui, add)
                .inner;
            (inner, closed)
        });
        let closed_by_modal = answer.should_close();
        let (inner, closed) = answer.inner;
        DialogAnswer { inner, closed: closed || closed_by_modal }
    }

    fn head(self, ui: &mut Ui) -> bool {
        ui.horizontal(|ui| {
            // Beside the close button, however long the name in it is.
            let room = ui.available_width() - tokens::CONTROL_HEIGHT - 2.0 * tokens::SPACE_8;
            let shown = super::fit_middle(ui, self.title, &tokens::title(), room).into_owned();
            super::title(ui, &shown);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                icon_button(ui, icons::X, Text::Close.get(self.lang)).clicked()
            })
            .inner
        })
        .inner
    }
}

/// What two columns of keys and their words need.
const TWO_COLUMNS: f32 = 720.0;

/// The page that lists the keys. `true` when it was closed.
pub fn keys_dialog(ctx: &Context, lang: Lang, lines: &[KeyLine<'_>]) -> bool {
    let dialog = Dialog { id: "keys", title: Text::Keys.get(lang), width: 820.0, lang };
    dialog
        .show(ctx, |ui| {
            let columns = if ui.available_width() < TWO_COLUMNS { 1 } else { 2 };
            let rows = lines.len().div_ceil(columns);
            let grid = Grid::new("keys-grid").spacing([tokens::SPACE_16, tokens::SPACE_8]);
            grid.show(ui, |ui| {
                for row in 0..rows {
                    for line in lines.iter().skip(row).step_by(rows) {
                        key_cap(ui, line.key);
                        ui.label(line.does);
                    }
                    ui.end_row();
                }
            });
        })
        .closed
}
