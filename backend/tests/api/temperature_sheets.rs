//! The monthly temperature sheet: its figures against what was sent, its files, and who may have it.

use serde_json::json;
use tillwatch_server::domain::Payload;
use tillwatch_server::domain::alarms::OpenAlarm;
use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmSubject, BandSide, BatchResult, Measure, NewReading, Sensor, Severity, Shift,
    TemperatureSheet,
};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{AlarmId, AlarmRuleId, CommandId, SensorId, UtcMicros};

use crate::shop::Shop;

const PATH: &str = "/api/v1/sensors/g1/temperature-sheet?month=2026-06";

fn at(text: &str) -> UtcMicros {
    text.parse().unwrap()
}

/// A fridge in store A, and its readings.
async fn fridge(shop: &Shop, readings: &[(UtcMicros, f64)]) {
    let settings =
        json!({ "name": "Geladeira 1", "store_id": shop.a, "low_celsius": 2.0, "high_celsius": 8.0 });
    shop.manager.put("/api/v1/sensors/g1", &settings).await.expect::<Sensor>(200);
    let key = json!({ "name": "k", "scopes": ["write_readings"], "sensors": ["g1"] });
    let issued: serde_json::Value = shop.admin.post("/api/v1/api-keys", &key).await.expect(201);
    let device = shop.nobody.device(issued["secret"].as_str().unwrap());
    let rows: Vec<NewReading> = readings
        .iter()
        .map(|&(measured_at, temperature)| NewReading {
            sensor_id: SensorId::Text("g1".to_owned()),
            temperature,
            humidity: 60.0,
            pressure: 1013.0,
            measured_at,
            battery_percent: None,
        })
        .collect();
    let stored: BatchResult = device.post("/api/v1/readings", &json!({ "readings": rows })).await.expect(200);
    assert_eq!(stored.stored as usize, rows.len());
}

/// Every 5 minutes from 10:00 to 12:00 UTC of 13 June: 5 °C, but 9 to 9.5 °C from 10:30 to 10:50.
fn morning() -> Vec<(UtcMicros, f64)> {
    let from = at("2026-06-13T10:00:00Z");
    let value = |step: i64| match step {
        6 => 9.0,
        7..10 => 9.5,
        _ => 5.0,
    };
    (0..24).map(|step| (from.plus(step * 5 * MINUTE), value(step))).collect()
}

#[tokio::test]
async fn the_sheet_tells_what_was_measured() {
    let shop = Shop::open().await;
    let mut readings = morning();
    // Midnight of the store's zone is 03:00 UTC: the last minute of May, and the first of June.
    readings.extend([(at("2026-06-01T02:59:00Z"), 30.0), (at("2026-06-01T03:00:00Z"), 4.0)]);
    fridge(&shop, &readings).await;
    let sheet: TemperatureSheet =
        shop.seller.get(&format!("{PATH}&responsible=Farmac%C3%AAutica%20CRF%201234")).await.expect(200);
    assert_eq!((sheet.sensor_name.as_str(), sheet.store_name.as_str()), ("Geladeira 1", "Loja A"));
    assert_eq!(sheet.responsible.as_deref(), Some("Farmacêutica CRF 1234"));
    assert_eq!((sheet.readings, sheet.days.len()), (25, 2));
    assert_eq!((sheet.min_celsius, sheet.max_celsius), (Some(4.0), Some(9.5)));
    // 25 minutes: one of 4, one of 9, three of 9.5, twenty of 5.
    let mean = (4.0 + 9.0 + 3.0 * 9.5 + 20.0 * 5.0) / 25.0;
    assert!((sheet.mean_celsius.unwrap() - mean).abs() < 1e-9);
    assert!(sheet.mean_kinetic_celsius.unwrap() > mean);

    let [shift] = &sheet.days[1].shifts[..] else { panic!("{:?}", sheet.days) };
    // 11:00 UTC is 8:00 at the store.
    assert_eq!((shift.shift, shift.at), (Shift::Morning, at("2026-06-13T11:00:00Z")));
    assert_eq!((shift.current_celsius, shift.min_celsius, shift.max_celsius), (5.0, 5.0, 9.5));
    let [excursion] = &sheet.excursions[..] else { panic!("{:?}", sheet.excursions) };
    assert_eq!((excursion.side, excursion.peak_celsius), (BandSide::High, 9.5));
    assert_eq!(
        (excursion.start, excursion.end),
        (at("2026-06-13T10:30:00Z"), Some(at("2026-06-13T10:50:00Z")))
    );
    assert_eq!(excursion.seconds, 20 * 60);
    // From 1 June 00:00 to 15 June 12:01 at the store there are 348 whole hours; three have a reading.
    assert_eq!(sheet.silent_hours, 345);

    let may: TemperatureSheet = shop.seller.get(&PATH.replace("06", "05")).await.expect(200);
    assert_eq!((may.readings, may.excursions.len()), (1, 1));
    assert_eq!(may.excursions[0].end, None, "nothing came after it that month");
    let empty: TemperatureSheet = shop.seller.get(&PATH.replace("06", "04")).await.expect(200);
    assert_eq!((empty.readings, empty.min_celsius, empty.mean_kinetic_celsius), (0, None, None));
    assert_eq!(empty.silent_hours, 30 * 24);
    shop.server.stop().await;
}

