//! Giving the history to another engine, and taking one.

use rusqlite::params;
use tillwatch_shared::SensorId;
use tillwatch_shared::time::HOUR;

use super::super::block;
use super::super::copy::{Hour, Named, Origin, Outline, Target, too_many};
use super::super::engine::EngineError;
use super::super::portion::Portion;
use super::super::rollup::Bucket;
use super::super::row::hour_of;
use super::super::staging::{Staged, Taking};
use super::super::types::ReadError;
use super::read::{Texts, rows_by_id};
use super::store::{self, Blocks};
use super::{SqliteEngine, SqliteHistory, slot, slot_hour};

/// Ids in one portion: blocks are read whole, so a wide one reads each fewer times.
const PORTION: i64 = 262_144;
const HOURS: i64 = 8_192;

impl Origin for SqliteHistory {
    fn outline(&self) -> Result<Outline, ReadError> {
        let sensors = self.memory.sensors().all().iter().map(Named::of).collect();
        let keys = self.memory.keys().iter().map(|(key, at)| (*key, *at)).collect();
        self.read(|connection| {
            let sql = "SELECT kept_from, max(last_id, \
                           (SELECT coalesce(max(last_id), 0) FROM block), \
                           (SELECT coalesce(max(first_id + length(rows) / 46 - 1), 0) FROM log_page)) \
                       FROM history_state";
            let (kept_from, last_id) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut dropped = connection.prepare("SELECT first_id, last_id, readings FROM dropped")?;
            let dropped = dropped.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let dropped = dropped.collect::<rusqlite::Result<_>>()?;
            Ok(Outline { kept_from, last_id, sensors, keys, dropped })
        })
    }

    fn portion(&self, after: i64, last_id: i64) -> Result<(Portion, i64), ReadError> {
        let upto = last_id.min(after.saturating_add(PORTION));
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let texts = Texts::load(&transaction)?;
            let rows = rows_by_id(&transaction, &texts, after + 1, upto)?;
            let sensors = self.memory.sensors();
            let id_of = |number| sensors.get(number).map(|sensor| sensor.id.clone());
            Ok((Portion::new(&rows, id_of, |number| texts.source(number).parse().ok()), upto))
        })
    }

    fn hours(&self, after: (u32, i64), before: i64) -> Result<Vec<Hour>, ReadError> {
        self.read(|connection| {
            let sql = "SELECT slot, data FROM hour_roll WHERE slot > ?1 AND (slot & 16777215) < ?2 \
                       ORDER BY slot LIMIT ?3";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows =
                statement.query(params![slot(after.0, hour_of(after.1)), hour_of(before), HOURS])?;
            let mut hours = Vec::new();
            while let Some(row) = rows.next()? {
                let slot: i64 = row.get(0)?;
                let bucket = Bucket::from_bytes(&row.get(1)?);
                let sensor = u32::try_from(slot >> 24).unwrap_or_default();
                hours.push(Hour { sensor, start: slot_hour(slot) * HOUR, bucket });
            }
            Ok(hours)
        })
    }
}

impl SqliteEngine {
    /// Stages what does not come from a device, in one transaction with `more`.
    fn stage_copied<T>(
        &mut self,
        stage: impl FnOnce(&mut Taking<'_, Blocks<'_>>) -> Result<T, EngineError>,
        more: impl FnOnce(&rusqlite::Connection, &T) -> rusqlite::Result<()>,
    ) -> Result<T, EngineError> {
        let transaction = self.connection.unchecked_transaction()?;
        let mut staged = Staged::new(self.next_id);
        let done = {
            let sensors = self.memory.sensors();
            let keys = self.memory.keys();
            stage(&mut Taking {
                moments: Blocks(&self.connection),
                sensors: &sensors,
                sources: &self.sources,
                keys: &keys,
                sensor_limit: self.sensor_limit,
                kept_from: self.retention.kept_from,
                staged: &mut staged,
            })?
        };
        let written = store::write(&self.connection, &self.log, &staged)?;
        more(&self.connection, &done)?;
        transaction.commit()?;
        self.stored(staged, written);
        Ok(done)
    }
}

impl Target for SqliteEngine {
    fn last_id(&self) -> i64 {
        self.next_id - 1
    }

    fn settle(&mut self) -> Result<(), EngineError> {
        while self.log_rows > 0 {
            self.pack_piece(self.recent_limit)?;
        }
        while !self.retention.is_through() {
            self.retain_some()?;
        }
        self.checkpoint("PASSIVE")
    }

    fn adopt_outline(&mut self, outline: &Outline) -> Result<(), EngineError> {
        self.connection.execute("UPDATE history_state SET unfinished = 1", [])?;
        let numbered = self.stage_copied(
            |taking| outline.stage(taking),
            |connection, last| {
                for (number, row) in last {
                    let sql = "UPDATE sensor SET packed_until = ?2, packed_last = ?3 \
                               WHERE number = ?1 AND packed_last IS NULL";
                    let values = params![number, row.taken_at, block::encode(&[*row])];
                    connection.prepare_cached(sql)?.execute(values)?;
                }
                for (first_id, last_id, readings) in &outline.dropped {
                    let sql = "INSERT INTO dropped (first_id, last_id, readings) SELECT ?1, ?2, ?3 WHERE NOT EXISTS \
                               (SELECT 1 FROM dropped WHERE first_id = ?1 AND last_id = ?2)";
                    connection.prepare_cached(sql)?.execute(params![first_id, last_id, readings])?;
                }
                Ok(())
            },
        )?;
        let mut sensors = self.memory.sensors_mut();
        for (number, row) in numbered {
            let Some(sensor) = sensors.get_mut(number) else { continue };
            sensor.note_last(&row, |number| self.sources.address(number));
            sensor.packed_until = sensor.packed_until.max(row.taken_at);
        }
        drop(sensors);
        if outline.kept_from > self.retention.kept_from {
            self.keep_from(outline.kept_from)?;
        }
        Ok(())
    }

    fn adopt_hours(&mut self, hours: &[Hour]) -> Result<(), EngineError> {
        let transaction = self.connection.unchecked_transaction()?;
        for Hour { sensor, start, bucket } in hours {
            let sql = "INSERT OR REPLACE INTO hour_roll (slot, data) VALUES (?1, ?2)";
            let values = params![slot(*sensor, hour_of(*start)), bucket.to_bytes()];
            self.connection.prepare_cached(sql)?.execute(values)?;
        }
        transaction.commit()?;
        self.checkpoint("PASSIVE")
    }

    fn number(&self, id: &SensorId) -> Option<u32> {
        self.memory.sensors().find(id)
    }

    fn adopt(&mut self, portion: &Portion) -> Result<(), EngineError> {
        for rows in portion.rows.chunks(self.recent_limit) {
            self.stage_copied(
                |taking| if taking.adopt(portion, rows) { Ok(()) } else { Err(too_many()) },
                |_, ()| Ok(()),
            )?;
            while self.log_rows >= self.recent_limit {
                self.pack_piece(self.recent_limit)?;
            }
            self.checkpoint("PASSIVE")?;
        }
        Ok(())
    }

    fn finish(&mut self, last_id: i64) -> Result<(), EngineError> {
        let sql = "UPDATE history_state SET last_id = max(last_id, ?1), unfinished = 0";
        self.connection.execute(sql, [last_id])?;
        self.next_id = self.next_id.max(last_id + 1);
        self.checkpoint("TRUNCATE")
    }
}
