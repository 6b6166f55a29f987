//! Alarms: opened and cleared by the server, acknowledged by people. Who is open stays open until what it is about
//! is over, whoever acknowledged it.

use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{
    Acknowledgement, Alarm, AlarmKind, AlarmSubject, Event, Measure, NewAcknowledgement, Role, Severity,
};
use tillwatch_shared::{AlarmId, AlarmRuleId, PersonId, StoreId, UtcMicros};

use super::quiet_times::{quiet_until, required};
use super::rejection::{ApplyError, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access};

/// What the server found. One that is over already carries its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenAlarm {
    pub alarm_id: AlarmId,
    pub rule_id: AlarmRuleId,
    /// `kind` is the command's in the journal.
    #[serde(rename = "alarm_kind")]
    pub kind: AlarmKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    pub severity: Severity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_id: Option<StoreId>,
    pub subject: AlarmSubject,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<f64>,
    pub began_at: UtcMicros,
    pub fired_at: UtcMicros,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UtcMicros>,
    pub retroactive: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
}

/// What it is about is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClearAlarm {
    pub alarm_id: AlarmId,
    pub ended_at: UtcMicros,
    /// The worst value of all the time; what is known stays if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<f64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AcknowledgeAlarm {
    pub alarm_id: AlarmId,
    pub acknowledgement: NewAcknowledgement,
}

impl AcknowledgeAlarm {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        required("reason", &self.acknowledgement.reason)?;
        required("action", &self.acknowledgement.action).map(drop)
    }
}

pub(super) fn open(cx: &Context<'_>, p: &OpenAlarm) -> Result<Applied, ApplyError> {
    access::server_only(cx)?;
    let store = p
        .store_id
        .map(|store| rows::key_of(cx.db, "SELECT id FROM store WHERE uid = ?1", &store.0, Noun::Store));
    let store = store.transpose()?;
    let subject = as_json(&p.subject)?;
    let measure = p.measure.map_or("", Word::word);
    let known = load(cx.db, p.alarm_id)?.is_some();
    if known || (p.ended_at.is_none() && is_open(cx.db, store, &subject, p.kind, measure)?) {
        return Err(Rejection::AlarmOpen.into());
    }
    let sensor = sensor_of(&p.subject);
    let quiet = quiet_until(cx.db, store, sensor.as_deref(), p.kind, cx.command.server_at)?.is_some();
    insert(cx, p, store, &subject, measure, quiet)?;
    let alarm = load(cx.db, p.alarm_id)?.ok_or(Rejection::Unknown(Noun::Alarm))?;
    Ok(Applied { event: Event::AlarmOpened(alarm), store: p.store_id })
}

/// The sensor that an alarm is about.
pub fn sensor_of(subject: &AlarmSubject) -> Option<String> {
    match subject {
        AlarmSubject::Sensor { sensor_id } => Some(sensor_id.to_string()),
        AlarmSubject::Product { .. }
        | AlarmSubject::Lot { .. }
        | AlarmSubject::Terminal { .. }
        | AlarmSubject::Feed { .. }
        | AlarmSubject::Server { .. }
        | AlarmSubject::Backups { .. } => None,
    }
}

fn insert(
    cx: &Context<'_>,
    p: &OpenAlarm,
    store: Option<i64>,
    subject: &str,
    measure: &str,
    quiet: bool,
) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO alarm (uid, rule, kind, measure, severity, store, subject, name, limit_value, worst,
                   began_at, fired_at, ended_at, retroactive, quiet, instructions, seq)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    let values: [&dyn rusqlite::ToSql; 17] = [
        &p.alarm_id.0.as_bytes().as_slice(),
        &p.rule_id.0.as_bytes().as_slice(),
        &p.kind.word(),
        &measure,
        &p.severity.word(),
        &store,
        &subject,
        &p.name,
        &p.limit,
        &p.worst,
        &p.began_at.0,
        &p.fired_at.0,
        &p.ended_at.map(|at| at.0),
        &p.retroactive,
        &quiet,
        &p.instructions,
        &cx.seq,
    ];
    rows::run(cx.db, sql, values).map(drop)
}

fn is_open(
    db: &Connection,
    store: Option<i64>,
    subject: &str,
    kind: AlarmKind,
    measure: &str,
) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM alarm WHERE coalesce(store, 0) = coalesce(?1, 0) AND subject = ?2 AND kind = ?3
                   AND measure = ?4 AND ended_at IS NULL";
    Ok(rows::one(db, sql, (store, subject, kind.word(), measure), |_| Ok(()))?.is_some())
}

