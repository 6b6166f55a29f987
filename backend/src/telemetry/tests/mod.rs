//! Tests of the sensor history: what every engine must keep (`contract`, `property`), and what happens when
//! the disk or the queue is full (`faults`). They use the handle, as the server does.
//!
//! `contract` and `property` run on both engines. The PostgreSQL one needs a server: `tests/postgres.sh`, which
//! `./test.sh` uses, starts one and names it in `TILLWATCH_TEST_DATABASE_URL`. Without that variable, as in a plain
//! `cargo test`, its tests only say that they did not run.

mod calibration;
mod contract;
mod faults;
mod members;
mod postgres;
mod property;
mod retention;
mod steps;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use tempfile::TempDir;
use tillwatch_shared::api::{BatchResult, Series};
use tillwatch_shared::compact::CompactRow;
use tillwatch_shared::{SensorId, UtcMicros};

use super::{
    Batch, BatchSensor, Buckets, DatabaseUrl, Measured, Offsets, OneReading, Options, Place, PostgresPlace,
    SeriesRequest, StoreError, StoredOne, Telemetry,
};
use crate::clock::Clock;

/// 2026-01-01T00:00:00Z
const BASE: i64 = 1_767_225_600_000_000;
const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// Which engine a test is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// Makes a test of each function, for both engines.
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(super::Kind::Sqlite); })*
        }
        mod postgres {
            $(#[test] fn $name() {
                if crate::telemetry::tests::database().is_some() {
                    super::$name(super::Kind::Postgres);
                }
            })*
        }
    };
}
use on_both_engines;

/// The PostgreSQL server for tests, if there is one.
fn database() -> Option<String> {
    // Tests have no settings of their own to read it from.
    #[allow(clippy::disallowed_methods)]
    let url = std::env::var("TILLWATCH_TEST_DATABASE_URL").ok();
    if url.is_none() {
        println!("not run: TILLWATCH_TEST_DATABASE_URL names no PostgreSQL; tests/postgres.sh starts one");
    }
    url
}

/// A schema of its own on that server, and a history in it.
fn fresh_place() -> PostgresPlace {
    let url = database().unwrap();
    let schema = format!("t{}", uuid::Uuid::now_v7().simple());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
    });
    // A start that does not find its database goes on without it, with ids of its own: here it is there, however slow.
    let url = DatabaseUrl(format!("{url}?options=-csearch_path%3D{schema}&connect_timeout=10"));
    PostgresPlace { url, keep_days: None, spool_bytes: 64 * 1024 * 1024 }
}

/// A history in a directory of its own, that can be closed, and cut off as by a power failure.
struct Shop {
    dir: TempDir,
    options: Options,
    place: Place,
    clock: Clock,
    telemetry: Option<Telemetry>,
}

impl Shop {
    /// Packs when so many readings have come.
    fn packing_at(recent_readings: usize) -> Self {
        Self::of(Kind::Sqlite, recent_readings)
    }

    fn of(kind: Kind, recent_readings: usize) -> Self {
        Self::with(kind, Options { recent_readings, ..Options::default() })
    }

    fn with(kind: Kind, options: Options) -> Self {
        let place = match kind {
            Kind::Sqlite => Place::Embedded { keep_days: None },
            Kind::Postgres => Place::Postgres(fresh_place()),
        };
        Self::at(place, options)
    }

    fn at(place: Place, options: Options) -> Self {
        let dir = TempDir::new().unwrap();
        let clock = Clock::system();
        let telemetry = Some(Telemetry::open_at(dir.path(), &place, options, &clock).unwrap());
        Self { dir, options, place, clock, telemetry }
    }

    fn telemetry(&self) -> &Telemetry {
        self.telemetry.as_ref().unwrap()
    }

    fn reopen(&mut self) {
        self.telemetry().close();
        self.telemetry = None;
        self.telemetry = Some(self.open(self.dir.path()));
    }

    fn open(&self, dir: &Path) -> Telemetry {
        Telemetry::open_at(dir, &self.place, self.options, &self.clock).unwrap()
    }

    /// Goes on with the files as they are on disk at this moment, as after a power failure.
    fn cut_off(&mut self) {
        self.settle();
        let dir = TempDir::new().unwrap();
        for file in std::fs::read_dir(self.dir.path()).unwrap().map(Result::unwrap) {
            if file.file_name() != "telemetry.sqlite-shm" {
                std::fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
            }
        }
        // What it is cut off from has no more to say: it would take its session at the database back.
        self.telemetry().close();
        self.telemetry = None;
        self.telemetry = Some(self.open(dir.path()));
        self.dir = dir;
    }

