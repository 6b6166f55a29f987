//! Tills: what one may send in the name of those who have signed in at it, and what it may not.

use reqwest::Method;
use serde_json::{Value, json};
use tillwatch_shared::api::{Changes, Deed, Matter, Person, Product, Sale, Session, Thing, Till};
use tillwatch_shared::time::{DAY, SECOND};
use tillwatch_shared::{CommandId, PersonId, TillId};

use crate::common::caller::send;
use crate::common::goods::{new_product, receipt, sale};
use crate::common::{Answer, Caller};
use crate::shop::{PASSWORD, Shop};

const TILLS: &str = "/api/v1/tills";

/// A cash desk with a key of its own.
#[derive(Debug)]
pub struct Desk {
    id: TillId,
    key: String,
    http: Caller,
}

impl Desk {
    pub fn new(shop: &Shop) -> Self {
        let id = TillId::now();
        Self { id, key: format!("till_{}", id.0.simple()), http: shop.nobody.clone() }
    }

    async fn try_sign_in(&self, username: &str, password: &str) -> Answer {
        let till = json!({ "id": self.id, "name": "Caixa 1", "key": self.key });
        let body = json!({ "username": username, "password": password, "till": till });
        self.http.post("/api/v1/sessions", &body).await
    }

    pub async fn sign_in(&self, username: &str) -> Session {
        self.try_sign_in(username, PASSWORD).await.expect(201)
    }

    pub async fn send(&self, person: PersonId, path: &str, id: CommandId, body: &Value) -> Answer {
        let request = self.http.request(Method::POST, path).header("x-till-key", &self.key);
        let request = request.header("x-on-behalf-of", person.to_string());
        send(request.header("idempotency-key", id.to_string()).json(body)).await
    }

    async fn sell(&self, shop: &Shop, person: PersonId, product: &Product) -> Answer {
        let body = sale(shop.a, &[(product.id, 1000, product.price_cents.0)]);
        self.send(person, "/api/v1/sales", CommandId::now(), &body).await
    }
}

#[tokio::test]
async fn a_till_sends_for_those_who_signed_in_at_it() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await;
    let desk = Desk::new(&shop);
    let seller = desk.sign_in("vendedora").await;
    let mandate = seller.mandate.clone().unwrap();
    assert_eq!(mandate.till_id, desk.id);
    assert_eq!(mandate.until, shop.server.clock.now().plus(30 * DAY));

    // Nobody is signed in any more: the sale is the seller's all the same, and happens once.
    shop.nobody.bearer(&seller.access_token).delete("/api/v1/sessions/current").await;
    let (id, body) = (CommandId::now(), sale(shop.a, &[(rice.id, 1000, 1000)]));
    let sold: Sale = desk.send(seller.person.id, "/api/v1/sales", id, &body).await.expect(201);
    assert_eq!(sold.person_id, seller.person.id);
    let again: Sale = desk.send(seller.person.id, "/api/v1/sales", id, &body).await.expect(201);
    assert_eq!(again, sold);
    // The same command with the person's session: it is the person's command, whoever carried it.
    let told: Sale = shop.seller.command("/api/v1/sales", id, &body).await.expect(201);
    assert_eq!(told, sold);
    let entry = receipt(shop.a, rice.id, 5000);
    let answer = desk.send(seller.person.id, "/api/v1/stock-entries", CommandId::now(), &entry).await;
    assert_eq!(answer.status, 201, "{}", answer.text());

    let dir = shop.server.stop().await;
    let journal = rusqlite::Connection::open(dir.path().join("ledger.sqlite")).unwrap();
    let (actor, till): ([u8; 16], [u8; 16]) = journal
        .query_row("SELECT actor, till FROM journal WHERE kind = 'record_sale'", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((&actor, &till), (seller.person.id.0.as_bytes(), desk.id.0.as_bytes()));
    let body: String = journal
        .query_row("SELECT body FROM journal WHERE kind = 'enrol_till'", [], |row| row.get(0))
        .unwrap();
    assert!(body.contains("[0,0,0"), "the digest stays out of the journal: {body}");
}

