//! The inventory routes: registering, signing in, products and stock entries, with texts in Portuguese.

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes, Data};
use serde::Serialize;
use serde_json::Value;
use tillwatch_shared::api::{NewProduct, NewStockEntry, Product, StockEntry, StockEntryKind, Unit};
use tillwatch_shared::{Cents, CommandId, Quantity};
use utoipa::ToSchema;

use crate::domain::products::AddProduct;
use crate::domain::rejection::{Invalid, Noun};
use crate::domain::stock::EnterStock;
use crate::domain::{Payload, Rejection};
use crate::http::error::Malformed;
use crate::http::extract::{Address, Cashier, CommandKey};
use crate::http::{ApiError, App, body, sessions};
use crate::ledger::queries::viewer::Viewer;
use crate::ledger::queries::{Slice, products as product_queries, stock as stock_queries};

/// Rows read at a time; these routes answer with everything.
const CHUNK: u32 = 1_000;

#[derive(Debug, Serialize, ToSchema)]
pub struct Mensagem {
    pub mensagem: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    pub mensagem: String,
    pub token: String,
    /// The same as `token`: two families of clients read different keys.
    pub access_token: String,
}

/// What `/registrar_usuario_app` and `/login` take. Both are required.
#[derive(Debug, ToSchema)]
pub struct Credenciais {
    #[schema(min_length = 1, max_length = 64)]
    pub username: String,
    #[schema(min_length = 4, max_length = 256)]
    pub password: String,
}

#[derive(Debug, ToSchema)]
pub struct NovoProduto {
    #[schema(min_length = 1, max_length = 120)]
    pub nome: String,
}

#[derive(Debug, ToSchema)]
pub struct NovaEntrada {
    pub produto_id: i64,
    /// A whole number, or a text that holds one; not zero.
    #[schema(value_type = i64)]
    pub quantidade: Value,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Produto {
    pub id: i64,
    pub nome: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Entrada {
    pub id: i64,
    pub produto_id: i64,
    pub nome_produto: String,
    /// A whole number where it is one, as all entries made by these routes are.
    #[schema(value_type = f64)]
    pub quantidade: serde_json::Number,
    pub registrado_por: String,
    /// RFC 3339, UTC.
    pub timestamp: String,
}

#[utoipa::path(
    post, path = "/registrar_usuario_app", tag = "fixed routes", request_body = Credenciais,
    responses(
        (status = 201, body = Mensagem), (status = 400, body = Mensagem), (status = 403, body = Mensagem),
        (status = 409, body = Mensagem), (status = 413, body = Mensagem), (status = 503, body = Mensagem)
    )
)]
pub async fn register(app: Data<App>, body: Bytes) -> Result<HttpResponse, ApiError> {
    let body = Fields::read(&body)?;
    let (username, password) = (body.text("username")?, body.text("password")?);
    sessions::register(&app, CommandId::now(), username, password).await?;
    Ok(HttpResponse::Created().json(Mensagem { mensagem: "Usuário registrado com sucesso".into() }))
}

#[utoipa::path(
    post, path = "/login", tag = "fixed routes", request_body = Credenciais,
    responses(
        (status = 200, body = SignedIn), (status = 400, body = Mensagem), (status = 401, body = Mensagem),
        (status = 413, body = Mensagem), (status = 429, body = Mensagem), (status = 503, body = Mensagem)
    )
)]
pub async fn sign_in(app: Data<App>, address: Address, body: Bytes) -> Result<HttpResponse, ApiError> {
    let body = Fields::read(&body)?;
    let (username, password) = (body.text("username")?, body.text("password")?);
    let person = sessions::prove(&app, address.0, username, password.to_owned()).await?;
    let session = sessions::open_session(&app, person, None, None, app.now()).await?;
    Ok(HttpResponse::Ok().json(SignedIn {
        mensagem: "Login realizado com sucesso".into(),
        token: session.access_token.clone(),
        access_token: session.access_token,
    }))
}

#[utoipa::path(
    get, path = "/produtos", tag = "fixed routes",
    responses((status = 200, body = Vec<Produto>), (status = 401, body = Mensagem)), security(("bearer" = []))
)]
pub async fn products(app: Data<App>, _caller: Cashier) -> Result<web::Json<Vec<Produto>>, ApiError> {
    let all = app.ledger.read_long(|db| everything(|slice| product_queries::list(db, None, slice))).await?;
    Ok(web::Json(all.into_iter().filter(|product| product.active).map(produto).collect()))
}

#[utoipa::path(
    post, path = "/produtos", tag = "fixed routes", request_body = NovoProduto,
    responses(
        (status = 201, body = Produto), (status = 400, body = Mensagem), (status = 401, body = Mensagem),
        (status = 409, body = Mensagem), (status = 413, body = Mensagem), (status = 503, body = Mensagem)
    ),
    security(("bearer" = []))
)]
pub async fn add_product(
    app: Data<App>,
    caller: Cashier,
    key: CommandKey,
    body: Bytes,
) -> Result<HttpResponse, ApiError> {
    let body = Fields::read(&body)?;
    let product = NewProduct {
        name: body.text("nome")?.to_owned(),
        code: None,
        unit: Unit::Un,
        price_cents: Cents::ZERO,
        minimum_thousandths: Quantity::ZERO,
    };
    let product = app.command_for(&caller.0, key, Payload::AddProduct(AddProduct { product })).await?;
    Ok(HttpResponse::Created().json(produto(product)))
}

