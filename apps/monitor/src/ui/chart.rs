//! One chart: band, envelope, mean line with its gaps, and the cursor that all charts of a page share.
//! Where the view goes is decided in `update`; a chart tells what the hand did.

use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Id, PointerButton, Pos2, Rect, Response, Stroke, StrokeKind,
    Ui, Vec2,
};
use egui_plot::{
    Axis, AxisHints, FilledArea, GridMark, Line, Plot, PlotBounds, PlotPoints, PlotTransform, PlotUi, Points,
    Span,
};
use jiff::tz::TimeZone;
use tillwatch_desk::format;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::DAY;

use super::plots;
use crate::charts::scale::Scale;
use crate::charts::ticks::Tick;
use crate::charts::{Bucket, History, Measure, Range, Stat};
use crate::input::ViewAct;

/// Room for the value axis, so that all charts of a page stand in line.
const Y_AXIS_WIDTH: f32 = 46.0;
const X_AXIS_HEIGHT: f32 = 18.0;
/// Points of scrolling that double or halve the span.
const WHEEL_DOUBLING: f32 = 240.0;

/// What turns the wheel into a zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wheel {
    /// The page scrolls; with Ctrl the chart zooms.
    WithCtrl,
    Plain,
}

/// What a chart shows.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    pub id: Id,
    /// For assistive technology.
    pub label: &'a str,
    pub history: Option<&'a History>,
    /// Width of a bucket in microseconds.
    pub step: i64,
    pub measure: Measure,
    pub band: (Option<f64>, Option<f64>),
    pub range: Range,
    pub ticks: &'a [Tick],
    pub zone: &'a TimeZone,
    pub x_labels: bool,
    pub height: f32,
    pub wheel: Wheel,
    /// The moment that the pointer marks on all charts of the page.
    pub cursor: Option<i64>,
    /// A low chart: the cursor's value stands in the corner, without its time.
    pub low: bool,
    /// Said when there is nothing to draw.
    pub empty: &'a str,
}

/// How many points wide the drawing is in a chart of that width.
pub fn drawing_width(width: f32) -> f32 {
    (width - Y_AXIS_WIDTH).max(1.0)
}

/// How many ticks of the time axis find room there.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
pub fn tick_count(width: f32) -> usize {
    (drawing_width(width) / 72.0).floor().clamp(2.0, 16.0) as usize
}

