//! Alarms and their rules: who sets them, who sees and acknowledges them, and what is refused.

use std::pin::pin;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tillwatch_server::domain::Payload;
use tillwatch_server::domain::alarms::{ClearAlarm, OpenAlarm};
use tillwatch_shared::api::{
    Alarm, AlarmHistory, AlarmKind, AlarmRule, AlarmStepKind, AlarmSubject, AlarmTurns, Changes, Event,
    Measure, Page, Product, QuietTime, Severity,
};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{AlarmId, AlarmRuleId, CommandId, QuietTimeId, SensorId, StoreId};

use crate::common::caller::send;
use crate::common::inside::prove;
use crate::shop::Shop;

fn high(store: StoreId, limit: f64) -> Value {
    json!({
        "store_id": store, "severity": "critical",
        "watch": { "kind": "high", "limit": limit, "delay_seconds": 600 }
    })
}

fn rule_path(id: AlarmRuleId) -> String {
    format!("/api/v1/alarm-rules/{id}")
}

async fn set_sensor(shop: &Shop, id: &str) {
    let sensor = json!({ "name": id, "store_id": shop.a, "low_celsius": 2, "high_celsius": 8 });
    assert_eq!(shop.manager.put(&format!("/api/v1/sensors/{id}"), &sensor).await.status, 200);
}

/// As the watcher does it.
async fn found(shop: &Shop, sensor: &str) -> Alarm {
    let app = &shop.server.running.app;
    let now = app.now();
    let payload = Payload::OpenAlarm(OpenAlarm {
        alarm_id: AlarmId::now(),
        rule_id: AlarmRuleId::now(),
        kind: AlarmKind::High,
        measure: Some(Measure::Temperature),
        severity: Severity::Critical,
        store_id: Some(shop.a),
        subject: AlarmSubject::Sensor { sensor_id: SensorId::Text(sensor.to_owned()) },
        name: sensor.to_owned(),
        limit: Some(8.0),
        worst: Some(9.5),
        began_at: now.plus(-10 * MINUTE),
        fired_at: now,
        ended_at: None,
        retroactive: false,
        instructions: None,
    });
    let receipt = app.server_command(CommandId::now(), None, now, payload).await.unwrap();
    Alarm::try_from(receipt.event).unwrap()
}

#[tokio::test]
async fn rules_replace_what_is_watched_for_by_itself() {
    let shop = Shop::open().await;
    set_sensor(&shop, "g1").await;
    let defaults: Vec<AlarmRule> = shop.manager.get("/api/v1/alarm-rules").await.expect(200);
    assert!(defaults.iter().all(|rule| rule.is_default), "{defaults:?}");
    assert!(
        defaults.iter().all(|rule| rule.settings.store_id.is_none_or(|store| store == shop.a)),
        "a manager sees the rules of the own stores"
    );
    let of_kind = |rules: &[AlarmRule], kind| {
        rules.iter().filter(|rule| rule.settings.watch.kind() == kind).cloned().collect::<Vec<_>>()
    };
    let [default] = of_kind(&defaults, AlarmKind::High).try_into().unwrap();
    // Under its own id, the rule replaces it.
    let set: AlarmRule = shop.manager.put(&rule_path(default.id), &high(shop.a, 8.5004)).await.expect(200);
    let [kept] =
        of_kind(&shop.manager.get("/api/v1/alarm-rules").await.expect::<Vec<_>>(200), AlarmKind::High)
            .try_into()
            .unwrap();
    assert_eq!((set.id, set.is_default, &kept), (default.id, false, &set));
    assert!(serde_json::to_string(&set).unwrap().contains("\"limit\":8.5"), "to the thousandth: {set:?}");
    // Another one for the same place and kind is refused, one for a sensor or another measure is not.
    let other = AlarmRuleId::now();
    shop.manager.put(&rule_path(other), &high(shop.a, 9.0)).await.problem(409, "alarm_rule_taken");
    let mut of_sensor = high(shop.a, 9.0);
    of_sensor["sensor_id"] = json!("g1");
    shop.manager.put(&rule_path(other), &of_sensor).await.expect::<AlarmRule>(200);
    let mut humid = high(shop.a, 70.0);
    humid["watch"]["measure"] = json!("humidity");
    shop.manager.put(&rule_path(AlarmRuleId::now()), &humid).await.expect::<AlarmRule>(200);
    // Without the rule, the default is back.
    shop.manager.delete(&rule_path(default.id)).await.expect::<AlarmRule>(200);
    shop.manager.delete(&rule_path(default.id)).await.problem(404, "unknown_alarm_rule");
    let rules: Vec<AlarmRule> = shop.manager.get("/api/v1/alarm-rules").await.expect(200);
    assert!(rules.contains(&default) && rules.len() == defaults.len() + 2, "{rules:?}");
    shop.server.stop().await;
}

