//! Cash sessions: open, move, close, and their reports.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use tillwatch_shared::CashSessionId;
use tillwatch_shared::api::{
    CashMovement, CashSession, CashSessionReport, NewCashClosing, NewCashMovement, NewCashSession, Page,
};
use utoipa::IntoParams;

use super::body::Json;
use super::extract::{Cashier, Clerk, CommandKey};
use super::listing::{ListQuery, StoreQuery};
use super::{ApiError, App};
use crate::domain::cash::{CloseCashSession, MoveCash, OpenCashSession};
use crate::domain::rejection::Noun;
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::cash;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OpenQuery {
    /// Only the sessions that are open.
    #[serde(default)]
    pub open: bool,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(open).service(get).service(move_cash).service(close);
}

/// The cash sessions of the caller's stores.
#[utoipa::path(
    path = "/api/v1/cash-sessions", tag = "cash", params(StoreQuery, OpenQuery, ListQuery),
    responses((status = 200, body = Page<CashSession>)), security(("bearer" = []))
)]
#[get("/cash-sessions")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    store: Query<StoreQuery>,
    only: Query<OpenQuery>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<CashSession>>, ApiError> {
    let slice = query.slice()?;
    let stores = store.keys(&caller.0)?;
    let only_open = only.open;
    Ok(web::Json(app.ledger.read_long(move |db| cash::list(db, &stores, only_open, slice)).await?))
}

/// Opens a till's drawer with what lies in it.
#[utoipa::path(
    path = "/api/v1/cash-sessions", tag = "cash", request_body = NewCashSession,
    responses((status = 201, body = CashSession)), security(("bearer" = []), ("till" = []))
)]
#[post("/cash-sessions")]
pub async fn open(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    body: Json<NewCashSession>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::OpenCashSession(OpenCashSession { session: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<CashSession>(&caller.0, key, payload).await?))
}

/// A session with its report: X while it is open; Z, which never changes, once it is closed.
#[utoipa::path(
    path = "/api/v1/cash-sessions/{id}", tag = "cash", params(("id" = CashSessionId, Path)),
    responses((status = 200, body = CashSessionReport)), security(("bearer" = []))
)]
#[get("/cash-sessions/{id}")]
pub async fn get(
    app: Data<App>,
    caller: Cashier,
    id: Path<CashSessionId>,
) -> Result<web::Json<CashSessionReport>, ApiError> {
    let (stores, id) = (caller.0.store_keys(), *id);
    let report = app.ledger.read_long(move |db| cash::report(db, &stores, id)).await?;
    report.map(web::Json).ok_or(Rejection::Unknown(Noun::CashSession).into())
}

/// Takes money out of the drawer or puts some in, with the reason.
#[utoipa::path(
    path = "/api/v1/cash-sessions/{id}/movements", tag = "cash", request_body = NewCashMovement,
    params(("id" = CashSessionId, Path)),
    responses((status = 201, body = CashMovement)), security(("bearer" = []), ("till" = []))
)]
#[post("/cash-sessions/{id}/movements")]
pub async fn move_cash(
    app: Data<App>,
    caller: Clerk,
    id: Path<CashSessionId>,
    key: CommandKey,
    body: Json<NewCashMovement>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::MoveCash(MoveCash { session_id: *id, movement: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<CashMovement>(&caller.0, key, payload).await?))
}

/// Closes the session with what was counted; the difference to what should be there is recorded.
#[utoipa::path(
    path = "/api/v1/cash-sessions/{id}/closing", tag = "cash", request_body = NewCashClosing,
    params(("id" = CashSessionId, Path)),
    responses((status = 201, body = CashSessionReport)), security(("bearer" = []), ("till" = []))
)]
#[post("/cash-sessions/{id}/closing")]
pub async fn close(
    app: Data<App>,
    caller: Clerk,
    id: Path<CashSessionId>,
    key: CommandKey,
    body: Json<NewCashClosing>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::CloseCashSession(CloseCashSession { session_id: *id, closing: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<CashSessionReport>(&caller.0, key, payload).await?))
}