impl Chart<'_> {
    /// Draws it over the available width; what the hand did goes into `acts`. The answer is clicked when
    /// somebody wants to see it larger.
    pub fn show(&self, ui: &mut Ui, acts: &mut Vec<ViewAct>) -> Response {
        let palette = Palette::in_ui(ui);
        let buckets = self.visible();
        let scale = Scale::fit(buckets, self.measure, self.band, self.line_count());
        let shown = self.plot(ui, palette, scale).show(ui, |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max(
                [self.range.from as f64, scale.low],
                [self.range.to as f64, scale.high],
            ));
            self.draw(plot, palette);
        });
        self.overlay(ui, &shown.transform, palette, buckets.is_empty());
        self.gestures(ui, &shown.response, &shown.transform, acts);
        let label = self.label;
        shown.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, label));
        shown.response
    }

    /// Grid lines that have room for their numbers.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a handful")]
    fn line_count(&self) -> u8 {
        (self.drawing_height() / 22.0).floor().clamp(1.0, 8.0) as u8
    }

    fn drawing_height(&self) -> f32 {
        self.height - if self.x_labels { X_AXIS_HEIGHT } else { 0.0 }
    }

    fn visible(&self) -> &[Bucket] {
        let Some(history) = self.history else { return &[] };
        let visible = history.visible(self.range);
        let buckets = history.buckets().get(visible).unwrap_or_default();
        let inside =
            buckets.iter().any(|b| b.start + self.step >= self.range.from && b.start <= self.range.to);
        if inside { buckets } else { &[] }
    }

    fn plot<'p>(&self, ui: &Ui, palette: &Palette, scale: Scale) -> Plot<'p>
    where
        Self: 'p,
    {
        let decimals = scale.decimals();
        // A number at the very edge would run into the chart above or below.
        let edge = (scale.high - scale.low) * 7.0 / f64::from(self.drawing_height().max(14.0));
        let inside = scale.low + edge..=scale.high - edge;
        let y_axis = AxisHints::new_y()
            .min_thickness(Y_AXIS_WIDTH)
            .formatter(move |mark: GridMark, _: &_| {
                if inside.contains(&mark.value) {
                    format::decimal(mark.value, decimals)
                } else {
                    String::new()
                }
            })
            .label_spacing(0.0..=0.5);
        let marks: Vec<f64> = self.ticks.iter().map(|t| t.at as f64).collect();
        let labels = self.labels_inside(ui.available_width());
        let distance = match self.ticks {
            [first, second, ..] => (second.at - first.at) as f64,
            [_] | [] => self.range.span() as f64,
        };
        let x_axis = AxisHints::new_x()
            .min_thickness(X_AXIS_HEIGHT)
            .formatter(move |mark: GridMark, _: &_| label_of(&labels, mark.value))
            .label_spacing(0.0..=0.5);
        let size = Vec2::new(ui.available_width(), self.height);
        plots::still(self.id, size, [x_axis, y_axis], palette)
            .min_size(Vec2::new(60.0, 32.0))
            .cursor_color(Color32::TRANSPARENT)
            .show_axes([self.x_labels, true])
            .grid_fade(0.0)
            .grid_spacing(0.0..=0.5)
            .x_grid_spacer(move |_| {
                marks.iter().map(|value| GridMark { value: *value, step_size: distance }).collect()
            })
            .y_grid_spacer(move |_| {
                scale.lines().map(|value| GridMark { value, step_size: scale.step }).collect()
            })
    }

    /// The ticks whose labels do not stick out of the chart on the right.
    fn labels_inside(&self, width: f32) -> Vec<Tick> {
        let micros_a_point = self.range.span() as f64 / f64::from(drawing_width(width));
        let reach = |t: &Tick| micros(t.label.chars().count() as f64 * 3.2 * micros_a_point);
        self.ticks.iter().filter(|t| t.at + reach(t) <= self.range.to).cloned().collect()
    }

    fn draw<'p>(&self, plot: &mut PlotUi<'p>, palette: &Palette)
    where
        Self: 'p,
    {
        self.draw_band(plot, palette);
        let Some(history) = self.history else { return };
        let visible = history.visible(self.range);
        let colour = series_colour(palette, self.measure);
        for (number, segment) in history.segments().iter().enumerate() {
            let (start, end) = (segment.start.max(visible.start), segment.end.min(visible.end));
            let (Some(buckets), Some(line)) =
                (history.buckets().get(start..end), history.line(self.measure).get(start..end))
            else {
                continue;
            };
            match line {
                [] => {}
                [only] => {
                    let points = PlotPoints::Owned(vec![*only]);
                    plot.points(
                        Points::new("", points).radius(2.0).color(colour).allow_hover(false).id(number),
                    );
                }
                line => {
                    self.draw_envelope(plot, buckets, line, colour, number);
                    let mean = Line::new("", PlotPoints::Owned(line.to_vec()));
                    plot.line(mean.color(colour).width(1.6).allow_hover(false).id(number));
                }
            }
        }
    }

    fn draw_band(&self, plot: &mut PlotUi<'_>, palette: &Palette) {
        if self.band.0.is_none() && self.band.1.is_none() {
            return;
        }
        // An open side of the band runs out of the chart.
        let low = self.band.0.unwrap_or(-1e6);
        let high = self.band.1.unwrap_or(1e6);
        let edge = Palette::faded(palette.good, 0.5);
        plot.span(
            Span::new("", low..=high)
                .axis(Axis::Y)
                .fill(Palette::faded(palette.good, 0.09))
                .border(Stroke::new(1.0, edge)),
        );
    }

    fn draw_envelope(
        &self,
        plot: &mut PlotUi<'_>,
        buckets: &[Bucket],
        line: &[egui_plot::PlotPoint],
        colour: Color32,
        number: usize,
    ) {
        let stat = |b: &Bucket| b.of(self.measure);
        if buckets.iter().all(|b| stat(b).max - stat(b).min < 1e-9) {
            return;
        }
        let xs: Vec<f64> = line.iter().map(|p| p.x).collect();
        let lows: Vec<f64> = buckets.iter().map(|b| stat(b).min).collect();
        let highs: Vec<f64> = buckets.iter().map(|b| stat(b).max).collect();
        let area = FilledArea::new("", &xs, &lows, &highs).fill_color(Palette::faded(colour, 0.22));
        plot.add(area.allow_hover(false).id(number));
    }

    /// What lies over the drawing: the cursor with its value, the ring of the focus, or a word.
    fn overlay(&self, ui: &Ui, transform: &PlotTransform, palette: &Palette, is_empty: bool) {
        let frame = *transform.frame();
        if is_empty {
            let at = frame.center();
            ui.painter().text(at, Align2::CENTER_CENTER, self.empty, tokens::small(), palette.text_weak);
        }
        let Some(cursor) = self.cursor.filter(|at| self.range.from <= *at && *at <= self.range.to) else {
            return;
        };
        let x = transform.position_from_point_x(cursor as f64);
        ui.painter().vline(x, frame.y_range(), Stroke::new(1.0, palette.outline));
        let bucket = self.history.and_then(|h| h.nearest(cursor, self.step));
        let Some(bucket) = bucket.filter(|_| !is_empty) else { return };
        let stat = bucket.of(self.measure);
        let y = transform.position_from_point_y(stat.mean);
        if frame.y_range().contains(y) {
            ui.painter().circle(
                Pos2::new(x, y),
                3.5,
                series_colour(palette, self.measure),
                Stroke::new(1.5, palette.raised),
            );
        }
        if self.low {
            corner(ui, frame, &self.value(stat), series_colour(palette, self.measure), palette);
        } else {
            bubble(ui, frame, x, &self.reading(stat, bucket.start + self.step / 2), palette);
        }
    }

    fn value(&self, stat: Stat) -> String {
        format!("{} {}", format::decimal(stat.mean, self.measure.decimals()), self.measure.unit())
    }

    /// `4,2 °C · 21:04:10`, with the extremes where a bucket has more than one reading.
    fn reading(&self, stat: Stat, at: i64) -> String {
        let decimals = self.measure.decimals();
        let value = self.value(stat);
        let spread = if stat.max - stat.min < 0.5 * 10_f64.powi(-i32::try_from(decimals).unwrap_or(0)) {
            String::new()
        } else {
            let (min, max) = (format::decimal(stat.min, decimals), format::decimal(stat.max, decimals));
            format!(" ({min} … {max})")
        };
        let at = UtcMicros(at);
        let when = if self.range.span() > DAY {
            format::date_time(at, self.zone)
        } else {
            format::time_seconds(at, self.zone)
        };
        format!("{value}{spread} · {when}")
    }
}

