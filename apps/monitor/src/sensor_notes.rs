//! What people said of the sensor that is shown large: its calibrations, and what they noted about times of it. Plain
//! data, and where notes lie above the chart. Pure.

use tillwatch_desk::remote::Remote;
use tillwatch_shared::SensorId;
use tillwatch_shared::api::{Annotation, Calibration};

use crate::charts::Range;

/// Both, as the server told them, each oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    pub calibrations: Vec<Calibration>,
    pub annotations: Vec<Annotation>,
}

#[derive(Debug, Default)]
pub struct SensorNotes {
    /// The sensor that `said` is about.
    pub of: Option<SensorId>,
    pub said: Remote<Said>,
    /// Something was said since.
    pub stale: bool,
}

impl SensorNotes {
    /// What was said of this sensor, as far as it is known.
    pub fn about(&self, sensor: &SensorId) -> Option<&Said> {
        self.said.value().filter(|_| self.of.as_ref() == Some(sensor))
    }
}

impl Said {
    /// What was noted about times that a chart of this range shows.
    pub fn within(&self, range: Range) -> impl Iterator<Item = &Annotation> {
        self.annotations.iter().filter(move |one| one.from.0 <= range.to && one.to.0 >= range.from)
    }

    /// The calibration that counts at a moment.
    pub fn counting_at(&self, moment: i64) -> Option<&Calibration> {
        self.calibrations.iter().rfind(|one| one.from.0 <= moment)
    }
}

/// Where a note lies above a chart, in points from the left of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The time that it is about.
    pub mark: (f32, f32),
    /// The room of its words: upon the mark from its begin on, or before it where the drawing ends too soon.
    pub words: (f32, f32),
}

/// A moment is a mark as wide as that.
const MOMENT: f32 = 4.0;

impl Place {
    /// Of a note about the time between `from` and `to` whose words need so much, in a drawing of that width.
    pub fn new(from: f32, to: f32, words: f32, width: f32) -> Self {
        let from = from.clamp(0.0, (width - MOMENT).max(0.0));
        let mark = (from, to.clamp(from + MOMENT, width.max(from + MOMENT)));
        let (before, behind) = (from - 2.0, width - from);
        let words = if words <= behind || before < behind {
            (from, (from + words).min(width.max(mark.1)))
        } else {
            ((before - words).max(0.0), before)
        };
        Self { mark, words }
    }

    /// All of it.
    pub const fn extent(self) -> (f32, f32) {
        (self.mark.0.min(self.words.0), self.mark.1.max(self.words.1))
    }
}

/// In which row each of these lies, so that none covers another: the first row that is free where it begins.
/// Begins ascend.
pub fn rows(extents: &[(f32, f32)]) -> Vec<usize> {
    let mut ends: Vec<f32> = Vec::new();
    let place = |&(begin, end): &(f32, f32)| {
        let free = ends.iter().position(|taken| *taken <= begin).unwrap_or(ends.len());
        match ends.get_mut(free) {
            Some(taken) => *taken = end,
            None => ends.push(end),
        }
        free
    };
    extents.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Place, rows};

    #[test]
    fn what_overlaps_lies_in_rows() {
        assert_eq!(rows(&[(0.0, 10.0), (5.0, 8.0), (9.0, 12.0), (10.0, 20.0)]), [0, 1, 1, 0]);
        assert!(rows(&[]).is_empty());
    }

    #[test]
    fn words_stand_upon_their_mark_or_before_it() {
        assert_eq!(Place::new(10.0, 200.0, 60.0, 500.0), Place { mark: (10.0, 200.0), words: (10.0, 70.0) });
        assert_eq!(
            Place::new(490.0, 490.0, 60.0, 500.0),
            Place { mark: (490.0, 494.0), words: (428.0, 488.0) }
        );
        assert_eq!(Place::new(500.0, 500.0, 60.0, 500.0).mark, (496.0, 500.0), "all of it is in sight");
        // A drawing that is too narrow for the words cuts them.
        assert_eq!(Place::new(20.0, 30.0, 60.0, 50.0).words, (20.0, 50.0));
        assert_eq!(Place::new(40.0, 50.0, 60.0, 50.0).words, (0.0, 38.0));
    }

    proptest! {
        #[test]
        fn words_never_lie_across_the_begin_of_their_mark(
            width in 20.0_f32..1500.0, from in 0.0_f32..1.0, long in 0.0_f32..1.0, words in 5.0_f32..400.0,
        ) {
            let (from, to) = (from * width, ((from + long).min(1.0)) * width);
            let place = Place::new(from, to, words, width);
            prop_assert!(place.words.0 >= place.mark.0 || place.words.1 < place.mark.0, "{:?}", place);
            prop_assert!(place.words.0 < place.words.1 && place.mark.0 + 3.0 < place.mark.1);
            let (begin, end) = place.extent();
            prop_assert!(0.0 <= begin && end <= width + 0.01, "{:?}", place);
        }

        #[test]
        fn none_covers_another(mut extents in prop::collection::vec((0.0_f32..500.0, 1.0_f32..200.0), 0..40)) {
            extents.sort_by(|one, other| one.0.total_cmp(&other.0));
            let extents: Vec<(f32, f32)> = extents.into_iter().map(|(from, long)| (from, from + long)).collect();
            let rows = rows(&extents);
            for (place, one) in extents.iter().enumerate() {
                for (later, other) in extents.iter().enumerate().skip(place + 1) {
                    prop_assert!(rows[place] != rows[later] || other.0 >= one.1);
                }
            }
        }
    }
}
