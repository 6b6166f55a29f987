//! Chains and stores.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use tillwatch_shared::StoreId;
use tillwatch_shared::api::{Chain, NewChain, NewStore, Store, StoreChange};
use tillwatch_shared::tax_id::Cnpj;

use super::body::Json;
use super::extract::{Admin, Cashier, CommandKey};
use super::listing::unless_known;
use super::{ApiError, App};
use crate::domain::rejection::Invalid;
use crate::domain::stores::{AddChain, AddStore, ChangeStore};
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::stores;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_chains).service(add_chain).service(list).service(add).service(change);
}

#[utoipa::path(path = "/api/v1/chains", tag = "stores", responses((status = 200, body = Vec<Chain>)), security(("bearer" = [])))]
#[get("/chains")]
pub async fn list_chains(app: Data<App>, _caller: Cashier) -> Result<web::Json<Vec<Chain>>, ApiError> {
    Ok(web::Json(app.ledger.read(stores::chains)?))
}

#[utoipa::path(
    path = "/api/v1/chains", tag = "stores", request_body = NewChain,
    responses((status = 201, body = Chain)), security(("bearer" = []))
)]
#[post("/chains")]
pub async fn add_chain(
    app: Data<App>,
    caller: Admin,
    key: CommandKey,
    body: Json<NewChain>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::AddChain(AddChain { name: body.0.name });
    Ok(HttpResponse::Created().json(app.command_for::<Chain>(&caller.0, key, payload).await?))
}

/// The stores that the caller works in.
#[utoipa::path(path = "/api/v1/stores", tag = "stores", responses((status = 200, body = Vec<Store>), (status = 304)), security(("bearer" = [])))]
#[get("/stores")]
pub async fn list(app: Data<App>, caller: Cashier, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let tip = app.ledger.tip();
    unless_known(&request, &caller.0, tip, || Ok(app.ledger.read(|db| stores::visible(db, &caller.0))?))
}

#[utoipa::path(
    path = "/api/v1/stores", tag = "stores", request_body = NewStore,
    responses((status = 201, body = Store)), security(("bearer" = []))
)]
#[post("/stores")]
pub async fn add(
    app: Data<App>,
    caller: Admin,
    key: CommandKey,
    body: Json<NewStore>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = body;
    let cnpj = body.cnpj.as_deref().map(Cnpj::parse).transpose();
    let payload = Payload::AddStore(AddStore {
        chain_id: body.chain_id,
        name: body.name,
        cnpj: cnpj.map_err(|_| Rejection::invalid("cnpj", Invalid::TaxId))?,
        zone: body.zone.unwrap_or_else(|| app.settings.zone.clone()),
    });
    Ok(HttpResponse::Created().json(app.command_for::<Store>(&caller.0, key, payload).await?))
}

/// Changes a store. Sales keep the day that they had.
#[utoipa::path(
    path = "/api/v1/stores/{id}", tag = "stores", params(("id" = StoreId, Path)), request_body = StoreChange,
    responses((status = 200, body = Store)), security(("bearer" = []))
)]
#[patch("/stores/{id}")]
pub async fn change(
    app: Data<App>,
    caller: Admin,
    key: CommandKey,
    id: Path<StoreId>,
    body: Json<StoreChange>,
) -> Result<web::Json<Store>, ApiError> {
    let Json(body) = body;
    let cnpj = body.cnpj.as_deref().map(Cnpj::parse).transpose();
    let payload = Payload::ChangeStore(ChangeStore {
        store_id: *id,
        name: body.name,
        cnpj: cnpj.map_err(|_| Rejection::invalid("cnpj", Invalid::TaxId))?,
        zone: body.zone,
    });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}