#[tokio::test]
async fn what_is_no_rule_is_refused() {
    let shop = Shop::open().await;
    set_sensor(&shop, "g1").await;
    let path = rule_path(AlarmRuleId::now());
    let tip = shop.server.tip();
    let watch = |watch: Value| json!({ "store_id": shop.a, "severity": "notice", "watch": watch });
    for (body, field) in [
        (watch(json!({ "kind": "high", "limit": 2e6, "delay_seconds": 1 })), "watch.limit"),
        (
            watch(json!({ "kind": "low", "limit": 1, "recovery_margin": -1, "delay_seconds": 1 })),
            "watch.recovery_margin",
        ),
        (watch(json!({ "kind": "high", "limit": 1, "delay_seconds": -1 })), "watch.delay_seconds"),
        (watch(json!({ "kind": "high", "measure": "humidity", "delay_seconds": 1 })), "watch.limit"),
        (watch(json!({ "kind": "rate", "per_minute": 0, "window_seconds": 60 })), "watch.per_minute"),
        (
            watch(json!({ "kind": "cumulative", "low": 3, "high": 2, "seconds": 1, "window_seconds": 60 })),
            "watch.low",
        ),
        (
            watch(json!({ "kind": "cumulative", "high": 2, "seconds": 61, "window_seconds": 60 })),
            "watch.seconds",
        ),
        (watch(json!({ "kind": "silent", "intervals": 0, "at_least_seconds": 60 })), "watch.intervals"),
        (watch(json!({ "kind": "feed_broken" })), "store_id"),
        (watch(json!({ "kind": "server_behind", "entries": 10, "seconds": 60 })), "store_id"),
        (watch(json!({ "kind": "battery_low", "percent": 0, "recovery_percent": 30 })), "watch.percent"),
        (
            watch(json!({ "kind": "battery_low", "percent": 40, "recovery_percent": 30 })),
            "watch.recovery_percent",
        ),
    ] {
        let answer = shop.admin.put(&path, &body).await;
        assert_eq!(answer.problem(400, "invalid_value")["field"], json!(field), "{body}");
    }
    let mut body = watch(json!({ "kind": "low_stock" }));
    body["sensor_id"] = json!("g1");
    assert_eq!(
        shop.manager.put(&path, &body).await.problem(400, "invalid_value")["field"],
        json!("sensor_id")
    );
    let mut body = high(shop.a, 8.0);
    body["sensor_id"] = json!("nobody");
    shop.manager.put(&path, &body).await.problem(404, "unknown_sensor");
    for unknown in [json!({ "kind": "loud" }), json!({ "kind": "low_stock", "x": 1 }), json!("high")] {
        assert_eq!(shop.manager.put(&path, &watch(unknown)).await.status, 400);
    }
    shop.manager.put(&path, &high(shop.b, 8.0)).await.problem(403, "store_not_allowed");
    shop.seller.put(&path, &high(shop.a, 8.0)).await.problem(403, "role_not_allowed");
    let feeds = json!({ "severity": "notice", "watch": { "kind": "feed_broken" } });
    shop.manager.put(&path, &feeds).await.problem(403, "role_not_allowed");
    assert_eq!(shop.server.tip(), tip);
    shop.admin.put(&path, &feeds).await.expect::<AlarmRule>(200);
    shop.server.stop().await;
}

