//! People, chains and stores: who may add, see and change whom and what.

use serde_json::{Value, json};
use tillwatch_shared::PersonId;
use tillwatch_shared::api::{Chain, Page, Person, Role, Store};
use tillwatch_shared::tax_id::Cnpj;

use crate::common::goods::all;
use crate::shop::{Shop, add, person};

#[tokio::test]
async fn adding_people() {
    let shop = Shop::open().await;
    let path = "/api/v1/people";
    let mut body = person("nova", "seller", &[shop.a]);
    body["name"] = json!("Nova Pessoa");
    body["cpf"] = json!("529.982.247-25");
    let added: Person = shop.manager.post(path, &body).await.expect(201);
    assert_eq!((added.role, added.name.as_str(), added.active), (Role::Seller, "Nova Pessoa", true));
    assert_eq!(added.cpf_masked.as_deref(), Some("***.982.247-**"));
    assert_eq!(added.stores, [shop.a]);
    shop.nobody.sign_in("52998224725", crate::shop::PASSWORD).await;

    let tip = shop.server.tip();
    shop.nobody.post(path, &person("x", "seller", &[])).await.problem(401, "not_signed_in");
    shop.seller.post(path, &person("x", "seller", &[shop.a])).await.problem(403, "role_not_allowed");
    shop.manager.post(path, &person("x", "manager", &[shop.a])).await.problem(403, "role_not_allowed");
    shop.manager.post(path, &person("x", "admin", &[])).await.problem(403, "role_not_allowed");
    shop.manager.post(path, &person("x", "seller", &[shop.b])).await.problem(403, "store_not_allowed");
    shop.manager.post(path, &person("NÓVA", "seller", &[shop.a])).await.problem(409, "username_taken");
    body["username"] = json!("outra");
    shop.manager.post(path, &body).await.problem(409, "cpf_taken");
    body["cpf"] = json!("529.982.247-26");
    assert_eq!(shop.manager.post(path, &body).await.problem(400, "invalid_value")["field"], "cpf");
    let nowhere = person("x", "seller", &[tillwatch_shared::StoreId::now()]);
    shop.admin.post(path, &nowhere).await.problem(404, "unknown_store");
    assert_eq!(shop.server.tip(), tip);
    shop.server.stop().await;
}

#[tokio::test]
async fn seeing_people() {
    let shop = Shop::open().await;
    let names = async |caller| -> Vec<String> {
        all::<Person>(caller, "/api/v1/people").await.into_iter().map(|person| person.username).collect()
    };
    assert_eq!(names(&shop.admin).await, ["dona", "gerente", "vendedora", "vizinho"]);
    assert_eq!(names(&shop.manager).await, ["gerente", "vendedora"]);
    shop.seller.get("/api/v1/people").await.problem(403, "role_not_allowed");
    let at = |person: &Person| format!("/api/v1/people/{}", person.id);
    let seen: Person = shop.manager.get(&at(shop.seller_person())).await.expect(200);
    assert_eq!(&seen, shop.seller_person());
    shop.manager.get(&at(shop.stranger_person())).await.problem(404, "unknown_person");
    shop.seller.get(&at(shop.manager_person())).await.problem(403, "role_not_allowed");
    shop.admin.get(&format!("/api/v1/people/{}", PersonId::now())).await.problem(404, "unknown_person");
    shop.admin.get("/api/v1/people/7").await.problem(400, "malformed_request");

    let first: Page<Person> = shop.admin.get("/api/v1/people?limit=3").await.expect(200);
    let next = first.next.unwrap();
    let rest: Page<Person> =
        shop.admin.get(&format!("/api/v1/people?limit=3&after={next}")).await.expect(200);
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (3, 1, None));
    shop.server.stop().await;
}

