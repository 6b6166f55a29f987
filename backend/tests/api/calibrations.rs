//! Calibrations: who may set them, what they change for people and alarms, and what they leave as it was.

use std::slice;

use serde_json::{Value, json};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    AlarmKind, Calibration, Changes, Event, Sensor, SeriesAnswer, TemperatureSheet, Thing,
};
use tillwatch_shared::time::{HOUR, MINUTE};

use crate::common::inside::prove;
use crate::watching::Watched;

const PATH: &str = "/api/v1/sensors/g1/calibrations";

fn body(from: UtcMicros, offset: f64) -> Value {
    json!({ "from": from, "offset_celsius": offset, "certificate": "123/2026", "issued_on": "2026-05-04" })
}

async fn series(watched: &Watched) -> SeriesAnswer {
    let (from, to) = (watched.at(-HOUR / MINUTE), watched.at(60));
    let path = format!("/api/v1/series?sensors=g1&from={from}&to={to}&step_micros={}", 60 * MINUTE);
    watched.shop.seller.get(&path).await.expect(200)
}

#[tokio::test]
async fn readings_are_told_corrected_and_kept_raw() {
    let watched = Watched::open().await;
    let shop = &watched.shop;
    watched.send(&[(-30, 5.0), (-20, 6.0), (-10, 7.0)]).await;
    let set: Calibration = shop.manager.post(PATH, &body(watched.at(-20), -0.4)).await.expect(201);
    assert_eq!((set.offset_celsius, set.certificate.as_str()), (-0.4, "123/2026"));
    assert_eq!(shop.seller.get(PATH).await.expect::<Vec<Calibration>>(200), slice::from_ref(&set));

    // One bucket, cut at the calibration's moment: 5, 5.6 and 6.6.
    let found = series(&watched).await.series.remove(0);
    assert_eq!((found.temperature.min[0], found.temperature.max[0]), (5.0, 6.6));
    assert!((found.temperature.mean[0] - (5.0 + 5.6 + 6.6) / 3.0).abs() < 1e-5);
    let raw = found.raw_temperature.unwrap();
    assert_eq!((raw.min[0], raw.max[0], raw.mean[0]), (5.0, 7.0, 6.0));
    let sensors: Vec<Sensor> = shop.seller.get("/api/v1/sensors").await.expect(200);
    let last = sensors[0].last.clone().unwrap();
    assert_eq!((last.temperature, last.raw_temperature), (6.6, Some(7.0)));

    // The same moment again takes its place, and a withdrawal leaves what there was before.
    let again: Calibration = shop.manager.post(PATH, &body(watched.at(-20), 1.0)).await.expect(201);
    assert_eq!(series(&watched).await.series[0].temperature.max, [8.0]);
    assert_eq!(shop.manager.get(PATH).await.expect::<Vec<Calibration>>(200), [again]);
    let gone = json!({ "from": watched.at(-20), "reason": "outro termômetro" });
    let gone: Calibration = shop.manager.post(&format!("{PATH}/withdrawal"), &gone).await.expect(200);
    assert_eq!(gone.withdrawn_because.as_deref(), Some("outro termômetro"));
    let found = series(&watched).await.series.remove(0);
    assert_eq!((found.temperature.max[0], found.raw_temperature), (7.0, None));
    let changes: Changes = shop.seller.get("/api/v1/changes?after=0&limit=1000").await.expect(200);
    let told = changes
        .changes
        .iter()
        .filter(|change| matches!(change.event.set_up(), Some((_, Thing::Calibration(_)))));
    assert_eq!(told.count(), 3, "whoever sees the sensor is told");
    let last = changes.changes.last().map(|change| change.event.clone());
    assert!(matches!(last, Some(Event::CalibrationWithdrawn(one)) if one == gone));
    prove(&shop.server.ledger_file());
    watched.close().await;
}

