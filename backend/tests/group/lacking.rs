//! Servers with other readings than the group's: they sell, and say nothing about sensors until they have a copy.

use std::fs;

use serde_json::{Value, json};
use tillwatch_shared::api::{Alarm, AlarmKind, AlarmRule, GroupStatus, Health, Page, StockEntry, Store};
use tillwatch_shared::{AlarmRuleId, CommandId};

use crate::common::Caller;
use crate::common::goods::{new_product, receipt};
use crate::seats::{Seats, until};

const KEY: &str = "uma chave de aparelho";

async fn of_kind(caller: &Caller, kind: AlarmKind) -> Vec<Alarm> {
    let all: Page<Alarm> = caller.get("/api/v1/alarms?order=newest").await.expect(200);
    all.items.into_iter().filter(|alarm| alarm.kind == kind).collect()
}

/// Of the sensor that is too warm here.
async fn high(caller: &Caller) -> Vec<Alarm> {
    let mut all = of_kind(caller, AlarmKind::High).await;
    all.retain(|alarm| alarm.name == "Geladeira");
    all
}

async fn lack(caller: &Caller) -> Vec<u64> {
    let status: GroupStatus = caller.get("/api/v1/group").await.expect(200);
    status.members.iter().filter(|member| member.lacks_readings).map(|member| member.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_readings_a_server_takes_no_alarm_for_over() {
    let mut seats = Seats::new(3).await;
    seats.settings = vec!["--api-key".to_owned(), KEY.to_owned()];
    seats.start_alone(0);
    let (lucas, session) = seats.callers()[0].sign_in("lucas", "1234").await;
    let stores: Vec<Store> = lucas.get("/api/v1/stores").await.expect(200);
    let sensor =
        json!({ "name": "Geladeira", "store_id": stores[0].id, "low_celsius": 2, "high_celsius": 8 });
    lucas.put("/api/v1/sensors/g1", &sensor).await.expect::<Value>(200);
    let rule = json!({
        "sensor_id": "g1", "store_id": stores[0].id, "severity": "critical",
        "watch": { "kind": "high", "limit": 8.0, "delay_seconds": 0 }
    });
    let path = format!("/api/v1/alarm-rules/{}", AlarmRuleId::now());
    lucas.put(&path, &rule).await.expect::<AlarmRule>(200);
    let send = async |caller: &Caller, celsius: f64| {
        let body = json!({ "temperature": celsius, "humidity": 60.0, "pressure": 1000.0, "sensor_id": "g1" });
        caller.device(KEY).post("/api/temperature_reading", &body).await.expect::<Value>(201);
    };
    send(&seats.callers()[0], 4.0).await;
    seats.stop(0);
    let readings = |place: usize| seats.folder(place).join("telemetry.sqlite");
    let (files, before) = ([0, 1, 2].map(readings), seats.folder(0).join("before.sqlite"));
    fs::copy(&files[0], &before).unwrap();
    seats.start_all();
    seats.all_count().await;
    send(&seats.callers()[2], 20.0).await;
    until("it is too warm", async || !high(&lucas).await.is_empty()).await;
    let warm = high(&lucas).await;
    seats.agree().await;

    // The principal is away, and the two others have files of readings from before there was a group.
    seats.stop_all();
    for file in &files[1..] {
        fs::copy(&before, file).unwrap();
    }
    seats.start_these(&[1, 2]);
    let second = seats.callers()[1].bearer(&session.access_token);
    assert_eq!(lack(&second).await, [2, 3]);
    let health: Health = seats.callers()[1].get("/health/ready").await.expect(200);
    assert_eq!(health.status, "degraded", "{health:?}");
    // Who watches is at work.
    let product = new_product(&second, "Vencido", 500).await;
    let mut entry = receipt(stores[0].id, product.id, 1_000);
    entry["lot"] = json!({ "code": "A", "expires_on": "2020-01-31" });
    second.command("/api/v1/stock-entries", CommandId::now(), &entry).await.expect::<StockEntry>(201);
    until("goods are expired", async || !of_kind(&second, AlarmKind::Expiring).await.is_empty()).await;
    assert_eq!(high(&second).await, warm, "it is not over");

    // With copies of what the first one has it goes on.
    seats.start(0);
    until("all have the readings", async || lack(&second).await.is_empty()).await;
    assert_eq!(high(&second).await, warm);
    send(&seats.callers()[1], 4.0).await;
    until("it is over", async || high(&second).await.iter().all(|alarm| alarm.ended_at.is_some())).await;
    assert_eq!(high(&second).await.len(), 1);
    seats.agree().await;
}
