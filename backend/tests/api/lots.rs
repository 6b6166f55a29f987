//! Lots: made by receipts, emptied by sales, what expires first first.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tillwatch_shared::api::{Lot, LotShare, Sale, Sensor, StockEntry, StockLevel};
use tillwatch_shared::ids::LotId;
use tillwatch_shared::{Cents, ProductId, StoreId};

use crate::common::goods::{all, new_product, receipt, sale};
use crate::common::{Caller, Dice};
use crate::shop::Shop;

const ENTRIES: &str = "/api/v1/stock-entries";

async fn lots(caller: &Caller, query: &str) -> Vec<Lot> {
    all(caller, &format!("/api/v1/lots{query}")).await
}

fn named(lot: &Lot) -> (String, String, i64) {
    let day = lot.expires_on.map(|day| day.to_string()).unwrap_or_default();
    (lot.code.clone().unwrap_or_default(), day, lot.balance_thousandths.0)
}

fn shares(lots: &[LotShare]) -> Vec<(&str, i64)> {
    lots.iter().map(|share| (share.code.as_deref().unwrap_or(""), share.moved_thousandths.0)).collect()
}

fn entry(kind: &str, store: StoreId, product: ProductId, quantity: i64, lot: Option<(&str, &str)>) -> Value {
    let mut body = receipt(store, product, quantity);
    body["kind"] = json!(kind);
    body["reason"] = json!("motivo");
    if let Some((code, day)) = lot {
        let mut name = json!({});
        if !code.is_empty() {
            name["code"] = json!(code);
        }
        if !day.is_empty() {
            name["expires_on"] = json!(day);
        }
        body["lot"] = name;
    }
    body
}

#[tokio::test]
async fn what_expires_first_is_sold_first() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Leite", 549).await.id;
    let enter = async |kind: &str, quantity: i64, lot: Option<(&str, &str)>| -> StockEntry {
        shop.seller.post(ENTRIES, &entry(kind, shop.a, product, quantity, lot)).await.expect(201)
    };
    enter("receive", 1_000, None).await;
    enter("receive", 5_000, Some(("b", "2026-08-01"))).await;
    enter("receive", 3_000, Some(("a", "2026-07-01"))).await;
    enter("receive", 2_000, Some(("sem data", ""))).await;
    // The same lot, however its code is typed, comes in twice.
    let again = enter("receive", 1_000, Some((" A ", "2026-07-01"))).await;
    assert_eq!(shares(&again.lots), [("A", 1_000)]);
    assert_eq!(again.balance_after_thousandths.0, 12_000);
    let prices: Vec<_> = lots(&shop.seller, "").await.iter().map(|lot| lot.price_cents).collect();
    assert_eq!(prices, [Some(Cents(549)); 3], "what they are worth can be told");
    let found = lots(&shop.seller, "").await;
    let day = |text: &str| text.to_owned();
    assert_eq!(
        found.iter().map(named).collect::<Vec<_>>(),
        [
            (day("B"), day("2026-08-01"), 5_000),
            (day("A"), day("2026-07-01"), 4_000),
            (day("SEM DATA"), day(""), 2_000)
        ]
    );
    let before = lots(&shop.seller, &format!("?expiring_before=2026-08-01&product_id={product}")).await;
    assert_eq!(before.iter().map(|lot| lot.code.as_deref()).collect::<Vec<_>>(), [Some("A")]);

    let body = sale(shop.a, &[(product, 6_000, 549), (product, 1_000, 549)]);
    let sold: Sale = shop.seller.post("/api/v1/sales", &body).await.expect(201);
    assert_eq!(shares(&sold.lines[0].lots), [("A", -4_000), ("B", -2_000)]);
    assert_eq!(shares(&sold.lines[1].lots), [("B", -1_000)]);
    // More than all the lots: the rest had none, and may be owed.
    let body = sale(shop.a, &[(product, 9_000, 549)]);
    let sold: Sale = shop.seller.post("/api/v1/sales", &body).await.expect(201);
    assert_eq!(shares(&sold.lines[0].lots), [("B", -2_000), ("SEM DATA", -2_000)]);
    assert!(lots(&shop.seller, "").await.is_empty());
    // Four are owed: they went out of the lot that is entered late.
    let late = enter("receive", 10_000, Some(("c", "2026-09-01"))).await;
    assert_eq!((shares(&late.lots), late.balance_after_thousandths.0), (vec![("C", 6_000)], 6_000));
    shop.server.stop().await;
}

