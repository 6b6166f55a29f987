//! Measures the sensor history in release: durable single readings and batches, bytes a reading, and charts
//! of a day and a year. `cargo bench -p tillwatch-server --bench telemetry [-- quick]` prints a table.
//! The files go to a directory beside the build, so that the disk is a real one.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tillwatch_server::telemetry::{
    Batch, BatchSensor, Buckets, OneReading, Options, SeriesRequest, Telemetry,
};
use tillwatch_shared::compact::CompactRow;
use tillwatch_shared::limits::BATCH_READINGS;
use tillwatch_shared::time::{DAY, HOUR, SECOND};
use tillwatch_shared::{SensorId, UtcMicros};

/// 2026-01-01T00:00:00Z
const BASE: i64 = 1_767_225_600_000_000;
const YEAR: i64 = 365 * DAY;
const CALLERS: i64 = 64;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let quick = std::env::args().any(|argument| argument == "quick");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    singles(&runtime, 1)?;
    singles(&runtime, CALLERS)?;
    if std::env::args().any(|argument| argument == "singles") {
        return Ok(());
    }
    let rows = if quick { 500_000 } else { 3_000_000 };
    batches(&runtime, "1 sensor, 1 Hz, decimals", 1, SECOND, rows, decimals)?;
    batches(&runtime, "1 sensor, 1 Hz, full doubles", 1, SECOND, rows, doubles)?;
    batches(&runtime, "1 sensor, 0.2 Hz, full doubles", 1, 5 * SECOND, rows, doubles)?;
    batches(&runtime, "50 sensors, 1 Hz, decimals", 50, SECOND, rows, decimals)?;
    batches(&runtime, "50 sensors, 0.2 Hz, full doubles", 50, 5 * SECOND, rows, doubles)?;
    charts(&runtime, if quick { YEAR / 12 } else { YEAR })
}

fn print(what: &str, figures: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "| {what:<58} | {figures:<60} |")?;
    Ok(())
}

fn fresh(name: &str) -> Result<PathBuf, Failure> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("telemetry-{name}"));
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}

fn file_bytes(dir: &Path) -> Result<u64, Failure> {
    Ok(dir.join("telemetry.sqlite").metadata()?.len())
}

/// What a usual device sends: few digits.
fn decimals(n: i64) -> [f64; 3] {
    let wave = |period: i64| (n % period - period / 2).abs() as f64;
    [
        (wave(1_800) / 10.0).round() / 10.0,
        40.0 + (wave(700) / 7.0).round() / 10.0,
        1_000.0 + wave(5_000).round() / 100.0,
    ]
}

/// The worst case: values of all digits.
fn doubles(n: i64) -> [f64; 3] {
    decimals(n).map(|value| value + (n as f64).sin())
}

