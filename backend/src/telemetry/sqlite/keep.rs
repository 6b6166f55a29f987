//! Retention: readings that were measured too long ago go, block by block. Their hours stay.
//!
//! Readings are kept from the beginning of a day on, in UTC. From the moment that it is noted in the file none from
//! before is taken any more. What is still in the log is packed first, so that its hours count it. Then the blocks
//! from before are deleted in pieces; a program that starts in the middle goes on. The room in the file that they
//! leave is used again.

use std::time::{Duration, Instant};

use rusqlite::params;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::DAY;

use super::super::engine::EngineError;
use super::super::row::hour_of;
use super::super::types::Keep;
use super::{PAGE_BYTES, SqliteEngine, slot};

/// How often it is looked whether a day is over.
const LOOK: Duration = Duration::from_hours(1);
/// Blocks and sensors in one piece.
const PIECE_BLOCKS: i64 = 256;
const PIECE_SENSORS: u32 = 2_048;
/// Between two pieces, and after one that failed.
const PAUSE: Duration = Duration::from_millis(20);
const AFTER_FAILURE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Retention {
    keep: Option<Keep>,
    /// Readings measured before this are not taken.
    pub kept_from: i64,
    /// Where dropping is, if it is not through.
    pass: Option<Pass>,
    looked_at: Option<Instant>,
    pause: Duration,
}

/// One way through all sensors.
#[derive(Clone, Copy, Debug)]
struct Pass {
    /// The sensor whose turn it is.
    sensor: u32,
    /// The row of `dropped` that this pass has made.
    row: Option<i64>,
    readings: i64,
}

const BEGIN: Pass = Pass { sensor: 1, row: None, readings: 0 };

/// What a piece dropped.
#[derive(Debug)]
struct Dropped {
    first_id: i64,
    last_id: i64,
    blocks: i64,
    readings: i64,
}

/// From when on readings are kept at this moment.
pub(in super::super) const fn first_day(days: u32, now: UtcMicros) -> i64 {
    (now.0 - days as i64 * DAY).div_euclid(DAY) * DAY
}

impl Retention {
    pub fn new(keep: Option<Keep>, kept_from: i64) -> Self {
        let pass = (kept_from > 0).then_some(BEGIN);
        Self { keep, kept_from, pass, looked_at: None, pause: PAUSE }
    }

    /// For another history.
    pub fn start_over(&mut self, kept_from: i64) {
        *self = Self::new(self.keep.take(), kept_from);
    }

    /// When to go on.
    pub fn wakes_after(&self) -> Option<Duration> {
        if self.pass.is_some() {
            return Some(self.pause);
        }
        self.keep.as_ref()?;
        Some(self.looked_at.map_or(Duration::ZERO, |at| LOOK.saturating_sub(at.elapsed())))
    }

    /// From when on readings are to be kept, if that is later than it is; asked about once an hour.
    fn due(&mut self) -> Option<i64> {
        let Keep { days, clock } = self.keep.as_ref()?;
        if self.looked_at.is_some_and(|at| at.elapsed() < LOOK) {
            return None;
        }
        self.looked_at = Some(Instant::now());
        let from = first_day(*days, clock.now());
        (from > self.kept_from).then_some(from)
    }

    /// Notes that readings from before this moment are no longer taken, and begins to drop them, if that is later than
    /// it was.
    pub fn keeps_from(&mut self, kept_from: i64) {
        if kept_from > self.kept_from {
            self.kept_from = kept_from;
            self.pass = Some(BEGIN);
        }
    }

    /// Whether everything from before `kept_from` is gone.
    pub fn is_through(&self) -> bool {
        self.pass.is_none()
    }
}

impl SqliteEngine {
    /// A bounded piece.
    pub(super) fn retain_some(&mut self) -> Result<(), EngineError> {
        let done = self.begin_pass().and_then(|()| self.drop_some());
        self.retention.pause = if done.is_ok() { PAUSE } else { AFTER_FAILURE };
        done
    }

    fn begin_pass(&mut self) -> Result<(), EngineError> {
        if self.retention.pass.is_some() {
            return Ok(());
        }
        let Some(kept_from) = self.retention.due() else { return Ok(()) };
        self.keep_from(kept_from)
    }