#[tokio::test]
async fn the_sheet_as_files() {
    let shop = Shop::open().await;
    fridge(&shop, &morning()).await;
    let days = shop.manager.get(&format!("{PATH}&format=csv")).await;
    assert_eq!(
        days.text(),
        "\u{feff}Dia;Turno;Hora;Atual (°C);Mínima (°C);Máxima (°C);Rubrica;Ação tomada\r\n\
         13/06/2026;manhã;08:00;5,0;5,0;9,5;;\r\n\
         Mês;média;;5,7;5,0;9,5;;\r\n"
    );
    let request = shop.manager.request(reqwest::Method::GET, &format!("{PATH}&format=csv&part=series"));
    let excursions = crate::common::caller::send(request.header("accept-language", "en")).await;
    assert_eq!(
        excursions.text(),
        "\u{feff}Start;End;Duration (min);Of the band;Peak (°C);Who;Action taken\r\n\
         2026-06-13 07:30;2026-06-13 07:50;20;above;9.5;;\r\n\
         Total;;20;;;;\r\n"
    );
    let book = shop.manager.get(&format!("{PATH}&format=xlsx")).await;
    let name = book.header("content-disposition").unwrap().to_owned();
    assert_eq!(name, "attachment; filename=\"tillwatch-temperature-2026-06.xlsx\"");
    let texts = crate::reports::unpacked(&book.bytes, "xl/sharedStrings.xml");
    for text in [
        "Folha de temperatura, 06/2026: Geladeira 1",
        "Estabelecimento: Loja A",
        "Faixa: 2,0 °C a 8,0 °C",
        "83,144 kJ/mol",
    ] {
        assert!(texts.contains(text), "{text}: {texts}");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn only_for_people_of_the_store_and_months_that_have_begun() {
    let shop = Shop::open().await;
    fridge(&shop, &morning()).await;
    shop.nobody.get(PATH).await.problem(401, "not_signed_in");
    shop.stranger.get(PATH).await.problem(404, "unknown_sensor");
    shop.seller.get(&PATH.replace("g1", "g2")).await.problem(404, "unknown_sensor");
    for bad in ["2026-07", "2026-6", "2026-13", "2026-00", "1969-12", "2026-06-01", "06/2026", "", "-999-06"]
    {
        shop.seller.get(&PATH.replace("2026-06", bad)).await.problem(400, "malformed_request");
    }
    let long = "x".repeat(121);
    shop.seller.get(&format!("{PATH}&responsible={long}")).await.problem(400, "invalid_value");
    shop.server.stop().await;
}

#[tokio::test]
async fn the_sheet_says_what_was_done() {
    let shop = Shop::open().await;
    fridge(&shop, &morning()).await;
    let app = &shop.server.running.app;
    let began_at = at("2026-06-13T10:31:00Z");
    let opened = |kind, measure| {
        Payload::OpenAlarm(OpenAlarm {
            alarm_id: AlarmId::now(),
            rule_id: AlarmRuleId::now(),
            kind,
            measure: Some(measure),
            severity: Severity::Critical,
            store_id: Some(shop.a),
            subject: AlarmSubject::Sensor { sensor_id: SensorId::Text("g1".to_owned()) },
            name: "Geladeira 1".to_owned(),
            limit: Some(8.0),
            worst: Some(9.5),
            began_at,
            fired_at: began_at,
            ended_at: Some(began_at.plus(10 * MINUTE)),
            retroactive: true,
            instructions: None,
        })
    };
    for (kind, measure, action) in [
        (AlarmKind::High, Measure::Humidity, "umidade"),
        (AlarmKind::Low, Measure::Temperature, "frio"),
        (AlarmKind::High, Measure::Temperature, "Vacinas levadas à geladeira 2"),
    ] {
        let receipt =
            app.server_command(CommandId::now(), None, app.now(), opened(kind, measure)).await.unwrap();
        let alarm = Alarm::try_from(receipt.event).unwrap();
        let done = json!({ "reason": "porta aberta", "action": action });
        let path = format!("/api/v1/alarms/{}/acknowledgement", alarm.id);
        shop.manager.post(&path, &done).await.expect::<Alarm>(200);
    }
    let sheet: TemperatureSheet = shop.seller.get(PATH).await.expect(200);
    assert_eq!(sheet.excursions[0].action.as_deref(), Some("Vacinas levadas à geladeira 2"));
    assert_eq!(sheet.excursions[0].person_name.as_deref(), Some("gerente"));
    let days = shop.manager.get(&format!("{PATH}&format=csv")).await;
    assert!(days.text().contains("13/06/2026;manhã;08:00;5,0;5,0;9,5;;Vacinas levadas à geladeira 2\r\n"));
    let file = shop.manager.get(&format!("{PATH}&format=csv&part=series")).await;
    assert!(file.text().contains(";acima;9,5;gerente;Vacinas levadas à geladeira 2\r\n"), "{}", file.text());
    shop.server.stop().await;
}
