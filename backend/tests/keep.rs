//! Keeping a shop's data: backup, restore, verify, and the start and the stop of the real program.
#![cfg(test)]

pub mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::goods::{all, new_product, receipt};
use common::inside::demo_dir;
use common::program::{SERVER, failure, run, success};
use common::{Caller, Program, Server};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use tillwatch_server::http::docs::Document;
use tillwatch_server::run::seal_all;
use tillwatch_shared::api::{BatchResult, Chain, Person, StockEntry, Store};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{CommandId, ProductId, StoreId, UtcMicros};
use utoipa::OpenApi;

/// Clients that enter goods until they are told to stop or the server is gone.
struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<tokio::task::JoinHandle<Vec<StockEntry>>>,
}

impl Load {
    fn start(caller: &Caller, store: StoreId, product: ProductId) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |_| {
            let (caller, stop) = (caller.clone(), stop.clone());
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                let body = receipt(store, product, 1000);
                while !stop.load(Ordering::SeqCst) {
                    match caller.try_command("/api/v1/stock-entries", CommandId::now(), &body).await {
                        Ok(answer) if answer.status == 201 => acknowledged.push(answer.expect(201)),
                        Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
                        Err(_) => break,
                    }
                }
                acknowledged
            })
        };
        let clients = (0..4).map(client).collect();
        Self { stop, clients }
    }

    async fn end(self) -> Vec<StockEntry> {
        self.stop.store(true, Ordering::SeqCst);
        let mut acknowledged = Vec::new();
        for client in self.clients {
            acknowledged.extend(client.await.unwrap());
        }
        acknowledged
    }
}

async fn signed_in(server: &Program) -> (Caller, StoreId, ProductId) {
    let (caller, _) = Caller::new(&server.base).sign_in("lucas", "1234").await;
    let store = caller.get("/api/v1/stores").await.expect::<Vec<Store>>(200)[0].id;
    let product = new_product(&caller, "Prego", 5).await.id;
    (caller, store, product)
}

/// The folder that `backup` says it made.
fn back_up(data: &Path, into: &Path) -> PathBuf {
    let text = success(&run(data, &["backup", "--to", into.to_str().unwrap()]));
    PathBuf::from(text.split(" holds ").next().unwrap())
}

