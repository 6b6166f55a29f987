//! What is found: by the readings' time, over restarts, late, and in goods. Each look is the test's own.

use serde_json::{Value, json};
use tillwatch_server::alarms::{Watch, round};
use tillwatch_server::ledger::queries::Slice;
use tillwatch_server::ledger::queries::alarms::{self, Which};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Alarm, AlarmKind, AlarmRule, BatchResult, IssuedApiKey, RehearsalLine, Sensor};
use tillwatch_shared::time::{DAY, HOUR, MINUTE};

use crate::common::goods::{new_product, receipt};
use crate::common::inside::prove;
use crate::common::{Caller, Server};
use crate::shop::{PASSWORD, Shop};

/// A shop with a fridge, a device, and somebody who looks.
pub struct Watched {
    pub shop: Shop,
    pub device: Caller,
    watch: Option<Watch>,
    start: UtcMicros,
}

impl Watched {
    pub async fn open() -> Self {
        let shop = Shop::open().await;
        let sensor = json!({ "name": "Geladeira", "store_id": shop.a, "low_celsius": 2, "high_celsius": 8 });
        assert_eq!(shop.manager.put("/api/v1/sensors/g1", &sensor).await.status, 200);
        let key = json!({ "name": "k", "scopes": ["write_readings"] });
        let issued: IssuedApiKey = shop.manager.post("/api/v1/api-keys", &key).await.expect(201);
        let device = shop.nobody.device(&issued.secret.unwrap());
        let start = shop.server.clock.now();
        Self { shop, device, watch: None, start }
    }

    pub fn at(&self, minutes: i64) -> UtcMicros {
        self.start.plus(minutes * MINUTE)
    }

    /// The time is so many minutes after the start.
    pub fn clock_to(&self, minutes: i64) {
        let clock = &self.shop.server.clock;
        clock.advance(self.at(minutes).since(clock.now()));
    }

    /// Readings of so many minutes after the start, sent in one batch.
    pub async fn send(&self, readings: &[(i64, f64)]) {
        let one = |(minute, value): &(i64, f64)| {
            json!({ "sensor_id": "g1", "temperature": value, "humidity": 60, "pressure": 1013,
                    "measured_at": self.at(*minute) })
        };
        let body = json!({ "readings": readings.iter().map(one).collect::<Vec<Value>>() });
        let result: BatchResult = self.device.post("/api/v1/readings", &body).await.expect(200);
        assert_eq!(usize::try_from(result.stored).unwrap(), readings.len());
    }

    pub async fn look(&mut self) {
        round(&self.shop.server.running.app, &mut self.watch).await.unwrap();
    }

    /// One reading at its time, and a look.
    pub async fn hear(&mut self, minute: i64, value: f64) {
        self.clock_to(minute);
        self.send(&[(minute, value)]).await;
        self.look().await;
    }

    /// As the list tells it, whoever is signed in.
    pub fn alarms(&self, query: &str) -> Vec<Alarm> {
        let app = &self.shop.server.running.app;
        let open = query.strip_prefix("open=").map(|word| word == "true");
        let slice = Slice { after: None, limit: 100, newest_first: false };
        let listed = app.ledger.read(|db| {
            let stores = "[1,2]".to_owned();
            alarms::list(db, &Which { stores, storeless: true, open }, slice)
        });
        let mut items = listed.unwrap().items;
        for alarm in &mut items {
            app.alarms.bring_up_to_date(alarm);
        }
        items
    }

    /// Ends the server as if it fell: what it held in memory is gone.
    pub async fn restart(mut self) -> Self {
        let clock = self.shop.server.clock.clone();
        let dir = self.shop.server.stop().await;
        self.shop.server = Server::open(dir, &[], clock).await;
        let caller = self.shop.server.caller();
        self.device = caller.at(&self.shop.server.running.url());
        (self.shop.manager, _) = caller.sign_in("gerente", PASSWORD).await;
        let key = json!({ "name": "k2", "scopes": ["write_readings"] });
        let issued: IssuedApiKey = self.shop.manager.post("/api/v1/api-keys", &key).await.expect(201);
        self.device = caller.device(&issued.secret.unwrap());
        self.watch = None;
        self
    }

    pub async fn close(self) {
        prove(&self.shop.server.ledger_file());
        self.shop.server.stop().await;
    }
}

