//! Alarm rules: what is watched for where. Without any, what [`defaults`] gives; one for all of a store counts more
//! than that, and one for a sensor more than both.

use rusqlite::types::Type;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{
    AlarmRule, AlarmRuleSettings, AlarmWatch, Event, Measure, Role, Severity, thousandths,
};
use tillwatch_shared::limits::{ALARM_ENTRIES, ALARM_LIMIT, ALARM_RULES, ALARM_SECONDS, EXPIRING_DAYS};
use tillwatch_shared::{AlarmRuleId, SensorId, StoreId, compact};
use uuid::Uuid;

use super::access::Caller;
use super::rejection::{ApplyError, Invalid, Noun, Rejection, Taken};
use super::rows::{self, Word};
use super::{Applied, Context, access, check};

/// How far back in the band a value must be before the alarm is over, where nobody says otherwise.
const MARGIN: f64 = 0.5;
const DELAY_SECONDS: i64 = 600;
/// So many intervals, and so many seconds at least, without a reading.
pub const SILENT: (i64, i64) = (3, 60);

/// A rule in place of the one of the same id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetAlarmRule {
    pub rule_id: AlarmRuleId,
    pub settings: AlarmRuleSettings,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemoveAlarmRule {
    pub rule_id: AlarmRuleId,
}

impl SetAlarmRule {
    /// The numbers as they are kept.
    pub fn new(rule_id: AlarmRuleId, settings: AlarmRuleSettings) -> Self {
        Self { rule_id, settings: rounded(settings) }
    }

    pub(super) fn check(&self) -> Result<(), Rejection> {
        check_settings(&self.settings)
    }
}

/// What can be said about a rule by itself.
pub fn check_settings(settings: &AlarmRuleSettings) -> Result<(), Rejection> {
    let kind = settings.watch.kind();
    if let Some(sensor) = &settings.sensor_id {
        if !compact::acceptable(&sensor.to_string()) {
            return Err(Rejection::invalid("sensor_id", Invalid::Text { max_chars: 64 }));
        }
        if !kind.of_sensors() {
            return Err(Rejection::invalid("sensor_id", Invalid::NotOfSensors));
        }
    }
    if settings.store_id.is_none() != kind.of_no_store() {
        return Err(Rejection::invalid("store_id", Invalid::Missing));
    }
    check::text("instructions", settings.instructions.as_deref())?;
    check_watch(&settings.watch)
}

fn check_watch(watch: &AlarmWatch) -> Result<(), Rejection> {
    match watch {
        AlarmWatch::High { measure, limit, recovery_margin, delay_seconds }
        | AlarmWatch::Low { measure, limit, recovery_margin, delay_seconds } => {
            given(*measure, "watch.limit", limit.is_some())?;
            number("watch.limit", limit.unwrap_or_default(), *ALARM_LIMIT.start())?;
            number("watch.recovery_margin", *recovery_margin, 0)?;
            check::range("watch.delay_seconds", *delay_seconds, 0, ALARM_SECONDS)
        }
        AlarmWatch::Rate { per_minute, window_seconds, .. } => {
            if *per_minute <= 0.0 {
                return Err(Rejection::invalid("watch.per_minute", Invalid::Zero));
            }
            number("watch.per_minute", *per_minute, 0)?;
            check::range("watch.window_seconds", *window_seconds, 1, ALARM_SECONDS)
        }
        AlarmWatch::Cumulative { measure, low, high, seconds, window_seconds } => {
            given(*measure, "watch.high", low.or(*high).is_some())?;
            number("watch.low", low.unwrap_or_default(), *ALARM_LIMIT.start())?;
            number("watch.high", high.unwrap_or_default(), *ALARM_LIMIT.start())?;
            if low.zip(*high).is_some_and(|(low, high)| low > high) {
                return Err(Rejection::invalid("watch.low", Invalid::Crossed));
            }
            check::range("watch.window_seconds", *window_seconds, 1, ALARM_SECONDS)?;
            check::range("watch.seconds", *seconds, 1, *window_seconds)
        }
        AlarmWatch::Silent { intervals, at_least_seconds } => {
            check::range("watch.intervals", *intervals, 1, 1_000)?;
            check::range("watch.at_least_seconds", *at_least_seconds, 1, ALARM_SECONDS)
        }
        AlarmWatch::Frozen { seconds, .. } | AlarmWatch::TillSilent { seconds } => {
            check::range("watch.seconds", *seconds, 1, ALARM_SECONDS)
        }
        AlarmWatch::Expiring { days } => check::range("watch.days", *days, 0, EXPIRING_DAYS),
        AlarmWatch::ServerBehind { entries, seconds } => {
            check::range("watch.entries", *entries, 1, ALARM_ENTRIES)?;
            check::range("watch.seconds", *seconds, 0, ALARM_SECONDS)
        }
        AlarmWatch::BatteryLow { percent, recovery_percent } => {
            check::range("watch.percent", *percent, 1, 99)?;
            check::range("watch.recovery_percent", *recovery_percent, *percent, 100)
        }
        AlarmWatch::LowStock {}
        | AlarmWatch::FeedBroken {}
        | AlarmWatch::BackupFailed {}
        | AlarmWatch::JournalDiffers {} => Ok(()),
    }
}