fn restore(backup: &Path, data: &Path, more: &[&str]) -> std::process::Output {
    run(data, &[&["restore", "--from", backup.to_str().unwrap()], more].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_writing_comes_back_whole() {
    let (data, place) = (demo_dir().await, tempfile::tempdir().unwrap());
    let server = Program::start(data.path(), &["--demo"]);
    let (caller, store, product) = signed_in(&server).await;
    let mut before = vec![
        caller
            .command("/api/v1/stock-entries", CommandId::now(), &receipt(store, product, 1))
            .await
            .expect::<StockEntry>(201),
    ];
    let load = Load::start(&caller, store, product);
    let (from, into) = (data.path().to_owned(), place.path().join("backups"));
    let folder = tokio::task::spawn_blocking(move || back_up(&from, &into)).await.unwrap();
    let during = load.end().await;
    assert!(during.len() > 5, "the server wrote meanwhile: {}", during.len());
    server.kill();

    let restored = place.path().join("restored");
    success(&restore(&folder, &restored, &[]));
    success(&run(&restored, &["verify", "--replay"]));
    let server = Program::start(&restored, &["--demo"]);
    let (caller, _) = Caller::new(&server.base).sign_in("lucas", "1234").await;
    let there: Vec<StockEntry> = all::<StockEntry>(&caller, "/api/v1/stock-entries").await;
    let there: Vec<_> = there.into_iter().filter(|entry| entry.product_id == product).collect();
    // A consistent moment: all that was there before, and of the rest a beginning without gaps.
    before.extend(during);
    before.sort_by_key(|entry| entry.number);
    assert_eq!(there, before[..there.len()]);
    // The restored shop goes on.
    let entry = receipt(store, product, 1);
    caller.command("/api/v1/stock-entries", CommandId::now(), &entry).await.expect::<StockEntry>(201);
    assert!(server.terminate().0.success());
}

#[tokio::test]
async fn restore_never_destroys() {
    let (data, place) = (demo_dir().await, tempfile::tempdir().unwrap());
    let folder = back_up(data.path(), place.path());
    let target = place.path().join("shop");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("precious.txt"), "theirs").unwrap();
    let text = failure(&restore(&folder, &target, &[]));
    assert!(text.contains("--replace"), "says what to do: {text}");
    assert_eq!(fs::read_to_string(target.join("precious.txt")).unwrap(), "theirs");

    let text = success(&restore(&folder, &target, &["--replace"]));
    let aside = text.lines().next().unwrap().strip_prefix("what was there is now in ").unwrap();
    assert_eq!(fs::read_to_string(Path::new(aside).join("precious.txt")).unwrap(), "theirs");
    success(&run(&target, &["verify", "--replay"]));

    // Not into a directory that a server uses.
    let server = Program::start(&target, &["--demo"]);
    let text = failure(&restore(&folder, &target, &["--replace"]));
    assert!(text.contains("another Tillwatch server"), "{text}");
    assert!(server.terminate().0.success());
}

#[tokio::test]
async fn an_altered_backup_is_refused() {
    let (data, place) = (demo_dir().await, tempfile::tempdir().unwrap());
    let good = back_up(data.path(), place.path());
    let names = fs::read_dir(&good).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.collect();
    for name in ["ledger.sqlite", "telemetry.sqlite", "server.key", "manifest.json"] {
        assert!(names.iter().any(|found| found == name), "{name} is in the backup: {names:?}");
    }
    let target = place.path().join("target");
    // What came of its trial is told with it and is nothing of what comes back.
    for name in names.iter().filter(|name| *name != "trial.json") {
        let file = good.join(name);
        let bytes = fs::read(&file).unwrap();
        let mut altered = bytes.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        fs::write(&file, altered).unwrap();
        let text = failure(&restore(&good, &target, &[]));
        // An altered manifest accuses the file whose digest it altered.
        assert!(text.contains(name.as_str()) || name == "manifest.json", "{name}: {text}");
        fs::remove_file(&file).unwrap();
        failure(&restore(&good, &target, &[]));
        fs::write(&file, bytes).unwrap();
        assert!(!target.exists(), "{name}: nothing was restored");
    }
    success(&restore(&good, &target, &[]));
}

/// Alters a ledger by hand, as somebody with access to the file could.
async fn altered(sql: &str) -> TempDir {
    let dir = demo_dir().await;
    let db = Connection::open(dir.path().join("ledger.sqlite")).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    assert!(db.execute(sql, []).unwrap() > 0, "{sql}");
    dir
}

#[tokio::test]
async fn verify_names_the_first_altered_row() {
    success(&run(demo_dir().await.path(), &["verify", "--replay"]));
    for (sql, found) in [
        ("UPDATE journal SET body = replace(body, 'MAX', 'MIN') WHERE seq = 1", "row 1 was altered"),
        ("UPDATE journal SET outcome = outcome || ' ' WHERE seq = 40", "row 40 was altered"),
        ("UPDATE journal SET actor = randomblob(16) WHERE seq IN (51, 60)", "row 51 was altered"),
        ("UPDATE journal SET actor = NULL WHERE seq = 50", "row 50 was altered"),
        ("UPDATE journal SET store = randomblob(16) WHERE seq = 50", "row 50 was altered"),
        ("UPDATE journal SET kind = 'x' WHERE seq = 33", "row 33 was altered"),
        ("UPDATE journal SET client_at = client_at + 1 WHERE seq = 34", "row 34 was altered"),
        ("UPDATE journal SET server_at = server_at - 1 WHERE seq = 35", "row 35 was altered"),
        ("UPDATE journal SET command_id = randomblob(16) WHERE seq = 36", "row 36 was altered"),
        ("UPDATE journal SET hash = zeroblob(32) WHERE seq = 37", "row 37 was altered"),
        ("DELETE FROM journal WHERE seq = 50", "row 50 is missing"),
        ("DELETE FROM journal WHERE seq = 1", "row 1 is missing"),
        (
            "UPDATE stock SET balance = balance + 1 WHERE store = 1 AND product = 1",
            "balance of store and product 1/1",
        ),
        ("DELETE FROM stock WHERE store = 2 AND product = 3", "balance of store and product 2/3"),
        ("UPDATE sale SET total_cents = total_cents + 1 WHERE id = 3", "sale 3"),
        (
            "UPDATE payment SET amount_cents = amount_cents + 1 WHERE sale = (SELECT max(sale) FROM payment)",
            "payments of sale ",
        ),
        (
            "INSERT INTO account (uid, store, name, name_folded, balance_cents, changed_at)
             VALUES (zeroblob(16), 1, 'João', 'joao', 5, 0)",
            "balance of account ",
        ),
        ("UPDATE payment SET method = 'account' WHERE sale = 1", "sales on account of store "),
        ("UPDATE day_total SET sales = sales + 1 WHERE store = 1", "total of store and day 1/"),
        ("UPDATE sale SET by_amount = 1 WHERE id = (SELECT max(sale) FROM sale_line)", "total of sale "),
        (
            "DELETE FROM sale_line WHERE sale = (SELECT max(sale) FROM sale_line)",
            "balance of store and product",
        ),
        ("UPDATE sale SET person = person % 4 + 1 WHERE id = 1", "total of seller, day and store "),
        (
            "UPDATE seller_day SET total_cents = total_cents + 1 WHERE person = 1",
            "total of seller, day and store 1/",
        ),
        ("DELETE FROM seller_month WHERE person = 3", "total of seller, month and store 3/"),
        ("UPDATE sale SET hour = (hour + 1) % 24 WHERE id = 1", "total of store, day and hour "),
        ("UPDATE store_hour SET sales = sales + 1 WHERE store = 1", "total of store, day and hour 1/"),
        ("DELETE FROM store_hour_month WHERE store = 2", "total of store, month and hour 2/"),
        (
            "UPDATE seller_hour SET total_cents = total_cents + 1 WHERE person = 4",
            "total of seller, day, store and hour 4/",
        ),
        (
            "UPDATE product_day SET quantity = quantity + 1 WHERE store = 1 AND product > 0",
            "total of store, day and product 1/",
        ),
        ("DELETE FROM product_month WHERE store = 2", "total of store, month and product 2/"),
        (
            "UPDATE method_day SET total_cents = total_cents + 1 WHERE store = 1",
            "total of store, day and payment method 1/",
        ),
        (
            "UPDATE method_month SET returned_cents = returned_cents + 1 WHERE store = 3",
            "total of store, month and payment method 3/",
        ),
        (
            "UPDATE payment SET method = iif(method = 'pix', 'debit', 'pix') WHERE sale = (SELECT min(sale) FROM payment)",
            "payment method ",
        ),
    ] {
        let dir = altered(sql).await;
        let text = failure(&run(dir.path(), &["verify"]));
        assert!(text.contains(found), "{sql}: {text}");
    }
    // What only the whole story told again brings to light.
    for (sql, found) in [
        ("UPDATE person SET role = 'admin' WHERE username = 'ana'", "table person"),
        ("UPDATE product SET price_cents = 1 WHERE id = 2", "table product"),
        ("DELETE FROM person_store WHERE person = 1", "table person_store"),
        ("UPDATE sale SET sold_at = sold_at + 1 WHERE id = 1", "table sale"),
        ("UPDATE sensor SET high_celsius = 80", "table sensor"),
        ("DELETE FROM journal WHERE seq = (SELECT seq FROM sale ORDER BY id DESC LIMIT 1)", "row"),
        ("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)", "table alarm"),
    ] {
        let dir = altered(sql).await;
        let text = failure(&run(dir.path(), &["verify", "--replay"]));
        assert!(text.contains(found), "{sql}: {text}");
    }
}

#[tokio::test]
async fn verify_finds_an_altered_reading() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let readings: Vec<Value> = (0..100)
        .map(|second| {
            let at = UtcMicros(server.clock.now().0 + second * SECOND);
            json!({ "sensor_id": "g", "temperature": 4.5, "humidity": 60, "pressure": 1013, "measured_at": at })
        })
        .collect();
    device.post("/api/v1/readings", &json!({ "readings": readings })).await.expect::<BatchResult>(200);
    seal_all(&server.running.app).await.unwrap();
    let dir = server.stop().await;
    let text = success(&run(dir.path(), &["verify", "--replay"]));
    assert!(text.contains("readings: up to 100, as they were sealed"), "{text}");

    let file = dir.path().join("telemetry.sqlite");
    let bytes = fs::read(&file).unwrap();
    let alter = |sql: &str, values: &[Vec<u8>]| {
        fs::write(&file, &bytes).unwrap();
        let db = Connection::open(&file).unwrap();
        assert!(db.execute(sql, rusqlite::params_from_iter(values)).unwrap() > 0, "{sql}");
        drop(db);
        failure(&run(dir.path(), &["verify"]))
    };
    let rows: Vec<u8> = Connection::open(&file)
        .unwrap()
        .query_row("SELECT rows FROM log_page WHERE first_id = 1", [], |row| row.get(0))
        .unwrap();
    // One bit, anywhere in the first three readings of 46 bytes.
    for at in (0..138).step_by(7) {
        let mut other = rows.clone();
        other[at] ^= 1;
        let text = alter("UPDATE log_page SET rows = ?1 WHERE first_id = 1", &[other]);
        assert!(!text.contains("panicked"), "{text}");
    }
    let text = alter("UPDATE sensor SET id = 'h'", &[]);
    assert!(text.contains("1 to 100"), "names the readings: {text}");
    alter("DELETE FROM log_page", &[]);
    fs::remove_file(&file).unwrap();
    failure(&run(dir.path(), &["verify"]));
}

