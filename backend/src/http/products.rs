//! Products.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, patch, post, put};
use serde::Deserialize;
use tillwatch_shared::ProductId;
use tillwatch_shared::api::{NewProduct, Page, PriceList, Product, ProductChange};
use tillwatch_shared::limits::NAME_CHARS;
use utoipa::IntoParams;

use super::body::Json;
use super::error::Malformed;
use super::extract::{Cashier, Clerk, CommandKey, Manager};
use super::listing::{ListQuery, unless_known};
use super::{ApiError, App};
use crate::domain::prices::SetPrices;
use crate::domain::products::{AddProduct, ChangeProduct};
use crate::domain::rejection::Noun;
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::products;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Part of a name (case and accents do not count) or a whole code.
    #[param(max_length = 120)]
    pub q: Option<String>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(add).service(get).service(change).service(set_prices);
}

#[utoipa::path(
    path = "/api/v1/products", tag = "products", params(ListQuery, Search),
    responses((status = 200, body = Page<Product>), (status = 304)), security(("bearer" = []))
)]
#[get("/products")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    query: Query<ListQuery>,
    search: Query<Search>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let slice = query.slice()?;
    if search.q.as_ref().is_some_and(|q| q.chars().count() > NAME_CHARS) {
        return Err(ApiError::malformed(Malformed::Query, format!("q: at most {NAME_CHARS} characters")));
    }
    let tip = app.ledger.tip();
    unless_known(&request, &caller.0, tip, || {
        Ok(app.ledger.read(|db| products::list(db, search.q.as_deref(), slice))?)
    })
}

#[utoipa::path(
    path = "/api/v1/products", tag = "products", request_body = NewProduct,
    responses((status = 201, body = Product)), security(("bearer" = []), ("till" = []))
)]
#[post("/products")]
pub async fn add(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    body: Json<NewProduct>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::AddProduct(AddProduct { product: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<Product>(&caller.0, key, payload).await?))
}

#[utoipa::path(
    path = "/api/v1/products/{id}", tag = "products", params(("id" = ProductId, Path)),
    responses((status = 200, body = Product)), security(("bearer" = []))
)]
#[get("/products/{id}")]
pub async fn get(
    app: Data<App>,
    _caller: Cashier,
    id: Path<ProductId>,
) -> Result<web::Json<Product>, ApiError> {
    let product = app.ledger.read(|db| products::by_id(db, *id))?;
    product.map(web::Json).ok_or(Rejection::Unknown(Noun::Product).into())
}

#[utoipa::path(
    path = "/api/v1/products/{id}", tag = "products", params(("id" = ProductId, Path)), request_body = ProductChange,
    responses((status = 200, body = Product)), security(("bearer" = []), ("till" = []))
)]
#[patch("/products/{id}")]
pub async fn change(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    id: Path<ProductId>,
    body: Json<ProductChange>,
) -> Result<web::Json<Product>, ApiError> {
    let payload = Payload::ChangeProduct(ChangeProduct { product_id: *id, change: body.0 });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}

/// Puts a price list in place of the one that the product has for the same stores: those of one store, or of all.
/// An empty list takes it away. On each day a store's own list counts before the list of all stores, and both before
/// the product's usual price.
#[utoipa::path(
    path = "/api/v1/products/{id}/prices", tag = "products", params(("id" = ProductId, Path)), request_body = PriceList,
    responses((status = 200, body = Product)), security(("bearer" = []))
)]
#[put("/products/{id}/prices")]
pub async fn set_prices(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<ProductId>,
    body: Json<PriceList>,
) -> Result<web::Json<Product>, ApiError> {
    let payload = Payload::SetPrices(SetPrices { product_id: *id, list: body.0 });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}