#[tokio::test]
async fn a_till_gets_no_more_than_the_person_has() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await;
    let desk = Desk::new(&shop);
    let seller = desk.sign_in("vendedora").await.person;
    let (manager, stranger) = (shop.manager_person().id, shop.stranger_person().id);
    let admin: Person = shop.admin.get("/api/v1/people/me").await.expect(200);
    let tip = shop.server.tip();
    // Nobody who has not signed in at this till, whatever their role.
    for other in [manager, stranger, admin.id, PersonId::now()] {
        desk.sell(&shop, other, &rice).await.problem(403, "no_mandate");
    }
    // Another store than the person's; a price list is a manager's.
    let elsewhere = sale(shop.b, &[(rice.id, 1000, 1000)]);
    desk.send(seller.id, "/api/v1/sales", CommandId::now(), &elsewhere)
        .await
        .problem(403, "store_not_allowed");
    let request = desk.http.request(Method::PATCH, &format!("/api/v1/products/{}", rice.id));
    let request = request.header("x-till-key", &desk.key).header("x-on-behalf-of", seller.id.to_string());
    send(request.json(&json!({ "price_cents": 1 }))).await.problem(403, "role_not_allowed");
    // A wrong key, another key, no person.
    let forged = Desk { key: "till_00000000000000000000000000000000".to_owned(), ..Desk::new(&shop) };
    forged.sell(&shop, seller.id, &rice).await.problem(401, "bad_till_key");
    let request = desk.http.request(Method::POST, "/api/v1/sales").header("x-till-key", &desk.key);
    let body = sale(shop.a, &[(rice.id, 1000, 1000)]);
    send(request.json(&body)).await.problem(400, "malformed_request");
    assert_eq!(shop.server.tip(), tip);
    shop.server.stop().await;
}

/// What is not made at a cash desk is closed to a till's key, also in an admin's name.
#[tokio::test]
async fn a_till_key_opens_nothing_else() {
    let shop = Shop::open().await;
    let desk = Desk::new(&shop);
    let admin = desk.sign_in("dona").await.person;
    let tip = shop.server.tip();
    for (method, path, body) in [
        (Method::PATCH, format!("/api/v1/people/{}", admin.id), json!({ "password": "outra senha" })),
        (Method::POST, "/api/v1/people".to_owned(), crate::shop::person("novo", "admin", &[])),
        (Method::POST, "/api/v1/api-keys".to_owned(), json!({ "name": "k", "scopes": ["read_live"] })),
        (Method::DELETE, format!("{TILLS}/{}", desk.id), Value::Null),
        (Method::GET, "/api/v1/people".to_owned(), Value::Null),
        (Method::GET, "/api/v1/changes?after=0".to_owned(), Value::Null),
        (Method::GET, TILLS.to_owned(), Value::Null),
    ] {
        let request = desk.http.request(method, &path).header("x-till-key", &desk.key);
        send(request.header("x-on-behalf-of", admin.id.to_string()).json(&body))
            .await
            .problem(401, "not_signed_in");
    }
    assert_eq!(shop.server.tip(), tip);
    shop.server.stop().await;
}

#[tokio::test]
async fn a_mandate_ends() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await;
    let desk = Desk::new(&shop);
    let seller = desk.sign_in("vendedora").await.person.id;
    // With the thirty days.
    shop.server.clock.advance(30 * DAY - SECOND);
    assert_eq!(desk.sell(&shop, seller, &rice).await.status, 201);
    shop.server.clock.advance(SECOND);
    desk.sell(&shop, seller, &rice).await.problem(403, "no_mandate");
    desk.sign_in("vendedora").await;
    assert_eq!(desk.sell(&shop, seller, &rice).await.status, 201);
    // With the password, and with the person's access.
    let (manager, _) = shop.nobody.sign_in("gerente", PASSWORD).await;
    let path = format!("/api/v1/people/{seller}");
    manager.patch(&path, &json!({ "password": "outra senha" })).await.expect::<Person>(200);
    desk.sell(&shop, seller, &rice).await.problem(403, "no_mandate");
    assert_eq!(desk.try_sign_in("vendedora", "outra senha").await.status, 201);
    assert_eq!(desk.sell(&shop, seller, &rice).await.status, 201);
    manager.patch(&path, &json!({ "active": false })).await.expect::<Person>(200);
    desk.sell(&shop, seller, &rice).await.problem(403, "no_mandate");
    manager.patch(&path, &json!({ "active": true })).await.expect::<Person>(200);
    desk.sell(&shop, seller, &rice).await.problem(403, "no_mandate");
    shop.server.stop().await;
}

