//! The cursor that all charts of a page share, with what the curves had there.

use egui::{Color32, CornerRadius, Pos2, Rect, Stroke, StrokeKind, Ui, Vec2};
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::{format, widgets};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::DAY;

use super::chart::Chart;
use super::curve::{Curve, Drawing, Look};
use crate::charts::{Bucket, Stat};

/// What a name may be long beside a value or a limit.
pub const NAME_CHARS: usize = 24;
/// A dot in a curve's colour, and the room that it takes with its gap.
pub const DOT_RADIUS: f32 = 3.5;
pub const DOT: f32 = 11.0;
/// Width of a curve's sample before its value.
const SAMPLE: f32 = 18.0;

impl Chart<'_> {
    /// The line at the cursor, a dot on each curve, and their values.
    pub(super) fn draw_cursor(&self, ui: &Ui, drawing: &Drawing, palette: &Palette) {
        let Some(cursor) = self.cursor.filter(|at| self.range.from <= *at && *at <= self.range.to) else {
            return;
        };
        let (frame, x) = (drawing.frame, drawing.x(cursor));
        ui.painter().vline(x, frame.y_range(), Stroke::new(1.0, palette.outline));
        let mut readings = Vec::new();
        for (look, curve) in self.curves() {
            if curve.visible(self.range).is_empty() {
                continue;
            }
            let Some(bucket) = curve.at(cursor) else { continue };
            let (stat, colour) = (bucket.of(self.measure), look.colour(palette, self.measure));
            let y = drawing.y(stat.mean);
            if frame.y_range().contains(y) {
                ui.painter().circle(Pos2::new(x, y), 3.5, colour, Stroke::new(1.5, palette.raised));
            }
            if self.low {
                corner(ui, frame, &self.value(stat), colour, palette);
            }
            readings.push((look, self.reading(&curve, bucket)));
        }
        if !self.low && !readings.is_empty() {
            self.bubble(ui, frame, x, &readings, palette);
        }
    }

    fn value(&self, stat: Stat) -> String {
        format!("{} {}", format::decimal(stat.mean, self.measure.decimals()), self.measure.unit())
    }

    /// `4,2 °C · 21:04:10`, with the extremes where a bucket has more than one reading, and with the day where the
    /// curves are not of the same one.
    fn reading(&self, curve: &Curve<'_>, bucket: &Bucket) -> String {
        let (stat, at) = (bucket.of(self.measure), UtcMicros(bucket.start + curve.step / 2));
        let decimals = self.measure.decimals();
        let value = self.value(stat);
        let spread = if stat.max - stat.min < 0.5 * 10_f64.powi(-i32::try_from(decimals).unwrap_or(0)) {
            String::new()
        } else {
            let (min, max) = (format::decimal(stat.min, decimals), format::decimal(stat.max, decimals));
            format!(" ({min} … {max})")
        };
        let other_time = self.curves().any(|(_, curve)| curve.later != 0);
        let when = match (self.range.span() > DAY, other_time) {
            (true, _) => format::date_time(at, self.zone),
            (false, false) => format::time_seconds(at, self.zone),
            (false, true) => {
                format!("{} {}", format::date(at, self.zone), format::time_seconds(at, self.zone))
            }
        };
        let name = widgets::cut_middle(curve.name, NAME_CHARS);
        let name = if name.is_empty() { String::new() } else { format!(" · {name}") };
        format!("{value}{spread} · {when}{name}")
    }

    /// Words beside the cursor, on the side where there is room; where there are two curves, each with its sample.
    fn bubble(&self, ui: &Ui, frame: Rect, x: f32, readings: &[(Look, String)], palette: &Palette) {
        let lay = |words: &String| ui.painter().layout_no_wrap(words.clone(), tokens::small(), palette.text);
        let lines: Vec<_> = readings.iter().map(|(look, words)| (*look, lay(words))).collect();
        let indent = if self.other.is_some() { SAMPLE + 6.0 } else { 0.0 };
        let widest = lines.iter().map(|(_, galley)| galley.size().x).fold(0.0, f32::max);
        let height: f32 = lines.iter().map(|(_, galley)| galley.size().y).sum();
        let size = Vec2::new(widest + indent + 12.0, height + 4.0);
        let right = x + 8.0 + size.x <= frame.right();
        let left = if right { x + 8.0 } else { (x - 8.0 - size.x).max(frame.left()) };
        let rect = Rect::from_min_size(Pos2::new(left, frame.top() + 2.0), size);
        let edge = Stroke::new(1.0, palette.line);
        ui.painter().rect(rect, CornerRadius::same(4), palette.raised, edge, StrokeKind::Inside);
        let mut at = rect.min + Vec2::new(6.0, 2.0);
        for (look, galley) in lines {
            let height = galley.size().y;
            if indent > 0.0 {
                let sample = Rect::from_min_size(at, Vec2::new(SAMPLE, height));
                look.sample(ui.painter(), sample, look.colour(palette, self.measure));
            }
            ui.painter().galley(at + Vec2::new(indent, 0.0), galley, palette.text);
            at.y += height;
        }
    }
}

/// A value in the upper right corner of a low chart, behind a dot in the colour of its curve: a curve needs less contrast
/// than words do.
pub fn corner(ui: &Ui, chart: Rect, words: &str, colour: Color32, palette: &Palette) {
    let galley = ui.painter().layout_no_wrap(words.to_owned(), tokens::small(), palette.text);
    let size = galley.size() + Vec2::new(DOT, 0.0);
    let rect = Rect::from_min_size(chart.right_top() + Vec2::new(-4.0 - size.x, 2.0), size);
    ui.painter().rect_filled(rect.expand2(Vec2::new(3.0, 0.0)), 2.0, Palette::faded(palette.raised, 0.85));
    ui.painter().circle_filled(rect.left_center() + Vec2::new(DOT_RADIUS, 0.0), DOT_RADIUS, colour);
    ui.painter().galley(rect.min + Vec2::new(DOT, 0.0), galley, palette.text);
}
