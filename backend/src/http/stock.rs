//! Stock levels and stock entries.

use actix_web::web::{self, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use tillwatch_shared::StoreId;
use tillwatch_shared::api::{NewStockEntry, Page, StockEntry, StockLevel};
use utoipa::IntoParams;

use super::body::Json;
use super::extract::{Cashier, Clerk, CommandKey};
use super::listing::{ListQuery, StoreQuery, unless_known};
use super::{ApiError, App};
use crate::domain::stock::EnterStock;
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::stock;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LevelQuery {
    pub store_id: StoreId,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(levels).service(entries).service(enter);
}

/// What a store holds: every product that is sold, also with a balance of zero.
#[utoipa::path(
    path = "/api/v1/stock", tag = "stock", params(LevelQuery, ListQuery),
    responses((status = 200, body = Page<StockLevel>), (status = 304)), security(("bearer" = []))
)]
#[get("/stock")]
pub async fn levels(
    app: Data<App>,
    caller: Cashier,
    store: Query<LevelQuery>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let slice = query.slice()?;
    let place = caller.0.stores.iter().find(|(_, id)| *id == store.store_id);
    let (key, id) = *place.ok_or(Rejection::StoreNotAllowed)?;
    let tip = app.ledger.tip();
    unless_known(&request, &caller.0, tip, || Ok(app.ledger.read(|db| stock::levels(db, key, id, slice))?))
}

#[utoipa::path(
    path = "/api/v1/stock-entries", tag = "stock", params(StoreQuery, ListQuery),
    responses((status = 200, body = Page<StockEntry>)), security(("bearer" = []))
)]
#[get("/stock-entries")]
pub async fn entries(
    app: Data<App>,
    caller: Cashier,
    store: Query<StoreQuery>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<StockEntry>>, ApiError> {
    let slice = query.slice()?;
    let stores = store.keys(&caller.0)?;
    Ok(web::Json(app.ledger.read_long(move |db| stock::entries(db, &stores, slice)).await?))
}

/// Receives, corrects or counts goods.
#[utoipa::path(
    path = "/api/v1/stock-entries", tag = "stock", request_body = NewStockEntry,
    responses((status = 201, body = StockEntry)), security(("bearer" = []), ("till" = []))
)]
#[post("/stock-entries")]
pub async fn enter(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    body: Json<NewStockEntry>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::EnterStock(EnterStock { entry: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<StockEntry>(&caller.0, key, payload).await?))
}
