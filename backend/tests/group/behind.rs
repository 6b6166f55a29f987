//! A server that is behind, or whose journal is another one: who coordinates says so.

use std::fs;

use rusqlite::Connection;
use serde_json::json;
use tillwatch_shared::AlarmRuleId;
use tillwatch_shared::api::{Alarm, AlarmKind, AlarmRule, AlarmSubject, Page, Severity};

use crate::common::{Caller, program};
use crate::seats::{Seats, until};
use crate::sellers;

const PASSWORD: &str = "uma senha bem longa";

/// The open alarms of that kind, as the admin sees them there.
async fn open(caller: &Caller) -> Vec<Alarm> {
    let open: Page<Alarm> = caller.get("/api/v1/alarms?open=true").await.expect(200);
    open.items.into_iter().filter(|alarm| alarm.kind == AlarmKind::ServerBehind).collect()
}

/// Three, and an admin of the first one's shop.
async fn three() -> Seats {
    let mut seats = Seats::new(3).await;
    let file = seats.folder(0).join("password");
    fs::write(&file, PASSWORD).unwrap();
    let add = ["user", "add", "dona", "--role", "admin", "--password-file", file.to_str().unwrap()];
    program::success(&program::run(&seats.folder(0), &add));
    seats.start_all();
    seats.all_count().await;
    seats
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_behind_is_told_until_it_has_caught_up() {
    let mut seats = three().await;
    let (admin, _) = seats.callers()[0].sign_in("dona", PASSWORD).await;
    let rule = json!({
        "severity": "warning", "watch": { "kind": "server_behind", "entries": 10, "seconds": 2 }
    });
    let path = format!("/api/v1/alarm-rules/{}", AlarmRuleId::now());
    admin.put(&path, &rule).await.expect::<AlarmRule>(200);
    let (lucas, _) = seats.callers()[1].sign_in("lucas", "1234").await;
    for _ in 0..15 {
        sellers::sell(&lucas).await;
    }
    seats.agree().await;
    assert_eq!(open(&admin).await, [], "all of them keep up");

    seats.kill(2);
    for _ in 0..15 {
        sellers::sell(&lucas).await;
    }
    until("the alarm", async || !open(&admin).await.is_empty()).await;
    let told = open(&admin).await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0].subject, &told[0].name), (&AlarmSubject::Server { member: 3 }, &seats.url(2)));
    assert_eq!((told[0].store_id, told[0].limit), (None, Some(10.0)));

    // Another one coordinates: the alarm stays, and it is the same.
    program::success(&seats.command(1, &["group", "transfer", "2"]));
    seats.coordinated_by(|id| id == 2, &[0, 1]).await;
    sellers::sell(&lucas).await;
    assert_eq!(open(&admin).await.iter().map(|alarm| alarm.id).collect::<Vec<_>>(), [told[0].id]);

    seats.start(2);
    until("its end", async || open(&admin).await.is_empty()).await;
    let all: Page<Alarm> = admin.get("/api/v1/alarms?order=newest").await.expect(200);
    let all: Vec<Alarm> =
        all.items.into_iter().filter(|alarm| alarm.kind == AlarmKind::ServerBehind).collect();
    assert_eq!((all.len(), all[0].id), (1, told[0].id), "it was one alarm");
    assert!(all[0].worst > Some(10.0), "{:?}", all[0]);
    seats.agree().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_journal_differs_is_told() {
    let seats = three().await;
    let (admin, _) = seats.callers()[0].sign_in("dona", PASSWORD).await;
    let (lucas, _) = seats.callers()[1].sign_in("lucas", "1234").await;
    sellers::sell(&lucas).await;
    seats.agree().await;
    // Something changes its file below it.
    let file = Connection::open(seats.folder(2).join("ledger.sqlite")).unwrap();
    let newest = "SELECT max(seq) FROM journal";
    let changed = file.execute(&format!("UPDATE journal SET hash = zeroblob(32) WHERE seq = ({newest})"), []);
    assert_eq!(changed.unwrap(), 1);
    drop(file);
    let differs = async || {
        let all: Page<Alarm> = admin.get("/api/v1/alarms?order=newest").await.expect(200);
        let all = all.items.into_iter().filter(|alarm| alarm.kind == AlarmKind::JournalDiffers);
        all.collect::<Vec<_>>()
    };
    until("the alarm", async || !differs().await.is_empty()).await;
    let told = differs().await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0].subject, &told[0].name), (&AlarmSubject::Server { member: 3 }, &seats.url(2)));
    assert_eq!((told[0].severity, told[0].store_id), (Severity::Critical, None));
}
