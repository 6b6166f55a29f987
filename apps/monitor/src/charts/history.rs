//! The buckets of the sensors on the screen: merging the live tail into them, and finding the gaps.
//! Which range to ask for is decided in [`super::view`] and `update::charts`.

use std::collections::BTreeMap;
use std::ops::Range as IndexRange;

use tillwatch_shared::SensorId;
use tillwatch_shared::api::{Envelope, Series, SeriesAnswer};

use super::view::Range;

/// What a sensor measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// °C
    Temperature,
    /// % relative humidity
    Humidity,
    /// hPa
    Pressure,
}

impl Measure {
    pub const ALL: [Self; 3] = [Self::Temperature, Self::Humidity, Self::Pressure];

    pub const fn unit(self) -> &'static str {
        match self {
            Self::Temperature => "°C",
            Self::Humidity => "%",
            Self::Pressure => "hPa",
        }
    }

    /// Decimals that the devices of this trade can be trusted with.
    pub const fn decimals(self) -> usize {
        match self {
            Self::Temperature => 1,
            Self::Humidity | Self::Pressure => 0,
        }
    }
}

/// Minimum, maximum and mean of one measure in one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stat {
    pub min: f64,
    pub max: f64,
    pub mean: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bucket {
    pub start: i64,
    pub count: u32,
    pub temperature: Stat,
    /// As the device sent it; told where a calibration counts.
    pub raw: Option<Stat>,
    pub humidity: Stat,
    pub pressure: Stat,
}

impl Bucket {
    pub const fn of(&self, measure: Measure) -> Stat {
        match measure {
            Measure::Temperature => self.temperature,
            Measure::Humidity => self.humidity,
            Measure::Pressure => self.pressure,
        }
    }
}

/// One sensor's buckets, ascending, each start once.
#[derive(Clone, Debug, Default)]
pub struct History {
    buckets: Vec<Bucket>,
    /// Index ranges without a gap inside.
    segments: Vec<IndexRange<usize>>,
}

impl History {
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    pub fn segments(&self) -> &[IndexRange<usize>] {
        &self.segments
    }

    /// The indices that a chart of `range` draws: those inside and one on either side, so that lines
    /// run to the edge.
    pub fn visible(&self, range: Range) -> IndexRange<usize> {
        let first = self.buckets.partition_point(|b| b.start < range.from).saturating_sub(1);
        let last = self.buckets.partition_point(|b| b.start <= range.to);
        first..(last + 1).min(self.buckets.len())
    }

    /// The bucket that the cursor at `at` points to: the nearest, unless it lies across a gap.
    pub fn nearest(&self, at: i64, step: i64) -> Option<&Bucket> {
        let after = self.buckets.partition_point(|b| b.start + step / 2 < at);
        let candidates = [after.checked_sub(1), Some(after)];
        let nearest = candidates
            .into_iter()
            .flatten()
            .filter_map(|index| Some((index, self.buckets.get(index)?)))
            .min_by_key(|(_, b)| (b.start + step / 2 - at).abs());
        let (index, bucket) = nearest?;
        let reach = if self.segments.iter().any(|s| s.contains(&index) && spans(&self.buckets, s, at)) {
            i64::MAX
        } else {
            step
        };
        ((bucket.start + step / 2 - at).abs() <= reach).then_some(bucket)
    }

    /// Replaces the buckets that start in `from..until` by `fresh` and drops those before `keep_from`.
    fn replace(&mut self, from: i64, until: i64, keep_from: i64, fresh: Vec<Bucket>) {
        let first = self.buckets.partition_point(|b| b.start < from);
        let last = self.buckets.partition_point(|b| b.start < until).max(first);
        self.buckets.splice(first..last, fresh);
        let old = self.buckets.partition_point(|b| b.start < keep_from);
        self.buckets.drain(..old);
    }
}

fn spans(buckets: &[Bucket], segment: &IndexRange<usize>, at: i64) -> bool {
    let first = buckets.get(segment.start).map(|b| b.start);
    let last = segment.end.checked_sub(1).and_then(|i| buckets.get(i)).map(|b| b.start);
    matches!((first, last), (Some(first), Some(last)) if first <= at && at <= last)
}