#[tokio::test]
async fn a_delay_that_was_at_seven_minutes_goes_on_there() {
    let mut watched = Watched::open().await;
    watched.hear(0, 5.0).await;
    for minute in 1..=8 {
        watched.hear(minute, 9.0).await;
    }
    assert!(watched.alarms("all").is_empty(), "seven minutes are not ten");
    let mut watched = watched.restart().await;
    watched.look().await;
    watched.hear(10, 9.5).await;
    assert!(watched.alarms("all").is_empty(), "nine minutes are not ten");
    watched.hear(11, 10.25).await;
    let [alarm] = watched.alarms("open=true").try_into().unwrap();
    assert_eq!((alarm.kind, alarm.limit, alarm.worst), (AlarmKind::High, Some(8.0), Some(10.25)));
    assert_eq!((alarm.began_at, alarm.fired_at), (watched.at(1), watched.at(11)));
    assert!(!alarm.retroactive && !alarm.quiet && alarm.name == "Geladeira");
    // It gets worse, which the list tells; then it is in the margin, which is no end, and then well.
    watched.hear(12, 12.5).await;
    watched.hear(13, 7.75).await;
    let [worse] = watched.alarms("open=true").try_into().unwrap();
    assert_eq!((worse.id, worse.worst), (alarm.id, Some(12.5)));
    let mut watched = watched.restart().await;
    watched.look().await;
    watched.hear(14, 7.5).await;
    assert!(watched.alarms("open=true").is_empty());
    let [over] = watched.alarms("all").try_into().unwrap();
    assert_eq!((over.id, over.ended_at, over.worst), (alarm.id, Some(watched.at(14)), Some(12.5)));
    // Once more: nothing is told twice.
    let mut watched = watched.restart().await;
    watched.look().await;
    watched.look().await;
    assert_eq!(watched.alarms("all"), [over]);
    watched.close().await;
}

#[tokio::test]
async fn what_was_stored_while_nobody_looked_is_found() {
    let mut watched = Watched::open().await;
    watched.hear(0, 5.0).await;
    watched.clock_to(12);
    watched.send(&(1..=12).map(|minute| (minute, 9.0)).collect::<Vec<_>>()).await;
    // The server falls before anybody looks.
    let mut watched = watched.restart().await;
    watched.look().await;
    let [alarm] = watched.alarms("open=true").try_into().unwrap();
    assert_eq!((alarm.began_at, alarm.fired_at), (watched.at(1), watched.at(11)));
    watched.close().await;
}

#[tokio::test]
async fn late_readings_raise_a_retroactive_alarm_and_move_none() {
    let mut watched = Watched::open().await;
    for minute in [-60, -40, 0] {
        watched.clock_to(minute.max(0));
        watched.send(&[(minute, 5.0)]).await;
    }
    watched.look().await;
    // A device had kept what happened in between.
    let kept: Vec<_> = (-59..-45).rev().map(|minute| (minute, 9.0)).collect();
    watched.send(&kept).await;
    watched.look().await;
    let [alarm] = watched.alarms("open=false").try_into().unwrap();
    assert!(alarm.retroactive);
    assert_eq!((alarm.began_at, alarm.fired_at), (watched.at(-59), watched.at(-49)));
    assert_eq!((alarm.ended_at, alarm.worst), (Some(watched.at(-40)), Some(9.0)));
    // More of it, which would have made it longer and higher: it stays as it was recorded.
    watched.send(&[(-45, 15.0), (-42, 9.0)]).await;
    watched.look().await;
    assert_eq!(watched.alarms("all"), [alarm]);
    // Readings from the future or from years ago are no alarm, and do not keep others from being looked at.
    watched.send(&[(60 * 24 * 365, 50.0), (-60 * 24 * 365, 50.0)]).await;
    for minute in 1..=12 {
        watched.hear(minute, -3.0).await;
    }
    let kinds: Vec<_> = watched.alarms("open=true").iter().map(|alarm| alarm.kind).collect();
    assert_eq!(kinds, [AlarmKind::Low]);
    watched.close().await;
}

