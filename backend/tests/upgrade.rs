//! A ledger in the form of an older release is brought to the newest form, and is then as if it had always
//! been in it.
#![cfg(test)]

pub mod common;

use std::path::Path;

use common::Server;
use common::inside::{demo_dir, prove};
use rusqlite::Connection;
use tillwatch_server::ledger::backup::LEDGER_FILE;
use tillwatch_server::ledger::{open, schema};

/// What undoes each step after the first, newest first, down to the first release.
const BACK: &str = "ALTER TABLE person DROP COLUMN pin_hash;
    DROP TABLE feed_alias; DROP TABLE feed_version; DROP TABLE feed_record; DROP TABLE feed;
    DROP TABLE seller_month; DROP TABLE seller_day; ALTER TABLE sale DROP COLUMN by_amount;
    PRAGMA user_version = 1;";

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

#[tokio::test]
async fn a_ledger_of_the_first_release_gets_its_totals() {
    let dir = demo_dir().await;
    let file = dir.path().join(LEDGER_FILE);
    let old = Connection::open(&file).unwrap();
    let days = rows(&old, "seller_day");
    assert!(rows(&old, "sale") > 100 && days > 10, "the demonstration has sales");
    old.execute_batch(BACK).unwrap();
    assert_eq!(form(&old), made_by(&schema::MIGRATIONS[..1]), "as the first release made it");
    drop(old);

    drop(open::writer(&file).unwrap());
    prove(&file);
    let new = Connection::open(&file).unwrap();
    assert_eq!(form(&new), made_by(schema::MIGRATIONS));
    assert_eq!(rows(&new, "seller_day"), days);
    drop(new);
    assert!(schema::backup_before(&file, 1).exists(), "what was there was copied first");
    let server = Server::open(dir, &["--demo"], common::inside::clock()).await;
    let (caller, _) = server.caller().sign_in("12345678901", "1234").await;
    assert_eq!(caller.get("/api/v1/people/me").await.json()["username"], "ana");
    server.stop().await;
}
