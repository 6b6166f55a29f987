//! Taking readings: many requests, one transaction, mostly one page of the log.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::super::block::Block;
use super::super::engine::{EngineError, Outcome, Request};
use super::super::row::hour_of;
use super::super::staging::{Looked, Moments, Staged, Taking};
use super::pages::{LogPages, Written};
use super::{SqliteEngine, insert_sensor};

/// How much more than usual may wait for packing before new readings are refused, when packing fails.
const OVERFLOW: usize = 4;

impl SqliteEngine {
    /// Each request comes with the moment from which on readings are kept; a mark, with what a group has agreed on.
    pub(super) fn store<'a>(
        &mut self,
        requests: impl Iterator<Item = (&'a Request, i64)>,
        mark: Option<&[u8]>,
    ) -> Result<Vec<Outcome>, EngineError> {
        if self.log_rows > self.recent_limit.saturating_mul(OVERFLOW).saturating_add(1_000_000) {
            return Err(EngineError::Full);
        }
        // At once for writing: a transaction that begins by reading gives up, instead of waiting, when somebody
        // else has the database open for writing at that moment.
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let mut staged = Staged::new(self.next_id);
        let (outcomes, kept_from) = {
            let sensors = self.memory.sensors();
            let keys = self.memory.keys();
            let mut taking = Taking {
                moments: Blocks(&self.connection),
                sensors: &sensors,
                sources: &self.sources,
                keys: &keys,
                sensor_limit: self.sensor_limit,
                kept_from: self.retention.kept_from,
                staged: &mut staged,
            };
            let outcomes = requests.map(|(request, kept_from)| {
                taking.kept_from = taking.kept_from.max(kept_from);
                taking.request(request)
            });
            (outcomes.collect::<Result<Vec<_>, _>>()?, taking.kept_from)
        };
        if staged.is_empty() && mark.is_none() {
            return Ok(outcomes);
        }
        let written = write(&self.connection, &self.log, &staged)?;
        if let Some(mark) = mark {
            let sql = "UPDATE history_state SET agreed = ?1, kept_from = ?2";
            self.connection.prepare_cached(sql)?.execute(params![mark, kept_from])?;
        }
        transaction.commit()?;
        self.stored(staged, written);
        self.retention.keeps_from(kept_from);
        Ok(outcomes)
    }

    /// After a commit.
    pub(super) fn stored(&mut self, staged: Staged, written: Written) {
        self.wal_pages += written.pages() + staged.new_sensors.len() + staged.used_keys.len();
        self.log.publish(written);
        self.next_id = staged.next_id;
        self.log_rows += staged.fresh.len();
        self.unpaced += staged.fresh.len();
        staged.publish(&self.memory, &mut self.sources, &self.sealer);
    }
}

/// Writes what is staged.
pub(super) fn write(connection: &Connection, log: &LogPages, staged: &Staged) -> rusqlite::Result<Written> {
    for (id, number) in staged.new_sensors.iter().zip(first_new_sensor(connection, staged)?..) {
        insert_sensor(connection, number, id)?;
    }
    for address in &staged.new_sources {
        let sql = "INSERT INTO source (number, address) SELECT coalesce(max(number), 0) + 1, ?1 FROM source";
        connection.prepare_cached(sql)?.execute([address.to_string()])?;
    }
    for (key, used_at) in &staged.used_keys {
        let sql = "INSERT OR REPLACE INTO key_use (key_id, last_used_at) VALUES (?1, ?2)";
        connection.prepare_cached(sql)?.execute(params![key.0.as_bytes(), used_at.0])?;
    }
    log.write(connection, &staged.fresh)
}

fn first_new_sensor(connection: &Connection, staged: &Staged) -> rusqlite::Result<u32> {
    if staged.new_sensors.is_empty() {
        return Ok(0);
    }
    connection.query_row("SELECT coalesce(max(number), 0) + 1 FROM sensor", [], |row| row.get(0))
}

/// Looks into the blocks.
pub(super) struct Blocks<'a>(pub &'a Connection);

impl Moments for Blocks<'_> {
    fn look(&mut self, sensor: u32, at: i64) -> Result<Looked, EngineError> {
        Ok(look(self.0, sensor, at)?)
    }
}

/// The times in the block where a moment belongs. A damaged block counts as empty: the reading is kept.
fn look(connection: &Connection, sensor: u32, at: i64) -> rusqlite::Result<Looked> {
    let sql = "SELECT start, data FROM block WHERE sensor = ?1 AND start <= ?2 ORDER BY start DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_row(params![sensor, at], |row| {
            let start: i64 = row.get(0)?;
            if hour_of(start) != hour_of(at) {
                return Ok(None);
            }
            let times = Block::parse(row.get_ref(1)?.as_blob()?).map(|block| block.times());
            Ok(Some((start, times.unwrap_or_default())))
        })
        .optional()?
        .flatten();
    let sql = "SELECT min(start) FROM block WHERE sensor = ?1 AND start > ?2";
    let next: Option<i64> =
        connection.prepare_cached(sql)?.query_row(params![sensor, at], |row| row.get(0))?;
    // Without a block nothing is in this hour up to the next block; the hours in between may have some.
    let (from, times) = found.unwrap_or((at, Vec::new()));
    Ok(Looked { from, to: next.unwrap_or(i64::MAX), times })
}
