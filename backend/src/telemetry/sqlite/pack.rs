//! Packing: from the log and memory into sorted blocks, with counts and extremes of minutes and hours.
//!
//! Enough readings in the log start a round. It packs the sensors one after the other, a bounded piece after
//! each commit, each sensor with all that it has. When the round is through, the part of the log that was
//! there when it began is free. A program that starts in the middle of a round knows from each sensor's
//! `packed_id` which rows of the log are packed.

use rusqlite::{Connection, OptionalExtension, params};
use tillwatch_shared::time::HOUR;

use super::super::block::{self, BLOCK_ROWS, Block};
use super::super::engine::EngineError;
use super::super::memory::Sensor;
use super::super::rollup::{Bucket, Minutes};
use super::super::row::{Row, hour_of, merge_sorted, minute_of};
use super::{PAGE_BYTES, SqliteEngine, slot};

/// Hours with so many readings get their minutes kept: ten a minute.
const DENSE: u32 = 600;

/// A round of packing.
#[derive(Debug)]
pub(super) struct Packing {
    /// The newest reading when the round began.
    cut: i64,
    /// Readings in the log when it began.
    rows: usize,
    /// Sensors that are still to be packed.
    waiting: Vec<u32>,
}

/// A sensor's readings that are packed, to be told to the memory after the commit.
struct Packed {
    number: u32,
    packed_until: i64,
}

impl SqliteEngine {
    /// Goes on with the round, or begins one when it is time.
    pub(super) fn pack_some(&mut self) -> Result<(), EngineError> {
        // Twice as fast as readings come, so that a round always ends.
        let pace = std::mem::take(&mut self.unpaced).saturating_mul(2).max(self.recent_limit / 4);
        if self.packing.is_none() && self.log_rows < self.recent_limit {
            return Ok(());
        }
        self.pack_piece(pace)
    }

    pub(super) fn pack_piece(&mut self, pace: usize) -> Result<(), EngineError> {
        let new_round = || Packing {
            cut: self.next_id - 1,
            rows: self.log_rows,
            waiting: self.memory.sensors().unpacked(),
        };
        let mut round = self.packing.take().unwrap_or_else(new_round);
        let before = round.waiting.clone();
        match self.write_piece(&mut round, pace) {
            Ok(Piece { packed, written, trimmed, .. }) => {
                self.publish_packed(&packed);
                self.wal_pages += written / PAGE_BYTES + 3;
                self.log.forget(trimmed);
            }
            Err(error) => {
                self.packing = Some(Packing { waiting: before, ..round });
                return Err(error.into());
            }
        }
        if round.waiting.is_empty() {
            self.log_rows -= round.rows;
            self.log.release(round.cut);
        } else {
            self.packing = Some(round);
        }
        Ok(())
    }

    /// Packs sensors until `pace` readings are packed or the round is through.
    fn write_piece(&self, round: &mut Packing, pace: usize) -> rusqlite::Result<Piece<'_>> {
        let transaction = self.connection.unchecked_transaction()?;
        let sensors = self.memory.sensors();
        let mut piece = Piece { connection: &self.connection, written: 0, trimmed: 0, packed: Vec::new() };
        let mut count = 0;
        while count < pace
            && let Some(number) = round.waiting.pop()
        {
            let Some(sensor) = sensors.get(number) else { continue };
            count += sensor.recent.len();
            piece.sensor(number, sensor)?;
        }
        drop(sensors);
        if round.waiting.is_empty() {
            piece.trimmed = self.log.trim(&self.connection, self.recent_limit)?;
        }
        transaction.commit()?;
        Ok(piece)
    }

    /// After the commit: what is packed leaves the memory.
    fn publish_packed(&self, packed: &[Packed]) {
        let mut sensors = self.memory.sensors_mut();
        for Packed { number, packed_until } in packed {
            if let Some(sensor) = sensors.get_mut(*number) {
                sensor.recent = Vec::new();
                sensor.packed_until = *packed_until;
            }
        }
    }
}

/// One transaction of packing at work.
struct Piece<'a> {
    connection: &'a Connection,
    /// Bytes written, about.
    written: usize,
    /// Free pages of the log that are deleted.
    trimmed: usize,
    packed: Vec<Packed>,
}

