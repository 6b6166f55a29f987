//! A full disk: writes are refused, reads go on, and when there is space again everything works without a
//! restart.
//!
//! The disk is a small tmpfs that only the server sees: it is mounted in a mount namespace of its own, so
//! nothing is left behind. A machine that does not allow that cannot run this test, and it fails there.
#![cfg(test)]

pub mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use common::goods::{all, balances_are_sums, new_product, receipt};
use common::socket::Terminal;
use common::{Answer, Caller, Program, program};
use reqwest::Method;
use serde_json::{Value, json};
use tillwatch_server::clock::Clock;
use tillwatch_shared::api::{BatchResult, Direction, Health, PulseMessage, SeriesAnswer, StockEntry, Store};
use tillwatch_shared::time::{HOUR, SECOND};
use tillwatch_shared::{CommandId, UtcMicros};

const TMPFS_MEGABYTES: u64 = 48;
/// What is left free before the test fills the rest by writing.
const LEFT_BYTES: u64 = 600 * 1024;

/// The words before a command line that give it mounts of its own: as root, or as root of a namespace.
fn unshare() -> &'static [&'static str] {
    let ways: [&'static [&'static str]; 2] =
        [&["unshare", "--mount"], &["unshare", "--mount", "--map-root-user"]];
    let works = |way: &&&'static [&'static str]| {
        let dir = tempfile::tempdir().unwrap();
        let mut attempt = Command::new(way[0]);
        attempt.args(&way[1..]).args(["mount", "-t", "tmpfs", "tmpfs"]).arg(dir.path());
        attempt.output().is_ok_and(|output| output.status.success())
    };
    ways.iter().find(works).expect("`unshare --mount` with a tmpfs in it: as root, or with user namespaces")
}

/// The server on its small disk.
struct Small {
    program: Program,
    way: &'static [&'static str],
    dir: PathBuf,
}

impl Small {
    fn start(dir: &Path) -> Self {
        let way = unshare();
        let place = dir.display();
        let script = format!(
            "mount -t tmpfs -o size={TMPFS_MEGABYTES}m tmpfs {place} && exec {} --demo --data-dir {place}/data \"$@\"",
            program::SERVER
        );
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).args(["sh", "-c", &script, "sh"]);
        Self { program: Program::from_command(command), way, dir: dir.to_owned() }
    }

    /// A file that takes up space, as it is reached from outside.
    fn ballast(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.program.pid()));
        root.join(self.dir.strip_prefix("/").unwrap()).join("ballast")
    }

    /// Takes away all space but a little.
    fn fill(&self) {
        let file = fs::File::create(self.ballast()).unwrap();
        let chunk = vec![0_u8; 64 * 1024];
        // Until nothing more fits.
        while std::io::Write::write_all(&mut &file, &chunk).is_ok() {}
        self.give_back(LEFT_BYTES);
    }

    /// Makes room for so many bytes.
    fn give_back(&self, bytes: u64) {
        let file = fs::File::options().write(true).open(self.ballast()).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length - bytes).unwrap();
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    /// Checks everything while the server runs: its disk goes with it.
    fn verify(&self) -> Output {
        let mut command = Command::new("nsenter");
        if self.way.contains(&"--map-root-user") {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.args(["--mount", "--target", &self.program.pid().to_string(), program::SERVER]);
        command.args(["verify", "--replay", "--data-dir"]).arg(self.dir.join("data")).output().unwrap()
    }
}

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
}

/// A batch of readings a second apart, from a place in this sensor's history on.
fn batch(place: i64, rows: i64) -> Value {
    let from = UtcMicros(Clock::system().now().0 / HOUR * HOUR - 100 * HOUR);
    let readings: Vec<Value> = (place..place + rows)
        .map(|second| {
            let at = from.plus(second * SECOND);
            json!({ "sensor_id": "g", "temperature": 4.5, "humidity": 60, "pressure": 1013, "measured_at": at })
        })
        .collect();
    json!({ "readings": readings })
}

