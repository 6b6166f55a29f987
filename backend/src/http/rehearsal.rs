//! A rehearsal: a rule is run over what was measured, with the code that watches, and told line by line.
//!
//! History is read a day at a time, and only while somebody reads the answer: who goes away ends the work.

use std::collections::VecDeque;
use std::sync::Arc;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, post};
use futures_util::stream;
use tillwatch_shared::api::{
    AlarmRuleSettings, Measure, NewRehearsal, RehearsalLine, SensorSettings, thousandths,
};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{SensorId, UtcMicros, compact};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::Json;
use super::extract::Manager;
use super::{ApiError, App};
use crate::alarms::machine::{Excursion, Machine, Point, Test};
use crate::domain::alarm_rules::{check_settings, rounded};
use crate::domain::check;
use crate::domain::rejection::{Invalid, Noun, Rejection};
use crate::ledger::queries::viewer::Viewer;
use crate::ledger::queries::{calibrations, sensors};
use crate::telemetry::{Offsets, Telemetry};

/// Days unless the caller says otherwise.
const USUAL_DAYS: i64 = 90;
const MOST_DAYS: i64 = 366;
/// Rehearsals at once; each reads as fast as it can.
const AT_ONCE: usize = 2;

/// Leave to read through history.
#[derive(Debug)]
pub struct Rehearsals(Arc<Semaphore>);

impl Default for Rehearsals {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// One sensor that is still to be looked at.
struct Role {
    sensor: SensorId,
    offsets: Offsets,
    machine: Machine,
}

/// A rehearsal that is under way.
struct Rehearsal {
    telemetry: Telemetry,
    measure: Measure,
    from: UtcMicros,
    to: UtcMicros,
    roles: VecDeque<Role>,
    sensors: usize,
    /// How far the first of the roles has come.
    at: UtcMicros,
    alarms: u64,
    readings: u64,
    done: bool,
    _leave: OwnedSemaphorePermit,
}

/// When a rule would have fired, over the last days: NDJSON, one line of a sensor's alarms after the other. Nothing
/// is set. Rules about silence, goods, tills and feeds are not rehearsed.
#[utoipa::path(
    path = "/api/v1/alarm-rules/rehearsal", tag = "alarms", request_body = NewRehearsal,
    responses((status = 200, body = RehearsalLine, content_type = "application/x-ndjson")),
    security(("bearer" = []))
)]
#[post("/alarm-rules/rehearsal")]
pub async fn rehearse(
    app: Data<App>,
    caller: Manager,
    body: Json<NewRehearsal>,
) -> Result<HttpResponse, ApiError> {
    let NewRehearsal { rule, days } = body.0;
    let days = days.unwrap_or(USUAL_DAYS);
    check::range("days", days, 1, MOST_DAYS)?;
    let rule = rounded(rule);
    check_settings(&rule)?;
    let measure = rule.watch.measure().ok_or(Rejection::invalid("rule.watch", Invalid::NotRehearsed))?;
    let roles = roles(&app, &caller.0, &rule)?;
    let leave = Arc::clone(&app.rehearsals.0).try_acquire_owned().map_err(|_| ApiError::Busy)?;
    let (from, to) = (app.now().plus(-days * DAY), app.now());
    let rehearsal = Rehearsal {
        telemetry: app.telemetry.clone(),
        measure,
        from,
        to,
        sensors: roles.len(),
        roles,
        at: from,
        alarms: 0,
        readings: 0,
        done: false,
        _leave: leave,
    };
    let body = stream::unfold(rehearsal, |rehearsal| async move {
        if rehearsal.done {
            return None;
        }
        // A thread that went away takes the rehearsal with it, and so ends the answer in its middle.
        let next = tokio::task::spawn_blocking(move || {
            let mut rehearsal = rehearsal;
            (rehearsal.next(), rehearsal)
        });
        let (bytes, rehearsal) = next.await.ok()?;
        Some((Ok::<_, std::convert::Infallible>(bytes), rehearsal))
    });
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/x-ndjson")).streaming(body))
}