/// The block where a moment belongs.
struct Place {
    number: i64,
    last_at: i64,
    full: bool,
}

impl Piece<'_> {
    /// Packs all of a sensor's recent readings.
    fn sensor(&mut self, number: u32, sensor: &Sensor) -> rusqlite::Result<()> {
        let rows = &sensor.recent;
        let (Some(last), Some(packed_id)) = (rows.last(), rows.iter().map(|row| row.id).max()) else {
            return Ok(());
        };
        for hour in rows.chunk_by(|one, next| hour_of(one.taken_at) == hour_of(next.taken_at)) {
            self.hour(number, hour)?;
        }
        let packed_until = sensor.packed_until.max(last.taken_at);
        let shown = block::encode(sensor.last.as_slice());
        let sql = "UPDATE sensor SET packed_id = ?2, packed_until = ?3, packed_last = ?4 WHERE number = ?1";
        self.connection.prepare_cached(sql)?.execute(params![number, packed_id, packed_until, shown])?;
        self.packed.push(Packed { number, packed_until });
        Ok(())
    }

    /// Puts the readings of one hour into its blocks and counts them.
    fn hour(&mut self, sensor: u32, rows: &[Row]) -> rusqlite::Result<()> {
        let Some(first) = rows.first() else { return Ok(()) };
        let hour = hour_of(first.taken_at);
        let mut rest = rows;
        while let Some(first) = rest.first() {
            let end = self.end_of_block(sensor, hour, first.taken_at)?;
            let (here, later) = rest.split_at(rest.partition_point(|row| row.taken_at < end));
            self.put(sensor, hour, here)?;
            rest = later;
        }
        self.count(sensor, hour, rows)
    }

    /// Until when readings belong into the same block as one of this moment.
    fn end_of_block(&self, sensor: u32, hour: i64, at: i64) -> rusqlite::Result<i64> {
        let sql = "SELECT min(start) FROM block WHERE sensor = ?1 AND start > ?2";
        let next: Option<i64> =
            self.connection.prepare_cached(sql)?.query_row(params![sensor, at], |row| row.get(0))?;
        let end_of_hour = (hour + 1) * HOUR;
        Ok(next.map_or(end_of_hour, |next| next.min(end_of_hour)))
    }

    /// Puts readings into the one block where they belong.
    fn put(&mut self, sensor: u32, hour: i64, rows: &[Row]) -> rusqlite::Result<()> {
        let Some(first) = rows.first() else { return Ok(()) };
        match self.place(sensor, hour, first.taken_at)? {
            None => self.insert(sensor, hour * HOUR, rows),
            Some(place) if place.full && place.last_at < first.taken_at => {
                self.insert(sensor, first.taken_at, rows)
            }
            Some(place) => self.merge(sensor, hour, &place, rows),
        }
    }

    fn place(&self, sensor: u32, hour: i64, at: i64) -> rusqlite::Result<Option<Place>> {
        let sql = "SELECT number, last_at, rows >= ?4 FROM block WHERE sensor = ?1 AND start BETWEEN ?2 AND ?3 \
                   ORDER BY start DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let place = |row: &rusqlite::Row<'_>| {
            Ok(Place { number: row.get(0)?, last_at: row.get(1)?, full: row.get(2)? })
        };
        statement.query_row(params![sensor, hour * HOUR, at, as_i64(BLOCK_ROWS)], place).optional()
    }

    fn merge(&mut self, sensor: u32, hour: i64, place: &Place, rows: &[Row]) -> rusqlite::Result<()> {
        let sql = "SELECT data FROM block WHERE number = ?1";
        let old = self.connection.prepare_cached(sql)?.query_row([place.number], |row| {
            Ok(Block::parse(row.get_ref(0)?.as_blob()?).map(|block| block.rows()))
        })?;
        let Ok(mut merged) = old else {
            tracing::error!(sensor, hour, "a block of readings is damaged: it is put aside");
            self.put_aside(place.number)?;
            return self.put(sensor, hour, rows);
        };
        merge_sorted(&mut merged, rows);
        let (here, more) = merged.split_at(merged.len().min(BLOCK_ROWS));
        let (first_id, last_id) = ids(here);
        let data = block::encode(here);
        self.written += data.len();
        let last_at = here.last().map_or(0, |row| row.taken_at);
        let sql = "UPDATE block SET last_at = ?2, first_id = ?3, last_id = ?4, rows = ?5, data = ?6 WHERE number = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![place.number, last_at, first_id, last_id, as_i64(here.len()), data])?;
        more.first().map_or(Ok(()), |first| self.insert(sensor, first.taken_at, more))
    }

    fn put_aside(&self, number: i64) -> rusqlite::Result<()> {
        let sql = "INSERT INTO damaged_block (sensor, start, data) SELECT sensor, start, data FROM block WHERE number = ?1";
        self.connection.execute(sql, [number])?;
        self.connection.execute("DELETE FROM block WHERE number = ?1", [number])?;
        Ok(())
    }

    /// New blocks: the first starts at `start`, further ones with their first reading.
    fn insert(&mut self, sensor: u32, mut start: i64, rows: &[Row]) -> rusqlite::Result<()> {
        let sql = "INSERT INTO block (sensor, start, last_at, first_id, last_id, rows, data) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (place, chunk) in rows.chunks(BLOCK_ROWS).enumerate() {
            let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else { continue };
            if place > 0 {
                start = first.taken_at;
            }
            let (first_id, last_id) = ids(chunk);
            let data = block::encode(chunk);
            self.written += data.len();
            statement.execute(params![
                sensor,
                start,
                last.taken_at,
                first_id,
                last_id,
                as_i64(chunk.len()),
                data
            ])?;
        }
        Ok(())
    }

    /// Counts newly packed readings in their hour, and in its minutes if the hour is dense.
    fn count(&mut self, sensor: u32, hour: i64, rows: &[Row]) -> rusqlite::Result<()> {
        let slot = slot(sensor, hour);
        let sql = "SELECT data FROM hour_roll WHERE slot = ?1";
        let stored = self.connection.prepare_cached(sql)?.query_row([slot], |row| row.get(0)).optional()?;
        let mut whole = stored.map(|bytes| Bucket::from_bytes(&bytes)).unwrap_or_default();
        let before = whole.count();
        for row in rows {
            whole.add(row.values);
        }
        let sql = "INSERT OR REPLACE INTO hour_roll (slot, data) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![slot, whole.to_bytes()])?;
        if whole.count() < DENSE {
            return Ok(());
        }
        let minutes = match self.minutes(slot)? {
            Some(mut minutes) if before >= DENSE => {
                for row in rows {
                    minutes.add(minute_of(row.taken_at), row.values);
                }
                minutes
            }
            Some(_) | None => self.recount(sensor, hour)?,
        };
        let data = minutes.to_bytes();
        self.written += data.len();
        let sql = "INSERT OR REPLACE INTO minute_roll (slot, data) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![slot, data])?;
        Ok(())
    }

    fn minutes(&self, slot: i64) -> rusqlite::Result<Option<Minutes>> {
        let sql = "SELECT data FROM minute_roll WHERE slot = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.query_row([slot], |row| Ok(Minutes::from_bytes(row.get_ref(0)?.as_blob()?))).optional()
    }

    /// The minutes of an hour from its blocks, where the readings that made it dense are already.
    fn recount(&self, sensor: u32, hour: i64) -> rusqlite::Result<Minutes> {
        let mut minutes = Minutes::default();
        let sql = "SELECT data FROM block WHERE sensor = ?1 AND start BETWEEN ?2 AND ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut blocks = statement.query(params![sensor, hour * HOUR, (hour + 1) * HOUR - 1])?;
        while let Some(block) = blocks.next()? {
            if let Ok(block) = Block::parse(block.get_ref(0)?.as_blob()?) {
                block.points().for_each(|(at, values)| minutes.add(minute_of(at), values));
            }
        }
        Ok(minutes)
    }
}

/// The lowest and the highest id.
fn ids(rows: &[Row]) -> (i64, i64) {
    rows.iter().fold((i64::MAX, i64::MIN), |(low, high), row| (low.min(row.id), high.max(row.id)))
}

fn as_i64(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
