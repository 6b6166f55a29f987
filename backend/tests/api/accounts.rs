//! Sales on account, and the debts that they leave.

use serde_json::{Value, json};
use tillwatch_shared::api::{Account, AccountPayment, Debt, Page, PaymentMethod, Sale};
use tillwatch_shared::{Cents, CommandId, UtcMicros};

use crate::common::caller::Caller;
use crate::common::goods::{new_product, sale};
use crate::common::inside::prove;
use crate::shop::Shop;

/// By the till's clock, which is its own.
const PAID_AT: UtcMicros = UtcMicros(1_790_000_000_000_000);

#[tokio::test]
async fn a_customer_owes_and_pays() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await.id;
    let on_account = |name: Value, cents: i64| {
        let mut body = sale(shop.a, &[(rice, 1000, 1000)]);
        body["payments"] = json!([
            { "method": "account", "amount_cents": cents }, { "method": "pix", "amount_cents": 1000 - cents }
        ]);
        body["customer_name"] = name;
        body
    };
    for nobody in [Value::Null, json!(""), json!("  ")] {
        let answer = shop.seller.post("/api/v1/sales", &on_account(nobody, 600)).await;
        assert_eq!(answer.problem(400, "invalid_value")["field"], "customer_name");
    }
    let first = CommandId::now();
    let body = on_account(json!(" João  da Silva "), 600);
    let sold: Sale = shop.seller.command("/api/v1/sales", first, &body).await.expect(201);
    assert_eq!(sold.customer_name.as_deref(), Some("João da Silva"));
    shop.seller.post("/api/v1/sales", &on_account(json!("joao da silva"), 300)).await.expect::<Sale>(201);
    shop.seller.post("/api/v1/sales", &on_account(json!("Maria"), 100)).await.expect::<Sale>(201);

    shop.seller.get("/api/v1/accounts").await.problem(403, "role_not_allowed");
    let owed = async || shop.manager.get("/api/v1/accounts").await.expect::<Page<Account>>(200).items;
    let [joao, maria] = <[Account; 2]>::try_from(owed().await).unwrap();
    assert_eq!((joao.id.0, joao.balance_cents, maria.balance_cents), (first.0, Cents(900), Cents(100)));

    let debts = async |caller: &Caller| {
        caller.get(&format!("/api/v1/stores/{}/debts", shop.a)).await.expect::<Page<Debt>>(200).items
    };
    let [debt, other] = <[Debt; 2]>::try_from(debts(&shop.seller).await).unwrap();
    assert_eq!((debt.account, other.account), (joao.clone(), maria.clone()));
    let bought: Vec<_> = debt.entries.iter().map(|entry| (entry.sale_number, entry.amount_cents.0)).collect();
    assert_eq!(bought, [(Some(2), 300), (Some(1), 600)], "the newest first");
    let elsewhere = format!("/api/v1/stores/{}/debts", shop.a);
    shop.stranger.get(&elsewhere).await.problem(403, "store_not_allowed");

    let path = format!("/api/v1/accounts/{}/payments", joao.id);
    let pay = |method: &str, cents: i64| json!({ "method": method, "amount_cents": cents });
    shop.seller.post(&path, &pay("cash", 901)).await.problem(409, "overpaid_account");
    shop.seller.post(&path, &pay("account", 1)).await.problem(400, "invalid_value");
    shop.stranger.post(&path, &pay("pix", 1)).await.problem(403, "store_not_allowed");
    let nowhere = format!("/api/v1/accounts/{}/payments", CommandId::now());
    shop.seller.post(&nowhere, &pay("pix", 1)).await.problem(404, "unknown_account");
    let part = json!({ "method": "pix", "amount_cents": 250, "paid_at": PAID_AT });
    shop.seller.post(&path, &part).await.expect::<AccountPayment>(201);
    let entry = debts(&shop.seller).await[0].entries[0].clone();
    assert_eq!(
        (entry.at, entry.amount_cents, entry.method),
        (PAID_AT, Cents(-250), Some(PaymentMethod::Pix))
    );
    let paid: AccountPayment = shop.seller.post(&path, &pay("cash", 650)).await.expect(201);
    assert_eq!((paid.account.balance_cents, paid.person_name.as_str()), (Cents::ZERO, "vendedora"));
    assert_eq!(owed().await, [maria], "only those who owe");
    prove(shop.server.stop().await.path().join("ledger.sqlite").as_path());
}
