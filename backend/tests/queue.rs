//! Full queues: whoever comes too late is told to come back at once, and all that was accepted is done.
//!
//! The queues are filled by holding the writers: a second connection to their database has an open write
//! transaction. The writers wait for it up to their busy time-out, which is longer than this takes.
#![cfg(test)]

pub mod common;

use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use common::goods::{all, balances_are_sums, new_product, receipt};
use common::{Caller, Server};
use rusqlite::Connection;
use serde_json::{Value, json};
use tillwatch_server::domain::stock::EnterStock;
use tillwatch_server::domain::{Command, Payload};
use tillwatch_server::ledger::SubmitError;
use tillwatch_server::telemetry::{Batch, Options, StoreError};
use tillwatch_shared::api::{NewReading, NewStockEntry, Person, StockEntry, StockEntryKind, Store};
use tillwatch_shared::{CommandId, Quantity, SensorId};

/// Holds the only right to write until dropped.
struct Held(Connection);

impl Held {
    fn take(file: &std::path::Path) -> Self {
        let connection = Connection::open(file).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self(connection)
    }

    fn release(self) {
        self.0.execute_batch("ROLLBACK").unwrap();
    }
}

/// Long enough for a slow machine, short against the five seconds that the writer would wait.
const AT_ONCE: Duration = Duration::from_secs(1);

async fn refused_at_once(caller: &Caller, path: &str, body: &Value) -> common::Answer {
    let begun = Instant::now();
    let answer = caller.post(path, body).await;
    assert!(begun.elapsed() < AT_ONCE, "{path}: {:?}", begun.elapsed());
    assert_eq!(answer.status, 503, "{path}: {}", answer.text());
    let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_ledger_queue_says_come_back() {
    let server = Server::demo().await;
    let (caller, _) = server.caller().sign_in("lucas", "1234").await;
    let me: Person = caller.get("/api/v1/people/me").await.expect(200);
    let store = caller.get("/api/v1/stores").await.expect::<Vec<Store>>(200)[0].id;
    let product = new_product(&caller, "Prego", 5).await.id;
    let (ledger, now, tip) = (server.running.app.ledger.clone(), server.clock.now(), server.tip());
    let command = || Command {
        id: CommandId::now(),
        actor: Some(me.id),
        till: None,
        client_at: now,
        server_at: now,
        payload: Payload::EnterStock(EnterStock {
            entry: NewStockEntry {
                kind: StockEntryKind::Receive,
                store_id: store,
                product_id: product,
                quantity_thousandths: Quantity(1),
                reason: None,
                lot: None,
                recorded_at: None,
            },
        }),
    };
    let capacity = ledger.queue_room();
    let held = Held::take(&server.ledger_file());
    let mut accepted = Vec::new();
    let (mut busy, most) = (0, capacity + 2_000);
    // Polled once, a command is queued or refused.
    while busy < 10 {
        assert!(accepted.len() < most, "the queue has no bound");
        let ledger = ledger.clone();
        let command = command();
        let mut submitted = Box::pin(async move { ledger.submit(command).await });
        match submitted.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => accepted.push(submitted),
            Poll::Ready(Err(SubmitError::Busy)) => busy += 1,
            Poll::Ready(other) => panic!("{other:?}"),
        }
    }
    assert!(accepted.len() >= capacity, "{} of {capacity}", accepted.len());
    assert_eq!(ledger.queue_room(), 0);

    let entry = receipt(store, product, 1);
    refused_at_once(&caller, "/api/v1/stock-entries", &entry).await.problem(503, "busy");
    let old = json!({ "produto_id": 1, "quantidade": 1 });
    refused_at_once(&caller, "/inventario", &old).await.fixed_error(503, "mensagem");
    // Reads do not wait for the writer.
    let begun = Instant::now();
    assert_eq!(caller.get("/api/v1/products").await.status, 200);
    assert_eq!(caller.get("/api/v1/changes?after=latest").await.status, 200);
    assert!(begun.elapsed() < AT_ONCE);

    held.release();
    let count = accepted.len();
    for submitted in accepted {
        submitted.await.unwrap();
    }
    assert_eq!(server.tip(), tip + count as i64, "all that was accepted, and nothing that was refused");
    caller.post("/api/v1/stock-entries", &entry).await.expect::<StockEntry>(201);
    let entries = all::<StockEntry>(&caller, "/api/v1/stock-entries").await;
    assert_eq!(entries.iter().filter(|entry| entry.product_id == product).count(), count + 1);
    balances_are_sums(&caller, &[store]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_of_readings_says_come_back() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let (caller, _) = server.caller().sign_in("lucas", "1234").await;
    let reading = json!({ "sensor_id": "g", "temperature": 4, "humidity": 60, "pressure": 1013 });
    device.post("/api/temperature_reading", &reading).await.expect::<Value>(201);
    let (telemetry, now) = (server.running.app.telemetry.clone(), server.clock.now());
    let backlog: Vec<NewReading> = (0..10_000)
        .map(|row| NewReading {
            sensor_id: SensorId::Number(0),
            temperature: 4.0,
            humidity: 60.0,
            pressure: 1013.0,
            measured_at: now.plus(row),
            battery_percent: None,
        })
        .collect();
    let one = json!({ "readings": [backlog[0]] });
    let backlog = Batch::from_readings(backlog).unwrap();
    let limit = Options::default().queue_readings;
    let held = Held::take(&server.dir.path().join("telemetry.sqlite"));
    let mut accepted = Vec::new();
    // More than the queue holds: then the writer has taken some, and waits with them for the database.
    // Only what is refused after that shows that the queue is full again.
    let mut full = false;
    while !full || accepted.len() * 10_000 <= limit {
        assert!(accepted.len() < 60, "the queue has no bound");
        let telemetry = telemetry.clone();
        let mut batch = backlog.clone();
        batch.sensors[0].id = SensorId::Number(accepted.len() as i64);
        let mut stored = Box::pin(async move { telemetry.store(batch).await });
        match stored.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => {
                accepted.push(stored);
                full = false;
            }
            Poll::Ready(Err(StoreError::Busy)) => full = true,
            Poll::Ready(other) => panic!("{other:?}"),
        }
    }
    refused_at_once(&device, "/api/temperature_reading", &reading).await.fixed_error(503, "detail");
    refused_at_once(&device, "/api/v1/readings", &one).await.problem(503, "busy");
    // Charts do not wait for the writer.
    let begun = Instant::now();
    assert_eq!(
        caller.get(&format!("/api/v1/series?sensors=g&from={}&to={now}", now.plus(-1))).await.status,
        200
    );
    assert!(begun.elapsed() < AT_ONCE);

    held.release();
    let count = accepted.len() as u64;
    for stored in accepted {
        assert_eq!(stored.await.unwrap().stored, 10_000);
    }
    assert_eq!(
        telemetry.stats().stored,
        count * 10_000 + 1,
        "all that was accepted, and nothing that was refused"
    );
    device.post("/api/temperature_reading", &reading).await.expect::<Value>(201);
    server.stop().await;
}
