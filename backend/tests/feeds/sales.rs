//! Records that are sales, and the names in them.

use serde_json::{Value, json};
use tillwatch_shared::Cents;
use tillwatch_shared::api::{Page, ParkReason, ParkedRecord, Person, Product, Sale, Store};

use crate::common::goods::all;
use crate::followed::{Followed, lines, record};

pub fn sale(id: &str, store: &str, product: &str) -> Value {
    json!({
        "id": id, "chain": "MAX ATACADO", "store": store, "seller": "Ana Souza", "amount": 55.8,
        "when": "2026-06-15T11:30:00-03:00",
        "items": [{ "product": product, "quantity": 2, "price": 27.9 }]
    })
}

#[tokio::test]
async fn records_that_are_sales_become_sales_once() {
    let shop = Followed::open(None).await;
    let before: Vec<Sale> = all(&shop.manager, "/api/v1/sales").await;
    let records = [sale("V-1", "max atacado centro", "ARROZ BRANCO 5 KG"), record(2, "no sale")];
    shop.replace(json!(records).to_string());
    shop.until("sold", |feed| feed.sales == 1 && feed.waiting == 0).await;
    let after: Vec<Sale> = all(&shop.manager, "/api/v1/sales").await;
    assert_eq!(after.len(), before.len() + 1);
    let made = after.last().unwrap();
    assert_eq!((made.total_cents.0, made.person_name.as_str()), (5580, "Ana Souza"));
    assert_eq!((made.store_name.as_str(), made.lines.len()), ("Max Atacado Centro", 1));
    assert_eq!(made.sold_at.to_string(), "2026-06-15T14:30:00Z");
    // Changed after it was sold: the sale stands, and a person is asked.
    let mut changed = records;
    changed[0]["amount"] = json!(50);
    shop.replace(json!(changed).to_string());
    shop.until("parked", |feed| feed.parked == 1).await;
    let parked: Page<ParkedRecord> = shop.manager.get("/api/v1/feeds/vendas/parked").await.expect(200);
    assert_eq!((parked.items[0].reason, parked.items[0].version), (ParkReason::Changed, 2));
    let path = "/api/v1/feeds/vendas/dismissals";
    shop.manager.post(path, &json!({ "record_id": "V-1" })).await.expect::<Value>(201);
    shop.manager.post(path, &json!({ "record_id": "V-1" })).await.problem(404, "unknown_record");
    let feed = shop.until("put away", |feed| feed.parked == 0).await;
    assert_eq!((feed.sales, feed.waiting), (1, 0));
    assert_eq!(all::<Sale>(&shop.manager, "/api/v1/sales").await.len(), before.len() + 1);
    shop.stop().await;
}

#[tokio::test]
async fn unknown_names_wait_for_a_person() {
    let mut broken = sale("V-5", "Max Atacado Centro", "Arroz branco 5 kg");
    broken["amount"] = json!(1);
    let mut seller = sale("V-4", "Max Atacado Centro", "Arroz branco 5 kg");
    seller["seller"] = json!("Zé");
    let mut product = sale("V-3", "Max Atacado Centro", "Arroz do fornecedor");
    product["items"][0]["code"] = json!("F-77");
    let records = json!([
        sale("V-1", "Loja 3", "Arroz branco 5 kg"),
        sale("V-2", "loja  3", "Arroz branco 5 kg"),
        product,
        seller,
        broken,
    ]);
    let shop = Followed::open(Some(records.to_string().as_bytes())).await;
    shop.until("parked", |feed| feed.parked == 5).await;
    let parked: Vec<ParkedRecord> = all(&shop.manager, "/api/v1/feeds/vendas/parked").await;
    let reasons: Vec<_> =
        parked.iter().map(|p| (p.record_id.as_str(), p.reason, p.subject.as_str())).collect();
    assert_eq!(
        reasons[..4],
        [
            ("V-1", ParkReason::UnknownStore, "Loja 3"),
            ("V-2", ParkReason::UnknownStore, "loja 3"),
            ("V-3", ParkReason::UnknownProduct, "Arroz do fornecedor"),
            ("V-4", ParkReason::UnknownSeller, "Zé"),
        ]
    );
    assert_eq!((reasons[4].0, reasons[4].1), ("V-5", ParkReason::BadSale));
    // For whoever adds what is missing.
    let told = parked[2].told.as_ref().unwrap();
    assert_eq!((told.code.as_deref(), told.price_cents), (Some("F-77"), Some(Cents(2_790))));
    assert_eq!(parked[0].told.as_ref().unwrap().chain.as_deref(), Some("MAX ATACADO"));
    assert!(parked[3].told.is_none() && parked[4].told.is_none());
    let stores: Vec<Store> = shop.manager.get("/api/v1/stores").await.expect(200);
    let products: Vec<Product> = all(&shop.manager, "/api/v1/products").await;
    let people: Vec<Person> = all(&shop.manager, "/api/v1/people").await;
    let path = "/api/v1/feeds/vendas/aliases";
    let alias = |kind: &str, name: &str, id: Value| json!({ "kind": kind, "name": name, "target_id": id });
    let set = shop.manager.post(path, &alias("store", "LOJA 3", json!(stores[0].id))).await;
    assert_eq!(set.expect::<Value>(201)["released"], 2);
    shop.until("two", |feed| feed.sales == 2).await;
    let product = alias("product", "Arroz do fornecedor", json!(products[0].id));
    shop.manager.post(path, &product).await.expect::<Value>(201);
    let person = people.iter().find(|p| p.username == "bruno").unwrap();
    shop.manager.post(path, &alias("seller", "Zé", json!(person.id))).await.expect::<Value>(201);
    let feed = shop.until("four", |feed| feed.sales == 4).await;
    assert_eq!((feed.parked, feed.waiting), (1, 0));
    let sales: Vec<Sale> = all(&shop.manager, "/api/v1/sales").await;
    assert!(sales.iter().rev().take(4).any(|sale| sale.person_name == "Bruno Lima"));
    // A seller may not decide.
    let (seller, _) = shop.server.caller().sign_in("ana", "1234").await;
    seller.post(path, &product).await.problem(403, "role_not_allowed");
    seller.get("/api/v1/feeds/vendas/parked").await.problem(403, "role_not_allowed");
    shop.stop().await;
}

#[tokio::test]
async fn unknown_names_are_added_where_the_settings_say_so() {
    let mut first = sale("V-1", "Loja Nova", "Produto novo");
    first["chain"] = json!("REDE NOVA");
    first["seller"] = json!("Zé da Silva");
    let mut second = first.clone();
    second["id"] = json!("V-2");
    second.as_object_mut().unwrap().remove("seller");
    let text = lines(&[first, second]);
    let shop = Followed::with(Some(text.as_bytes()), &["--feed-unknown", "create"]).await;
    let feed = shop.until("sold", |feed| feed.sales == 2).await;
    assert_eq!((feed.parked, feed.waiting), (0, 0));
    let products: Vec<Product> = all(&shop.manager, "/api/v1/products").await;
    assert_eq!(products.iter().filter(|product| product.name == "Produto novo").count(), 1);
    // A person made for a feed has no password that would open a door.
    for password in ["", "1234", " "] {
        let body = json!({ "username": "Zé da Silva", "password": password });
        let answer = shop.server.caller().post("/api/v1/sessions", &body).await;
        assert!((400..=401).contains(&answer.status), "{}", answer.text());
    }
    shop.stop().await;
}
