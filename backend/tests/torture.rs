//! kill -9 in a loop under load: what was answered "done" is there, once, and everything adds up.
//!
//! Clients send sales, stock entries, single readings and batches with ids of their own and remember what
//! was acknowledged. What was not is sent again with the same id after the restart. (A single reading has
//! no id, so it is not repeated: acknowledged means there once, otherwise at most once.)
#![cfg(test)]

pub mod common;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::{Duration, Instant};

use common::goods::{self, all, balances_are_sums};
use common::{Answer, Caller, Dice, Program, program};
use reqwest::Method;
use serde_json::{Value, json};
use tillwatch_server::clock::Clock;
use tillwatch_shared::api::{BatchResult, Changes, Product, Sale, SeriesAnswer, StockEntry, Store};
use tillwatch_shared::time::{HOUR, SECOND};
use tillwatch_shared::{CommandId, ProductId, StoreId, UtcMicros};

const ROUNDS: u32 = 22;
const CLIENTS: u64 = 4;
const BATCH: usize = 20;

/// What every client needs to know about the shop.
#[derive(Clone)]
struct Shop {
    stores: Vec<StoreId>,
    products: Vec<ProductId>,
}

/// Something to be done once, whatever happens to the server.
#[derive(Clone)]
enum Task {
    Sale(CommandId, Value),
    Entry(CommandId, Value),
    /// The place of the batch in the history of this client's sensor.
    Batch(usize),
    Single(usize),
}

/// One of the callers, with all that it knows to be done and all that it does not know about.
struct Client {
    number: u64,
    dice: Dice,
    shop: Shop,
    sales: BTreeMap<CommandId, Sale>,
    entries: BTreeMap<CommandId, StockEntry>,
    batches: usize,
    singles: usize,
    reading_ids: BTreeSet<i64>,
    acknowledged_singles: BTreeSet<usize>,
    /// Sent, and no answer came.
    open: Option<Task>,
    repeated: u32,
}

impl Client {
    fn new(number: u64, seed: u64, shop: Shop) -> Self {
        Self {
            number,
            dice: Dice::new(seed ^ (number << 32)),
            shop,
            sales: BTreeMap::new(),
            entries: BTreeMap::new(),
            batches: 0,
            singles: 0,
            reading_ids: BTreeSet::new(),
            acknowledged_singles: BTreeSet::new(),
            open: None,
            repeated: 0,
        }
    }

    /// Works until the server is gone.
    async fn work(mut self, caller: Caller) -> Self {
        loop {
            let task = self.next_task();
            self.open = Some(task.clone());
            if self.attempt(&caller, &task).await.is_none() {
                return self;
            }
            self.open = None;
        }
    }

    /// Repeats what nobody answered, if that is how it ended.
    async fn settle(mut self, caller: Caller) -> Self {
        if let Some(task) = self.open.take()
            && !matches!(task, Task::Single(_))
        {
            self.attempt(&caller, &task).await.expect("the server runs");
        }
        self
    }

    fn next_task(&mut self) -> Task {
        match self.open.take() {
            // It may be stored: there is no way to ask for it again.
            None | Some(Task::Single(_)) => self.fresh_task(),
            Some(task) => {
                self.repeated += 1;
                task
            }
        }
    }

    fn fresh_task(&mut self) -> Task {
        let store = *self.dice.pick(&self.shop.stores);
        match self.dice.between(0, 8) {
            0..3 => {
                let lines: Vec<_> = (0..self.dice.between(1, 4))
                    .map(|_| {
                        let product = *self.dice.pick(&self.shop.products);
                        (product, self.dice.between(1, 5_000), self.dice.between(0, 10_000))
                    })
                    .collect();
                Task::Sale(CommandId::now(), goods::sale(store, &lines))
            }
            3..6 => {
                let product = *self.dice.pick(&self.shop.products);
                let quantity = self.dice.between(1, 9_000);
                let mut body = goods::receipt(store, product, quantity);
                match self.dice.between(0, 3) {
                    0 => body["kind"] = json!("count"),
                    1 => {
                        body["kind"] = json!("adjust");
                        body["quantity_thousandths"] = json!(-quantity);
                        body["reason"] = json!("quebra");
                    }
                    _ => {}
                }
                Task::Entry(CommandId::now(), body)
            }
            6 => {
                self.batches += 1;
                Task::Batch(self.batches - 1)
            }
            _ => {
                self.singles += 1;
                Task::Single(self.singles - 1)
            }
        }
    }

