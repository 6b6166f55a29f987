//! Sensors and the series of their readings.

use std::collections::HashMap;

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, put};
use serde::Deserialize;
use tillwatch_shared::api::{Battery, Sensor, SensorChange, SensorKind, SensorSettings, SeriesAnswer};
use tillwatch_shared::limits::SERIES_SENSORS;
use tillwatch_shared::{SensorId, UtcMicros, compact};
use utoipa::IntoParams;

use super::body::Json;
use super::error::Malformed;
use super::extract::{Cashier, CommandKey, Manager};
use super::{ApiError, App, listing};
use crate::domain::rejection::Noun;
use crate::domain::sensors::SetSensor;
use crate::domain::{Payload, Rejection, batteries};
use crate::ledger::queries::viewer::Viewer;
use crate::ledger::queries::{calibrations, sensors};
use crate::telemetry::{Buckets, Offsets, SensorSeen, SeriesRequest};

/// Points in a series unless the caller says otherwise.
const USUAL_POINTS: u32 = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SeriesQuery {
    /// Ids of sensors, separated by commas.
    #[param(min_length = 1)]
    pub sensors: String,
    #[param(value_type = String, format = DateTime)]
    pub from: UtcMicros,
    /// Not included.
    #[param(value_type = String, format = DateTime)]
    pub to: UtcMicros,
    /// At most so many buckets; the step is chosen to fit.
    #[param(minimum = 1, maximum = 5000)]
    pub points: Option<u32>,
    /// Exactly this step, to go on with a series that is there already.
    #[param(minimum = 1)]
    pub step_micros: Option<i64>,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(set).service(series);
}

/// The sensors of the caller's stores, and those that only sent readings so far. 304 for who has them as they are.
#[utoipa::path(path = "/api/v1/sensors", tag = "sensors", responses((status = 200, body = Vec<Sensor>)), security(("bearer" = [])))]
#[get("/sensors")]
pub async fn list(request: HttpRequest, app: Data<App>, caller: Cashier) -> Result<HttpResponse, ApiError> {
    listing::unless_same(&request, &visible(&app, &caller.0)?)
}

/// Names a sensor and says where it stands. It need not have sent anything yet.
#[utoipa::path(
    path = "/api/v1/sensors/{id}", tag = "sensors", params(("id" = String, Path, min_length = 1, max_length = 64)),
    request_body = SensorSettings, responses((status = 200, body = Sensor)), security(("bearer" = []))
)]
#[put("/sensors/{id}")]
pub async fn set(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<String>,
    body: Json<SensorSettings>,
) -> Result<web::Json<Sensor>, ApiError> {
    let sensor_id = written(&id)?;
    let payload = Payload::SetSensor(SetSensor { sensor_id, settings: body.0 });
    let change: SensorChange = app.command_for(&caller.0, key, payload).await?;
    let seen = app.telemetry.sensor(&change.id);
    let offsets = app.ledger.read(calibrations::corrections)?.of(&change.id);
    let battery = app.ledger.read(|db| batteries::of(db, &change.id.to_string()))?;
    Ok(web::Json(Sensor { battery, ..named(&app, change.id, change.settings, seen, &offsets) }))
}

/// The sensor that an address names.
pub(super) fn written(id: &str) -> Result<SensorId, ApiError> {
    compact::sensor_id(id).ok_or(Rejection::Unknown(Noun::Sensor).into())
}

/// The sensor that an address names, if the caller sees it.
pub(super) fn seen(app: &App, viewer: &Viewer, id: &str) -> Result<SensorId, ApiError> {
    let id = written(id)?;
    all_seen(app, viewer, std::slice::from_ref(&id))?;
    Ok(id)
}

/// Sensors of the caller's stores, and those that only sent readings so far.
fn all_seen(app: &App, viewer: &Viewer, ids: &[SensorId]) -> Result<(), ApiError> {
    let places: HashMap<String, SensorSettings> = app.ledger.read(sensors::named)?.into_iter().collect();
    for id in ids {
        let known = places.get(&id.to_string());
        let allowed = known.map_or(app.telemetry.sensor(id).is_some(), |s| viewer.sees(s.store_id));
        if !allowed {
            return Err(Rejection::Unknown(Noun::Sensor).into());
        }
    }
    Ok(())
}

