//! Answering: charts and seals, on connections of their own.
//!
//! What is not rolled up is in memory and in the table. A reader first copies it from memory; the statement that
//! then reads the hours or minutes tells up to which id they count and which id is the last, and the copy is cut
//! to what lies between. So each reading that was stored before is counted exactly once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tillwatch_shared::api::{ReadingsSeal, Series};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use super::super::engine::{Held, History};
use super::super::memory::Sensor;
use super::super::row::Row;
use super::super::seal::{Digest, Pending, SEAL_READINGS};
use super::super::series::{Filling, Grain, Plan};
use super::super::types::{ReadError, SealError, SensorSeen};
use super::Shared;
use super::link::{Link, LinkError};
use super::schema;
use super::tls::Address;
use super::write::{FIGURES, bucket};

/// How long a question waits for a connection.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// Readings that a seal reads at once.
const PAGE: i64 = 50_000;

#[derive(Debug)]
pub(in super::super) struct PostgresHistory {
    shared: Arc<Shared>,
    address: Address,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug)]
struct Pool {
    idle: Vec<Link>,
    /// Connections that may still be opened.
    unopened: usize,
}

impl From<LinkError> for ReadError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Away(reason) | LinkError::Refused(reason) => Self::Away(reason),
            other @ (LinkError::Newer { .. }
            | LinkError::Taken
            | LinkError::Empty
            | LinkError::Unfinished) => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for ReadError {
    fn from(error: tokio_postgres::Error) -> Self {
        LinkError::from(error).into()
    }
}

impl PostgresHistory {
    pub(super) fn new(shared: Arc<Shared>, address: Address, readers: usize) -> Self {
        let pool = Mutex::new(Pool { idle: Vec::new(), unopened: readers.max(1) });
        Self { shared, address, pool, returned: Condvar::new() }
    }

    /// Asks on a connection of its own. One that failed is not used again.
    pub(super) fn read<T>(
        &self,
        question: impl FnOnce(&Link) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        if let Some(away) = &*self.shared.lock_away() {
            return Err(ReadError::Away(away.reason.clone()));
        }
        let link = self.borrow()?;
        let answer = question(&link);
        let mut pool = self.lock_pool();
        if answer.is_ok() {
            pool.idle.push(link);
        } else {
            // The others are most likely gone as well.
            pool.unopened += 1 + pool.idle.len();
            pool.idle.clear();
        }
        drop(pool);
        self.returned.notify_one();
        answer
    }

    fn lock_pool(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn borrow(&self) -> Result<Link, ReadError> {
        let empty = |pool: &mut Pool| pool.idle.is_empty() && pool.unopened == 0;
        let waited = self.returned.wait_timeout_while(self.lock_pool(), PATIENCE, empty);
        let (mut pool, _) = waited.unwrap_or_else(PoisonError::into_inner);
        while let Some(link) = pool.idle.pop() {
            if !link.is_closed() {
                return Ok(link);
            }
            pool.unopened += 1;
        }
        pool.unopened = pool.unopened.checked_sub(1).ok_or(ReadError::Busy)?;
        drop(pool);
        let opened = Link::open(&self.address).and_then(|link| schema::check(&link).map(|()| link));
        opened.map_err(|error| {
            self.lock_pool().unopened += 1;
            self.returned.notify_one();
            error.into()
        })
    }

    fn recent(&self, id: &SensorId, plan: &Plan) -> Option<Recent> {
        let sensors = self.shared.memory.sensors();
        let number = sensors.find(id)?;
        let sensor = sensors.get(number)?;
        let from = sensor.recent.partition_point(|row| row.taken_at < plan.from);
        let to = sensor.recent.partition_point(|row| row.taken_at < plan.to);
        let rows = sensor.recent.get(from..to).unwrap_or_default().to_vec();
        Some(Recent { number: i32::try_from(number).unwrap_or(i32::MAX), id: sensor.id.clone(), rows })
    }

    fn read_back(&self, first_id: i64, last_id: i64) -> Result<ReadingsSeal, ReadError> {
        self.read(|link| seal(link, first_id, last_id))
    }
}

/// What the memory has of a sensor, copied.
struct Recent {
    number: i32,
    /// As it was sent first.
    id: SensorId,
    rows: Vec<Row>,
}

impl History for PostgresHistory {
    fn sensors(&self) -> Vec<SensorSeen> {
        let mut seen: Vec<_> = self.shared.memory.sensors().all().iter().filter_map(Sensor::seen).collect();
        seen.sort_by(|one, other| one.id.cmp(&other.id));
        seen
    }