/// A value in the upper right corner of a low chart.
pub fn corner(ui: &Ui, chart: Rect, words: &str, colour: Color32, palette: &Palette) {
    let galley = ui.painter().layout_no_wrap(words.to_owned(), tokens::small(), colour);
    let at = chart.right_top() + Vec2::new(-4.0 - galley.size().x, 2.0);
    let rect = Rect::from_min_size(at, galley.size());
    ui.painter().rect_filled(rect.expand2(Vec2::new(3.0, 0.0)), 2.0, Palette::faded(palette.raised, 0.85));
    ui.painter().galley(rect.min, galley, colour);
}

/// Words beside the cursor, on the side where there is room.
fn bubble(ui: &Ui, frame: Rect, x: f32, words: &str, palette: &Palette) {
    let galley = ui.painter().layout_no_wrap(words.to_owned(), tokens::small(), palette.text);
    let size = galley.size() + Vec2::new(12.0, 4.0);
    let right = x + 8.0 + size.x <= frame.right();
    let left = if right { x + 8.0 } else { (x - 8.0 - size.x).max(frame.left()) };
    let rect = Rect::from_min_size(Pos2::new(left, frame.top() + 2.0), size);
    let edge = Stroke::new(1.0, palette.line);
    ui.painter().rect(rect, CornerRadius::same(4), palette.raised, edge, StrokeKind::Inside);
    ui.painter().galley(rect.min + Vec2::new(6.0, 2.0), galley, palette.text);
}

impl Chart<'_> {
    fn gestures(&self, ui: &Ui, response: &Response, transform: &PlotTransform, acts: &mut Vec<ViewAct>) {
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
            acts.push(ViewAct::Cursor(Some(moment)));
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

/// The colour that a measure has everywhere.
pub fn series_colour(palette: &Palette, measure: Measure) -> Color32 {
    match measure {
        Measure::Temperature => palette.series(0),
        Measure::Humidity => palette.series(1),
        Measure::Pressure => palette.series(2),
    }
}

fn label_of(ticks: &[Tick], value: f64) -> String {
    let at = micros(value);
    ticks.iter().find(|t| t.at == at).map(|t| t.label.clone()).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "times are below 2^53 microseconds; the cast saturates")]
fn micros(value: f64) -> i64 {
    value.round() as i64
}
