//! Lots: what leaves a store without a lot being named is taken from what expires first. What the lots do not
//! hold is taken from the goods without a lot, which alone may go below zero.
//!
//! So a product's lots together never hold more than its stock; `verify` recounts that, and each lot.

use jiff::civil::Date;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, Lot, LotName, LotPlace, LotShare, Role, Unit};
use tillwatch_shared::ids::LotId;
use tillwatch_shared::limits::LOT_CODE_CHARS;
use tillwatch_shared::{CommandId, ProductId, Quantity, StoreId, compact};

use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, check};

/// The years in which an expiry may lie.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaceLot {
    pub lot_id: LotId,
    pub place: LotPlace,
}

/// A name in the form in which it is kept: the code in capitals, nothing where nothing is printed.
pub(super) fn clean(field: &str, name: &LotName) -> Result<LotName, Rejection> {
    let text = name.code.as_deref().map(str::trim).filter(|code| !code.is_empty());
    let code = text
        .map(|code| check::bounded(format!("{field}.code"), &code.to_uppercase(), LOT_CODE_CHARS))
        .transpose()?;
    if let Some(day) = name.expires_on {
        let (min, max) = (i64::from(*YEARS.start()), i64::from(*YEARS.end()));
        check::range(format!("{field}.expires_on"), i64::from(day.year()), min, max)?;
    }
    if code.is_none() && name.expires_on.is_none() {
        return Err(Rejection::invalid(format!("{field}.code"), Invalid::Missing));
    }
    Ok(LotName { code, expires_on: name.expires_on })
}

/// Where goods move: the row keys of store and product, and the line of the command that moves them.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub store: i64,
    pub product: i64,
    pub position: usize,
}

/// What is known of a lot while goods move.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub key: i64,
    pub id: LotId,
    pub name: LotName,
    pub balance: i64,
}

/// Takes goods out of the lots: first out of the one that is named, then out of what expires first, as far
/// as they go. Says what was taken; `quantity` is positive.
pub fn leave(
    cx: &Context<'_>,
    place: Place,
    quantity: Quantity,
    named: Option<&LotName>,
) -> rusqlite::Result<Vec<LotShare>> {
    let mut held = held(cx.db, place)?;
    if let Some(name) = named
        && let Some(index) = held.iter().position(|lot| lot.name == *name)
    {
        let first = held.remove(index);
        held.insert(0, first);
    }
    let mut left = quantity.0;
    let mut shares = Vec::new();
    for lot in held {
        if left <= 0 {
            break;
        }
        let taken = lot.balance.min(left);
        left -= taken;
        shares.push(shift(cx, place, lot, -taken)?);
    }
    Ok(shares)
}

/// Puts goods that came in into a lot, which is made if there is none of this name. `after` is what the
/// store holds of the product then: if that was below zero, what was missing has gone out of this lot already.
pub fn arrive(
    cx: &Context<'_>,
    place: Place,
    quantity: Quantity,
    name: &LotName,
    after: Quantity,
) -> Result<Vec<LotShare>, ApplyError> {
    let in_lots: i64 = held(cx.db, place)?.iter().map(|lot| lot.balance).sum();
    let lot = find_or_make(cx, place, name)?;
    let gained = (after.0 - in_lots).clamp(0, quantity.0.max(0));
    if gained == 0 {
        return Ok(Vec::new());
    }
    Ok(vec![shift(cx, place, lot, gained)?])
}

/// Puts goods that come back into the lots from which their line of the sale (a row key) was taken, what expires
/// last first. `after` is what the store holds of the product then, and bounds the lots as in [`arrive`].
pub fn come_back(
    cx: &Context<'_>,
    place: Place,
    quantity: Quantity,
    after: Quantity,
    sale: i64,
) -> rusqlite::Result<Vec<LotShare>> {
    let mut taken: Vec<(Held, i64)> = rows::all(
        cx.db,
        "SELECT lot.id, uid, code, expires_on, balance, -sum(moved)
         FROM lot_movement JOIN lot ON lot.id = lot_movement.lot
         WHERE position = ?2 AND seq IN (SELECT seq FROM sale WHERE id = ?1
                                         UNION ALL SELECT seq FROM sale_return WHERE sale = ?1)
         GROUP BY lot.id HAVING sum(moved) < 0",
        (sale, place.position as i64),
        |row| Ok((held_from_row(row)?, row.get::<_, i64>(5)?)),
    )?;
    taken.sort_by_key(|(lot, _)| (lot.name.expires_on.is_none(), lot.name.expires_on, lot.key));
    let in_lots: i64 = held(cx.db, place)?.iter().map(|lot| lot.balance).sum();
    let mut room = (after.0 - in_lots).clamp(0, quantity.0.max(0));
    let mut shares = Vec::new();
    for (lot, out) in taken.into_iter().rev() {
        let back = out.min(room);
        if back > 0 {
            room -= back;
            shares.push(shift(cx, place, lot, back)?);
        }
    }
    Ok(shares)
}