    fn sensor(&self, id: &SensorId) -> Option<SensorSeen> {
        let sensors = self.shared.memory.sensors();
        sensors.get(sensors.find(id)?)?.seen()
    }

    fn sensor_count(&self) -> usize {
        self.shared.memory.sensors().all().len()
    }

    fn recent_count(&self) -> usize {
        self.shared.memory.sensors().all().iter().map(|sensor| sensor.recent.len()).sum()
    }

    fn keys_used(&self) -> HashMap<ApiKeyId, UtcMicros> {
        self.shared.memory.keys().clone()
    }

    fn key_used(&self, key: ApiKeyId) -> Option<UtcMicros> {
        self.shared.memory.keys().get(&key).copied()
    }

    fn series(&self, sensors: &[SensorId], plan: &Plan) -> Result<Vec<Series>, ReadError> {
        let recent: Vec<_> = sensors.iter().map(|id| self.recent(id, plan)).collect();
        let mut fillings: HashMap<i32, Filling> =
            recent.iter().flatten().map(|recent| (recent.number, Filling::new(*plan))).collect();
        if !fillings.is_empty() {
            self.read(|link| fill(link, plan, &recent, &mut fillings))?;
        }
        let finish = |(id, recent): (&SensorId, Option<Recent>)| {
            let (number, id) = recent.map_or((0, id.clone()), |recent| (recent.number, recent.id));
            // A sensor that is asked for twice is filled once.
            fillings.remove(&number).unwrap_or_else(|| Filling::new(*plan)).finish(id)
        };
        Ok(sensors.iter().zip(recent).map(finish).collect())
    }

    fn readings(&self, sensor: &SensorId, from: i64, to: i64) -> Result<Vec<Row>, ReadError> {
        let Some(number) = self.shared.memory.sensors().find(sensor) else { return Ok(Vec::new()) };
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        let sql = "SELECT id, taken_at, received_at, temperature, humidity, pressure FROM reading \
                   WHERE sensor = $1 AND taken_at >= $2 AND taken_at < $3 ORDER BY taken_at";
        self.read(|link| {
            let rows = link.run(ANSWER, link.client.query(sql, &[&number, &from, &to]))?;
            rows.iter().map(row).collect()
        })
    }

    fn seal_pending(&self, sealed_up_to: i64) -> Result<Option<ReadingsSeal>, ReadError> {
        let pending = self.shared.lock_sealer().pending(sealed_up_to.max(0));
        match pending {
            Pending::Nothing => Ok(None),
            Pending::Seal(seal) => Ok(Some(seal)),
            Pending::ReadBack { first_id, last_id } => self.read_back(first_id, last_id).map(Some),
        }
    }

    fn verify_seals(&self, seals: &[ReadingsSeal]) -> Result<(), SealError> {
        for known in seals {
            let ReadingsSeal { first_id, last_id, digest } = known;
            let altered = SealError::Altered { first_id: *first_id, last_id: *last_id };
            if last_id < first_id || last_id.saturating_sub(*first_id) >= SEAL_READINGS {
                return Err(altered);
            }
            let (dropped, found) = self
                .read(|link| Ok((dropped(link, *first_id, *last_id)?, seal(link, *first_id, *last_id)?)))?;
            if dropped {
                tracing::info!(first_id, last_id, "not checked: readings of this seal are no longer kept");
            } else if found.digest != *digest {
                return Err(altered);
            }
        }
        Ok(())
    }

    fn backup_to(&self, _: &Path) -> Result<(), ReadError> {
        Err(ReadError::Unavailable("the readings are in PostgreSQL: back them up with pg_dump".into()))
    }

