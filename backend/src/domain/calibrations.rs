//! Calibrations: what is added to a sensor's temperatures from a moment on. The readings stay as they came, and
//! recorded alarms as they are.

use jiff::civil::Date;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Calibration, CalibrationWithdrawal, Event, NewCalibration, Role, thousandths};
use tillwatch_shared::limits::{CALIBRATION_CELSIUS, CALIBRATIONS, NAME_CHARS};
use tillwatch_shared::{PersonId, SensorId, StoreId, UtcMicros, compact};

use super::quiet_times::required;
use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::{Applied, Context, access, check, rows, sensors};

/// In place of the one of the same moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetCalibration {
    pub sensor_id: SensorId,
    pub calibration: NewCalibration,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WithdrawCalibration {
    pub sensor_id: SensorId,
    pub withdrawal: CalibrationWithdrawal,
}

impl SetCalibration {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let NewCalibration { from, offset_celsius, certificate, issued_on } = &self.calibration;
        check::moment("from", *from)?;
        let most = CALIBRATION_CELSIUS as f64;
        if !offset_celsius.is_finite() || !(-most..=most).contains(offset_celsius) {
            let problem = Invalid::Range { min: -CALIBRATION_CELSIUS, max: CALIBRATION_CELSIUS };
            return Err(Rejection::invalid("offset_celsius", problem));
        }
        check::bounded("certificate", certificate, NAME_CHARS)?;
        if (1970..2200).contains(&issued_on.year()) {
            Ok(())
        } else {
            Err(Rejection::invalid("issued_on", Invalid::Time))
        }
    }
}

impl WithdrawCalibration {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        required("reason", &self.withdrawal.reason).map(drop)
    }
}

pub(super) fn set(cx: &Context<'_>, p: &SetCalibration) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    let store = sensors::workplace(cx, &caller, &p.sensor_id)?;
    let NewCalibration { from, offset_celsius, certificate, issued_on } = &p.calibration;
    let sensor = p.sensor_id.to_string();
    let others: Option<i64> = rows::one(
        cx.db,
        "SELECT count(*) FROM calibration WHERE sensor = ?1 AND starts_at <> ?2",
        (&sensor, from.0),
        |row| row.get(0),
    )?;
    if others.unwrap_or_default() >= CALIBRATIONS as i64 {
        return Err(Rejection::invalid("from", Invalid::TooMany { max: CALIBRATIONS }).into());
    }
    rows::run(
        cx.db,
        "INSERT INTO calibration (sensor, starts_at, offset_celsius, certificate, issued_on, set_by, set_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (sensor, starts_at) DO UPDATE SET offset_celsius = excluded.offset_celsius,
             certificate = excluded.certificate, issued_on = excluded.issued_on, set_by = excluded.set_by,
             set_at = excluded.set_at",
        (
            &sensor,
            from.0,
            thousandths(*offset_celsius),
            check::bounded("certificate", certificate, NAME_CHARS)?,
            issued_on.to_string(),
            caller.key,
            cx.command.server_at.0,
        ),
    )?;
    let set = load(cx.db, &sensor, *from)?.ok_or(Rejection::Unknown(Noun::Calibration))?;
    Ok(Applied { event: Event::CalibrationSet(set), store: Some(store) })
}

/// The journal keeps it, with the reason.
pub(super) fn withdraw(cx: &Context<'_>, p: &WithdrawCalibration) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    let store = sensors::workplace(cx, &caller, &p.sensor_id)?;
    let sensor = p.sensor_id.to_string();
    let from = p.withdrawal.from;
    let mut gone = load(cx.db, &sensor, from)?.ok_or(Rejection::Unknown(Noun::Calibration))?;
    gone.withdrawn_because = Some(required("reason", &p.withdrawal.reason)?);
    rows::run(cx.db, "DELETE FROM calibration WHERE sensor = ?1 AND starts_at = ?2", (&sensor, from.0))?;
    Ok(Applied { event: Event::CalibrationWithdrawn(gone), store: Some(store) })
}

/// What [`from_row`] reads.
pub const COLUMNS: &str =
    "calibration.sensor, sensor.name, store.uid, starts_at, offset_celsius, certificate,
    issued_on, person.uid, person.name, set_at
    FROM calibration JOIN sensor ON sensor.id = calibration.sensor JOIN store ON store.id = sensor.store
    JOIN person ON person.id = set_by";

pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Calibration> {
    let sensor: String = row.get(0)?;
    Ok(Calibration {
        sensor_id: compact::sensor_id(&sensor).unwrap_or(SensorId::Text(sensor)),
        sensor_name: row.get(1)?,
        store_id: StoreId(rows::id(row, 2)?),
        from: UtcMicros(row.get(3)?),
        offset_celsius: row.get(4)?,
        certificate: row.get(5)?,
        issued_on: day(row, 6)?,
        set_by: PersonId(rows::id(row, 7)?),
        set_by_name: row.get(8)?,
        set_at: UtcMicros(row.get(9)?),
        withdrawn_because: None,
    })
}

fn day(row: &Row<'_>, column: usize) -> rusqlite::Result<Date> {
    row.get_ref(column)?.as_str()?.parse().map_err(|error: jiff::Error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    })
}

fn load(db: &Connection, sensor: &str, from: UtcMicros) -> rusqlite::Result<Option<Calibration>> {
    let sql = format!("SELECT {COLUMNS} WHERE calibration.sensor = ?1 AND starts_at = ?2");
    rows::one(db, &sql, (sensor, from.0), from_row)
}