/// Readings in buckets of minimum, maximum and mean: as many as a chart can show. Temperatures are corrected by the
/// sensor's calibrations.
#[utoipa::path(
    path = "/api/v1/series", tag = "sensors", params(SeriesQuery),
    responses((status = 200, body = SeriesAnswer)), security(("bearer" = []))
)]
#[get("/series")]
pub async fn series(
    app: Data<App>,
    caller: Cashier,
    query: Query<SeriesQuery>,
) -> Result<web::Json<SeriesAnswer>, ApiError> {
    let request = request(&app, &caller.0, &query)?;
    let corrections = app.ledger.read(calibrations::corrections)?;
    let telemetry = app.telemetry.clone();
    let answer = web::block(move || telemetry.corrected_series(&request, &corrections))
        .await
        .map_err(|_| ApiError::Busy)?;
    Ok(web::Json(answer?))
}

fn request(app: &App, viewer: &Viewer, query: &SeriesQuery) -> Result<SeriesRequest, ApiError> {
    let ids: Option<Vec<SensorId>> =
        query.sensors.split(',').take(SERIES_SENSORS + 1).map(compact::sensor_id).collect();
    let ids = ids.ok_or_else(|| ApiError::malformed(Malformed::Query, "sensors: ids separated by commas"))?;
    all_seen(app, viewer, &ids)?;
    let buckets = match (query.step_micros, query.points) {
        (Some(_), Some(_)) => {
            return Err(ApiError::malformed(Malformed::Query, "points or step_micros, not both"));
        }
        (Some(step), None) => Buckets::StepMicros(step),
        (None, points) => Buckets::Points(points.unwrap_or(USUAL_POINTS)),
    };
    Ok(SeriesRequest { sensors: ids, from: query.from, to: query.to, buckets })
}

fn visible(app: &App, viewer: &Viewer) -> Result<Vec<Sensor>, ApiError> {
    let mut seen: HashMap<String, _> =
        app.telemetry.sensors().into_iter().map(|seen| (seen.id.to_string(), seen)).collect();
    let corrections = app.ledger.read(calibrations::corrections)?;
    let levels: HashMap<String, Battery> = app.ledger.read(batteries::all)?.into_iter().collect();
    let mut found = Vec::new();
    for (id, settings) in app.ledger.read(sensors::named)? {
        let last = seen.remove(&id);
        if viewer.sees(settings.store_id) {
            let battery = levels.get(&id).copied();
            let known = last.as_ref().map(|seen| seen.id.clone());
            let id = known.or_else(|| compact::sensor_id(&id)).unwrap_or(SensorId::Text(id));
            let offsets = corrections.of(&id);
            found.push(Sensor { battery, ..named(app, id, settings, last, &offsets) });
        }
    }
    let mut unnamed: Vec<_> = seen.into_values().collect();
    unnamed.sort_by(|a, b| a.id.cmp(&b.id));
    found.extend(unnamed.into_iter().map(|seen| Sensor {
        name: seen.id.to_string(),
        id: seen.id,
        store_id: None,
        kind: SensorKind::default(),
        low_celsius: None,
        high_celsius: None,
        last: Some(seen.last.reading),
        silent_after_micros: None,
        battery: None,
    }));
    Ok(found)
}

fn named(
    app: &App,
    id: SensorId,
    settings: SensorSettings,
    seen: Option<SensorSeen>,
    offsets: &Offsets,
) -> Sensor {
    Sensor {
        battery: None,
        silent_after_micros: app.alarms.silent_after(&id.to_string()),
        id,
        name: settings.name,
        store_id: Some(settings.store_id),
        kind: settings.kind,
        low_celsius: settings.low_celsius,
        high_celsius: settings.high_celsius,
        last: seen.map(|seen| offsets.tell(seen.last.reading)),
    }
}