#[tokio::test]
async fn one_directory_one_server() {
    let dir = demo_dir().await;
    let server = Program::start(dir.path(), &["--demo"]);
    for args in [&["--demo", "--listen", "127.0.0.1:0"][..], &["user", "list"], &["key", "list"]] {
        let text = failure(&run(dir.path(), args));
        assert!(text.contains("another Tillwatch server uses"), "{text}");
    }
    assert!(server.terminate().0.success());
    success(&run(dir.path(), &["user", "list"]));
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    for name in ["ledger.sqlite", "telemetry.sqlite"] {
        let dir = demo_dir().await;
        let file = dir.path().join(name);
        Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let before = fs::read(&file).unwrap();
        let text = failure(&run(dir.path(), &["--demo", "--listen", "127.0.0.1:0"]));
        assert!(text.contains("newer Tillwatch") && text.contains(name), "{text}");
        assert!(fs::read(&file).unwrap() == before, "{name} is as it was");
    }
    let dir = demo_dir().await;
    let file = dir.path().join("ledger.sqlite");
    // Its log would make it whole again.
    for beside in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let _ = fs::remove_file(dir.path().join(beside));
    }
    fs::write(&file, "this is no database, but long enough to be one ".repeat(100)).unwrap();
    let before = fs::read(&file).unwrap();
    let text = failure(&run(dir.path(), &["--demo", "--listen", "127.0.0.1:0"]));
    assert!(text.contains("not a database"), "{text}");
    assert!(fs::read(&file).unwrap() == before);
}