#[tokio::test]
async fn what_is_no_calibration_is_refused() {
    let watched = Watched::open().await;
    let shop = &watched.shop;
    let at = watched.at(0);
    let with = |field: &str, value: Value| {
        let mut body = body(at, 0.5);
        body[field] = value;
        body
    };
    for (field, value) in [
        ("offset_celsius", json!(100.5)),
        ("offset_celsius", json!(-101)),
        ("certificate", json!("  ")),
        ("issued_on", json!("1969-12-31")),
        ("from", json!("2201-01-01T00:00:00Z")),
    ] {
        let told = shop.manager.post(PATH, &with(field, value)).await.problem(400, "invalid_value");
        assert_eq!(told["field"], json!(field));
    }
    shop.seller.post(PATH, &body(at, 0.5)).await.problem(403, "role_not_allowed");
    let other = PATH.replace("g1", "g9");
    shop.manager.post(&other, &body(at, 0.5)).await.problem(404, "unknown_sensor");
    shop.seller.get(&other).await.problem(404, "unknown_sensor");
    let nothing = json!({ "from": at, "reason": "engano" });
    let path = format!("{PATH}/withdrawal");
    shop.manager.post(&path, &nothing).await.problem(404, "unknown_calibration");
    assert!(shop.manager.get(PATH).await.expect::<Vec<Calibration>>(200).is_empty());
    watched.close().await;
}

#[tokio::test]
async fn alarms_judge_what_is_corrected_and_recorded_ones_stay() {
    let mut watched = Watched::open().await;
    // Out of the band for longer than the delay of ten minutes: an alarm of 8.2 °C.
    for minute in [0, 5, 11] {
        watched.hear(minute, 8.2).await;
    }
    let before = watched.alarms("");
    assert_eq!((before.len(), before[0].kind, before[0].worst), (1, AlarmKind::High, Some(8.2)));
    watched.shop.manager.post(PATH, &body(watched.at(-60), -1.0)).await.expect::<Calibration>(201);
    watched.look().await;
    assert_eq!(watched.alarms(""), before, "setting a calibration moves no recorded alarm");
    // What comes now is 7.2 °C, and inside.
    watched.hear(12, 8.2).await;
    let after = watched.alarms("");
    assert_eq!((after.len(), after[0].began_at, after[0].worst), (1, before[0].began_at, Some(8.2)));
    assert_eq!(after[0].ended_at, Some(watched.at(12)));
    for minute in [13, 20, 40] {
        watched.hear(minute, 8.2).await;
    }
    assert_eq!(watched.alarms("").len(), 1);
    // 9.1 °C is 8.1.
    for minute in [41, 52] {
        watched.hear(minute, 9.1).await;
    }
    let found = watched.alarms("open=true");
    assert_eq!((found.len(), found[0].worst), (1, Some(8.1)));
    watched.close().await;
}

#[tokio::test]
async fn the_sheet_goes_by_the_calibration_and_names_it() {
    let watched = Watched::open().await;
    let shop = &watched.shop;
    watched.send(&[(-90, 8.2), (-60, 8.2), (-30, 8.2)]).await;
    for (minute, offset) in [(-3_000_000, 0.0), (-2_000_000, 0.1), (-60, -0.4)] {
        shop.manager.post(PATH, &body(watched.at(minute), offset)).await.expect::<Calibration>(201);
    }
    let month = watched.at(-60).timestamp().strftime("%Y-%m").to_string();
    let path = format!("/api/v1/sensors/g1/temperature-sheet?month={month}");
    let sheet: TemperatureSheet = shop.seller.get(&path).await.expect(200);
    assert_eq!((sheet.min_celsius, sheet.max_celsius), (Some(7.8), Some(8.3)));
    let counting: Vec<f64> = sheet.calibrations.iter().map(|one| one.offset_celsius).collect();
    assert_eq!(counting, [0.1, -0.4], "not the one that was over before the month");
    let book = shop.seller.get(&format!("{path}&format=xlsx")).await;
    let texts = crate::reports::unpacked(&book.bytes, "xl/sharedStrings.xml");
    assert!(texts.contains("Calibração: -0,400 °C, certificado 123/2026 de 04/05/2026, desde "), "{texts}");
    let [excursion] = &sheet.excursions[..] else { panic!("{:?}", sheet.excursions) };
    assert_eq!((excursion.peak_celsius, excursion.end), (8.3, Some(watched.at(-60))));
    watched.close().await;
}
