//! Lots: what there is, when it expires, where it stands.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{get, put};
use jiff::civil::Date;
use serde::Deserialize;
use tillwatch_shared::ProductId;
use tillwatch_shared::api::{Lot, LotPlace, Page};
use tillwatch_shared::ids::LotId;
use utoipa::IntoParams;

use super::body::Json;
use super::extract::{Cashier, CommandKey};
use super::listing::{ListQuery, StoreQuery};
use super::{ApiError, App};
use crate::domain::Payload;
use crate::domain::lots::PlaceLot;
use crate::ledger::queries::lots::{self, Wanted};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LotQuery {
    pub product_id: Option<ProductId>,
    /// Only what expires before this day.
    #[param(value_type = Option<String>, format = Date)]
    pub expiring_before: Option<Date>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(place);
}

/// Lots that hold something.
#[utoipa::path(
    path = "/api/v1/lots", tag = "stock", params(StoreQuery, LotQuery, ListQuery),
    responses((status = 200, body = Page<Lot>)), security(("bearer" = []))
)]
#[get("/lots")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    store: Query<StoreQuery>,
    lot: Query<LotQuery>,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<Lot>>, ApiError> {
    let slice = query.slice()?;
    let stores = store.keys(&caller.0)?;
    let wanted = Wanted { product: lot.product_id, expiring_before: lot.expiring_before };
    Ok(web::Json(app.ledger.read_long(move |db| lots::list(db, &stores, wanted, slice)).await?))
}

/// Says at which sensor a lot stands.
#[utoipa::path(
    path = "/api/v1/lots/{id}/place", tag = "stock", params(("id" = LotId, Path)), request_body = LotPlace,
    responses((status = 200, body = Lot)), security(("bearer" = []))
)]
#[put("/lots/{id}/place")]
pub async fn place(
    app: Data<App>,
    caller: Cashier,
    key: CommandKey,
    id: Path<LotId>,
    body: Json<LotPlace>,
) -> Result<web::Json<Lot>, ApiError> {
    let payload = Payload::PlaceLot(PlaceLot { lot_id: *id, place: body.0 });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}
