//! Batches of readings, for devices with a backlog: JSON or the compact form.

use std::collections::BTreeMap;

use actix_web::dev::Payload as Stream;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, post};
use futures_util::future::LocalBoxFuture;
use tillwatch_shared::api::{BatchResult, NewReading, ReadingBatch};
use tillwatch_shared::limits::BATCH_BODY_BYTES;
use tillwatch_shared::{SensorId, UtcMicros, compact};

use super::error::Malformed;
use super::extract::{Address, Device};
use super::{ApiError, App, body};
use crate::batteries;
use crate::telemetry::Batch;

pub fn routes(config: &mut ServiceConfig) {
    config.service(store);
}

/// A body of the size of a batch, and the device that sent it. The body is read before a wrong key is
/// refused, so that the connection stays.
#[derive(Debug)]
pub struct Sent {
    body: Bytes,
    device: Device,
}

impl FromRequest for Sent {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Stream) -> Self::Future {
        let device = Device::from_request(request, &mut Stream::None);
        let mut payload = payload.take();
        Box::pin(async move {
            let body = body::read(&mut payload, BATCH_BODY_BYTES).await?;
            Ok(Self { body, device: device.await? })
        })
    }
}

/// Stores up to 10,000 readings, each with its own measured time. What is acceptable is durable when this
/// answers, and every row says what became of it; so a batch may be sent again at any time.
#[utoipa::path(
    path = "/api/v1/readings", tag = "sensors",
    request_body(content((ReadingBatch = "application/json"), (Vec<u8> = "application/vnd.tillwatch.readings"))),
    responses((status = 200, body = BatchResult)), security(("api_key" = []))
)]
#[post("/readings")]
pub async fn store(
    app: Data<App>,
    sent: Sent,
    address: Address,
    request: HttpRequest,
) -> Result<web::Json<BatchResult>, ApiError> {
    let Sent { body, device } = sent;
    let form = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let (mut batch, levels) = if form == Some(compact::MEDIA_TYPE) {
        let decoded = compact::decode(&body).map_err(|error| ApiError::malformed(Malformed::Body, error))?;
        (Batch::from_compact(decoded), Vec::new())
    } else {
        let readings = body::parse::<ReadingBatch>(&body)?.readings;
        let levels = newest_levels(&readings);
        let batch = Batch::from_readings(readings);
        (batch.ok_or(ApiError::BadReading { detail: "at most 10,000 readings in a batch" })?, levels)
    };
    for sensor in &mut batch.sensors {
        sensor.allowed = device.0.may_write(&sensor.id);
    }
    batch.received_at = app.now();
    batch.source = Some(address.0);
    batch.key = device.0.id;
    let result = app.telemetry.store(batch).await?;
    for (sensor, (percent, measured_at)) in levels {
        if device.0.may_write(&sensor) {
            batteries::tell(&app, &sensor, percent, measured_at);
        }
    }
    Ok(web::Json(result))
}

/// The level of each sensor's battery in its newest reading that tells one.
fn newest_levels(readings: &[NewReading]) -> Vec<(SensorId, (f64, UtcMicros))> {
    let mut newest: BTreeMap<&SensorId, (f64, UtcMicros)> = BTreeMap::new();
    for reading in readings {
        let Some(percent) = reading.battery_percent else { continue };
        let level = (percent, reading.measured_at);
        let kept = newest.entry(&reading.sensor_id).or_insert(level);
        if kept.1 <= level.1 {
            *kept = level;
        }
    }
    newest.into_iter().map(|(sensor, level)| (sensor.clone(), level)).collect()
}