#[tokio::test]
async fn changing_people() {
    let shop = Shop::open().await;
    let at = |person: &Person| format!("/api/v1/people/{}", person.id);
    let (seller, stranger) = (at(shop.seller_person()), at(shop.stranger_person()));
    let (manager, own) = (at(shop.manager_person()), json!({ "name": "Vendedora da Loja A" }));
    let changed: Person = shop.seller.patch(&seller, &own).await.expect(200);
    assert_eq!(changed.name, "Vendedora da Loja A");

    let tip = shop.server.tip();
    for more in [json!({ "role": "manager" }), json!({ "stores": [shop.b] }), json!({ "active": true })] {
        shop.seller.patch(&seller, &more).await.problem(403, "role_not_allowed");
    }
    shop.seller.patch(&stranger, &own).await.problem(403, "role_not_allowed");
    shop.manager.patch(&stranger, &own).await.problem(403, "store_not_allowed");
    shop.manager.patch(&seller, &json!({ "role": "manager" })).await.problem(403, "role_not_allowed");
    shop.manager.patch(&seller, &json!({ "stores": [shop.b] })).await.problem(403, "store_not_allowed");
    shop.manager.patch(&manager, &json!({ "role": "admin" })).await.problem(403, "role_not_allowed");
    let me: Person = shop.admin.get("/api/v1/people/me").await.expect(200);
    for last in [json!({ "active": false }), json!({ "role": "seller" })] {
        shop.admin.patch(&at(&me), &last).await.problem(409, "last_admin");
    }
    assert_eq!(shop.server.tip(), tip);

    // What an admin gives and takes counts from the next request on.
    shop.admin
        .patch(&seller, &json!({ "role": "manager", "stores": [shop.a, shop.b] }))
        .await
        .expect::<Person>(200);
    assert_eq!(all::<Person>(&shop.seller, "/api/v1/people").await.len(), 3);
    shop.admin.patch(&seller, &json!({ "role": "seller", "stores": [] })).await.expect::<Person>(200);
    shop.seller.get("/api/v1/people").await.problem(403, "role_not_allowed");
    assert!(shop.seller.get("/api/v1/stores").await.expect::<Vec<Store>>(200).is_empty());
    shop.server.stop().await;
}

#[tokio::test]
async fn chains_and_stores() {
    let shop = Shop::open().await;
    let chain: Chain =
        shop.admin.post("/api/v1/chains", &json!({ "name": "Rede São João" })).await.expect(201);
    shop.admin.post("/api/v1/chains", &json!({ "name": "rede sao joao" })).await.problem(409, "name_taken");
    let body = json!({
        "chain_id": chain.id, "name": "Filial", "cnpj": "11.222.333/0001-81", "zone": "America/Manaus"
    });
    let store: Store = shop.admin.post("/api/v1/stores", &body).await.expect(201);
    assert_eq!((store.zone.as_str(), store.chain_id), ("America/Manaus", chain.id));
    assert!(!store.cnpj_masked.unwrap().contains("0001-81"));

    let tip = shop.server.tip();
    let with = |field: &str, value: Value| {
        let mut body = json!({ "chain_id": chain.id, "name": "Outra", "zone": "America/Manaus" });
        body[field] = value;
        body
    };
    let path = "/api/v1/stores";
    shop.admin.post(path, &with("name", json!("FILIAL"))).await.problem(409, "name_taken");
    shop.admin.post(path, &with("cnpj", json!("11222333000181"))).await.problem(409, "cnpj_taken");
    assert_eq!(
        shop.admin.post(path, &with("cnpj", json!("11222333000182"))).await.problem(400, "invalid_value")["field"],
        "cnpj"
    );
    assert_eq!(
        shop.admin.post(path, &with("zone", json!("Brasil/Central"))).await.problem(400, "invalid_value")["field"],
        "zone"
    );
    shop.admin.post(path, &with("chain_id", json!(shop.a))).await.problem(404, "unknown_chain");
    for caller in [&shop.manager, &shop.seller] {
        caller.post(path, &with("name", json!("Minha"))).await.problem(403, "role_not_allowed");
        caller.post("/api/v1/chains", &json!({ "name": "Minha" })).await.problem(403, "role_not_allowed");
    }
    assert_eq!(shop.server.tip(), tip);

    let seen = async |caller: &crate::common::Caller| -> Vec<String> {
        caller.get(path).await.expect::<Vec<Store>>(200).into_iter().map(|store| store.name).collect()
    };
    assert_eq!(seen(&shop.admin).await, ["Loja A", "Loja B", "Filial"]);
    assert_eq!(seen(&shop.seller).await, ["Loja A"]);
    assert_eq!(seen(&shop.stranger).await, ["Loja B"]);
    assert_eq!(shop.seller.get("/api/v1/chains").await.expect::<Vec<Chain>>(200).len(), 2);
    shop.server.stop().await;
}

