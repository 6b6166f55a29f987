//! Alarms: what is open and what was, and who took care of it.

use std::time::Duration;

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use tillwatch_shared::AlarmId;
use tillwatch_shared::api::{Alarm, AlarmHistory, AlarmTurns, NewAcknowledgement, Page, Role, Telling};
use utoipa::IntoParams;

use super::body::Json;
use super::error::Malformed;
use super::extract::{Cashier, CommandKey, Manager};
use super::listing::{ListQuery, StoreQuery, answered_as, tag};
use super::{ApiError, App};
use crate::domain::alarms::AcknowledgeAlarm;
use crate::domain::rejection::Noun;
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::alarms::{self, Which};
use crate::told;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OpenQuery {
    /// `true`: only those that are open; `false`: only those that are over.
    pub open: Option<bool>,
}

/// How long an answer may be waited for, in seconds: clients give a request up after ten.
const LONGEST_WAIT: u32 = 8;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TurnsQuery {
    /// A place in the journal: the change feed's `next_after`.
    #[param(minimum = 0)]
    pub after: i64,
    /// For how many seconds the answer waits for an alarm to turn.
    #[param(minimum = 0, maximum = 8)]
    pub wait: Option<u32>,
}

pub fn routes(config: &mut ServiceConfig) {
    // The first one that fits is taken.
    config.service(turns).service(list).service(get).service(acknowledge).service(try_telling);
}

/// The alarms of the caller's stores; for managers also those that belong to no store. With `If-None-Match`, 304
/// when nothing has changed.
#[utoipa::path(
    path = "/api/v1/alarms", tag = "alarms", params(StoreQuery, OpenQuery, ListQuery),
    responses((status = 200, body = Page<Alarm>), (status = 304, description = "Nothing new")),
    security(("bearer" = []))
)]
#[get("/alarms")]
pub async fn list(
    app: Data<App>,
    caller: Cashier,
    store: Query<StoreQuery>,
    only: Query<OpenQuery>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let slice = query.slice()?;
    let storeless = store.store_id.is_none() && caller.0.role >= Role::Manager;
    let which = Which { stores: store.keys(&caller.0)?, storeless, open: only.open };
    // The same address is the same question; what it is about may change without the journal.
    let version = format!("-{}", app.alarms.version());
    match answered_as(&request, &tag(&caller.0, app.ledger.tip(), &version)) {
        Err(unchanged) => Ok(*unchanged),
        Ok(mut response) => {
            let mut page = app.ledger.read_long(move |db| alarms::list(db, &which, slice)).await?;
            page.items.iter_mut().for_each(|alarm| app.alarms.bring_up_to_date(alarm));
            Ok(response.json(page))
        }
    }
}

/// Waits until an alarm is opened, acknowledged or cleared after a place in the journal, in whatever store: then the
/// change feed has more to tell. For those who would hear of it sooner than with their next poll.
#[utoipa::path(
    path = "/api/v1/alarms/turns", tag = "alarms", params(TurnsQuery),
    responses((status = 200, body = AlarmTurns)), security(("bearer" = []))
)]
#[get("/alarms/turns")]
pub async fn turns(
    app: Data<App>,
    _caller: Cashier,
    query: Query<TurnsQuery>,
) -> Result<web::Json<AlarmTurns>, ApiError> {
    let wait = query.wait.unwrap_or(0);
    if wait > LONGEST_WAIT || query.after < 0 {
        let text = format!("after: 0 or more; wait: 0 to {LONGEST_WAIT}");
        return Err(ApiError::malformed(Malformed::Query, text));
    }
    let (mut alarms, mut stopping) = (app.ledger.follow_alarms(), app.pulse.stopping());
    tokio::select! {
        biased;
        turned = alarms.wait_for(|seq| *seq > query.after) => {
            Ok(web::Json(AlarmTurns { turned: turned.is_ok() }))
        }
        // A server that stops lets nobody wait.
        _ = stopping.wait_for(|stop| *stop) => Ok(web::Json(AlarmTurns { turned: false })),
        () = tokio::time::sleep(Duration::from_secs(wait.into())) => Ok(web::Json(AlarmTurns { turned: false })),
    }
}

/// One alarm, and what happened to it.
#[utoipa::path(
    path = "/api/v1/alarms/{id}", tag = "alarms", params(("id" = AlarmId, Path)),
    responses((status = 200, body = AlarmHistory)), security(("bearer" = []))
)]
#[get("/alarms/{id}")]
pub async fn get(
    app: Data<App>,
    caller: Cashier,
    id: Path<AlarmId>,
) -> Result<web::Json<AlarmHistory>, ApiError> {
    let found = app.ledger.read(|db| alarms::history(db, &caller.0, *id))?;
    let (mut alarm, mut steps) = found.ok_or(Rejection::Unknown(Noun::Alarm))?;
    app.alarms.bring_up_to_date(&mut alarm);
    if let Some(told) = &app.told {
        steps.extend(told.store().steps(*id)?);
        steps.sort_by_key(|step| step.at);
    }
    Ok(web::Json(AlarmHistory { alarm, steps }))
}

/// Tells why it came to an alarm and what was done. It stays open until what it is about is over.
#[utoipa::path(
    path = "/api/v1/alarms/{id}/acknowledgement", tag = "alarms", params(("id" = AlarmId, Path)),
    request_body = NewAcknowledgement, responses((status = 200, body = Alarm)), security(("bearer" = []))
)]
#[post("/alarms/{id}/acknowledgement")]
pub async fn acknowledge(
    app: Data<App>,
    caller: Cashier,
    key: CommandKey,
    id: Path<AlarmId>,
    body: Json<NewAcknowledgement>,
) -> Result<web::Json<Alarm>, ApiError> {
    let payload = Payload::AcknowledgeAlarm(AcknowledgeAlarm { alarm_id: *id, acknowledgement: body.0 });
    app.command_for(&caller.0, key, payload).await.map(web::Json)
}

/// Sends everybody who is told of alarms a message, by webhook and by e-mail, and answers with what each said.
#[utoipa::path(
    path = "/api/v1/alarm-recipients/trial", tag = "alarms", responses((status = 200, body = Vec<Telling>)),
    security(("bearer" = []))
)]
#[post("/alarm-recipients/trial")]
pub async fn try_telling(app: Data<App>, _caller: Manager) -> Result<web::Json<Vec<Telling>>, ApiError> {
    told::trial(&app).await.map(web::Json).ok_or(ApiError::Busy)
}