    /// Waits until nothing is being packed: the answer to an empty batch comes after the housekeeping of what
    /// was before it, and a round has few pieces.
    fn settle(&self) {
        for _ in 0..20 {
            assert_eq!(self.store(&[]).stored, 0);
        }
    }

    fn store(&self, rows: &[(&str, i64, f64)]) -> BatchResult {
        wait(self.telemetry().store(batch(rows))).unwrap()
    }

    fn one(&self, sensor: &str, at: i64, value: f64) -> StoredOne {
        wait(self.try_one(sensor, at, value)).unwrap()
    }

    async fn try_one(&self, sensor: &str, at: i64, value: f64) -> Result<StoredOne, StoreError> {
        self.telemetry().store_one(single(sensor, at, value)).await
    }

    fn series(&self, sensor: &str, from: i64, to: i64, buckets: Buckets) -> Series {
        let sensors = vec![SensorId::Text(sensor.into())];
        let request = SeriesRequest { sensors, from: UtcMicros(from), to: UtcMicros(to), buckets };
        self.telemetry().series(&request).unwrap().series.pop().unwrap()
    }

    /// As the sensor sent them.
    fn readings(&self, sensor: &SensorId, from: UtcMicros, to: UtcMicros) -> Vec<Measured> {
        self.telemetry().corrected_readings(sensor, from, to, &Offsets::default()).unwrap()
    }

    /// Readings of a sensor, by a series of one bucket.
    fn count(&self, sensor: &str) -> u32 {
        self.series(sensor, 0, super::row::END_OF_TIME, Buckets::Points(1)).count.iter().sum()
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// The three values of a reading that is made from one.
fn values(value: f64) -> [f64; 3] {
    [value, 100.0 - value, 1_000.0 + value / 7.0]
}

fn single(sensor: &str, at: i64, value: f64) -> OneReading {
    OneReading {
        sensor: SensorId::Text(sensor.into()),
        values: values(value),
        measured_at: UtcMicros(at),
        received_at: UtcMicros(at + 5),
        source: Some([10, 0, 0, 7].into()),
        key: None,
    }
}

fn batch(rows: &[(&str, i64, f64)]) -> Batch {
    let mut sensors: Vec<BatchSensor> = Vec::new();
    let mut numbers = HashMap::new();
    let row = |(sensor, at, value): &(&str, i64, f64)| {
        let number = *numbers.entry((*sensor).to_owned()).or_insert_with(|| {
            sensors.push(BatchSensor { id: SensorId::Text((*sensor).into()), allowed: true });
            u16::try_from(sensors.len() - 1).unwrap()
        });
        CompactRow { sensor: number, measured_at: UtcMicros(*at), values: values(*value) }
    };
    let rows = rows.iter().map(row).collect();
    Batch { sensors, rows, received_at: UtcMicros(BASE), source: Some([10, 0, 0, 8].into()), key: None }
}

/// The simplest thing that could be right: all readings of a sensor by time.
#[derive(Clone, Debug, Default)]
struct Model(BTreeMap<i64, f64>);

impl Model {
    /// Compares a series with a scan of everything.
    fn check(&self, found: &Series, from: i64, to: i64, step: i64) {
        let from = from / step * step;
        let to = (to - 1) / step * step + step;
        let mut buckets: BTreeMap<i64, Vec<[f64; 3]>> = BTreeMap::new();
        for (at, value) in self.0.range(from..to) {
            buckets.entry(at / step * step).or_default().push(values(*value));
        }
        assert_eq!(found.start_micros, buckets.keys().copied().collect::<Vec<_>>(), "starts at step {step}");
        let counts: Vec<usize> = found.count.iter().map(|count| usize::try_from(*count).unwrap()).collect();
        assert_eq!(counts, buckets.values().map(Vec::len).collect::<Vec<_>>(), "counts at step {step}");
        for (place, envelope) in
            [&found.temperature, &found.humidity, &found.pressure].into_iter().enumerate()
        {
            let scanned = buckets.values().map(|rows| rows.iter().map(move |row| row[place]));
            for ((rows, (min, max)), mean) in
                scanned.zip(envelope.min.iter().zip(&envelope.max)).zip(&envelope.mean)
            {
                let rows: Vec<f64> = rows.collect();
                assert_eq!(rows.iter().copied().fold(f64::INFINITY, f64::min).to_bits(), min.to_bits());
                assert_eq!(rows.iter().copied().fold(f64::NEG_INFINITY, f64::max).to_bits(), max.to_bits());
                assert!((rows.iter().sum::<f64>() / rows.len() as f64 - mean).abs() < 1e-9);
            }
        }
    }
}

fn file_bytes(dir: &Path) -> u64 {
    std::fs::metadata(dir.join("telemetry.sqlite")).unwrap().len()
}
