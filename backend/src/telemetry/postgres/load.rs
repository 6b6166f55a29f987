//! What the writer takes into memory when it has a connection.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tillwatch_shared::{ApiKeyId, UtcMicros};

use super::super::memory::{Sensor, Sensors, Sources};
use super::super::row::{Row, merge_sorted};
use super::link::{Link, LinkError};
use super::schema::{self, SHORT};
use super::tls::Address;
use super::write::Statements;

/// How long reading the tables may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Serve,
    /// A history is copied into the database.
    Fill,
}

/// A connection that holds the lock, and what the database holds.
#[derive(Debug)]
pub(super) struct Loaded {
    pub link: Link,
    pub statements: Statements,
    pub sensors: Sensors,
    pub sources: Sources,
    pub keys: HashMap<ApiKeyId, UtcMicros>,
    pub weeks: BTreeSet<i64>,
    pub hypertable: bool,
    pub kept_from: i64,
    pub rolled_id: i64,
    pub last_id: i64,
    pub last_commit: i64,
}

/// Connects, becomes the writer, makes the tables if need be, and reads what the memory keeps. Blocks.
pub(super) fn connect(
    address: &Address,
    session: &str,
    instance: &str,
    purpose: Use,
) -> Result<Loaded, LinkError> {
    let mut address = address.clone();
    address.config.application_name(session);
    let link = Link::open(&address)?;
    schema::lock(&link, session)?;
    schema::migrate(&link)?;
    let statements = Statements::prepare(&link)?;
    let (last_commit, last_id) = enter(&link, instance)?;
    let sql = "SELECT rolled_id, kept_from, hypertable, unfinished FROM history_state";
    let state = link.run(SHORT, link.client.query_one(sql, &[]))?;
    if purpose == Use::Serve && state.try_get(3)? {
        return Err(LinkError::Unfinished);
    }
    let weeks = link.run(PATIENCE, link.client.query("SELECT number FROM week", &[]))?;
    let weeks = weeks.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let sources = sources(&link)?;
    let mut sensors = sensors(&link, &sources)?;
    let rolled_id = state.try_get(0)?;
    recent(&link, rolled_id, &mut sensors, &sources)?;
    Ok(Loaded {
        statements,
        sensors,
        sources,
        keys: keys(&link)?,
        weeks,
        hypertable: state.try_get(2)?,
        kept_from: state.try_get(1)?,
        rolled_id,
        last_id,
        last_commit,
        link,
    })
}

/// Takes a place among the writers: the last commit of this numbering and the last id of all.
fn enter(link: &Link, instance: &str) -> Result<(i64, i64), LinkError> {
    let sql = "DELETE FROM writer WHERE instance <> $1 AND seen_at < now() - interval '400 days' \
               AND last_id < (SELECT max(last_id) FROM writer)";
    link.run(SHORT, link.client.execute(sql, &[&instance]))?;
    let sql = "INSERT INTO writer (instance, last_commit, last_id) \
               VALUES ($1, 0, (SELECT coalesce(max(last_id), 0) FROM writer)) \
               ON CONFLICT (instance) DO UPDATE SET seen_at = now() RETURNING last_commit";
    let commit = link.run(SHORT, link.client.query_one(sql, &[&instance]))?.try_get(0)?;
    let last = link.run(SHORT, link.client.query_one("SELECT max(last_id) FROM writer", &[]))?;
    Ok((commit, last.try_get(0)?))
}

pub(super) fn sources(link: &Link) -> Result<Sources, LinkError> {
    let sql = "SELECT address FROM source ORDER BY number";
    let mut sources = Sources::default();
    for row in link.run(PATIENCE, link.client.query(sql, &[]))? {
        let text: &str = row.try_get(0)?;
        let address = text.parse().map_err(|_| LinkError::Away(format!("source {text} is no address")))?;
        sources.push(address);
    }
    Ok(sources)
}

pub(super) fn sensors(link: &Link, sources: &Sources) -> Result<Sensors, LinkError> {
    let sql = "SELECT id, is_number, rolled_until, last_row FROM sensor ORDER BY number";
    let mut sensors = Sensors::default();
    for row in link.run(PATIENCE, link.client.query(sql, &[]))? {
        let (text, is_number) = (row.try_get(0)?, row.try_get(1)?);
        sensors.push(Sensor::stored(text, is_number, row.try_get(3)?, row.try_get(2)?, sources));
    }
    Ok(sensors)
}

/// The readings that are not rolled up.
fn recent(link: &Link, rolled_id: i64, sensors: &mut Sensors, sources: &Sources) -> Result<(), LinkError> {
    let sql = format!("SELECT {NUMBERED} FROM reading WHERE id > $1 ORDER BY sensor, taken_at");
    let found = link.run(PATIENCE, link.client.query(&sql, &[&rolled_id]))?;
    let rows = found.iter().map(numbered).collect::<Result<Vec<_>, _>>()?;
    for run in rows.chunk_by(|(one, _), (next, _)| one == next) {
        let Some(sensor) = run.first().and_then(|(number, _)| sensors.get_mut(*number)) else { continue };
        let run: Vec<Row> = run.iter().map(|(_, row)| *row).collect();
        for row in &run {
            sensor.note_last(row, |number| sources.address(number));
        }
        merge_sorted(&mut sensor.recent, &run);
    }
    Ok(())
}

/// The columns of a reading, as [`numbered`] takes them.
pub(super) const NUMBERED: &str =
    "sensor, id, taken_at, received_at, source, temperature, humidity, pressure";

pub(super) fn numbered(row: &tokio_postgres::Row) -> Result<(u32, Row), LinkError> {
    let sensor: i32 = row.try_get(0)?;
    let source: i32 = row.try_get(4)?;
    let reading = Row {
        id: row.try_get(1)?,
        taken_at: row.try_get(2)?,
        received_at: row.try_get(3)?,
        source: u16::try_from(source).unwrap_or_default(),
        values: [row.try_get(5)?, row.try_get(6)?, row.try_get(7)?],
    };
    Ok((u32::try_from(sensor).unwrap_or_default(), reading))
}

pub(super) fn keys(link: &Link) -> Result<HashMap<ApiKeyId, UtcMicros>, LinkError> {
    let mut keys = HashMap::new();
    for row in link.run(PATIENCE, link.client.query("SELECT key_id, last_used_at FROM key_use", &[]))? {
        if let Ok(id) = uuid::Uuid::from_slice(row.try_get(0)?) {
            keys.insert(ApiKeyId(id), UtcMicros(row.try_get(1)?));
        }
    }
    Ok(keys)
}
