//! Sales and the totals of days.

use serde_json::{Value, json};
use tillwatch_shared::api::{DayTotal, Page, Sale, Store};
use tillwatch_shared::time::HOUR;
use tillwatch_shared::{ProductId, SaleId, UtcMicros};

use crate::common::goods::{all, new_product, sale};
use crate::shop::Shop;

const PATH: &str = "/api/v1/sales";

#[tokio::test]
async fn a_sale_is_kept_as_it_was_made() {
    let shop = Shop::open().await;
    let cheese = new_product(&shop.manager, "Queijo minas", 3990).await;
    let rice = new_product(&shop.manager, "Arroz", 2790).await;
    // 450 g at 39,90 are 17,955: rounded half away from zero.
    let body = json!({
        "store_id": shop.a, "till": "Caixa 2", "total_cents": 1796 + 5580, "sold_at": "2026-06-15T14:59:00Z",
        "lines": [
            { "product_id": cheese.id, "quantity_thousandths": 450, "unit_price_cents": 3990 },
            { "product_id": rice.id, "quantity_thousandths": 2000, "unit_price_cents": 2790 },
        ],
        "payments": [{ "method": "pix", "amount_cents": 5000 }, { "method": "cash", "amount_cents": 3000 }],
    });
    let kept: Sale = shop.seller.post(PATH, &body).await.expect(201);
    assert_eq!((kept.number, kept.total_cents.0, kept.change_cents.0), (1, 7376, 624));
    assert_eq!(kept.lines[0].total_cents.0, 1796);
    assert_eq!(kept.lines[1].product_name, "Arroz");
    assert_eq!((kept.till.as_deref(), kept.person_name.as_str()), (Some("Caixa 2"), "vendedora"));
    assert_eq!(kept.sold_at, "2026-06-15T14:59:00Z".parse().unwrap());
    assert_eq!((kept.business_day.as_str(), kept.received_at), ("2026-06-15", shop.server.clock.now()));

    let one = format!("{PATH}/{}", kept.id);
    assert_eq!(shop.manager.get(&one).await.expect::<Sale>(200), kept);
    shop.stranger.get(&one).await.problem(404, "unknown_sale");
    shop.seller.get(&format!("{PATH}/{}", SaleId::now())).await.problem(404, "unknown_sale");
    let next: Sale = shop.seller.post(PATH, &sale(shop.a, &[(rice.id, 1000, 2790)])).await.expect(201);
    let other: Sale = shop.stranger.post(PATH, &sale(shop.b, &[(rice.id, 1000, 2790)])).await.expect(201);
    assert_eq!((next.number, other.number), (2, 1), "each store counts its own");
    assert_eq!(all::<Sale>(&shop.seller, PATH).await, [kept.clone(), next.clone()]);
    assert_eq!(all::<Sale>(&shop.admin, PATH).await.len(), 3);
    let newest: Page<Sale> = shop.admin.get(&format!("{PATH}?order=newest&limit=1")).await.expect(200);
    assert_eq!(newest.items, [other]);
    shop.server.stop().await;
}

