//! One curve in a chart: the light envelope from the least to the greatest, the strong mean, gaps as gaps. The second
//! curve of a chart has its own colour, and is dashed and wider, so that nobody needs the colour.

use egui::{Color32, Mesh, Painter, Pos2, Rangef, Rect, Shape, Stroke, Vec2};
use tillwatch_desk::tokens::Palette;

use super::chart::series_colour;
use crate::charts::columns::{Column, columns, together};
use crate::charts::scale::Scale;
use crate::charts::{Bucket, History, Measure, Range, Stat};

/// What a curve draws.
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    pub history: Option<&'a History>,
    /// Width of a bucket in microseconds.
    pub step: i64,
    /// How much later it is drawn than it was measured.
    pub later: i64,
    pub band: (Option<f64>, Option<f64>),
    /// Said beside its value at the cursor; empty where that is plain.
    pub name: &'a str,
}

/// Which curve of a chart it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Main,
    /// What the first is compared with.
    Other,
}

impl Look {
    pub fn colour(self, palette: &Palette, measure: Measure) -> Color32 {
        match self {
            Self::Main => series_colour(palette, measure),
            Self::Other => palette.series(6),
        }
    }

    const fn width(self) -> f32 {
        match self {
            Self::Main => 1.6,
            Self::Other => 2.4,
        }
    }

    const fn envelope(self) -> f32 {
        match self {
            Self::Main => 0.22,
            Self::Other => 0.14,
        }
    }

    /// A line through `points` as this curve's is drawn.
    pub fn line(self, painter: &Painter, points: Vec<Pos2>, colour: Color32) {
        let stroke = Stroke::new(self.width(), colour);
        match self {
            Self::Main => {
                painter.line(points, stroke);
            }
            Self::Other => {
                painter.extend(Shape::dashed_line(&points, stroke, 7.0, 4.0));
            }
        }
    }

    /// A short piece of it, for legends.
    pub fn sample(self, painter: &Painter, rect: Rect, colour: Color32) {
        self.line(painter, vec![rect.left_center(), rect.right_center()], colour);
    }
}

/// Where moments and values lie on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Drawing {
    pub frame: Rect,
    pub range: Range,
    pub scale: Scale,
}

impl Drawing {
    #[expect(clippy::cast_possible_truncation, reason = "a place on a screen")]
    pub fn x(&self, at: i64) -> f32 {
        let share = at.saturating_sub(self.range.from) as f64 / self.range.span().max(1) as f64;
        self.frame.left() + (share * f64::from(self.frame.width())) as f32
    }

    #[expect(clippy::cast_possible_truncation, reason = "a place on a screen")]
    pub fn y(&self, value: f64) -> f32 {
        let share = (value - self.scale.low) / (self.scale.high - self.scale.low);
        self.frame.bottom() - (share * f64::from(self.frame.height())) as f32
    }
}

impl<'a> Curve<'a> {
    /// The times of this curve that are drawn in `range`.
    pub const fn own(&self, range: Range) -> Range {
        range.earlier(self.later)
    }

    /// The buckets that a chart of `range` draws; none where all of them lie outside.
    pub fn visible(&self, range: Range) -> &'a [Bucket] {
        let range = self.own(range);
        let Some(history) = self.history else { return &[] };
        let buckets = history.buckets().get(history.visible(range)).unwrap_or_default();
        let inside = buckets.iter().any(|b| b.start + self.step >= range.from && b.start <= range.to);
        if inside { buckets } else { &[] }
    }

    /// The bucket at a moment of the chart's axis.
    pub fn at(&self, cursor: i64) -> Option<&'a Bucket> {
        self.history?.nearest(cursor.saturating_sub(self.later), self.step)
    }

    pub fn draw(
        &self,
        painter: &Painter,
        drawing: &Drawing,
        measure: Measure,
        look: Look,
        palette: &Palette,
    ) {
        let Some(history) = self.history else { return };
        let visible = history.visible(self.own(drawing.range));
        let colour = look.colour(palette, measure);
        let pixels = drawing.frame.width() * painter.pixels_per_point();
        let together = together(drawing.range.span(), self.step, pixels);
        for segment in history.segments() {
            let (start, end) = (segment.start.max(visible.start), segment.end.min(visible.end));
            let Some(buckets) = history.buckets().get(start..end) else { continue };
            let at = |column: &Column| self.spot(column, drawing);
            let mut spots: Vec<Spot> =
                columns(buckets, measure, self.step, together).iter().filter_map(at).collect();
            cut(&mut spots, drawing.frame.x_range());
            match spots.as_slice() {
                [] => {}
                [only] => {
                    painter.circle_filled(Pos2::new(only.x, only.mean), 2.0, colour);
                }
                spots => {
                    envelope(painter, spots, Palette::faded(colour, look.envelope()));
                    let mean = spots.iter().map(|spot| Pos2::new(spot.x, spot.mean)).collect();
                    look.line(painter, mean, colour);
                }
            }
        }
    }

    /// Nothing where a value is no number, or too great for a screen.
    fn spot(&self, column: &Column, drawing: &Drawing) -> Option<Spot> {
        let Stat { min, max, mean } = column.stat;
        let [low, high, mean] = [min, max, mean].map(|value| drawing.y(value));
        let x = drawing.x(column.at.saturating_add(self.later));
        let spot = Spot { x, low, high, mean };
        [x, low, high, mean].iter().all(|place| place.is_finite()).then_some(spot)
    }

    /// The limits of a second curve: lines of its own look, with no fill, each with its value.
    pub fn draw_limits(
        &self,
        painter: &Painter,
        drawing: &Drawing,
        words: [Option<String>; 2],
        palette: &Palette,
    ) {
        let colour = Look::Other.colour(palette, Measure::Temperature);
        for (limit, words) in [self.band.0, self.band.1].into_iter().zip(words) {
            let (Some(limit), Some(words)) = (limit, words) else { continue };
            let y = drawing.y(limit);
            if !drawing.frame.y_range().contains(y) {
                continue;
            }
            let ends = [Pos2::new(drawing.frame.left(), y), Pos2::new(drawing.frame.right(), y)];
            painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, colour), 2.0, 3.0));
            let font = tillwatch_desk::tokens::small();
            let galley = painter.layout_no_wrap(words, font, colour);
            // Above its line, unless that is out of the drawing.
            let above = y - galley.size().y - 1.0 >= drawing.frame.top();
            let top = if above { y - galley.size().y - 1.0 } else { y + 1.0 };
            let rect = Rect::from_min_size(Pos2::new(drawing.frame.left() + 6.0, top), galley.size());
            let ground = Palette::faded(palette.surface, 0.8);
            painter.rect_filled(rect.expand2(Vec2::new(3.0, 0.0)), 2.0, ground);
            painter.galley(rect.min, galley, colour);
        }
    }
}

