//! Counts while sales go on: each line stands for the moment at which it was counted.

use serde_json::{Value, json};
use tillwatch_shared::api::{Count, Sale, StockEntry, StockLevel};
use tillwatch_shared::ids::CountId;
use tillwatch_shared::{ProductId, UtcMicros};

use crate::common::Dice;
use crate::common::goods::{all, new_product, receipt, sale};
use crate::shop::Shop;

const COUNTS: &str = "/api/v1/counts";
const MINUTE: i64 = 60_000_000;

fn count(shop: &Shop, started_at: UtcMicros, lines: &[(ProductId, i64, UtcMicros, Option<i64>)]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(product, counted, at, seen)| {
            let mut line = json!({
                "product_id": product, "counted_thousandths": counted, "counted_at": at
            });
            if let Some(seen) = seen {
                line["seen_seq"] = json!(seen);
            }
            line
        })
        .collect();
    json!({ "store_id": shop.a, "started_at": started_at, "lines": lines })
}

async fn sell(shop: &Shop, product: ProductId, quantity: i64, at: UtcMicros) -> Sale {
    let mut body = sale(shop.a, &[(product, quantity, 1000)]);
    body["sold_at"] = json!(at);
    shop.seller.post("/api/v1/sales", &body).await.expect(201)
}

async fn enter(shop: &Shop, product: ProductId, quantity: i64, at: UtcMicros) -> StockEntry {
    let mut body = receipt(shop.a, product, quantity);
    body["recorded_at"] = json!(at);
    shop.seller.post("/api/v1/stock-entries", &body).await.expect(201)
}

async fn held(shop: &Shop, product: ProductId) -> i64 {
    let levels: Vec<StockLevel> = all(&shop.seller, &format!("/api/v1/stock?store_id={}", shop.a)).await;
    levels.into_iter().find(|level| level.product_id == product).unwrap().balance_thousandths.0
}

async fn today(shop: &Shop, id: CountId) -> Count {
    shop.seller.get(&format!("{COUNTS}/{id}")).await.expect(200)
}

fn figures(count: &Count) -> Vec<(i64, i64, i64)> {
    let line = |line: &tillwatch_shared::api::CountLine| {
        (line.expected_thousandths.0, line.counted_thousandths.0, line.difference_thousandths.0)
    };
    count.lines.iter().map(line).collect()
}

#[tokio::test]
async fn what_is_sold_between_counting_and_sending_is_no_difference() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await.id;
    let start = shop.server.clock.now();
    enter(&shop, product, 10_000, start.plus(-60 * MINUTE)).await;
    let seen = shop.server.tip();
    let counted_at = start.plus(-30 * MINUTE);
    // Counted: nine. Then three are sold, and only then the count is sent.
    sell(&shop, product, 3_000, start.plus(-20 * MINUTE)).await;
    let body = count(&shop, counted_at, &[(product, 9_000, counted_at, Some(seen))]);
    let done: Count = shop.seller.post(COUNTS, &body).await.expect(201);
    assert_eq!(figures(&done), [(10_000, 9_000, -1_000)]);
    assert_eq!((done.lines[0].balance_after_thousandths.0, done.worth_cents.0), (6_000, -1_000));
    assert_eq!(held(&shop, product).await, 6_000);

    // A till was offline: what it sold before the count is known to the count, what it sold after is not.
    let late = sell(&shop, product, 1_000, start.plus(-31 * MINUTE)).await;
    assert!(late.lines[0].counted_since);
    assert_eq!(held(&shop, product).await, 6_000);
    assert_eq!(figures(&today(&shop, done.id).await), [(9_000, 9_000, 0)]);
    let after = sell(&shop, product, 2_000, start.plus(-29 * MINUTE)).await;
    assert!(!after.lines[0].counted_since);
    assert_eq!(held(&shop, product).await, 4_000);
    assert_eq!(today(&shop, done.id).await.worth_cents.0, 0);
    // A receipt of before the count was on the shelf as well.
    let receipt = enter(&shop, product, 5_000, start.plus(-40 * MINUTE)).await;
    assert_eq!((receipt.moved_thousandths.0, receipt.balance_after_thousandths.0), (0, 4_000));
    assert_eq!(figures(&today(&shop, done.id).await), [(14_000, 9_000, -5_000)]);
    // A clock that is months behind is wrong: the goods go now.
    sell(&shop, product, 1_000, start.plus(-100 * 24 * 60 * MINUTE)).await;
    assert_eq!(held(&shop, product).await, 3_000);
    shop.server.stop().await;
}

#[tokio::test]
async fn the_clock_decides_where_the_place_in_the_feed_is_unknown() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await.id;
    let start = shop.server.clock.now();
    enter(&shop, product, 10_000, start.plus(-60 * MINUTE)).await;
    sell(&shop, product, 1_000, start.plus(-50 * MINUTE)).await;
    let counted_at = start.plus(-30 * MINUTE);
    sell(&shop, product, 2_000, start.plus(-20 * MINUTE)).await;
    let body = count(&shop, counted_at, &[(product, 9_000, counted_at, None)]);
    let done: Count = shop.seller.post(COUNTS, &body).await.expect(201);
    assert_eq!(figures(&done), [(9_000, 9_000, 0)]);
    assert_eq!(held(&shop, product).await, 7_000);
    // What the device had seen had happened, whatever the seller's clock says.
    let ahead = sell(&shop, product, 1_000, start.plus(5 * MINUTE)).await;
    assert_eq!(ahead.lines[0].quantity_thousandths.0, 1_000);
    let seen = shop.server.tip();
    let body = count(&shop, start, &[(product, 6_000, start, Some(seen))]);
    let done: Count = shop.seller.post(COUNTS, &body).await.expect(201);
    assert_eq!(figures(&done), [(6_000, 6_000, 0)]);
    shop.server.stop().await;
}

