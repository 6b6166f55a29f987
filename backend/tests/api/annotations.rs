//! Annotations: late ones, overlapping ones, who may take them back, and where they show.

use serde_json::{Value, json};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Annotation, AnnotationKind, Changes, Event, TemperatureSheet};
use tillwatch_shared::time::{DAY, HOUR};

use crate::common::inside::prove;
use crate::shop::Shop;
use crate::watching::Watched;

const PATH: &str = "/api/v1/sensors/g1/annotations";

fn body(kind: &str, from: UtcMicros, to: Option<UtcMicros>) -> Value {
    json!({ "kind": kind, "from": from, "to": to })
}

async fn between(shop: &Shop, from: UtcMicros, to: UtcMicros) -> Vec<Annotation> {
    shop.seller.get(&format!("{PATH}?from={from}&to={to}")).await.expect(200)
}

#[tokio::test]
async fn what_is_noted_late_and_twice_is_told_by_its_time() {
    let watched = Watched::open().await;
    let shop = &watched.shop;
    let now = watched.at(0);
    let at = |hours: i64| now.plus(hours * HOUR);
    let defrost: Annotation =
        shop.seller.post(PATH, &body("defrost", at(-5), Some(at(-3)))).await.expect(201);
    let mut door = body("other", at(-400), Some(at(-390)));
    door["text"] = json!("falta de luz");
    let power: Annotation = shop.manager.post(PATH, &door).await.expect(201);
    let door: Annotation = shop.seller.post(PATH, &body("door", at(-4), None)).await.expect(201);
    assert_eq!((door.kind, door.from, door.to), (AnnotationKind::Door, at(-4), at(-4)));
    assert_eq!(power.text.as_deref(), Some("falta de luz"));
    let all: Vec<Annotation> = shop.seller.get(PATH).await.expect(200);
    assert_eq!(all, [power.clone(), defrost.clone(), door.clone()], "oldest first");
    assert_eq!(between(shop, at(-4), at(0)).await, [defrost.clone(), door.clone()], "what touches the time");
    assert_eq!(between(shop, at(-6), at(-5)).await, [], "the end is not included");
    assert_eq!(between(shop, at(-395), at(-394)).await, [power]);

    let month = at(-5).timestamp().strftime("%Y-%m").to_string();
    let path = format!("/api/v1/sensors/g1/temperature-sheet?month={month}");
    let sheet: TemperatureSheet = shop.seller.get(&path).await.expect(200);
    assert!(sheet.annotations.contains(&defrost), "{:?}", sheet.annotations);
    let file = shop.seller.get(&format!("{path}&format=csv&part=series")).await;
    let lines: Vec<String> = file.text().lines().map(str::to_owned).collect();
    assert!(lines[0].contains(";Da faixa ou anotação;"), "{lines:?}");
    let of = |kind: &str| lines.iter().position(|line| line.contains(kind)).unwrap();
    assert!(lines[of("degelo")].ends_with(";120;degelo;;vendedora;"), "{lines:?}");
    assert!(of("degelo") < of("porta aberta"), "by their times: {lines:?}");
    let changes: Changes = shop.seller.get("/api/v1/changes?after=0&limit=1000").await.expect(200);
    assert_eq!(changes.changes.last().map(|change| change.event.clone()), Some(Event::AnnotationAdded(door)));
    prove(&shop.server.ledger_file());
    watched.close().await;
}

#[tokio::test]
async fn a_note_is_taken_back_by_its_author_or_a_manager() {
    let watched = Watched::open().await;
    let shop = &watched.shop;
    let now = watched.at(0);
    let note = body("cleaning", now, None);
    let own: Annotation = shop.seller.post(PATH, &note).await.expect(201);
    let others: Annotation = shop.manager.post(PATH, &note).await.expect(201);
    let path = |note: &Annotation| format!("/api/v1/annotations/{}/withdrawal", note.id);
    let why = json!({ "reason": "outro dia" });
    shop.seller.post(&path(&others), &why).await.problem(403, "role_not_allowed");
    shop.seller.post(&path(&own), &json!({ "reason": " " })).await.problem(400, "invalid_value");
    let gone: Annotation = shop.seller.post(&path(&own), &why).await.expect(200);
    assert_eq!(gone.withdrawn_because.as_deref(), Some("outro dia"));
    shop.manager.post(&path(&own), &why).await.problem(404, "unknown_annotation");
    assert_eq!(shop.seller.get(PATH).await.expect::<Vec<Annotation>>(200), [others]);
    prove(&shop.server.ledger_file());
    watched.close().await;
}

#[tokio::test]
async fn what_is_no_note_is_refused() {
    let watched = Watched::open().await;
    let shop = &watched.shop;
    let now = watched.at(0);
    for (note, field) in [
        (body("other", now, None), "text"),
        (body("door", now, Some(now.plus(-1))), "to"),
        (body("door", now, Some(now.plus(31 * DAY + 1))), "to"),
        (body("door", UtcMicros(-1), None), "from"),
    ] {
        let told = shop.seller.post(PATH, &note).await.problem(400, "invalid_value");
        assert_eq!(told["field"], json!(field));
    }
    shop.seller
        .post(&PATH.replace("g1", "g9"), &body("door", now, None))
        .await
        .problem(404, "unknown_sensor");
    assert!(shop.seller.get(PATH).await.expect::<Vec<Annotation>>(200).is_empty());
    watched.close().await;
}