async fn ready(caller: &Caller) -> (u16, Health) {
    let answer = caller.get("/health/ready").await;
    (answer.status, serde_json::from_slice(&answer.bytes).unwrap())
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let server = Small::start(dir.path());
    let (caller, _) = Caller::new(&server.program.base).sign_in("lucas", "1234").await;
    let device = caller.device("demo");
    let store = caller.get("/api/v1/stores").await.expect::<Vec<Store>>(200)[0].id;
    let product = new_product(&caller, "Prego", 5).await.id;
    let entry = receipt(store, product, 1000);
    let path = "/api/v1/stock-entries";
    let reading = json!({ "sensor_id": "h", "temperature": 4, "humidity": 60, "pressure": 1013 });
    assert_eq!(ready(&caller).await.0, 200);
    server.fill();

    // Readings until they no longer fit, then entries.
    let (mut stored, mut unanswered) = (0, None);
    for _ in 0..200 {
        let answer = device.post("/api/v1/readings", &batch(stored, 2_000)).await;
        if answer.status != 200 {
            refused(&answer);
            answer.problem(503, "storage_unavailable");
            break;
        }
        stored += i64::from(answer.expect::<BatchResult>(200).stored);
    }
    // The readings may have left nothing at all.
    server.give_back(128 * 1024);
    let mut kept = Vec::new();
    for _ in 0..20_000 {
        let id = CommandId::now();
        let answer = caller.command(path, id, &entry).await;
        if answer.status != 201 {
            refused(&answer);
            answer.problem(503, "storage_unavailable");
            unanswered = Some(id);
            break;
        }
        kept.push(answer.expect::<StockEntry>(201));
    }
    let unanswered = unanswered.expect("the disk was never full");
    println!("full after {stored} readings and {} entries", kept.len());
    assert!(stored > 0 && !kept.is_empty());
    // A sign-in is smaller, and may fit into what the refused entry left.
    let sign_in = json!({ "username": "ana", "password": "1234" });
    let mut fitted = 0;
    while caller.post("/login", &sign_in).await.status == 200 {
        fitted += 1;
        assert!(fitted < 200, "the disk was never full");
    }
    let (status, health) = ready(&caller).await;
    assert_eq!((status, health.status.as_str()), (503, "not ready"));
    assert_ne!(health.ledger, "ok");
    assert_eq!(caller.get("/health/live").await.status, 200);
    // Every kind of write is refused, again and again, in the shape of its route.
    for _ in 0..3 {
        refused(&caller.command(path, unanswered, &entry).await);
        refused(&caller.post("/inventario", &json!({ "produto_id": 1, "quantidade": 1 })).await);
        refused(&device.post("/api/v1/readings", &batch(stored, 2_000)).await);
        refused(&caller.post("/login", &sign_in).await);
    }
    // Reads go on.
    assert_eq!(own(&caller, product).await, kept, "what was acknowledged, and nothing else");
    assert_eq!(count(&caller).await, stored);
    for path in ["/produtos", "/api/v1/sensors", "/api/v1/day-totals", "/api/v1/changes?after=latest"] {
        assert_eq!(caller.get(path).await.status, 200, "{path}");
    }

    server.free();
    recovers(&caller).await;
    // The very same requests, no restart.
    let entered: StockEntry = caller.command(path, unanswered, &entry).await.expect(201);
    assert_eq!(entered.id.0, unanswered.0);
    kept.push(entered);
    let result: BatchResult = device.post("/api/v1/readings", &batch(stored, 2_000)).await.expect(200);
    assert_eq!(result.stored, 2_000, "nothing of the refused batch was stored");
    let one = device.request(Method::POST, "/api/temperature_reading").json(&reading);
    assert_eq!(common::caller::send(one).await.status, 201);
    let (status, health) = ready(&caller).await;
    assert_eq!((status, health.status.as_str()), (200, "ok"));
    assert_eq!(own(&caller, product).await, kept);
    assert_eq!(count(&caller).await, stored + 2_000);
    balances_are_sums(&caller, &[store]).await;
    println!("{}", program::success(&server.verify()));
    let (status, _, log) = server.program.terminate();
    assert!(status.success(), "{log}");
}

/// Sends single readings until one is refused: how many were stored.
async fn readings_until_refused(device: &Caller) -> i64 {
    let now = Clock::system().now();
    for n in 0..20_000 {
        let at = now.plus(n - HOUR);
        let one = json!({ "sensor_id": "g", "temperature": 4, "humidity": 60, "pressure": 1013, "measured_at": at });
        let answer = device.post("/api/v1/readings", &json!({ "readings": [one] })).await;
        if answer.status != 200 {
            refused(&answer);
            return n;
        }
    }
    panic!("the disk was never full");
}

