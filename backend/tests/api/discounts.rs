//! Discounts, who may give them, who allows more, and the customer's CPF.

use serde_json::{Value, json};
use tillwatch_shared::api::{Approval, Changes, Event, Page, Product, Sale, Session, Store};
use tillwatch_shared::{Cents, CommandId, PersonId, SaleId, StoreId};

use crate::common::Answer;
use crate::common::goods::{new_product, sale};
use crate::shop::{PASSWORD, Shop};
use crate::tills::Desk;

const PATH: &str = "/api/v1/sales";
const APPROVALS: &str = "/api/v1/approvals";
const CPF: &str = "52998224725";

/// Three lines that cost 100,00 without discounts.
async fn shop() -> (Shop, Vec<Product>) {
    let shop = Shop::open().await;
    let mut products = Vec::new();
    for (name, price) in [("Arroz", 3333), ("Feijão", 3333), ("Queijo", 3334)] {
        products.push(new_product(&shop.manager, name, price).await);
    }
    (shop, products)
}

/// A sale of one each, less a discount on the first line and one on the whole.
fn discounted(store: StoreId, products: &[Product], of_line: i64, of_all: i64) -> Value {
    let lines: Vec<_> = products.iter().map(|product| (product.id, 1000, product.price_cents.0)).collect();
    let mut body = sale(store, &lines);
    let total = 10_000 - of_line - of_all;
    body["lines"][0]["discount_cents"] = json!(of_line);
    body["discount_cents"] = json!(of_all);
    body["total_cents"] = json!(total);
    body["payments"] = json!([{ "method": "cash", "amount_cents": total }]);
    body
}

fn approval(shop: &Shop, username: &str, sale: SaleId, cents: i64) -> Value {
    json!({
        "username": username, "password": PASSWORD, "store_id": shop.a, "sale_id": sale,
        "limit_cents": cents, "undiscounted_cents": 10_000
    })
}

fn limit_told(answer: &Answer, code: &str, cents: i64) {
    let problem = answer.problem(403, code);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(&Cents(cents).plain()), "{detail}");
}

#[tokio::test]
async fn discounts_are_taken_off_and_spread_over_the_lines() {
    let (shop, products) = shop().await;
    let body = discounted(shop.a, &products, 33, 401);
    let kept: Sale = shop.seller.post(PATH, &body).await.expect(201);
    assert_eq!((kept.total_cents.0, kept.discount_cents.0), (9566, 401));
    let lines: Vec<_> =
        kept.lines.iter().map(|l| (l.discount_cents.0, l.total_cents.0, l.share_cents.0)).collect();
    // 401 × 3300 / 9967 = 132,77; × 3333 = 134,10; × 3334 = 134,14.
    assert_eq!(lines, [(33, 3300, 133), (0, 3333, 134), (0, 3334, 134)]);
    assert_eq!((kept.approved_by, kept.approved_by_name.clone()), (None, None), "nobody had to");
    assert_eq!(shop.manager.get(&format!("{PATH}/{}", kept.id)).await.expect::<Sale>(200), kept);

    let tip = shop.server.tip();
    let with = |path: &str, value: i64| {
        let mut body = body.clone();
        *body.pointer_mut(path).unwrap() = json!(value);
        body
    };
    for (path, value, field) in [
        ("/lines/0/discount_cents", 3334, "lines.0.discount_cents"),
        ("/lines/0/discount_cents", -1, "lines.0.discount_cents"),
        ("/discount_cents", -1, "discount_cents"),
        ("/discount_cents", 9968, "discount_cents"),
    ] {
        let problem = shop.seller.post(PATH, &with(path, value)).await.problem(400, "invalid_value");
        assert_eq!(problem["field"], field);
    }
    for path in ["/lines/0/discount_cents", "/discount_cents", "/total_cents"] {
        let by_one = body.pointer(path).unwrap().as_i64().unwrap() - 1;
        shop.seller.post(PATH, &with(path, by_one)).await.problem(400, "total_mismatch");
    }
    // A sale by amount says what was paid: there is nothing to take off.
    let by_amount = json!({ "store_id": shop.a, "total_cents": 500, "discount_cents": 1 });
    shop.seller.post(PATH, &by_amount).await.problem(400, "invalid_value");
    assert_eq!(shop.server.tip(), tip);

    // Everything may be taken off by those who may; then there is nothing to pay.
    let mut gift = discounted(shop.a, &products, 3333, 6667);
    gift["payments"] = json!([]);
    let given: Sale = shop.admin.post(PATH, &gift).await.expect(201);
    assert_eq!((given.total_cents.0, given.lines[2].share_cents.0), (0, 3334));
    shop.server.stop().await;
}

