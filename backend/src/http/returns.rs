//! Returns of goods, and cancelled sales.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use jiff::civil::Date;
use serde::Deserialize;
use tillwatch_shared::SaleId;
use tillwatch_shared::api::{NewReturn, Page, Return};
use utoipa::IntoParams;

use super::body::Json;
use super::error::Malformed;
use super::extract::{Cashier, Clerk, CommandKey};
use super::listing::{ListQuery, StoreQuery};
use super::{ApiError, App};
use crate::domain::Payload;
use crate::domain::returns::ReturnSale;
use crate::ledger::queries::returns::{self, Days};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DaysQuery {
    /// The first business day on which something came back.
    #[param(format = Date, value_type = Option<String>)]
    pub from: Option<Date>,
    /// The last one, included.
    #[param(format = Date, value_type = Option<String>)]
    pub to: Option<Date>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(record);
}

/// What came back, and which sales were cancelled.
#[utoipa::path(
    path = "/api/v1/returns", tag = "sales", params(StoreQuery, DaysQuery, ListQuery),
    responses((status = 200, body = Page<Return>)), security(("bearer" = []))
)]
#[get("/returns")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    store: Query<StoreQuery>,
    days: Query<DaysQuery>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<Return>>, ApiError> {
    let slice = query.slice()?;
    let stores = store.keys(&caller.0)?;
    let days = Days { from: day("from", days.from, Date::ZERO)?, to: day("to", days.to, Date::MAX)? };
    Ok(web::Json(app.ledger.read_long(move |db| returns::list(db, &stores, &days, slice)).await?))
}

/// As the tables write it, so that days compare as texts.
fn day(field: &str, asked: Option<Date>, otherwise: Date) -> Result<String, ApiError> {
    let day = asked.unwrap_or(otherwise).to_string();
    if day.len() == 10 {
        Ok(day)
    } else {
        Err(ApiError::malformed(Malformed::Query, format!("{field}: a year of four digits")))
    }
}

/// Takes goods of a sale back, or cancels it. Sellers do so for sales of the same day, managers for all.
#[utoipa::path(
    path = "/api/v1/sales/{id}/returns", tag = "sales", params(("id" = SaleId, Path)),
    request_body = NewReturn, responses((status = 201, body = Return)), security(("bearer" = []), ("till" = []))
)]
#[post("/sales/{id}/returns")]
pub async fn record(
    app: Data<App>,
    caller: Clerk,
    key: CommandKey,
    id: Path<SaleId>,
    body: Json<NewReturn>,
) -> Result<HttpResponse, ApiError> {
    let payload = Payload::ReturnSale(ReturnSale { sale: *id, back: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<Return>(&caller.0, key, payload).await?))
}
