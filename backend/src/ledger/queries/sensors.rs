//! Sensors as people named them.

use rusqlite::Connection;
use tillwatch_shared::api::SensorSettings;

use crate::domain::rows;
use crate::domain::sensors::from_row;

/// Every named sensor.
pub fn named(db: &Connection) -> rusqlite::Result<Vec<(String, SensorSettings)>> {
    rows::all(
        db,
        "SELECT sensor.id, sensor.name, store.uid, kind, low_celsius, high_celsius
         FROM sensor JOIN store ON store.id = sensor.store ORDER BY sensor.name, sensor.id",
        [],
        from_row,
    )
}
