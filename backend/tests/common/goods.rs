//! Bodies of requests, and what a test asks about a whole shop.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tillwatch_shared::api::{Page, Product, Return, Sale, StockEntry, StockLevel};
use tillwatch_shared::{CommandId, ProductId, StoreId};

use super::Caller;

/// A sale of these products (id, thousandths, price in centavos), paid exactly.
pub fn sale(store: StoreId, lines: &[(ProductId, i64, i64)]) -> Value {
    let total: i64 = lines.iter().map(|(_, quantity, price)| (quantity * price + 500) / 1000).sum();
    let lines: Vec<Value> = lines
        .iter()
        .map(|(id, quantity, price)| {
            json!({ "product_id": id, "quantity_thousandths": quantity, "unit_price_cents": price })
        })
        .collect();
    let payments = if total == 0 { json!([]) } else { json!([{ "method": "pix", "amount_cents": total }]) };
    json!({ "store_id": store, "lines": lines, "payments": payments, "total_cents": total })
}

/// Goods that come in.
pub fn receipt(store: StoreId, product: ProductId, thousandths: i64) -> Value {
    json!({
        "kind": "receive", "store_id": store, "product_id": product, "quantity_thousandths": thousandths
    })
}

/// A product that nobody has yet.
pub async fn new_product(caller: &Caller, name: &str, price_cents: i64) -> Product {
    let body = json!({ "name": name, "price_cents": price_cents });
    caller.command("/api/v1/products", CommandId::now(), &body).await.expect(201)
}

/// Every row of a list, over its pages.
pub async fn all<T: DeserializeOwned>(caller: &Caller, path: &str) -> Vec<T> {
    let mut rows = Vec::new();
    let mut after = String::new();
    let joint = if path.contains('?') { '&' } else { '?' };
    loop {
        let page: Page<T> = caller.get(&format!("{path}{joint}limit=1000{after}")).await.expect(200);
        rows.extend(page.items);
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => return rows,
        }
    }
}

/// That each store's balance of each product is the sum of its entries less its sales, and what was restocked.
pub async fn balances_are_sums(caller: &Caller, stores: &[StoreId]) {
    let mut sums: BTreeMap<(StoreId, ProductId), i64> = BTreeMap::new();
    for entry in all::<StockEntry>(caller, "/api/v1/stock-entries").await {
        *sums.entry((entry.store_id, entry.product_id)).or_default() += entry.moved_thousandths.0;
    }
    for sale in all::<Sale>(caller, "/api/v1/sales").await {
        for line in sale.lines {
            *sums.entry((sale.store_id, line.product_id)).or_default() -= line.quantity_thousandths.0;
        }
    }
    for back in all::<Return>(caller, "/api/v1/returns").await {
        for line in back.lines.iter().filter(|line| line.restock) {
            *sums.entry((back.store_id, line.product_id)).or_default() += line.quantity_thousandths.0;
        }
    }
    for store in stores {
        for level in all::<StockLevel>(caller, &format!("/api/v1/stock?store_id={store}")).await {
            let sum = sums.get(&(*store, level.product_id)).copied().unwrap_or_default();
            assert_eq!(level.balance_thousandths.0, sum, "{} in {store}", level.product_name);
        }
    }
}
