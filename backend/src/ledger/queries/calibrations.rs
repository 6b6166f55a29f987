//! Calibrations of sensors, told and as what is added to readings.

use rusqlite::Connection;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::Calibration;

use crate::domain::calibrations::{COLUMNS, from_row};
use crate::domain::rows;
use crate::telemetry::Corrections;

/// A sensor's, oldest first.
pub fn of_sensor(db: &Connection, sensor: &str) -> rusqlite::Result<Vec<Calibration>> {
    let sql = format!("SELECT {COLUMNS} WHERE calibration.sensor = ?1 ORDER BY starts_at");
    rows::all(db, &sql, [sensor], from_row)
}

/// What all of them add.
pub fn corrections(db: &Connection) -> rusqlite::Result<Corrections> {
    let sql = "SELECT sensor, starts_at, offset_celsius FROM calibration ORDER BY sensor, starts_at";
    let rows = rows::all(db, sql, [], |row| Ok((row.get(0)?, UtcMicros(row.get(1)?), row.get(2)?)))?;
    Ok(rows.into_iter().collect())
}
