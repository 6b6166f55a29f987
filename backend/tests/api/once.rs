//! Nothing is counted twice: a command's id names it for ever.

use reqwest::Method;
use serde_json::{Value, json};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{Product, Sale};

use crate::common::Caller;
use crate::common::caller::send;
use crate::common::goods::{all, new_product, receipt, sale};
use crate::shop::{Shop, person};

async fn with_key(
    caller: &Caller,
    method: Method,
    path: &str,
    id: CommandId,
    body: &Value,
) -> crate::common::Answer {
    send(caller.request(method, path).header("idempotency-key", id.to_string()).json(body)).await
}

#[tokio::test]
async fn a_repeat_gets_the_first_outcome() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await;
    let price = format!("/api/v1/products/{}", product.id);
    let seller = format!("/api/v1/people/{}", shop.seller_person().id);
    let sensor = json!({ "name": "Geladeira", "store_id": shop.a });
    // Method, path, body, another body, and where the id of what was made stands.
    let commands = [
        (Method::POST, "/api/v1/chains", json!({ "name": "Rede" }), json!({ "name": "Rede 2" }), "/id"),
        (
            Method::POST,
            "/api/v1/stores",
            json!({ "chain_id": shop.chain, "name": "C" }),
            json!({ "chain_id": shop.chain, "name": "D" }),
            "/id",
        ),
        (Method::POST, "/api/v1/products", json!({ "name": "Prego" }), json!({ "name": "Parafuso" }), "/id"),
        (Method::PATCH, &price, json!({ "price_cents": 5 }), json!({ "price_cents": 6 }), ""),
        (
            Method::POST,
            "/api/v1/people",
            person("nova", "seller", &[shop.a]),
            person("novo", "seller", &[shop.a]),
            "/id",
        ),
        (Method::PATCH, &seller, json!({ "name": "V." }), json!({ "name": "W." }), ""),
        (
            Method::POST,
            "/api/v1/stock-entries",
            receipt(shop.a, product.id, 5),
            receipt(shop.a, product.id, 6),
            "/id",
        ),
        (
            Method::POST,
            "/api/v1/sales",
            sale(shop.a, &[(product.id, 1000, 5)]),
            sale(shop.a, &[(product.id, 1000, 6)]),
            "/id",
        ),
        (
            Method::POST,
            "/api/v1/api-keys",
            json!({ "name": "k", "scopes": ["write_readings"] }),
            json!({ "name": "l", "scopes": ["write_readings"] }),
            "/key/id",
        ),
        (
            Method::PUT,
            "/api/v1/sensors/g1",
            sensor.clone(),
            json!({ "name": "Freezer", "store_id": shop.a }),
            "",
        ),
    ];
    for (method, path, body, other, id_at) in commands {
        let (id, tip) = (CommandId::now(), shop.server.tip());
        let first = with_key(&shop.admin, method.clone(), path, id, &body).await;
        assert!(first.status == 200 || first.status == 201, "{path}: {}", first.text());
        if !id_at.is_empty() {
            assert_eq!(first.json().pointer(id_at), Some(&json!(id)), "{path}: takes the command's id");
        }
        shop.server.clock.advance(1_000_000);
        let again = with_key(&shop.admin, method.clone(), path, id, &body).await;
        assert_eq!(again.status, first.status, "{path}");
        let (mut first, mut second) = (first.json(), again.json());
        if path.ends_with("api-keys") {
            assert!(first["secret"].take().is_string() && second["secret"].take().is_null());
        }
        assert_eq!(first, second, "{path}");
        with_key(&shop.admin, method.clone(), path, id, &other).await.problem(409, "command_id_reused");
        // Somebody else's command is not theirs to see again.
        let stolen = with_key(&shop.manager, method, path, id, &body).await;
        assert!(stolen.status == 409 || stolen.status == 403, "{path}: {}", stolen.text());
        assert_eq!(shop.server.tip(), tip + 1, "{path}");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn a_refused_command_may_be_mended_under_its_id() {
    let shop = Shop::open().await;
    let (id, path) = (CommandId::now(), "/api/v1/products");
    shop.seller.command(path, id, &json!({ "name": "" })).await.problem(400, "invalid_value");
    let product: Product = shop.seller.command(path, id, &json!({ "name": "Prego" })).await.expect(201);
    assert_eq!(product.id.0, id.0);
    shop.server.stop().await;
}

#[tokio::test]
async fn duplicates_at_the_same_moment_are_one() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await;
    let body = sale(shop.a, &[(product.id, 1000, 1000)]);
    for _ in 0..5 {
        let (id, tip) = (CommandId::now(), shop.server.tip());
        let all_at_once = (0..16).map(|_| {
            let (seller, body) = (shop.seller.clone(), body.clone());
            tokio::spawn(async move { seller.command("/api/v1/sales", id, &body).await.expect::<Sale>(201) })
        });
        let mut answers = Vec::new();
        for answer in all_at_once.collect::<Vec<_>>() {
            answers.push(answer.await.unwrap());
        }
        assert!(answers.iter().all(|sale| sale == &answers[0]));
        assert_eq!(shop.server.tip(), tip + 1);
    }
    assert_eq!(all::<Sale>(&shop.seller, "/api/v1/sales").await.len(), 5);
    shop.server.stop().await;
}

#[tokio::test]
async fn the_fixed_routes_take_a_key_too() {
    let shop = Shop::open().await;
    let product = new_product(&shop.manager, "Arroz", 1000).await;
    let id = CommandId::now();
    let body = json!({ "produto_id": product.number, "quantidade": 5 });
    let first: Value = shop.seller.command("/inventario", id, &body).await.expect(201);
    let again: Value = shop.seller.command("/inventario", id, &body).await.expect(201);
    assert_eq!(first, again);
    let other = json!({ "produto_id": product.number, "quantidade": 6 });
    shop.seller.command("/inventario", id, &other).await.fixed_error(409, "mensagem");
    assert_eq!(shop.seller.get("/inventario").await.expect::<Vec<Value>>(200).len(), 1);
    shop.server.stop().await;
}
