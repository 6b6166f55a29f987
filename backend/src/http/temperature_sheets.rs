//! The monthly temperature sheet of a sensor, as JSON for programs, as CSV and XLSX to be filed.

use actix_web::http::header::{HeaderValue, VARY};
use actix_web::web::{Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, web};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmSubject, BandSide, Calibration, Excursion, Measure, SensorSettings, Store,
    TemperatureSheet,
};
use tillwatch_shared::limits::NAME_CHARS;
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{SensorId, UtcMicros, compact};
use utoipa::IntoParams;

use super::error::Malformed;
use super::extract::Cashier;
use super::files::{self, Form, Part};
use super::{ApiError, App};
use crate::domain::rejection::Noun;
use crate::domain::{Rejection, check};
use crate::export::Book;
use crate::ledger::queries::viewer::Viewer;
use crate::ledger::queries::{alarms, annotations, calibrations, sensors, stores};
use crate::telemetry::sheet::{Band, figures};
use crate::waiting::waiting;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SheetQuery {
    /// Such as `2026-11`, from 1970 on; one that has begun.
    #[param(pattern = r"^(19[7-9]|20\d)\d-(0[1-9]|1[0-2])$")]
    pub month: String,
    /// Whoever answers for the equipment, to be printed.
    #[param(max_length = 120)]
    pub responsible: Option<String>,
    /// As the `Accept` header says if absent.
    pub format: Option<Form>,
    /// Days (`rows`) or excursions (`series`).
    #[serde(default)]
    pub part: Part,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(get);
}

/// What a sensor measured in a month: by day and shift, and every time out of its band. Only of a sensor that is
/// named and stands in one of the caller's stores.
#[utoipa::path(
    path = "/api/v1/sensors/{id}/temperature-sheet", tag = "sensors",
    params(("id" = String, Path, min_length = 1, max_length = 64), SheetQuery),
    responses((status = 200, body = TemperatureSheet)), security(("bearer" = []))
)]
#[get("/sensors/{id}/temperature-sheet")]
pub async fn get(
    app: Data<App>,
    caller: Cashier,
    id: Path<String>,
    query: Query<SheetQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (form, language) = files::asked(&request, query.format)?;
    let responsible =
        query.responsible.as_deref().map(|name| check::bounded("responsible", name, NAME_CHARS));
    let responsible = responsible.transpose()?;
    let (id, settings, store) = equipment(&app, &caller.0, &id)?;
    let zone = TimeZone::get(&store.zone).map_err(|_| ApiError::Internal)?;
    let (month, from, to) = month(&query.month, &zone, app.now())?;

    let telemetry = app.telemetry.clone();
    let corrections = app.ledger.read(calibrations::corrections)?;
    let band = Band { low: settings.low_celsius, high: settings.high_celsius };
    let sensor_id = id.clone();
    let (_waiting, gone) = waiting();
    let figures = web::block(move || {
        let stretches = telemetry.stretches(&sensor_id, from, to, &corrections, &gone)?;
        Ok::<_, ApiError>(figures(&stretches, &zone, band, (from.0, to.0)))
    });
    let mut figures = figures.await.map_err(|_| ApiError::Busy)??;
    let subject = AlarmSubject::Sensor { sensor_id: id.clone() };
    let alarms = app.ledger.read(|db| alarms::acknowledged(db, &subject, (from, to)))?;
    for excursion in &mut figures.excursions {
        taken_care_of(excursion, &alarms);
    }
    let name = id.to_string();
    let calibrations = app.ledger.read(|db| calibrations::of_sensor(db, &name))?;
    let annotations = app.ledger.read(|db| annotations::of_sensor(db, &name, (from, to)))?;
    let sheet = TemperatureSheet {
        sensor_id: id,
        sensor_name: settings.name,
        kind: settings.kind,
        store_name: store.name,
        store_cnpj: store.cnpj,
        responsible,
        month,
        zone: store.zone,
        low_celsius: band.low,
        high_celsius: band.high,
        readings: figures.readings,
        silent_hours: figures.silent_hours,
        min_celsius: figures.min,
        max_celsius: figures.max,
        mean_celsius: figures.mean,
        mean_kinetic_celsius: figures.mean_kinetic,
        days: figures.days,
        excursions: figures.excursions,
        calibrations: counting(calibrations, (from, to)),
        annotations,
        server_at: app.now(),
    };
    let mut response = HttpResponse::Ok();
    response.append_header((VARY, HeaderValue::from_static("accept, accept-language")));
    match form {
        Form::Json => Ok(response.json(sheet)),
        Form::Csv | Form::Xlsx => {
            let name = format!("temperature-{}", query.month);
            files::answer(response, Book::of_temperatures(&sheet, language), &name, form, query.part).await
        }
    }
}

