//! Counts lot by lot: each lot is what was found of it, whatever is sold meanwhile.

use serde_json::{Value, json};
use tillwatch_shared::api::{Count, Lot, Sale, StockEntry, StockLevel};
use tillwatch_shared::{ProductId, UtcMicros};

use crate::common::Dice;
use crate::common::goods::{all, new_product, receipt, sale};
use crate::shop::Shop;

const COUNTS: &str = "/api/v1/counts";
const MINUTE: i64 = 60_000_000;

/// A lot by its code (with a day of its own), or the goods without one.
fn line(product: ProductId, lot: Option<&str>, counted: i64, at: UtcMicros) -> Value {
    let mut line = json!({ "product_id": product, "counted_thousandths": counted, "counted_at": at });
    if let Some(code) = lot {
        line["lot"] = name(code);
    }
    line
}

fn name(code: &str) -> Value {
    json!({ "code": code, "expires_on": day(code) })
}

/// In the order of the alphabet.
fn day(code: &str) -> String {
    format!("2026-09-{:02}", code.trim().bytes().next().unwrap_or_default() % 32)
}

async fn receive(shop: &Shop, product: ProductId, lot: Option<&str>, quantity: i64, at: UtcMicros) {
    let mut body = receipt(shop.a, product, quantity);
    body["recorded_at"] = json!(at);
    if let Some(code) = lot {
        body["lot"] = name(code);
    }
    shop.seller.post("/api/v1/stock-entries", &body).await.expect::<StockEntry>(201);
}

async fn sell(shop: &Shop, product: ProductId, quantity: i64, at: UtcMicros) {
    let mut body = sale(shop.a, &[(product, quantity, 1000)]);
    body["sold_at"] = json!(at);
    shop.seller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
}

async fn count(shop: &Shop, started_at: UtcMicros, lines: Vec<Value>) -> Count {
    let body = json!({ "store_id": shop.a, "started_at": started_at, "lines": lines });
    shop.seller.post(COUNTS, &body).await.expect(201)
}

/// What the lots hold, and what the store does of the product in all.
async fn held(shop: &Shop, product: ProductId) -> (Vec<(String, i64)>, i64) {
    let mut lots: Vec<Lot> = all(&shop.seller, &format!("/api/v1/lots?product_id={product}")).await;
    lots.retain(|lot| lot.balance_thousandths.0 > 0);
    let mut lots: Vec<_> =
        lots.into_iter().map(|lot| (lot.code.unwrap_or_default(), lot.balance_thousandths.0)).collect();
    lots.sort();
    let levels: Vec<StockLevel> = all(&shop.seller, &format!("/api/v1/stock?store_id={}", shop.a)).await;
    let level = levels.into_iter().find(|level| level.product_id == product);
    (lots, level.map_or(0, |level| level.balance_thousandths.0))
}

fn of(lots: &[(&str, i64)]) -> Vec<(String, i64)> {
    lots.iter().map(|(code, held)| ((*code).to_owned(), *held)).collect()
}

/// Of each lot of a count's line: its code, what was expected, and what was found.
fn found(count: &Count, line: usize) -> Vec<(&str, i64, i64)> {
    let lots = count.lines[line].lots.iter();
    lots.map(|lot| {
        let code = lot.code.as_deref().unwrap_or("-");
        (code, lot.expected_thousandths.0, lot.counted_thousandths.0)
    })
    .collect()
}

#[tokio::test]
async fn each_lot_is_what_was_found_of_it_less_what_was_sold_since() {
    let shop = Shop::open().await;
    let start = shop.server.clock.now();
    let at = |minute: i64| start.plus((minute - 100) * MINUTE);
    let product = new_product(&shop.manager, "Iogurte", 300).await.id;
    let other = new_product(&shop.manager, "Sal", 200).await.id;
    receive(&shop, other, None, 4_000, at(0)).await;
    for (lot, quantity) in [(Some("A"), 5_000), (Some("B"), 6_000), (None, 2_000)] {
        receive(&shop, product, lot, quantity, at(0)).await;
    }
    // While it is counted one is sold; two more before the count is sent.
    sell(&shop, product, 1_000, at(11)).await;
    sell(&shop, product, 2_000, at(30)).await;
    assert_eq!(held(&shop, product).await, (of(&[("A", 2_000), ("B", 6_000)]), 10_000));
    let done = count(
        &shop,
        at(9),
        vec![
            line(product, Some("b"), 3_000, at(10)),
            line(other, None, 5_000, at(12)),
            line(product, None, 1_000, at(13)),
            line(product, Some("C"), 7_000, at(20)),
            line(product, Some(" A "), 4_000, at(14)),
        ],
    )
    .await;
    // The product stands for its latest line: of the sales, the first one was before it.
    assert_eq!(
        found(&done, 0),
        [("A", 4_000, 4_000), ("B", 6_000, 3_000), ("C", 0, 7_000), ("-", 2_000, 1_000)]
    );
    let first = &done.lines[0];
    let figures = (first.expected_thousandths.0, first.counted_thousandths.0, first.difference_thousandths.0);
    assert_eq!(figures, (12_000, 15_000, 3_000));
    assert_eq!((first.counted_at, first.balance_after_thousandths.0), (at(20), 13_000));
    assert!(done.lines.len() == 2 && done.lines[1].lots.is_empty());
    let lots = of(&[("A", 2_000), ("B", 3_000), ("C", 7_000)]);
    assert_eq!(held(&shop, product).await, (lots.clone(), 13_000));

    // What happened before and comes in late moves nothing, and is expected of the goods without a lot.
    sell(&shop, product, 500, at(5)).await;
    assert_eq!(held(&shop, product).await, (lots, 13_000));
    let today: Count = shop.seller.get(&format!("{COUNTS}/{}", done.id)).await.expect(200);
    assert_eq!(found(&today, 0).last(), Some(&("-", 1_500, 1_000)));
    assert_eq!(today.lines[0].expected_thousandths.0, 11_500);
    shop.server.stop().await;
}

