//! Sales and the totals of days.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use tillwatch_shared::api::{DayTotal, NewSale, Page, Sale};
use tillwatch_shared::{SaleId, mark};
use utoipa::IntoParams;

use super::body::Json;
use super::error::Malformed;
use super::extract::{Cashier, Clerk, CommandKey};
use super::listing::{ListQuery, StoreQuery};
use super::{ApiError, App};
use crate::domain::rejection::Noun;
use crate::domain::sales::RecordSale;
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::sales::{self, Which};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DayQuery {
    /// A calendar day such as `2026-12-31`; what is today in each store if absent.
    #[param(format = Date, value_type = Option<String>)]
    pub day: Option<jiff::civil::Date>,
}

/// One sale among all; the two go together.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WhichQuery {
    /// Only sales of this number: one in each store.
    #[param(minimum = 1)]
    pub number: Option<i64>,
    /// Only the sale whose receipt has this number under its barcode.
    #[param(pattern = "^[0-9]{20}$")]
    pub mark: Option<String>,
}

impl WhichQuery {
    fn which(&self) -> Result<Which, ApiError> {
        let range = |mark: &String| {
            mark::range(mark)
                .ok_or_else(|| ApiError::malformed(Malformed::Query, "mark: not that of a receipt"))
        };
        let marked = self.mark.as_ref().map(range).transpose()?;
        Ok(Which { number: self.number, marked })
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(record).service(get).service(day_totals);
}

#[utoipa::path(
    path = "/api/v1/sales", tag = "sales", params(StoreQuery, WhichQuery, ListQuery),
    responses((status = 200, body = Page<Sale>)), security(("bearer" = []))
)]
#[get("/sales")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    store: Query<StoreQuery>,
    which: Query<WhichQuery>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<Sale>>, ApiError> {
    let slice = query.slice()?;
    let stores = store.keys(&caller.0)?;
    let which = which.which()?;
    Ok(web::Json(app.ledger.read_long(move |db| sales::list(db, &stores, which, slice)).await?))
}

/// Records a sale. It is durable when this answers.
#[utoipa::path(
    path = "/api/v1/sales", tag = "sales", request_body = NewSale,
    responses((status = 201, body = Sale)), security(("bearer" = []), ("till" = []))
)]
#[post("/sales")]
pub async fn record(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    body: Json<NewSale>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::RecordSale(RecordSale { sale: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<Sale>(&caller.0, key, payload).await?))
}

#[utoipa::path(
    path = "/api/v1/sales/{id}", tag = "sales", params(("id" = SaleId, Path)),
    responses((status = 200, body = Sale)), security(("bearer" = []))
)]
#[get("/sales/{id}")]
pub async fn get(app: Data<App>, caller: Cashier, id: Path<SaleId>) -> Result<web::Json<Sale>, ApiError> {
    let sale = app.ledger.read(|db| sales::by_id(db, &caller.0.store_keys(), *id))?;
    sale.map(web::Json).ok_or(Rejection::Unknown(Noun::Sale).into())
}

/// The day's figures of each of the caller's stores.
#[utoipa::path(
    path = "/api/v1/day-totals", tag = "sales", params(StoreQuery, DayQuery),
    responses((status = 200, body = Vec<DayTotal>)), security(("bearer" = []))
)]
#[get("/day-totals")]
pub async fn day_totals(
    app: Data<App>,
    caller: Cashier,
    store: Query<StoreQuery>,
    query: Query<DayQuery>,
) -> Result<web::Json<Vec<DayTotal>>, ApiError> {
    let stores = store.keys(&caller.0)?;
    let day = query.day.map(|day| day.to_string());
    if day.as_ref().is_some_and(|day| day.len() != 10) {
        return Err(ApiError::malformed(Malformed::Query, "day: a year of four digits"));
    }
    Ok(web::Json(app.ledger.read(|db| sales::day_totals(db, &stores, day.as_deref(), app.now()))?))
}