#[tokio::test]
async fn each_role_has_a_limit_and_above_it_somebody_allows_it() {
    let (shop, products) = shop().await;
    let body = |cents: i64, by: Option<PersonId>| {
        let mut body = discounted(shop.a, &products, 0, cents);
        body["approved_by"] = json!(by);
        body
    };
    let manager = shop.manager_person().id;
    // 5 % of 100,00 for sellers, 30 % for managers.
    shop.seller.post(PATH, &body(500, None)).await.expect::<Sale>(201);
    shop.manager.post(PATH, &body(3000, None)).await.expect::<Sale>(201);
    let tip = shop.server.tip();
    limit_told(&shop.seller.post(PATH, &body(501, None)).await, "discount_not_allowed", 500);
    limit_told(&shop.manager.post(PATH, &body(3001, None)).await, "discount_not_allowed", 3000);
    shop.seller.post(PATH, &body(501, Some(manager))).await.problem(403, "approval_missing");
    limit_told(
        &shop.seller.post(PATH, &body(501, Some(shop.seller_person().id))).await,
        "approver_not_allowed",
        500,
    );
    limit_told(
        &shop.seller.post(PATH, &body(501, Some(shop.stranger_person().id))).await,
        "approver_not_allowed",
        0,
    );
    shop.seller.post(PATH, &body(501, Some(PersonId::now()))).await.problem(404, "unknown_person");
    assert_eq!(shop.server.tip(), tip);

    // The manager allows up to 20,00 of one sale, at the seller's till.
    let id = CommandId::now();
    let allowed = approval(&shop, "gerente", SaleId(id.0), 2000);
    let key = CommandId::now();
    let given: Approval = shop.seller.command(APPROVALS, key, &allowed).await.expect(201);
    assert_eq!((given.person_id, given.limit_cents), (manager, Cents(2000)));
    assert_eq!(shop.seller.command(APPROVALS, key, &allowed).await.expect::<Approval>(201), given);
    let tip = shop.server.tip();
    let other = CommandId::now();
    shop.seller.command(PATH, other, &body(2000, Some(manager))).await.problem(403, "approval_missing");
    shop.seller.command(PATH, id, &body(2001, Some(manager))).await.problem(403, "approval_missing");
    shop.seller.command(PATH, id, &body(2000, None)).await.problem(403, "discount_not_allowed");
    assert_eq!(shop.server.tip(), tip);
    let kept: Sale = shop.seller.command(PATH, id, &body(2000, Some(manager))).await.expect(201);
    assert_eq!((kept.approved_by, kept.approved_by_name.as_deref()), (Some(manager), Some("gerente")));
    assert_eq!(kept.person_id, shop.seller_person().id, "both are recorded");
    let again: Sale = shop.seller.command(PATH, id, &body(2000, Some(manager))).await.expect(201);
    assert_eq!(again, kept, "a repeat is the same sale");
    shop.server.stop().await;
}

