//! Alarms, their rules, and quiet times.

use rusqlite::Connection;
use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmRule, AlarmStep, AlarmStepKind, AlarmSubject, AlarmTold, Event, Page, QuietTime,
    Role,
};
use tillwatch_shared::{AlarmId, Cents, Quantity, StoreId, UtcMicros};
use uuid::Uuid;

use super::Slice;
use super::viewer::Viewer;
use crate::domain::alarms::{COLUMNS, from_row, sensor_of};
use crate::domain::lots::SOURCE;
use crate::domain::rows::Word;
use crate::domain::told::note_id;
use crate::domain::{alarm_rules, quiet_times, rows};
use crate::ledger::journal;
use crate::told::Place;

/// Places of the journal that are looked at in one go.
const SCANNED: i64 = 100_000;

/// Which alarms.
#[derive(Clone, Debug)]
pub struct Which {
    /// The stores that are meant, a JSON array of row keys.
    pub stores: String,
    /// Also those of no store.
    pub storeless: bool,
    /// Only those that are open, or only those that are over.
    pub open: Option<bool>,
}

const VISIBLE: &str = "(alarm.store IN (SELECT value FROM json_each(?1)) OR (alarm.store IS NULL AND ?2))";

pub fn list(db: &Connection, which: &Which, slice: Slice) -> rusqlite::Result<Page<Alarm>> {
    let (above, below) = slice.bounds();
    let open = match which.open {
        None => "",
        Some(true) => "AND ended_at IS NULL",
        Some(false) => "AND ended_at IS NOT NULL",
    };
    let sql = format!(
        "SELECT {COLUMNS} WHERE {VISIBLE} {open} AND alarm.id > ?3 AND alarm.id < ?4
         ORDER BY alarm.id {} LIMIT ?5",
        slice.direction()
    );
    let values = (&which.stores, which.storeless, above, below, slice.limit + 1);
    let found = rows::all(db, &sql, values, from_row)?;
    Ok(slice.page(found.into_iter().map(|alarm| (alarm.number, alarm)).collect()))
}

/// One alarm that the viewer may see, and its steps as the journal has them.
pub fn history(
    db: &Connection,
    viewer: &Viewer,
    id: AlarmId,
) -> rusqlite::Result<Option<(Alarm, Vec<AlarmStep>)>> {
    let sql = format!("SELECT {COLUMNS} WHERE {VISIBLE} AND alarm.uid = ?3");
    let storeless = viewer.role >= Role::Manager;
    let found = rows::one(db, &sql, (viewer.store_keys(), storeless, id.0.as_bytes().as_slice()), from_row)?;
    let Some(alarm) = found else { return Ok(None) };
    let steps = rows::all(
        db,
        "SELECT server_at, journal.kind, person.name, ack_action
         FROM alarm JOIN journal ON journal.seq IN (alarm.seq, cleared_seq, ack_seq)
         LEFT JOIN person ON person.uid = journal.actor WHERE alarm.uid = ?1 ORDER BY journal.seq",
        [id.0.as_bytes().as_slice()],
        |row| {
            let kind = row.get_ref(1)?.as_str()?;
            let acknowledged = kind == "acknowledge_alarm";
            let what = match kind {
                "open_alarm" => AlarmStepKind::Opened,
                "clear_alarm" => AlarmStepKind::Cleared,
                _ => AlarmStepKind::Acknowledged,
            };
            let detail: Option<String> = row.get(3)?;
            let at = UtcMicros(row.get(0)?);
            Ok(AlarmStep { at, what, person_name: row.get(2)?, detail: detail.filter(|_| acknowledged) })
        },
    )?;
    Ok(Some((alarm, steps)))
}

/// All alarms that are open, and those of sensors that ended after a moment.
pub fn known_since(db: &Connection, ended_after: UtcMicros) -> rusqlite::Result<Vec<Alarm>> {
    let sql = format!("SELECT {COLUMNS} WHERE ended_at IS NULL OR ended_at >= ?1 ORDER BY alarm.id");
    rows::all(db, &sql, [ended_after.0], from_row)
}

/// The open alarms of a kind.
pub fn open_of(db: &Connection, kind: AlarmKind) -> rusqlite::Result<Vec<Alarm>> {
    let sql = format!("SELECT {COLUMNS} WHERE ended_at IS NULL AND kind = ?1 ORDER BY alarm.id");
    rows::all(db, &sql, [kind.word()], from_row)
}

/// The acknowledged alarms about a subject that overlap a time, oldest first.
pub fn acknowledged(
    db: &Connection,
    subject: &AlarmSubject,
    (from, to): (UtcMicros, UtcMicros),
) -> rusqlite::Result<Vec<Alarm>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE subject = ?1 AND began_at < ?3 AND coalesce(ended_at, ?2) >= ?2
         AND ack_seq IS NOT NULL ORDER BY began_at, alarm.id"
    );
    let subject = serde_json::to_string(subject)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    rows::all(db, &sql, (subject, from.0, to.0), from_row)
}

/// The alarms of a kind that were over after a moment, or are not over, oldest first.
pub fn of_kind(db: &Connection, kind: AlarmKind, since: UtcMicros) -> rusqlite::Result<Vec<Alarm>> {
    let sql = format!(
        "SELECT {COLUMNS} WHERE kind = ?1 AND (ended_at IS NULL OR ended_at > ?2) ORDER BY fired_at, alarm.id"
    );
    rows::all(db, &sql, (kind.word(), since.0), from_row)
}

