//! Batches of readings, sensors and series.

use reqwest::Method;
use serde_json::{Value, json};
use tillwatch_shared::api::RowResult::{Duplicate, Invalid, Stored};
use tillwatch_shared::api::{BatchResult, NewReading, Sensor, SeriesAnswer};
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};
use tillwatch_shared::{SensorId, UtcMicros, compact};

use crate::common::caller::send;
use crate::common::{Answer, Caller, Dice, Server};
use crate::shop::Shop;

const PATH: &str = "/api/v1/readings";

fn reading(sensor: SensorId, temperature: f64, measured_at: UtcMicros) -> NewReading {
    NewReading {
        sensor_id: sensor,
        temperature,
        humidity: 60.0,
        pressure: 1013.25,
        measured_at,
        battery_percent: None,
    }
}

fn text(id: &str) -> SensorId {
    SensorId::Text(id.to_owned())
}

async fn send_json(device: &Caller, readings: &[NewReading]) -> Answer {
    device.post(PATH, &json!({ "readings": readings })).await
}

async fn send_compact(device: &Caller, readings: &[NewReading]) -> Answer {
    device.post_bytes(PATH, compact::MEDIA_TYPE, compact::encode(readings).unwrap()).await
}

async fn series(caller: &Caller, query: &str, from: UtcMicros, to: UtcMicros) -> SeriesAnswer {
    caller.get(&format!("/api/v1/series?{query}&from={from}&to={to}")).await.expect(200)
}

#[tokio::test]
async fn each_row_of_a_batch_says_what_became_of_it() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let (caller, _) = server.caller().sign_in("lucas", "1234").await;
    let now = server.clock.now();
    let rows = [
        reading(text("a"), 4.0, now.plus(-HOUR)),
        reading(SensorId::Number(7), 5.0, now.plus(-HOUR)),
        reading(text("a"), 9.0, now.plus(-HOUR)),
        reading(text("a"), 4.5, now.plus(-2 * HOUR)),
        reading(text("a"), 4.0, UtcMicros(-1)),
        reading(text(" a"), 4.0, now),
        reading(text("a"), f64::NAN, now),
    ];
    // JSON has no NaN; the compact form has.
    let result: BatchResult = send_json(&device, &rows[..6]).await.expect(200);
    assert_eq!(result.rows, [Stored, Stored, Duplicate, Stored, Invalid, Invalid]);
    assert_eq!((result.stored, result.duplicate, result.refused), (3, 1, 2));
    // ` a` cannot be written in the compact form's table.
    let compact_rows = [&rows[..5], &rows[6..]].concat();
    let again: BatchResult = send_compact(&device, &compact_rows).await.expect(200);
    assert_eq!(again.rows, [Duplicate, Duplicate, Duplicate, Duplicate, Invalid, Invalid]);

    let kept = series(&caller, "sensors=a,7&points=100", now.plus(-3 * HOUR), now).await;
    assert_eq!(kept.series.iter().map(|series| series.count.iter().sum::<u32>()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(kept.series[0].temperature.max, [4.5, 4.0], "the first one stays");
    server.stop().await;
}

#[tokio::test]
async fn a_backlog_of_ten_thousand() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let from = server.clock.now().plus(-10 * HOUR);
    let backlog: Vec<NewReading> = (0..10_000)
        .map(|second| reading(text("poço"), (second % 700) as f64 / 10.0, from.plus(second * SECOND)))
        .collect();
    let result: BatchResult = send_json(&device, &backlog).await.expect(200);
    assert_eq!((result.stored, result.rows.len()), (10_000, 10_000));
    let result: BatchResult = send_compact(&device, &backlog).await.expect(200);
    assert_eq!((result.stored, result.duplicate), (0, 10_000), "sent again, in the other form");
    let mut more = backlog.clone();
    more.push(reading(text("poço"), 1.0, from.plus(-1)));
    send_json(&device, &more).await.problem(422, "bad_reading");
    send_compact(&device, &more).await.problem(400, "malformed_request");
    assert_eq!(server.running.app.telemetry.stats().stored, 10_000);
    let empty: BatchResult = send_json(&device, &[]).await.expect(200);
    assert_eq!(empty.rows, []);
    server.stop().await;
}

