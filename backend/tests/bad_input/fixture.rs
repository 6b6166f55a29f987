//! Every route of the document, a shop with something of each kind in it, and what a good request would say.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tillwatch_server::domain::Payload;
use tillwatch_server::domain::feeds::{Record, SellRecord, Source, TakeRecords};
use tillwatch_server::http::docs::Document;
use tillwatch_shared::api::{
    Account, CashSession, IssuedApiKey, Page, Product, Sale, Session, StockEntry, Transfer,
};
use tillwatch_shared::ids::{LotId, TransferId};
use tillwatch_shared::{AccountId, CashSessionId, CommandId, SaleId};
use utoipa::OpenApi;

use crate::common::caller::try_send;
use crate::common::goods::{new_product, receipt, sale};
use crate::common::{Answer, Caller};
use crate::shop::{PASSWORD, Shop, person};

/// Not commands of the ledger, or made under an id of the server's own: `Idempotency-Key` means nothing.
pub const NO_KEY: [&str; 11] = [
    "/api/v1/alarm-recipients/trial",
    "/api/v1/backups",
    "/api/v1/alarm-rules/rehearsal",
    "/api/v1/sessions",
    "/login",
    "/registrar_usuario_app",
    "/api/temperature_reading",
    "/api/v1/readings",
    "/api/v1/pulse/retention",
    "/api/v1/pulse/clients/{id}",
    "/api/v1/pulse/clients/{id}/about",
];
/// The caller makes the id: one that nobody knows is a new one.
pub const IDS_OF_CALLERS: [(&str, &str); 2] =
    [("PUT", "/api/v1/alarm-rules/{id}"), ("PUT", "/api/v1/quiet-times/{id}")];
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
    /// A device's key opens it as well as a person's token.
    pub for_devices_too: bool,
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
                for_devices_too: security.contains("bearer") && security.contains("api_key"),
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
    pub sale: Sale,
    pub device: Caller,
    pub session: Session,
    pub lot: LotId,
    pub transfer: TransferId,
    pub cash_session: CashSessionId,
    pub account: AccountId,
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
        let mut entry = receipt(shop.a, product.id, 5);
        entry["lot"] = json!({ "code": "L0" });
        let entry: StockEntry = shop.seller.post("/api/v1/stock-entries", &entry).await.expect(201);
        let sold = sale(shop.a, &[(product.id, 3000, 5)]);
        let sale: Sale = shop.seller.post("/api/v1/sales", &sold).await.expect(201);
        let send = json!({
            "from_store_id": shop.a, "to_store_id": shop.b,
            "lines": [{ "product_id": product.id, "quantity_thousandths": 1 }]
        });
        let transfer: Transfer = shop.seller.post("/api/v1/transfers", &send).await.expect(201);
        let (cash_session, account) = cash(&shop, &product).await;
        let (lot, transfer) = (entry.lots[0].lot_id, transfer.id);
        Self { shop, product, sale, device, session, lot, transfer, cash_session, account }
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
            "/api/v1/products/{id}" | "/api/v1/products/{id}/prices" => self.product.id.to_string(),
            "/api/v1/sales/{id}" => SaleId::now().to_string(),
            "/api/v1/sales/{id}/returns" => self.sale.id.to_string(),
            path if path.starts_with("/api/v1/alarm")
                || path.starts_with("/api/v1/annotations")
                || path.starts_with("/api/v1/quiet") =>
            {
                CommandId::now().to_string()
            }
            "/api/v1/api-keys/{id}" | "/api/v1/tills/{id}" | "/api/v1/counts/{id}" => {
                CommandId::now().to_string()
            }
            path if path.starts_with("/api/v1/transfers/{id}") => self.transfer.to_string(),
            path if path.starts_with("/api/v1/cash-sessions/{id}") => self.cash_session.to_string(),
            "/api/v1/accounts/{id}/payments" => self.account.to_string(),
            "/api/v1/lots/{id}/place" => self.lot.to_string(),
            path if path.starts_with("/api/v1/sensors/{id}") => "g1".to_owned(),
            "/api/v1/stores/{id}"
            | "/api/v1/stores/{id}/discount-limits"
            | "/api/v1/stores/{id}/destinations"
            | "/api/v1/stores/{id}/debts"
            | "/api/v1/reports/stores/{id}" => self.shop.a.to_string(),
            "/api/v1/reports/chains/{id}" => self.shop.chain.to_string(),
            path if path.starts_with("/api/v1/feeds/{id}/") => FEED.to_owned(),
            "/api/v1/pulse/clients/{id}" | "/api/v1/pulse/clients/{id}/about" => "Caixa 1".to_owned(),
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
            ("POST", "/api/v1/sessions") => {
                let till = json!({ "id": CommandId::now(), "name": "Caixa 1", "key": "k".repeat(40) });
                json!({ "username": "zeca", "password": PASSWORD, "till": till })
            }
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
            ("PUT", "/api/v1/products/{id}/prices") => json!({
                "store_id": shop.a,
                "periods": [{ "price_cents": 5, "first_day": "2026-12-24", "last_day": "2026-12-31" }]
            }),
            ("POST", "/api/v1/stock-entries") => {
                let mut body = receipt(shop.a, product.id, 5);
                body["reason"] = json!("compra");
                body["recorded_at"] = json!(at);
                body["lot"] = json!({ "code": "L1", "expires_on": "2026-12-31" });
                body
            }
            ("POST", "/api/v1/counts") => json!({
                "store_id": shop.a, "started_at": at, "note": "n",
                "lines": [{
                    "product_id": product.id, "counted_thousandths": 5, "counted_at": at, "seen_seq": 1,
                    "lot": { "code": "L1", "expires_on": "2027-01-31" }
                }]
            }),
            ("POST", "/api/v1/transfers") => json!({
                "from_store_id": shop.a, "to_store_id": shop.b, "note": "n", "sent_at": at,
                "lines": [{ "product_id": product.id, "quantity_thousandths": 5, "lot": { "code": "L1" } }]
            }),
            ("POST", "/api/v1/transfers/{id}/arrival") => json!({
                "arrived_at": at, "lines": [{ "arrived_thousandths": 5, "reason": "r" }]
            }),
            ("POST", "/api/v1/transfers/{id}/cancellation") => json!({ "reason": "r", "cancelled_at": at }),
            ("PUT", "/api/v1/lots/{id}/place") => json!({ "sensor_id": null }),
            ("POST", "/api/v1/api-keys") => {
                json!({ "name": "k", "scopes": ["read_live"], "sensors": ["g"], "expires_at": at })
            }
            ("PUT", "/api/v1/alarm-rules/{id}") => json!({
                "store_id": shop.a, "severity": "warning", "enabled": true, "instructions": "fechar a porta",
                "watch": { "kind": "high", "measure": "temperature", "limit": 8.5, "recovery_margin": 0.5,
                           "delay_seconds": 60 }
            }),
            ("POST", "/api/v1/alarm-rules/rehearsal") => json!({
                "days": 2, "rule": { "store_id": shop.a, "severity": "notice",
                    "watch": { "kind": "rate", "per_minute": 1.5, "window_seconds": 60 } }
            }),
            ("POST", "/api/v1/alarms/{id}/acknowledgement") => {
                json!({ "reason": "porta aberta", "action": "porta fechada" })
            }
            ("PUT", "/api/v1/quiet-times/{id}") => json!({
                "store_id": shop.a, "alarm_kind": "high", "reason": "degelo", "from": at, "until": at.plus(60_000_000)
            }),
            ("PUT", "/api/v1/sensors/{id}") => json!({
                "name": "G", "store_id": shop.a, "kind": "room", "low_celsius": 1.5, "high_celsius": 2.5
            }),
            ("PUT", "/api/v1/pulse/retention") => json!({ "days": 7, "rows": 20_000 }),
            ("PUT", "/api/v1/pulse/clients/{id}/about") => {
                json!({ "version": "1.2.3", "unsent": 3, "refused": 0, "clock_at": at })
            }
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
            _ => self.good_of_sensors(route),
        }
    }

    fn good_of_sensors(&self, route: &Route) -> Value {
        let at = self.shop.server.clock.now();
        match (route.method.as_str(), route.path.as_str()) {
            ("POST", "/api/v1/sensors/{id}/calibrations") => json!({
                "from": at, "offset_celsius": -0.5, "certificate": "123/2026", "issued_on": "2026-11-20"
            }),
            ("POST", "/api/v1/sensors/{id}/calibrations/withdrawal") => {
                json!({ "from": at, "reason": "engano" })
            }
            ("POST", "/api/v1/sensors/{id}/annotations") => {
                json!({ "kind": "other", "from": at, "to": at.plus(60_000_000), "text": "falta de luz" })
            }
            ("POST", "/api/v1/annotations/{id}/withdrawal") => json!({ "reason": "engano" }),
            _ => self.good_at_the_till(route),
        }
    }

    fn good_at_the_till(&self, route: &Route) -> Value {
        let (shop, product) = (&self.shop, &self.product);
        let at = shop.server.clock.now();
        match (route.method.as_str(), route.path.as_str()) {
            ("POST", "/api/v1/sales") => {
                let mut body = sale(shop.a, &[(product.id, 1000, 5)]);
                body["till"] = json!("Caixa 1");
                body["sold_at"] = json!(at);
                body["lines"][0]["discount_cents"] = json!(0);
                body["discount_cents"] = json!(0);
                body["customer_cpf"] = json!("52998224725");
                body["approved_by"] = json!(shop.manager_person().id);
                body["cash_session"] = json!(self.cash_session);
                body["customer_name"] = json!("João");
                body
            }
            ("POST", "/api/v1/approvals") => json!({
                "username": "gerente", "password": PASSWORD, "store_id": shop.a, "sale_id": SaleId::now(),
                "limit_cents": 100, "undiscounted_cents": 1000
            }),
            ("POST", "/api/v1/approvals/returns") => json!({
                "username": "gerente", "password": PASSWORD, "store_id": shop.a, "sale_id": self.sale.id,
                "return_id": SaleId::now(), "limit_cents": 100
            }),
            ("PUT", "/api/v1/stores/{id}/discount-limits") => {
                json!({ "seller": 500, "manager": 2000, "admin": 10_000 })
            }
            ("POST", "/api/v1/sales/{id}/returns") => json!({
                "void": false, "reason": "troca", "total_cents": 5, "till": "Caixa 1", "returned_at": at,
                "lines": [{ "position": 0, "quantity_thousandths": 1000, "restock": true }],
                "refunds": [{ "method": "cash", "amount_cents": 5 }], "cash_session": self.cash_session,
                "approved_by": shop.manager_person().id
            }),
            ("POST", "/api/v1/cash-sessions") => json!({
                "store_id": shop.a, "till": "Caixa 2", "float_cents": 5, "rename_if_open": true, "opened_at": at
            }),
            ("POST", "/api/v1/cash-sessions/{id}/movements") => {
                json!({ "kind": "deposit", "amount_cents": 5, "reason": "troco", "recorded_at": at })
            }
            ("POST", "/api/v1/cash-sessions/{id}/closing") => json!({
                "counts": [{ "value_cents": 5000, "count": 5 }], "reason": "fim do dia", "closed_at": at
            }),
            ("POST", "/api/v1/accounts/{id}/payments") => json!({
                "method": "cash", "amount_cents": 5, "cash_session": self.cash_session, "paid_at": at
            }),
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

/// An open drawer, and a customer who owes something.
async fn cash(shop: &Shop, product: &Product) -> (CashSessionId, AccountId) {
    let open = json!({ "store_id": shop.a, "till": "Caixa 1", "float_cents": 0 });
    let session: CashSession = shop.seller.post("/api/v1/cash-sessions", &open).await.expect(201);
    let mut body = sale(shop.a, &[(product.id, 1000, 500)]);
    body["payments"] = json!([{ "method": "account", "amount_cents": 500 }]);
    body["customer_name"] = json!("João");
    shop.seller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    let accounts: Page<Account> = shop.manager.get("/api/v1/accounts").await.expect(200);
    (session.id, accounts.items[0].id)
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
            till: None,
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
