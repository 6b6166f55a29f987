//! Products, stock entries and the balances that they make.

use serde_json::{Value, json};
use tillwatch_shared::api::{Changes, Event, Page, Product, Sale, StockEntry, StockLevel};
use tillwatch_shared::{CommandId, ProductId, StoreId};

use crate::common::goods::{all, balances_are_sums, new_product, receipt, sale};
use crate::common::{Caller, Dice};
use crate::shop::Shop;

async fn level(caller: &Caller, store: StoreId, product: ProductId) -> StockLevel {
    let levels = all::<StockLevel>(caller, &format!("/api/v1/stock?store_id={store}")).await;
    levels.into_iter().find(|level| level.product_id == product).unwrap()
}

#[tokio::test]
async fn products_are_added_changed_and_found() {
    let shop = Shop::open().await;
    let path = "/api/v1/products";
    let body = json!({
        "name": "Pão de queijo", "code": "7891000100103", "unit": "kg", "price_cents": 3990, "minimum_thousandths": 2500
    });
    let added: Product = shop.seller.post(path, &body).await.expect(201);
    assert_eq!(added.code.as_deref(), Some("07891000100103"), "a GTIN-13 as GTIN-14");
    assert_eq!((added.price_cents.0, added.minimum_thousandths.0, added.active), (3990, 2500, true));
    let one = format!("{path}/{}", added.id);
    assert_eq!(shop.stranger.get(&one).await.expect::<Product>(200), added);
    new_product(&shop.seller, "Café", 1890).await;

    let tip = shop.server.tip();
    let with = |field: &str, value: Value| {
        let mut body = json!({ "name": "Outro" });
        body[field] = value;
        body
    };
    shop.seller.post(path, &with("name", json!("PAO DE QUEIJO"))).await.problem(409, "name_taken");
    shop.seller.post(path, &with("code", json!("07891000100103"))).await.problem(409, "code_taken");
    for (field, bad) in [
        ("name", json!(" ")),
        ("name", json!("a\u{0}")),
        ("name", json!("x".repeat(121))),
        ("code", json!("c".repeat(41))),
        ("price_cents", json!(-1)),
        ("price_cents", json!(1_000_000_001)),
        ("minimum_thousandths", json!(-1)),
        ("minimum_thousandths", json!(1_000_000_001)),
    ] {
        let problem = shop.seller.post(path, &with(field, bad)).await.problem(400, "invalid_value");
        assert_eq!(problem["field"], field);
    }
    let cheaper = json!({ "price_cents": 2990, "code": "" });
    shop.seller.patch(&one, &cheaper).await.problem(403, "role_not_allowed");
    shop.manager
        .patch(&format!("{path}/{}", ProductId::now()), &cheaper)
        .await
        .problem(404, "unknown_product");
    shop.manager.patch(&one, &json!({ "name": "CAFE" })).await.problem(409, "name_taken");
    assert_eq!(shop.server.tip(), tip);

    shop.server.clock.advance(1);
    let changed: Product = shop.manager.patch(&one, &cheaper).await.expect(200);
    assert_eq!((changed.price_cents.0, changed.code.as_deref()), (2990, None));
    assert_eq!(changed.changed_at, added.created_at.plus(1));
    assert_eq!((changed.name, changed.unit), (added.name, added.unit));
    shop.server.stop().await;
}

#[tokio::test]
async fn products_are_searched_and_paged() {
    let server = crate::common::Server::demo().await;
    let (caller, _) = server.caller().sign_in("ana", "1234").await;
    let found = async |q: &str| -> Vec<String> {
        all::<Product>(&caller, &format!("/api/v1/products?q={q}"))
            .await
            .into_iter()
            .map(|p| p.name)
            .collect()
    };
    assert_eq!(found("LEITE").await, ["Leite integral 1 L", "Leite em pó 400 g"]);
    assert_eq!(found("acucar").await, ["Açúcar refinado 1 kg"]);
    assert_eq!(found("qm-01").await, ["Queijo minas"]);
    assert_eq!(found("7891000100103").await, ["Arroz branco 5 kg"]);
    assert!(found("%25").await.is_empty(), "no wildcard");

    let whole = all::<Product>(&caller, "/api/v1/products").await;
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page: Page<Product> = caller.get(&format!("/api/v1/products?limit=5{after}")).await.expect(200);
        assert!(page.items.len() <= 5);
        rows.extend(page.items);
        let Some(next) = page.next else { break };
        after = format!("&after={next}");
    }
    assert_eq!(rows, whole);
    let newest: Page<Product> = caller.get("/api/v1/products?order=newest&limit=16").await.expect(200);
    assert!(newest.items.iter().eq(whole.iter().rev()));
    for bad in ["limit=0", "limit=1001", "limit=-1", "limit=x", "after=x", "order=best", "after=1e400"] {
        caller.get(&format!("/api/v1/products?{bad}")).await.problem(400, "malformed_request");
    }
    caller.get(&format!("/api/v1/products?q={}", "x".repeat(121))).await.problem(400, "malformed_request");
    server.stop().await;
}

