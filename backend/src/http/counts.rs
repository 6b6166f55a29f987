//! Counts.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use tillwatch_shared::api::{Count, NewCount, Page};
use tillwatch_shared::ids::CountId;

use super::body::Json;
use super::extract::{Cashier, Clerk, CommandKey};
use super::listing::{ListQuery, StoreQuery};
use super::{ApiError, App};
use crate::domain::counts::RecordCount;
use crate::domain::rejection::Noun;
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::counts;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(record).service(get);
}

/// Counts with what was expected, counted and missing.
#[utoipa::path(
    path = "/api/v1/counts", tag = "stock", params(StoreQuery, ListQuery),
    responses((status = 200, body = Page<Count>)), security(("bearer" = []))
)]
#[get("/counts")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    store: Query<StoreQuery>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<Count>>, ApiError> {
    let slice = query.slice()?;
    let stores = store.keys(&caller.0)?;
    Ok(web::Json(app.ledger.read_long(move |db| counts::list(db, &stores, slice)).await?))
}

/// Takes in a finished count. Each line is compared with the books as they were when it was counted.
#[utoipa::path(
    path = "/api/v1/counts", tag = "stock", request_body = NewCount,
    responses((status = 201, body = Count)), security(("bearer" = []), ("till" = []))
)]
#[post("/counts")]
pub async fn record(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    body: Json<NewCount>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::RecordCount(RecordCount { count: body.0, none_of_the_future: true });
    Ok(HttpResponse::Created().json(app.command_for::<Count>(&caller.0, key, payload).await?))
}

#[utoipa::path(
    path = "/api/v1/counts/{id}", tag = "stock", params(("id" = CountId, Path)),
    responses((status = 200, body = Count)), security(("bearer" = []))
)]
#[get("/counts/{id}")]
pub async fn get(app: Data<App>, caller: Cashier, id: Path<CountId>) -> Result<web::Json<Count>, ApiError> {
    let stores = caller.0.store_keys();
    let found = app.ledger.read(|db| counts::by_id(db, &stores, *id))?;
    Ok(web::Json(found.ok_or(Rejection::Unknown(Noun::Count))?))
}
