//! Rules about goods, lots and batteries on the past: what a rehearsal says is what was found at the time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmRule, AlarmSubject, BatchResult, Product, RehearsalLine, Sensor, StockEntry,
    StockLevel,
};
use tillwatch_shared::time::{DAY, HOUR, MINUTE};
use tillwatch_shared::{AlarmRuleId, UtcMicros};

use crate::common::Caller;
use crate::common::dice::Dice;
use crate::common::goods::{all, new_product, receipt, sale};
use crate::shop::PASSWORD;
use crate::watching::Watched;

const SEEDS: u64 = 2;
const DAYS: i64 = 24;
/// Days without anything, so that these begin with what happened last.
const AFTER: i64 = 3;

/// What an alarm is about, when it began and when it ended.
type Told = (String, UtcMicros, Option<UtcMicros>);

fn told(subject: &AlarmSubject, began: UtcMicros, ended: Option<UtcMicros>) -> Told {
    (serde_json::to_string(subject).unwrap(), began, ended)
}

async fn set(manager: &Caller, rule: &Value) {
    manager.put(&format!("/api/v1/alarm-rules/{}", AlarmRuleId::now()), rule).await.expect::<AlarmRule>(200);
}

/// As somebody who has just signed in: these tests last for weeks.
async fn rehearse(watched: &Watched, rule: &Value, days: i64) -> Vec<RehearsalLine> {
    let (manager, _) = watched.shop.nobody.sign_in("gerente", PASSWORD).await;
    rehearsed_for(&manager, rule, days).await
}

