//! The backups of this server: one that fails is told until there is a good one. Each member of a group looks after its
//! own, whoever coordinates.

use std::time::Duration;

use actix_web::web::Data;
use tillwatch_shared::api::{Alarm, AlarmKind, AlarmRule, AlarmSubject};
use tillwatch_shared::{CommandId, UtcMicros};

use super::job::WatchError;
use super::rules::Rules;
use super::{alarm_of, command_id};
use crate::backups::{Backups, Last};
use crate::domain::Payload;
use crate::domain::alarms::{ClearAlarm, OpenAlarm};
use crate::group::here::View;
use crate::http::App;
use crate::ledger::queries;

const TICK: Duration = Duration::from_secs(2);
/// What a server is called that is alone.
const ALONE: &str = "Tillwatch";

/// Looks for as long as the server runs. What the ledger cannot take now is found again.
pub async fn watch_backups(app: Data<App>) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut trouble = false;
    loop {
        tick.tick().await;
        let outcome = look_at_backups(&app).await;
        if let Err(error) = &outcome
            && !trouble
        {
            tracing::warn!(%error, "what came of the last backup is not told; the next look tries again");
        }
        trouble = outcome.is_err();
    }
}

/// One look.
pub async fn look_at_backups(app: &Data<App>) -> Result<(), WatchError> {
    let shared = app.clone();
    let found = tokio::task::spawn_blocking(move || look(&shared)).await.map_err(|_| WatchError::Stopped)?;
    if let Some((id, payload)) = found? {
        let told = app.server_command(id, None, app.now(), payload).await;
        told.map_err(|error| WatchError::Refused(error.to_string()))?;
    }
    Ok(())
}

fn look(app: &App) -> Result<Option<(CommandId, Payload)>, WatchError> {
    let last = Backups::last(app);
    let member = app.group.as_ref().map(View::place);
    let subject = AlarmSubject::Backups { member: member.as_ref().map(|(id, _)| *id) };
    let (rules, open) = app.ledger.read(|db| {
        let rules = Rules::new(queries::alarms::rules(db)?, &[]);
        Ok((rules, queries::alarms::open_of(db, AlarmKind::BackupFailed)?))
    })?;
    let rule = rules.of_store(None, AlarmKind::BackupFailed);
    let open = open.iter().find(|alarm| alarm.subject == subject);
    let name = member.map_or_else(|| ALONE.to_owned(), |(_, url)| url);
    Ok(decide(rule, last, open, app.now(), &|rule| alarm_of(rule, subject.clone(), name.clone())))
}

/// What is to be told, where `open` is the alarm about it that is open.
fn decide(
    rule: Option<&AlarmRule>,
    last: Option<Last>,
    open: Option<&Alarm>,
    now: UtcMicros,
    alarm: &dyn Fn(&AlarmRule) -> OpenAlarm,
) -> Option<(CommandId, Payload)> {
    match (rule, open) {
        (Some(rule), None) if last.is_some_and(|last| !last.good) => {
            let alarm = OpenAlarm { began_at: now, fired_at: now, ..alarm(rule) }.identified();
            Some((command_id("open", alarm.alarm_id), Payload::OpenAlarm(alarm)))
        }
        (Some(_) | None, None) => None,
        (rule, Some(open)) => {
            // Of one that was made before this start only its time tells whether it came after the alarm.
            let good = last.filter(|last| last.good && (last.seen || last.at > open.began_at));
            (rule.is_none() || good.is_some()).then(|| {
                let ended_at = now.max(open.began_at);
                let over = ClearAlarm { alarm_id: open.id, ended_at, worst: None };
                (command_id("clear", open.id), Payload::ClearAlarm(over))
            })
        }
    }
}