/// Read in the middle of sales: in the balance is what came up to the change that it names, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_balance_says_which_changes_are_in_it() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Farinha", 500).await;
    let body = receipt(shop.a, product.id, 90_000);
    let _: StockEntry = shop.seller.post("/api/v1/stock-entries", &body).await.expect(201);
    let sell = async || {
        for _ in 0..15 {
            let body = sale(shop.a, &[(product.id, 1000, 500)]);
            let _: Sale = shop.seller.post("/api/v1/sales", &body).await.expect(201);
        }
    };
    let mut read = Vec::new();
    let look = async {
        for _ in 0..30 {
            read.push(level(&shop.seller, shop.a, product.id).await);
        }
    };
    tokio::join!(sell(), sell(), look);
    read.push(level(&shop.seller, shop.a, product.id).await);
    let told: Changes = shop.seller.get("/api/v1/changes?after=0&limit=500").await.expect(200);
    let sold = |until: i64| {
        let sales = told.changes.iter().filter(|change| matches!(change.event, Event::SaleRecorded(_)));
        1000 * sales.filter(|change| change.seq <= until).count()
    };
    for level in &read {
        let expected = 90_000 - sold(level.changed_until) as i64;
        assert_eq!(level.balance_thousandths.0, expected, "at {}", level.changed_until);
    }
    let last = read.last().unwrap();
    assert_eq!((last.balance_thousandths.0, last.changed_until), (60_000, shop.server.tip()));
    shop.server.stop().await;
}

#[tokio::test]
async fn receiving_adjusting_and_counting() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Farinha", 500).await;
    let path = "/api/v1/stock-entries";
    let entry = |kind: &str, quantity: i64, reason: Option<&str>| json!({ "kind": kind, "store_id": shop.a, "product_id": product.id, "quantity_thousandths": quantity, "reason": reason });
    for (body, moved, after) in [
        (entry("receive", 10_000, None), 10_000, 10_000),
        (entry("adjust", -2_500, Some("quebra")), -2_500, 7_500),
        (entry("adjust", -9_000, Some("perda")), -9_000, -1_500),
        (entry("count", 4_000, None), 5_500, 4_000),
        (entry("count", 4_000, None), 0, 4_000),
        (entry("count", 0, None), -4_000, 0),
    ] {
        let kept: StockEntry = shop.seller.post(path, &body).await.expect(201);
        assert_eq!((kept.moved_thousandths.0, kept.balance_after_thousandths.0), (moved, after), "{body}");
        assert_eq!(level(&shop.seller, shop.a, product.id).await.balance_thousandths.0, after);
    }
    let tip = shop.server.tip();
    for (body, field) in [
        (entry("receive", 0, None), "quantity_thousandths"),
        (entry("receive", -1, None), "quantity_thousandths"),
        (entry("count", -1, None), "quantity_thousandths"),
        (entry("adjust", 0, Some("x")), "quantity_thousandths"),
        (entry("receive", 1_000_000_001, None), "quantity_thousandths"),
        (entry("adjust", i64::MIN, Some("x")), "quantity_thousandths"),
        (entry("adjust", 5, None), "reason"),
        (entry("adjust", 5, Some("  ")), "reason"),
        (entry("receive", 5, Some(&"x".repeat(501))), "reason"),
    ] {
        assert_eq!(
            shop.seller.post(path, &body).await.problem(400, "invalid_value")["field"],
            field,
            "{body}"
        );
    }
    shop.stranger.post(path, &entry("receive", 5, None)).await.problem(403, "store_not_allowed");
    let unknown = receipt(shop.a, ProductId::now(), 5);
    shop.seller.post(path, &unknown).await.problem(404, "unknown_product");
    let nowhere = receipt(StoreId::now(), product.id, 5);
    shop.seller.post(path, &nowhere).await.problem(404, "unknown_store");
    assert_eq!(shop.server.tip(), tip);

    shop.stranger.get(&format!("{path}?store_id={}", shop.a)).await.problem(403, "store_not_allowed");
    shop.stranger.get(&format!("/api/v1/stock?store_id={}", shop.a)).await.problem(403, "store_not_allowed");
    assert!(all::<StockEntry>(&shop.stranger, path).await.is_empty());
    assert_eq!(all::<StockEntry>(&shop.seller, &format!("{path}?store_id={}", shop.a)).await.len(), 6);
    shop.server.stop().await;
}

