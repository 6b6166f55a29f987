//! Transfers between stores.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use tillwatch_shared::StoreId;
use tillwatch_shared::api::{Arrival, Destination, NewTransfer, Page, Transfer, TransferCancellation};
use tillwatch_shared::ids::TransferId;
use utoipa::IntoParams;

use super::body::Json;
use super::extract::{Cashier, Clerk, CommandKey};
use super::listing::{ListQuery, StoreQuery};
use super::{ApiError, App};
use crate::domain::rejection::Noun;
use crate::domain::transfers::{CancelTransfer, ReceiveTransfer, SendTransfer};
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::transfers;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OpenQuery {
    /// Only those that are on their way.
    #[serde(default)]
    pub open: bool,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(send).service(get).service(receive).service(cancel).service(destinations);
}

/// Transfers from or to the caller's stores.
#[utoipa::path(
    path = "/api/v1/transfers", tag = "stock", params(StoreQuery, OpenQuery, ListQuery),
    responses((status = 200, body = Page<Transfer>)), security(("bearer" = []))
)]
#[get("/transfers")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    store: Query<StoreQuery>,
    open: Query<OpenQuery>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<Transfer>>, ApiError> {
    let slice = query.slice()?;
    let stores = store.keys(&caller.0)?;
    let open = open.open;
    Ok(web::Json(app.ledger.read_long(move |db| transfers::list(db, &stores, open, slice)).await?))
}

/// Sends goods to another store of the chain.
#[utoipa::path(
    path = "/api/v1/transfers", tag = "stock", request_body = NewTransfer,
    responses((status = 201, body = Transfer)), security(("bearer" = []), ("till" = []))
)]
#[post("/transfers")]
pub async fn send(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    body: Json<NewTransfer>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::SendTransfer(SendTransfer { transfer: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<Transfer>(&caller.0, key, payload).await?))
}

#[utoipa::path(
    path = "/api/v1/transfers/{id}", tag = "stock", params(("id" = TransferId, Path)),
    responses((status = 200, body = Transfer)), security(("bearer" = []))
)]
#[get("/transfers/{id}")]
pub async fn get(
    app: Data<App>,
    caller: Cashier,
    id: Path<TransferId>,
) -> Result<web::Json<Transfer>, ApiError> {
    let stores = caller.0.store_keys();
    let found = app.ledger.read(|db| transfers::by_id(db, &stores, *id))?;
    Ok(web::Json(found.ok_or(Rejection::Unknown(Noun::Transfer))?))
}

/// Takes in what arrived. What is missing is kept with its reason.
#[utoipa::path(
    path = "/api/v1/transfers/{id}/arrival", tag = "stock", params(("id" = TransferId, Path)),
    request_body = Arrival, responses((status = 200, body = Transfer)), security(("bearer" = []), ("till" = []))
)]
#[post("/transfers/{id}/arrival")]
pub async fn receive(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    id: Path<TransferId>,
    body: Json<Arrival>,
) -> Result<web::Json<Transfer>, ApiError> {
    let payload = Payload::ReceiveTransfer(ReceiveTransfer { transfer_id: *id, arrival: body.0 });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}

/// Takes back what has not arrived yet.
#[utoipa::path(
    path = "/api/v1/transfers/{id}/cancellation", tag = "stock", params(("id" = TransferId, Path)),
    request_body = TransferCancellation, responses((status = 200, body = Transfer)), security(("bearer" = []), ("till" = []))
)]
#[post("/transfers/{id}/cancellation")]
pub async fn cancel(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    id: Path<TransferId>,
    body: Json<TransferCancellation>,
) -> Result<web::Json<Transfer>, ApiError> {
    let payload = Payload::CancelTransfer(CancelTransfer { transfer_id: *id, cancellation: body.0 });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}

/// The other stores of a store's chain.
#[utoipa::path(
    path = "/api/v1/stores/{id}/destinations", tag = "stock", params(("id" = StoreId, Path)),
    responses((status = 200, body = Vec<Destination>)), security(("bearer" = []))
)]
#[get("/stores/{id}/destinations")]
pub async fn destinations(
    app: Data<App>,
    caller: Cashier,
    id: Path<StoreId>,
) -> Result<web::Json<Vec<Destination>>, ApiError> {
    let (key, _) = *caller.0.stores.iter().find(|(_, own)| own == &*id).ok_or(Rejection::StoreNotAllowed)?;
    Ok(web::Json(app.ledger.read(|db| transfers::destinations(db, key))?))
}
