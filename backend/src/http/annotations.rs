//! What people noted about times of a sensor.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Annotation, AnnotationWithdrawal, NewAnnotation};
use tillwatch_shared::ids::AnnotationId;
use utoipa::IntoParams;

use super::body::Json;
use super::extract::{Cashier, CommandKey};
use super::sensors::{seen, written};
use super::{ApiError, App};
use crate::domain::Payload;
use crate::domain::annotations::{AddAnnotation, WithdrawAnnotation};
use crate::ledger::queries::annotations;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RangeQuery {
    /// From the first if absent.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<UtcMicros>,
    /// Not included; to the last if absent.
    #[param(value_type = Option<String>, format = DateTime)]
    pub to: Option<UtcMicros>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(add).service(withdraw);
}

/// What was noted about a time of a sensor, oldest first: the newest 1,000 that touch it.
#[utoipa::path(
    path = "/api/v1/sensors/{id}/annotations", tag = "sensors",
    params(("id" = String, Path, min_length = 1, max_length = 64), RangeQuery),
    responses((status = 200, body = Vec<Annotation>)), security(("bearer" = []))
)]
#[get("/sensors/{id}/annotations")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    id: Path<String>,
    query: Query<RangeQuery>,
) -> Result<web::Json<Vec<Annotation>>, ApiError> {
    let id = seen(&app, &caller.0, &id)?.to_string();
    let range = (query.from.unwrap_or(UtcMicros(0)), query.to.unwrap_or(UtcMicros(i64::MAX)));
    Ok(web::Json(app.ledger.read(|db| annotations::of_sensor(db, &id, range))?))
}

/// Notes what happened at a sensor: at a moment, or for a time. It may be long over.
#[utoipa::path(
    path = "/api/v1/sensors/{id}/annotations", tag = "sensors",
    params(("id" = String, Path, min_length = 1, max_length = 64)), request_body = NewAnnotation,
    responses((status = 201, body = Annotation)), security(("bearer" = []))
)]
#[post("/sensors/{id}/annotations")]
pub async fn add(
    app: Data<App>,
    caller: Cashier,
    key: CommandKey,
    id: Path<String>,
    body: Json<NewAnnotation>,
) -> Result<HttpResponse, ApiError> {
    let sensor_id = written(&id)?;
    let payload = Payload::AddAnnotation(AddAnnotation { sensor_id, annotation: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<Annotation>(&caller.0, key, payload).await?))
}

/// Takes a note back: whoever made it may, and managers.
#[utoipa::path(
    path = "/api/v1/annotations/{id}/withdrawal", tag = "sensors", params(("id" = AnnotationId, Path)),
    request_body = AnnotationWithdrawal, responses((status = 200, body = Annotation)), security(("bearer" = []))
)]
#[post("/annotations/{id}/withdrawal")]
pub async fn withdraw(
    app: Data<App>,
    caller: Cashier,
    key: CommandKey,
    id: Path<AnnotationId>,
    body: Json<AnnotationWithdrawal>,
) -> Result<web::Json<Annotation>, ApiError> {
    let payload = Payload::WithdrawAnnotation(WithdrawAnnotation { annotation_id: *id, withdrawal: body.0 });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}
