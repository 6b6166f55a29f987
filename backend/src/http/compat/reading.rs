//! `POST /api/temperature_reading`.

use std::net::IpAddr;

use actix_web::HttpResponse;
use actix_web::web::Data;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tillwatch_shared::{SensorId, UtcMicros};

use crate::batteries;
use crate::http::body::Json;
use crate::http::extract::{Address, Device};
use crate::http::{ApiError, App};
use crate::telemetry::OneReading;

/// A reading as a device sends it. What else it sends is passed over.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct DeviceReading {
    /// °C
    pub temperature: f64,
    /// % relative humidity
    pub humidity: f64,
    /// hPa
    pub pressure: f64,
    pub sensor_id: SensorId,
    /// Of the device's battery, 0–100. What cannot be that is passed over, as all else that is sent.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    pub battery_percent: serde_json::Value,
}

/// A reading as it was taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AcceptedReading {
    pub id: i64,
    pub temperature: f64,
    pub humidity: f64,
    pub pressure: f64,
    /// `YYYY-MM-DD` in the server's zone.
    pub date_recorded: String,
    /// `HH:MM:SS` in the server's zone.
    pub time_recorded: String,
    pub sensor_id: SensorId,
    #[schema(value_type = String)]
    pub client_ip: IpAddr,
}

impl AcceptedReading {
    /// `values` are temperature, humidity and pressure.
    pub fn new(
        zone: &TimeZone,
        id: i64,
        sensor_id: SensorId,
        values: [f64; 3],
        measured_at: UtcMicros,
        client_ip: IpAddr,
    ) -> Self {
        let local = measured_at.timestamp().to_zoned(zone.clone()).datetime();
        let [temperature, humidity, pressure] = values;
        Self {
            id,
            temperature,
            humidity,
            pressure,
            date_recorded: local.date().to_string(),
            time_recorded: format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second()),
            sensor_id,
            client_ip,
        }
    }
}

/// The only error shape of this route.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Detail {
    pub detail: String,
}

/// Stores one reading. It is durable when this answers 201.
#[utoipa::path(
    post, path = "/api/temperature_reading", tag = "fixed routes", request_body = DeviceReading,
    responses(
        (status = 201, body = AcceptedReading), (status = 401, body = Detail), (status = 403, body = Detail),
        (status = 413, body = Detail), (status = 422, body = Detail), (status = 503, body = Detail)
    ),
    security(("api_key" = []))
)]
pub async fn store(
    app: Data<App>,
    device: Device,
    address: Address,
    body: Json<DeviceReading>,
) -> Result<HttpResponse, ApiError> {
    let Json(reading) = body;
    if !device.0.may_write(&reading.sensor_id) {
        return Err(ApiError::KeyNotForSensor);
    }
    let now = app.now();
    let stored = app
        .telemetry
        .store_one(OneReading {
            sensor: reading.sensor_id.clone(),
            values: [reading.temperature, reading.humidity, reading.pressure],
            measured_at: now,
            received_at: now,
            source: Some(address.0),
            key: device.0.id,
        })
        .await?;
    if let Some(percent) = reading.battery_percent.as_f64() {
        batteries::tell(&app, &reading.sensor_id, percent, now);
    }
    Ok(answer(&app.settings.time_zone, reading, stored.id, stored.measured_at, address.0))
}

/// The answer of this route. The comparison route gives the same without storing.
pub fn answer(
    zone: &TimeZone,
    reading: DeviceReading,
    id: i64,
    now: UtcMicros,
    client_ip: IpAddr,
) -> HttpResponse {
    let values = [reading.temperature, reading.humidity, reading.pressure];
    HttpResponse::Created().json(AcceptedReading::new(zone, id, reading.sensor_id, values, now, client_ip))
}
