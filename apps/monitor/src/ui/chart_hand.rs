//! What the hand does with a chart. Where the view goes is decided in `update`.

use egui::{CornerRadius, CursorIcon, PointerButton, Pos2, Rect, Response, Stroke, StrokeKind, Ui};
use egui_plot::PlotTransform;
use tillwatch_desk::tokens::Palette;

use super::chart::{Chart, Wheel, micros};
use crate::input::ViewAct;

/// Points of scrolling that double or halve the span.
const WHEEL_DOUBLING: f32 = 240.0;

impl Chart<'_> {
    pub(super) fn gestures(
        &self,
        ui: &Ui,
        response: &Response,
        transform: &PlotTransform,
        acts: &mut Vec<ViewAct>,
    ) {
        let frame = *transform.frame();
        let micros_a_point = self.range.span() as f64 / f64::from(frame.width().max(1.0));
        if response.has_focus() {
            let palette = Palette::in_ui(ui);
            let ring = Stroke::new(2.0, palette.text);
            ui.painter().rect_stroke(response.rect, CornerRadius::same(4), ring, StrokeKind::Inside);
        }
        if response.dragged_by(PointerButton::Primary) {
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
            let by = micros(-f64::from(response.drag_delta().x) * micros_a_point);
            if by != 0 {
                acts.push(ViewAct::Pan(by));
            }
        }
        if response.double_clicked() {
            acts.push(ViewAct::Follow);
        }
        self.mark(ui, response, transform, acts);
        if let Some(at) = response.hover_pos().filter(|at| frame.contains(*at)) {
            let moment = micros(transform.value_from_position(at).x);
            // Where time goes on below a pointer that rests, the cursor stays until it is off by a point: otherwise each
            // frame would bring the next one.
            let rests = self.cursor.filter(|cursor| (moment.abs_diff(*cursor) as f64) < micros_a_point);
            acts.push(ViewAct::Cursor(Some(rests.unwrap_or(moment))));
            let factor = self.wheel_factor(ui);
            if (factor - 1.0).abs() > 1e-4 {
                acts.push(ViewAct::Zoom { factor, at: Some(moment) });
            }
        }
    }

    /// How the wheel scales the span in this frame.
    fn wheel_factor(&self, ui: &Ui) -> f64 {
        ui.input(|input| {
            let pinch = 1.0 / f64::from(input.zoom_delta()).max(0.01);
            let scrolled = match self.wheel {
                Wheel::Plain => input.smooth_scroll_delta.y,
                Wheel::WithCtrl => 0.0,
            };
            pinch * f64::from((-scrolled / WHEEL_DOUBLING).exp2())
        })
    }

    /// The right button marks a stretch, which becomes the range.
    fn mark(&self, ui: &Ui, response: &Response, transform: &PlotTransform, acts: &mut Vec<ViewAct>) {
        let id = self.id.with("mark");
        if response.drag_started_by(PointerButton::Secondary) {
            let from = ui.input(|input| input.pointer.press_origin());
            ui.data_mut(|data| data.insert_temp(id, from));
        }
        let origin: Option<Pos2> = ui.data(|data| data.get_temp::<Option<Pos2>>(id)).flatten();
        let (Some(origin), Some(now)) = (origin, response.interact_pointer_pos()) else { return };
        let frame = *transform.frame();
        if response.dragged_by(PointerButton::Secondary) {
            let palette = Palette::in_ui(ui);
            let rect = Rect::from_x_y_ranges(origin.x.min(now.x)..=origin.x.max(now.x), frame.y_range());
            ui.painter().rect_filled(rect.intersect(frame), 0.0, Palette::faded(palette.accent, 0.25));
        } else if response.drag_stopped_by(PointerButton::Secondary) {
            ui.data_mut(|data| data.remove::<Option<Pos2>>(id));
            let moment = |at: Pos2| micros(transform.value_from_position(at).x);
            acts.push(ViewAct::Select { from: moment(origin), to: moment(now) });
        }
    }
}
