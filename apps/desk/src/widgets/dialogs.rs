//! Dialogs: one panel over the window, closed with Escape, its title and close button always in one place.

use egui::{Align, Align2, Context, Frame, Grid, Id, Layout, Modal, ScrollArea, Stroke, Ui};

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

/// What is free inside and outside of a dialog's edge.
const INSIDE: f32 = tokens::SPACE_24;
const OUTSIDE: f32 = tokens::SPACE_16;
/// A title and what is below it.
const HEAD: f32 = 48.0;
/// So much of the body is seen above the foot; where there is less, the foot scrolls with it.
const LEAST_BODY: f32 = 96.0;

impl Dialog<'_> {
    /// One body, which scrolls where it is higher than the window.
    pub fn show<R>(self, ctx: &Context, add: impl FnOnce(&mut Ui) -> R) -> DialogAnswer<R> {
        self.framed(ctx, |ui, room| scrolled(ui, room, add).0)
    }

    /// A body that scrolls, and below it a foot that stays in sight however low the window is: the buttons, and what
    /// has to be seen when they are pressed. Both write to `with`; the foot knows what the body answered.
    pub fn show_with_foot<C: ?Sized, B, R>(
        self,
        ctx: &Context,
        with: &mut C,
        body: impl FnOnce(&mut Ui, &mut C) -> B,
        foot: impl FnOnce(&mut Ui, &mut C, B) -> R,
    ) -> DialogAnswer<R> {
        // As high as it was when it was last drawn: it comes after the body, to which it leaves the rest.
        let noted = Id::unique(self.id).with("foot");
        let high = ctx.data(|data| data.get_temp::<f32>(noted)).unwrap_or_default();
        let foot = |ui: &mut Ui, with: &mut C, told: B, line: bool| {
            let top = ui.cursor().top();
            ui.add_space(if is_low_window(ctx) { tokens::SPACE_4 } else { tokens::SPACE_8 });
            if line {
                let stroke = Stroke::new(1.0, Palette::in_ui(ui).line);
                ui.painter().hline(ui.max_rect().x_range(), top, stroke);
            }
            let answer = ui.scope(|ui| {
                ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
                foot(ui, with, told)
            });
            let now = answer.response.rect.bottom() - top + ui.spacing().item_spacing.y;
            if (now - high).abs() > 0.5 {
                ctx.data_mut(|data| data.insert_temp(noted, now));
                ctx.request_repaint();
            }
            answer.inner
        };
        self.framed(ctx, |ui, room| {
            if room - high < LEAST_BODY {
                // There is no room for a foot that stays.
                let both = |ui: &mut Ui| {
                    let told = body(ui, with);
                    foot(ui, with, told, false)
                };
                return scrolled(ui, room, both).0;
            }
            let (told, more) = scrolled(ui, room - high, |ui| body(ui, with));
            foot(ui, with, told, more)
        })
    }

    /// The panel over the window, its title, and in it what is added: it is told how high it may be.
    fn framed<R>(self, ctx: &Context, add: impl FnOnce(&mut Ui, f32) -> R) -> DialogAnswer<R> {
        let theme = if ctx.global_style().visuals.dark_mode { Theme::Dark } else { Theme::Light };
        let palette = Palette::of(theme);
        // In a low window the words have the room that elsewhere is left free.
        let share = if is_low_window(ctx) { 0.5 } else { 1.0 };
        let frame = Frame::new()
            .fill(palette.raised)
            .stroke(Stroke::new(1.0, palette.line))
            .corner_radius(tokens::CORNER)
            .shadow(tokens::shadow(palette))
            .inner_margin(INSIDE * share);
        let mut room = ctx.content_rect().size() - egui::Vec2::splat(2.0 * share * (INSIDE + OUTSIDE));
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
            ui.add_space(tokens::SPACE_8 * share);
            (add(ui, room.y - HEAD), closed)
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

/// As high as it needs to be, at most so high; and whether there is more of it than is seen.
fn scrolled<R>(ui: &mut Ui, room: f32, add: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    let area = ScrollArea::vertical().max_height(room.max(LEAST_BODY)).auto_shrink([false, true]);
    let shown = area.show(ui, add);
    (shown.inner, shown.content_size.y > shown.inner_rect.height() + 1.0)
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
