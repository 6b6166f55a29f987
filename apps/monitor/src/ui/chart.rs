//! One chart: its axes and band, with the curves on them. What a curve looks like is in `ui/curve.rs`, the cursor
//! in `ui/chart_cursor.rs`. Where the view goes is decided in `update`; a chart tells what the hand did.

use egui::{Align2, Color32, Id, Painter, Response, Stroke, Ui, Vec2};
use egui_plot::{Axis, AxisHints, GridMark, Plot, PlotBounds, PlotUi, Span};
use jiff::tz::TimeZone;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::{format, widgets};

use super::chart_cursor::NAME_CHARS;
use super::curve::{Curve, Drawing, Look};
use super::plots;
use crate::charts::scale::Scale;
use crate::charts::ticks::Tick;
use crate::charts::{Measure, Range};
use crate::input::ViewAct;

/// Room for the value axis, so that all charts of a page stand in line.
const Y_AXIS_WIDTH: f32 = 46.0;
const X_AXIS_HEIGHT: f32 = 18.0;

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
    pub curve: Curve<'a>,
    /// What it is compared with: it measures the same thing and shares the axis.
    pub other: Option<Curve<'a>>,
    pub measure: Measure,
    /// Times that somebody noted something about, tinted behind the line.
    pub tinted: &'a [Range],
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
        let buckets = self.curves().flat_map(|(_, curve)| curve.visible(self.range));
        let limits = self.curves().flat_map(|(_, curve)| [curve.band.0, curve.band.1]).flatten();
        let scale = Scale::fit(buckets, self.measure, limits, self.line_count());
        let shown = self.plot(ui, palette, scale).show(ui, |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max(
                [self.range.from as f64, scale.low],
                [self.range.to as f64, scale.high],
            ));
            self.draw_band(plot, palette);
            self.tint(plot, palette);
        });
        let drawing = Drawing { frame: *shown.transform.frame(), range: self.range, scale };
        self.draw(ui, &drawing, palette);
        self.draw_cursor(ui, &drawing, palette);
        self.gestures(ui, &shown.response, &shown.transform, acts);
        let label = self.label;
        shown.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, label));
        shown.response
    }

    /// The curves with their looks.
    pub(super) fn curves(&self) -> impl DoubleEndedIterator<Item = (Look, Curve<'_>)> {
        [(Look::Main, Some(self.curve)), (Look::Other, self.other)]
            .into_iter()
            .filter_map(|(look, curve)| Some((look, curve?)))
    }

    fn draw(&self, ui: &Ui, drawing: &Drawing, palette: &Palette) {
        let painter = ui.painter().with_clip_rect(drawing.frame.intersect(ui.clip_rect()));
        if let Some(other) = self.other {
            self.draw_other_limits(&painter, drawing, other, palette);
        }
        // The first lies on top.
        for (look, curve) in self.curves().rev() {
            curve.draw(&painter, drawing, self.measure, look, palette);
        }
        if self.curves().all(|(_, curve)| curve.visible(self.range).is_empty()) {
            let at = drawing.frame.center();
            painter.text(at, Align2::CENTER_CENTER, self.empty, tokens::small(), palette.text_weak);
        }
    }

    /// Only limits that are not those of the first curve.
    fn draw_other_limits(&self, painter: &Painter, drawing: &Drawing, other: Curve<'_>, palette: &Palette) {
        let words = |limit: Option<f64>, first: Option<f64>| {
            let limit = limit.filter(|_| limit != first)?;
            let limit = format::decimal(limit, usize::from(limit.fract().abs() > 1e-9));
            let name = widgets::cut_middle(other.name, NAME_CHARS);
            Some(if name.is_empty() { limit } else { format!("{limit} · {name}") })
        };
        let (band, first) = (other.band, self.curve.band);
        other.draw_limits(painter, drawing, [words(band.0, first.0), words(band.1, first.1)], palette);
    }

    /// Grid lines that have room for their numbers.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a handful")]
    fn line_count(&self) -> u8 {
        (self.drawing_height() / 22.0).floor().clamp(1.0, 8.0) as u8
    }

    fn drawing_height(&self) -> f32 {
        self.height - if self.x_labels { X_AXIS_HEIGHT } else { 0.0 }
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

    fn draw_band(&self, plot: &mut PlotUi<'_>, palette: &Palette) {
        if self.curve.band.0.is_none() && self.curve.band.1.is_none() {
            return;
        }
        // An open side of the band runs out of the chart.
        let low = self.curve.band.0.unwrap_or(-1e6);
        let high = self.curve.band.1.unwrap_or(1e6);
        let edge = Palette::faded(palette.good, 0.5);
        plot.span(
            Span::new("", low..=high)
                .axis(Axis::Y)
                .fill(Palette::faded(palette.good, 0.09))
                .border(Stroke::new(1.0, edge)),
        );
    }

    fn tint(&self, plot: &mut PlotUi<'_>, palette: &Palette) {
        for of in self.tinted {
            let tint = Span::new("", of.from as f64..=of.to as f64)
                .axis(Axis::X)
                .fill(Palette::faded(palette.text_weak, 0.14))
                .border(Stroke::new(1.0, Palette::faded(palette.text_weak, 0.4)));
            plot.span(tint);
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
pub(super) fn micros(value: f64) -> i64 {
    value.round() as i64
}
