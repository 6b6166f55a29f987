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
const BACK: [&str; 19] = [
    "DROP TABLE battery;",
    "DROP TABLE coordination;",
    "DROP TABLE product_day; DROP TABLE product_month; DROP TABLE method_day; DROP TABLE method_month;
     DROP VIEW product_moved; DROP VIEW method_moved;",
    "DROP TABLE group_mark; DROP TABLE group_refused;",
    "DROP TABLE count_lot;",
    "DROP TABLE annotation; DROP TABLE calibration;",
    "DROP TABLE return_approval; ALTER TABLE sale_return DROP COLUMN approver;",
    "DROP TABLE quiet_time; DROP TABLE alarm; DROP TABLE alarm_rule;",
    "DROP TABLE account_movement; DROP TABLE account; DROP INDEX sale_cash_session;
     DROP TRIGGER sale_is_paid; DROP TRIGGER change_is_cash; DROP TRIGGER paid_once;
     DROP INDEX sale_return_session; ALTER TABLE sale_return DROP COLUMN cash_session;
     ALTER TABLE sale DROP COLUMN cash_session;
     DROP TABLE cash_movement; DROP TABLE cash_count; DROP TABLE cash_session;
     CREATE TABLE payment_before (
         sale INTEGER NOT NULL REFERENCES sale, position INTEGER NOT NULL,
         method TEXT NOT NULL CHECK (method IN ('cash', 'pix', 'credit', 'debit')),
         amount_cents INTEGER NOT NULL CHECK (amount_cents > 0), PRIMARY KEY (sale, position)
     ) STRICT, WITHOUT ROWID;
     INSERT INTO payment_before SELECT * FROM payment; DROP TABLE payment;
     ALTER TABLE payment_before RENAME TO payment;",
    "DROP TABLE price;",
    "DROP VIEW movement;
     CREATE VIEW movement (store, product, quantity, seq) AS
         SELECT store, product, moved, seq FROM stock_entry
         UNION ALL
         SELECT sale.store, sale_line.product, -sale_line.quantity, sale.seq
         FROM sale_line JOIN sale ON sale.id = sale_line.sale
         UNION ALL
         SELECT sale_return.store, return_line.product, return_line.quantity, sale_return.seq
         FROM return_line JOIN sale_return ON sale_return.id = return_line.sale_return;
     DROP TABLE transfer_line; DROP TABLE transfer; DROP TABLE count_line; DROP TABLE stock_count;
     ALTER TABLE stock DROP COLUMN counted_at;",
    "DROP VIEW movement;
     CREATE VIEW movement (store, product, quantity, seq) AS
         SELECT store, product, moved, seq FROM stock_entry
         UNION ALL
         SELECT sale.store, sale_line.product, -sale_line.quantity, sale.seq
         FROM sale_line JOIN sale ON sale.id = sale_line.sale;
     DROP TABLE return_total; DROP TABLE refund; DROP TABLE return_line; DROP TABLE sale_return;
     ALTER TABLE sale DROP COLUMN voided; ALTER TABLE sale DROP COLUMN returns;
     ALTER TABLE sale DROP COLUMN returned_cents;
     ALTER TABLE sale_line DROP COLUMN returned_cents; ALTER TABLE sale_line DROP COLUMN returned;",
    "DROP TABLE approval; ALTER TABLE sale_line DROP COLUMN share_cents;
     ALTER TABLE sale_line DROP COLUMN discount_cents; ALTER TABLE sale DROP COLUMN approver;
     ALTER TABLE sale DROP COLUMN customer; ALTER TABLE sale DROP COLUMN discount_cents;
     ALTER TABLE store DROP COLUMN seller_discount; ALTER TABLE store DROP COLUMN manager_discount;
     ALTER TABLE store DROP COLUMN admin_discount;",
    "DROP TABLE lot_movement; DROP TABLE lot;",
    "DROP TABLE till_mandate; DROP TABLE till; ALTER TABLE journal DROP COLUMN till;",
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

/// No older release had alarms; the demonstration's are the end of its journal.
fn without_alarms(file: &Path) {
    let db = Connection::open(file).unwrap();
    // Their rows go with their tables.
    db.pragma_update(None, "foreign_keys", false).unwrap();
    let end = "FROM journal WHERE seq >= (SELECT min(seq) FROM journal WHERE kind = 'open_alarm')";
    let others: i64 = db
        .query_row(&format!("SELECT count(*) {end} AND kind NOT LIKE '%alarm'"), [], |row| row.get(0))
        .unwrap();
    assert_eq!(others, 0, "nothing came after the alarms");
    assert!(db.execute(&format!("DELETE {end}"), []).unwrap() > 0);
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
    without_alarms(&file);
    back_to(&file, 3);
    assert_eq!(rows(&upgraded(&file, 3), "store_hour"), hours);
    let server = Server::open(dir, &["--demo"], common::inside::clock()).await;
    server.caller().sign_in("12345678901", "1234").await;
    server.stop().await;
}

#[tokio::test]
async fn alarms_and_their_rules_stay_as_they_are_when_more_kinds_come() {
    let dir = demo_dir().await;
    let file = dir.path().join(LEDGER_FILE);
    let all = |db: &Connection| -> Vec<String> {
        let columns = "hex(uid) || hex(rule) || kind || measure || severity || coalesce(store, '') || subject || name || began_at || fired_at
                       || coalesce(ended_at, '') || seq || coalesce(ack_seq, '') || coalesce(ack_reason, '')";
        let sql = format!("SELECT id || ' ' || {columns} FROM alarm ORDER BY id");
        db.prepare(&sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let before = all(&Connection::open(&file).unwrap());
    assert!(!before.is_empty(), "the demonstration has alarms");
    back_to(&file, 19);
    let new = upgraded(&file, 19);
    assert_eq!(all(&new), before);
    let kinds = "INSERT INTO alarm_rule (uid, sensor, kind, measure, watch, severity, enabled)
                 VALUES (randomblob(16), '', ?1, '', '{}', 'notice', 1)";
    for kind in ["server_behind", "backup_failed", "journal_differs"] {
        assert_eq!(new.execute(kinds, [kind]).unwrap(), 1);
    }
    new.execute(kinds, ["made_up"]).unwrap_err();
}
