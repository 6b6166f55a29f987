//! The change feed.

use actix_web::get;
use actix_web::web::{self, Data, Query, ServiceConfig};
use serde::Deserialize;
use tillwatch_shared::api::Changes;
use tillwatch_shared::limits::PAGE_ROWS;
use utoipa::IntoParams;

use super::error::Malformed;
use super::extract::Cashier;
use super::{ApiError, App};
use crate::ledger::queries::changes;

const USUAL: u32 = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// `next_after` of the answer before, `0` for the beginning, or `latest` to begin at the end.
    #[param(pattern = "^([0-9]{1,18}|latest)$")]
    pub after: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// What happened after a place in the journal, as far as the caller may see it.
#[utoipa::path(
    path = "/api/v1/changes", tag = "changes", params(ChangesQuery),
    responses((status = 200, body = Changes)), security(("bearer" = []))
)]
#[get("/changes")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    query: Query<ChangesQuery>,
) -> Result<web::Json<Changes>, ApiError> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=PAGE_ROWS).contains(&limit) {
        return Err(ApiError::malformed(Malformed::Query, format!("limit: 1 to {PAGE_ROWS}")));
    }
    let now = app.now();
    let tip = app.ledger.tip();
    let after = match query.after.as_deref() {
        None => 0,
        Some("latest") => tip,
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|after| *after >= 0)
            .ok_or_else(|| ApiError::malformed(Malformed::Query, "after: a number, or latest"))?,
    };
    // The usual poll finds nothing new; it is answered without leaving this thread.
    if after == tip {
        return Ok(web::Json(Changes { changes: Vec::new(), next_after: tip, more: false, server_at: now }));
    }
    Ok(web::Json(app.ledger.read_long(move |db| changes::after(db, &caller.0, after, limit, now)).await?))
}
