//! Readings of a group: sent to any member, they are at all of them, under one id.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tillwatch_server::clock::Clock;
use tillwatch_server::telemetry::{Offsets, Options, Telemetry};
use tillwatch_shared::api::{BatchResult, Reading, ReadingsSeal, RowResult, Sensor};
use tillwatch_shared::time::{DAY, SECOND};
use tillwatch_shared::{CommandId, SensorId, UtcMicros};
use tokio::task::JoinHandle;

use crate::common::{Caller, program};
use crate::seats::{Seats, until};

const KEY: &str = "uma chave de aparelho";
const SINGLE: &str = "/api/temperature_reading";
const BATCH: &str = "/api/v1/readings";
/// Rows of a batch.
const ROWS: i64 = 50;

/// Devices that send for as long as they are let: to one server, and to the next when it does not take it.
struct Devices {
    shared: Arc<Shared>,
    at_work: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    over: AtomicBool,
    count: AtomicUsize,
    told: Mutex<Told>,
}

/// What they were told is stored.
#[derive(Default)]
struct Told {
    /// By their ids: the sensor.
    singles: BTreeMap<i64, String>,
    /// By sensor and time.
    rows: BTreeMap<(String, i64), f64>,
    longest: Duration,
}

impl Devices {
    fn start(servers: &[Caller]) -> Self {
        let shared = Arc::new(Shared::default());
        let mut at_work = Vec::new();
        for first in 0..servers.len() {
            let (mut servers, of_singles) = (servers.to_vec(), Arc::clone(&shared));
            servers.rotate_left(first);
            let of_batches = (servers.clone(), Arc::clone(&shared));
            at_work.push(tokio::spawn(async move { of_singles.singles(&servers, first).await }));
            at_work.push(tokio::spawn(async move { of_batches.1.batches(&of_batches.0, first).await }));
        }
        Self { shared, at_work }
    }

    /// Until so many requests more were taken.
    async fn sent(&self, more: usize) {
        let wanted = self.shared.count.load(Ordering::Relaxed) + more;
        until("readings", async || self.shared.count.load(Ordering::Relaxed) >= wanted).await;
    }

    async fn stop(self) -> Told {
        self.shared.over.store(true, Ordering::Relaxed);
        for task in self.at_work {
            task.await.unwrap();
        }
        std::mem::take(&mut *self.shared.told.lock().unwrap())
    }
}

