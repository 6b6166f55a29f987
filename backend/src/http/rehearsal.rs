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
    AlarmRuleSettings, AlarmWatch, Measure, NewRehearsal, RehearsalLine, SensorSettings, thousandths,
};
use tillwatch_shared::time::{DAY, SECOND};
use tillwatch_shared::{SensorId, UtcMicros, compact};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::Json;
use super::extract::Manager;
use super::{ApiError, App};
use crate::alarms::machine::{Excursion, Machine, Point, Test};
use crate::alarms::silence::Silence;
use crate::domain::alarm_rules::{check_settings, rounded};
use crate::domain::check;
use crate::domain::rejection::{Invalid, Noun, Rejection};
use crate::ledger::queries::viewer::Viewer;
use crate::ledger::queries::{calibrations, sensors};
use crate::telemetry::{Measured, Offsets, Telemetry};

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
    trial: Trial,
}

/// What a rule is tried with.
enum Trial {
    Values(Machine, Measure),
    Silence(Listener),
}

/// Listens to readings in the order in which they were measured. Unlike the watch it does not know when the server was
/// off: what came late for that reason is silence, too.
struct Listener {
    silence: Silence,
    intervals: i64,
    at_least_seconds: i64,
}

impl Trial {
    fn of(watch: &AlarmWatch, settings: &SensorSettings) -> Option<Self> {
        if let AlarmWatch::Silent { intervals, at_least_seconds } = *watch {
            let silence = Silence::default();
            return Some(Self::Silence(Listener { silence, intervals, at_least_seconds }));
        }
        let measure = watch.measure()?;
        Some(Self::Values(Machine::new(Test::of(watch, settings)?), measure))
    }

    /// What was over within these readings.
    fn run(&mut self, readings: &[Measured]) -> Vec<Excursion> {
        match self {
            Self::Values(machine, measure) => {
                machine.run(readings.iter().map(|one| Point { at: one.at.0, value: measure.of(one.values) }))
            }
            Self::Silence(listener) => readings.iter().filter_map(|one| listener.hear(one)).collect(),
        }
    }

    /// What still goes on then.
    fn goes_on(&self, at: UtcMicros) -> Option<Excursion> {
        match self {
            Self::Values(machine, _) => {
                machine.current().copied().filter(|excursion| excursion.fired.is_some())
            }
            Self::Silence(listener) => listener.silent(at),
        }
    }
}

impl Listener {
    /// The silence that this reading ends, if somebody would have been told of it.
    fn hear(&mut self, reading: &Measured) -> Option<Excursion> {
        let gap = self.silence.gap(reading.at, reading.received_at);
        let silent = gap.and_then(|(from, to)| self.silence_of(from, to));
        self.silence.heard(reading.at, reading.received_at);
        gap.zip(silent).map(|((_, to), silent)| Excursion { ended: Some(to.0), ..silent })
    }

    fn silent(&self, now: UtcMicros) -> Option<Excursion> {
        self.silence_of(self.silence.since(UtcMicros(0))?, now)
    }

    fn silence_of(&self, since: UtcMicros, now: UtcMicros) -> Option<Excursion> {
        let most = (self.intervals * self.silence.usual()).max(self.at_least_seconds * SECOND);
        let length = now.since(since);
        let worst = thousandths(length as f64 / SECOND as f64);
        let fired = Some(since.plus(most).0);
        (length > most).then_some(Excursion { began: since.0, fired, ended: None, worst })
    }
}

/// A rehearsal that is under way.
struct Rehearsal {
    telemetry: Telemetry,
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
/// is set. Silence is told from a sensor's first reading of these days on. Rules about goods, tills and feeds are not
/// rehearsed.
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
    if !rule.watch.kind().of_readings() {
        return Err(Rejection::invalid("rule.watch", Invalid::NotRehearsed).into());
    }
    let roles = roles(&app, &caller.0, &rule)?;
    let leave = Arc::clone(&app.rehearsals.0).try_acquire_owned().map_err(|_| ApiError::Busy)?;
    let (from, to) = (app.now().plus(-days * DAY), app.now());
    let rehearsal = Rehearsal {
        telemetry: app.telemetry.clone(),
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
        let trial = Trial::of(&rule.watch, settings)?;
        let sensor = compact::sensor_id(id)?;
        Some(Role { offsets: corrections.of(&sensor), sensor, trial })
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
        let found = role.trial.run(&day);
        let goes_on = if end >= self.to { role.trial.goes_on(end) } else { None };
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