#[tokio::test]
async fn a_silent_sensor_is_told_once_and_is_back_with_its_next_reading() {
    let mut watched = Watched::open().await;
    for minute in 0..6 {
        watched.hear(minute * 2, 5.0).await;
    }
    watched.clock_to(16);
    watched.look().await;
    assert!(watched.alarms("all").is_empty(), "three intervals of two minutes");
    watched.clock_to(17);
    watched.look().await;
    watched.look().await;
    let [silent] = watched.alarms("open=true").try_into().unwrap();
    assert_eq!(
        (silent.kind, silent.limit, silent.began_at),
        (AlarmKind::Silent, Some(360.0), watched.at(10))
    );
    let (seller, _) = watched.shop.nobody.sign_in("vendedora", PASSWORD).await;
    let sensors: Vec<Sensor> = seller.get("/api/v1/sensors").await.expect(200);
    assert_eq!(sensors[0].silent_after_micros, Some(6 * MINUTE), "windows judge it as the alarm does");
    let mut watched = watched.restart().await;
    watched.clock_to(18);
    watched.look().await;
    assert_eq!(watched.alarms("open=true").len(), 1, "the server's start is no sign of life");
    watched.hear(20, 5.0).await;
    let [over] = watched.alarms("all").try_into().unwrap();
    assert_eq!((over.id, over.ended_at), (silent.id, Some(watched.at(20))));
    watched.close().await;
}

#[tokio::test]
async fn a_rule_that_is_changed_or_taken_away_closes_what_it_opened() {
    let mut watched = Watched::open().await;
    let rules: Vec<AlarmRule> = watched.shop.manager.get("/api/v1/alarm-rules").await.expect(200);
    let high = rules.iter().find(|rule| rule.settings.watch.kind() == AlarmKind::High).unwrap();
    let path = format!("/api/v1/alarm-rules/{}", high.id);
    let body = |limit: f64, enabled: bool| {
        json!({ "store_id": watched.shop.a, "severity": "warning", "enabled": enabled,
                "instructions": "fechar a porta",
                "watch": { "kind": "high", "limit": limit, "delay_seconds": 0 } })
    };
    let (at_six, at_nine, off) = (body(6.0, true), body(9.0, true), body(6.0, false));
    watched.shop.manager.put(&path, &at_six).await.expect::<AlarmRule>(200);
    watched.hear(1, 7.0).await;
    let [alarm] = watched.alarms("open=true").try_into().unwrap();
    assert_eq!((alarm.rule_id, alarm.instructions.as_deref()), (high.id, Some("fechar a porta")));
    watched.shop.manager.put(&path, &at_nine).await.expect::<AlarmRule>(200);
    watched.look().await;
    assert!(watched.alarms("open=true").is_empty());
    watched.shop.manager.put(&path, &at_six).await.expect::<AlarmRule>(200);
    watched.hear(2, 7.5).await;
    let [again] = watched.alarms("open=true").try_into().unwrap();
    assert_ne!(again.id, alarm.id);
    watched.shop.manager.put(&path, &off).await.expect::<AlarmRule>(200);
    watched.look().await;
    assert!(watched.alarms("open=true").is_empty());
    watched.hear(3, 20.0).await;
    assert!(watched.alarms("open=true").is_empty(), "it is switched off");
    watched.close().await;
}

#[tokio::test]
async fn goods_that_run_low_or_expire() {
    let mut watched = Watched::open().await;
    let shop = &watched.shop;
    let milk = new_product(&shop.manager, "Leite", 500).await;
    let minimum = json!({ "minimum_thousandths": 5_000 });
    assert_eq!(shop.manager.patch(&format!("/api/v1/products/{}", milk.id), &minimum).await.status, 200);
    watched.look().await;
    assert!(watched.alarms("all").is_empty(), "it was never there");
    let mut entry = receipt(watched.shop.a, milk.id, 5_000);
    entry["lot"] = json!({ "code": "L1", "expires_on": "2026-06-16" });
    assert_eq!(watched.shop.seller.post("/api/v1/stock-entries", &entry).await.status, 201);
    watched.clock_to(1);
    watched.look().await;
    let [low] = watched.alarms("open=true").try_into().unwrap();
    assert_eq!(
        (low.kind, low.limit, low.worst, low.name.as_str()),
        (AlarmKind::LowStock, Some(5.0), Some(5.0), "Leite")
    );
    assert_eq!(
        watched.shop.seller.post("/api/v1/stock-entries", &receipt(watched.shop.a, milk.id, 1)).await.status,
        201
    );
    watched.clock_to(2);
    watched.look().await;
    assert!(watched.alarms("open=true").is_empty());
    // The day after its last one, by the store's clock.
    watched.clock_to((DAY + 11 * HOUR) / MINUTE);
    watched.look().await;
    assert!(watched.alarms("open=true").is_empty());
    watched.clock_to((DAY + 13 * HOUR) / MINUTE);
    watched.look().await;
    let [expired] = watched.alarms("open=true").try_into().unwrap();
    assert_eq!(
        (expired.kind, expired.worst, expired.name.as_str()),
        (AlarmKind::Expiring, Some(-1.0), "Leite L1")
    );
    watched.close().await;
}

