//! Every route of the document, a shop with something of each kind in it, and what a good request would say.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tillwatch_server::domain::Payload;
use tillwatch_server::domain::feeds::{Record, SellRecord, Source, TakeRecords};
use tillwatch_server::http::docs::Document;
use tillwatch_shared::api::{IssuedApiKey, Product, Session};
use tillwatch_shared::{CommandId, SaleId};
use utoipa::OpenApi;

use crate::common::caller::try_send;
use crate::common::goods::{new_product, receipt, sale};
use crate::common::{Answer, Caller};
use crate::shop::{PASSWORD, Shop, person};

/// Not commands of the ledger, or made under an id of the server's own: `Idempotency-Key` means nothing.
pub const NO_KEY: [&str; 7] = [
    "/api/v1/sessions",
    "/login",
    "/registrar_usuario_app",
    "/api/temperature_reading",
    "/api/v1/readings",
    "/api/v1/pulse/retention",
    "/api/v1/pulse/clients/{id}",
];
/// These pass over what they do not know: devices and old clients may send more.
pub const LENIENT: [&str; 5] =
    ["/login", "/registrar_usuario_app", "/produtos", "/inventario", "/api/temperature_reading"];

/// A feed with one record, which is parked.
pub const FEED: &str = "vendas";

/// A route of the document.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: Method,
    pub path: String,
    /// The schema of its body.
    pub body: Option<Value>,
    pub queries: Vec<String>,
    pub door: Door,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Open,
    Bearer,
    Key,
}

pub fn routes() -> Vec<Route> {
    let document: Value = serde_json::from_str(&Document::openapi().to_json().unwrap()).unwrap();
    let resolve = |schema: &Value| match schema["$ref"].as_str() {
        Some(name) => document.pointer(name.trim_start_matches('#')).unwrap().clone(),
        None => schema.clone(),
    };
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"]["application/json"]["schema"];
            let queries = operation["parameters"].as_array().into_iter().flatten();
            let security = operation["security"].to_string();
            routes.push(Route {
                method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                path: path.clone(),
                body: content.is_object().then(|| resolve(content)),
                queries: queries
                    .filter(|parameter| parameter["in"] == "query")
                    .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                    .collect(),
                door: if security.contains("bearer") {
                    Door::Bearer
                } else if security.contains("api_key") {
                    Door::Key
                } else {
                    Door::Open
                },
            });
        }
    }
    assert!(routes.len() > 40, "{} routes", routes.len());
    routes
}

/// A shop with something of each kind in it, and what a good request would say.
pub struct Fixture {
    pub shop: Shop,
    pub product: Product,
    pub device: Caller,
    pub session: Session,
}

impl Fixture {
    pub async fn open() -> Self {
        let shop = Shop::open().await;
        let product = new_product(&shop.manager, "Arroz", 1000).await;
        let key = json!({ "name": "k", "scopes": ["write_readings"] });
        let issued: IssuedApiKey = shop.manager.post("/api/v1/api-keys", &key).await.expect(201);
        let device = shop.nobody.device(&issued.secret.unwrap());
        feed(&shop).await;
        let (_, session) = shop.nobody.sign_in("vendedora", PASSWORD).await;
        Self { shop, product, device, session }
    }

    pub fn caller(&self, route: &Route) -> &Caller {
        match route.door {
            Door::Open => &self.shop.nobody,
            Door::Bearer => &self.shop.admin,
            Door::Key => &self.device,
        }
    }

    /// The route's address with an id that exists.
    pub fn path(&self, route: &Route) -> String {
        let id = match route.path.as_str() {
            "/api/v1/people/{id}" | "/api/v1/reports/sellers/{id}" => {
                self.shop.seller_person().id.to_string()
            }
            "/api/v1/products/{id}" => self.product.id.to_string(),
            "/api/v1/sales/{id}" => SaleId::now().to_string(),
            "/api/v1/api-keys/{id}" => CommandId::now().to_string(),
            "/api/v1/sensors/{id}" => "g1".to_owned(),
            "/api/v1/stores/{id}" | "/api/v1/reports/stores/{id}" => self.shop.a.to_string(),
            "/api/v1/reports/chains/{id}" => self.shop.chain.to_string(),
            path if path.starts_with("/api/v1/feeds/{id}/") => FEED.to_owned(),
            "/api/v1/pulse/clients/{id}" => "Caixa 1".to_owned(),
            path => {
                assert!(!path.contains('{'), "{path}: no id for it; add one here");
                String::new()
            }
        };
        route.path.replace("{id}", &id)
    }