#[tokio::test]
async fn a_batch_that_cannot_be_read_is_refused_whole() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let good = json!({ "sensor_id": "a", "temperature": 4, "humidity": 60, "pressure": 1013, "measured_at": "2026-06-15T12:00:00Z" });
    let with = |field: &str, value: Value| {
        let mut bad = good.clone();
        bad[field] = value;
        json!({ "readings": [good.clone(), bad] })
    };
    for body in [
        with("temperature", json!("4")),
        with("humidity", json!(null)),
        with("measured_at", json!(1_750_000_000)),
        with("measured_at", json!("15/06/2026")),
        with("sensor_id", json!(1.5)),
        with("unknown", json!(1)),
        json!({ "readings": good }),
        json!({ "rows": [good] }),
        json!([good]),
    ] {
        device.post(PATH, &body).await.problem(400, "malformed_request");
    }
    let bytes = compact::encode(&[reading(text("a"), 4.0, server.clock.now())]).unwrap();
    for bad in [&bytes[..bytes.len() - 1], &bytes[..3], &[], &[&b"XXXX"[..], &bytes[4..]].concat()] {
        device.post_bytes(PATH, compact::MEDIA_TYPE, bad.to_vec()).await.problem(400, "malformed_request");
    }
    for key in ["wrong", ""] {
        let stranger = server.caller().device(key);
        stranger.post(PATH, &json!({ "readings": [good] })).await.problem(401, "bad_api_key");
    }
    server.caller().post(PATH, &json!({ "readings": [good] })).await.problem(401, "bad_api_key");
    assert_eq!(server.running.app.telemetry.stats().stored, 0);
    server.stop().await;
}

#[tokio::test]
async fn a_series_keeps_every_extreme() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let (caller, _) = server.caller().sign_in("lucas", "1234").await;
    let from = server.clock.now().plus(-2 * HOUR);
    let mut dice = Dice::new(7);
    let mut values: Vec<f64> = (0..7200).map(|_| dice.between(20, 80) as f64 / 10.0).collect();
    values[1234] = 55.5;
    values[4321] = -33.3;
    let rows: Vec<NewReading> = values
        .iter()
        .zip(0..)
        .map(|(v, second)| reading(text("g"), *v, from.plus(second * SECOND)))
        .collect();
    send_compact(&device, &rows).await.expect::<BatchResult>(200);
    for points in [1, 10, 120, 5000] {
        let answer = series(&caller, &format!("sensors=g&points={points}"), from, from.plus(2 * HOUR)).await;
        let found = &answer.series[0];
        // The first and the last bucket may reach beyond the range.
        assert!(found.count.len() <= points + 1, "{} for {points}", found.count.len());
        assert_eq!(found.count.iter().sum::<u32>(), 7200);
        let fold = |values: &[f64], pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick).unwrap();
        assert!((fold(&found.temperature.min, f64::min) + 33.3).abs() < 1e-9, "{points}");
        assert!((fold(&found.temperature.max, f64::max) - 55.5).abs() < 1e-9, "{points}");
        for (start, count) in found.start_micros.iter().zip(&found.count) {
            let own =
                rows.iter().filter(|row| (*start..start + answer.step_micros).contains(&row.measured_at.0));
            assert_eq!(own.count(), *count as usize);
        }
    }
    // The same buckets go on where a chart left off.
    let by_step = series(&caller, &format!("sensors=g&step_micros={MINUTE}"), from, from.plus(HOUR)).await;
    assert_eq!((by_step.step_micros, by_step.series[0].count.len()), (MINUTE, 60));
    let mean = values[..60].iter().sum::<f64>() / 60.0;
    assert!((by_step.series[0].temperature.mean[0] - mean).abs() < 1e-9);
    server.stop().await;
}

#[tokio::test]
async fn series_that_make_no_sense_are_refused() {
    let server = Server::demo().await;
    let (caller, _) = server.caller().sign_in("lucas", "1234").await;
    let range = "from=2026-06-15T00:00:00Z&to=2026-06-15T12:00:00Z";
    let many = vec!["geladeira-1"; 65].join(",");
    for (query, status) in [
        (format!("sensors=geladeira-1&{range}&points=0"), 400),
        (format!("sensors=geladeira-1&{range}&points=5001"), 400),
        (format!("sensors=geladeira-1&{range}&points=5&step_micros=5"), 400),
        (format!("sensors=geladeira-1&{range}&step_micros=0"), 400),
        (format!("sensors=geladeira-1&{range}&step_micros=1"), 400),
        (format!("sensors={many}&{range}"), 400),
        (format!("sensors=&{range}"), 400),
        (format!("sensors=nope&{range}"), 404),
        ("sensors=geladeira-1&from=2026-06-15T12:00:00Z&to=2026-06-15T00:00:00Z".into(), 400),
        ("sensors=geladeira-1&from=yesterday&to=today".into(), 400),
        ("sensors=geladeira-1".into(), 400),
    ] {
        let answer = caller.get(&format!("/api/v1/series?{query}")).await;
        answer.any_problem();
        assert_eq!(answer.status, status, "{query}");
    }
    server.stop().await;
}