#[tokio::test]
async fn a_rehearsal_tells_when_a_rule_would_have_fired() {
    let watched = Watched::open().await;
    let day = DAY / MINUTE;
    for ago in [80, 40, 1] {
        let begin = -ago * day;
        let readings: Vec<_> =
            (0..30).map(|m| (begin + m, if (5..25).contains(&m) { 9.5 } else { 5.0 })).collect();
        watched.send(&readings).await;
    }
    watched.send(&[(-100 * day, 20.0), (-5, 12.0), (0, 12.0)]).await;
    watched.clock_to(1);
    let tip = watched.shop.server.tip();
    let rule = |watch: Value| json!({ "store_id": watched.shop.a, "severity": "critical", "watch": watch });
    let ask = |rule: &Value, days: i64| json!({ "rule": rule, "days": days });
    let path = "/api/v1/alarm-rules/rehearsal";
    let lines = |text: String| -> Vec<RehearsalLine> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let high = rule(json!({ "kind": "high", "delay_seconds": 300 }));
    let answer = watched.shop.manager.post(path, &ask(&high, 90)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = lines(answer.text());
    let fired: Vec<_> = told
        .iter()
        .filter_map(|line| match line {
            RehearsalLine::Alarm { began_at, fired_at, ended_at, worst, .. } => {
                Some((*began_at, *fired_at, *ended_at, *worst))
            }
            RehearsalLine::KnownSince { .. }
            | RehearsalLine::Progress { .. }
            | RehearsalLine::Done { .. }
            | RehearsalLine::Failed { .. } => None,
        })
        .collect();
    let at = |minute| watched.at(minute);
    let long_ago = |ago: i64| {
        let begin = -ago * day;
        (at(begin + 5), at(begin + 10), Some(at(begin + 25)), Some(9.5))
    };
    assert_eq!(fired, [long_ago(80), long_ago(40), long_ago(1), (at(-5), at(0), None, Some(12.0))]);
    assert_eq!(told.last(), Some(&RehearsalLine::Done { alarms: 4, readings: 92 }));
    let fewer = lines(watched.shop.manager.post(path, &ask(&high, 2)).await.text());
    assert_eq!(fewer.last(), Some(&RehearsalLine::Done { alarms: 2, readings: 32 }));
    // Nothing was set, and more than a year is refused.
    assert_eq!(watched.shop.server.tip(), tip);
    for body in [ask(&high, 0), ask(&high, 367)] {
        watched.shop.manager.post(path, &body).await.problem(400, "invalid_value");
    }
    // Silence, beside the gaps that nobody would have been told of: the sensor measures each minute.
    let silent = rule(json!({ "kind": "silent", "intervals": 3, "at_least_seconds": 600 }));
    let told = lines(watched.shop.manager.post(path, &ask(&silent, 50)).await.text());
    let silences: Vec<_> = told
        .iter()
        .filter_map(|line| match line {
            RehearsalLine::Alarm { began_at, fired_at, ended_at, .. } => {
                Some((*began_at, *fired_at, *ended_at))
            }
            RehearsalLine::KnownSince { .. }
            | RehearsalLine::Progress { .. }
            | RehearsalLine::Done { .. }
            | RehearsalLine::Failed { .. } => None,
        })
        .collect();
    let after = |minute: i64| (at(minute), at(minute + 10));
    let [forty, one] = [40, 1].map(|ago: i64| after(-ago * day + 29));
    assert_eq!(silences, [(forty.0, forty.1, Some(at(-day))), (one.0, one.1, Some(at(-5)))]);
    let mut elsewhere = high.clone();
    elsewhere["store_id"] = json!(watched.shop.b);
    watched.shop.manager.post(path, &ask(&elsewhere, 90)).await.problem(403, "store_not_allowed");
    watched.shop.seller.post(path, &ask(&high, 90)).await.problem(403, "role_not_allowed");
    watched.close().await;
}