/// The widest distance between two bucket starts that still is one line.
///
/// A sensor's usual interval is the median distance between its buckets, or, where buckets follow each
/// other without a hole, the share of a bucket that one reading takes. Three intervals may be missed;
/// a bucket's start says when its readings came only to within one step, hence the step on top.
pub fn longest_bridge(buckets: &[Bucket], step: i64) -> i64 {
    let mut distances: Vec<i64> =
        buckets.iter().zip(buckets.iter().skip(1)).map(|(a, b)| b.start - a.start).collect();
    let median_distance = median(&mut distances).unwrap_or(step);
    let interval = if median_distance > step {
        median_distance
    } else {
        let mut counts: Vec<i64> = buckets.iter().map(|b| i64::from(b.count)).collect();
        step / median(&mut counts).unwrap_or(1).max(1)
    };
    step.saturating_add(interval.saturating_mul(3))
}

fn median(values: &mut [i64]) -> Option<i64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable(middle).1)
}

fn segments(buckets: &[Bucket], step: i64) -> Vec<IndexRange<usize>> {
    let bridge = longest_bridge(buckets, step);
    let mut segments = Vec::new();
    let mut start = 0;
    for (index, (a, b)) in buckets.iter().zip(buckets.iter().skip(1)).enumerate() {
        if b.start - a.start > bridge {
            segments.push(start..index + 1);
            start = index + 1;
        }
    }
    if start < buckets.len() {
        segments.push(start..buckets.len());
    }
    segments
}

/// What one request of a page of charts covers: the same step and range for all its sensors.
#[derive(Clone, Debug)]
pub struct Block {
    pub step: i64,
    /// What has been asked for and answered.
    pub covered: Range,
    series: BTreeMap<SensorId, History>,
}

impl Block {
    /// A first answer to a request for `sensors`.
    pub fn new(sensors: &[SensorId], answer: SeriesAnswer) -> Self {
        let mut block = Self {
            step: answer.step_micros.max(1),
            covered: Range { from: answer.from.0, to: answer.from.0 },
            series: sensors.iter().map(|id| (id.clone(), History::default())).collect(),
        };
        block.merge(answer, i64::MIN);
        block
    }

    pub fn get(&self, sensor: &SensorId) -> Option<&History> {
        self.series.get(sensor)
    }

    pub fn sensors(&self) -> impl Iterator<Item = &SensorId> {
        self.series.keys()
    }

    pub fn has_all(&self, sensors: &[SensorId]) -> bool {
        sensors.iter().all(|id| self.series.contains_key(id))
    }

    pub fn is_empty(&self) -> bool {
        self.series.values().all(|h| h.buckets.is_empty())
    }

    /// Whether `answer` has the same buckets and leaves no hole to what is here.
    pub fn accepts(&self, answer: &SeriesAnswer) -> bool {
        answer.step_micros == self.step
            && answer.from.0 <= self.covered.to
            && answer.to.0 >= self.covered.from
    }

    /// Takes in a later part of the same buckets. The answer is the truth for every bucket that it
    /// touches; what starts before `keep_from` is dropped.
    pub fn merge(&mut self, answer: SeriesAnswer, keep_from: i64) {
        let from = answer.from.0.div_euclid(self.step).saturating_mul(self.step);
        // The end itself is not part of the range.
        let last = answer.to.0.saturating_sub(1).div_euclid(self.step);
        let until = last.saturating_add(1).saturating_mul(self.step);
        self.covered.to = self.covered.to.max(answer.to.0);
        self.covered.from = self.covered.from.min(answer.from.0).max(keep_from.min(self.covered.to));
        let mut fresh: BTreeMap<SensorId, Vec<Bucket>> =
            answer.series.into_iter().map(|s| (s.sensor_id.clone(), buckets_of(s))).collect();
        for (id, history) in &mut self.series {
            let mut buckets = fresh.remove(id).unwrap_or_default();
            buckets.retain(|b| from <= b.start && b.start < until);
            history.replace(from, until, keep_from, buckets);
            history.segments = segments(&history.buckets, self.step);
        }
    }
}