    /// Readings from before this moment are no longer taken, and begin to go.
    pub(super) fn keep_from(&mut self, kept_from: i64) -> Result<(), EngineError> {
        self.connection.execute("UPDATE history_state SET kept_from = ?1", [kept_from])?;
        self.retention.keeps_from(kept_from);
        Ok(())
    }

    fn drop_some(&mut self) -> Result<(), EngineError> {
        let Some(mut pass) = self.retention.pass else { return Ok(()) };
        let before = self.retention.kept_from;
        let waits = |recent: &[super::Row]| recent.first().is_some_and(|row| row.taken_at < before);
        if self.memory.sensors().all().iter().any(|sensor| waits(&sensor.recent)) {
            return self.pack_piece((self.recent_limit / 4).max(1));
        }
        let sensors = u32::try_from(self.memory.sensors().all().len()).unwrap_or(u32::MAX);
        let transaction = self.connection.unchecked_transaction()?;
        let (mut blocks, first) = (0, pass.sensor);
        while pass.sensor <= sensors && pass.sensor - first < PIECE_SENSORS && blocks < PIECE_BLOCKS {
            match self.drop_of(pass.sensor, before)? {
                Some(dropped) => {
                    self.note(&mut pass, &dropped)?;
                    blocks += dropped.blocks;
                }
                None => pass.sensor += 1,
            }
        }
        transaction.commit()?;
        self.wal_pages += usize::try_from(blocks).unwrap_or_default() / (PAGE_BYTES / 256) + 3;
        if pass.sensor > sensors {
            if pass.readings > 0 {
                tracing::info!(readings = pass.readings, "readings that are no longer kept were dropped");
            }
            self.retention.pass = None;
        } else {
            self.retention.pass = Some(pass);
        }
        Ok(())
    }

    /// Drops the oldest blocks of a sensor, and their minutes. Nothing if it has none from before.
    fn drop_of(&self, sensor: u32, before: i64) -> rusqlite::Result<Option<Dropped>> {
        let sql = "SELECT max(start), min(first_id), max(last_id), count(*), sum(rows) FROM ( \
                   SELECT start, first_id, last_id, rows FROM block WHERE sensor = ?1 AND start < ?2 \
                   ORDER BY start LIMIT ?3)";
        let mut look = self.connection.prepare_cached(sql)?;
        let found = look.query_row(params![sensor, before, PIECE_BLOCKS], |row| {
            let Some(newest) = row.get::<_, Option<i64>>(0)? else { return Ok(None) };
            let (first_id, last_id) = (row.get(1)?, row.get(2)?);
            Ok(Some((newest, Dropped { first_id, last_id, blocks: row.get(3)?, readings: row.get(4)? })))
        })?;
        let Some((newest, dropped)) = found else { return Ok(None) };
        let sql = "DELETE FROM block WHERE sensor = ?1 AND start <= ?2";
        self.connection.prepare_cached(sql)?.execute(params![sensor, newest])?;
        let sql = "DELETE FROM minute_roll WHERE slot BETWEEN ?1 AND ?2";
        let slots = params![slot(sensor, 0), slot(sensor, hour_of(newest))];
        self.connection.prepare_cached(sql)?.execute(slots)?;
        Ok(Some(dropped))
    }

    /// So that the ids are neither missed nor given again.
    fn note(&self, pass: &mut Pass, dropped: &Dropped) -> rusqlite::Result<()> {
        let Dropped { first_id, last_id, readings, .. } = dropped;
        let row = if let Some(row) = pass.row {
            row
        } else {
            let sql = "INSERT INTO dropped (first_id, last_id, readings) VALUES (?1, ?2, 0)";
            self.connection.prepare_cached(sql)?.execute([first_id, last_id])?;
            self.connection.last_insert_rowid()
        };
        pass.row = Some(row);
        pass.readings += readings;
        let sql = "UPDATE dropped SET first_id = min(first_id, ?2), last_id = max(last_id, ?3), \
                   readings = readings + ?4 WHERE number = ?1";
        self.connection.prepare_cached(sql)?.execute(params![row, first_id, last_id, readings])?;
        let sql = "UPDATE history_state SET last_id = max(last_id, ?1)";
        self.connection.prepare_cached(sql)?.execute([last_id])?;
        Ok(())
    }
}
