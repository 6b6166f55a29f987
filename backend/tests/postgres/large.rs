//! Commits of many readings, which go to the database by a transaction instead of one statement.

use tillwatch_server::telemetry::{Batch, Telemetry};
use tillwatch_shared::api::{NewReading, RowResult};
use tillwatch_shared::{SensorId, UtcMicros};

use super::cluster::{Cluster, Wire};
use super::{BASE, SECOND, counts, open, settled, wait};

const SENSORS: i64 = 5;
const ROWS: i64 = 2_500;

fn rows(from: i64) -> Vec<NewReading> {
    let row = |number: i64| NewReading {
        temperature: number as f64,
        humidity: 0.5,
        pressure: -1.0,
        sensor_id: SensorId::Number(number % SENSORS),
        measured_at: UtcMicros(BASE + number * SECOND),
        battery_percent: None,
    };
    (from..from + ROWS).map(row).collect()
}

fn store(telemetry: &Telemetry, rows: Vec<NewReading>) -> Vec<RowResult> {
    wait(telemetry.store(Batch::from_readings(rows).unwrap())).unwrap().rows
}

/// Every reading of the batches is there once, in the database and in charts, and the seals hold.
fn once_each(cluster: &Cluster, telemetry: &Telemetry, batches: i64) {
    settled(telemetry);
    let stored = cluster.pairs("SELECT temperature::bigint, count(*) FROM reading GROUP BY 1 ORDER BY 1");
    let wanted: Vec<(i64, i64)> = (0..batches * ROWS).map(|number| (number, 1)).collect();
    assert_eq!(stored, wanted);
    assert_eq!(cluster.number("SELECT count(DISTINCT id) FROM reading"), batches * ROWS);
    let charted: u32 = (0..SENSORS).map(|number| counts(telemetry, &SensorId::Number(number))).sum();
    assert_eq!(i64::from(charted), batches * ROWS);
    let mut sealed = 0;
    while let Some(seal) = telemetry.seal_pending(sealed).unwrap() {
        sealed = seal.last_id;
        telemetry.verify_seals(&[seal]).unwrap();
    }
}

#[test]
fn cut_in_the_middle_of_many() {
    let Some(cluster) = Cluster::start() else { return };
    let wire = Wire::to(&cluster);
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(dir.path(), wire.url());
    let mut batches = 0;
    // Towards the database: within the statement, among the readings, with the last of them, behind them.
    let cuts: Vec<Box<dyn Fn()>> = vec![
        Box::new(|| wire.cut_after(300)),
        Box::new(|| wire.cut_after(100_000)),
        Box::new(|| wire.cut_after(ROWS * 86)),
        Box::new(|| wire.cut_after(ROWS * 86 + 900)),
        Box::new(|| wire.cut_answer(1)),
        Box::new(|| wire.cut_answer(2)),
        Box::new(|| wire.cut_answer(3)),
        Box::new(|| wire.cut_answer(4)),
    ];
    for (done, cut) in (0_i64..).zip(&cuts) {
        settled(&telemetry);
        cut();
        while wire.cuts() == done {
            let results = store(&telemetry, rows(batches * ROWS));
            assert!(results.iter().all(|result| *result == RowResult::Stored));
            batches += 1;
        }
    }
    once_each(&cluster, &telemetry, batches);
}

#[test]
fn repeats_among_many_are_told() {
    let Some(cluster) = Cluster::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(dir.path(), cluster.url());
    store(&telemetry, rows(0));
    // The first half again, and as many new ones: some are still in memory, some are looked up.
    let mut mixed = rows(0);
    mixed.truncate(1_250);
    mixed.extend(rows(ROWS).into_iter().take(1_250));
    let results = store(&telemetry, mixed);
    let told = |result| results.iter().filter(|found| **found == result).count();
    assert_eq!((told(RowResult::Duplicate), told(RowResult::Stored)), (1_250, 1_250));
    let results = store(&telemetry, rows(ROWS));
    assert!(results[..1_250].iter().all(|result| *result == RowResult::Duplicate));
    assert!(results[1_250..].iter().all(|result| *result == RowResult::Stored));
    once_each(&cluster, &telemetry, 2);
}
