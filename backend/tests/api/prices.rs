//! Price lists: who sets them, what is refused, and that they come with the product.

use serde_json::{Value, json};
use tillwatch_shared::Cents;
use tillwatch_shared::api::{Changes, Event, Page, Product};

use crate::common::goods::new_product;
use crate::common::inside::prove;
use crate::shop::Shop;

fn path(product: &Product) -> String {
    format!("/api/v1/products/{}/prices", product.id)
}

fn period(price: i64, first: &str, last: Option<&str>) -> Value {
    json!({ "price_cents": price, "first_day": first, "last_day": last })
}

#[tokio::test]
async fn lists_of_a_store_and_of_all_come_with_the_product_and_through_the_feed() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await;
    let all = json!({ "periods": [period(900, "2026-12-01", None), period(800, "2026-12-24", Some("2026-12-25"))] });
    let own = json!({ "store_id": shop.a, "periods": [period(700, "2026-12-25", Some("2026-12-31"))] });
    shop.manager.put(&path(&rice), &all).await.expect::<Product>(200);
    let told: Product = shop.manager.put(&path(&rice), &own).await.expect(200);
    let day = |text: &str| text.parse().unwrap();
    for (on, in_a, in_b) in [
        ("2026-11-30", 1000, 1000),
        ("2026-12-01", 900, 900),
        ("2026-12-24", 800, 800),
        ("2026-12-25", 700, 800),
        ("2026-12-31", 700, 900),
        ("2027-01-01", 900, 900),
    ] {
        let price = |store| told.price_on(store, day(on));
        assert_eq!((price(shop.a), price(shop.b)), (Cents(in_a), Cents(in_b)), "{on}");
    }
    let listed: Page<Product> = shop.seller.get("/api/v1/products").await.expect(200);
    assert_eq!(listed.items.iter().find(|p| p.id == rice.id), Some(&told));
    let changes: Changes = shop.seller.get("/api/v1/changes?after=0&limit=500").await.expect(200);
    assert_eq!(
        changes.changes.last().map(|change| &change.event),
        Some(&Event::ProductChanged(told.clone()))
    );

    // Another list in its place, and none.
    let none = json!({ "store_id": shop.a, "periods": [] });
    let told: Product = shop.manager.put(&path(&rice), &none).await.expect(200);
    assert_eq!(told.price_on(shop.a, day("2026-12-25")), Cents(800));
    let told: Product = shop.manager.put(&path(&rice), &json!({ "periods": [] })).await.expect(200);
    assert!(told.price_lists.is_empty());
    prove(&shop.server.ledger_file());
}

#[tokio::test]
async fn what_is_no_price_list_is_refused_and_changes_nothing() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await;
    let cases = [
        (json!([period(-1, "2026-12-01", None)]), "periods.0.price_cents"),
        (json!([period(1_000_000_001, "2026-12-01", None)]), "periods.0.price_cents"),
        (json!([period(1, "2026-12-02", Some("2026-12-01"))]), "periods.0.last_day"),
        (json!([period(1, "2026-12-01", None), period(2, "2026-12-01", None)]), "periods.1.first_day"),
        (json!([period(1, "9999-12-01", None)]), "periods.0.first_day"),
    ];
    for (periods, field) in cases {
        let answer = shop.manager.put(&path(&rice), &json!({ "periods": periods })).await;
        assert_eq!(answer.problem(400, "invalid_value")["field"], json!(field));
    }
    for body in [
        json!({ "periods": [period(1, "2026-02-30", None)] }),
        json!({ "periods": [period(1, "hoje", None)] }),
    ] {
        assert_eq!(shop.manager.put(&path(&rice), &body).await.status, 400);
    }
    let many: Vec<Value> = (1..=101).map(|n| period(n, &format!("{}-01-01", 2000 + n), None)).collect();
    assert_eq!(shop.manager.put(&path(&rice), &json!({ "periods": many })).await.status, 400);
    let good = json!({ "periods": [period(1, "2026-12-01", None)] });
    assert_eq!(shop.seller.put(&path(&rice), &good).await.status, 403);
    let kept: Product = shop.manager.get(&format!("/api/v1/products/{}", rice.id)).await.expect(200);
    assert_eq!(kept, rice);
}
