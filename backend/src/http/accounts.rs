//! What customers owe, and what they pay of it.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use tillwatch_shared::api::{Account, AccountPayment, Debt, NewAccountPayment, Page};
use tillwatch_shared::{AccountId, StoreId};

use super::body::Json;
use super::extract::{Cashier, Clerk, CommandKey, Manager};
use super::listing::{ListQuery, StoreQuery};
use super::{ApiError, App};
use crate::domain::Payload;
use crate::domain::accounts::PayAccount;
use crate::ledger::queries::accounts;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(debts).service(pay);
}

/// The customers who owe something.
#[utoipa::path(
    path = "/api/v1/accounts", tag = "accounts", params(StoreQuery, ListQuery),
    responses((status = 200, body = Page<Account>)), security(("bearer" = []))
)]
#[get("/accounts")]
pub async fn list(
    app: Data<App>,
    caller: Manager,
    store: Query<StoreQuery>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<Account>>, ApiError> {
    let slice = query.slice()?;
    let stores = store.keys(&caller.0)?;
    Ok(web::Json(app.ledger.read_long(move |db| accounts::open(db, &stores, slice)).await?))
}

/// What is owed in a store in which the caller works, and what it comes from.
#[utoipa::path(
    path = "/api/v1/stores/{id}/debts", tag = "accounts", params(("id" = StoreId, Path), ListQuery),
    responses((status = 200, body = Page<Debt>)), security(("bearer" = []))
)]
#[get("/stores/{id}/debts")]
pub async fn debts(
    app: Data<App>,
    caller: Cashier,
    id: Path<StoreId>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<Debt>>, ApiError> {
    let slice = query.slice()?;
    let store = StoreQuery { store_id: Some(*id) }.keys(&caller.0)?;
    Ok(web::Json(app.ledger.read_long(move |db| accounts::debts(db, &store, slice)).await?))
}

/// A customer pays a debt, or a part of it.
#[utoipa::path(
    path = "/api/v1/accounts/{id}/payments", tag = "accounts", request_body = NewAccountPayment,
    params(("id" = AccountId, Path)),
    responses((status = 201, body = AccountPayment)), security(("bearer" = []), ("till" = []))
)]
#[post("/accounts/{id}/payments")]
pub async fn pay(
    app: Data<App>,
    caller: Clerk,
    id: Path<AccountId>,
    key: CommandKey,
    body: Json<NewAccountPayment>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::PayAccount(PayAccount { account_id: *id, payment: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<AccountPayment>(&caller.0, key, payload).await?))
}
