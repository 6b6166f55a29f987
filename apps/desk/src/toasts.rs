//! Short notices that something is done, or could not be. They go by themselves; what needs a person stays
//! until it is closed.

use egui::{Align2, Area, Context, Frame, Id, Margin, Order, RichText, Vec2};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::SECOND;

use crate::tokens::{self, Palette, Tone};
use crate::widgets::{self, is_low_window as is_low};

/// Notices on the screen at once; the oldest goes when there are more.
const MOST: usize = 4;
/// Clear of the buttons at the foot of a window.
const ABOVE_THE_FOOT: f32 = 64.0;
/// As wide as one gets in a wide window.
const WIDTH: f32 = 420.0;
const SHOWN_MICROS: i64 = 5 * SECOND;

#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    id: u64,
    pub tone: Tone,
    pub text: String,
    /// Until when it is shown; for ever if absent.
    until: Option<UtcMicros>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Toasts {
    shown: Vec<Toast>,
    made: u64,
}

impl Toasts {
    /// Something is done. Goes by itself.
    pub fn done(&mut self, text: impl Into<String>, now: UtcMicros) {
        self.push(Tone::Good, text.into(), Some(now.plus(SHOWN_MICROS)));
    }

    /// Worth knowing. Goes by itself.
    pub fn info(&mut self, text: impl Into<String>, now: UtcMicros) {
        self.push(Tone::Info, text.into(), Some(now.plus(SHOWN_MICROS)));
    }

    /// Something failed and says what to do. Stays until it is closed.
    pub fn problem(&mut self, text: impl Into<String>) {
        self.push(Tone::Danger, text.into(), None);
    }

    pub fn close(&mut self, id: u64) {
        self.shown.retain(|toast| toast.id != id);
    }

    /// Closes the newest problem; `false` if there is none.
    pub fn close_problem(&mut self) -> bool {
        let newest = self.shown.iter().rposition(|toast| toast.until.is_none());
        newest.map(|index| self.shown.remove(index)).is_some()
    }

    /// Drops what has been shown long enough; says when the next one is due.
    pub fn tick(&mut self, now: UtcMicros) -> Option<UtcMicros> {
        self.shown.retain(|toast| toast.until.is_none_or(|until| until > now));
        self.next_end()
    }

    /// When the next one goes by itself.
    pub fn next_end(&self) -> Option<UtcMicros> {
        self.shown.iter().filter_map(|toast| toast.until).min()
    }

    /// The person has gone to what this one told of.
    pub fn answered(&mut self, text: &str) {
        self.shown.retain(|toast| toast.text != text);
    }

    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.shown.iter().map(|toast| toast.text.as_str())
    }

    /// Draws them at the bottom, or over a dialog's head where one is open; returns the one that was closed.
    /// `close_label` is for the close button. To be called last in a frame.
    pub fn show(&self, ctx: &Context, close_label: &str) -> Option<u64> {
        let dialog = ctx.memory(|memory| memory.top_modal_layer().is_some());
        self.show_at(ctx, close_label, if dialog { Place::Top } else { Place::Foot })
    }

    /// At the top, for a page that leaves them [`room`] there.
    pub fn show_above(&self, ctx: &Context, close_label: &str) -> Option<u64> {
        self.show_at(ctx, close_label, Place::Top)
    }

    fn show_at(&self, ctx: &Context, close_label: &str, place: Place) -> Option<u64> {
        let most = if place == Place::Top && is_low(ctx) { 1 } else { MOST };
        let shown = self.shown.iter().skip(self.shown.len().saturating_sub(most));
        let (anchor, offset) = match place {
            Place::Foot => (Align2::LEFT_BOTTOM, Vec2::new(tokens::SPACE_16, -ABOVE_THE_FOOT)),
            Place::Top => (Align2::CENTER_TOP, Vec2::new(0.0, tokens::SPACE_8)),
        };
        let mut closed = None;
        let mut height = 0.0;
        if !self.shown.is_empty() {
            let area = Area::new(Id::unique("toasts")).order(Order::Tooltip).anchor(anchor, offset);
            let drawn = area.show(ctx, |ui| {
                for toast in shown {
                    if show_one(ui, toast, width(ctx, place), close_label) {
                        closed = Some(toast.id);
                    }
                }
            });
            height = drawn.response.rect.height() + tokens::SPACE_8;
        }
        keep_room(ctx, if place == Place::Top { height } else { 0.0 });
        closed
    }

    fn push(&mut self, tone: Tone, text: String, until: Option<UtcMicros>) {
        self.shown.retain(|toast| toast.text != text);
        if self.shown.len() == MOST {
            self.shown.remove(0);
        }
        self.made += 1;
        self.shown.push(Toast { id: self.made, tone, text, until });
    }
}

