//! `telemetry copy`: in both directions, cut off anywhere, nothing is lost and nothing is there twice.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use tillwatch_server::clock::Clock;
use tillwatch_server::telemetry::{Batch, Options, Place, Telemetry};
use tillwatch_shared::api::{NewReading, ReadingsSeal};
use tillwatch_shared::{SensorId, UtcMicros};

use super::cluster::{Cluster, until};
use super::common::program::{SERVER, failure, run, success};
use super::common::{Program, dice::Dice};
use super::{BASE, SECOND, counts, place, wait};

const SENSORS: i64 = 40;

/// A history with sensors of both kinds, several senders, late readings and absurd values.
fn fill(telemetry: &Telemetry, dice: &mut Dice, parts: Range<i64>) {
    for part in parts {
        let one = |n: i64, at: i64| NewReading {
            sensor_id: match n % SENSORS {
                text @ 0..20 => SensorId::Text(format!("porta é {text}")),
                number => SensorId::Number(number),
            },
            temperature: (n as f64).sqrt(),
            humidity: -0.0,
            pressure: if n % 97 == 0 { 1e300 } else { 1_013.25 },
            measured_at: UtcMicros(at),
            battery_percent: None,
        };
        let from = part * 500;
        let mut readings: Vec<_> = (from..from + 500).map(|n| one(n, BASE + n * SECOND)).collect();
        // Of a moment that no other reading has.
        let late = dice.between(0, 50_000);
        readings.push(one(from, BASE + late * SECOND + 17 + part));
        let mut batch = Batch::from_readings(readings).unwrap();
        batch.received_at = UtcMicros(BASE + from * SECOND);
        batch.source = (part % 3 > 0).then(|| [10, 0, 0, u8::try_from(part % 3).unwrap()].into());
        wait(telemetry.store(batch)).unwrap();
    }
}

fn seals(telemetry: &Telemetry) -> Vec<ReadingsSeal> {
    let mut seals: Vec<ReadingsSeal> = Vec::new();
    while let Some(seal) = telemetry.seal_pending(seals.last().map_or(0, |seal| seal.last_id)).unwrap() {
        seals.push(seal);
    }
    seals
}

/// What must be the same on both sides.
#[derive(Debug, PartialEq)]
struct Contents {
    sensors: Vec<(String, i64, String)>,
    hours: BTreeMap<String, u32>,
}

fn contents(telemetry: &Telemetry) -> Contents {
    let seen = telemetry.sensors();
    let ids: Vec<SensorId> = seen.iter().map(|sensor| sensor.id.clone()).collect();
    let hours = ids.iter().map(|id| (id.to_string(), counts(telemetry, id))).collect();
    let sensors = seen
        .iter()
        .map(|sensor| (sensor.id.to_string(), sensor.last.id, format!("{:?}", sensor.last)))
        .collect();
    Contents { sensors, hours }
}

fn opened(dir: &Path, place: &Place) -> Telemetry {
    Telemetry::open_at(dir, place, Options::default(), &Clock::system()).unwrap()
}

fn embedded() -> Place {
    Place::Embedded { keep_days: None }
}

