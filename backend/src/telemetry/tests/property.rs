//! Whatever comes in whatever order: series are what a scan of everything gives, and ids have no gaps.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tillwatch_shared::api::RowResult;

use super::super::Buckets;
use super::{BASE, HOUR, Kind, Model, SECOND, Shop};

pub(super) const SENSORS: [&str; 3] = ["a", "7", "geladeira 1"];

#[derive(Clone, Debug)]
pub(super) enum Step {
    Batch(Vec<(usize, i64, f64)>),
    One(usize, i64, f64),
    Reopen,
    CutOff,
}

/// Times that meet often, in few hours, some near the edges of hours.
pub(super) fn time() -> impl Strategy<Value = i64> + Clone {
    let second = (0..6 * 3_600_i64).prop_map(|n| BASE + n * SECOND);
    let edge = (0..6_i64, -2..2_i64).prop_map(|(hour, micros)| BASE + hour * HOUR + micros);
    prop_oneof![4 => second, 1 => edge, 1 => (0..50_i64).prop_map(|n| BASE + n), 1 => 0..HOUR]
}

fn value() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![(-400..400_i32).prop_map(|n| f64::from(n) / 10.0), -100.0..100.0]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let row = (0..SENSORS.len(), time(), value());
    // A run of one reading a second makes hours dense.
    let run = (0..SENSORS.len(), 0..6 * 3_600_i64, 0..1_500_i64).prop_map(|(sensor, from, count)| {
        (from..from + count).map(|n| (sensor, BASE + n * SECOND, (n % 77) as f64)).collect()
    });
    prop_oneof![
        4 => proptest::collection::vec(row.clone(), 0..60).prop_map(Step::Batch),
        4 => row.prop_map(|(sensor, at, value)| Step::One(sensor, at, value)),
        2 => run.prop_map(Step::Batch),
        1 => Just(Step::Reopen),
        1 => Just(Step::CutOff),
    ]
}

pub(super) fn question() -> impl Strategy<Value = (usize, i64, i64, Buckets)> {
    let buckets = prop_oneof![
        (1..5_000_u32).prop_map(Buckets::Points),
        prop_oneof![
            Just(SECOND * 30),
            Just(60 * SECOND),
            Just(7 * 60 * SECOND),
            Just(HOUR),
            Just(5 * HOUR),
            Just(777)
        ]
        .prop_map(Buckets::StepMicros),
    ];
    (0..SENSORS.len(), time(), 1..7 * HOUR, buckets).prop_map(|(sensor, from, length, buckets)| {
        // A very fine step only over a range that it may cut.
        let length = if buckets == Buckets::StepMicros(777) { length % 3_000_000 + 1 } else { length };
        (sensor, from, from + length, buckets)
    })
}

#[derive(Default)]
pub(super) struct Expected {
    pub sensors: BTreeMap<usize, Model>,
    ids: i64,
}

pub(super) fn apply(shop: &mut Shop, expected: &mut Expected, step: &Step) {
    match step {
        Step::Batch(rows) => {
            let named: Vec<_> =
                rows.iter().map(|(sensor, at, value)| (SENSORS[*sensor], *at, *value)).collect();
            let results = shop.store(&named);
            for ((sensor, at, value), result) in rows.iter().zip(&results.rows) {
                let model = expected.sensors.entry(*sensor).or_default();
                let new = !model.0.contains_key(at);
                assert_eq!(*result, if new { RowResult::Stored } else { RowResult::Duplicate });
                model.0.entry(*at).or_insert(*value);
            }
            expected.ids += i64::from(results.stored);
        }
        Step::One(sensor, at, value) => {
            let stored = shop.one(SENSORS[*sensor], *at, *value);
            expected.ids += 1;
            assert_eq!(stored.id, expected.ids);
            let model = expected.sensors.entry(*sensor).or_default();
            let free = (*at..*at + 1_000).find(|at| !model.0.contains_key(at)).unwrap();
            assert_eq!(stored.measured_at.0, free);
            model.0.insert(free, *value);
        }
        Step::Reopen => shop.reopen(),
        Step::CutOff => shop.cut_off(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn series_are_what_a_full_scan_gives(
        packing in prop_oneof![Just(1_usize), 20..3_000_usize],
        steps in proptest::collection::vec(step(), 1..25),
        questions in proptest::collection::vec(question(), 12),
    ) {
        whatever(Kind::Sqlite, packing, &steps, &questions);
    }

    #[test]
    fn series_are_what_a_full_scan_gives_in_postgresql(
        packing in prop_oneof![Just(1_usize), 20..3_000_usize],
        steps in proptest::collection::vec(step(), 1..25),
        questions in proptest::collection::vec(question(), 12),
    ) {
        if super::database().is_some() {
            whatever(Kind::Postgres, packing, &steps, &questions);
        }
    }
}

fn whatever(kind: Kind, packing: usize, steps: &[Step], questions: &[(usize, i64, i64, Buckets)]) {
    let mut shop = Shop::of(kind, packing);
    let mut expected = Expected::default();
    for step in steps {
        apply(&mut shop, &mut expected, step);
    }
    for settled in [false, true] {
        for (sensor, from, to, buckets) in questions {
            let request = super::SeriesRequest {
                sensors: vec![tillwatch_shared::SensorId::Text(SENSORS[*sensor].into())],
                from: tillwatch_shared::UtcMicros(*from),
                to: tillwatch_shared::UtcMicros(*to),
                buckets: *buckets,
            };
            let answer = shop.telemetry().series(&request).unwrap();
            let model = expected.sensors.get(sensor).cloned().unwrap_or_default();
            model.check(&answer.series[0], *from, *to, answer.step_micros);
        }
        if !settled {
            shop.settle();
        }
    }
    // Seals of all that is stored hold, so the ids 1 to the last are all there.
    shop.reopen();
    let seal = shop.telemetry().seal_pending(0).unwrap();
    assert_eq!(seal.as_ref().map_or(0, |seal| seal.last_id), expected.ids);
    let seals: Vec<_> = seal.into_iter().collect();
    shop.telemetry().verify_seals(&seals).unwrap();
    let total: usize = expected.sensors.values().map(|model| model.0.len()).sum();
    assert_eq!(i64::try_from(total).unwrap(), expected.ids);
}