#[tokio::test]
async fn a_till_tells_later_who_allowed_it_while_the_server_was_away() {
    let (shop, products) = shop().await;
    let desk = Desk::new(&shop);
    let (seller, manager) = (desk.sign_in("vendedora").await.person.id, shop.manager_person().id);
    let mut body = discounted(shop.a, &products, 0, 3000);
    body["approved_by"] = json!(manager);
    let send = async |body: &Value| desk.send(seller, PATH, CommandId::now(), body).await;
    // The manager has never signed in there.
    send(&body).await.problem(403, "approval_missing");
    desk.sign_in("gerente").await;
    let kept: Sale = send(&body).await.expect(201);
    assert_eq!((kept.person_id, kept.approved_by), (seller, Some(manager)));
    // Not more than the manager may give, and not without the till's key.
    let mut more = discounted(shop.a, &products, 0, 3001);
    more["approved_by"] = json!(manager);
    limit_told(&send(&more).await, "approver_not_allowed", 3000);
    shop.seller.post(PATH, &body).await.problem(403, "approval_missing");
    // A new password ends what the till may say for them.
    let path = format!("/api/v1/people/{manager}");
    shop.admin.patch(&path, &json!({ "password": "outra senha comprida" })).await.expect::<Value>(200);
    send(&body).await.problem(403, "approval_missing");
    shop.server.stop().await;
}