/// Where they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Foot,
    Top,
}

/// What they take at the top of the window, so that a dialog begins below them.
pub fn room(ctx: &Context) -> f32 {
    let id = room_id(ctx);
    ctx.data(|data| data.get_temp(id)).unwrap_or_default()
}

fn room_id(ctx: &Context) -> Id {
    Id::unique(("room-for-toasts", ctx.viewport_id()))
}

fn keep_room(ctx: &Context, height: f32) {
    if (room(ctx) - height).abs() > 0.5 {
        let id = room_id(ctx);
        ctx.data_mut(|data| data.insert_temp(id, height));
        // The dialog makes room at once.
        ctx.request_repaint();
    }
}

/// At the top a low window has more breadth than height to give; at the foot the half beside the sale is free.
fn width(ctx: &Context, place: Place) -> f32 {
    let window = ctx.content_rect().width();
    match place {
        Place::Foot => (window * 0.5 - 2.0 * tokens::SPACE_16).min(WIDTH),
        Place::Top if is_low(ctx) => window - 4.0 * tokens::SPACE_16,
        Place::Top => WIDTH,
    }
}

fn show_one(ui: &mut egui::Ui, toast: &Toast, width: f32, close_label: &str) -> bool {
    let palette = Palette::in_ui(ui);
    let frame = Frame::new()
        .fill(palette.soft(toast.tone))
        .stroke(egui::Stroke::new(1.0, palette.tone(toast.tone)))
        .corner_radius(tokens::CORNER)
        .shadow(tokens::shadow(palette))
        .inner_margin(Margin::symmetric(12, 8));
    frame
        .show(ui, |ui| {
            ui.set_max_width(width);
            ui.horizontal(|ui| {
                ui.label(
                    RichText::new(widgets::tone_icon(toast.tone))
                        .color(palette.tone(toast.tone))
                        .size(tokens::SIZE_STRONG),
                );
                let stays = toast.until.is_none();
                let words = RichText::new(&toast.text).color(palette.text);
                ui.scope(|ui| {
                    ui.set_max_width(width - if stays { 80.0 } else { 40.0 });
                    ui.add(egui::Label::new(words).wrap());
                });
                stays && widgets::icon_button(ui, crate::icons::X, close_label).clicked()
            })
            .inner
        })
        .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_go_by_themselves_and_problems_stay() {
        let mut toasts = Toasts::default();
        toasts.done("feito", UtcMicros(0));
        toasts.problem("falhou");
        assert_eq!(toasts.tick(UtcMicros(SECOND)), Some(UtcMicros(SHOWN_MICROS)));
        assert_eq!(toasts.tick(UtcMicros(SHOWN_MICROS)), None);
        assert_eq!(toasts.texts().collect::<Vec<_>>(), ["falhou"]);
        assert!(toasts.close_problem() && !toasts.close_problem());
        for n in 0..10 {
            toasts.problem(format!("{n}"));
        }
        assert_eq!(toasts.texts().count(), MOST);
    }
}
