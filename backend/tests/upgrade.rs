//! A ledger in the form of an older release is brought to the newest form, and is then as if it had always
//! been in it.
#![cfg(test)]

pub mod common;
#[path = "api/shop.rs"]
pub mod shop;

use std::path::Path;

use common::Server;
use common::goods::{new_product, sale};
use common::inside::{demo_dir, prove};
use rusqlite::Connection;
use serde_json::json;
use shop::{PASSWORD, Shop};
use tillwatch_server::ledger::backup::LEDGER_FILE;
use tillwatch_server::ledger::{open, schema};
use tillwatch_shared::api::{Sale, Store};

/// What undoes each step after the first: the last undoes the second.
const BACK: [&str; 4] = [
    "DROP TABLE seller_hour; DROP TABLE store_hour_month; DROP TABLE store_hour;
     ALTER TABLE sale DROP COLUMN hour;",
    "ALTER TABLE person DROP COLUMN pin_hash;",
    "DROP TABLE feed_alias; DROP TABLE feed_version; DROP TABLE feed_record; DROP TABLE feed;",
    "DROP TABLE seller_month; DROP TABLE seller_day; ALTER TABLE sale DROP COLUMN by_amount;",
];

/// Every column of every table.
fn form(db: &Connection) -> Vec<String> {
    let sql = "SELECT t.name || '.' || c.name || ' ' || c.type || c.\"notnull\" || c.pk
               FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
               WHERE t.type IN ('table', 'view') ORDER BY 1";
    db.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn rows(db: &Connection, table: &str) -> i64 {
    db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// The form that the newest steps make in an empty file.
fn made_by(steps: &[&str]) -> Vec<String> {
    let mut db = Connection::open_in_memory().unwrap();
    schema::migrate(&mut db, Path::new(":memory:"), steps).unwrap();
    form(&db)
}

/// Brings a ledger of today's form back to that of an older release.
fn back_to(file: &Path, version: usize) {
    let old = Connection::open(file).unwrap();
    for step in &BACK[..schema::MIGRATIONS.len() - version] {
        old.execute_batch(step).unwrap();
    }
    old.pragma_update(None, "user_version", version as i64).unwrap();
    assert_eq!(form(&old), made_by(&schema::MIGRATIONS[..version]), "as that release made it");
}

/// Opens it as the program of today does; what it was is kept beside it.
fn upgraded(file: &Path, version: i64) -> Connection {
    drop(open::writer(file).unwrap());
    prove(file);
    let new = Connection::open(file).unwrap();
    assert_eq!(form(&new), made_by(schema::MIGRATIONS));
    assert!(schema::backup_before(file, version).exists(), "what was there was copied first");
    new
}

#[tokio::test]
async fn a_ledger_of_the_first_release_gets_its_totals() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await.id;
    let mut body = sale(shop.a, &[(product, 1000, 500)]);
    for day in 1..15 {
        body["sold_at"] = json!(format!("2026-06-{day:02}T15:30:00Z"));
        shop.seller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    }
    // The store moves to another zone between two sales: 00:30 in São Paulo is 23:30 in Manaus.
    body["sold_at"] = json!("2026-06-15T03:30:00Z");
    shop.seller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    let moved = json!({ "zone": "America/Manaus" });
    shop.admin.patch(&format!("/api/v1/stores/{}", shop.a), &moved).await.expect::<Store>(200);
    shop.seller.post("/api/v1/sales", &body).await.expect::<Sale>(201);

    let dir = shop.server.stop().await;
    let file = dir.path().join(LEDGER_FILE);
    back_to(&file, 1);
    let new = upgraded(&file, 1);
    assert_eq!((rows(&new, "sale"), rows(&new, "seller_day"), rows(&new, "seller_month")), (16, 15, 1));
    let last: String = new
        .query_row(
            "SELECT group_concat(business_day || ' ' || hour)
             FROM (SELECT business_day, hour FROM sale ORDER BY id DESC LIMIT 2)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(last, "2026-06-14 23,2026-06-15 0", "by the zone of that day, not of today");
    drop(new);
    let server = Server::open(dir, &[], common::inside::clock()).await;
    let (caller, _) = server.caller().sign_in("vendedora", PASSWORD).await;
    assert_eq!(caller.get("/api/v1/people/me").await.json()["username"], "vendedora");
    server.stop().await;
}

#[tokio::test]
async fn a_ledger_before_hours_and_pins_gets_them() {
    let dir = demo_dir().await;
    let file = dir.path().join(LEDGER_FILE);
    let hours = rows(&Connection::open(&file).unwrap(), "store_hour");
    assert!(hours > 500, "the demonstration has sales: {hours}");
    back_to(&file, 3);
    assert_eq!(rows(&upgraded(&file, 3), "store_hour"), hours);
    let server = Server::open(dir, &["--demo"], common::inside::clock()).await;
    server.caller().sign_in("12345678901", "1234").await;
    server.stop().await;
}
