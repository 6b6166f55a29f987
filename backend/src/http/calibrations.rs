//! Calibrations of a sensor.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use tillwatch_shared::api::{Calibration, CalibrationWithdrawal, NewCalibration};

use super::body::Json;
use super::extract::{Cashier, CommandKey, Manager};
use super::sensors::{seen, written};
use super::{ApiError, App};
use crate::domain::Payload;
use crate::domain::calibrations::{SetCalibration, WithdrawCalibration};
use crate::ledger::queries::calibrations;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(set).service(withdraw);
}

/// A sensor's calibrations, oldest first. Each counts until the next.
#[utoipa::path(
    path = "/api/v1/sensors/{id}/calibrations", tag = "sensors",
    params(("id" = String, Path, min_length = 1, max_length = 64)),
    responses((status = 200, body = Vec<Calibration>)), security(("bearer" = []))
)]
#[get("/sensors/{id}/calibrations")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    id: Path<String>,
) -> Result<web::Json<Vec<Calibration>>, ApiError> {
    let id = seen(&app, &caller.0, &id)?.to_string();
    Ok(web::Json(app.ledger.read(|db| calibrations::of_sensor(db, &id))?))
}

/// Says what is added to a sensor's temperatures from a moment on, in place of what was said of the same moment.
/// Charts, sheets and new alarms go by it; the readings stay as they came, and recorded alarms as they are.
#[utoipa::path(
    path = "/api/v1/sensors/{id}/calibrations", tag = "sensors",
    params(("id" = String, Path, min_length = 1, max_length = 64)), request_body = NewCalibration,
    responses((status = 201, body = Calibration)), security(("bearer" = []))
)]
#[post("/sensors/{id}/calibrations")]
pub async fn set(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<String>,
    body: Json<NewCalibration>,
) -> Result<HttpResponse, ApiError> {
    let sensor_id = written(&id)?;
    let payload = Payload::SetCalibration(SetCalibration { sensor_id, calibration: body.0 });
    Ok(HttpResponse::Created().json(app.command_for::<Calibration>(&caller.0, key, payload).await?))
}

/// Takes a calibration back that should not have been set.
#[utoipa::path(
    path = "/api/v1/sensors/{id}/calibrations/withdrawal", tag = "sensors",
    params(("id" = String, Path, min_length = 1, max_length = 64)), request_body = CalibrationWithdrawal,
    responses((status = 200, body = Calibration)), security(("bearer" = []))
)]
#[post("/sensors/{id}/calibrations/withdrawal")]
pub async fn withdraw(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<String>,
    body: Json<CalibrationWithdrawal>,
) -> Result<web::Json<Calibration>, ApiError> {
    let sensor_id = written(&id)?;
    let payload = Payload::WithdrawCalibration(WithdrawCalibration { sensor_id, withdrawal: body.0 });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}