#[tokio::test]
async fn only_those_who_may_can_allow_it() {
    let (shop, products) = shop().await;
    let (sale, key) = (SaleId::now(), CommandId::now());
    let tip = shop.server.tip();
    let allow = async |username: &str, cents: i64| {
        shop.seller.post(APPROVALS, &approval(&shop, username, sale, cents)).await
    };
    limit_told(&allow("gerente", 3001).await, "approver_not_allowed", 3000);
    limit_told(&allow("vendedora", 501).await, "approver_not_allowed", 500);
    allow("vizinho", 100).await.problem(403, "store_not_allowed");
    allow("ninguém", 100).await.problem(401, "wrong_credentials");
    allow("gerente", 10_001).await.problem(400, "invalid_value");
    let mut body = approval(&shop, "gerente", sale, 100);
    body["password"] = json!("outra");
    for _ in 0..5 {
        shop.seller.post(APPROVALS, &body).await.problem(401, "wrong_credentials");
    }
    shop.seller.post(APPROVALS, &body).await.problem(429, "too_many_attempts");
    let right = approval(&shop, "gerente", sale, 100);
    shop.seller.post(APPROVALS, &right).await.problem(429, "too_many_attempts");
    shop.nobody.post(APPROVALS, &approval(&shop, "dona", sale, 100)).await.problem(401, "not_signed_in");
    assert_eq!(shop.server.tip(), tip);

    // Whoever has left since then allows nothing any more.
    let id = CommandId(sale.0);
    shop.seller.command(APPROVALS, key, &approval(&shop, "dona", sale, 9000)).await.expect::<Approval>(201);
    shop.server.clock.advance(tillwatch_shared::time::HOUR);
    let (seller, _) = shop.nobody.sign_in("vendedora", PASSWORD).await;
    let (manager, _) = shop.nobody.sign_in("gerente", PASSWORD).await;
    let given: Approval = seller.post(APPROVALS, &approval(&shop, "gerente", sale, 3000)).await.expect(201);
    let mut body = discounted(shop.a, &products, 0, 3000);
    body["approved_by"] = json!(given.person_id);
    let (admin, _): (_, Session) = shop.nobody.sign_in("dona", PASSWORD).await;
    let path = format!("/api/v1/people/{}", given.person_id);
    admin.patch(&path, &json!({ "active": false })).await.expect::<Value>(200);
    seller.command(PATH, id, &body).await.problem(404, "unknown_person");
    manager.get("/api/v1/people/me").await.any_problem();
    let journal = rusqlite::Connection::open(shop.server.ledger_file()).unwrap();
    let bodies: String = journal
        .query_row("SELECT group_concat(body) FROM journal WHERE kind = 'approve_discount'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(!bodies.contains(PASSWORD) && bodies.contains("limit_cents"), "{bodies}");
    shop.server.stop().await;
}

#[tokio::test]
async fn limits_are_the_stores_and_nobody_raises_their_own() {
    let (shop, products) = shop().await;
    let path = |store: StoreId| format!("/api/v1/stores/{store}/discount-limits");
    let limits = |seller: i64, manager: i64, admin: i64| json!({ "seller": seller, "manager": manager, "admin": admin });
    let stores: Vec<Store> = shop.seller.get("/api/v1/stores").await.expect(200);
    assert_eq!(stores[0].discount_limits, tillwatch_shared::api::DiscountLimits::default());
    let tip = shop.server.tip();
    shop.seller.put(&path(shop.a), &limits(1000, 3000, 10_000)).await.problem(403, "role_not_allowed");
    for raised in [limits(1000, 3001, 10_000), limits(1000, 3000, 9999)] {
        shop.manager.put(&path(shop.a), &raised).await.problem(403, "role_not_allowed");
    }
    shop.manager.put(&path(shop.b), &limits(1000, 3000, 10_000)).await.problem(403, "store_not_allowed");
    for (wrong, field) in [
        (limits(3001, 3000, 10_000), "seller"),
        (limits(500, 10_001, 10_001), "manager"),
        (limits(-1, 3000, 10_000), "seller"),
        (limits(500, 3000, 10_001), "admin"),
    ] {
        let problem = shop.admin.put(&path(shop.a), &wrong).await.problem(400, "invalid_value");
        assert_eq!(problem["field"], field);
    }
    assert_eq!(shop.server.tip(), tip);

    let set: Store = shop.manager.put(&path(shop.a), &limits(1200, 3000, 10_000)).await.expect(200);
    assert_eq!(set.discount_limits.seller.0, 1200);
    let body = discounted(shop.a, &products, 200, 1000);
    shop.seller.post(PATH, &body).await.expect::<Sale>(201);
    shop.admin.put(&path(shop.a), &limits(0, 0, 0)).await.expect::<Store>(200);
    limit_told(&shop.admin.post(PATH, &discounted(shop.a, &products, 0, 1)).await, "discount_not_allowed", 0);
    // Sellers hear of it by the feed; the other store has its own.
    let told: Changes = shop.seller.get(&format!("/api/v1/changes?after={tip}")).await.expect(200);
    let changed = told.changes.iter().filter(|change| matches!(change.event, Event::StoreChanged(_)));
    assert_eq!(changed.count(), 2);
    let mut other = discounted(shop.b, &products, 0, 500);
    other["store_id"] = json!(shop.b);
    shop.stranger.post(PATH, &other).await.expect::<Sale>(201);
    shop.server.stop().await;
}

#[tokio::test]
async fn a_customers_cpf_is_told_with_its_receipt_only() {
    let (shop, products) = shop().await;
    let mut body = sale(shop.a, &[(products[0].id, 1000, 3333)]);
    let tip = shop.server.tip();
    for wrong in ["52998224726", "11111111111", "11222333000182", "529", ""] {
        body["customer_cpf"] = json!(wrong);
        shop.seller.post(PATH, &body).await.any_problem();
    }
    body["customer_cpf"] = json!("52998224726");
    assert_eq!(shop.seller.post(PATH, &body).await.problem(400, "invalid_value")["field"], "customer_cpf");
    assert_eq!(shop.server.tip(), tip);
    body["customer_cpf"] = json!("529.982.247-25");
    let kept: Sale = shop.seller.post(PATH, &body).await.expect(201);
    let full = |sale: &Sale| sale.customer_cpf.as_ref().map(|id| id.as_str().to_owned());
    assert_eq!(full(&kept).as_deref(), Some(CPF));
    let one: Sale = shop.seller.get(&format!("{PATH}/{}", kept.id)).await.expect(200);
    assert_eq!(one, kept, "for its receipt");
    body["customer_cpf"] = json!("11222333000181");
    let company: Sale = shop.seller.post(PATH, &body).await.expect(201);
    assert_eq!(company.customer_cpf_masked.as_deref(), Some("**.***.333/0001-**"));
    for caller in [&shop.seller, &shop.manager, &shop.admin] {
        let list = caller.get(PATH).await;
        let feed = caller.get(&format!("/api/v1/changes?after={tip}")).await;
        for text in [list.text(), feed.text()] {
            assert!(!text.contains(CPF) && !text.contains("11222333000181"), "{text}");
            assert!(text.contains("***.982.247-**"), "{text}");
        }
        let page: Page<Sale> = list.expect(200);
        assert_eq!(page.items[0].customer_cpf, None);
    }
    shop.server.stop().await;
}
