//! Quiet times: alarms are recorded, and nobody is told before they end.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{AlarmKind, Event, QuietTime, QuietTimeSettings, Role};
use tillwatch_shared::limits::QUIET_DAYS;
use tillwatch_shared::time::DAY;
use tillwatch_shared::{PersonId, QuietTimeId, StoreId, UtcMicros, compact};

use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, check};

/// A quiet time in place of the one of the same id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetQuietTime {
    pub id: QuietTimeId,
    pub settings: QuietTimeSettings,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndQuietTime {
    pub id: QuietTimeId,
}

impl SetQuietTime {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let settings = &self.settings;
        if let Some(sensor) = &settings.sensor_id
            && !compact::acceptable(&sensor.to_string())
        {
            return Err(Rejection::invalid("sensor_id", Invalid::Text { max_chars: 64 }));
        }
        required("reason", &settings.reason)?;
        check::moment("until", settings.until)?;
        settings.from.map_or(Ok(()), |from| check::moment("from", from))
    }
}

/// A free text that must say something.
pub(super) fn required(field: &'static str, text: &str) -> Result<String, Rejection> {
    check::text(field, Some(text))?.ok_or_else(|| Rejection::invalid(field, Invalid::Missing))
}

pub(super) fn set(cx: &Context<'_>, p: &SetQuietTime) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    if let Some(current) = load(cx.db, p.id)? {
        access::workplace(cx, &caller, current.settings.store_id)?;
    }
    let store = access::workplace(cx, &caller, p.settings.store_id)?;
    let from = p.settings.from.unwrap_or(cx.command.server_at);
    let length = p.settings.until.since(from);
    if !(1..=QUIET_DAYS * DAY).contains(&length) {
        return Err(Rejection::invalid("until", Invalid::TooLong { days: QUIET_DAYS }).into());
    }
    let sensor = p.settings.sensor_id.as_ref().map(ToString::to_string).unwrap_or_default();
    rows::run(
        cx.db,
        "INSERT INTO quiet_time (uid, store, sensor, alarm_kind, reason, starts_at, until, set_by, set_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (uid) DO UPDATE SET store = excluded.store, sensor = excluded.sensor,
             alarm_kind = excluded.alarm_kind, reason = excluded.reason, starts_at = excluded.starts_at,
             until = excluded.until, set_by = excluded.set_by, set_at = excluded.set_at",
        (
            p.id.0.as_bytes().as_slice(),
            store.key,
            &sensor,
            p.settings.alarm_kind.map(Word::word),
            required("reason", &p.settings.reason)?,
            from.0,
            p.settings.until.0,
            caller.key,
            cx.command.server_at.0,
        ),
    )?;
    let set = load(cx.db, p.id)?.ok_or(Rejection::Unknown(Noun::QuietTime))?;
    Ok(Applied { event: Event::QuietTimeSet(set), store: Some(store.id) })
}

/// Ends it now; one that has not begun never was.
pub(super) fn end(cx: &Context<'_>, p: &EndQuietTime) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    let current = load(cx.db, p.id)?.ok_or(Rejection::Unknown(Noun::QuietTime))?;
    let store = access::workplace(cx, &caller, current.settings.store_id)?;
    rows::run(
        cx.db,
        "UPDATE quiet_time SET until = max(starts_at, min(until, ?2)) WHERE uid = ?1",
        (p.id.0.as_bytes().as_slice(), cx.command.server_at.0),
    )?;
    let ended = load(cx.db, p.id)?.ok_or(Rejection::Unknown(Noun::QuietTime))?;
    Ok(Applied { event: Event::QuietTimeRemoved(ended), store: Some(store.id) })
}

/// Until when nobody is told of such an alarm, if that is so at this moment.
pub fn quiet_until(
    db: &Connection,
    store: Option<i64>,
    sensor: Option<&str>,
    kind: AlarmKind,
    at: UtcMicros,
) -> rusqlite::Result<Option<UtcMicros>> {
    let until: Option<Option<i64>> = rows::one(
        db,
        "SELECT max(until) FROM quiet_time WHERE store = ?1 AND starts_at <= ?4 AND until > ?4
             AND (sensor = '' OR sensor = ?2) AND (alarm_kind IS NULL OR alarm_kind = ?3)",
        (store, sensor, kind.word(), at.0),
        |row| row.get(0),
    )?;
    Ok(until.flatten().map(UtcMicros))
}

/// What [`from_row`] reads.
pub const COLUMNS: &str =
    "quiet_time.uid, store.uid, sensor, alarm_kind, reason, starts_at, until, person.uid,
    person.name, set_at
    FROM quiet_time JOIN store ON store.id = quiet_time.store JOIN person ON person.id = set_by";

pub fn from_row(row: &Row<'_>) -> rusqlite::Result<QuietTime> {
    let sensor: String = row.get(2)?;
    let any_kind = row.get_ref(3)? == ValueRef::Null;
    let alarm_kind = if any_kind { None } else { Some(AlarmKind::from_column(row, 3)?) };
    let from = UtcMicros(row.get(5)?);
    Ok(QuietTime {
        id: QuietTimeId(rows::id(row, 0)?),
        settings: QuietTimeSettings {
            store_id: StoreId(rows::id(row, 1)?),
            sensor_id: compact::sensor_id(&sensor),
            alarm_kind,
            reason: row.get(4)?,
            from: Some(from),
            until: UtcMicros(row.get(6)?),
        },
        from,
        set_by: PersonId(rows::id(row, 7)?),
        set_by_name: row.get(8)?,
        set_at: UtcMicros(row.get(9)?),
    })
}

fn load(db: &Connection, id: QuietTimeId) -> rusqlite::Result<Option<QuietTime>> {
    let sql = format!("SELECT {COLUMNS} WHERE quiet_time.uid = ?1");
    rows::one(db, &sql, [id.0.as_bytes().as_slice()], from_row)
}
