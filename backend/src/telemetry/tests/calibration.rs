//! Corrected series against the slow model: each reading by itself corrected, then all of a bucket looked at.

use proptest::prelude::*;
use tillwatch_shared::api::Series;
use tillwatch_shared::{SensorId, UtcMicros};

use super::super::{Buckets, Corrections, SeriesRequest};
use super::property::{Expected, SENSORS, Step, apply, question, step, time};
use super::{HOUR, Kind, Model, Shop, values};

/// The sensor, from when on, and what is added.
type Set = (usize, i64, f64);

fn set() -> impl Strategy<Value = Set> {
    // Some at the very begin of an hour, most within one.
    let from = prop_oneof![3 => time(), 1 => time().prop_map(|at| at / HOUR * HOUR)];
    let offset = prop_oneof![(-50..50_i32).prop_map(|n| f64::from(n) / 10.0), Just(0.0)];
    (0..SENSORS.len(), from, offset)
}

/// What is added at a moment, found by looking at all.
fn added(sets: &[Set], sensor: usize, at: i64) -> Option<f64> {
    let counting = sets.iter().filter(|(of, from, _)| *of == sensor && *from <= at);
    counting.max_by_key(|(_, from, _)| *from).map(|(_, _, offset)| *offset)
}

/// Compares the temperatures of a series with a scan of everything.
fn check(found: &Series, model: &Model, sets: &[Set], sensor: usize, (from, to, step): (i64, i64, i64)) {
    let until = (to - 1) / step * step + step;
    let corrects = added(sets, sensor, until - 1).is_some();
    assert_eq!(found.raw_temperature.is_some(), corrects);
    let raw = found.raw_temperature.clone().unwrap_or_else(|| found.temperature.clone());
    model.check(&Series { temperature: raw, ..found.clone() }, from, to, step);
    for (place, start) in found.start_micros.iter().enumerate() {
        let inside = model.0.range(*start..*start + step);
        let corrected: Vec<f64> = inside
            .map(|(at, value)| {
                let [celsius, ..] = values(*value);
                added(sets, sensor, *at).map_or(celsius, |offset| ((celsius + offset) * 1e6).round() / 1e6)
            })
            .collect();
        let envelope = &found.temperature;
        let lowest = corrected.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = corrected.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mean = corrected.iter().sum::<f64>() / corrected.len() as f64;
        assert_eq!((envelope.min[place], envelope.max[place]), (lowest, highest), "step {step} at {start}");
        assert!((envelope.mean[place] - mean).abs() < 2e-6, "step {step} at {start}");
    }
}

fn whatever(
    kind: Kind,
    packing: usize,
    steps: &[Step],
    sets: &[Set],
    questions: &[(usize, i64, i64, Buckets)],
) {
    let mut shop = Shop::of(kind, packing);
    let mut expected = Expected::default();
    for step in steps {
        apply(&mut shop, &mut expected, step);
    }
    // Of one moment the last one counts, as in the ledger.
    let mut kept: Vec<Set> = Vec::new();
    for set in sets {
        kept.retain(|(sensor, from, _)| (*sensor, *from) != (set.0, set.1));
        kept.push(*set);
    }
    let told =
        kept.iter().map(|(sensor, from, offset)| (SENSORS[*sensor].to_owned(), UtcMicros(*from), *offset));
    let corrections: Corrections = told.collect();
    for settled in [false, true] {
        for (sensor, from, to, buckets) in questions {
            let id = SensorId::Text(SENSORS[*sensor].into());
            let (begin, end) = (UtcMicros(*from), UtcMicros(*to));
            let sensors = vec![id.clone()];
            let request = SeriesRequest { sensors, from: begin, to: end, buckets: *buckets };
            let answer = shop.telemetry().corrected_series(&request, &corrections).unwrap();
            let model = expected.sensors.get(sensor).cloned().unwrap_or_default();
            check(&answer.series[0], &model, &kept, *sensor, (*from, *to, answer.step_micros));
            let offsets = corrections.of(&id);
            let end = end.min(begin.plus(HOUR));
            let readings = shop.telemetry().corrected_readings(&id, begin, end, &offsets).unwrap();
            let one_by_one = model.0.range(begin.0..end.0).map(|(at, value)| {
                let [celsius, ..] = values(*value);
                added(&kept, *sensor, *at).map_or(celsius, |more| ((celsius + more) * 1e6).round() / 1e6)
            });
            assert!(readings.iter().map(|reading| reading.values[0]).eq(one_by_one));
        }
        if !settled {
            shop.settle();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_corrected_series_is_made_of_corrected_readings(
        packing in prop_oneof![Just(1_usize), 20..3_000_usize],
        steps in proptest::collection::vec(step(), 1..20),
        sets in proptest::collection::vec(set(), 0..9),
        questions in proptest::collection::vec(question(), 12),
    ) {
        whatever(Kind::Sqlite, packing, &steps, &sets, &questions);
    }

    #[test]
    fn a_corrected_series_is_made_of_corrected_readings_in_postgresql(
        packing in prop_oneof![Just(1_usize), 20..3_000_usize],
        steps in proptest::collection::vec(step(), 1..20),
        sets in proptest::collection::vec(set(), 0..9),
        questions in proptest::collection::vec(question(), 12),
    ) {
        if super::database().is_some() {
            whatever(Kind::Postgres, packing, &steps, &sets, &questions);
        }
    }
}

#[test]
fn two_less_than_two_and_three_tenths_is_two() {
    let corrections: Corrections = [("a".to_owned(), UtcMicros(10), -0.3)].into_iter().collect();
    let offsets = corrections.of(&SensorId::Text("a".into()));
    let corrected =
        [(10, 2.3), (9, 2.3), (10, f64::MAX)].map(|(at, value)| offsets.correct(UtcMicros(at), value));
    let known = [2.0, 2.3, f64::MAX];
    assert_eq!(corrected.map(f64::to_bits), known.map(f64::to_bits), "before it nothing counts");
    let other = corrections.of(&SensorId::Text("b".into()));
    assert_eq!(other.correct(UtcMicros(10), 2.3).to_bits(), 2.3_f64.to_bits());
}