impl Shared {
    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    fn note(&self, begun: Instant, note: impl FnOnce(&mut Told)) {
        let mut told = self.told.lock().unwrap();
        told.longest = told.longest.max(begun.elapsed());
        note(&mut told);
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// One that was not answered is not sent again: it may be stored, and there is another one soon.
    async fn singles(&self, servers: &[Caller], number: usize) {
        let sensor = format!("single{number}");
        let mut server = servers.iter().cycle();
        let mut at = server.next().unwrap();
        while self.goes_on() {
            let body =
                json!({ "temperature": 4.5, "humidity": 60.0, "pressure": 1000.0, "sensor_id": sensor });
            let begun = Instant::now();
            match at.try_command(SINGLE, CommandId::now(), &body).await {
                Ok(answer) if answer.status == 201 => {
                    let id = answer.expect::<Value>(201)["id"].as_i64().unwrap();
                    self.note(begun, |told| {
                        assert_eq!(told.singles.insert(id, sensor.clone()), None, "an id was given twice");
                    });
                }
                Ok(answer) => {
                    assert_eq!(answer.status, 503);
                    at = server.next().unwrap();
                }
                Err(_) => at = server.next().unwrap(),
            }
        }
    }

    /// A batch is sent until it is taken.
    async fn batches(&self, servers: &[Caller], number: usize) {
        let sensor = format!("batch{number}");
        let mut server = servers.iter().cycle();
        let mut at = server.next().unwrap();
        let mut measured_at = Clock::system().now().0 - DAY;
        while self.goes_on() {
            let times: Vec<i64> = (0..ROWS).map(|row| measured_at + row * SECOND).collect();
            let value = |at: &i64| (at.rem_euclid(1_000)) as f64 / 100.0;
            let readings = times.iter().map(|at| {
                let measured_at = UtcMicros(*at);
                json!({
                    "sensor_id": sensor, "temperature": value(at), "humidity": 60.0, "pressure": 1000.0,
                    "measured_at": measured_at
                })
            });
            let body = json!({ "readings": readings.collect::<Vec<_>>() });
            let begun = Instant::now();
            loop {
                if let Ok(answer) = at.try_command(BATCH, CommandId::now(), &body).await
                    && answer.status == 200
                {
                    let result: BatchResult = answer.expect(200);
                    let there = |row: &RowResult| matches!(row, RowResult::Stored | RowResult::Duplicate);
                    assert!(result.rows.iter().all(there), "{result:?}");
                    break;
                }
                at = server.next().unwrap();
            }
            self.note(begun, |told| {
                told.rows.extend(times.iter().map(|at| ((sensor.clone(), *at), value(at))));
            });
            measured_at += ROWS * SECOND;
        }
    }
}

/// Until the newest reading of each sensor is the same everywhere.
async fn all_have_the_newest(seats: &Seats) {
    until("the newest readings", async || {
        let mut seen: Vec<BTreeMap<String, Option<Reading>>> = Vec::new();
        for caller in seats.callers() {
            let (manager, _) = caller.sign_in("lucas", "1234").await;
            let sensors: Vec<Sensor> = manager.get("/api/v1/sensors").await.expect(200);
            let newest = sensors.into_iter().map(|sensor| (sensor.id.to_string(), sensor.last));
            seen.push(newest.collect());
        }
        seen.windows(2).all(|two| two[0] == two[1])
    })
    .await;
}

/// A history, read back from its file.
fn digest(telemetry: &Telemetry) -> ReadingsSeal {
    telemetry.seal_pending(0).unwrap().unwrap()
}

impl Told {
    /// All that was told is there, once.
    fn is_in(&self, telemetry: &Telemetry) {
        let readings = |sensor: &str| {
            let (from, to) = (UtcMicros(0), Clock::system().now().plus(DAY));
            let id = SensorId::Text(sensor.to_owned());
            telemetry.corrected_readings(&id, from, to, &Offsets::default()).unwrap()
        };
        for number in 0..3 {
            let sensor = format!("batch{number}");
            let rows: BTreeMap<i64, f64> =
                readings(&sensor).iter().map(|one| (one.at.0, one.values[0])).collect();
            let told = self.rows.iter().filter(|((of, _), _)| *of == sensor);
            for ((_, at), value) in told {
                assert_eq!(rows.get(at), Some(value), "{sensor} {at}");
            }
            let sensor = format!("single{number}");
            let told = self.singles.values().filter(|of| **of == sensor).count();
            assert!(readings(&sensor).len() >= told, "{sensor}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_are_at_all_members_under_one_id() {
    let mut seats = Seats::new(3).await;
    seats.settings = vec!["--api-key".to_owned(), KEY.to_owned()];
    // What the first had before there was a group is the group's.
    seats.start_alone(0);
    let first = seats.callers()[0].device(KEY);
    let body = json!({ "temperature": 2.0, "humidity": 60.0, "pressure": 1000.0, "sensor_id": "before" });
    for _ in 0..20 {
        first.post(SINGLE, &body).await.expect::<Value>(201);
    }
    seats.stop(0);
    seats.start_all();
    seats.all_count().await;
    let callers: Vec<Caller> = seats.callers().iter().map(|caller| caller.device(KEY)).collect();
    let devices = Devices::start(&callers);
    devices.sent(60).await;
    // Who coordinates is gone, and comes back.
    seats.kill(0);
    seats.coordinated_by(|id| id != 1, &[1, 2]).await;
    devices.sent(60).await;
    seats.start(0);
    seats.coordinated_by(|id| id == 1, &[0, 1, 2]).await;
    devices.sent(60).await;
    // One falls again and again: what it had stored it does not take from the log a second time.
    for _ in 0..6 {
        seats.kill(1);
        devices.sent(10).await;
        seats.start(1);
        devices.sent(10).await;
    }
    // One that lost its disk gets a copy of the readings too, while more come.
    seats.kill(2);
    fs::remove_dir_all(seats.folder(2)).unwrap();
    seats.start(2);
    seats.all_count().await;
    devices.sent(60).await;
    // The principal lost the file of its readings, and nothing else.
    seats.kill(0);
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(seats.folder(0).join(format!("telemetry.sqlite{end}"))).unwrap();
    }
    seats.start(0);
    seats.coordinated_by(|id| id == 1, &[0, 1, 2]).await;
    devices.sent(60).await;
    let told = devices.stop().await;
    println!(
        "{} singles and {} rows; the longest took {:?}",
        told.singles.len(),
        told.rows.len(),
        told.longest
    );
    all_have_the_newest(&seats).await;
    seats.agree().await;
    seats.stop_all();
    let mut digests = Vec::new();
    for place in 0..3 {
        // What is sealed in the journal is what is there.
        program::success(&program::run(&seats.folder(place), &["verify"]));
        let telemetry = Telemetry::open(&seats.folder(place), Options::default()).unwrap();
        digests.push(digest(&telemetry));
        told.is_in(&telemetry);
        telemetry.close();
    }
    assert!(digests.windows(2).all(|two| two[0] == two[1]), "{digests:#?}");
}
