//! What must hold when PostgreSQL goes away: nothing that was answered is lost, nothing is there twice.
#![cfg(test)]

pub mod cluster;
#[path = "../common/mod.rs"]
pub mod common;
mod copy;
mod large;
mod live;
mod tls;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use tillwatch_server::clock::Clock;
use tillwatch_server::telemetry::{
    Batch, Buckets, Condition, DatabaseUrl, OneReading, OpenError, Options, Place, PostgresPlace, ReadError,
    SeriesError, SeriesRequest, StoreError, Telemetry,
};
use tillwatch_shared::api::{NewReading, ServerInfo};
use tillwatch_shared::{SensorId, UtcMicros};

use self::cluster::{Cluster, Wire, root, until};
use self::common::Program;

/// 2026-01-01T00:00:00Z
const BASE: i64 = 1_767_225_600_000_000;
const SECOND: i64 = 1_000_000;
const STORED: &str = "SELECT id, temperature::bigint FROM reading";

fn place(url: String, spool_bytes: u64) -> Place {
    Place::Postgres(PostgresPlace { url: DatabaseUrl(url), keep_days: None, spool_bytes })
}

fn open(dir: &Path, url: String) -> Telemetry {
    let options = Options { recent_readings: 300, ..Options::default() };
    Telemetry::open_at(dir, &place(url, 64 << 20), options, &Clock::system()).unwrap()
}