/// The sensor log's half: nobody uses the ledger meanwhile.
#[tokio::test]
async fn a_full_disk_refuses_readings_and_recovers_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let server = Small::start(dir.path());
    let (caller, _) = Caller::new(&server.program.base).sign_in("lucas", "1234").await;
    let device = caller.device("demo");
    server.fill();
    let mut stored = 0;
    while device.post("/api/v1/readings", &batch(stored, 2_000)).await.status == 200 {
        stored += 2_000;
        assert!(stored < 400_000, "the disk was never full");
    }
    // Not even one fits, so a little space does not pass for recovery.
    let kept = stored + readings_until_refused(&device).await;
    let (status, health) = ready(&caller).await;
    assert_eq!((status, health.status.as_str(), health.ledger.as_str()), (503, "not ready", "ok"));
    assert_ne!(health.telemetry, "ok");
    let one = json!({ "sensor_id": "h", "temperature": 4, "humidity": 60, "pressure": 1013 });
    let answer =
        common::caller::send(device.request(Method::POST, "/api/temperature_reading").json(&one)).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(caller.get("/health/live").await.status, 200);
    assert_eq!(count(&caller).await, kept, "reads go on");
    assert_eq!(caller.get("/api/v1/sensors").await.status, 200);

    server.free();
    recovers(&caller).await;
    let result: BatchResult = device.post("/api/v1/readings", &batch(stored, 2_000)).await.expect(200);
    assert_eq!(result.stored, 2_000, "nothing of the refused batch was stored");
    assert_eq!(count(&caller).await, kept + 2_000);
    println!("full after {kept} readings");
    println!("{}", program::success(&server.verify()));
}

/// Asks until the server says that it is well: nothing is written meanwhile, as when it was taken out of service.
async fn recovers(caller: &Caller) {
    let well = async {
        while ready(caller).await.0 != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), well).await.expect("still not ready");
}

/// Tries until the disk is full: the value that was acknowledged last, and how many were.
async fn count_until_refused(till: &mut Terminal) -> (i64, usize) {
    let (mut held, mut acks) = (0, 0);
    for n in 1..20_000 {
        let answer = till.ask(&json!({ "type": "value", "value": n % 100 }).to_string()).await;
        if answer["type"] == "error" {
            return (held, acks);
        }
        assert_eq!(answer, json!({ "type": "ack", "value": n % 100 }));
        (held, acks) = (n % 100, acks + 1);
    }
    panic!("the disk was never full");
}

#[tokio::test]
async fn a_full_disk_stops_the_pulse_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Small::start(dir.path());
    let (manager, session) = Caller::new(&server.program.base).sign_in("56789012345", "1234").await;
    let base = server.program.base.clone();
    let (mut till, _) = Terminal::open(&base, "a", &session.access_token).await;
    server.fill();
    let (held, mut acks) = count_until_refused(&mut till).await;
    // Everything that would be stored is refused, and none of it is acknowledged.
    for text in [r#"{"type":"value","value":55}"#, r#"{"type":"request","parity":"odd"}"#, "x"] {
        assert_eq!(till.ask(text).await["type"], "error", "{text}");
    }
    let known: Vec<Value> = manager.get("/api/v1/pulse/clients").await.expect(200);
    assert_eq!((&known[0]["client"], &known[0]["value"]), (&json!("a"), &json!(held)));

    server.free();
    // The same connection goes on, and another one finds what was acknowledged.
    till.value(56).await;
    acks += 1;
    let (mut again, value) = Terminal::open(&base, "a", &session.access_token).await;
    assert_eq!(value, 56);
    again.value(57).await;
    acks += 1;
    let log: Vec<PulseMessage> = all(&manager, "/api/v1/pulse/messages?client=a").await;
    let of = |kind: &str, direction: Direction| {
        let said = format!(r#""type":"{kind}""#);
        log.iter().filter(|m| m.direction == direction && m.content.contains(&said)).count()
    };
    assert_eq!((of("ack", Direction::Sent), of("value", Direction::Received)), (acks, acks));
    assert_eq!((of("error", Direction::Sent), of("step", Direction::Sent)), (0, 0));
    println!("full after {acks} values");
    let (status, _, log) = server.program.terminate();
    assert!(status.success(), "{log}");
}

async fn own(caller: &Caller, product: tillwatch_shared::ProductId) -> Vec<StockEntry> {
    let entries = all::<StockEntry>(caller, "/api/v1/stock-entries").await;
    entries.into_iter().filter(|entry| entry.product_id == product).collect()
}

/// Readings of the batches' sensor.
async fn count(caller: &Caller) -> i64 {
    let now = Clock::system().now();
    let path =
        format!("/api/v1/series?sensors=g&points=5&from={}&to={}", now.plus(-200 * HOUR), now.plus(HOUR));
    let answer: SeriesAnswer = caller.get(&path).await.expect(200);
    answer.series[0].count.iter().map(|count| i64::from(*count)).sum()
}