#[utoipa::path(
    get, path = "/inventario", tag = "fixed routes",
    responses((status = 200, body = Vec<Entrada>), (status = 401, body = Mensagem)), security(("bearer" = []))
)]
pub async fn entries(app: Data<App>, caller: Cashier) -> Result<web::Json<Vec<Entrada>>, ApiError> {
    let stores = caller.0.store_keys();
    let all = app
        .ledger
        .read_long(move |db| everything(|slice| stock_queries::entries(db, &stores, slice)))
        .await?;
    Ok(web::Json(all.into_iter().map(entrada).collect()))
}

#[utoipa::path(
    post, path = "/inventario", tag = "fixed routes", request_body = NovaEntrada,
    responses(
        (status = 201, body = Entrada), (status = 400, body = Mensagem), (status = 401, body = Mensagem),
        (status = 403, body = Mensagem), (status = 404, body = Mensagem), (status = 409, body = Mensagem),
        (status = 413, body = Mensagem), (status = 503, body = Mensagem)
    ),
    security(("bearer" = []))
)]
pub async fn enter(
    app: Data<App>,
    caller: Cashier,
    key: CommandKey,
    body: Bytes,
) -> Result<HttpResponse, ApiError> {
    let body = Fields::read(&body)?;
    let quantity = body.quantity()?;
    let number = body.whole("produto_id")?.ok_or_else(|| missing("produto_id"))?;
    let product = app.ledger.read(|db| product_queries::by_number(db, number))?;
    let product = product.ok_or(Rejection::Unknown(Noun::Product))?;
    let entry = entry_of(&caller.0, &product, quantity)?;
    let entry = app.command_for(&caller.0, key, Payload::EnterStock(EnterStock { entry })).await?;
    Ok(HttpResponse::Created().json(entrada(entry)))
}

/// These routes know no stores: an entry goes to the caller's first one. What goes out is a correction.
fn entry_of(caller: &Viewer, product: &Product, quantity: i64) -> Result<NewStockEntry, ApiError> {
    let (_, store_id) = *caller.stores.first().ok_or(Rejection::StoreNotAllowed)?;
    let quantity_thousandths =
        Quantity::whole(quantity).ok_or_else(|| Rejection::invalid("quantidade", Invalid::NotANumber))?;
    let (kind, reason) = if quantity > 0 {
        (StockEntryKind::Receive, None)
    } else {
        (StockEntryKind::Adjust, Some("Saída registrada no inventário".to_owned()))
    };
    Ok(NewStockEntry {
        kind,
        store_id,
        product_id: product.id,
        quantity_thousandths,
        reason,
        lot: None,
        recorded_at: None,
    })
}

/// A body read field by field, because each missing field has its own answer.
struct Fields(serde_json::Map<String, Value>);

impl Fields {
    fn read(bytes: &[u8]) -> Result<Self, ApiError> {
        match body::parse(bytes)? {
            Value::Object(fields) => Ok(Self(fields)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(ApiError::malformed(Malformed::Body, "envie um objeto JSON"))
            }
        }
    }

    fn text(&self, field: &'static str) -> Result<&str, ApiError> {
        let text = self.0.get(field).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| missing(field))
    }

    /// A whole number, or a text that holds one. `None` if there is nothing.
    fn whole(&self, field: &'static str) -> Result<Option<i64>, ApiError> {
        let number = match self.0.get(field) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
        };
        number.map(Some).ok_or_else(|| Rejection::invalid(field, Invalid::NotANumber).into())
    }

    fn quantity(&self) -> Result<i64, ApiError> {
        match self.whole("quantidade")? {
            None => Err(missing("quantidade")),
            Some(0) => Err(Rejection::invalid("quantidade", Invalid::Zero).into()),
            Some(quantity) => Ok(quantity),
        }
    }
}

fn missing(field: &'static str) -> ApiError {
    Rejection::invalid(field, Invalid::Missing).into()
}

fn produto(product: Product) -> Produto {
    Produto { id: product.number, nome: product.name }
}

fn entrada(entry: StockEntry) -> Entrada {
    let quantity = match entry.kind {
        StockEntryKind::Receive | StockEntryKind::Adjust => entry.quantity_thousandths,
        StockEntryKind::Count => entry.moved_thousandths,
    };
    let number = match quantity.as_whole() {
        Some(whole) => whole.into(),
        None => serde_json::Number::from_f64(quantity.0 as f64 / 1000.0).unwrap_or_else(|| 0.into()),
    };
    Entrada {
        id: entry.number,
        produto_id: entry.product_number,
        nome_produto: entry.product_name,
        quantidade: number,
        registrado_por: entry.person_name,
        timestamp: entry.recorded_at.to_string(),
    }
}

/// Every row of a list, a chunk at a time.
fn everything<T>(
    mut list: impl FnMut(Slice) -> rusqlite::Result<tillwatch_shared::api::Page<T>>,
) -> rusqlite::Result<Vec<T>> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = list(Slice { after, limit: CHUNK, newest_first: false })?;
        all.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}