/// The row key of a lot, which is made if there is none of this name.
pub(super) fn key(cx: &Context<'_>, place: Place, name: &LotName) -> Result<i64, ApplyError> {
    Ok(find_or_make(cx, place, name)?.key)
}

/// Sets a lot to what it was found to hold.
pub(super) fn set(cx: &Context<'_>, place: Place, lot: Held, balance: i64) -> rusqlite::Result<()> {
    let moved = balance - lot.balance;
    if moved != 0 {
        shift(cx, place, lot, moved)?;
    }
    Ok(())
}

/// What a lot holds; nothing if there is none of this name.
pub fn balance(db: &Connection, place: Place, name: &LotName) -> rusqlite::Result<Quantity> {
    Ok(find(db, place, name)?.map_or(Quantity::ZERO, |lot| Quantity(lot.balance)))
}

/// What a line of a journal row moved, what expires first first.
pub fn moved(db: &Connection, seq: i64, position: usize) -> rusqlite::Result<Vec<LotShare>> {
    rows::all(
        db,
        "SELECT uid, code, expires_on, moved FROM lot_movement JOIN lot ON lot.id = lot_movement.lot
         WHERE seq = ?1 AND position = ?2 ORDER BY expires_on = '', expires_on, lot.id",
        (seq, position as i64),
        |row| {
            Ok(LotShare {
                lot_id: LotId(rows::id(row, 0)?),
                code: printed(row.get(1)?),
                expires_on: day(row, 2)?,
                moved_thousandths: Quantity(row.get(3)?),
            })
        },
    )
}

/// The lots that hold something, in the order in which they are taken from.
fn held(db: &Connection, place: Place) -> rusqlite::Result<Vec<Held>> {
    let sql = "SELECT id, uid, code, expires_on, balance FROM lot
               WHERE store = ?1 AND product = ?2 AND balance > 0";
    in_order(db, sql, place)
}

/// All lots that there ever were, in that order.
pub(super) fn all(db: &Connection, place: Place) -> rusqlite::Result<Vec<Held>> {
    let sql = "SELECT id, uid, code, expires_on, balance FROM lot WHERE store = ?1 AND product = ?2";
    in_order(db, sql, place)
}

fn in_order(db: &Connection, sql: &str, place: Place) -> rusqlite::Result<Vec<Held>> {
    let mut lots = rows::all(db, sql, [place.store, place.product], held_from_row)?;
    lots.sort_by_key(|lot| (lot.name.expires_on.is_none(), lot.name.expires_on, lot.key));
    Ok(lots)
}

fn held_from_row(row: &Row<'_>) -> rusqlite::Result<Held> {
    let name = LotName { code: printed(row.get(2)?), expires_on: day(row, 3)? };
    Ok(Held { key: row.get(0)?, id: LotId(rows::id(row, 1)?), name, balance: row.get(4)? })
}

fn printed(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// A day from its column, where an empty text is none.
fn day(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Date>> {
    let text = row.get_ref(column)?.as_str()?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: jiff::Error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    })
}

/// The columns `code` and `expires_on` of a name.
fn columns(name: &LotName) -> (&str, String) {
    (name.code.as_deref().unwrap_or_default(), name.expires_on.map(|day| day.to_string()).unwrap_or_default())
}

fn find(db: &Connection, place: Place, name: &LotName) -> rusqlite::Result<Option<Held>> {
    let (code, expires_on) = columns(name);
    rows::one(
        db,
        "SELECT id, uid, code, expires_on, balance FROM lot
         WHERE store = ?1 AND product = ?2 AND code = ?3 AND expires_on = ?4",
        (place.store, place.product, code, expires_on),
        held_from_row,
    )
}