/// Only temperatures have a band that stands in for a limit.
fn given(measure: Measure, field: &'static str, given: bool) -> Result<(), Rejection> {
    if given || measure == Measure::Temperature {
        Ok(())
    } else {
        Err(Rejection::invalid(field, Invalid::Missing))
    }
}

fn number(field: &'static str, value: f64, min: i64) -> Result<(), Rejection> {
    let max = *ALARM_LIMIT.end();
    if value.is_finite() && value >= min as f64 && value <= max as f64 {
        Ok(())
    } else {
        Err(Rejection::invalid(field, Invalid::Range { min, max }))
    }
}

/// Numbers to the thousandth: they go through text and come back as they were.
pub fn rounded(mut settings: AlarmRuleSettings) -> AlarmRuleSettings {
    match &mut settings.watch {
        AlarmWatch::High { limit, recovery_margin, .. } | AlarmWatch::Low { limit, recovery_margin, .. } => {
            *limit = limit.map(thousandths);
            *recovery_margin = thousandths(*recovery_margin);
        }
        // One that would be nothing stays what it is, and is refused or kept as such.
        AlarmWatch::Rate { per_minute, .. } => *per_minute = thousandths(*per_minute),
        AlarmWatch::Cumulative { low, high, .. } => {
            *low = low.map(thousandths);
            *high = high.map(thousandths);
        }
        AlarmWatch::Silent { .. }
        | AlarmWatch::Frozen { .. }
        | AlarmWatch::LowStock {}
        | AlarmWatch::Expiring { .. }
        | AlarmWatch::TillSilent { .. }
        | AlarmWatch::FeedBroken {}
        | AlarmWatch::ServerBehind { .. }
        | AlarmWatch::BatteryLow { .. }
        | AlarmWatch::BackupFailed {}
        | AlarmWatch::JournalDiffers {} => {}
    }
    settings
}

/// What is watched for where nobody set a rule: in a store, or (without one) in what belongs to none.
pub fn defaults(store_id: Option<StoreId>) -> Vec<AlarmRule> {
    let measure = Measure::Temperature;
    let (limit, recovery_margin, delay_seconds) = (None, MARGIN, DELAY_SECONDS);
    let (intervals, at_least_seconds) = SILENT;
    let watched = if store_id.is_some() {
        vec![
            (AlarmWatch::High { measure, limit, recovery_margin, delay_seconds }, Severity::Critical),
            (AlarmWatch::Low { measure, limit, recovery_margin, delay_seconds }, Severity::Critical),
            (AlarmWatch::Silent { intervals, at_least_seconds }, Severity::Warning),
            (AlarmWatch::LowStock {}, Severity::Notice),
            (AlarmWatch::Expiring { days: 0 }, Severity::Warning),
            (AlarmWatch::TillSilent { seconds: 300 }, Severity::Warning),
            (AlarmWatch::BatteryLow { percent: 20, recovery_percent: 30 }, Severity::Notice),
        ]
    } else {
        vec![
            (AlarmWatch::FeedBroken {}, Severity::Warning),
            (AlarmWatch::ServerBehind { entries: 100, seconds: 120 }, Severity::Warning),
            (AlarmWatch::BackupFailed {}, Severity::Warning),
            (AlarmWatch::JournalDiffers {}, Severity::Critical),
        ]
    };
    let rule = |(watch, severity): (AlarmWatch, Severity)| AlarmRule {
        id: default_id(store_id, &watch),
        is_default: true,
        settings: AlarmRuleSettings {
            store_id,
            sensor_id: None,
            watch,
            severity,
            enabled: true,
            instructions: None,
        },
    };
    watched.into_iter().map(rule).collect()
}

/// The id under which a default is known, the same for ever.
fn default_id(store: Option<StoreId>, watch: &AlarmWatch) -> AlarmRuleId {
    let store = store.map(|store| store.0).unwrap_or_default();
    AlarmRuleId(derived_id(&[b"default rule", store.as_bytes(), watch.kind().word().as_bytes()]))
}

