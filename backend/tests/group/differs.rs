//! A member whose journal is not that of the others: something has changed its file.

use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use serde_json::Value;
use tillwatch_shared::api::CoordinationCause as Cause;

use crate::common::program;
use crate::seats::{Seats, until};
use crate::sellers;

/// Changes the hash of the newest row in a member's file, below the running server. What it was.
fn change(seats: &Seats, place: usize) -> Vec<u8> {
    let file = Connection::open(seats.folder(place).join("ledger.sqlite")).unwrap();
    let newest = "(SELECT max(seq) FROM journal)";
    let before =
        file.query_row(&format!("SELECT hash FROM journal WHERE seq = {newest}"), [], |row| row.get(0));
    let changed =
        file.execute(&format!("UPDATE journal SET hash = zeroblob(32) WHERE seq = {newest}"), []).unwrap();
    assert_eq!(changed, 1);
    before.unwrap()
}

fn set_aside(seats: &Seats, place: usize) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(seats.folder(place).join("set-aside")) else { return Vec::new() };
    folder.map(|file| file.unwrap().path()).collect()
}

/// What a file holds where the hash was changed.
fn changed_rows(file: &PathBuf) -> i64 {
    let file = Connection::open(file).unwrap();
    file.query_row("SELECT count(*) FROM journal WHERE hash = zeroblob(32)", [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_differs_serves_nobody_until_it_is_made_anew() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    let callers = seats.callers();
    let (lucas, session) = callers[1].sign_in("lucas", "1234").await;
    let sale = sellers::sell(&lucas).await;
    seats.agree().await;
    let there = callers[2].bearer(&session.access_token);
    // One that was set aside long ago makes room.
    fs::create_dir(seats.folder(2).join("set-aside")).unwrap();
    fs::write(seats.folder(2).join("set-aside/ledger-2026-01-02T030405Z.sqlite"), "of long ago").unwrap();
    change(&seats, 2);
    // It says why, is not ready, and the others tell it.
    let (refused, unready) = (Seen::default(), Seen::default());
    until("it is made anew", async || {
        let answer = there.get("/api/v1/products").await;
        if answer.status != 200 {
            refused.note(&answer.problem(503, "differs"));
        }
        let ready = there.get("/health/ready").await;
        if ready.status != 200 {
            unready.note(&ready.json());
        }
        refused.any() && answer.status == 200 && ready.status == 200
    })
    .await;
    assert!(unready.any(), "it said that it was ready all the time");
    seats.agree().await;
    assert_eq!(
        there.get(&format!("/api/v1/sales/{}", sale.id)).await.expect::<tillwatch_shared::api::Sale>(200),
        sale
    );
    let kept = set_aside(&seats, 2);
    assert_eq!(kept.len(), 1);
    assert_eq!(changed_rows(&kept[0]), 1);
    assert_eq!(changed_rows(&seats.folder(2).join("ledger.sqlite")), 0);
    // It goes on, also from its disk.
    sellers::sell(&there).await;
    seats.stop(2);
    seats.start(2);
    seats.all_count().await;
    seats.agree().await;
    seats.coordinators_are(&[(1, Cause::Start)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_coordinates_and_differs_steps_down_first() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    let sellers = sellers::Sellers::start(&seats.callers()[1..], 1).await;
    sellers.sold(5).await;
    let sold = sellers.stop().await;
    seats.agree().await;
    change(&seats, 0);
    let (next, _) = seats.coordinated_by(|id| id != 1, &[1, 2]).await;
    until("it is made anew", async || set_aside(&seats, 0).len() == 1).await;
    // The principal is back when it has been made anew.
    seats.coordinated_by(|id| id == 1, &[0, 1, 2]).await;
    seats.agree().await;
    sold.each_once(&seats.callers()).await;
    seats.coordinators_are(&[(1, Cause::Start), (next, Cause::Differs), (1, Cause::Principal)]).await;
    let verified = {
        seats.stop(0);
        program::success(&seats.command(0, &["verify"]))
    };
    assert!(!verified.is_empty());
}

/// Whether something was seen, and what.
#[derive(Default)]
struct Seen(std::cell::RefCell<Option<Value>>);

impl Seen {
    fn note(&self, what: &Value) {
        self.0.borrow_mut().get_or_insert_with(|| what.clone());
    }

    fn any(&self) -> bool {
        self.0.borrow().is_some()
    }
}