#[tokio::test]
async fn sales_that_do_not_add_up_are_refused() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await;
    let good = sale(shop.a, &[(product.id, 1000, 1000)]);
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let pay =
        |method: &str, cents: i64| with("payments", json!([{ "method": method, "amount_cents": cents }]));
    let tip = shop.server.tip();
    for total in [999, 1001, 0] {
        shop.seller.post(PATH, &with("total_cents", json!(total))).await.problem(400, "total_mismatch");
    }
    shop.seller.post(PATH, &pay("cash", 999)).await.problem(400, "underpaid");
    shop.seller.post(PATH, &with("payments", json!([]))).await.problem(400, "underpaid");
    shop.seller.post(PATH, &pay("credit", 1001)).await.problem(400, "change_not_from_cash");
    for (body, field) in [
        (pay("cash", 0), "payments.0.amount_cents"),
        (pay("cash", -5), "payments.0.amount_cents"),
        (pay("cash", i64::MAX), "payments.0.amount_cents"),
        (sale(shop.a, &[(product.id, 0, 1000)]), "lines.0.quantity_thousandths"),
        (sale(shop.a, &[(product.id, -1000, 1000)]), "lines.0.quantity_thousandths"),
        (sale(shop.a, &[(product.id, 1000, -1)]), "lines.0.unit_price_cents"),
        (sale(shop.a, &[(product.id, 1000, 1), (product.id, 1, 1_000_000_001)]), "lines.1.unit_price_cents"),
        (sale(shop.a, &vec![(product.id, 1000, 1); 501]), "lines"),
        (with("till", json!("x".repeat(121))), "till"),
        (with("sold_at", json!("1969-12-31T23:59:59Z")), "sold_at"),
        (with("sold_at", json!("2300-01-01T00:00:00Z")), "sold_at"),
    ] {
        assert_eq!(
            shop.seller.post(PATH, &body).await.problem(400, "invalid_value")["field"],
            field,
            "{body}"
        );
    }
    // The second line fails: the first must leave no trace.
    let half = sale(shop.a, &[(product.id, 1000, 1000), (ProductId::now(), 1000, 1000)]);
    shop.seller.post(PATH, &half).await.problem(404, "unknown_product");
    shop.stranger.post(PATH, &good).await.problem(403, "store_not_allowed");
    shop.seller.get(&format!("{PATH}?store_id={}", shop.b)).await.problem(403, "store_not_allowed");
    assert_eq!(shop.server.tip(), tip);
    let first: Sale = shop.seller.post(PATH, &good).await.expect(201);
    assert_eq!(first.number, 1, "refused sales take no number");
    shop.server.stop().await;
}

#[tokio::test]
async fn a_sale_by_amount_needs_a_store_and_an_amount() {
    let shop = Shop::open().await;
    let told = |cents: i64, at: &str| json!({ "store_id": shop.a, "total_cents": cents, "sold_at": at });
    let yesterday = "2026-06-14T12:00:00Z";
    let kept: Sale = shop.seller.post(PATH, &told(12_345, yesterday)).await.expect(201);
    assert_eq!((kept.total_cents.0, kept.change_cents.0, kept.number), (12_345, 0, 1));
    assert_eq!((kept.lines.len(), kept.payments.len()), (0, 0));
    assert_eq!((kept.business_day.as_str(), kept.sold_at), ("2026-06-14", yesterday.parse().unwrap()));
    let one: Sale = shop.manager.get(&format!("{PATH}/{}", kept.id)).await.expect(200);
    assert_eq!(one, kept);
    // With payments they must cover it, as ever; without a moment it is now.
    let mut paid = json!({
        "store_id": shop.a, "lines": [], "total_cents": 1000,
        "payments": [{ "method": "cash", "amount_cents": 5000 }],
    });
    let cash: Sale = shop.seller.post(PATH, &paid).await.expect(201);
    assert_eq!((cash.change_cents.0, cash.sold_at), (4000, shop.server.clock.now()));
    let tip = shop.server.tip();
    paid["payments"][0]["amount_cents"] = json!(999);
    shop.seller.post(PATH, &paid).await.problem(400, "underpaid");
    for (body, field) in [
        (told(0, yesterday), "total_cents"),
        (told(-1, yesterday), "total_cents"),
        (told(100_000_000_001, yesterday), "total_cents"),
        (told(5, "1999-12-31T23:59:59Z"), "sold_at"),
        (told(5, "2026-06-16T15:00:01Z"), "sold_at"),
    ] {
        let problem = shop.seller.post(PATH, &body).await.problem(400, "invalid_value");
        assert_eq!(problem["field"], field, "{body}");
    }
    shop.stranger.post(PATH, &told(5, yesterday)).await.problem(403, "store_not_allowed");
    assert_eq!(shop.server.tip(), tip);
    shop.seller.post(PATH, &told(5, "2026-06-16T15:00:00Z")).await.expect::<Sale>(201);
    let day: Vec<DayTotal> = shop.seller.get("/api/v1/day-totals?day=2026-06-14").await.expect(200);
    assert_eq!((day[0].sales, day[0].total_cents.0), (1, 12_345));
    let changes = shop.manager.get(&format!("/api/v1/changes?after={}", tip - 2)).await.json();
    assert_eq!(changes["changes"][0]["event"]["data"]["total_cents"], 12_345, "{changes}");
    shop.server.stop().await;
}