    /// `None` if the server went away before it answered.
    async fn attempt(&mut self, caller: &Caller, task: &Task) -> Option<()> {
        match task {
            Task::Sale(id, body) => {
                let sale: Sale = caller.try_command("/api/v1/sales", *id, body).await.ok()?.expect(201);
                assert_eq!(sale.id.0, id.0);
                assert!(self.sales.insert(*id, sale).is_none());
            }
            Task::Entry(id, body) => {
                let answer = caller.try_command("/api/v1/stock-entries", *id, body).await.ok()?;
                let entry: StockEntry = answer.expect(201);
                assert!(self.entries.insert(*id, entry).is_none());
            }
            Task::Batch(place) => {
                let answer = post(&caller.device("demo"), "/api/v1/readings", &self.batch(*place)).await?;
                let result: BatchResult = answer.expect(200);
                assert_eq!((result.stored + result.duplicate) as usize, BATCH, "{result:?}");
                // One transaction: all of it or nothing.
                assert!(result.stored == 0 || result.duplicate == 0, "half a batch: {result:?}");
            }
            Task::Single(place) => {
                let body = json!({
                    "sensor_id": self.single_sensor(*place), "temperature": 4, "humidity": 60, "pressure": 1013
                });
                let answer = post(&caller.device("demo"), "/api/temperature_reading", &body).await?;
                let id = answer.expect::<Value>(201)["id"].as_i64().unwrap();
                assert!(self.reading_ids.insert(id), "id {id} was given twice");
                self.acknowledged_singles.insert(*place);
            }
        }
        Some(())
    }

    fn batch_sensor(&self) -> String {
        format!("lote-{}", self.number)
    }

    fn single_sensor(&self, place: usize) -> String {
        format!("leitura-{}-{place}", self.number)
    }

    /// Readings a second apart that say their own place.
    fn batch(&self, place: usize) -> Value {
        let readings: Vec<Value> = (place * BATCH..(place + 1) * BATCH)
            .map(|second| {
                let at = UtcMicros(HISTORY + second as i64 * SECOND);
                json!({
                    "sensor_id": self.batch_sensor(), "temperature": second, "humidity": 60, "pressure": 1013,
                    "measured_at": at
                })
            })
            .collect();
        json!({ "readings": readings })
    }
}

/// 2026-01-01: where the histories of the batches begin.
const HISTORY: i64 = 1_767_225_600 * SECOND;