#[tokio::test]
async fn a_lot_is_corrected_and_counted_by_itself() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Iogurte", 300).await.id;
    let enter = async |kind: &str, quantity: i64, lot: Option<(&str, &str)>| -> StockEntry {
        shop.seller.post(ENTRIES, &entry(kind, shop.a, product, quantity, lot)).await.expect(201)
    };
    let (early, late) = (Some(("e", "2026-07-01")), Some(("l", "2026-08-01")));
    for (kind, quantity, lot, moved, after) in [
        ("receive", 4_000, early, 4_000, 4_000),
        ("receive", 4_000, late, 4_000, 8_000),
        ("receive", 4_000, None, 4_000, 12_000),
        // The named lot first, then as a sale.
        ("adjust", -5_000, late, -5_000, 7_000),
        ("count", 1_000, early, -2_000, 5_000),
        ("count", 6_000, late, 6_000, 11_000),
        ("adjust", 2_000, early, 2_000, 13_000),
        // As a whole: what is missing went out as sold, what is over has no lot.
        ("count", 5_000, None, -8_000, 5_000),
        ("count", 9_000, None, 4_000, 9_000),
        ("adjust", -9_000, None, -9_000, 0),
        ("adjust", -1_000, early, -1_000, -1_000),
        // The books said less than nothing; what is there is this lot.
        ("count", 3_000, late, 4_000, 3_000),
    ] {
        let kept = enter(kind, quantity, lot).await;
        let got = (kept.moved_thousandths.0, kept.balance_after_thousandths.0);
        assert_eq!(got, (moved, after), "{kind} {quantity} {lot:?}");
    }
    assert_eq!(lots(&shop.seller, "").await.iter().map(|l| named(l).2).collect::<Vec<_>>(), [3_000]);
    shop.server.stop().await;
}

#[tokio::test]
async fn a_lot_stands_somewhere() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Vacina", 300).await.id;
    let body = entry("receive", shop.a, product, 1_000, Some(("v", "2026-07-01")));
    shop.seller.post(ENTRIES, &body).await.expect::<StockEntry>(201);
    let lot = lots(&shop.seller, "").await.remove(0);
    let path = format!("/api/v1/lots/{}/place", lot.id);
    for (id, store) in [("g1", shop.a), ("g2", shop.b)] {
        let body = json!({ "name": id, "store_id": store, "kind": "fridge" });
        shop.admin.put(&format!("/api/v1/sensors/{id}"), &body).await.expect::<Sensor>(200);
    }
    let there: Lot = shop.seller.put(&path, &json!({ "sensor_id": "g1" })).await.expect(200);
    assert_eq!(there.sensor_id.map(|id| id.to_string()).as_deref(), Some("g1"));
    let tip = shop.server.tip();
    for wrong in ["g2", "nenhum"] {
        shop.seller.put(&path, &json!({ "sensor_id": wrong })).await.problem(404, "unknown_sensor");
    }
    shop.stranger.put(&path, &json!({ "sensor_id": null })).await.problem(403, "store_not_allowed");
    let unknown = format!("/api/v1/lots/{}/place", LotId::now());
    shop.seller.put(&unknown, &json!({ "sensor_id": null })).await.problem(404, "unknown_lot");
    assert_eq!(shop.server.tip(), tip);
    let gone: Lot = shop.seller.put(&path, &json!({ "sensor_id": null })).await.expect(200);
    assert_eq!(gone.sensor_id, None);
    assert!(lots(&shop.stranger, "").await.is_empty());
    shop.stranger.get(&format!("/api/v1/lots?store_id={}", shop.a)).await.problem(403, "store_not_allowed");
    shop.server.stop().await;
}

#[tokio::test]
async fn a_lot_has_something_printed_on_it() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Pão", 300).await.id;
    let tip = shop.server.tip();
    for (name, field) in [
        (json!({}), "lot.code"),
        (json!({ "code": "  " }), "lot.code"),
        (json!({ "code": "x".repeat(41) }), "lot.code"),
        (json!({ "code": "a", "expires_on": "1900-01-01" }), "lot.expires_on"),
        (json!({ "expires_on": "9999-01-01" }), "lot.expires_on"),
    ] {
        let mut body = receipt(shop.a, product, 1_000);
        body["lot"] = name;
        assert_eq!(shop.seller.post(ENTRIES, &body).await.problem(400, "invalid_value")["field"], field);
    }
    for day in ["2026-02-30", "31/12/2026", "", "amanhã"] {
        let mut body = receipt(shop.a, product, 1_000);
        body["lot"] = json!({ "expires_on": day });
        shop.seller.post(ENTRIES, &body).await.problem(400, "malformed_request");
    }
    assert_eq!(shop.server.tip(), tip);
    shop.server.stop().await;
}

