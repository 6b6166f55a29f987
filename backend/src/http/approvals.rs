//! Discounts and returns above what a seller may give: allowed at the till by somebody who proves who they are.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, post, put};
use tillwatch_shared::StoreId;
use tillwatch_shared::api::{
    Approval, DiscountLimits, NewApproval, NewReturnApproval, ReturnApproval, Store,
};

use super::body::Json;
use super::extract::{Address, Cashier, CommandKey, Manager, noun};
use super::sessions::prove;
use super::{ApiError, App};
use crate::domain::Payload;
use crate::domain::discounts::{ApproveDiscount, SetDiscountLimits};
use crate::domain::returns::ApproveReturn;

pub fn routes(config: &mut ServiceConfig) {
    config.service(approve).service(approve_return).service(set_limits);
}

/// Allows a discount. The one who allows it is named in the body and need not be signed in; guessing is slowed
/// down as at the sign-in.
#[utoipa::path(
    path = "/api/v1/approvals", tag = "sales", request_body = NewApproval,
    responses((status = 201, body = Approval)), security(("bearer" = []))
)]
#[post("/approvals")]
pub async fn approve(
    app: Data<App>,
    _caller: Cashier,
    address: Address,
    key: CommandKey,
    body: Json<NewApproval>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = body;
    let person = prove(&app, address.0, &body.username, body.password).await?;
    let payload = Payload::ApproveDiscount(ApproveDiscount {
        store_id: body.store_id,
        sale_id: body.sale_id,
        limit_cents: body.limit_cents,
        undiscounted_cents: body.undiscounted_cents,
    });
    let receipt = app.server_command(key.0, Some(person), app.now(), payload).await?;
    Ok(HttpResponse::Created().json(noun::<Approval>(receipt.event)?))
}

/// Allows a return that the seller may not make alone, as [`approve`] does a discount.
#[utoipa::path(
    path = "/api/v1/approvals/returns", tag = "sales", request_body = NewReturnApproval,
    responses((status = 201, body = ReturnApproval)), security(("bearer" = []))
)]
#[post("/approvals/returns")]
pub async fn approve_return(
    app: Data<App>,
    _caller: Cashier,
    address: Address,
    key: CommandKey,
    body: Json<NewReturnApproval>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = body;
    let person = prove(&app, address.0, &body.username, body.password).await?;
    let payload = Payload::ApproveReturn(ApproveReturn {
        store_id: body.store_id,
        sale_id: body.sale_id,
        return_id: body.return_id,
        limit_cents: body.limit_cents,
    });
    let receipt = app.server_command(key.0, Some(person), app.now(), payload).await?;
    Ok(HttpResponse::Created().json(noun::<ReturnApproval>(receipt.event)?))
}

/// Sets how much each role may take off a sale in this store. Managers change what sellers may give.
#[utoipa::path(
    path = "/api/v1/stores/{id}/discount-limits", tag = "stores", params(("id" = StoreId, Path)),
    request_body = DiscountLimits, responses((status = 200, body = Store)), security(("bearer" = []))
)]
#[put("/stores/{id}/discount-limits")]
pub async fn set_limits(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<StoreId>,
    body: Json<DiscountLimits>,
) -> Result<web::Json<Store>, ApiError> {
    let payload = Payload::SetDiscountLimits(SetDiscountLimits { store_id: *id, limits: body.0 });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}