fn singles(runtime: &tokio::runtime::Runtime, sensors: i64) -> Result<(), Failure> {
    let dir = fresh("singles")?;
    let telemetry = Telemetry::open(&dir, Options::default())?;
    let begun = Instant::now();
    let until = begun + Duration::from_secs(5);
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let telemetry = telemetry.clone();
            runtime.spawn(async move {
                let mut waits = Vec::new();
                while Instant::now() < until {
                    let sent = Instant::now();
                    let micros = i64::try_from(begun.elapsed().as_micros()).unwrap_or_default();
                    let reading = OneReading {
                        sensor: SensorId::Text(format!("fridge-{}", caller % sensors)),
                        values: doubles(micros),
                        measured_at: UtcMicros(BASE + micros),
                        received_at: UtcMicros(BASE + micros),
                        source: Some([10, 0, 0, 1].into()),
                        key: None,
                    };
                    telemetry.store_one(reading).await?;
                    waits.push(sent.elapsed());
                }
                Ok::<_, tillwatch_server::telemetry::StoreError>(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for caller in callers {
        waits.extend(runtime.block_on(caller)??);
    }
    let rate = waits.len() as f64 / begun.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at = |share: usize| waits.get(waits.len() * share / 1_000).copied().unwrap_or_default();
    let stats = telemetry.stats();
    print(
        &format!("single readings, {CALLERS} callers, {sensors} sensors"),
        &format!(
            "{rate:.0}/s durable, p50 {:?}, p99 {:?}, p99.9 {:?}, {:.0} a commit",
            at(500),
            at(990),
            at(999),
            stats.stored as f64 / stats.commits as f64
        ),
    )?;
    telemetry.close();
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

/// A batch of readings `from ..` of so many sensors, in turn.
fn batch(from: i64, sensors: u16, spacing: i64, values: fn(i64) -> [f64; 3]) -> Batch {
    let count = i64::try_from(BATCH_READINGS).unwrap_or_default();
    let row = |n: i64| CompactRow {
        sensor: u16::try_from(n % i64::from(sensors)).unwrap_or_default(),
        measured_at: UtcMicros(BASE + n / i64::from(sensors) * spacing),
        values: values(n),
    };
    let sensor = |n| BatchSensor { id: SensorId::Text(format!("fridge-{n}")), allowed: true };
    Batch {
        sensors: (0..sensors).map(sensor).collect(),
        rows: (from..from + count).map(row).collect(),
        received_at: UtcMicros(BASE + from * spacing + spacing),
        source: Some([10, 0, 0, 1].into()),
        key: None,
    }
}

fn batches(
    runtime: &tokio::runtime::Runtime,
    name: &str,
    sensors: u16,
    spacing: i64,
    rows: i64,
    values: fn(i64) -> [f64; 3],
) -> Result<(), Failure> {
    let dir = fresh("batches")?;
    let telemetry = Telemetry::open(&dir, Options::default())?;
    let (mut spent, mut slowest) = (Duration::ZERO, Duration::ZERO);
    for from in (0..rows).step_by(BATCH_READINGS) {
        let batch = batch(from, sensors, spacing, values);
        let begun = Instant::now();
        runtime.block_on(telemetry.store(batch))?;
        spent += begun.elapsed();
        slowest = slowest.max(begun.elapsed());
    }
    // Everything after the last answer counts as well.
    let begun = Instant::now();
    telemetry.close();
    spent += begun.elapsed();
    print(
        &format!("batches of {BATCH_READINGS}, one client, {name}"),
        &format!(
            "{:.0}/s durable, slowest {slowest:?}, {:.1} bytes a reading",
            rows as f64 / spent.as_secs_f64(),
            file_bytes(&dir)? as f64 / rows as f64
        ),
    )?;
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

fn charts(runtime: &tokio::runtime::Runtime, range: i64) -> Result<(), Failure> {
    let dir = fresh("charts")?;
    let telemetry = Telemetry::open(&dir, Options::default())?;
    let rows = range / SECOND;
    let begun = Instant::now();
    for from in (0..rows).step_by(BATCH_READINGS) {
        runtime.block_on(telemetry.store(batch(from, 1, SECOND, doubles)))?;
    }
    let filled = begun.elapsed();
    telemetry.close();
    drop(telemetry);
    print(
        &format!("{rows} readings of one sensor"),
        &format!("filled in {filled:.1?}, {:.1} bytes a reading", file_bytes(&dir)? as f64 / rows as f64),
    )?;
    let begun = Instant::now();
    let telemetry = Telemetry::open(&dir, Options::default())?;
    print("opened again", &format!("{:?}", begun.elapsed()))?;
    for (name, length, buckets) in [
        ("all of it, 1,000 points", range, Buckets::Points(1_000)),
        ("a month, 5,000 points", 30 * DAY, Buckets::Points(5_000)),
        ("a day, 1,000 points", DAY, Buckets::Points(1_000)),
        ("a day, 5,000 points (from the readings)", DAY, Buckets::Points(5_000)),
        ("an hour, 1,000 points (from the readings)", HOUR, Buckets::Points(1_000)),
    ] {
        chart(&telemetry, name, range, length, buckets)?;
    }
    let begun = Instant::now();
    let seal = telemetry.seal_pending(0)?;
    print(
        "a million readings read back and digested",
        &format!("{:?}, {}", begun.elapsed(), seal.is_some()),
    )?;
    drop(telemetry);
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

fn chart(
    telemetry: &Telemetry,
    name: &str,
    range: i64,
    length: i64,
    buckets: Buckets,
) -> Result<(), Failure> {
    let mut times = Vec::new();
    let mut points = 0;
    for turn in 0..20 {
        let to = BASE + range - turn * HOUR;
        let request = SeriesRequest {
            sensors: vec![SensorId::Text("fridge-0".into())],
            from: UtcMicros(to - length),
            to: UtcMicros(to),
            buckets,
        };
        let begun = Instant::now();
        let answer = telemetry.series(&request)?;
        times.push(begun.elapsed());
        points = answer.series.iter().map(|series| series.count.len()).sum();
    }
    let first = times.first().copied().unwrap_or_default();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    let slowest = times.last().copied().unwrap_or_default();
    print(name, &format!("{middle:?} (first {first:?}, slowest {slowest:?}), {points} points"))
}
