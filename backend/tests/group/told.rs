//! Who is told of alarms is told once, whoever coordinates.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::{Value, json};
use tillwatch_server::told::store::TOLD_FILE;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{
    AlarmHistory, AlarmStepKind, AlarmSubject, Change, Changes, Event, StockEntry, Store,
};

use crate::common::goods::{new_product, receipt};
use crate::common::{Caller, Hook, program};
use crate::seats::{Seats, until};

/// Goods that are expired come in, which is an alarm.
async fn expired(caller: &Caller, name: &str) {
    let stores: Vec<Store> = caller.get("/api/v1/stores").await.expect(200);
    let product = new_product(caller, name, 500).await;
    let mut entry = receipt(stores[0].id, product.id, 1_000);
    entry["lot"] = json!({ "code": "A", "expires_on": "2020-01-31" });
    caller.command("/api/v1/stock-entries", CommandId::now(), &entry).await.expect::<StockEntry>(201);
}

/// How often each message was taken, by what its alarm is about.
fn taken(hook: &Hook) -> BTreeMap<String, usize> {
    let mut taken = BTreeMap::new();
    for posted in hook.got().iter().filter(|posted| posted.answer == Some(200)) {
        let body: Value = serde_json::from_str(&posted.body).unwrap();
        let name = body["alarm"]["name"].as_str().unwrap();
        *taken.entry(format!("{name} {}", posted.header("idempotency-key").unwrap())).or_default() += 1;
    }
    taken
}

fn asked(hook: &Hook, name: &str) -> bool {
    hook.got().iter().any(|posted| posted.body.contains(name))
}

fn is_taken(hook: &Hook, name: &str) -> bool {
    taken(hook).keys().any(|taken| taken.starts_with(name))
}

/// Until none of these servers knows of anybody who has still to be told.
async fn nothing_is_owed(seats: &Seats, at: &[usize]) {
    for place in at {
        let file = seats.folder(*place).join(TOLD_FILE);
        until("all are told", async || {
            let db = Connection::open(&file).unwrap();
            let sql = "SELECT count(*) FROM message WHERE done_at IS NULL OR to_note = 1";
            db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() == 0
        })
        .await;
    }
}

/// What the journal says of who was told, at one server.
async fn notes(caller: &Caller) -> Vec<Change> {
    let (mut notes, mut after) = (Vec::new(), 0);
    loop {
        let page: Changes = caller.get(&format!("/api/v1/changes?after={after}")).await.expect(200);
        after = page.next_after;
        notes.extend(page.changes.into_iter().filter(|change| matches!(change.event, Event::AlarmTold(_))));
        if !page.more {
            return notes;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_told_is_told_once_whoever_coordinates() {
    let hook = Hook::open(&[]).await;
    let mut seats = Seats::new(3).await;
    seats.settings = vec!["--alarm-webhook".to_owned(), hook.url.clone()];
    seats.start_all();
    seats.all_count().await;
    let (lucas, session) = seats.callers()[1].sign_in("lucas", "1234").await;
    expired(&lucas, "Primeiro").await;
    until("the first is told", async || is_taken(&hook, "Primeiro")).await;
    nothing_is_owed(&seats, &[0, 1, 2]).await;
    // The next one is not told yet when the one who was to tell it is killed.
    hook.answers(Some(503));
    expired(&lucas, "Segundo").await;
    until("the second is tried", async || asked(&hook, "Segundo")).await;
    seats.kill(0);
    hook.answers(Some(200));
    seats.coordinated_by(|id| id != 1, &[1, 2]).await;
    until("the second is told", async || is_taken(&hook, "Segundo")).await;
    nothing_is_owed(&seats, &[1, 2]).await;
    // It is back, and owes nothing of what it had begun.
    seats.start(0);
    seats.coordinated_by(|id| id == 1, &[0, 1, 2]).await;
    expired(&lucas, "Terceiro").await;
    until("the third is told", async || is_taken(&hook, "Terceiro")).await;
    nothing_is_owed(&seats, &[0, 1, 2]).await;
    // Nor does one that is new.
    seats.kill(2);
    std::fs::remove_dir_all(seats.folder(2)).unwrap();
    seats.start(2);
    seats.all_count().await;
    program::success(&seats.command(1, &["group", "transfer", "3"]));
    seats.coordinated_by(|id| id == 3, &[0, 1, 2]).await;
    expired(&lucas, "Quarto").await;
    until("the fourth is told", async || is_taken(&hook, "Quarto")).await;
    nothing_is_owed(&seats, &[0, 1, 2]).await;
    let taken = taken(&hook);
    for name in ["Primeiro", "Segundo", "Terceiro", "Quarto"] {
        assert!(taken.keys().any(|taken| taken.starts_with(name)), "{name}: {taken:?}");
    }
    assert!(taken.values().all(|times| *times == 1), "{taken:?}");
    seats.agree().await;
    // All of them tell who was told when.
    let mut told = Vec::new();
    for caller in seats.callers() {
        let caller = caller.bearer(&session.access_token);
        let notes = notes(&caller).await;
        for note in &notes {
            let Event::AlarmTold(one) = &note.event else { continue };
            let path = format!("/api/v1/alarms/{}", one.alarm_id);
            let history: AlarmHistory = caller.get(&path).await.expect(200);
            if !matches!(history.alarm.subject, AlarmSubject::Lot { .. }) {
                continue;
            }
            let steps = history.steps.iter().filter(|step| step.what == AlarmStepKind::Told);
            assert_eq!(steps.count(), 1, "{history:?}");
        }
        told.push(notes);
    }
    assert_eq!(told[0].len(), taken.len());
    assert_eq!((&told[0], &told[0]), (&told[1], &told[2]));
}