#[tokio::test]
async fn low_stock_is_marked() {
    let shop = Shop::open().await;
    let body = json!({ "name": "Leite", "minimum_thousandths": 3_000 });
    let product: Product = shop.seller.post("/api/v1/products", &body).await.expect(201);
    let plenty = new_product(&shop.seller, "Sem mínimo", 1).await;
    for (quantity, low) in [(3_001, false), (3_000, true), (0, true)] {
        let mut count = receipt(shop.a, product.id, quantity);
        count["kind"] = json!("count");
        shop.seller.post("/api/v1/stock-entries", &count).await.expect::<StockEntry>(201);
        assert_eq!(level(&shop.seller, shop.a, product.id).await.low, low, "{quantity}");
    }
    let empty = level(&shop.seller, shop.a, plenty.id).await;
    assert_eq!((empty.balance_thousandths.0, empty.low), (0, false));
    // Taken out of the range: gone from the list, unless some is left.
    let path = format!("/api/v1/products/{}", plenty.id);
    shop.manager.patch(&path, &json!({ "active": false })).await.expect::<Product>(200);
    let levels = all::<StockLevel>(&shop.seller, &format!("/api/v1/stock?store_id={}", shop.a)).await;
    assert!(levels.iter().all(|level| level.product_id != plenty.id));
    shop.server.stop().await;
}

/// Random entries and sales against a model that a reader can check by eye.
#[tokio::test]
async fn balances_are_the_sums_of_movements() {
    let shop = Shop::open().await;
    let mut products = Vec::new();
    for name in ["A", "B", "C"] {
        products.push(new_product(&shop.manager, name, 100).await.id);
    }
    for seed in [1, 2, 3] {
        let mut dice = Dice::new(seed);
        let mut model = std::collections::BTreeMap::new();
        for product in &products {
            model.insert(*product, level(&shop.seller, shop.a, *product).await.balance_thousandths.0);
        }
        for _ in 0..40 {
            let product = *dice.pick(&products);
            let quantity = dice.between(1, 10_000);
            let balance = model.get_mut(&product).unwrap();
            let mut entry = receipt(shop.a, product, quantity);
            match dice.between(0, 5) {
                0 => *balance += quantity,
                1 => {
                    entry["kind"] = json!("count");
                    *balance = quantity;
                }
                2 => {
                    entry["kind"] = json!("adjust");
                    entry["reason"] = json!("acerto");
                    entry["quantity_thousandths"] = json!(-quantity);
                    *balance -= quantity;
                }
                _ => {
                    // Twice on one receipt, as it happens at a till.
                    let body = sale(shop.a, &[(product, quantity, 333), (product, 1, 333)]);
                    shop.seller.command("/api/v1/sales", CommandId::now(), &body).await.expect::<Sale>(201);
                    *balance -= quantity + 1;
                    continue;
                }
            }
            shop.seller.post("/api/v1/stock-entries", &entry).await.expect::<StockEntry>(201);
        }
        for (product, balance) in model {
            assert_eq!(
                level(&shop.seller, shop.a, product).await.balance_thousandths.0,
                balance,
                "seed {seed}"
            );
        }
    }
    balances_are_sums(&shop.admin, &[shop.a, shop.b]).await;
    shop.server.stop().await;
}