#[tokio::test]
async fn sensors_are_sent_again_when_something_about_them_is_new() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let (caller, _) = server.caller().sign_in("lucas", "1234").await;
    let unless = async |tag: &str| {
        let answer = send(caller.request(Method::GET, "/api/v1/sensors").header("if-none-match", tag)).await;
        (answer.status, answer.header("etag").unwrap().to_owned())
    };
    let (status, first) = unless("\"x\"").await;
    assert_eq!((status, unless(&first).await), (200, (304, first.clone())));
    let now = server.clock.now();
    send_json(&device, &[reading(text("a"), 4.0, now)]).await.expect::<BatchResult>(200);
    let (status, measured) = unless(&first).await;
    assert_eq!(status, 200);
    assert_eq!(unless(&measured).await, (304, measured.clone()));
    let store = server.caller().sign_in("lucas", "1234").await.1.stores[0].id;
    let named = json!({ "name": "Geladeira", "store_id": store, "kind": "fridge" });
    caller.put("/api/v1/sensors/a", &named).await.expect::<Sensor>(200);
    assert_eq!(unless(&measured).await.0, 200);
}

#[tokio::test]
async fn sensors_are_named_and_belong_to_a_store() {
    let shop = Shop::open().await;
    let key: Value = shop
        .manager
        .post("/api/v1/api-keys", &json!({ "name": "k", "scopes": ["write_readings"] }))
        .await
        .expect(201);
    let device = shop.nobody.device(key["secret"].as_str().unwrap());
    let now = shop.server.clock.now();
    let rows = [
        reading(text("g1"), 4.0, now.plus(-SECOND)),
        reading(text("g1"), 5.0, now.plus(-MINUTE)),
        reading(SensorId::Number(9), 6.0, now),
    ];
    send_json(&device, &rows).await.expect::<BatchResult>(200);
    let listed: Vec<Sensor> = shop.seller.get("/api/v1/sensors").await.expect(200);
    assert_eq!(
        listed.iter().map(|sensor| &sensor.id).collect::<Vec<_>>(),
        [&SensorId::Number(9), &text("g1")]
    );
    let newest = listed[1].last.as_ref().unwrap();
    assert_eq!(newest.measured_at, now.plus(-SECOND), "the newest by its own clock");
    assert!(listed.iter().all(|sensor| sensor.store_id.is_none()));

    let settings = json!({ "name": "Geladeira 1", "store_id": shop.a, "kind": "fridge", "low_celsius": 2, "high_celsius": 8 });
    let named: Sensor = shop.manager.put("/api/v1/sensors/g1", &settings).await.expect(200);
    assert_eq!(
        (named.name.as_str(), named.store_id, named.high_celsius),
        ("Geladeira 1", Some(shop.a), Some(8.0))
    );
    let range = (now.plus(-HOUR), now.plus(1));
    assert_eq!(
        series(&shop.seller, "sensors=g1", range.0, range.1).await.series[0].count.iter().sum::<u32>(),
        2
    );
    // Other people's fridges are not to be seen.
    let listed: Vec<Sensor> = shop.stranger.get("/api/v1/sensors").await.expect(200);
    assert_eq!(listed.iter().map(|sensor| &sensor.id).collect::<Vec<_>>(), [&SensorId::Number(9)]);
    let path = format!("/api/v1/series?sensors=g1&from={}&to={}", range.0, range.1);
    shop.stranger.get(&path).await.problem(404, "unknown_sensor");

    let tip = shop.server.tip();
    shop.seller.put("/api/v1/sensors/g1", &settings).await.problem(403, "role_not_allowed");
    let mut elsewhere = settings.clone();
    elsewhere["store_id"] = json!(shop.b);
    shop.manager.put("/api/v1/sensors/g1", &elsewhere).await.problem(403, "store_not_allowed");
    for (field, bad, named) in [
        ("low_celsius", json!(9), "low_celsius"),
        ("low_celsius", json!(-300), "low_celsius"),
        ("high_celsius", json!(1001), "high_celsius"),
        ("name", json!(""), "name"),
    ] {
        let mut wrong = settings.clone();
        wrong[field] = bad;
        assert_eq!(
            shop.manager.put("/api/v1/sensors/g1", &wrong).await.problem(400, "invalid_value")["field"],
            named
        );
    }
    for bad in ["a%2Cb", "%20a", "%00", &"x".repeat(65)] {
        let answer = shop.manager.put(&format!("/api/v1/sensors/{bad}"), &settings).await;
        answer.any_problem();
        assert!((400..500).contains(&answer.status), "{bad}: {}", answer.status);
    }
    assert_eq!(shop.server.tip(), tip);
    shop.server.stop().await;
}
