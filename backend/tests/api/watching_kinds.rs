//! The other kinds of alarms from what is sent over HTTP to what the list says, a silent till, a broken feed, and a
//! server whose clock is set.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tillwatch_shared::AlarmRuleId;
use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmRule, AlarmSubject, BatchResult, Feed, FeedState, Page, Sensor, Severity,
    Terminal as Known,
};
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};

use crate::common::Server;
use crate::common::socket::Terminal;
use crate::shop::PASSWORD;
use crate::watching::Watched;

const ALL: &str = "/api/v1/alarms";
const OPEN: &str = "/api/v1/alarms?open=true";

/// Somebody who has just signed in: these tests last for days.
async fn listed_for(watched: &Watched, user: &str, path: &str) -> Vec<Alarm> {
    let (caller, _) = watched.shop.server.caller().sign_in(user, PASSWORD).await;
    caller.get(path).await.expect::<Page<Alarm>>(200).items
}

async fn listed(watched: &Watched, path: &str) -> Vec<Alarm> {
    listed_for(watched, "gerente", path).await
}

async fn set(watched: &Watched, watch: Value) {
    let rule = json!({ "store_id": watched.shop.a, "severity": "warning", "watch": watch });
    let path = format!("/api/v1/alarm-rules/{}", AlarmRuleId::now());
    watched.shop.manager.put(&path, &rule).await.expect::<AlarmRule>(200);
}

#[tokio::test]
async fn too_fast_a_change() {
    let mut watched = Watched::open().await;
    set(&watched, json!({ "kind": "rate", "per_minute": 0.5, "window_seconds": 240 })).await;
    for (minute, value) in [(0, 3.0), (1, 3.5), (2, 4.0), (3, 4.5), (4, 5.0)] {
        watched.hear(minute, value).await;
    }
    assert!(listed(&watched, ALL).await.is_empty(), "two degrees in four minutes are the limit");
    watched.hear(5, 5.75).await;
    let [alarm] = listed(&watched, OPEN).await.try_into().unwrap();
    assert_eq!((alarm.kind, alarm.limit, alarm.worst), (AlarmKind::Rate, Some(0.5), Some(0.563)));
    assert_eq!((alarm.began_at, alarm.fired_at), (watched.at(5), watched.at(5)));
    for minute in 6..=9 {
        watched.hear(minute, 5.75).await;
    }
    let [over] = listed(&watched, ALL).await.try_into().unwrap();
    assert_eq!((over.id, over.ended_at), (alarm.id, Some(watched.at(6))));
    watched.close().await;
}

#[tokio::test]
async fn too_long_out_of_band_in_all() {
    let mut watched = Watched::open().await;
    set(&watched, json!({ "kind": "cumulative", "seconds": 300, "window_seconds": 3600 })).await;
    // Three minutes, well for ten, and again: neither is a long time by itself.
    for minute in 0..16 {
        let warm = matches!(minute, 1..=3 | 13..=14);
        watched.hear(minute, if warm { 9.0 } else { 5.0 }).await;
    }
    assert!(listed(&watched, ALL).await.is_empty(), "five minutes are the limit");
    watched.hear(16, 9.0).await;
    watched.hear(17, 5.0).await;
    let [alarm] = listed(&watched, OPEN).await.try_into().unwrap();
    assert_eq!((alarm.kind, alarm.limit, alarm.worst), (AlarmKind::Cumulative, Some(300.0), Some(360.0)));
    assert_eq!((alarm.began_at, alarm.fired_at), (watched.at(1), watched.at(17)));
    // An hour on, the first ones count no more.
    watched.hear(18, 5.0).await;
    watched.hear(62, 5.0).await;
    let [over] = listed(&watched, ALL)
        .await
        .into_iter()
        .filter(of(AlarmKind::Cumulative))
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!((over.id, over.ended_at), (alarm.id, Some(watched.at(62))));
    watched.close().await;
}

fn of(kind: AlarmKind) -> impl Fn(&Alarm) -> bool {
    move |alarm| alarm.kind == kind
}