#[tokio::test]
async fn a_store_is_edited() {
    let shop = Shop::open().await;
    let path = format!("/api/v1/stores/{}", shop.b);
    // The form with letters of 2026.
    let body = json!({ "name": "Loja Nova", "cnpj": "12.ABC.345/01DE-35", "zone": "America/Manaus" });
    let changed: Store = shop.admin.patch(&path, &body).await.expect(200);
    assert_eq!((changed.id, changed.name.as_str(), changed.chain_id), (shop.b, "Loja Nova", shop.chain));
    assert_eq!(changed.zone, "America/Manaus");
    assert!(changed.cnpj_masked.is_some());
    let seen: Vec<Store> = shop.stranger.get("/api/v1/stores").await.expect(200);
    let whole = seen.first().and_then(|store| store.cnpj.as_ref()).map(Cnpj::written);
    assert_eq!(whole.as_deref(), Some("12.ABC.345/01DE-35"), "for the receipt");
    assert_eq!(seen, [Store { cnpj: seen[0].cnpj.clone(), ..changed.clone() }]);
    let same: Store = shop.admin.patch(&path, &body).await.expect(200);
    assert_eq!(same, changed, "its own name and CNPJ are no conflict");
    let named: Store = shop.admin.patch(&path, &json!({ "name": "Loja B" })).await.expect(200);
    assert_eq!(
        (named.name.as_str(), &named.zone, &named.cnpj_masked),
        ("Loja B", &changed.zone, &changed.cnpj_masked)
    );

    let tip = shop.server.tip();
    shop.admin.patch(&path, &json!({ "name": "LOJA A" })).await.problem(409, "name_taken");
    let other = format!("/api/v1/stores/{}", shop.a);
    shop.admin.patch(&other, &json!({ "cnpj": "12ABC34501DE35" })).await.problem(409, "cnpj_taken");
    shop.admin.patch(&other, &json!({ "cnpj": "12ABC34501DE36" })).await.problem(400, "invalid_value");
    shop.admin.patch(&other, &json!({ "zone": "Lua" })).await.problem(400, "invalid_value");
    shop.manager.patch(&other, &json!({ "name": "Minha" })).await.problem(403, "role_not_allowed");
    assert_eq!(shop.server.tip(), tip);
    let feed = shop.stranger.get(&format!("/api/v1/changes?after={}", tip - 1)).await.json();
    assert_eq!(feed["changes"][0]["event"]["kind"], "store_changed", "{feed}");
    shop.server.stop().await;
}

#[tokio::test]
async fn a_manager_manages_only_people_of_the_own_stores() {
    let shop = Shop::open().await;
    // Works in both: the manager of A alone may not take B away from them.
    let both = add(&shop.admin, "dupla", "seller", &[shop.a, shop.b]).await;
    let path = format!("/api/v1/people/{}", both.id);
    shop.manager.patch(&path, &json!({ "password": "capturada" })).await.problem(403, "store_not_allowed");
    shop.manager.patch(&path, &json!({ "stores": [shop.a] })).await.problem(403, "store_not_allowed");
    // An admin is out of reach, also without stores.
    let me: Person = shop.admin.get("/api/v1/people/me").await.expect(200);
    let path = format!("/api/v1/people/{}", me.id);
    shop.manager.patch(&path, &json!({ "password": "capturada" })).await.problem(403, "role_not_allowed");
    shop.server.stop().await;
}
