//! What people noted about sensors.

use rusqlite::Connection;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::Annotation;
use tillwatch_shared::limits::ANNOTATION_ROWS;

use crate::domain::annotations::{COLUMNS, from_row};
use crate::domain::rows;

/// Those that touch a time of a sensor and were not withdrawn: the newest, oldest first. `to` is not included.
pub fn of_sensor(
    db: &Connection,
    sensor: &str,
    (from, to): (UtcMicros, UtcMicros),
) -> rusqlite::Result<Vec<Annotation>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE annotation.sensor = ?1 AND starts_at < ?3 AND ends_at >= ?2
             AND withdrawn IS NULL ORDER BY starts_at DESC, annotation.id DESC LIMIT ?4"
    );
    let mut found = rows::all(db, &sql, (sensor, from.0, to.0, ANNOTATION_ROWS), from_row)?;
    found.reverse();
    Ok(found)
}