    /// A body that the route would accept.
    pub fn good(&self, route: &Route) -> Value {
        let (shop, product) = (&self.shop, &self.product);
        let at = shop.server.clock.now();
        let reading = json!({ "sensor_id": "g", "temperature": 4.5, "humidity": 60.5, "pressure": 1013.5 });
        match (route.method.as_str(), route.path.as_str()) {
            ("POST", "/api/v1/setup") => {
                json!({ "code": "AAAA-AAAA", "username": "x", "password": PASSWORD, "store_name": "X" })
            }
            ("POST", "/api/v1/registrations" | "/login" | "/registrar_usuario_app") => {
                json!({ "username": "zeca", "password": PASSWORD })
            }
            ("POST", "/api/v1/sessions") => json!({ "username": "zeca", "password": PASSWORD }),
            ("POST", "/api/v1/sessions/refresh") => json!({ "refresh_token": self.session.refresh_token }),
            ("POST", "/api/v1/people") => person("nova", "seller", &[shop.a]),
            ("PATCH", "/api/v1/people/{id}") => {
                json!({ "name": "V.", "role": "seller", "stores": [shop.a], "active": true, "password": PASSWORD, "pin": "4821" })
            }
            ("POST", "/api/v1/chains") => json!({ "name": "Rede" }),
            ("POST", "/api/v1/stores") => {
                json!({ "chain_id": shop.chain, "name": "C", "cnpj": "11222333000181", "zone": "America/Manaus" })
            }
            ("PATCH", "/api/v1/stores/{id}") => {
                json!({ "name": "C", "cnpj": "11222333000181", "zone": "America/Manaus" })
            }
            ("POST", "/api/v1/products") => json!({
                "name": "Prego", "code": "P1", "unit": "kg", "price_cents": 5, "minimum_thousandths": 5
            }),
            ("PATCH", "/api/v1/products/{id}") => json!({
                "name": "Prego", "code": "P1", "unit": "kg", "price_cents": 5, "minimum_thousandths": 5,
                "active": true
            }),
            ("POST", "/api/v1/stock-entries") => {
                let mut body = receipt(shop.a, product.id, 5);
                body["reason"] = json!("compra");
                body["recorded_at"] = json!(at);
                body
            }
            ("POST", "/api/v1/sales") => {
                let mut body = sale(shop.a, &[(product.id, 1000, 5)]);
                body["till"] = json!("Caixa 1");
                body["sold_at"] = json!(at);
                body
            }
            ("POST", "/api/v1/api-keys") => {
                json!({ "name": "k", "scopes": ["read_live"], "sensors": ["g"], "expires_at": at })
            }
            ("PUT", "/api/v1/sensors/{id}") => json!({
                "name": "G", "store_id": shop.a, "kind": "room", "low_celsius": 1.5, "high_celsius": 2.5
            }),
            ("PUT", "/api/v1/pulse/retention") => json!({ "days": 7, "rows": 20_000 }),
            ("POST", "/api/v1/readings") => {
                let mut one = reading;
                one["measured_at"] = json!(at);
                json!({ "readings": [one] })
            }
            ("POST", "/api/temperature_reading") => reading,
            ("POST", "/api/v1/feeds/{id}/aliases") => {
                json!({ "kind": "store", "name": "Loja 3", "target_id": shop.a })
            }
            ("POST", "/api/v1/feeds/{id}/dismissals") => json!({ "record_id": "V-1" }),
            ("POST", "/produtos") => json!({ "nome": "Prego" }),
            ("POST", "/inventario") => json!({ "produto_id": product.number, "quantidade": 5 }),
            other => panic!("{other:?} takes a body: say here what a good one is"),
        }
    }

    pub fn request(&self, route: &Route) -> RequestBuilder {
        self.caller(route).request(route.method.clone(), &self.path(route))
    }

    pub fn raw(&self, route: &Route, bytes: impl Into<Vec<u8>>) -> RequestBuilder {
        self.request(route).header("content-type", "application/json").body(bytes.into())
    }

    /// Sends, and sees a 4xx in the right shape and a journal that did not grow.
    pub async fn refused(&self, route: &Route, what: &str, request: RequestBuilder) -> Answer {
        let tip = self.shop.server.tip();
        let answer = try_send(request).await;
        let answer =
            answer.unwrap_or_else(|error| panic!("{what}: {} {}: {error}", route.method, route.path));
        let told = format!("{what}: {} {}: {} {}", route.method, route.path, answer.status, answer.text());
        assert!((400..500).contains(&answer.status), "{told}");
        assert_eq!(self.shop.server.tip(), tip, "{told}");
        shape(&route.path, &answer);
        answer
    }
}

/// Takes a record in whose store nobody knows.
pub async fn feed(shop: &Shop) {
    let at = shop.server.clock.now();
    let record = Record {
        id: "V-1".to_owned(),
        body: r#"{"id":"V-1","store":"Loja 3","amount":1,"when":"2026-06-15T12:00:00Z"}"#.to_owned(),
    };
    let feed = FEED.to_owned();
    let take = TakeRecords { feed: feed.clone(), records: vec![record], source: Source::default() };
    let sell = SellRecord { feed, record_id: "V-1".to_owned(), version: 1 };
    for payload in [Payload::TakeRecords(take), Payload::SellRecord(sell)] {
        let command = tillwatch_server::domain::Command {
            id: CommandId::now(),
            actor: None,
            client_at: at,
            server_at: at,
            payload,
        };
        shop.server.running.app.ledger.submit(command).await.unwrap();
    }
}

/// That an error has the shape which its family of routes documents.
pub fn shape(path: &str, answer: &Answer) {
    match path {
        "/login" | "/registrar_usuario_app" | "/produtos" | "/inventario" => {
            answer.fixed_error(answer.status, "mensagem");
        }
        "/api/temperature_reading" => {
            answer.fixed_error(answer.status, "detail");
        }
        _ => {
            answer.any_problem();
        }
    }
}
