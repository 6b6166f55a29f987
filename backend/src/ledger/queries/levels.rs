//! How much there was of goods, lots and batteries over the last days, and what changed it: what rehearsals walk through.

use std::collections::HashMap;

use rusqlite::Connection;
use tillwatch_shared::api::{AlarmSubject, Battery, SensorSettings};
use tillwatch_shared::ids::LotId;
use tillwatch_shared::{ProductId, SensorId, StoreId, UtcMicros, compact};

use crate::domain::{batteries, rows};

/// Places in the journal, both included; none where the first is beyond the last.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    pub first: i64,
    pub last: i64,
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub enum About {
    /// Products with a minimum.
    Goods,
    /// Lots that expire, when fewer than these days are left.
    Lots { days: i64 },
    /// Sensors' batteries below the one, until they are at the other again.
    Batteries { percent: i64, recovery: i64 },
}

/// What is followed, and where it stood before the first of the places.
#[derive(Debug)]
pub struct Followed {
    /// By which changes name it.
    pub key: Key,
    pub subject: AlarmSubject,
    pub name: String,
    /// `None`: not known yet, or not there yet.
    pub level: Option<i64>,
    pub kept: Kept,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Key {
    /// The row of a product or lot.
    Row(i64),
    Sensor(String),
}

/// What is known of it besides.
#[derive(Debug)]
pub enum Kept {
    /// A product's minimum, in thousandths.
    Minimum(i64),
    /// The last day of a lot.
    ExpiresOn(String),
    Battery,
}

#[derive(Debug)]
pub struct Change {
    pub key: Key,
    pub at: UtcMicros,
    pub to: To,
}

#[derive(Clone, Copy, Debug)]
pub enum To {
    By(i64),
    Level(i64),
}

/// The places since this moment. The journal is in the order of the server's clock but for moments, unless the clock was
/// put back.
pub fn places(db: &Connection, since: UtcMicros) -> rusqlite::Result<Places> {
    let newest = rows::one(db, "SELECT seq FROM journal ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))?;
    let last: i64 = newest.unwrap_or(0);
    let (mut first, mut beyond) = (1, last + 1);
    while first < beyond {
        let middle = first + (beyond - first) / 2;
        let sql = "SELECT server_at FROM journal WHERE seq >= ?1 ORDER BY seq LIMIT 1";
        let at: Option<i64> = rows::one(db, sql, [middle], |row| row.get(0))?;
        if at.is_some_and(|at| at < since.0) { first = middle + 1 } else { beyond = middle }
    }
    Ok(Places { first, last })
}

/// Everything of this kind in a store; of sensors those that are given.
pub fn followed(
    db: &Connection,
    about: About,
    store: StoreId,
    sensors: Vec<(String, SensorSettings)>,
    places: Places,
    since: UtcMicros,
) -> rusqlite::Result<Vec<Followed>> {
    match about {
        About::Goods => goods(db, store, places),
        About::Lots { .. } => lots(db, store, places),
        About::Batteries { .. } => batteries(db, sensors, since),
    }
}

/// What changed it at these places, in their order.
pub fn changes(
    db: &Connection,
    about: About,
    store: StoreId,
    places: Places,
) -> rusqlite::Result<Vec<Change>> {
    match about {
        About::Goods => moved(
            db,
            "SELECT product, server_at, quantity FROM movement JOIN journal USING (seq)
             WHERE movement.store = (SELECT id FROM store WHERE uid = ?1) AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
            store,
            places,
        ),
        About::Lots { .. } => moved(
            db,
            "SELECT lot, server_at, moved
             FROM lot_movement JOIN journal USING (seq) JOIN lot ON lot.id = lot_movement.lot
             WHERE lot.store = (SELECT id FROM store WHERE uid = ?1) AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
            store,
            places,
        ),
        About::Batteries { .. } => batteries_noted(db, places),
    }
}

/// The products of a store that have a minimum. One of which there was nothing counts from its first movement on: it
/// may never have been there before.
fn goods(db: &Connection, store: StoreId, places: Places) -> rusqlite::Result<Vec<Followed>> {
    let id = store.0.as_bytes().as_slice();
    let moved = sums(
        db,
        "SELECT product, sum(quantity) FROM movement
         WHERE store = (SELECT id FROM store WHERE uid = ?1) AND seq BETWEEN ?2 AND ?3 GROUP BY product",
        id,
        places,
    )?;
    rows::all(
        db,
        "SELECT product.id, product.uid, product.name, minimum, balance
         FROM stock JOIN product ON product.id = stock.product JOIN store ON store.id = stock.store
         WHERE store.uid = ?1 AND product.active AND minimum > 0 ORDER BY product.id",
        [id],
        |row| {
            let key: i64 = row.get(0)?;
            let before = row.get::<_, i64>(4)? - moved.get(&key).unwrap_or(&0);
            Ok(Followed {
                key: Key::Row(key),
                subject: AlarmSubject::Product { product_id: ProductId(rows::id(row, 1)?) },
                name: row.get(2)?,
                level: Some(before).filter(|before| *before != 0),
                kept: Kept::Minimum(row.get(3)?),
            })
        },
    )
}

/// The lots of a store that expire.
fn lots(db: &Connection, store: StoreId, places: Places) -> rusqlite::Result<Vec<Followed>> {
    let id = store.0.as_bytes().as_slice();
    let moved = sums(
        db,
        "SELECT lot, sum(moved) FROM lot_movement JOIN lot ON lot.id = lot_movement.lot
         WHERE lot.store = (SELECT id FROM store WHERE uid = ?1) AND seq BETWEEN ?2 AND ?3 GROUP BY lot",
        id,
        places,
    )?;
    rows::all(
        db,
        "SELECT lot.id, lot.uid, product.name || ' ' || lot.code, expires_on, balance
         FROM lot JOIN product ON product.id = lot.product JOIN store ON store.id = lot.store
         WHERE store.uid = ?1 AND expires_on <> '' ORDER BY expires_on, lot.id",
        [id],
        |row| {
            let key: i64 = row.get(0)?;
            let name: String = row.get(2)?;
            Ok(Followed {
                key: Key::Row(key),
                subject: AlarmSubject::Lot { lot_id: LotId(rows::id(row, 1)?) },
                name: name.trim().to_owned(),
                level: Some(row.get::<_, i64>(4)? - moved.get(&key).unwrap_or(&0)),
                kept: Kept::ExpiresOn(row.get(3)?),
            })
        },
    )
}

/// These sensors, with the level that was noted before this moment, if none was since.
fn batteries(
    db: &Connection,
    named: Vec<(String, SensorSettings)>,
    since: UtcMicros,
) -> rusqlite::Result<Vec<Followed>> {
    let noted: HashMap<String, Battery> = batteries::all(db)?.into_iter().collect();
    let followed = |(id, settings): (String, SensorSettings)| {
        let before = noted.get(&id).filter(|battery| battery.measured_at < since);
        let sensor_id = compact::sensor_id(&id).unwrap_or_else(|| SensorId::Text(id.clone()));
        Followed {
            level: before.map(|battery| i64::from(battery.percent)),
            key: Key::Sensor(id),
            subject: AlarmSubject::Sensor { sensor_id },
            name: settings.name,
            kept: Kept::Battery,
        }
    };
    Ok(named.into_iter().map(followed).collect())
}

fn batteries_noted(db: &Connection, places: Places) -> rusqlite::Result<Vec<Change>> {
    rows::all(
        db,
        "SELECT CAST(outcome ->> '$.data.sensor_id' AS TEXT), server_at, outcome ->> '$.data.battery.percent' FROM journal
         WHERE kind = 'note_battery' AND seq BETWEEN ?1 AND ?2 ORDER BY seq",
        [places.first, places.last],
        |row| {
            let (at, level) = (UtcMicros(row.get(1)?), row.get(2)?);
            Ok(Change { key: Key::Sensor(row.get(0)?), at, to: To::Level(level) })
        },
    )
}

fn sums(db: &Connection, sql: &str, store: &[u8], places: Places) -> rusqlite::Result<HashMap<i64, i64>> {
    let of = (store, places.first, places.last);
    Ok(rows::all(db, sql, of, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
}

fn moved(db: &Connection, sql: &str, store: StoreId, places: Places) -> rusqlite::Result<Vec<Change>> {
    let of = (store.0.as_bytes().as_slice(), places.first, places.last);
    rows::all(db, sql, of, |row| {
        let (at, by) = (UtcMicros(row.get(1)?), row.get(2)?);
        Ok(Change { key: Key::Row(row.get(0)?), at, to: To::By(by) })
    })
}