/// Where a column lies on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spot {
    x: f32,
    low: f32,
    high: f32,
    mean: f32,
}

impl Spot {
    /// What lies between two of them at `x`.
    fn between(self, other: Self, x: f32) -> Self {
        let share = (x - self.x) / (other.x - self.x);
        let mix = |one: f32, two: f32| one + (two - one) * share;
        let (low, high) = (mix(self.low, other.low), mix(self.high, other.high));
        Self { x, low, high, mean: mix(self.mean, other.mean) }
    }
}

/// Lets the ends stand a little outside of the drawing: a sensor that measures once a day is looked at by the minute,
/// and dashes cost what they are long.
fn cut(spots: &mut [Spot], x_range: Rangef) {
    const OUTSIDE: f32 = 8.0;
    let x_range = x_range.expand(OUTSIDE);
    if let [first, second, ..] = spots
        && first.x < x_range.min
        && second.x > x_range.min
    {
        *first = first.between(*second, x_range.min);
    }
    if let [.., second, last] = spots
        && last.x > x_range.max
        && second.x < x_range.max
    {
        *last = second.between(*last, x_range.max);
    }
}

fn envelope(painter: &Painter, spots: &[Spot], colour: Color32) {
    if spots.iter().all(|spot| (spot.low - spot.high).abs() < 0.05) {
        return;
    }
    let mut mesh = Mesh::default();
    mesh.reserve_vertices(spots.len() * 2);
    mesh.reserve_triangles(spots.len() * 2);
    for (number, spot) in (0_u32..).zip(spots) {
        mesh.colored_vertex(Pos2::new(spot.x, spot.low), colour);
        mesh.colored_vertex(Pos2::new(spot.x, spot.high), colour);
        if number > 0 {
            let corner = number * 2;
            mesh.add_triangle(corner - 2, corner - 1, corner);
            mesh.add_triangle(corner - 1, corner, corner + 1);
        }
    }
    painter.add(mesh);
}

#[cfg(test)]
mod tests {
    use egui::Rangef;
    use proptest::prelude::*;

    use super::{Spot, cut};

    fn spot(x: f32, mean: f32) -> Spot {
        Spot { x, low: mean + 1.0, high: mean - 2.0, mean }
    }

    #[test]
    fn the_ends_stand_a_little_outside() {
        let mut spots = [spot(-1e7, 0.0), spot(1e7, 100.0)];
        cut(&mut spots, Rangef::new(0.0, 300.0));
        assert_eq!((spots[0].x.to_bits(), spots[1].x.to_bits()), ((-8.0_f32).to_bits(), 308.0_f32.to_bits()));
        assert!((spots[0].mean - 50.0).abs() < 0.01 && (spots[1].mean - 50.0).abs() < 0.01, "{spots:?}");
        let mut inside = [spot(-3.0, 1.0), spot(20.0, 2.0), spot(305.0, 3.0)];
        let before = inside;
        cut(&mut inside, Rangef::new(0.0, 300.0));
        assert_eq!(inside, before);
    }

    proptest! {
        /// What is in sight stays: a line through the cut ends has the same height at every place.
        #[test]
        fn nothing_in_sight_moves(
            places in prop::collection::vec((1.0_f32..400.0, 0.0_f32..100.0), 2..12), begin in -2_000.0_f32..300.0, at in 0.0_f32..300.0,
        ) {
            let mut x = begin;
            let mut spots: Vec<Spot> = Vec::new();
            for (step, mean) in places {
                spots.push(spot(x, mean));
                x += step;
            }
            // As a chart draws them: at most one on either side.
            let first = spots.iter().rposition(|spot| spot.x < -8.0).unwrap_or(0);
            spots.drain(..first);
            let height = |spots: &[Spot]| {
                let pair = spots.windows(2).find(|pair| pair[0].x <= at && at <= pair[1].x)?;
                Some(pair[0].between(pair[1], at).mean)
            };
            let before = height(&spots);
            cut(&mut spots, Rangef::new(0.0, 300.0));
            let after = height(&spots);
            prop_assert_eq!(before.is_some(), after.is_some());
            if let (Some(before), Some(after)) = (before, after) {
                prop_assert!((before - after).abs() < 0.05, "{} {}", before, after);
            }
        }
    }
}
