//! A rehearsal: a rule is run over the last days, and what it would have found is told line by line.
//!
//! History is read a piece at a time, and only while somebody reads the answer: who goes away ends the work.

mod levels;
mod past;
mod readings;
mod tills;

use std::sync::Arc;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, post};
use futures_util::stream;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    AlarmRuleSettings, AlarmWatch, NewRehearsal, RehearsalLine, SensorSettings, thousandths,
};
use tillwatch_shared::time::DAY;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::levels::Levels;
use self::past::Past;
use self::readings::Readings;
use self::tills::Tills;
use super::body::Json;
use super::extract::Manager;
use super::{ApiError, App};
use crate::domain::alarm_rules::{check_settings, rounded};
use crate::domain::check;
use crate::domain::rejection::{Noun, Rejection};
use crate::ledger::queries::levels::About;
use crate::ledger::queries::sensors;
use crate::ledger::queries::viewer::Viewer;

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

/// The time that is looked at.
#[derive(Clone, Copy)]
struct Days {
    from: UtcMicros,
    to: UtcMicros,
}

/// A piece that was looked at.
struct Step {
    looked_at: u64,
    /// How much of the whole is done with it.
    percent: f64,
}

/// A rehearsal that is under way.
struct Rehearsal {
    history: History,
    alarms: u64,
    looked_at: u64,
    done: bool,
    _leave: OwnedSemaphorePermit,
}

/// What a rule is run over.
enum History {
    Readings(Readings),
    Levels(Levels),
    Tills(Tills),
    Past(Past),
}

/// When a rule would have fired, over the last days: NDJSON, one line of a sensor's alarms after the other; those about
/// goods, lots and batteries in the order in which they ended. Nothing is set.
///
/// Silence is told from a sensor's first reading of these days on. Goods and lots are taken as they are named and limited
/// today, and people in the stores in which they are today; of tills silences of more than 5 s are known, by the server
/// that is asked. Of feeds, servers and backups nothing is kept but the alarms that there were: these are told, and of
/// servers those which this rule would have found, too.
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
    let leave = Arc::clone(&app.rehearsals.0).try_acquire_owned().map_err(|_| ApiError::Busy)?;
    let days = Days { from: app.now().plus(-days * DAY), to: app.now() };
    let history = history(&app, &caller.0, &rule, days)?;
    let rehearsal = Rehearsal { history, alarms: 0, looked_at: 0, done: false, _leave: leave };
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

fn history(app: &App, viewer: &Viewer, rule: &AlarmRuleSettings, days: Days) -> Result<History, ApiError> {
    let kind = rule.watch.kind();
    if kind.of_no_store() {
        return Ok(History::Past(Past { ledger: app.ledger.clone(), watch: rule.watch.clone(), days }));
    }
    let store = rule.store_id.filter(|store| viewer.sees(*store)).ok_or(Rejection::StoreNotAllowed)?;
    if let AlarmWatch::TillSilent { seconds } = rule.watch {
        let (ledger, pulse) = (app.ledger.clone(), app.pulse.clone());
        return Ok(History::Tills(Tills { ledger, pulse, store, seconds, days }));
    }
    let mut meant = Vec::new();
    if kind.of_sensors() {
        meant = app.ledger.read(sensors::named)?;
        meant.retain(|(id, settings): &(String, SensorSettings)| {
            settings.store_id == store && rule.sensor_id.as_ref().is_none_or(|own| own.to_string() == *id)
        });
        if rule.sensor_id.is_some() && meant.is_empty() {
            return Err(Rejection::Unknown(Noun::Sensor).into());
        }
    }
    Ok(match about(&rule.watch) {
        None => History::Readings(Readings::of(app, rule, &meant, days)?),
        Some(about) => History::Levels(Levels::of(app.ledger.clone(), about, store, meant, days)),
    })
}

/// What a rule looks at that is not about readings.
const fn about(watch: &AlarmWatch) -> Option<About> {
    match *watch {
        AlarmWatch::LowStock {} => Some(About::Goods),
        AlarmWatch::Expiring { days } => Some(About::Lots { days }),
        AlarmWatch::BatteryLow { percent, recovery_percent } => {
            Some(About::Batteries { percent, recovery: recovery_percent })
        }
        AlarmWatch::High { .. }
        | AlarmWatch::Low { .. }
        | AlarmWatch::Rate { .. }
        | AlarmWatch::Cumulative { .. }
        | AlarmWatch::Silent { .. }
        | AlarmWatch::Frozen { .. }
        | AlarmWatch::TillSilent { .. }
        | AlarmWatch::FeedBroken {}
        | AlarmWatch::ServerBehind { .. }
        | AlarmWatch::BackupFailed {}
        | AlarmWatch::JournalDiffers {} => None,
    }
}

impl Rehearsal {
    /// The lines of one more piece.
    fn next(&mut self) -> Bytes {
        let mut lines = Vec::new();
        let step = match &mut self.history {
            History::Readings(readings) => readings.next(&mut lines),
            History::Levels(levels) => levels.next(&mut lines),
            History::Tills(tills) => tills.all(&mut lines),
            History::Past(past) => past.all(&mut lines),
        };
        self.alarms += lines.iter().filter(|line| matches!(line, RehearsalLine::Alarm { .. })).count() as u64;
        match step {
            Ok(Step { looked_at, percent }) => {
                self.looked_at += looked_at;
                let (readings, percent) = (self.looked_at, thousandths(percent));
                lines.push(RehearsalLine::Progress { readings, percent });
                self.done = match &self.history {
                    History::Readings(readings) => readings.is_done(),
                    History::Levels(levels) => levels.is_done(),
                    History::Tills(_) | History::Past(_) => true,
                };
                if self.done {
                    lines.push(RehearsalLine::Done { alarms: self.alarms, readings });
                }
            }
            Err(reason) => {
                self.done = true;
                lines.push(RehearsalLine::Failed { reason });
            }
        }
        let mut text = Vec::new();
        for line in &lines {
            // Numbers are finite and texts are UTF-8: writing it cannot fail.
            text.extend(serde_json::to_vec(line).unwrap_or_default());
            text.push(b'\n');
        }
        text.into()
    }
}