    fn held(&self) -> Held {
        Held {
            away: self.shared.lock_away().clone(),
            room: self.shared.room,
            bytes: self.shared.held_bytes.load(Ordering::Relaxed),
            readings: self.shared.held_readings.load(Ordering::Relaxed),
        }
    }
}

/// Fills the buckets of all sensors from one state of the history.
fn fill(
    link: &Link,
    plan: &Plan,
    recent: &[Option<Recent>],
    fillings: &mut HashMap<i32, Filling>,
) -> Result<(), ReadError> {
    let numbers: Vec<i32> = fillings.keys().copied().collect();
    let table = match plan.grain {
        Grain::Hours => "hour_roll",
        Grain::Minutes => "minute_roll",
        Grain::Readings => return fill_readings(link, plan, &numbers, fillings),
    };
    let sql = format!(
        "SELECT p.rolled_id, p.last_id, r.sensor, r.start, r.readings, r.{} \
         FROM (SELECT rolled_id, (SELECT max(last_id) FROM writer) AS last_id FROM history_state) p \
         LEFT JOIN (SELECT * FROM {table} WHERE sensor = ANY ($1) AND start >= $2 AND start < $3) r ON true",
        FIGURES.join(", r."),
    );
    // No hour lies beyond what a bigint can say.
    let (from, to) = (plan.from, plan.to);
    let rows = link.run(ANSWER, link.client.query(&sql, &[&numbers, &from, &to]))?;
    let mut counted = (0, 0);
    for row in &rows {
        counted = (row.try_get(0)?, row.try_get::<_, Option<i64>>(1)?.unwrap_or(0));
        let Some(number) = row.try_get::<_, Option<i32>>(2)? else { continue };
        let bucket = bucket(row, 4)?;
        if let Some(filling) = fillings.get_mut(&number) {
            filling.merge(row.try_get(3)?, &bucket);
        }
    }
    let (rolled_id, last_id) = counted;
    let mut once = std::collections::HashSet::new();
    for Recent { number, rows, .. } in recent.iter().flatten().filter(|recent| once.insert(recent.number)) {
        let Some(filling) = fillings.get_mut(number) else { continue };
        let between = rows.iter().filter(|row| row.id > rolled_id && row.id <= last_id);
        between.for_each(|row| filling.add(row.taken_at, row.values));
    }
    Ok(())
}

/// Every reading that is stored is in the table.
fn fill_readings(
    link: &Link,
    plan: &Plan,
    numbers: &[i32],
    fillings: &mut HashMap<i32, Filling>,
) -> Result<(), ReadError> {
    let sql = "SELECT sensor, taken_at, temperature, humidity, pressure FROM reading \
               WHERE sensor = ANY ($1) AND taken_at >= $2 AND taken_at < $3";
    for row in link.run(ANSWER, link.client.query(sql, &[&numbers, &plan.from, &plan.to]))? {
        if let Some(filling) = fillings.get_mut(&row.try_get(0)?) {
            filling.add(row.try_get(1)?, [row.try_get(2)?, row.try_get(3)?, row.try_get(4)?]);
        }
    }
    Ok(())
}

/// Whether retention has dropped readings of this range.
fn dropped(link: &Link, first_id: i64, last_id: i64) -> Result<bool, ReadError> {
    let sql = "SELECT EXISTS (SELECT FROM dropped WHERE first_id <= $2 AND last_id >= $1)";
    Ok(link.run(ANSWER, link.client.query_one(sql, &[&first_id, &last_id]))?.try_get(0)?)
}

/// Id, both times and values, the first columns; the source is left out.
fn row(row: &tokio_postgres::Row) -> Result<Row, ReadError> {
    Ok(Row {
        id: row.try_get(0)?,
        taken_at: row.try_get(1)?,
        received_at: row.try_get(2)?,
        source: 0,
        values: [row.try_get(3)?, row.try_get(4)?, row.try_get(5)?],
    })
}

/// Digests a range of readings, a page at a time.
fn seal(link: &Link, first_id: i64, last_id: i64) -> Result<ReadingsSeal, ReadError> {
    let sql = "SELECT r.id, r.taken_at, r.received_at, r.temperature, r.humidity, r.pressure, \
                      coalesce(s.id, ''), coalesce(a.address, '') \
               FROM reading r LEFT JOIN sensor s ON s.number = r.sensor LEFT JOIN source a ON a.number = r.source \
               WHERE r.id >= $1 AND r.id <= $2 ORDER BY r.id";
    let mut digest = Digest::default();
    let mut from = first_id;
    while from <= last_id {
        let to = last_id.min(from.saturating_add(PAGE - 1));
        for row in link.run(ANSWER, link.client.query(sql, &[&from, &to]))? {
            digest.add(&self::row(&row)?, row.try_get(6)?, row.try_get(7)?);
        }
        from = to + 1;
    }
    Ok(digest.seal(first_id, last_id))
}
