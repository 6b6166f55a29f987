//! Webhooks: told once, told again after failures with the same key, told after a fall, escalated, quiet, signed.

use std::pin::pin;
use std::time::Duration;

use serde_json::{Value, json};
use tillwatch_server::domain::Payload;
use tillwatch_server::domain::alarms::{ClearAlarm, OpenAlarm};
use tillwatch_server::told::{round, webhook};
use tillwatch_shared::api::{
    Alarm, AlarmHistory, AlarmKind, AlarmRule, AlarmStepKind, AlarmSubject, Measure, QuietTime, Severity,
};
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};
use tillwatch_shared::{AlarmId, AlarmRuleId, CommandId, QuietTimeId, SensorId, StoreId};

use crate::common::hook::Posted;
use crate::common::inside::clock;
use crate::common::{Hook, Server};

/// A store's fridge alarm, as it is found.
async fn found(server: &Server, sensor: &str) -> Alarm {
    found_called(server, sensor, sensor).await
}

/// The same of a fridge with a name of its own.
pub async fn found_called(server: &Server, sensor: &str, name: &str) -> Alarm {
    let app = &server.running.app;
    let stores = app.ledger.read(tillwatch_server::ledger::queries::alarms::stores).unwrap();
    let now = app.now();
    let payload = Payload::OpenAlarm(OpenAlarm {
        alarm_id: AlarmId::now(),
        rule_id: AlarmRuleId::now(),
        kind: AlarmKind::High,
        measure: Some(Measure::Temperature),
        severity: Severity::Critical,
        store_id: stores.first().copied(),
        subject: AlarmSubject::Sensor { sensor_id: SensorId::Text(sensor.to_owned()) },
        name: name.to_owned(),
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

async fn look(server: &Server) {
    round(&server.running.app).await.unwrap();
}

#[tokio::test]
async fn a_webhook_that_fails_is_tried_again_with_the_same_key() {
    let receiver = Hook::open(&[Some(503), Some(404)]).await;
    let args = ["--demo", "--alarm-webhook", &receiver.url, "--alarm-webhook-secret", "segredo"];
    let server = Server::start(&args).await;
    look(&server).await;
    assert!(receiver.got().is_empty(), "what was before is not told");
    let alarm = found(&server, "g1").await;
    look(&server).await;
    look(&server).await;
    assert_eq!(receiver.got().len(), 1, "after a failure there is a wait");
    server.clock.advance(2 * SECOND);
    look(&server).await;
    server.clock.advance(3 * SECOND);
    look(&server).await;
    assert_eq!(receiver.got().len(), 2, "which grows");
    server.clock.advance(SECOND);
    for _ in 0..3 {
        look(&server).await;
        server.clock.advance(HOUR);
    }
    let got = receiver.got();
    assert_eq!(got.len(), 3, "and when it was taken that was it");
    assert!(got.iter().all(|posted| {
        posted.header("idempotency-key") == got[0].header("idempotency-key")
            && posted.header("x-tillwatch-signature")
                == Some(webhook::signature("segredo", posted.body.as_bytes()))
            && posted.body == got[0].body
    }));
    let body: Value = serde_json::from_str(&got[0].body).unwrap();
    assert_eq!((body["event"].as_str(), &body["alarm"]["id"]), (Some("alarm_opened"), &json!(alarm.id)));
    assert_eq!(body["id"].as_str(), got[0].header("idempotency-key").as_deref());
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let history: AlarmHistory = lucas.get(&format!("/api/v1/alarms/{}", alarm.id)).await.expect(200);
    let last = history.steps.last().unwrap();
    assert_eq!((last.what, last.detail.as_deref()), (AlarmStepKind::Told, Some("127.0.0.1")));
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_falls_before_the_mark_tells_again_under_the_same_key() {
    let receiver = Hook::open(&[None]).await;
    let args = ["--demo", "--alarm-webhook", &receiver.url];
    let server = Server::start(&args).await;
    look(&server).await;
    found(&server, "g1").await;
    // It is sent, and the server is gone before there is an answer.
    tokio::select! {
        _ = round(&server.running.app) => panic!("nobody has answered"),
        () = receiver.arrived.notified() => {}
    }
    let dir = server.stop().await;
    let server = Server::open(dir, &args, clock()).await;
    look(&server).await;
    look(&server).await;
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].body, got[1].body);
    assert_eq!(got[0].header("idempotency-key"), got[1].header("idempotency-key"));
    server.stop().await;
}

/// In a group the next server would tell it again.
#[tokio::test]
async fn who_stops_waits_for_those_who_are_being_told() {
    let receiver = Hook::open(&[]).await;
    let server = Server::start(&["--demo", "--alarm-webhook", &receiver.url]).await;
    look(&server).await;
    let alarm = found(&server, "g1").await;
    receiver.holds(true);
    let app = server.running.app.clone();
    let mut telling = pin!(round(&app));
    tokio::select! {
        _ = &mut telling => panic!("nobody has answered"),
        () = receiver.arrived.notified() => {}
    }
    let mut resting = pin!(app.told.as_ref().unwrap().rest(Duration::from_mins(1)));
    tokio::select! {
        biased;
        () = &mut resting => panic!("somebody is still being told"),
        () = tokio::task::yield_now() => {}
    }
    found(&server, "g2").await;
    receiver.holds(false);
    let (told, ()) = tokio::join!(telling, resting);
    told.unwrap();
    look(&server).await;
    assert_eq!(receiver.got().len(), 1, "it tells nothing more");
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let history: AlarmHistory = lucas.get(&format!("/api/v1/alarms/{}", alarm.id)).await.expect(200);
    assert_eq!(history.steps.last().map(|step| step.what), Some(AlarmStepKind::Told));
    server.stop().await;
}

#[tokio::test]
async fn the_second_stage_is_told_where_nobody_acknowledges() {
    let (first, second) = (Hook::open(&[]).await, Hook::open(&[]).await);
    let args = [
        "--demo",
        "--alarm-webhook",
        &first.url,
        "--alarm-escalation",
        &second.url,
        "--alarm-escalate-minutes",
        "5",
    ];
    let server = Server::start(&args).await;
    look(&server).await;
    let (forgotten, seen, over) =
        (found(&server, "g1").await, found(&server, "g2").await, found(&server, "g3").await);
    look(&server).await;
    assert_eq!((first.got().len(), second.got().len()), (3, 0));
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let told = json!({ "reason": "porta aberta", "action": "porta fechada" });
    assert_eq!(lucas.post(&format!("/api/v1/alarms/{}/acknowledgement", seen.id), &told).await.status, 200);
    let app = &server.running.app;
    let clear = Payload::ClearAlarm(ClearAlarm { alarm_id: over.id, ended_at: app.now(), worst: None });
    app.server_command(CommandId::now(), None, app.now(), clear).await.unwrap();
    server.clock.advance(5 * MINUTE - 1);
    look(&server).await;
    assert!(second.got().is_empty());
    server.clock.advance(1);
    look(&server).await;
    look(&server).await;
    let [Posted { body, .. }] = second.got().try_into().unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (body["event"].as_str(), &body["alarm"]["id"]),
        (Some("alarm_escalated"), &json!(forgotten.id))
    );
    assert_eq!(first.got().len(), 3);
    server.stop().await;
}

#[tokio::test]
async fn in_a_quiet_time_nobody_is_told_before_its_end() {
    let receiver = Hook::open(&[]).await;
    let server = Server::start(&["--demo", "--alarm-webhook", &receiver.url]).await;
    look(&server).await;
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let rules: Vec<AlarmRule> = lucas.get("/api/v1/alarm-rules").await.expect(200);
    let store: StoreId = rules[0].settings.store_id.unwrap();
    let until = server.clock.now().plus(10 * MINUTE);
    let quiet = json!({ "store_id": store, "reason": "degelo", "until": until });
    let path = format!("/api/v1/quiet-times/{}", QuietTimeId::now());
    lucas.put(&path, &quiet).await.expect::<QuietTime>(200);
    let (stays, ends) = (found(&server, "g1").await, found(&server, "g2").await);
    assert!(stays.quiet);
    server.clock.advance(9 * MINUTE);
    look(&server).await;
    assert!(receiver.got().is_empty());
    let app = &server.running.app;
    let clear = Payload::ClearAlarm(ClearAlarm { alarm_id: ends.id, ended_at: app.now(), worst: None });
    app.server_command(CommandId::now(), None, app.now(), clear).await.unwrap();
    server.clock.advance(MINUTE);
    look(&server).await;
    let [Posted { body, .. }] = receiver.got().try_into().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["alarm"]["id"], json!(stays.id));
    server.stop().await;
}