/// The columns of the wire as rows, ascending, each start once. What is short in one column is left out.
fn buckets_of(series: Series) -> Vec<Bucket> {
    fn stats(envelope: Envelope) -> impl Iterator<Item = Stat> {
        envelope.min.into_iter().zip(envelope.max).zip(envelope.mean).map(|((min, max), mean)| Stat {
            min,
            max,
            mean,
        })
    }
    // Nothing is told of a column that is not there.
    let raw = series.raw_temperature.map(|raw| stats(raw).map(Some));
    let raw = raw.into_iter().flatten().chain(std::iter::repeat(None));
    let rows = series
        .start_micros
        .into_iter()
        .zip(series.count)
        .zip(stats(series.temperature).zip(raw))
        .zip(stats(series.humidity))
        .zip(stats(series.pressure));
    let mut buckets: Vec<Bucket> = rows
        .map(|((((start, count), (temperature, raw)), humidity), pressure)| Bucket {
            start,
            count,
            temperature,
            raw,
            humidity,
            pressure,
        })
        .collect();
    buckets.sort_by_key(|b| b.start);
    buckets.dedup_by_key(|b| b.start);
    buckets
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use tillwatch_shared::api::{Envelope, Series, SeriesAnswer};
    use tillwatch_shared::{SensorId, UtcMicros};

    use super::{Block, Bucket, History, longest_bridge, segments};
    use crate::charts::Range;

    fn id() -> SensorId {
        SensorId::Text("f".into())
    }

    /// Bucket starts in steps; the values tell where each came from.
    fn answer(step: i64, from: i64, to: i64, starts: &[i64], value: f64) -> SeriesAnswer {
        let column = || Envelope {
            min: vec![value - 1.0; starts.len()],
            max: vec![value + 1.0; starts.len()],
            mean: vec![value; starts.len()],
        };
        SeriesAnswer {
            step_micros: step,
            from: UtcMicros(from),
            to: UtcMicros(to),
            series: vec![Series {
                sensor_id: id(),
                start_micros: starts.to_vec(),
                count: vec![1; starts.len()],
                temperature: column(),
                raw_temperature: None,
                humidity: column(),
                pressure: column(),
            }],
        }
    }

    fn bucket(start: i64, count: u32) -> Bucket {
        Bucket { start, count, ..Bucket::default() }
    }

    fn history(starts: &[i64], step: i64) -> History {
        let buckets: Vec<Bucket> = starts.iter().map(|s| bucket(*s, 1)).collect();
        History { segments: segments(&buckets, step), buckets }
    }

    proptest! {
        /// Against the naive model: a map from start to value, in which every answer first clears the
        /// buckets that it covers.
        #[test]
        fn merging_equals_the_naive_model(
            step in 1_i64..50,
            parts in prop::collection::vec((0_i64..200, 1_i64..60, prop::collection::btree_set(0_i64..60, 0..20)), 1..12),
            keep_behind in 50_i64..2_000,
        ) {
            let mut model: BTreeMap<i64, f64> = BTreeMap::new();
            let mut block: Option<Block> = None;
            let mut newest = i64::MIN;
            for (number, (begin, length, offsets)) in parts.into_iter().enumerate() {
                let value = number as f64;
                let (from, to) = (begin * step + step / 2, (begin + length) * step + step / 3);
                let (first, last) = (from.div_euclid(step), (to - 1).div_euclid(step));
                let starts: Vec<i64> = offsets.into_iter()
                    .map(|o| (first + o) * step).filter(|s| *s <= last * step).collect();
                newest = newest.max(to);
                let keep_from = newest - keep_behind;
                let keep_from = if block.is_some() { keep_from } else { i64::MIN };
                let part = answer(step, from, to, &starts, value);
                match &mut block {
                    None => block = Some(Block::new(&[id()], part)),
                    Some(block) => block.merge(part, keep_from),
                }
                model.retain(|s, _| *s < first * step || *s > last * step);
                model.extend(starts.iter().map(|s| (*s, value)));
                model.retain(|s, _| *s >= keep_from);
                let history = block.as_ref().unwrap().get(&id()).unwrap();
                let kept: Vec<(i64, f64)> =
                    history.buckets().iter().map(|b| (b.start, b.temperature.mean)).collect();
                let expected: Vec<(i64, f64)> = model.iter().map(|(s, v)| (*s, *v)).collect();
                prop_assert_eq!(kept, expected);
            }
        }

        /// Segments cut the buckets, in order and without overlap, exactly where two neighbours are
        /// further apart than the bridge.
        #[test]
        fn segments_cut_at_the_gaps_only(step in 1_i64..100, raw in prop::collection::btree_set(0_i64..3_000, 0..80)) {
            let buckets: Vec<Bucket> = raw.iter().map(|s| bucket(s * step, 1)).collect();
            let bridge = longest_bridge(&buckets, step);
            let cut = segments(&buckets, step);
            let flat: Vec<usize> = cut.iter().cloned().flatten().collect();
            prop_assert_eq!(flat, (0..buckets.len()).collect::<Vec<_>>());
            for segment in &cut {
                prop_assert!(!segment.is_empty());
                for index in segment.start + 1..segment.end {
                    prop_assert!(buckets[index].start - buckets[index - 1].start <= bridge);
                }
                if segment.end < buckets.len() {
                    prop_assert!(buckets[segment.end].start - buckets[segment.end - 1].start > bridge);
                }
            }
        }

        #[test]
        fn what_is_visible_reaches_the_edges(raw in prop::collection::btree_set(0_i64..500, 0..60), from in 0_i64..500, span in 1_i64..200) {
            let starts: Vec<i64> = raw.into_iter().collect();
            let history = history(&starts, 1);
            let range = Range { from, to: from + span };
            let visible = history.visible(range);
            prop_assert!(visible.end <= starts.len());
            for (index, start) in starts.iter().enumerate() {
                if range.from <= *start && *start <= range.to {
                    prop_assert!(visible.contains(&index));
                }
            }
            prop_assert!(visible.len() <= starts.iter().filter(|s| range.from <= **s && **s <= range.to).count() + 2);
        }
    }

    #[test]
    fn one_empty_hour_of_a_sensor_that_sends_every_second_is_a_gap() {
        let hours: Vec<Bucket> = [0, 1, 2, 4, 5].iter().map(|h| bucket(h * 3_600, 3_600)).collect();
        assert_eq!(segments(&hours, 3_600), vec![0..3, 3..5]);
    }

    #[test]
    fn a_sensor_that_sends_every_minute_is_one_line_in_second_buckets() {
        let minutes: Vec<Bucket> = (0..10).map(|m| bucket(m * 60, 1)).collect();
        assert_eq!(segments(&minutes, 1), vec![0..10]);
        let with_hole: Vec<Bucket> = [0, 1, 2, 3, 8, 9].iter().map(|m| bucket(m * 60, 1)).collect();
        assert_eq!(segments(&with_hole, 1), vec![0..4, 4..6]);
    }

    #[test]
    fn the_cursor_does_not_reach_across_a_gap() {
        let history = history(&[0, 10, 20, 30, 40, 1_000, 1_010], 10);
        assert_eq!(history.nearest(22, 10).unwrap().start, 20);
        assert_eq!(history.nearest(500, 10), None);
        assert_eq!(history.nearest(1_004, 10).unwrap().start, 1_000);
        assert_eq!(super::History::default().nearest(5, 10), None);
    }

    #[test]
    fn an_answer_that_leaves_a_hole_is_not_accepted() {
        let block = Block::new(&[id()], answer(10, 0, 100, &[0, 10], 1.0));
        assert!(block.accepts(&answer(10, 90, 130, &[], 1.0)));
        assert!(!block.accepts(&answer(10, 110, 130, &[], 1.0)));
        assert!(!block.accepts(&answer(20, 90, 130, &[], 1.0)));
    }
}