#[tokio::test]
async fn a_revoked_till_sends_nothing_and_stays_revoked() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await;
    let (desk, far) = (Desk::new(&shop), Desk::new(&shop));
    let seller = desk.sign_in("vendedora").await.person.id;
    far.sign_in("vizinho").await;
    let ids = |tills: &[Till]| tills.iter().map(|till| till.id).collect::<Vec<_>>();
    let all: Vec<Till> = shop.admin.get(TILLS).await.expect(200);
    assert_eq!(ids(&all), [desk.id, far.id]);
    assert_eq!(
        (all[0].name.as_str(), all[0].people[0].person_id, all[0].revoked),
        ("Caixa 1", seller, false)
    );
    // A manager has to do with the tills of their own stores.
    assert_eq!(ids(&shop.manager.get(TILLS).await.expect::<Vec<Till>>(200)), [desk.id]);
    shop.manager.delete(&format!("{TILLS}/{}", far.id)).await.problem(403, "store_not_allowed");
    shop.manager.delete(&format!("{TILLS}/{}", TillId::now())).await.problem(404, "unknown_till");
    shop.seller.delete(&format!("{TILLS}/{}", desk.id)).await.problem(403, "role_not_allowed");
    let revoked: Till = shop.manager.delete(&format!("{TILLS}/{}", desk.id)).await.expect(200);
    assert!(revoked.revoked && revoked.people.is_empty());
    // What became of those tills is in their history, and so is what became of all in the admin's.
    let history = async |caller: &Caller| -> Vec<(String, TillId)> {
        let feed: Changes = caller.get("/api/v1/changes?limit=1000").await.expect(200);
        let told = feed.changes.into_iter().filter_map(|change| {
            let Matter::SetUp(deed, Thing::Till(till)) = change.event.matter() else { return None };
            Some((if deed == Deed::Removed { "revoked" } else { "enrolled" }.to_owned(), till.id))
        });
        told.collect()
    };
    let (came, went) = (("enrolled".to_owned(), desk.id), ("revoked".to_owned(), desk.id));
    assert_eq!(history(&shop.manager).await, [came.clone(), went.clone()]);
    assert_eq!(history(&shop.admin).await, [came, ("enrolled".to_owned(), far.id), went]);
    assert_eq!(history(&shop.seller).await, []);
    desk.sell(&shop, seller, &rice).await.problem(401, "bad_till_key");
    // People get in there, and leave no mandate behind.
    assert_eq!(desk.sign_in("vendedora").await.mandate, None);
    desk.sell(&shop, seller, &rice).await.problem(401, "bad_till_key");
    shop.server.stop().await;
}

/// Who knows a till's id and a password, but not the till's key, gets in and takes nothing over.
#[tokio::test]
async fn a_till_is_not_taken_over() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await;
    let desk = Desk::new(&shop);
    let seller = desk.sign_in("vendedora").await.person.id;
    let thief = Desk { id: desk.id, key: "x".repeat(40), http: desk.http.clone() };
    assert_eq!(thief.sign_in("vizinho").await.mandate, None);
    thief.sell(&shop, seller, &rice).await.problem(401, "bad_till_key");
    assert_eq!(desk.sell(&shop, seller, &rice).await.status, 201);
    for key in ["curta", &"x".repeat(129), &"é".repeat(40), &format!("{} ", "x".repeat(40))] {
        let bad = Desk { key: key.to_owned(), ..Desk::new(&shop) };
        let problem = bad.try_sign_in("vendedora", PASSWORD).await.problem(400, "invalid_value");
        assert_eq!(problem["field"], "till.key");
    }
    // A wrong password enrols nothing.
    let unknown = Desk::new(&shop);
    unknown.try_sign_in("vendedora", "errada").await.problem(401, "wrong_credentials");
    assert_eq!(shop.admin.get(TILLS).await.expect::<Vec<Till>>(200).len(), 1);
    shop.server.stop().await;
}