#[tokio::test]
async fn totals_of_days_are_in_the_stores_zone() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await;
    let totals = async |caller: &crate::common::Caller, query: &str| -> Vec<DayTotal> {
        caller.get(&format!("/api/v1/day-totals{query}")).await.expect(200)
    };
    let figures = |totals: &[DayTotal]| -> Vec<(String, i64, i64)> {
        totals.iter().map(|t| (t.business_day.clone(), t.sales, t.total_cents.0)).collect()
    };
    let today = "2026-06-15".to_owned();
    assert_eq!(figures(&totals(&shop.seller, "").await), [(today.clone(), 0, 0)], "also without sales");
    // 02:59 UTC of the next day is 23:59 here.
    for (at, price) in
        [("2026-06-15T15:00:00Z", 500), ("2026-06-16T02:59:59Z", 300), ("2026-06-16T03:00:00Z", 70)]
    {
        let mut body = sale(shop.a, &[(product.id, 1000, price)]);
        body["sold_at"] = json!(at);
        shop.seller.post(PATH, &body).await.expect::<Sale>(201);
    }
    assert_eq!(figures(&totals(&shop.seller, "").await), [(today.clone(), 2, 800)]);
    let tomorrow = "2026-06-16".to_owned();
    assert_eq!(figures(&totals(&shop.seller, "?day=2026-06-16").await), [(tomorrow.clone(), 1, 70)]);
    assert_eq!(figures(&totals(&shop.admin, "").await), [(today.clone(), 2, 800), (today, 0, 0)]);
    let noon: UtcMicros = crate::common::inside::START.parse().unwrap();
    assert_eq!(shop.server.clock.now(), noon);
    shop.server.clock.advance(12 * HOUR);
    let (seller, _) = shop.nobody.sign_in("vendedora", crate::shop::PASSWORD).await;
    assert_eq!(figures(&totals(&seller, "").await), [(tomorrow, 1, 70)], "midnight has passed");
    for bad in ["?day=2026-02-30", "?day=today", "?day=15/06/2026", "?day="] {
        seller.get(&format!("/api/v1/day-totals{bad}")).await.problem(400, "malformed_request");
    }
    seller.get(&format!("/api/v1/day-totals?store_id={}", shop.b)).await.problem(403, "store_not_allowed");
    shop.server.stop().await;
}

/// 21:00 at −03:00 is midnight in UTC, and no midnight in the shop; a store that moves keeps the days of before.
#[tokio::test]
async fn a_sale_near_midnight_lands_on_the_stores_own_day() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await;
    let day_of = async |local: &str| {
        let mut body = sale(shop.a, &[(rice.id, 1000, 1000)]);
        body["sold_at"] = json!(local.parse::<UtcMicros>().unwrap());
        let kept: Sale = shop.seller.post(PATH, &body).await.expect(201);
        kept.business_day
    };
    for time in ["00:00:00", "20:59:59", "21:00:00", "23:59:59"] {
        assert_eq!(day_of(&format!("2026-06-14T{time}-03:00")).await, "2026-06-14", "{time}");
    }
    assert_eq!(day_of("2026-06-15T00:00:00-03:00").await, "2026-06-15");
    // To Manaus, an hour behind: what was sold stays where it was, what comes goes by the new clock.
    let zone = json!({ "zone": "America/Manaus" });
    shop.admin.patch(&format!("/api/v1/stores/{}", shop.a), &zone).await.expect::<Store>(200);
    assert_eq!(day_of("2026-06-15T00:59:59-03:00").await, "2026-06-14");
    assert_eq!(day_of("2026-06-15T01:00:00-03:00").await, "2026-06-15");
    let kept = all::<Sale>(&shop.seller, PATH).await.into_iter().map(|sale| sale.business_day);
    let first = kept.take(5).collect::<Vec<_>>();
    assert_eq!(first, ["2026-06-14", "2026-06-14", "2026-06-14", "2026-06-14", "2026-06-15"]);
    shop.server.stop().await;
}