/// The sensors that the rule is about.
fn roles(app: &App, viewer: &Viewer, rule: &AlarmRuleSettings) -> Result<VecDeque<Role>, ApiError> {
    let store = rule.store_id.filter(|store| viewer.sees(*store)).ok_or(Rejection::StoreNotAllowed)?;
    let named: Vec<(String, SensorSettings)> = app.ledger.read(sensors::named)?;
    let corrections = app.ledger.read(calibrations::corrections)?;
    let meant = |id: &str| rule.sensor_id.as_ref().is_none_or(|own| own.to_string() == id);
    let in_store = named.iter().filter(|(id, settings)| settings.store_id == store && meant(id));
    let role = |(id, settings): &(String, SensorSettings)| {
        let machine = Machine::new(Test::of(&rule.watch, settings)?);
        let sensor = compact::sensor_id(id)?;
        Some(Role { offsets: corrections.of(&sensor), sensor, machine })
    };
    let mut known = in_store.peekable();
    if rule.sensor_id.is_some() && known.peek().is_none() {
        return Err(Rejection::Unknown(Noun::Sensor).into());
    }
    Ok(known.filter_map(role).collect())
}

impl Rehearsal {
    /// The lines of one more day of one sensor.
    fn next(&mut self) -> Bytes {
        let mut lines = Vec::new();
        if let Err(reason) = self.day(&mut lines) {
            self.done = true;
            lines.push(RehearsalLine::Failed { reason });
        } else if self.roles.is_empty() {
            self.done = true;
            lines.push(RehearsalLine::Done { alarms: self.alarms, readings: self.readings });
        }
        let mut text = Vec::new();
        for line in &lines {
            // Numbers are finite and texts are UTF-8: writing it cannot fail.
            text.extend(serde_json::to_vec(line).unwrap_or_default());
            text.push(b'\n');
        }
        text.into()
    }

    fn day(&mut self, lines: &mut Vec<RehearsalLine>) -> Result<(), String> {
        let (at, length, all) = (self.at, self.to.since(self.from), self.sensors);
        let left = self.roles.len();
        let Some(role) = self.roles.front_mut() else { return Ok(()) };
        let end = at.plus(DAY).min(self.to);
        let day = self.telemetry.corrected_readings(&role.sensor, at, end, &role.offsets);
        let day = day.map_err(|error| error.to_string())?;
        self.readings += day.len() as u64;
        let measure = self.measure;
        let points = day.iter().map(|one| Point { at: one.at.0, value: measure.of(one.values) });
        let found = role.machine.run(points);
        let last = (end >= self.to).then(|| role.machine.current().copied()).flatten();
        let goes_on = last.filter(|excursion| excursion.fired.is_some());
        for excursion in found.iter().chain(&goes_on) {
            self.alarms += 1;
            lines.push(told(&role.sensor, excursion));
        }
        let done_of_it = end.since(self.from) as f64 / length as f64;
        let percent = ((all - left) as f64 + done_of_it) / all as f64 * 100.0;
        lines.push(RehearsalLine::Progress {
            sensor_id: role.sensor.clone(),
            readings: self.readings,
            percent: thousandths(percent),
        });
        self.at = end;
        if end >= self.to {
            self.roles.pop_front();
            self.at = self.from;
        }
        Ok(())
    }
}

fn told(sensor: &SensorId, excursion: &Excursion) -> RehearsalLine {
    RehearsalLine::Alarm {
        sensor_id: sensor.clone(),
        began_at: UtcMicros(excursion.began),
        fired_at: UtcMicros(excursion.fired.unwrap_or(excursion.began)),
        ended_at: excursion.ended.map(UtcMicros),
        worst: thousandths(excursion.worst),
    }
}