/// The sensor, and the store in which it stands.
fn equipment(app: &App, viewer: &Viewer, id: &str) -> Result<(SensorId, SensorSettings, Store), ApiError> {
    let unknown = || ApiError::from(Rejection::Unknown(Noun::Sensor));
    let named = app.ledger.read(sensors::named)?;
    let (id, settings) = named.into_iter().find(|(named, _)| named == id).ok_or_else(unknown)?;
    let stores = app.ledger.read(|db| stores::visible(db, viewer))?;
    let store = stores.into_iter().find(|store| store.id == settings.store_id).ok_or_else(unknown)?;
    let written = compact::sensor_id(&id).unwrap_or(SensorId::Text(id));
    // A device may have sent a number where the name has its digits.
    let id = app.telemetry.sensor(&written).map_or(written, |seen| seen.id);
    Ok((id, settings, store))
}

/// The calibrations that count within a time: those that begin in it, and the last one before.
fn counting(all: Vec<Calibration>, (from, to): (UtcMicros, UtcMicros)) -> Vec<Calibration> {
    let before = all.iter().filter(|one| one.from <= from).count().saturating_sub(1);
    all.into_iter().skip(before).filter(|one| one.from < to).collect()
}

/// Notes what was done about an excursion: what the acknowledgement of the first of its alarms says.
fn taken_care_of(excursion: &mut Excursion, alarms: &[Alarm]) {
    let kind = match excursion.side {
        BandSide::Low => AlarmKind::Low,
        BandSide::High => AlarmKind::High,
    };
    let about = |alarm: &&Alarm| {
        alarm.kind == kind
            && alarm.measure == Some(Measure::Temperature)
            && excursion.end.is_none_or(|end| alarm.began_at < end)
            && alarm.ended_at.is_none_or(|end| end > excursion.start)
    };
    if let Some(told) = alarms.iter().find(about).and_then(|alarm| alarm.acknowledgement.as_ref()) {
        excursion.action = Some(told.action.clone());
        excursion.person_name = Some(told.person_name.clone());
    }
}

/// The month's first day, its first moment, and the moment until which there can be readings of it.
fn month(text: &str, zone: &TimeZone, now: UtcMicros) -> Result<(Date, UtcMicros, UtcMicros), ApiError> {
    let wrong = || ApiError::malformed(Malformed::Query, "month: such as 2026-11, one that has begun");
    let bounded =
        text.len() == 7 && (1970..2100).contains(&text.get(..4).and_then(|y| y.parse().ok()).unwrap_or(0));
    let first: Date = format!("{text}-01").parse().map_err(|_| wrong())?;
    let moment = |day: Date| day.to_zoned(zone.clone()).map(|at| UtcMicros::from(at.timestamp()));
    let from = moment(first).map_err(|_| wrong())?.max(UtcMicros(0));
    let next = first.checked_add(1.month()).and_then(moment).map_err(|_| wrong())?;
    // A reading of the last minute still counts.
    let to = next.min(now.plus(MINUTE));
    if bounded && from < to { Ok((first, from, to)) } else { Err(wrong()) }
}