#[tokio::test]
async fn a_demonstration_is_no_shop() {
    let dir = demo_dir().await;
    let text = failure(&run(dir.path(), &["--listen", "127.0.0.1:0"]));
    assert!(text.contains("demonstration") && text.contains("--data-dir"), "{text}");
    // Nor is it one after a backup and a restore.
    let place = tempfile::tempdir().unwrap();
    let restored = place.path().join("restored");
    success(&restore(&back_up(dir.path(), place.path()), &restored, &[]));
    failure(&run(&restored, &["--listen", "127.0.0.1:0"]));
    assert!(Program::start(&restored, &["--demo"]).terminate().0.success());

    let shop = tempfile::tempdir().unwrap();
    let server = Program::start(shop.path(), &[]);
    assert!(server.greeting[0].starts_with("first start: the set-up code is "), "{:?}", server.greeting);
    assert!(server.terminate().0.success());
    let text = failure(&run(shop.path(), &["--demo", "--listen", "127.0.0.1:0"]));
    assert!(text.contains("--demo would open it to everybody"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_finishes_what_was_accepted() {
    let dir = demo_dir().await;
    let server = Program::start(dir.path(), &["--demo"]);
    let port = server.base.strip_prefix("http://127.0.0.1:").unwrap();
    assert!(port.parse::<u16>().unwrap() > 0, "{}", server.base);
    let (caller, store, product) = signed_in(&server).await;
    // A connection that is idle, and one that stopped in the middle of a request, hold nothing up.
    let address = server.base.strip_prefix("http://").unwrap();
    let idle = std::net::TcpStream::connect(address).unwrap();
    let mut half = std::net::TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut half, b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        .unwrap();
    let load = Load::start(&caller, store, product);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (status, took, log) = tokio::task::spawn_blocking(|| server.terminate()).await.unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    drop((idle, half));
    let acknowledged = load.end().await;
    assert!(!acknowledged.is_empty());

    success(&run(dir.path(), &["verify", "--replay"]));
    let server = Program::start(dir.path(), &["--demo"]);
    let caller = caller.at(&server.base);
    let there = all::<StockEntry>(&caller, "/api/v1/stock-entries").await;
    for entry in &acknowledged {
        assert!(there.contains(entry), "{} is lost", entry.id);
    }
    assert!(server.terminate().0.success());
}

#[test]
fn the_document_is_printed() {
    let text = success(&run(Path::new("/nonexistent"), &["openapi"]));
    let printed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(printed, serde_json::from_str::<Value>(&Document::openapi().to_json().unwrap()).unwrap());
    assert!(printed["openapi"].as_str().unwrap().starts_with("3."));
}

#[tokio::test]
async fn people_and_keys_from_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let password = dir.path().join("password.txt");
    fs::write(&password, "senha da dona\n").unwrap();
    let file = password.to_str().unwrap();
    let add = ["user", "add", "dona", "--role", "admin", "--password-file", file];
    success(&run(dir.path(), &add));
    let text = failure(&run(dir.path(), &add));
    assert!(!text.contains("senha"), "{text}");
    let secret = success(&run(dir.path(), &["key", "add", "geladeiras", "--sensor", "g1"]));
    let secret = secret.trim();

    let server = Program::start(dir.path(), &[]);
    assert!(server.greeting.is_empty(), "somebody exists: no set-up code");
    let (admin, _) = Caller::new(&server.base).sign_in("dona", "senha da dona").await;
    let reading =
        |sensor: &str| json!({ "sensor_id": sensor, "temperature": 4, "humidity": 60, "pressure": 1013 });
    let device = admin.device(secret);
    assert_eq!(device.post("/api/temperature_reading", &reading("g1")).await.status, 201);
    assert_eq!(device.post("/api/temperature_reading", &reading("g2")).await.status, 403);
    let chain: Chain = admin.post("/api/v1/chains", &json!({ "name": "Rede" })).await.expect(201);
    let store = json!({ "chain_id": chain.id, "name": "Loja" });
    let store: Store = admin.post("/api/v1/stores", &store).await.expect(201);
    let person =
        json!({ "username": "ze", "password": "senha do ze", "role": "seller", "stores": [store.id] });
    admin.post("/api/v1/people", &person).await.expect::<Person>(201);
    assert!(server.terminate().0.success());

    // A PIN for who works in a store.
    let set_pin = |who: &str, pin: &str| {
        fs::write(&password, pin).unwrap();
        run(dir.path(), &["user", "pin", who, "--pin-file", file])
    };
    failure(&set_pin("ze", "1234"));
    failure(&set_pin("dona", "4821"));
    success(&set_pin("ze", "4821\n"));

    // A new password, through standard input this time.
    let mut command = Command::new(SERVER);
    command.args(["--data-dir", dir.path().to_str().unwrap(), "user", "password", "dona"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"outra senha\n").unwrap();
    assert!(child.wait().unwrap().success());
    let server = Program::start(dir.path(), &[]);
    let old = admin.at(&server.base);
    old.get("/api/v1/people/me").await.problem(401, "session_ended");
    old.nobody().sign_in("dona", "outra senha").await;
    old.nobody().sign_in("ze", "4821").await;
    assert!(server.terminate().0.success());
}