#[tokio::test]
async fn the_same_value_for_too_long() {
    let mut watched = Watched::open().await;
    set(&watched, json!({ "kind": "frozen", "seconds": 600 })).await;
    watched.hear(0, 5.25).await;
    watched.hear(11, 5.25).await;
    assert!(listed(&watched, ALL).await.is_empty(), "two readings show nothing");
    watched.hear(12, 5.25).await;
    let [alarm] = listed(&watched, OPEN).await.try_into().unwrap();
    assert_eq!((alarm.kind, alarm.limit, alarm.worst), (AlarmKind::Frozen, Some(600.0), Some(720.0)));
    assert_eq!((alarm.began_at, alarm.fired_at), (watched.at(0), watched.at(12)));
    let mut watched = watched.restart().await;
    watched.look().await;
    watched.hear(14, 5.25).await;
    let [longer] = listed(&watched, OPEN).await.try_into().unwrap();
    assert_eq!((longer.id, longer.worst), (alarm.id, Some(840.0)));
    watched.hear(15, 5.5).await;
    let [over] = listed(&watched, ALL).await.try_into().unwrap();
    assert_eq!((over.id, over.ended_at, over.worst), (alarm.id, Some(watched.at(15)), Some(840.0)));
    watched.close().await;
}

#[tokio::test]
async fn a_till_that_says_nothing_while_its_drawer_is_open() {
    let mut watched = Watched::open().await;
    let sign_in_as = async |watched: &Watched, user: &str| watched.shop.nobody.sign_in(user, PASSWORD).await;
    let sign_in = async |watched: &Watched| sign_in_as(watched, "vendedora").await;
    let (_, session) = sign_in(&watched).await;
    let base = watched.shop.nobody.base.clone();
    let (mut till, _) = Terminal::open(&base, "Caixa%201", &session.access_token).await;
    till.value(1).await;
    drop(till);
    watched.clock_to(60);
    watched.look().await;
    assert!(listed(&watched, ALL).await.is_empty(), "no drawer is open");
    let expected = async |watched: &Watched| {
        let (manager, _) = sign_in_as(watched, "gerente").await;
        let known: Vec<Known> = manager.get("/api/v1/pulse/clients").await.expect(200);
        known[0].expected
    };
    assert!(!expected(&watched).await, "nobody has to be there");
    let (seller, session) = sign_in(&watched).await;
    let opening = json!({ "store_id": watched.shop.a, "till": "Caixa 1", "float_cents": 5_000, "opened_at": watched.at(60) });
    assert_eq!(seller.post("/api/v1/cash-sessions", &opening).await.status, 201);
    let (mut till, _) = Terminal::open(&base, "Caixa%201", &session.access_token).await;
    till.value(2).await;
    drop(till);
    assert!(expected(&watched).await, "a drawer of its store is open");
    watched.clock_to(65);
    watched.look().await;
    assert!(listed(&watched, ALL).await.is_empty(), "five minutes are the limit");
    watched.shop.server.clock.advance(6 * SECOND);
    watched.look().await;
    let [alarm] = listed(&watched, OPEN).await.try_into().unwrap();
    assert_eq!(
        (alarm.kind, alarm.severity, alarm.store_id),
        (AlarmKind::TillSilent, Severity::Warning, Some(watched.shop.a))
    );
    assert_eq!(alarm.subject, AlarmSubject::Terminal { client: "Caixa 1".to_owned() });
    assert_eq!((alarm.limit, alarm.worst, alarm.began_at), (Some(300.0), Some(306.0), watched.at(60)));
    assert!(listed_for(&watched, "vizinho", OPEN).await.is_empty(), "another store's");
    // It is back.
    watched.clock_to(70);
    let (_, session) = sign_in(&watched).await;
    let (mut till, _) = Terminal::open(&base, "Caixa%201", &session.access_token).await;
    till.value(3).await;
    watched.look().await;
    let [over] = listed(&watched, ALL).await.try_into().unwrap();
    assert_eq!((over.id, over.ended_at), (alarm.id, Some(watched.at(70))));
    drop(till);
    watched.close().await;
}