/// An id that is made of what it names: whoever makes it again gets the same.
pub fn derived_id(parts: &[&[u8]]) -> Uuid {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

pub(super) fn set(cx: &Context<'_>, p: &SetAlarmRule) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    if let Some(current) = load(cx.db, p.rule_id)? {
        place(cx, &caller, current.settings.store_id)?;
    }
    let settings = &p.settings;
    let store = place(cx, &caller, settings.store_id)?;
    let sensor = settings.sensor_id.as_ref().map(ToString::to_string).unwrap_or_default();
    if !sensor.is_empty() {
        rows::one(cx.db, "SELECT 1 FROM sensor WHERE id = ?1 AND store = ?2", (&sensor, store), |_| Ok(()))?
            .ok_or(Rejection::Unknown(Noun::Sensor))?;
    }
    let kind = settings.watch.kind().word();
    let measure = settings.watch.measure().map_or("", Word::word);
    free(cx.db, p, store, &sensor, kind, measure)?;
    let settings = AlarmRuleSettings {
        sensor_id: compact::sensor_id(&sensor),
        instructions: check::text("instructions", settings.instructions.as_deref())?,
        ..settings.clone()
    };
    let watch = serde_json::to_string(&settings.watch)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    rows::run(
        cx.db,
        "INSERT INTO alarm_rule (uid, store, sensor, kind, measure, watch, severity, enabled, instructions)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (uid) DO UPDATE SET store = excluded.store, sensor = excluded.sensor, kind = excluded.kind,
             measure = excluded.measure, watch = excluded.watch, severity = excluded.severity,
             enabled = excluded.enabled, instructions = excluded.instructions",
        (
            p.rule_id.0.as_bytes().as_slice(),
            store,
            &sensor,
            kind,
            measure,
            watch,
            settings.severity.word(),
            settings.enabled,
            &settings.instructions,
        ),
    )?;
    let store = settings.store_id;
    Ok(Applied {
        event: Event::AlarmRuleSet(AlarmRule { id: p.rule_id, is_default: false, settings }),
        store,
    })
}

/// One rule for each place, kind and measure, and only so many.
fn free(
    db: &Connection,
    p: &SetAlarmRule,
    store: Option<i64>,
    sensor: &str,
    kind: &str,
    measure: &str,
) -> Result<(), ApplyError> {
    let id = p.rule_id.0.as_bytes().as_slice();
    let taken = rows::one(
        db,
        "SELECT 1 FROM alarm_rule WHERE store IS ?1 AND sensor = ?2 AND kind = ?3 AND measure = ?4 AND uid <> ?5",
        (store, sensor, kind, measure, id),
        |_| Ok(()),
    )?;
    // The id of a default belongs to what it watches for.
    let other = defaults(p.settings.store_id).iter().any(|default| {
        default.id == p.rule_id && (!sensor.is_empty() || default.settings.watch.kind().word() != kind)
    });
    if taken.is_some() || other {
        return Err(Rejection::Taken(Taken::AlarmRule).into());
    }
    let sql = "SELECT count(*) FROM alarm_rule WHERE store IS ?1 AND uid <> ?2";
    let count: Option<i64> = rows::one(db, sql, (store, id), |row| row.get(0))?;
    if count.unwrap_or_default() >= ALARM_RULES as i64 {
        return Err(Rejection::invalid("store_id", Invalid::TooMany { max: ALARM_RULES }).into());
    }
    Ok(())
}

/// The row key of a rule's store, if the caller may decide there. What belongs to no store is for admins.
fn place(cx: &Context<'_>, caller: &Caller, store: Option<StoreId>) -> Result<Option<i64>, ApplyError> {
    match store {
        Some(store) => Ok(Some(access::workplace(cx, caller, store)?.key)),
        None if caller.role == Role::Admin => Ok(None),
        None => Err(Rejection::RoleNotAllowed.into()),
    }
}

pub(super) fn remove(cx: &Context<'_>, p: &RemoveAlarmRule) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    let rule = load(cx.db, p.rule_id)?.ok_or(Rejection::Unknown(Noun::AlarmRule))?;
    place(cx, &caller, rule.settings.store_id)?;
    rows::run(cx.db, "DELETE FROM alarm_rule WHERE uid = ?1", [p.rule_id.0.as_bytes().as_slice()])?;
    let store = rule.settings.store_id;
    Ok(Applied { event: Event::AlarmRuleRemoved(rule), store })
}

/// What [`from_row`] reads.
pub const COLUMNS: &str = "alarm_rule.uid, store.uid, sensor, watch, severity, enabled, instructions
    FROM alarm_rule LEFT JOIN store ON store.id = alarm_rule.store";

pub fn from_row(row: &Row<'_>) -> rusqlite::Result<AlarmRule> {
    let watch = serde_json::from_str(row.get_ref(3)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(3, Type::Text, error.into()))?;
    let sensor: String = row.get(2)?;
    let sensor_id: Option<SensorId> = compact::sensor_id(&sensor);
    Ok(AlarmRule {
        id: AlarmRuleId(rows::id(row, 0)?),
        is_default: false,
        settings: AlarmRuleSettings {
            store_id: rows::id_opt(row, 1)?.map(StoreId),
            sensor_id,
            watch,
            severity: Severity::from_column(row, 4)?,
            enabled: row.get(5)?,
            instructions: row.get(6)?,
        },
    })
}

fn load(db: &Connection, id: AlarmRuleId) -> rusqlite::Result<Option<AlarmRule>> {
    let sql = format!("SELECT {COLUMNS} WHERE alarm_rule.uid = ?1");
    rows::one(db, &sql, [id.0.as_bytes().as_slice()], from_row)
}
