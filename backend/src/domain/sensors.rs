//! Sensors as people know them: name, place, band. Their readings are telemetry.

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, Role, SensorChange, SensorKind, SensorSettings};
use tillwatch_shared::{SensorId, StoreId, compact};

use super::access::Caller;
use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, check};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetSensor {
    pub sensor_id: SensorId,
    pub settings: SensorSettings,
}

impl SetSensor {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        if !compact::acceptable(&self.sensor_id.to_string()) {
            return Err(Rejection::invalid("id", Invalid::Text { max_chars: 64 }));
        }
        check::name("name", &self.settings.name)?;
        for (field, value) in
            [("low_celsius", self.settings.low_celsius), ("high_celsius", self.settings.high_celsius)]
        {
            if value.is_some_and(|v| !v.is_finite() || !(-273.15..=1000.0).contains(&v)) {
                return Err(Rejection::invalid(field, Invalid::Range { min: -273, max: 1000 }));
            }
        }
        match (self.settings.low_celsius, self.settings.high_celsius) {
            (Some(low), Some(high)) if low > high => Err(Rejection::invalid("low_celsius", Invalid::Crossed)),
            _ => Ok(()),
        }
    }
}

pub(super) fn set(cx: &Context<'_>, p: &SetSensor) -> Result<Applied, ApplyError> {
    let store = match access::caller_or_server(cx, Role::Manager)? {
        Some(caller) => {
            // Taking a sensor away from a store needs that store too.
            if let Some(current) = store_of(cx.db, &p.sensor_id)? {
                access::workplace(cx, &caller, current)?;
            }
            access::workplace(cx, &caller, p.settings.store_id)?.key
        }
        None => {
            rows::key_of(cx.db, "SELECT id FROM store WHERE uid = ?1", &p.settings.store_id.0, Noun::Store)?
        }
    };
    let name = check::name("name", &p.settings.name)?;
    rows::run(
        cx.db,
        "INSERT INTO sensor (id, name, store, kind, low_celsius, high_celsius) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, store = excluded.store, kind = excluded.kind,
             low_celsius = excluded.low_celsius, high_celsius = excluded.high_celsius",
        (
            p.sensor_id.to_string(),
            &name,
            store,
            p.settings.kind.word(),
            p.settings.low_celsius,
            p.settings.high_celsius,
        ),
    )?;
    let settings = SensorSettings { name, ..p.settings.clone() };
    let change = SensorChange { id: p.sensor_id.clone(), settings };
    Ok(Applied { event: Event::SensorSet(change), store: Some(p.settings.store_id) })
}

/// Columns: sensor.id, sensor.name, store.uid, kind, low, high.
pub fn from_row(row: &Row<'_>) -> rusqlite::Result<(String, SensorSettings)> {
    let settings = SensorSettings {
        name: row.get(1)?,
        store_id: StoreId(rows::id(row, 2)?),
        kind: SensorKind::from_column(row, 3)?,
        low_celsius: row.get(4)?,
        high_celsius: row.get(5)?,
    };
    Ok((row.get(0)?, settings))
}

/// The store of a sensor, if the caller works there.
pub(super) fn workplace(cx: &Context<'_>, caller: &Caller, id: &SensorId) -> Result<StoreId, ApplyError> {
    let store = store_of(cx.db, id)?.ok_or(Rejection::Unknown(Noun::Sensor))?;
    Ok(access::workplace(cx, caller, store)?.id)
}

fn store_of(db: &Connection, id: &SensorId) -> rusqlite::Result<Option<StoreId>> {
    rows::one(
        db,
        "SELECT store.uid FROM sensor JOIN store ON store.id = sensor.store WHERE sensor.id = ?1",
        [id.to_string()],
        |row| rows::id(row, 0).map(StoreId),
    )
}