fn reading(number: i64) -> OneReading {
    OneReading {
        sensor: SensorId::Number(number % 7),
        values: [number as f64, 0.0, 0.0],
        measured_at: UtcMicros(BASE + number * SECOND),
        received_at: UtcMicros(BASE + number * SECOND),
        source: None,
        key: None,
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn store(telemetry: &Telemetry, number: i64) -> Result<i64, StoreError> {
    wait(telemetry.store_one(reading(number))).map(|stored| stored.id)
}

/// All readings of a sensor.
fn counts(telemetry: &Telemetry, id: &SensorId) -> u32 {
    let request = SeriesRequest {
        sensors: vec![id.clone()],
        from: UtcMicros(0),
        to: UtcMicros(BASE + 10_000_000 * SECOND),
        buckets: Buckets::Points(1),
    };
    telemetry.series(&request).unwrap().series[0].count.iter().sum()
}

fn settled(telemetry: &Telemetry) {
    until("held readings to get there", || {
        telemetry.condition() == Condition::Good && telemetry.stats().held == 0
    });
}

/// Every answered reading is there under the id that was answered, once, and nothing else is.
fn same(cluster: &Cluster, answered: &BTreeMap<i64, i64>) {
    let stored = cluster.pairs(STORED);
    let by_id: BTreeMap<i64, i64> = stored.iter().copied().collect();
    assert_eq!(by_id.len(), stored.len(), "an id is there twice");
    assert_eq!(&by_id, answered);
}

#[test]
fn stopped_and_started_under_load() {
    let Some(mut cluster) = Cluster::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(dir.path(), cluster.url());
    let mut answered = BTreeMap::new();
    let mut next = 0;
    let mut load = |telemetry: &Telemetry, count: i64| {
        let threads: Vec<_> = (0..4)
            .map(|part| {
                let (telemetry, from) = (telemetry.clone(), next + part * count);
                std::thread::spawn(move || {
                    let one = |number| (store(&telemetry, number).unwrap(), number);
                    (from..from + count).map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        next += 4 * count;
        threads
    };
    for signal in ["QUIT", "INT", "QUIT"] {
        let busy = load(&telemetry, 300);
        cluster.stop(signal);
        answered.extend(busy.into_iter().flat_map(|thread| thread.join().unwrap()));
        let away = load(&telemetry, 50);
        answered.extend(away.into_iter().flat_map(|thread| thread.join().unwrap()));
        until("it is noticed", || matches!(telemetry.condition(), Condition::Holding { readings: 1.., .. }));
        let busy = load(&telemetry, 300);
        cluster.go();
        answered.extend(busy.into_iter().flat_map(|thread| thread.join().unwrap()));
    }
    settled(&telemetry);
    assert_eq!(answered.len(), 3 * 4 * 650);
    same(&cluster, &answered);
    // Charts count each of them once, whether it is rolled up or not, and the seals hold.
    let request = SeriesRequest {
        sensors: (0..7).map(SensorId::Number).collect(),
        from: UtcMicros(BASE),
        to: UtcMicros(BASE + 10_000 * SECOND),
        buckets: Buckets::Points(100),
    };
    let counted = |series: &tillwatch_shared::api::Series| series.count.iter().sum::<u32>();
    assert_eq!(telemetry.series(&request).unwrap().series.iter().map(counted).sum::<u32>(), 7_800);
    let seal = telemetry.seal_pending(0).unwrap().unwrap();
    telemetry.verify_seals(&[seal]).unwrap();
}

#[test]
fn cut_in_the_middle_of_a_batch() {
    let Some(cluster) = Cluster::start() else { return };
    let wire = Wire::to(&cluster);
    let dir = tempfile::tempdir().unwrap();
    let telemetry = open(dir.path(), wire.url());
    let mut answered = BTreeMap::new();
    let mut number = 0;
    // Before, within and just behind what a commit sends.
    for round in 0..12 {
        settled(&telemetry);
        if round % 2 == 0 {
            wire.cut_answer(1);
        } else {
            wire.cut_after(round * 61);
        }
        while wire.cuts() == round {
            answered.insert(store(&telemetry, number).unwrap(), number);
            number += 1;
        }
    }
    settled(&telemetry);
    same(&cluster, &answered);
}

#[test]
fn killed_while_the_database_is_away() {
    let Some(mut cluster) = Cluster::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let start = |url: &str| Program::start(dir.path(), &["--demo", "--database-url", url]);
    let client = reqwest::Client::new();
    let post = |base: &str, number: i64| {
        let body = format!(r#"{{"temperature":{number},"humidity":1,"pressure":2,"sensor_id":"porta"}}"#);
        let request =
            client.post(format!("{base}/api/temperature_reading")).header("X-API-Key", "demo").body(body);
        let request = request.header("content-type", "application/json");
        runtime.block_on(async {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 201);
            answer.json::<serde_json::Value>().await.unwrap()["id"].as_i64().unwrap()
        })
    };
    let text = |url: String| {
        runtime.block_on(async {
            let answer = client.get(url).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    };
    let mut answered = BTreeMap::new();
    let mut number = 0;
    for _ in 0..3 {
        let server = start(&cluster.url());
        cluster.stop("QUIT");
        for _ in 0..10 {
            answered.insert(post(&server.base, number), number);
            number += 1;
        }
        let (status, ready) = text(format!("{}/health/ready", server.base));
        assert_eq!(status, 200);
        assert!(ready.contains("degraded") && ready.contains("held on disk"), "{ready}");
        let (_, info) = text(format!("{}/api/v1/server", server.base));
        let info: ServerInfo = serde_json::from_str(&info).unwrap();
        let held = info.readings_held.unwrap();
        assert!(held.since <= info.server_at && !held.refused && held.room_bytes == 64 << 20, "{held:?}");
        assert!(held.readings > 0 && held.bytes > 0, "{held:?}");
        let (_, metrics) = text(format!("{}/metrics", server.base));
        assert!(
            metrics
                .lines()
                .any(|line| line.starts_with("tillwatch_telemetry_held_bytes ") && !line.ends_with(" 0"))
        );
        server.kill();
        // It starts without the database, and gives ids that nobody else has.
        let server = start(&cluster.url());
        for _ in 0..10 {
            answered.insert(post(&server.base, number), number);
            number += 1;
        }
        cluster.go();
        until("it is there again", || {
            text(format!("{}/health/ready", server.base)).1.contains(r#""status":"ok""#)
        });
        assert!(!text(format!("{}/api/v1/server", server.base)).1.contains("readings_held"));
        answered.insert(post(&server.base, number), number);
        number += 1;
        until("all are there", || cluster.number("SELECT count(*) FROM reading") == number);
        server.kill();
    }
    assert_eq!(answered.len(), 63);
    same(&cluster, &answered);
}

#[test]
fn what_is_held_has_a_bound_and_is_dropped_if_it_repeats() {
    let Some(mut cluster) = Cluster::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let options = Options { recent_readings: 1, ..Options::default() };
    let telemetry =
        Telemetry::open_at(dir.path(), &place(cluster.url(), 20_000), options, &Clock::system()).unwrap();
    let batch = |from: i64| {
        let one = |n: i64| NewReading {
            sensor_id: SensorId::Number(1),
            temperature: n as f64,
            humidity: 0.0,
            pressure: 0.0,
            measured_at: UtcMicros(BASE + n * SECOND),
            battery_percent: None,
        };
        Batch::from_readings((from..from + 50).map(one).collect()).unwrap()
    };
    assert_eq!(wait(telemetry.store(batch(0))).unwrap().stored, 50);
    until("all are rolled up", || telemetry.stats().recent == 0);
    cluster.stop("INT");
    // A repeat that is not in memory cannot be told without the database: it is taken, and dropped later.
    assert_eq!(wait(telemetry.store(batch(0))).unwrap().stored, 50);
    let mut held = 0;
    let refused = loop {
        held += 50;
        match wait(telemetry.store(batch(held))) {
            Ok(result) => assert_eq!(result.stored, 50),
            Err(error) => break error,
        }
    };
    assert_eq!(refused, StoreError::Unavailable);
    assert!(matches!(telemetry.condition(), Condition::Failing(reason) if reason.contains("full")));
    let request = SeriesRequest {
        sensors: vec![SensorId::Number(1)],
        from: UtcMicros(BASE),
        to: UtcMicros(BASE + SECOND),
        buckets: Buckets::Points(1),
    };
    assert!(matches!(telemetry.series(&request), Err(SeriesError::Read(ReadError::Away(_)))));
    cluster.go();
    settled(&telemetry);
    assert_eq!(cluster.number("SELECT count(*) FROM reading"), held);
    assert_eq!(wait(telemetry.store(batch(0))).unwrap().duplicate, 50);
    assert_eq!(telemetry.series(&request).unwrap().series[0].count, [1]);
}

#[test]
fn urls_and_passwords_that_are_wrong() {
    let Some(cluster) = Cluster::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let refused = |url: &str| match Telemetry::open_at(
        dir.path(),
        &place(url.to_owned(), 1 << 20),
        Options::default(),
        &Clock::system(),
    ) {
        Err(OpenError::Postgres(reason)) => reason,
        other => panic!("{url}: {other:?}"),
    };
    assert!(refused(&cluster.url_with("wrong")).contains("password authentication failed"));
    assert!(refused(&cluster.url().replace("/postgres", "/nowhere")).contains("does not exist"));
    assert!(refused("postgres://host/db?sslmode=verify").contains("sslmode"));
    assert!(refused("postgres://host:no-port/db").contains("DATABASE_URL"));
    // The host that does not answer is passed over.
    let both = cluster
        .url()
        .replace("postgres://tillwatch:caixa-forte@", "postgres://tillwatch:caixa-forte@%2Fnowhere,");
    let telemetry = open(dir.path(), format!("{both}?target_session_attrs=read-write"));
    assert_eq!(telemetry.condition(), Condition::Good);
    assert_eq!(store(&telemetry, 1), Ok(1));
}

/// A small disk of its own, where that is allowed.
struct SmallDisk(std::path::PathBuf);

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_database_whose_disk_is_full() {
    if !root() || cluster::programs().is_none() {
        println!("not run: a small disk needs root");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let disk = dir.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=90m", "tillwatch-test"]).arg(&disk).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("not run: no small disk can be mounted here");
        return;
    }
    let disk = SmallDisk(disk);
    let Some(mut cluster) = Cluster::start_in(dir, disk.0.join("data")) else { return };
    let spool = tempfile::tempdir().unwrap();
    let telemetry = open(spool.path(), cluster.url());
    let filler = disk.0.join("filler");
    let mut answered = BTreeMap::new();
    answered.insert(store(&telemetry, 0).unwrap(), 0);
    // As much as there is.
    let _ =
        Command::new("dd").args(["if=/dev/zero", "bs=64k"]).arg(format!("of={}", filler.display())).output();
    let mut number = 1;
    while telemetry.condition() == Condition::Good && number < 200_000 {
        answered.insert(store(&telemetry, number).unwrap(), number);
        number += 1;
    }
    assert!(matches!(telemetry.condition(), Condition::Holding { .. }));
    for number in number..number + 20 {
        answered.insert(store(&telemetry, number).unwrap(), number);
    }
    std::fs::remove_file(&filler).unwrap();
    // A PostgreSQL that could not write its log has ended.
    cluster.stop("QUIT");
    cluster.go();
    settled(&telemetry);
    same(&cluster, &answered);
    drop(telemetry);
    drop(cluster);
}
