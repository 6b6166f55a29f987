//! What is watched for, and times in which nobody is told.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{delete, get, put};
use tillwatch_shared::api::{AlarmRule, AlarmRuleSettings, QuietTime, QuietTimeSettings};
use tillwatch_shared::{AlarmRuleId, QuietTimeId, StoreId};

use super::body::Json;
use super::extract::{CommandKey, Manager};
use super::rehearsal::rehearse;
use super::{ApiError, App};
use crate::alarms::rules::Rules;
use crate::domain::Payload;
use crate::domain::alarm_rules::{RemoveAlarmRule, SetAlarmRule};
use crate::domain::quiet_times::{EndQuietTime, SetQuietTime};
use crate::ledger::queries::alarms;

pub fn routes(config: &mut ServiceConfig) {
    config.service(rehearse).service(list).service(set).service(remove);
    config.service(quiet_times).service(set_quiet_time).service(end_quiet_time);
}

/// The rules of the caller's stores, those that nobody set among them: these are `is_default`, and setting a rule
/// under their id replaces them.
#[utoipa::path(
    path = "/api/v1/alarm-rules", tag = "alarms", responses((status = 200, body = Vec<AlarmRule>)),
    security(("bearer" = []))
)]
#[get("/alarm-rules")]
pub async fn list(app: Data<App>, caller: Manager) -> Result<web::Json<Vec<AlarmRule>>, ApiError> {
    let known = app.ledger.read(alarms::rules)?;
    let stores: Vec<StoreId> = caller.0.stores.iter().map(|(_, store)| *store).collect();
    let seen = |rule: &&AlarmRule| rule.settings.store_id.is_none_or(|store| caller.0.sees(store));
    let rules = Rules::new(known, &stores);
    Ok(web::Json(rules.all().iter().filter(seen).cloned().collect()))
}

/// Sets a rule. Its id is the caller's to make, or that of a rule that it replaces.
#[utoipa::path(
    path = "/api/v1/alarm-rules/{id}", tag = "alarms", params(("id" = AlarmRuleId, Path)),
    request_body = AlarmRuleSettings, responses((status = 200, body = AlarmRule)), security(("bearer" = []))
)]
#[put("/alarm-rules/{id}")]
pub async fn set(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<AlarmRuleId>,
    body: Json<AlarmRuleSettings>,
) -> Result<web::Json<AlarmRule>, ApiError> {
    let payload = Payload::SetAlarmRule(SetAlarmRule::new(*id, body.0));
    let rule = app.command_for(&caller.0, key, payload).await?;
    app.alarms.rules_changed();
    Ok(web::Json(rule))
}

/// Takes a rule away: what Tillwatch watches for by itself is watched for again.
#[utoipa::path(
    path = "/api/v1/alarm-rules/{id}", tag = "alarms", params(("id" = AlarmRuleId, Path)),
    responses((status = 200, body = AlarmRule)), security(("bearer" = []))
)]
#[delete("/alarm-rules/{id}")]
pub async fn remove(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<AlarmRuleId>,
) -> Result<web::Json<AlarmRule>, ApiError> {
    let payload = Payload::RemoveAlarmRule(RemoveAlarmRule { rule_id: *id });
    let rule = app.command_for(&caller.0, key, payload).await?;
    app.alarms.rules_changed();
    Ok(web::Json(rule))
}

/// Quiet times of the caller's stores that are not over.
#[utoipa::path(
    path = "/api/v1/quiet-times", tag = "alarms", responses((status = 200, body = Vec<QuietTime>)),
    security(("bearer" = []))
)]
#[get("/quiet-times")]
pub async fn quiet_times(app: Data<App>, caller: Manager) -> Result<web::Json<Vec<QuietTime>>, ApiError> {
    let stores = caller.0.store_keys();
    Ok(web::Json(app.ledger.read(|db| alarms::quiet_times(db, &stores, app.now()))?))
}

/// Sets a quiet time: alarms are recorded, and nobody is told before it ends.
#[utoipa::path(
    path = "/api/v1/quiet-times/{id}", tag = "alarms", params(("id" = QuietTimeId, Path)),
    request_body = QuietTimeSettings, responses((status = 200, body = QuietTime)), security(("bearer" = []))
)]
#[put("/quiet-times/{id}")]
pub async fn set_quiet_time(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<QuietTimeId>,
    body: Json<QuietTimeSettings>,
) -> Result<web::Json<QuietTime>, ApiError> {
    let payload = Payload::SetQuietTime(SetQuietTime { id: *id, settings: body.0 });
    app.command_for(&caller.0, key, payload).await.map(web::Json)
}

/// Ends a quiet time now.
#[utoipa::path(
    path = "/api/v1/quiet-times/{id}", tag = "alarms", params(("id" = QuietTimeId, Path)),
    responses((status = 200, body = QuietTime)), security(("bearer" = []))
)]
#[delete("/quiet-times/{id}")]
pub async fn end_quiet_time(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    id: Path<QuietTimeId>,
) -> Result<web::Json<QuietTime>, ApiError> {
    let payload = Payload::EndQuietTime(EndQuietTime { id: *id });
    app.command_for(&caller.0, key, payload).await.map(web::Json)
}