/// The alarms that the journal opened after a place, each with its own, and the place up to which it was looked at.
pub fn opened_after(db: &Connection, after: i64) -> rusqlite::Result<(Vec<(i64, Event)>, i64)> {
    let until = journal::tip(db)?.seq.min(after.saturating_add(SCANNED));
    let found = rows::all(
        db,
        "SELECT seq, outcome FROM alarm JOIN journal USING (seq) WHERE alarm.seq > ?1 AND alarm.seq <= ?2
         ORDER BY alarm.seq",
        (after, until),
        |row| Ok((row.get(0)?, journal::event(row, 1)?)),
    )?;
    Ok((found, until))
}

/// The alarms that are open, oldest first, each with the place at which the journal opened it.
pub fn open_since(db: &Connection) -> rusqlite::Result<Vec<(i64, AlarmId)>> {
    let sql = "SELECT seq, uid FROM alarm WHERE ended_at IS NULL ORDER BY seq";
    rows::all(db, sql, [], |row| Ok((row.get(0)?, AlarmId(rows::id(row, 1)?))))
}

/// What a server of the group noted of a message, and when; none if it is still owed.
pub fn noted(db: &Connection, message: Uuid) -> rusqlite::Result<Option<(bool, UtcMicros)>> {
    let sql = "SELECT outcome, server_at FROM journal WHERE command_id = ?1";
    let id = note_id(message);
    let found = rows::one(db, sql, [id.0.as_bytes().as_slice()], |row| {
        Ok((journal::event(row, 0)?, UtcMicros(row.get(1)?)))
    })?;
    Ok(found.and_then(|(event, at)| Some((AlarmTold::try_from(event).ok()?.told, at))))
}

/// Until when nobody is told of this alarm.
pub fn quiet_until(db: &Connection, alarm: &Alarm, now: UtcMicros) -> rusqlite::Result<Option<UtcMicros>> {
    let Some(store) = alarm.store_id else { return Ok(None) };
    let id = store.0.as_bytes().as_slice();
    let store = rows::one(db, "SELECT id FROM store WHERE uid = ?1", [id], |row| row.get(0))?;
    quiet_times::quiet_until(db, store, sensor_of(&alarm.subject).as_deref(), alarm.kind, now)
}

/// An alarm, whoever may see it.
pub fn by_id(db: &Connection, id: AlarmId) -> rusqlite::Result<Option<Alarm>> {
    let sql = format!("SELECT {COLUMNS} WHERE alarm.uid = ?1");
    rows::one(db, &sql, [id.0.as_bytes().as_slice()], from_row)
}

/// Where an alarm is, and what the goods are sold for that it is about: those of the lot, or of the lots that stand
/// where the sensor is. A store without a zone of its own has `zone`.
pub fn place(db: &Connection, alarm: &Alarm, zone: &str) -> rusqlite::Result<Place> {
    let store = alarm.store_id.map(|store| {
        let sql = "SELECT name, zone FROM store WHERE uid = ?1";
        rows::one(db, sql, [store.0.as_bytes().as_slice()], |row| Ok((row.get(0)?, row.get(1)?)))
    });
    let (store, zone) = match store.transpose()?.flatten() {
        Some((name, zone)) => (Some(name), zone),
        None => (None, zone.to_owned()),
    };
    Ok(Place { store, zone, worth: worth(db, &alarm.subject)? })
}

fn worth(db: &Connection, subject: &AlarmSubject) -> rusqlite::Result<Option<Cents>> {
    let (of, id): (&str, Box<dyn rusqlite::ToSql>) = match subject {
        AlarmSubject::Sensor { sensor_id } => ("lot.sensor", Box::new(sensor_id.to_string())),
        AlarmSubject::Lot { lot_id } => ("lot.uid", Box::new(lot_id.0.into_bytes().to_vec())),
        AlarmSubject::Product { .. }
        | AlarmSubject::Terminal { .. }
        | AlarmSubject::Feed { .. }
        | AlarmSubject::Server { .. }
        | AlarmSubject::Backups { .. } => return Ok(None),
    };
    let sql =
        format!("SELECT lot.balance, product.price_cents FROM {SOURCE} WHERE {of} = ?1 AND lot.balance > 0");
    let held = rows::all(db, &sql, [id], |row| Ok((Quantity(row.get(0)?), Cents(row.get(1)?))))?;
    let worth: Cents = held.iter().filter_map(|(quantity, price)| price.times(*quantity)).sum();
    Ok(Some(worth).filter(|worth| *worth > Cents::ZERO))
}

/// Whether the alarm is open and nobody has acknowledged it.
pub fn needs_somebody(db: &Connection, id: AlarmId) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM alarm WHERE uid = ?1 AND ended_at IS NULL AND ack_seq IS NULL";
    Ok(rows::one(db, sql, [id.0.as_bytes().as_slice()], |_| Ok(()))?.is_some())
}

/// The rules that people set in all stores.
pub fn rules(db: &Connection) -> rusqlite::Result<Vec<AlarmRule>> {
    let sql = format!("SELECT {} ORDER BY alarm_rule.id", alarm_rules::COLUMNS);
    rows::all(db, &sql, [], alarm_rules::from_row)
}

/// All stores, oldest first.
pub fn stores(db: &Connection) -> rusqlite::Result<Vec<StoreId>> {
    rows::all(db, "SELECT uid FROM store ORDER BY id", [], |row| rows::id(row, 0).map(StoreId))
}

/// Quiet times of these stores (a JSON array of row keys) that are not over.
pub fn quiet_times(db: &Connection, stores: &str, now: UtcMicros) -> rusqlite::Result<Vec<QuietTime>> {
    let sql = format!(
        "SELECT {} WHERE until > ?2 AND quiet_time.store IN (SELECT value FROM json_each(?1)) ORDER BY until",
        quiet_times::COLUMNS
    );
    rows::all(db, &sql, (stores, now.0), quiet_times::from_row)
}
