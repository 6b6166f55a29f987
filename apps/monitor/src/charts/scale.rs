//! The value axis of a chart: bounds that hold still while data trickles in, and where its lines stand.

use super::history::{Bucket, Measure};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    /// Distance of the grid lines.
    pub step: f64,
}

impl Scale {
    /// The scale that shows all `buckets` and the limits of what is allowed, with about `lines` grid lines.
    pub fn fit<'b>(
        buckets: impl Iterator<Item = &'b Bucket>,
        measure: Measure,
        limits: impl Iterator<Item = f64>,
        lines: u8,
    ) -> Self {
        let values = buckets.flat_map(|b| [b.of(measure).min, b.of(measure).max]);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.chain(limits).filter(|v| v.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 0.0);
        }
        let missing = (narrowest(measure) - (high - low)).max(0.0) / 2.0;
        let margin = (high - low) * 0.08 + missing;
        let (low, high) = (low - margin, high + margin);
        let step = nice_step((high - low) / f64::from(lines.max(1)));
        let half = step / 2.0;
        Self { low: (low / half).floor() * half, high: (high / half).ceil() * half, step }
    }

    /// Values of the grid lines, ascending.
    pub fn lines(self) -> impl Iterator<Item = f64> {
        let first = (self.low / self.step).ceil();
        (0..32).map(move |i| (first + f64::from(i)) * self.step).take_while(move |v| *v <= self.high)
    }

    pub fn decimals(self) -> usize {
        if self.step >= 1.0 {
            0
        } else if self.step >= 0.1 {
            1
        } else {
            2
        }
    }
}

/// The smallest span worth showing: below it noise would fill the chart.
const fn narrowest(measure: Measure) -> f64 {
    match measure {
        Measure::Temperature => 2.0,
        Measure::Humidity => 6.0,
        Measure::Pressure => 4.0,
    }
}

/// The next of 1, 2, 5 × 10^n.
fn nice_step(rough: f64) -> f64 {
    let magnitude = 10_f64.powf(rough.max(1e-9).log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * magnitude >= rough * 0.999).unwrap_or(10.0);
    factor * magnitude
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Scale;
    use crate::charts::{Bucket, Measure, Stat};

    fn bucket(min: f64, max: f64) -> Bucket {
        Bucket {
            temperature: Stat { min, max, mean: f64::midpoint(min, max) },
            count: 1,
            ..Bucket::default()
        }
    }

    #[test]
    fn shows_the_band_around_a_steady_fridge() {
        let scale = Scale::fit([bucket(4.0, 4.2)].iter(), Measure::Temperature, [2.0, 8.0].into_iter(), 4);
        assert!(scale.low <= 2.0 && scale.high >= 8.0, "{scale:?}");
        assert_eq!(scale.lines().collect::<Vec<_>>(), vec![2.0, 4.0, 6.0, 8.0]);
    }

    #[test]
    fn nothing_measured_has_a_scale_too() {
        let scale = Scale::fit([].iter(), Measure::Pressure, [].into_iter(), 4);
        assert!(scale.low < scale.high && scale.lines().count() >= 2);
    }

    proptest! {
        #[test]
        fn holds_every_value_with_few_lines(values in prop::collection::vec(-500.0_f64..1500.0, 1..30)) {
            let buckets: Vec<Bucket> = values.iter().map(|v| bucket(*v, *v + 0.3)).collect();
            let scale = Scale::fit(buckets.iter(), Measure::Temperature, [].into_iter(), 4);
            for bucket in &buckets {
                prop_assert!(scale.low <= bucket.temperature.min && bucket.temperature.max <= scale.high);
            }
            prop_assert!((2..=7).contains(&scale.lines().count()), "{:?}", scale);
        }
    }
}