#[tokio::test]
async fn who_waits_hears_of_an_alarm_when_it_turns_and_of_nothing_else() {
    let shop = Shop::open().await;
    set_sensor(&shop, "g1").await;
    let turns = |after: i64, wait: u32| format!("/api/v1/alarms/turns?after={after}&wait={wait}");
    let tip = shop.server.tip();
    let quiet: AlarmTurns = shop.seller.get(&turns(tip, 0)).await.expect(200);
    assert!(!quiet.turned);
    // It waits: what is asked later is answered before it.
    let wanted = turns(tip, 8);
    let (mut waits, mut also) = (pin!(shop.seller.get(&wanted)), pin!(shop.manager.get(&wanted)));
    let till_then = async {
        for name in ["Leite", "Queijo"] {
            let product = json!({ "name": name, "unit": "un", "price_cents": 500 });
            shop.admin.post("/api/v1/products", &product).await.expect::<Product>(201);
        }
        assert!(shop.server.tip() > tip);
    };
    tokio::select! {
        biased;
        () = till_then => {}
        _ = &mut waits => panic!("no alarm has turned"),
        _ = &mut also => panic!("no alarm has turned"),
    }
    let begun = Instant::now();
    let alarm = found(&shop, "g1").await;
    let (first, second) = tokio::join!(waits, also);
    assert!(first.expect::<AlarmTurns>(200).turned && second.expect::<AlarmTurns>(200).turned);
    assert!(begun.elapsed() < Duration::from_secs(7), "they were told before they had waited it out");
    // Once read past it, there is no news until it is acknowledged.
    let after = shop.server.tip();
    assert!(!shop.seller.get(&turns(after, 0)).await.expect::<AlarmTurns>(200).turned);
    let told = json!({ "reason": "porta aberta", "action": "porta fechada" });
    shop.seller
        .post(&format!("/api/v1/alarms/{}/acknowledgement", alarm.id), &told)
        .await
        .expect::<Alarm>(200);
    assert!(shop.seller.get(&turns(after, 0)).await.expect::<AlarmTurns>(200).turned);
    for bad in ["after=-1", "after=1&wait=9", "after=x", "wait=1"] {
        shop.seller.get(&format!("/api/v1/alarms/turns?{bad}")).await.problem(400, "malformed_request");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn acknowledging_does_not_clear_nor_clearing_acknowledge() {
    let shop = Shop::open().await;
    set_sensor(&shop, "g1").await;
    let alarm = found(&shop, "g1").await;
    let list = "/api/v1/alarms?open=true&order=newest";
    let open: Page<Alarm> = shop.seller.get(list).await.expect(200);
    assert_eq!(open.items.first(), Some(&alarm));
    assert!(shop.stranger.get(list).await.expect::<Page<Alarm>>(200).items.is_empty(), "another store's");
    let tag = shop.seller.get(list).await.header("etag").unwrap().to_owned();
    let again = shop.seller.request(reqwest::Method::GET, list).header("if-none-match", &tag);
    assert_eq!(send(again).await.status, 304);

    let path = format!("/api/v1/alarms/{}/acknowledgement", alarm.id);
    let told = json!({ "reason": "porta aberta", "action": "porta fechada, leite conferido" });
    shop.seller
        .post(&path, &json!({ "reason": "porta aberta", "action": " " }))
        .await
        .problem(400, "invalid_value");
    shop.stranger.post(&path, &told).await.problem(403, "store_not_allowed");
    let done: Alarm = shop.seller.post(&path, &told).await.expect(200);
    assert_eq!(
        (done.ended_at, done.acknowledgement.as_ref().unwrap().reason.as_str()),
        (None, "porta aberta")
    );
    shop.manager.post(&path, &told).await.problem(409, "alarm_acknowledged");
    assert_eq!(shop.seller.get(list).await.expect::<Page<Alarm>>(200).items.first(), Some(&done));

    let app = &shop.server.running.app;
    let clear = |alarm_id, worst| Payload::ClearAlarm(ClearAlarm { alarm_id, ended_at: app.now(), worst });
    app.server_command(CommandId::now(), None, app.now(), clear(alarm.id, Some(10.25))).await.unwrap();
    assert!(app.server_command(CommandId::now(), None, app.now(), clear(alarm.id, None)).await.is_err());
    let history: AlarmHistory = shop.manager.get(&format!("/api/v1/alarms/{}", alarm.id)).await.expect(200);
    assert_eq!((history.alarm.worst, history.alarm.ended_at), (Some(10.25), Some(app.now())));
    let steps: Vec<_> = history.steps.iter().map(|step| (step.what, step.person_name.as_deref())).collect();
    let by = Some(shop.seller_person().name.as_str());
    assert_eq!(
        steps,
        [(AlarmStepKind::Opened, None), (AlarmStepKind::Acknowledged, by), (AlarmStepKind::Cleared, None)]
    );
    // The next one of the same subject is another one, and its end tells nothing about a person.
    let second = found(&shop, "g1").await;
    app.server_command(CommandId::now(), None, app.now(), clear(second.id, None)).await.unwrap();
    let over: Page<Alarm> = shop.manager.get("/api/v1/alarms?open=false").await.expect(200);
    assert_eq!(
        over.items.iter().map(|alarm| alarm.acknowledgement.is_some()).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!((over.items[1].worst, over.items.len()), (Some(9.5), 2));
    // People cannot make alarms, and the change feed tells of them.
    let changes: Changes = shop.seller.get("/api/v1/changes?after=0&limit=500").await.expect(200);
    let kinds = changes.changes.iter().filter(|change| {
        matches!(change.event, Event::AlarmOpened(_) | Event::AlarmAcknowledged(_) | Event::AlarmCleared(_))
    });
    assert_eq!(kinds.count(), 5);
    shop.manager.get(&format!("/api/v1/alarms/{}", AlarmId::now())).await.problem(404, "unknown_alarm");
    prove(&shop.server.ledger_file());
    shop.server.stop().await;
}

#[tokio::test]
async fn one_alarm_of_a_subject_and_kind_is_open() {
    let shop = Shop::open().await;
    set_sensor(&shop, "g1").await;
    let first = found(&shop, "g1").await;
    let app = &shop.server.running.app;
    let second = OpenAlarm {
        alarm_id: AlarmId::now(),
        rule_id: first.rule_id,
        kind: first.kind,
        measure: first.measure,
        severity: first.severity,
        store_id: first.store_id,
        subject: first.subject.clone(),
        name: first.name.clone(),
        limit: None,
        worst: None,
        began_at: first.began_at,
        fired_at: first.fired_at,
        ended_at: None,
        retroactive: false,
        instructions: None,
    };
    let open =
        |alarm: OpenAlarm| app.server_command(CommandId::now(), None, app.now(), Payload::OpenAlarm(alarm));
    assert!(open(second.clone()).await.is_err());
    let over = OpenAlarm { ended_at: Some(app.now()), retroactive: true, ..second.clone() };
    assert!(open(over).await.is_ok(), "one that is over already is another thing");
    let humid = OpenAlarm { alarm_id: AlarmId::now(), measure: Some(Measure::Humidity), ..second };
    assert!(open(humid).await.is_ok());
    shop.server.stop().await;
}

#[tokio::test]
async fn quiet_times_have_a_reason_and_an_end() {
    let shop = Shop::open().await;
    set_sensor(&shop, "g1").await;
    let now = shop.server.clock.now();
    let id = QuietTimeId::now();
    let path = format!("/api/v1/quiet-times/{id}");
    let body = |minutes: i64, reason: &str| json!({ "store_id": shop.a, "sensor_id": "g1", "reason": reason, "until": now.plus(minutes * MINUTE) });
    for (body, field) in
        [(body(0, "degelo"), "until"), (body(30 * 24 * 60 + 1, "degelo"), "until"), (body(60, " "), "reason")]
    {
        assert_eq!(shop.manager.put(&path, &body).await.problem(400, "invalid_value")["field"], json!(field));
    }
    shop.seller.put(&path, &body(60, "degelo")).await.problem(403, "role_not_allowed");
    let quiet: QuietTime = shop.manager.put(&path, &body(60, "degelo")).await.expect(200);
    assert_eq!((quiet.id, quiet.from), (id, now));
    assert_eq!(shop.manager.get("/api/v1/quiet-times").await.expect::<Vec<QuietTime>>(200), [quiet]);
    assert!(found(&shop, "g1").await.quiet);
    assert!(!found(&shop, "g2").await.quiet);
    shop.server.clock.advance(MINUTE);
    let ended: QuietTime = shop.manager.delete(&path).await.expect(200);
    assert_eq!(ended.settings.until, now.plus(MINUTE));
    assert!(shop.manager.get("/api/v1/quiet-times").await.expect::<Vec<QuietTime>>(200).is_empty());
    prove(&shop.server.ledger_file());
    shop.server.stop().await;
}