pub async fn rehearsed_for(manager: &Caller, rule: &Value, days: i64) -> Vec<RehearsalLine> {
    let body = json!({ "rule": rule, "days": days });
    let answer = manager.post("/api/v1/alarm-rules/rehearsal", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn fired(lines: &[RehearsalLine]) -> Vec<Told> {
    let mut fired: Vec<Told> = lines
        .iter()
        .filter_map(|line| match line {
            RehearsalLine::Alarm { subject, began_at, ended_at, .. } => {
                Some(told(subject, *began_at, *ended_at))
            }
            RehearsalLine::KnownSince { .. }
            | RehearsalLine::Progress { .. }
            | RehearsalLine::Done { .. }
            | RehearsalLine::Failed { .. } => None,
        })
        .collect();
    fired.sort();
    fired
}

/// What was found of this kind at the time, of which something was in these days.
fn found(watched: &Watched, kind: AlarmKind, from: UtcMicros) -> Vec<Told> {
    let of = |alarm: &Alarm| {
        (alarm.kind, alarm.store_id) == (kind, Some(watched.shop.a))
            && alarm.ended_at.is_none_or(|ended| ended > from)
    };
    let alarms = watched.alarms("all");
    let mut found: Vec<Told> = alarms
        .iter()
        .filter(|alarm| of(alarm))
        .map(|alarm| told(&alarm.subject, alarm.began_at.max(from), alarm.ended_at))
        .collect();
    found.sort();
    found
}

/// The minute of the next midnight in the shop: three in the morning in UTC.
fn midnight(watched: &Watched) -> i64 {
    (DAY - (watched.at(0).0 - 3 * HOUR).rem_euclid(DAY)) / MINUTE
}

/// Weeks of a small shop, with a look after everything that happens, and at each midnight.
async fn weeks(watched: &mut Watched, products: &[Product], dice: &mut Dice) {
    for day in 0..DAYS {
        let mut minute = midnight(watched) + day * DAY / MINUTE;
        watched.clock_to(minute);
        watched.look().await;
        for _ in 0..dice.between(0, 6) {
            minute += dice.between(2, 200);
            let product = dice.pick(products);
            // Never whole: what there is of something is never nothing, but before the first of it came.
            let much = dice.between(1, 60) * 100;
            let last_day = (dice.between(0, 2) == 0).then(|| dice.between(0, 15));
            let comes = dice.between(0, 2) == 0;
            move_goods(watched, minute, product, if comes { much } else { -much }, last_day).await;
        }
    }
}

/// Goods that come in, perhaps with so many days until they expire, or are sold.
async fn move_goods(watched: &mut Watched, minute: i64, product: &Product, much: i64, days: Option<i64>) {
    let store = watched.shop.a;
    watched.clock_to(minute - 1);
    let (seller, _) = watched.shop.nobody.sign_in("vendedora", PASSWORD).await;
    watched.clock_to(minute);
    if much > 0 {
        let mut entry = receipt(store, product.id, much);
        if let Some(days) = days {
            let last = watched.shop.server.clock.now().plus(days * DAY).timestamp();
            entry["lot"] = json!({ "expires_on": last.strftime("%Y-%m-%d").to_string() });
        }
        seller.post("/api/v1/stock-entries", &entry).await.expect::<StockEntry>(201);
    } else {
        let sale = sale(store, &[(product.id, -much, product.price_cents.0)]);
        assert_eq!(seller.post("/api/v1/sales", &sale).await.status, 201);
    }
    watched.look().await;
}

/// A sale that leaves a little more than the minimum, and then nothing for some days: these begin with it.
async fn last_sale(watched: &mut Watched, product: &Product) {
    let first = midnight(watched) + DAYS * DAY / MINUTE;
    move_goods(watched, first + 2, product, 100_000, None).await;
    let (seller, _) = watched.shop.nobody.sign_in("vendedora", PASSWORD).await;
    let levels: Vec<StockLevel> = all(&seller, &format!("/api/v1/stock?store_id={}", watched.shop.a)).await;
    let level = levels.iter().find(|level| level.product_id == product.id).unwrap();
    let left = level.minimum_thousandths.0 + 101;
    move_goods(watched, first + 4, product, left - level.balance_thousandths.0, None).await;
    for day in 1..=AFTER {
        watched.clock_to(first + day * DAY / MINUTE);
        watched.look().await;
    }
    watched.clock_to(first + 4 + AFTER * DAY / MINUTE);
    watched.look().await;
}

#[tokio::test]
async fn goods_and_lots_are_rehearsed_as_they_were_found() {
    let mut most = 0;
    for seed in 0..SEEDS {
        let mut watched = Watched::open().await;
        let mut dice = Dice::new(seed);
        let shop = &watched.shop;
        let rule = |watch: Value| json!({ "store_id": shop.a, "severity": "notice", "watch": watch });
        let low = rule(json!({ "kind": "low_stock" }));
        let expiring = rule(json!({ "kind": "expiring", "days": 5 }));
        set(&shop.manager, &low).await;
        set(&shop.manager, &expiring).await;
        let mut products = Vec::new();
        for (name, minimum) in [("Leite", 5_000), ("Queijo", 2_050), ("Nata", 0)] {
            let product = new_product(&shop.manager, name, 500).await;
            let minimum = json!({ "minimum_thousandths": minimum });
            assert_eq!(
                shop.manager.patch(&format!("/api/v1/products/{}", product.id), &minimum).await.status,
                200
            );
            // The other store's goods are another matter.
            let there = receipt(shop.b, product.id, 1_000);
            shop.admin.post("/api/v1/stock-entries", &there).await.expect::<StockEntry>(201);
            let here = receipt(shop.a, product.id, 10_001);
            shop.seller.post("/api/v1/stock-entries", &here).await.expect::<StockEntry>(201);
            products.push(product);
        }
        weeks(&mut watched, &products, &mut dice).await;
        last_sale(&mut watched, &products[0]).await;
        let tip = watched.shop.server.tip();
        for (rule, kind) in [(&low, AlarmKind::LowStock), (&expiring, AlarmKind::Expiring)] {
            for days in [90, 12, AFTER] {
                let lines = rehearse(&watched, rule, days).await;
                let from = watched.shop.server.clock.now().plus(-days * DAY);
                let found = found(&watched, kind, from);
                assert_eq!(fired(&lines), found, "{kind:?} of {days} days, seed {seed}");
                let alarms = found.len() as u64;
                assert!(
                    matches!(lines.last(), Some(RehearsalLine::Done { alarms: told, .. }) if *told == alarms),
                    "{lines:?}"
                );
                most = most.max(alarms);
            }
        }
        // Signing in is the only thing that happened.
        let kinds = watched.shop.server.tip() - tip;
        assert_eq!(kinds, 6, "a rehearsal sets nothing");
        watched.close().await;
    }
    assert!(most > 5, "a month without trouble shows nothing");
}

#[tokio::test]
async fn batteries_are_rehearsed_as_they_were_noted() {
    let watched = Watched::open().await;
    for (minute, percent) in [(10, 60), (20, 19), (30, 25), (40, 100), (50, 18), (60, 12)] {
        watched.clock_to(minute);
        let reading = json!({ "sensor_id": "g1", "temperature": 5, "humidity": 60, "pressure": 1013,
                              "measured_at": watched.at(minute), "battery_percent": percent });
        let body = json!({ "readings": [reading] });
        watched.device.post("/api/v1/readings", &body).await.expect::<BatchResult>(200);
        let (seller, _) = watched.shop.nobody.sign_in("vendedora", PASSWORD).await;
        // Nobody waits for it with the reading.
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let sensors: Vec<Sensor> = seller.get("/api/v1/sensors").await.expect(200);
            if sensors[0].battery.is_some_and(|battery| battery.percent == percent) {
                break;
            }
            assert!(Instant::now() < end, "{percent} % were never noted");
        }
    }
    watched.clock_to(70);
    let rule = json!({ "store_id": watched.shop.a, "sensor_id": "g1", "severity": "warning",
                       "watch": { "kind": "battery_low", "percent": 20, "recovery_percent": 30 } });
    let lines = rehearse(&watched, &rule, 90).await;
    let alarms: Vec<_> = lines
        .iter()
        .filter_map(|line| match line {
            RehearsalLine::Alarm { name, began_at, ended_at, worst, .. } => {
                Some((name.as_str(), *began_at, *ended_at, *worst))
            }
            RehearsalLine::KnownSince { .. }
            | RehearsalLine::Progress { .. }
            | RehearsalLine::Done { .. }
            | RehearsalLine::Failed { .. } => None,
        })
        .collect();
    let at = |minute| watched.at(minute);
    assert_eq!(
        alarms,
        [("Geladeira", at(20), Some(at(40)), Some(19.0)), ("Geladeira", at(50), None, Some(12.0))]
    );
    assert_eq!(lines.last(), Some(&RehearsalLine::Done { alarms: 2, readings: 6 }));
    watched.close().await;
}