pub(super) fn clear(cx: &Context<'_>, p: &ClearAlarm) -> Result<Applied, ApplyError> {
    access::server_only(cx)?;
    let known = load(cx.db, p.alarm_id)?.ok_or(Rejection::Unknown(Noun::Alarm))?;
    if known.ended_at.is_some() {
        return Err(Rejection::AlarmOver.into());
    }
    rows::run(
        cx.db,
        "UPDATE alarm SET ended_at = max(began_at, ?2), worst = coalesce(?3, worst), cleared_seq = ?4
         WHERE uid = ?1",
        (p.alarm_id.0.as_bytes().as_slice(), p.ended_at.0, p.worst, cx.seq),
    )?;
    let alarm = load(cx.db, p.alarm_id)?.ok_or(Rejection::Unknown(Noun::Alarm))?;
    Ok(Applied { event: Event::AlarmCleared(alarm), store: known.store_id })
}

/// Anybody who works where it is may say what they did. The first one counts.
pub(super) fn acknowledge(cx: &Context<'_>, p: &AcknowledgeAlarm) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let known = load(cx.db, p.alarm_id)?.ok_or(Rejection::Unknown(Noun::Alarm))?;
    match known.store_id {
        Some(store) => drop(access::workplace(cx, &caller, store)?),
        None if caller.role >= Role::Manager => {}
        None => return Err(Rejection::RoleNotAllowed.into()),
    }
    if known.acknowledgement.is_some() {
        return Err(Rejection::AlarmAcknowledged.into());
    }
    rows::run(
        cx.db,
        "UPDATE alarm SET ack_person = ?2, ack_reason = ?3, ack_action = ?4, ack_at = ?5, ack_seq = ?6
         WHERE uid = ?1",
        (
            p.alarm_id.0.as_bytes().as_slice(),
            caller.key,
            required("reason", &p.acknowledgement.reason)?,
            required("action", &p.acknowledgement.action)?,
            cx.command.client_at.0,
            cx.seq,
        ),
    )?;
    let alarm = load(cx.db, p.alarm_id)?.ok_or(Rejection::Unknown(Noun::Alarm))?;
    Ok(Applied { event: Event::AlarmAcknowledged(alarm), store: known.store_id })
}

fn as_json(subject: &AlarmSubject) -> rusqlite::Result<String> {
    serde_json::to_string(subject).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// What [`from_row`] reads.
pub const COLUMNS: &str = "alarm.id, alarm.uid, rule, kind, measure, severity, store.uid, subject, alarm.name,
    limit_value, worst, began_at, fired_at, ended_at, retroactive, quiet, instructions, person.uid, person.name,
    ack_reason, ack_action, ack_at
    FROM alarm LEFT JOIN store ON store.id = alarm.store LEFT JOIN person ON person.id = ack_person";

pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Alarm> {
    let subject = serde_json::from_str(row.get_ref(7)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(7, Type::Text, error.into()))?;
    let no_measure = row.get_ref(4)? == ValueRef::Text(b"");
    let measure = if no_measure { None } else { Some(Measure::from_column(row, 4)?) };
    let time = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(UtcMicros));
    let acknowledgement = match rows::id_opt(row, 17)? {
        None => None,
        Some(person) => Some(Acknowledgement {
            person_id: PersonId(person),
            person_name: row.get(18)?,
            reason: row.get(19)?,
            action: row.get(20)?,
            at: UtcMicros(row.get(21)?),
        }),
    };
    Ok(Alarm {
        id: AlarmId(rows::id(row, 1)?),
        number: row.get(0)?,
        rule_id: AlarmRuleId(rows::id(row, 2)?),
        kind: AlarmKind::from_column(row, 3)?,
        measure,
        severity: Severity::from_column(row, 5)?,
        store_id: rows::id_opt(row, 6)?.map(StoreId),
        subject,
        name: row.get(8)?,
        limit: row.get(9)?,
        worst: row.get(10)?,
        began_at: UtcMicros(row.get(11)?),
        fired_at: UtcMicros(row.get(12)?),
        ended_at: time(13)?,
        retroactive: row.get(14)?,
        quiet: row.get(15)?,
        instructions: row.get(16)?,
        acknowledgement,
    })
}

pub(super) fn load(db: &Connection, id: AlarmId) -> rusqlite::Result<Option<Alarm>> {
    let sql = format!("SELECT {COLUMNS} WHERE alarm.uid = ?1");
    rows::one(db, &sql, [id.0.as_bytes().as_slice()], from_row)
}
