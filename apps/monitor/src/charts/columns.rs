//! What is drawn of a curve: never more points than the screen can tell apart, with every extreme.

use super::history::{Bucket, Measure, Stat};

/// Neighbouring buckets that share a pixel, or one bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Its middle, in microseconds.
    pub at: i64,
    pub stat: Stat,
}

/// The buckets of a stretch without a gap, `together` of them as one: the least and the greatest of all, and the mean
/// of all their readings. Which buckets go together does not depend on where the stretch begins, so that a curve does
/// not flicker while it moves.
pub fn columns(buckets: &[Bucket], measure: Measure, step: i64, together: i64) -> Vec<Column> {
    let one =
        |bucket: &Bucket| Column { at: bucket.start.saturating_add(step / 2), stat: bucket.of(measure) };
    if together <= 1 {
        return buckets.iter().map(one).collect();
    }
    let width = step.saturating_mul(together);
    let mut columns = Vec::with_capacity(buckets.len());
    let mut rest = buckets;
    while let Some(first) = rest.first() {
        let end = first.start.div_euclid(width).saturating_add(1).saturating_mul(width);
        let count = rest.iter().take_while(|bucket| bucket.start < end).count().max(1);
        let (group, later) = rest.split_at(count);
        columns.extend(merged(group, measure, step));
        rest = later;
    }
    columns
}

/// How many buckets go together where `span` is drawn `pixels` wide.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the quotient of two times is small, and the cast saturates"
)]
pub fn together(span: i64, step: i64, pixels: f32) -> i64 {
    let buckets = span as f64 / step.max(1) as f64;
    ((buckets / f64::from(pixels.max(1.0))) as i64).max(1)
}

fn merged(group: &[Bucket], measure: Measure, step: i64) -> Option<Column> {
    let (first, last) = (group.first()?, group.last()?);
    let at = first.start.saturating_add((last.start - first.start).saturating_add(step) / 2);
    let mut stat = first.of(measure);
    let (mut sum, mut readings) = (0.0, 0.0);
    for bucket in group {
        let one = bucket.of(measure);
        stat.min = stat.min.min(one.min);
        stat.max = stat.max.max(one.max);
        let count = f64::from(bucket.count.max(1));
        sum += one.mean * count;
        readings += count;
    }
    stat.mean = sum / readings;
    Some(Column { at, stat })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{columns, together};
    use crate::charts::{Bucket, Measure, Stat};

    fn bucket(start: i64, count: u32, value: f64) -> Bucket {
        let temperature = Stat { min: value - 1.0, max: value + 2.0, mean: value };
        Bucket { start, count, temperature, ..Bucket::default() }
    }

    #[test]
    fn no_two_of_them_share_a_pixel() {
        assert_eq!(together(1_000, 1, 300.0), 3);
        assert_eq!(together(1_000, 1, 1_300.0), 1);
        assert_eq!(together(1_000, 10, 0.0), 100);
    }

    proptest! {
        /// Against the naive sums over the buckets of each stretch of that width.
        #[test]
        fn they_hold_every_extreme_and_all_readings(
            step in 1_i64..50,
            many in 1_i64..9,
            places in prop::collection::btree_map(-200_i64..200, (1_u32..60, -40.0_f64..40.0), 0..120),
        ) {
            let buckets: Vec<Bucket> =
                places.iter().map(|(place, (count, value))| bucket(place * step, *count, *value)).collect();
            let drawn = columns(&buckets, Measure::Temperature, step, many);
            prop_assert!(drawn.windows(2).all(|pair| pair[0].at < pair[1].at));
            let mut groups: Vec<Vec<Bucket>> = Vec::new();
            let key = |bucket: &Bucket| bucket.start.div_euclid(step * many);
            for bucket in &buckets {
                match groups.last_mut() {
                    Some(group) if key(&group[0]) == key(bucket) => group.push(*bucket),
                    _ => groups.push(vec![*bucket]),
                }
            }
            prop_assert_eq!(drawn.len(), groups.len());
            for (column, group) in drawn.iter().zip(&groups) {
                let stats = || group.iter().map(|bucket| bucket.temperature);
                let least = stats().map(|s| s.min).fold(f64::INFINITY, f64::min);
                let most = stats().map(|s| s.max).fold(f64::NEG_INFINITY, f64::max);
                prop_assert_eq!(column.stat.min.to_bits(), least.to_bits());
                prop_assert_eq!(column.stat.max.to_bits(), most.to_bits());
                let readings: f64 = group.iter().map(|bucket| f64::from(bucket.count)).sum();
                let sum: f64 = group.iter().map(|b| b.temperature.mean * f64::from(b.count)).sum();
                prop_assert!((column.stat.mean - sum / readings).abs() < 1e-9);
                prop_assert!(group[0].start <= column.at && column.at <= group[group.len() - 1].start + step);
            }
        }
    }
}