/// Looks until the feed is in this state, which its own task finds out.
pub async fn followed(server: &Server, state: FeedState) {
    let (admin, _) = server.caller().sign_in("lucas", "1234").await;
    let begun = Instant::now();
    loop {
        let feeds: Vec<Feed> = admin.get("/api/v1/feeds").await.expect(200);
        if feeds[0].state == state {
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{feeds:#?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_feed_that_cannot_be_used() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("vendas.json");
    std::fs::write(&file, "[{\"id\":1}]").unwrap();
    let spec = format!("vendas={}", file.display());
    let server = Server::start(&["--demo", "--feed", &spec]).await;
    followed(&server, FeedState::Current).await;
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let mut watch = None;
    let mut look = async || {
        server.clock.advance(6 * SECOND);
        tillwatch_server::alarms::round(&server.running.app, &mut watch).await.unwrap();
        let all: Page<Alarm> = lucas.get("/api/v1/alarms?limit=500&order=newest").await.expect(200);
        all.items.into_iter().filter(of(AlarmKind::FeedBroken)).collect::<Vec<_>>()
    };
    assert!(look().await.is_empty());
    std::fs::write(&file, "<html>").unwrap();
    followed(&server, FeedState::Failed).await;
    let [alarm] = look().await.try_into().unwrap();
    assert_eq!((alarm.name.as_str(), alarm.store_id, alarm.ended_at), ("vendas", None, None));
    assert_eq!(alarm.subject, AlarmSubject::Feed { feed: "vendas".to_owned() });
    assert_eq!(look().await.len(), 1, "it is told once");
    let (ana, _) = server.caller().sign_in("ana", "1234").await;
    let path = format!("/api/v1/alarms/{}", alarm.id);
    ana.get(&path).await.problem(404, "unknown_alarm");
    std::fs::write(&file, "[{\"id\":1},{\"id\":2}]").unwrap();
    followed(&server, FeedState::Current).await;
    let [over] = look().await.try_into().unwrap();
    assert_eq!((over.id, over.ended_at), (alarm.id, Some(server.clock.now())));
    server.stop().await;
}

#[tokio::test]
async fn a_servers_clock_that_is_set_forward_ends_no_delay() {
    let mut watched = Watched::open().await;
    watched.hear(0, 5.0).await;
    watched.hear(1, 9.0).await;
    watched.shop.server.clock.advance(3 * HOUR);
    watched.look().await;
    watched.send(&[(2, 9.0)]).await;
    watched.look().await;
    let high = async |watched: &Watched| {
        listed(watched, ALL).await.into_iter().filter(of(AlarmKind::High)).collect::<Vec<_>>()
    };
    assert!(high(&watched).await.is_empty(), "two minutes are not ten, whatever the server's clock says");
    // It is set right.
    watched.clock_to(3);
    for minute in 3..=10 {
        watched.hear(minute, 9.0).await;
    }
    assert!(high(&watched).await.is_empty());
    watched.hear(11, 9.0).await;
    let [alarm] = high(&watched).await.try_into().unwrap();
    assert_eq!((alarm.began_at, alarm.fired_at, alarm.retroactive), (watched.at(1), watched.at(11), false));
    watched.close().await;
}

#[tokio::test]
async fn what_came_while_the_clock_was_ahead_hides_neither_heat_nor_silence() {
    let mut watched = Watched::open().await;
    for minute in 0..6 {
        watched.hear(minute * 2, 5.0).await;
    }
    // For a while the clock is a day ahead, and so is what devices without a clock send.
    for minute in 0..3 {
        watched.hear(24 * 60 + 12 + minute * 2, 5.0).await;
    }
    let silent = listed(&watched, ALL).await.into_iter().filter(of(AlarmKind::Silent)).collect::<Vec<_>>();
    assert!(silent.len() <= 1, "{silent:?}");
    watched.clock_to(14);
    watched.look().await;
    for minute in 7..=12 {
        watched.hear(minute * 2, 9.0).await;
    }
    let open = listed(&watched, OPEN).await;
    let [high] = open.try_into().unwrap();
    assert_eq!((high.kind, high.began_at, high.fired_at), (AlarmKind::High, watched.at(14), watched.at(24)));
    assert!(!high.retroactive, "it is seen when it happens");
    // Then nothing comes any more.
    watched.clock_to(31);
    watched.look().await;
    let kinds: Vec<_> = listed(&watched, OPEN).await.iter().map(|alarm| alarm.kind).collect();
    assert_eq!(kinds, [AlarmKind::High, AlarmKind::Silent]);
    let now = watched.shop.server.clock.now();
    assert!(now.since(watched.at(24)) < 10 * MINUTE);
    watched.close().await;
}

#[tokio::test]
async fn a_battery_that_runs_low_is_told_until_it_is_charged() {
    let mut watched = Watched::open().await;
    let tell = async |watched: &Watched, minute: i64, percent: Value| {
        let reading = json!({ "sensor_id": "g1", "temperature": 5, "humidity": 60, "pressure": 1013,
                              "measured_at": watched.at(minute), "battery_percent": percent });
        watched.clock_to(minute);
        let result: BatchResult =
            watched.device.post("/api/v1/readings", &json!({ "readings": [reading] })).await.expect(200);
        assert_eq!(result.stored, 1, "{percent}");
    };
    let level = async |watched: &Watched| {
        let (seller, _) = watched.shop.server.caller().sign_in("vendedora", PASSWORD).await;
        let sensors: Vec<Sensor> = seller.get("/api/v1/sensors").await.expect(200);
        sensors[0].battery.map(|battery| battery.percent)
    };
    let noted = async |watched: &Watched, percent: u8| {
        // Nobody waits for it with the reading.
        let end = Instant::now() + Duration::from_secs(30);
        while level(watched).await != Some(percent) {
            assert!(Instant::now() < end, "{percent} % were never noted");
        }
    };
    let low = of(AlarmKind::BatteryLow);
    tell(&watched, 0, json!(400)).await;
    tell(&watched, 1, json!(21)).await;
    noted(&watched, 21).await;
    watched.look().await;
    assert!(!listed(&watched, ALL).await.iter().any(&low), "21 % are enough");
    tell(&watched, 2, json!(18.6)).await;
    noted(&watched, 19).await;
    watched.look().await;
    watched.look().await;
    let alarms: Vec<Alarm> = listed(&watched, OPEN).await.into_iter().filter(&low).collect();
    let [alarm] = alarms.try_into().unwrap();
    assert_eq!((alarm.severity, alarm.limit, alarm.worst), (Severity::Notice, Some(20.0), Some(19.0)));
    assert_eq!((alarm.store_id, alarm.name.as_str()), (Some(watched.shop.a), "Geladeira"));
    assert_eq!(alarm.began_at, watched.at(2));
    // Over a start, and a little more is not enough.
    let mut watched = watched.restart().await;
    tell(&watched, 3, json!(25)).await;
    noted(&watched, 25).await;
    watched.look().await;
    assert_eq!(listed(&watched, OPEN).await.into_iter().filter(&low).count(), 1);
    tell(&watched, 4, json!(100)).await;
    noted(&watched, 100).await;
    watched.look().await;
    let all: Vec<Alarm> = listed(&watched, ALL).await.into_iter().filter(&low).collect();
    assert_eq!((all.len(), all[0].id, all[0].ended_at), (1, alarm.id, Some(watched.at(4))));
    assert_eq!(all[0].worst, Some(19.0), "the lowest");
    // A rule for the sensor counts more than what is watched for by itself.
    let (manager, _) = watched.shop.server.caller().sign_in("gerente", PASSWORD).await;
    let rule = json!({ "store_id": watched.shop.a, "sensor_id": "g1", "severity": "warning",
                       "watch": { "kind": "battery_low", "percent": 60, "recovery_percent": 70 } });
    let path = format!("/api/v1/alarm-rules/{}", AlarmRuleId::now());
    manager.put(&path, &rule).await.expect::<AlarmRule>(200);
    tell(&watched, 5, json!(50)).await;
    noted(&watched, 50).await;
    watched.look().await;
    let open: Vec<Alarm> = listed(&watched, OPEN).await.into_iter().filter(&low).collect();
    assert_eq!((open.len(), open[0].limit, open[0].severity), (1, Some(60.0), Severity::Warning));
    // Switched off it is over; switched on again it is another alarm, although nothing was measured in between.
    for (enabled, minute) in [(false, 6), (true, 7)] {
        let mut changed = rule.clone();
        changed["enabled"] = json!(enabled);
        manager.put(&path, &changed).await.expect::<AlarmRule>(200);
        watched.clock_to(minute);
        watched.look().await;
        let now: Vec<Alarm> = listed(&watched, OPEN).await.into_iter().filter(&low).collect();
        assert_eq!(now.len(), usize::from(enabled));
        assert!(now.iter().all(|alarm| alarm.id != open[0].id));
    }
    watched.close().await;
}