/// Starts a copy and kills it when `there` says that enough is there. False if it was through before.
fn cut_off(from: &str, to: &str, mut there: impl FnMut() -> bool) -> bool {
    let mut child = Command::new(SERVER)
        .args(["telemetry", "copy", "--from", from, "--to", to])
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut running = true;
    until("some of the copy", || {
        running = child.try_wait().unwrap().is_none();
        !running || there()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

#[test]
fn there_and_back_again_killed_on_the_way() {
    let Some(cluster) = Cluster::start() else { return };
    let mut dice = Dice::new(7);
    let dir = tempfile::tempdir().unwrap();
    let telemetry = opened(dir.path(), &embedded());
    fill(&telemetry, &mut dice, 0..70);
    let (sealed, before) = (seals(&telemetry), contents(&telemetry));
    let last_id = sealed.last().unwrap().last_id;
    telemetry.close();
    drop(telemetry);
    let (here, url) = (dir.path().to_str().unwrap(), cluster.url());

    // Into PostgreSQL, killed after some of it; a server does not start on what is half there.
    let stored = "SELECT coalesce((SELECT max(last_id) FROM writer), 0)";
    let made = "SELECT count(*) FROM pg_attribute WHERE attname = 'unfinished' AND attrelid = to_regclass('history_state')";
    let begun = "SELECT count(*) FROM history_state WHERE unfinished";
    let mut kills = 0;
    for part in [0, 1, last_id / 2] {
        let there =
            || cluster.number(made) > 0 && cluster.number(begun) > 0 && cluster.number(stored) >= part;
        kills += i64::from(cut_off(here, &url, there));
        if kills == 1 {
            let told = failure(&run(dir.path(), &["--database-url", &url, "--listen", "127.0.0.1:0"]));
            assert!(told.contains("not finished"), "{told}");
        }
    }
    assert!(kills > 0, "it was never killed on the way");
    let told = success(&run(dir.path(), &["telemetry", "copy", "--from", here, "--to", &url]));
    assert!(told.contains("they are the same"), "{told}");
    assert_eq!(cluster.number("SELECT count(*) FROM reading"), last_id);
    let again = success(&run(dir.path(), &["telemetry", "copy", "--from", here, "--to", &url]));
    assert!(
        again.contains("0 readings") && again.contains(&format!("{last_id} were there before")),
        "{again}"
    );
    let telemetry = opened(dir.path(), &place(url.clone(), 1 << 20));
    assert_eq!(contents(&telemetry), before);
    telemetry.verify_seals(&sealed).unwrap();
    // It goes on there, and only what is new is brought back.
    fill(&telemetry, &mut dice, 70..80);
    let (sealed, before) = (seals(&telemetry), contents(&telemetry));
    telemetry.close();
    drop(telemetry);
    let back = success(&run(dir.path(), &["telemetry", "copy", "--from", &url, "--to", here]));
    assert!(back.contains(&format!("{last_id} were there before")), "{back}");
    check(dir.path(), &sealed, &before);

    // Out of PostgreSQL into a new directory, killed as well.
    let fresh = tempfile::tempdir().unwrap();
    let into = fresh.path().to_str().unwrap();
    let file = fresh.path().join("telemetry.sqlite-wal");
    let some = || std::fs::metadata(&file).is_ok_and(|file| file.len() > 200_000);
    let cut = cut_off(&url, into, some);
    if cut {
        let told = failure(&run(fresh.path(), &["--listen", "127.0.0.1:0"]));
        assert!(told.contains("not finished"), "{told}");
    }
    success(&run(dir.path(), &["telemetry", "copy", "--from", &url, "--to", into]));
    check(fresh.path(), &sealed, &before);
}

fn check(dir: &Path, sealed: &[ReadingsSeal], before: &Contents) {
    let telemetry = opened(dir, &embedded());
    assert_eq!(&contents(&telemetry), before);
    telemetry.verify_seals(sealed).unwrap();
    telemetry.close();
}

#[test]
fn what_a_copy_refuses() {
    let Some(cluster) = Cluster::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (here, url) = (dir.path().to_str().unwrap(), cluster.url());
    let copy = |from: &str, to: &str| run(dir.path(), &["telemetry", "copy", "--from", from, "--to", to]);
    assert!(failure(&copy(here, &url)).contains("holds no telemetry.sqlite"));
    assert!(failure(&copy(here, here)).contains("one of --from and --to"));
    assert!(failure(&copy("mysql://x", here)).contains("postgres://"));
    assert!(failure(&copy("DATABASE_URL", here)).contains("not set"));

    // A server holds the directory.
    let server = Program::start(dir.path(), &["--demo"]);
    assert!(failure(&copy(here, &url)).contains("another Tillwatch server uses"));
    assert!(failure(&copy(&url, here)).contains("another Tillwatch server uses"));
    server.kill();

    // Another server holds the database.
    let elsewhere = tempfile::tempdir().unwrap();
    let other = opened(elsewhere.path(), &place(url.clone(), 1 << 20));
    assert!(failure(&copy(here, &url)).contains("another Tillwatch server writes"));
    fill(&other, &mut Dice::new(7), 0..3);
    other.close();
    drop(other);

    // Both have readings, and these differ: nothing is touched.
    let own = opened(dir.path(), &embedded());
    wait(own.store_one(super::reading(1))).unwrap();
    own.close();
    drop(own);
    let told = failure(&copy(&url, here));
    assert!(told.contains("not those of the source"), "{told}");
    let told = failure(&copy(here, &url));
    assert!(told.contains("only up to 1"), "{told}");
    assert_eq!(cluster.number("SELECT count(*) FROM reading"), 1_503);
    assert_eq!(opened(dir.path(), &embedded()).sensors().len(), 1);
}