#[tokio::test]
async fn the_later_count_decides() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await.id;
    let start = shop.server.clock.now();
    enter(&shop, product, 10_000, start.plus(-90 * MINUTE)).await;
    let (first, second) = (start.plus(-60 * MINUTE), start.plus(-30 * MINUTE));
    let body = count(&shop, second, &[(product, 7_000, second, None)]);
    let newer: Count = shop.seller.post(COUNTS, &body).await.expect(201);
    assert_eq!(figures(&newer), [(10_000, 7_000, -3_000)]);
    let body = count(&shop, first, &[(product, 8_000, first, None)]);
    let older: Count = shop.seller.post(COUNTS, &body).await.expect(201);
    assert_eq!(figures(&older), [(10_000, 8_000, -2_000)]);
    assert_eq!(older.lines[0].balance_after_thousandths.0, 7_000);
    assert_eq!(figures(&today(&shop, newer.id).await), [(8_000, 7_000, -1_000)]);
    assert_eq!(held(&shop, product).await, 7_000);
    shop.server.stop().await;
}

#[tokio::test]
async fn of_two_counts_of_the_future_the_second_stands() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await.id;
    let now = shop.server.clock.now();
    enter(&shop, product, 10_000, now.plus(-60 * MINUTE)).await;
    // A till whose clock is five hours ahead, and which has not heard of its own first count.
    for (minute, counted) in [(300, 7_000), (301, 9_000)] {
        let at = now.plus(minute * MINUTE);
        shop.seller
            .post(COUNTS, &count(&shop, at, &[(product, counted, at, None)]))
            .await
            .expect::<Count>(201);
        shop.server.clock.advance(MINUTE);
    }
    assert_eq!(held(&shop, product).await, 9_000);
}

#[tokio::test]
async fn a_count_is_of_ones_own_store_and_of_each_product_once() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await.id;
    let now = shop.server.clock.now();
    let good = (product, 1_000, now, None);
    let tip = shop.server.tip();
    for (body, field) in [
        (count(&shop, now, &[]), "lines"),
        (count(&shop, now, &[good, good]), "lines.1.product_id"),
        (count(&shop, now, &[(product, -1, now, None)]), "lines.0.counted_thousandths"),
        (count(&shop, now, &[(product, 1, UtcMicros(-1), None)]), "lines.0.counted_at"),
        (count(&shop, now, &[(product, 1, now, Some(-1))]), "lines.0.seen_seq"),
    ] {
        assert_eq!(shop.seller.post(COUNTS, &body).await.problem(400, "invalid_value")["field"], field);
    }
    let body = count(&shop, now, &[good]);
    shop.stranger.post(COUNTS, &body).await.problem(403, "store_not_allowed");
    let unknown = count(&shop, now, &[good, (ProductId::now(), 1, now, None)]);
    shop.seller.post(COUNTS, &unknown).await.problem(404, "unknown_product");
    assert_eq!(shop.server.tip(), tip);
    let kept: Count = shop.seller.post(COUNTS, &body).await.expect(201);
    shop.stranger.get(&format!("{COUNTS}/{}", kept.id)).await.problem(404, "unknown_count");
    assert!(all::<Count>(&shop.stranger, COUNTS).await.is_empty());
    assert_eq!(all::<Count>(&shop.seller, COUNTS).await.len(), 1);
    shop.server.stop().await;
}

/// Whatever the order in which a day's work comes in: after a count, the balance is what was counted and what
/// moved since, and the count's expectation is what moved before.
#[tokio::test]
async fn any_order_of_arrival_gives_the_same_stock() {
    let shop = Shop::open().await;
    let now = shop.server.clock.now();
    for seed in 1..=6 {
        let mut dice = Dice::new(seed);
        let product = new_product(&shop.manager, &format!("P{seed}"), 100).await.id;
        let minute = |at: i64| now.plus((at - 1000) * MINUTE);
        let counted = (dice.between(300, 700), dice.between(0, 50_000));
        let mut moves: Vec<(i64, i64)> =
            (0..14).map(|_| (dice.between(0, 1000), dice.between(-4_000, 6_000))).collect();
        moves.retain(|(at, moved)| *moved != 0 && *at != counted.0);
        let place = usize::try_from(dice.between(0, 14)).unwrap().min(moves.len());
        let mut id = None;
        for index in 0..=moves.len() {
            if index == place {
                let body = count(&shop, minute(0), &[(product, counted.1, minute(counted.0), None)]);
                id = Some(shop.seller.post(COUNTS, &body).await.expect::<Count>(201).id);
            }
            if let Some((at, moved)) = moves.get(index) {
                if *moved > 0 {
                    enter(&shop, product, *moved, minute(*at)).await;
                } else {
                    sell(&shop, product, -moved, minute(*at)).await;
                }
            }
        }
        let sum = |wanted: fn(i64, i64) -> bool| -> i64 {
            moves.iter().filter(|(at, _)| wanted(*at, counted.0)).map(|(_, moved)| moved).sum()
        };
        let (before, after) = (sum(|at, counted| at < counted), sum(|at, counted| at > counted));
        assert_eq!(held(&shop, product).await, counted.1 + after, "seed {seed}");
        let done = today(&shop, id.unwrap()).await;
        assert_eq!(figures(&done), [(before, counted.1, counted.1 - before)], "seed {seed}");
    }
    shop.server.stop().await;
}