/// Lots, and goods without one, as a reader would keep them on paper.
#[derive(Debug, Default)]
struct Shelf {
    /// By day (none last), then in the order in which they were first named.
    lots: BTreeMap<(String, usize), i64>,
    first_named: Vec<(String, String)>,
    loose: i64,
}

impl Shelf {
    fn stock(&self) -> i64 {
        self.lots.values().sum::<i64>() + self.loose
    }

    fn key(&mut self, (code, day): (&str, &str)) -> (String, usize) {
        let name = (code.to_owned(), day.to_owned());
        let place = self.first_named.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.first_named.push(name);
            self.first_named.len() - 1
        });
        (if day.is_empty() { "z".to_owned() } else { day.to_owned() }, place)
    }

    fn come(&mut self, mut quantity: i64, lot: Option<(&str, &str)>) {
        if let Some(name) = lot {
            let key = self.key(name);
            let owed = (-self.loose).clamp(0, quantity);
            self.loose += owed;
            quantity -= owed;
            *self.lots.entry(key).or_default() += quantity;
        } else {
            self.loose += quantity;
        }
    }

    fn go(&mut self, mut quantity: i64, lot: Option<(&str, &str)>) {
        // A name that nothing came in under names no lot.
        let known = |(code, day): (&str, &str)| {
            self.first_named.iter().any(|name| *name == (code.to_owned(), day.to_owned()))
        };
        let named = lot.filter(|name| known(*name)).map(|name| self.key(name));
        let order: Vec<_> = named.into_iter().chain(self.lots.keys().cloned()).collect();
        for key in order {
            let Some(held) = self.lots.get_mut(&key) else { continue };
            let taken = (*held).min(quantity);
            *held -= taken;
            quantity -= taken;
        }
        self.loose -= quantity;
    }
}

/// Random receipts, corrections and sales against the model; the replay at the end proves the journal.
#[tokio::test]
async fn lots_are_kept_as_on_paper() {
    let shop = Shop::open().await;
    let names =
        [("A", "2026-07-01"), ("B", "2026-08-01"), ("C", "2026-07-01"), ("D", ""), ("", "2026-09-01")];
    for seed in 1..=2 {
        let mut dice = Dice::new(seed);
        let product = new_product(&shop.manager, &format!("P{seed}"), 100).await.id;
        let mut shelf = Shelf::default();
        for step in 0..45 {
            let quantity = dice.between(1, 6_000);
            let lot = if dice.between(0, 3) == 0 { None } else { Some(*dice.pick(&names)) };
            match dice.between(0, 7) {
                0..=2 => {
                    let body = entry("receive", shop.a, product, quantity, lot);
                    shop.seller.post(ENTRIES, &body).await.expect::<StockEntry>(201);
                    shelf.come(quantity, lot);
                }
                3 => {
                    let body = entry("adjust", shop.a, product, -quantity, lot);
                    shop.seller.post(ENTRIES, &body).await.expect::<StockEntry>(201);
                    shelf.go(quantity, lot);
                }
                _ => {
                    let body = sale(shop.a, &[(product, quantity, 10), (product, 500, 10)]);
                    shop.seller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
                    shelf.go(quantity, None);
                    shelf.go(500, None);
                }
            }
            let found = lots(&shop.seller, &format!("?product_id={product}")).await;
            let mut kept: Vec<i64> = found.iter().map(|lot| lot.balance_thousandths.0).collect();
            let mut expected: Vec<i64> = shelf.lots.values().copied().filter(|held| *held > 0).collect();
            kept.sort_unstable();
            expected.sort_unstable();
            assert_eq!(kept, expected, "seed {seed} step {step}: {shelf:?}");
        }
        let levels: Vec<StockLevel> = all(&shop.seller, &format!("/api/v1/stock?store_id={}", shop.a)).await;
        let level = levels.iter().find(|level| level.product_id == product).unwrap();
        assert_eq!(level.balance_thousandths.0, shelf.stock(), "seed {seed}");
    }
    shop.server.stop().await;
}