#[tokio::test]
async fn a_lot_that_was_not_found_is_empty_and_what_it_gave_since_came_from_others() {
    let shop = Shop::open().await;
    let start = shop.server.clock.now();
    let at = |minute: i64| start.plus((minute - 100) * MINUTE);
    let product = new_product(&shop.manager, "Iogurte", 300).await.id;
    for (lot, quantity) in [(Some("A"), 5_000), (Some("B"), 6_000), (None, 1_000)] {
        receive(&shop, product, lot, quantity, at(0)).await;
    }
    sell(&shop, product, 4_000, at(30)).await;
    let done = count(&shop, at(9), vec![line(product, Some("B"), 6_000, at(10))]).await;
    assert_eq!(found(&done, 0), [("A", 5_000, 0), ("B", 6_000, 6_000), ("-", 1_000, 0)]);
    assert_eq!(held(&shop, product).await, (of(&[("B", 2_000)]), 2_000));
    // An older count, sent later, changes neither balance nor lots.
    let older = count(&shop, at(1), vec![line(product, Some("A"), 1_000, at(5))]).await;
    assert_eq!(found(&older, 0), [("A", 5_000, 1_000), ("B", 6_000, 0), ("-", 1_000, 0)]);
    assert_eq!(held(&shop, product).await, (of(&[("B", 2_000)]), 2_000));
    // Counted as a whole: what is missing went out as sold, what is over has no lot.
    count(&shop, at(40), vec![line(product, None, 5_000, at(40))]).await;
    assert_eq!(held(&shop, product).await, (of(&[("B", 2_000)]), 5_000));
    count(&shop, at(50), vec![line(product, None, 1_500, at(50))]).await;
    assert_eq!(held(&shop, product).await, (of(&[]), 1_500));
    shop.server.stop().await;
}

#[tokio::test]
async fn a_count_by_lot_names_each_lot_once() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Iogurte", 300).await.id;
    let now = shop.server.clock.now();
    let tip = shop.server.tip();
    let a = line(product, Some("A"), 1_000, now);
    let mut nameless = a.clone();
    nameless["lot"] = json!({ "code": " " });
    let mut far = a.clone();
    far["lot"] = json!({ "expires_on": "9999-01-01" });
    for (lines, field) in [
        (vec![a.clone(), line(product, Some(" a"), 2_000, now)], "lines.1.lot"),
        (vec![line(product, None, 0, now), a.clone(), line(product, None, 0, now)], "lines.2.product_id"),
        (vec![nameless], "lines.0.lot.code"),
        (vec![far], "lines.0.lot.expires_on"),
    ] {
        let body = json!({ "store_id": shop.a, "started_at": now, "lines": lines });
        assert_eq!(shop.seller.post(COUNTS, &body).await.problem(400, "invalid_value")["field"], field);
    }
    assert_eq!(shop.server.tip(), tip);
    shop.server.stop().await;
}

/// Random receipts, sales and counts that are sent at once; the replay at the end proves the journal.
#[tokio::test]
async fn lots_are_what_was_found_last() {
    let shop = Shop::open().await;
    let mut dice = Dice::new(7);
    let product = new_product(&shop.manager, "Iogurte", 300).await.id;
    for step in 0..40 {
        let now = shop.server.clock.now();
        match dice.between(0, 3) {
            0 => {
                let lot = *dice.pick(&["A", "B", "C"]);
                receive(&shop, product, Some(lot), dice.between(1, 4_000), now).await;
            }
            1 => sell(&shop, product, dice.between(1, 3_000), now).await,
            _ => {
                let codes = [Some("A"), Some("B"), Some("C"), Some("D"), None];
                let mut lines: Vec<(Option<&str>, i64)> =
                    codes.into_iter().map(|code| (code, dice.between(0, 5_000))).collect();
                lines.retain(|(_, counted)| *counted % 3 > 0);
                if !lines.iter().any(|(lot, _)| lot.is_some()) {
                    continue;
                }
                let told = lines.iter().map(|(lot, counted)| line(product, *lot, *counted, now));
                count(&shop, now, told.collect()).await;
                let lots: Vec<_> =
                    lines.iter().filter_map(|(lot, held)| Some(((*lot)?.to_owned(), *held))).collect();
                let all = lines.iter().map(|(_, held)| held).sum::<i64>();
                assert_eq!(held(&shop, product).await, (lots, all), "step {step}");
            }
        }
        shop.server.clock.advance(MINUTE / 60);
    }
    shop.server.stop().await;
}
