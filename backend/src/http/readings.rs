//! Batches of readings, for devices with a backlog: JSON or the compact form.

use actix_web::dev::Payload as Stream;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, post};
use futures_util::future::LocalBoxFuture;
use tillwatch_shared::api::{BatchResult, ReadingBatch};
use tillwatch_shared::compact;
use tillwatch_shared::limits::BATCH_BODY_BYTES;

use super::error::Malformed;
use super::extract::{Address, Device};
use super::{ApiError, App, body};
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
    let mut batch = match form {
        Some(compact::MEDIA_TYPE) => Batch::from_compact(
            compact::decode(&body).map_err(|error| ApiError::malformed(Malformed::Body, error))?,
        ),
        _ => Batch::from_readings(body::parse::<ReadingBatch>(&body)?.readings)
            .ok_or(ApiError::BadReading { detail: "at most 10,000 readings in a batch" })?,
    };
    for sensor in &mut batch.sensors {
        sensor.allowed = device.0.may_write(&sensor.id);
    }
    batch.received_at = app.now();
    batch.source = Some(address.0);
    batch.key = device.0.id;
    Ok(web::Json(app.telemetry.store(batch).await?))
}
