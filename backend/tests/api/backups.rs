//! Backups that an admin asks a running server for.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tillwatch_server::alarms::look_at_backups;
use tillwatch_server::ledger::backup;
use tillwatch_server::nightly;
use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmSubject, Backups, Page, Product, RestoreOutcome, Severity,
};
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};

use crate::common::goods::new_product;
use crate::common::inside::{clock, digest};
use crate::common::{Caller, Server};
use crate::shop::{PASSWORD, Shop};

const PATH: &str = "/api/v1/backups";

/// Looks until none is under way, which the server's own task brings about.
async fn settled(admin: &Caller) -> Backups {
    let begun = Instant::now();
    loop {
        let listed: Backups = admin.get(PATH).await.expect(200);
        if listed.work.is_none() {
            return listed;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{listed:#?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn made(admin: &Caller) -> Backups {
    admin.post(PATH, &json!({})).await.expect::<Backups>(202);
    settled(admin).await
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn one_is_due_every_night_and_no_more_than_that() {
    let shop = Shop::open().await;
    let clock = &shop.server.clock;
    let due = |tried| nightly::is_due(&shop.server.running.app, tried, clock.now());
    assert!(!due(None), "the shop was opened today");
    // Half past three in the morning there is half past six in UTC.
    let past_midnight = clock.now().0.rem_euclid(DAY);
    clock.advance(DAY - past_midnight + 6 * HOUR + 30 * MINUTE - SECOND);
    assert!(!due(None));
    clock.advance(SECOND);
    assert!(due(None));
    let (admin, _) = shop.server.caller().sign_in("dona", PASSWORD).await;
    assert_eq!(made(&admin).await.nightly.as_deref(), Some("03:30"));
    assert!(!due(None), "there is one");
    clock.advance(DAY);
    assert!(due(None) && !due(Some(clock.now())), "one that failed is not tried again the same night");
    shop.server.stop().await;
}

#[tokio::test]
async fn an_admin_makes_one_that_comes_back_whole() {
    let shop = Shop::open().await;
    new_product(&shop.manager, "Arroz", 1000).await;
    shop.manager.post(PATH, &json!({})).await.problem(403, "role_not_allowed");
    shop.manager.get(PATH).await.problem(403, "role_not_allowed");
    assert!(shop.admin.get(PATH).await.expect::<Backups>(200).items.is_empty());
    let folder = shop.server.dir.path().join("backups");
    let listed = made(&shop.admin).await;
    assert_eq!((listed.folder.as_str(), &listed.failure), (folder.to_str().unwrap(), &None));
    let [backup] = <[_; 1]>::try_from(listed.items).unwrap();
    let now = shop.server.clock.now();
    assert_eq!((backup.made_at, backup.verified_at), (now, Some(now)));
    let trial = backup.trial.unwrap();
    assert_eq!((trial.at, trial.outcome, &trial.detail), (now, RestoreOutcome::Passed, &None));
    assert_eq!((trial.rows, trial.readings), (shop.server.tip(), true));
    assert_eq!(names(&folder), [backup.name.as_str()], "what was restored on trial is gone");
    assert_eq!((backup.journal_seq, backup.has_readings), (shop.server.tip(), true));
    assert!(backup.bytes > 0);
    let before = digest(&folder.join(&backup.name).join("ledger.sqlite"));
    assert_eq!(before, digest(&shop.server.ledger_file()));
    // What comes later is not in it.
    new_product(&shop.manager, "Feijão", 1000).await;
    let dir = shop.server.stop().await;
    let fresh = tempfile::tempdir().unwrap();
    backup::restore(&dir.path().join("backups").join(&backup.name), fresh.path(), false, now).unwrap();
    let server = Server::open(fresh, &[], clock()).await;
    let (admin, _) = server.caller().sign_in("dona", PASSWORD).await;
    let products: Value = admin.get("/api/v1/products").await.expect(200);
    let products: Vec<Product> = serde_json::from_value(products["items"].clone()).unwrap();
    assert_eq!(products.iter().map(|product| product.name.as_str()).collect::<Vec<_>>(), ["Arroz"]);
    server.stop().await;
}

#[tokio::test]
async fn what_a_fallen_server_left_behind_is_no_backup() {
    let shop = Shop::open().await;
    let folder = shop.server.dir.path().join("backups");
    // Killed while it copied; and a whole folder of which the manifest never came.
    let half = folder.join(".tillwatch-20260101-000000-000000");
    let bare = folder.join("tillwatch-20260101-000000-000001");
    // Somebody else is at this one.
    let others = folder.join(backup::unfinished_name(shop.server.clock.now().plus(-SECOND)));
    for left in [&half, &bare, &others] {
        fs::create_dir_all(left).unwrap();
        fs::write(left.join("ledger.sqlite"), "half of a ledger").unwrap();
    }
    assert!(shop.admin.get(PATH).await.expect::<Backups>(200).items.is_empty());
    backup::restore(&bare, tempfile::tempdir().unwrap().path(), false, shop.server.clock.now()).unwrap_err();
    let listed = made(&shop.admin).await;
    let [whole] = <[_; 1]>::try_from(listed.items).unwrap();
    assert!(whole.verified_at.is_some());
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(names(&folder), [name(&others), name(&bare), whole.name], "the half one alone is gone");
    shop.server.stop().await;
}

/// What lies in the ledger is copied as it is; that it is of no use shows when it is restored.
#[tokio::test]
async fn one_that_cannot_be_restored_is_told_and_takes_no_place() {
    let shop = Shop::open().await;
    let sale = json!({ "store_id": shop.a, "total_cents": 500 });
    shop.seller.post("/api/v1/sales", &sale).await.expect::<Value>(201);
    let good = made(&shop.admin).await.items.remove(0);
    let file = rusqlite::Connection::open(shop.server.ledger_file()).unwrap();
    file.execute("UPDATE day_total SET total_cents = total_cents + 1", []).unwrap();
    // Left of a trial by a server that fell.
    let folder = shop.server.dir.path().join("backups");
    let left = folder.join(format!("{}-restoring", backup::unfinished_name(shop.server.clock.now())));
    fs::create_dir_all(&left).unwrap();
    for _ in 0..4 {
        shop.server.clock.advance(SECOND);
        let listed = made(&shop.admin).await;
        let failure = listed.failure.clone().unwrap();
        assert!(failure.detail.contains("total of store and day") && !failure.disk_full, "{failure:?}");
        let trial = listed.items[0].trial.clone().unwrap();
        assert_eq!((listed.items[0].verified_at, trial.outcome), (None, RestoreOutcome::Failed));
        assert_eq!(trial.detail, Some(failure.detail));
        assert_eq!(listed.items.last().unwrap().name, good.name, "the good one stays");
    }
    assert!(!left.exists());
    let listed: Backups = shop.admin.get(PATH).await.expect(200);
    assert_eq!(listed.items.len(), 3, "two to be looked into, and the good one");
    // Once it is in order again, so are its backups.
    file.execute("UPDATE day_total SET total_cents = total_cents - 1", []).unwrap();
    shop.server.clock.advance(SECOND);
    let listed = made(&shop.admin).await;
    assert!(listed.failure.is_none() && listed.items[0].verified_at.is_some());
    shop.server.stop().await;
}

#[tokio::test]
async fn there_is_one_at_a_time() {
    let shop = Shop::open().await;
    let now = shop.server.clock.now();
    let backups = &shop.server.running.app.backups;
    assert!(backups.claim(now));
    shop.admin.post(PATH, &json!({})).await.problem(409, "backup_under_way");
    let work = shop.admin.get(PATH).await.expect::<Backups>(200).work.unwrap();
    assert_eq!(work.since, now);
    assert!(work.of_bytes > 0);
    backups.release(None);
    assert_eq!(made(&shop.admin).await.items.len(), 1);
    shop.server.stop().await;
}

#[tokio::test]
async fn the_newest_are_kept_and_a_failure_is_told() {
    let shop = Shop::open().await;
    for _ in 0..9 {
        made(&shop.admin).await;
        shop.server.clock.advance(SECOND);
    }
    let listed: Backups = shop.admin.get(PATH).await.expect(200);
    let times: Vec<_> = listed.items.iter().map(|backup| backup.made_at).collect();
    let now = shop.server.clock.now();
    assert_eq!(times, (1..=7).map(|ago| now.plus(-ago * SECOND)).collect::<Vec<_>>());
    // Nothing can be written there any more.
    let folder = shop.server.dir.path().join("backups");
    fs::rename(&folder, shop.server.dir.path().join("aside")).unwrap();
    fs::write(&folder, "a file").unwrap();
    let listed = made(&shop.admin).await;
    let failure = listed.failure.unwrap();
    assert!(failure.detail.contains("backups") && !failure.disk_full && failure.at == now, "{failure:?}");
    assert!(listed.items.is_empty());
    fs::remove_file(&folder).unwrap();
    assert_eq!(made(&shop.admin).await.failure, None);
    shop.server.stop().await;
}

/// The alarms about backups after a look, oldest first.
async fn alarms_after_a_look(server: &Server, admin: &Caller) -> Vec<Alarm> {
    look_at_backups(&server.running.app).await.unwrap();
    let all: Page<Alarm> = admin.get("/api/v1/alarms").await.expect(200);
    all.items.into_iter().filter(|alarm| alarm.kind == AlarmKind::BackupFailed).collect()
}

/// The server falls; what it held in memory is gone.
async fn restarted(server: Server) -> (Server, Caller) {
    let Server { running, clock, dir } = server;
    running.stop().await.unwrap();
    let server = Server::open(dir, &[], clock).await;
    let (admin, _) = server.caller().sign_in("dona", PASSWORD).await;
    (server, admin)
}

#[tokio::test]
async fn one_that_fails_is_an_alarm_until_one_is_good() {
    let shop = Shop::open().await;
    let sale = json!({ "store_id": shop.a, "total_cents": 500 });
    shop.seller.post("/api/v1/sales", &sale).await.expect::<Value>(201);
    let (server, admin) = (shop.server, shop.admin);
    made(&admin).await;
    assert_eq!(alarms_after_a_look(&server, &admin).await, []);
    // Something damages the ledger, and the copy of it is as bad.
    let damage = |server: &Server, by: i64| {
        let file = rusqlite::Connection::open(server.ledger_file()).unwrap();
        file.execute("UPDATE day_total SET total_cents = total_cents + ?1", [by]).unwrap();
        server.clock.advance(SECOND);
    };
    damage(&server, 1);
    assert!(made(&admin).await.failure.is_some());
    let [alarm] = <[_; 1]>::try_from(alarms_after_a_look(&server, &admin).await).unwrap();
    let about = AlarmSubject::Backups { member: None };
    assert_eq!((alarm.subject.clone(), alarm.name.as_str(), alarm.store_id), (about, "Tillwatch", None));
    assert_eq!((alarm.severity, alarm.ended_at), (Severity::Warning, None));
    // The next one that fails is the same trouble, and a start tells it once more to nobody.
    damage(&server, 1);
    made(&admin).await;
    assert_eq!(alarms_after_a_look(&server, &admin).await, std::slice::from_ref(&alarm));
    let (server, admin) = restarted(server).await;
    assert_eq!(alarms_after_a_look(&server, &admin).await, std::slice::from_ref(&alarm));
    damage(&server, -2);
    assert!(made(&admin).await.failure.is_none());
    let [over] = <[_; 1]>::try_from(alarms_after_a_look(&server, &admin).await).unwrap();
    assert_eq!((over.id, over.ended_at), (alarm.id, Some(server.clock.now())));
    // It cannot be made at all. After a start no file tells of that: the alarm stays until one is good.
    let folder = server.dir.path().join("backups");
    let aside = server.dir.path().join("aside");
    fs::rename(&folder, &aside).unwrap();
    fs::write(&folder, "a file").unwrap();
    server.clock.advance(SECOND);
    assert!(made(&admin).await.failure.is_some());
    assert_eq!(alarms_after_a_look(&server, &admin).await.len(), 2);
    fs::remove_file(&folder).unwrap();
    fs::rename(&aside, &folder).unwrap();
    let (server, admin) = restarted(server).await;
    assert_eq!(alarms_after_a_look(&server, &admin).await[1].ended_at, None, "the good one was before");
    server.clock.advance(SECOND);
    made(&admin).await;
    let all = alarms_after_a_look(&server, &admin).await;
    assert!(all.len() == 2 && all.iter().all(|alarm| alarm.ended_at.is_some()), "{all:#?}");
    server.stop().await;
}