async fn post(caller: &Caller, path: &str, body: &Value) -> Option<Answer> {
    common::caller::try_send(caller.request(Method::POST, path).json(body)).await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled() {
    let seed = Clock::system().now().0.unsigned_abs();
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let begun = Instant::now();
    let dir = common::inside::demo_dir().await;
    let args = ["--demo"];

    let server = Program::start(dir.path(), &args);
    let (mut caller, session) = Caller::new(&server.base).sign_in("lucas", "1234").await;
    let products = all::<Product>(&caller, "/api/v1/products").await;
    let stores: Vec<Store> = caller.get("/api/v1/stores").await.expect(200);
    let shop = Shop {
        stores: stores.iter().map(|store| store.id).collect(),
        products: products.iter().map(|product| product.id).collect(),
    };
    let mut clients: Vec<Client> =
        (0..CLIENTS).map(|number| Client::new(number, seed, shop.clone())).collect();
    server.kill();

    for _ in 0..ROUNDS {
        let server = Program::start(dir.path(), &args);
        // The session outlives the server too.
        caller = caller.at(&server.base).bearer(&session.access_token);
        let work: Vec<_> =
            clients.drain(..).map(|client| tokio::spawn(client.work(caller.clone()))).collect();
        tokio::time::sleep(Duration::from_millis(dice.between(30, 400).unsigned_abs())).await;
        server.kill();
        for client in work {
            clients.push(client.await.unwrap());
        }
    }

    let server = Program::start(dir.path(), &args);
    caller = caller.at(&server.base);
    let mut settled = Vec::new();
    for client in clients {
        settled.push(client.settle(caller.clone()).await);
    }
    everything_once(&caller, &settled).await;
    balances_are_sums(&caller, &shop.stores).await;
    for client in &settled {
        readings_once(&caller, client).await;
    }
    let (status, took, log) = server.terminate();
    assert!(status.success(), "{log}");
    println!("{ROUNDS} rounds in {:?}, stopped in {took:?}", begun.elapsed());
    println!("{}", program::success(&program::run(dir.path(), &["verify", "--replay"])));
}

/// Every command of every client is in the lists and in the change feed, once, as it was answered.
async fn everything_once(caller: &Caller, clients: &[Client]) {
    let sales = once(all::<Sale>(caller, "/api/v1/sales").await, |sale| CommandId(sale.id.0));
    let entries = once(all::<StockEntry>(caller, "/api/v1/stock-entries").await, |e| CommandId(e.id.0));
    let mut numbers = HashSet::new();
    for sale in sales.values() {
        assert!(numbers.insert((sale.store_id, sale.number)), "two sales have one number: {sale:?}");
    }
    let mut fed = BTreeSet::new();
    let (mut after, mut seq) = (0, 0);
    loop {
        let page: Changes =
            caller.get(&format!("/api/v1/changes?after={after}&limit=1000")).await.expect(200);
        for change in &page.changes {
            assert!(change.seq > seq, "out of order");
            seq = change.seq;
            assert!(fed.insert(change.command_id), "{} is in the feed twice", change.command_id);
        }
        after = page.next_after;
        if !page.more {
            break;
        }
    }
    let (mut commands, mut repeated) = (0, 0);
    for client in clients {
        for (id, sale) in &client.sales {
            assert_eq!(sales.get(id), Some(sale), "an acknowledged sale");
        }
        for (id, entry) in &client.entries {
            assert_eq!(entries.get(id), Some(entry), "an acknowledged entry");
        }
        assert!(client.sales.keys().chain(client.entries.keys()).all(|id| fed.contains(id)));
        commands += client.sales.len() + client.entries.len();
        repeated += client.repeated;
    }
    println!("{commands} commands, {repeated} repeated after a kill");
    assert!(commands > 100 && repeated > 0, "the load was no load");
    // Everything since the demonstration's own data is one of these.
    let own = |at: UtcMicros| at > common::inside::START.parse::<UtcMicros>().unwrap().plus(HOUR);
    let found = sales.values().filter(|sale| own(sale.received_at)).count()
        + entries.values().filter(|entry| own(entry.received_at)).count();
    assert_eq!(found, commands, "nothing else was recorded");
}

fn once<T>(rows: Vec<T>, id: impl Fn(&T) -> CommandId) -> BTreeMap<CommandId, T> {
    let mut found = BTreeMap::new();
    for row in rows {
        let id = id(&row);
        assert!(found.insert(id, row).is_none(), "{id} is listed twice");
    }
    found
}

async fn readings_once(caller: &Caller, client: &Client) {
    // Batches: every second has its one reading, which says its own place.
    let seconds = (client.batches * BATCH) as i64;
    let (mut first, mut found) = (0, 0);
    while first < seconds {
        let (from, to) = (HISTORY + first * SECOND, HISTORY + (first + 4_000) * SECOND);
        let query = format!("sensors={}&step_micros={SECOND}", client.batch_sensor());
        let series = series(caller, &query, from, to).await;
        for (start, count, low) in series {
            assert_eq!(count, 1, "a reading of a batch");
            let place = ((start - HISTORY) / SECOND) as f64;
            assert!((place - low).abs() < 0.5, "{low} in the place of {place}");
            found += 1;
        }
        first += 4_000;
    }
    assert_eq!(found, seconds, "readings of batches");

    // Single readings: each has a sensor of its own.
    let sensors: Vec<Value> = caller.get("/api/v1/sensors").await.expect(200);
    let known: HashSet<&str> = sensors.iter().filter_map(|sensor| sensor["id"].as_str()).collect();
    let now = Clock::system().now();
    for place in 0..client.singles {
        let sensor = client.single_sensor(place);
        let stored = known.contains(sensor.as_str());
        assert!(stored || !client.acknowledged_singles.contains(&place), "{sensor} is lost");
        if stored {
            let query = format!("sensors={sensor}&points=1");
            let series = series(caller, &query, now.0 - HOUR, now.0 + HOUR).await;
            let count: u32 = series.iter().map(|(_, count, _)| count).sum();
            assert_eq!(count, 1, "{sensor}");
        }
    }
}

/// Start, count and lowest temperature of each bucket of one sensor.
async fn series(caller: &Caller, query: &str, from: i64, to: i64) -> Vec<(i64, u32, f64)> {
    let path = format!("/api/v1/series?{query}&from={}&to={}", UtcMicros(from), UtcMicros(to));
    let answer: SeriesAnswer = caller.get(&path).await.expect(200);
    let series = &answer.series[0];
    let counted = series.start_micros.iter().zip(&series.count).zip(&series.temperature.min);
    counted.map(|((start, count), low)| (*start, *count, *low)).collect()
}