fn find_or_make(cx: &Context<'_>, place: Place, name: &LotName) -> Result<Held, ApplyError> {
    if let Some(lot) = find(cx.db, place, name)? {
        return Ok(lot);
    }
    let (code, expires_on) = columns(name);
    let id = new_id(cx.command.id, place.position, name);
    rows::run(
        cx.db,
        "INSERT INTO lot (uid, store, product, code, expires_on, balance) VALUES (?1, ?2, ?3, ?4, ?5, 0)",
        (id.0.as_bytes().as_slice(), place.store, place.product, code, expires_on),
    )?;
    Ok(Held { key: cx.db.last_insert_rowid(), id, name: name.clone(), balance: 0 })
}

/// A command may make several lots, so their ids are made of its own and of what tells them apart.
fn new_id(command: CommandId, position: usize, name: &LotName) -> LotId {
    let (code, expires_on) = columns(name);
    let mut hasher = blake3::Hasher::new();
    hasher.update(command.0.as_bytes());
    hasher.update(&(position as u64).to_le_bytes());
    hasher.update(expires_on.as_bytes());
    hasher.update(&[0]);
    hasher.update(code.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(hasher.finalize().as_bytes().split_at(16).0);
    LotId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

fn shift(cx: &Context<'_>, place: Place, lot: Held, moved: i64) -> rusqlite::Result<LotShare> {
    rows::run(cx.db, "UPDATE lot SET balance = balance + ?2 WHERE id = ?1", [lot.key, moved])?;
    rows::run(
        cx.db,
        "INSERT INTO lot_movement (seq, position, lot, moved) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (seq, position, lot) DO UPDATE SET moved = moved + excluded.moved",
        (cx.seq, place.position as i64, lot.key, moved),
    )?;
    let LotName { code, expires_on } = lot.name;
    Ok(LotShare { lot_id: lot.id, code, expires_on, moved_thousandths: Quantity(moved) })
}

/// Says where a lot stands.
pub(super) fn set_place(cx: &Context<'_>, p: &PlaceLot) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let (key, store) = rows::one(
        cx.db,
        "SELECT lot.id, store.uid FROM lot JOIN store ON store.id = lot.store WHERE lot.uid = ?1",
        [p.lot_id.0.as_bytes().as_slice()],
        |row| Ok((row.get::<_, i64>(0)?, StoreId(rows::id(row, 1)?))),
    )?
    .ok_or(Rejection::Unknown(Noun::Lot))?;
    let place = access::workplace(cx, &caller, store)?;
    let sensor = p.place.sensor_id.as_ref().map(ToString::to_string);
    if let Some(sensor) = &sensor {
        let there = "SELECT 1 FROM sensor WHERE id = ?1 AND store = ?2";
        rows::one(cx.db, there, (sensor, place.key), |_| Ok(()))?.ok_or(Rejection::Unknown(Noun::Sensor))?;
    }
    rows::run(cx.db, "UPDATE lot SET sensor = ?2 WHERE id = ?1", (key, sensor))?;
    let sql = format!("SELECT {COLUMNS} FROM {SOURCE} WHERE lot.id = ?1");
    let lot = rows::one(cx.db, &sql, [key], from_row)?.ok_or(Rejection::Unknown(Noun::Lot))?;
    Ok(Applied { event: Event::LotPlaced(lot), store: Some(store) })
}

pub const COLUMNS: &str = "lot.id, lot.uid, store.uid, product.uid, product.name, product.unit, lot.code,
    lot.expires_on, lot.balance, lot.sensor";
pub const SOURCE: &str = "lot JOIN store ON store.id = lot.store JOIN product ON product.id = lot.product";

/// From the [`COLUMNS`] of the [`SOURCE`].
pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Lot> {
    let sensor: Option<String> = row.get(9)?;
    Ok(Lot {
        number: row.get(0)?,
        id: LotId(rows::id(row, 1)?),
        store_id: StoreId(rows::id(row, 2)?),
        product_id: ProductId(rows::id(row, 3)?),
        product_name: row.get(4)?,
        unit: Unit::from_column(row, 5)?,
        code: printed(row.get(6)?),
        expires_on: day(row, 7)?,
        balance_thousandths: Quantity(row.get(8)?),
        sensor_id: sensor.as_deref().and_then(compact::sensor_id),
        price_cents: None,
    })
}
