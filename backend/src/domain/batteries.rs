//! The newest level of each named sensor's battery, as its device tells it with its readings.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Battery, BatteryNoted, Event};
use tillwatch_shared::{SensorId, StoreId, UtcMicros};

use super::rejection::{ApplyError, Noun, Rejection};
use super::{Applied, Context, access, rows};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoteBattery {
    pub sensor_id: SensorId,
    pub battery: Battery,
}

pub(super) fn note(cx: &Context<'_>, p: &NoteBattery) -> Result<Applied, ApplyError> {
    access::server_only(cx)?;
    let sensor = p.sensor_id.to_string();
    let sql = "SELECT sensor.name, store.uid FROM sensor JOIN store ON store.id = sensor.store WHERE sensor.id = ?1";
    let (sensor_name, store) =
        rows::one(cx.db, sql, [&sensor], |row| Ok((row.get(0)?, rows::id(row, 1).map(StoreId)?)))?
            .ok_or(Rejection::Unknown(Noun::Sensor))?;
    rows::run(
        cx.db,
        "INSERT INTO battery (sensor, percent, measured_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (sensor) DO UPDATE SET percent = excluded.percent, measured_at = excluded.measured_at
             WHERE excluded.measured_at >= battery.measured_at",
        (&sensor, p.battery.percent, p.battery.measured_at.0),
    )?;
    let battery = of(cx.db, &sensor)?.unwrap_or(p.battery);
    let noted = BatteryNoted { sensor_id: p.sensor_id.clone(), sensor_name, battery };
    Ok(Applied { event: Event::BatteryNoted(noted), store: Some(store) })
}

/// The level that was noted last.
pub fn of(db: &Connection, sensor: &str) -> rusqlite::Result<Option<Battery>> {
    rows::one(db, "SELECT percent, measured_at FROM battery WHERE sensor = ?1", [sensor], |row| {
        Ok(Battery { percent: row.get(0)?, measured_at: UtcMicros(row.get(1)?) })
    })
}

/// All levels that were noted, by sensor.
pub fn all(db: &Connection) -> rusqlite::Result<Vec<(String, Battery)>> {
    rows::all(db, "SELECT sensor, percent, measured_at FROM battery ORDER BY sensor", [], |row| {
        Ok((row.get(0)?, Battery { percent: row.get(1)?, measured_at: UtcMicros(row.get(2)?) }))
    })
}
