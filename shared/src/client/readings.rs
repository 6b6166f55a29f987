//! The routes about sensors and their readings.

use reqwest::Method;
use serde::Serialize;

use super::routes::Answer;
use super::transport::{Credential, Request};
use super::{Client, ClientError, to_json};
use crate::api::{BatchResult, NewReading, ReadingBatch, Sensor, SensorSettings, SeriesAnswer};
use crate::{CommandId, SensorId, UtcMicros, compact};

/// A single reading as devices post it; the server's clock gives it its time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlainReading {
    pub sensor_id: SensorId,
    pub temperature: f64,
    pub humidity: f64,
    pub pressure: f64,
}

/// How finely a series is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// At most so many buckets over the range.
    Points(u32),
    /// Buckets of this width: continues an earlier answer.
    Micros(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesQuery {
    pub sensors: Vec<SensorId>,
    pub from: UtcMicros,
    pub to: UtcMicros,
    pub step: Step,
}

/// Sensors and their readings.
impl Client {
    pub async fn sensors(&self) -> Answer<Vec<Sensor>> {
        self.get_often(&["api", "v1", "sensors"]).await
    }

    pub async fn set_sensor(
        &self,
        command: CommandId,
        id: &SensorId,
        body: &SensorSettings,
    ) -> Answer<Sensor> {
        self.command(Method::PUT, &["api", "v1", "sensors", &id.to_string()], command, body).await
    }

    pub async fn series(&self, query: &SeriesQuery) -> Answer<SeriesAnswer> {
        let sensors: Vec<String> = query.sensors.iter().map(ToString::to_string).collect();
        let step = match query.step {
            Step::Points(points) => ("points", points.to_string()),
            Step::Micros(micros) => ("step_micros", micros.to_string()),
        };
        let pairs = vec![
            ("sensors", sensors.join(",")),
            ("from", query.from.to_string()),
            ("to", query.to.to_string()),
            step,
        ];
        self.get(&["api", "v1", "series"], pairs).await
    }

    /// One reading, measured now. When the answer is lost, a repeat is a second reading: use
    /// [`Client::send_readings`] with the measured time for what may be repeated.
    pub async fn send_reading(&self, api_key: &str, reading: &PlainReading) -> Answer<()> {
        let request = Request {
            body: Some(to_json(reading)?),
            credential: Credential::ApiKey(api_key),
            ..Request::new(Method::POST, &["api", "temperature_reading"])
        };
        self.tell(request).await
    }

    /// Readings with their own times. Safe to repeat: what is stored already counts as duplicate.
    pub async fn send_readings(&self, api_key: &str, batch: &ReadingBatch) -> Answer<BatchResult> {
        self.send_batch(api_key, "application/json", to_json(batch)?).await
    }

    /// The same in the compact form, which costs both sides less.
    pub async fn send_readings_compact(&self, api_key: &str, readings: &[NewReading]) -> Answer<BatchResult> {
        let body = compact::encode(readings)
            .ok_or_else(|| ClientError::BadAnswer("a sensor id is too long to be sent".into()))?;
        self.send_batch(api_key, compact::MEDIA_TYPE, body).await
    }

    async fn send_batch(
        &self,
        api_key: &str,
        content_type: &'static str,
        body: Vec<u8>,
    ) -> Answer<BatchResult> {
        let request = Request {
            body: Some(body),
            content_type,
            credential: Credential::ApiKey(api_key),
            ..Request::new(Method::POST, &["api", "v1", "readings"])
        };
        self.ask(request).await
    }
}
