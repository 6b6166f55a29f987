//! Giving the history to another engine, and taking one.

use std::collections::BTreeMap;
use std::time::Duration;

use tillwatch_shared::SensorId;

use super::super::block;
use super::super::copy::{Hour, Named, Origin, Outline, Target, too_many};
use super::super::engine::EngineError;
use super::super::portion::Portion;
use super::super::row::Row;
use super::super::staging::{Staged, Taking};
use super::super::types::ReadError;
use super::keep::WEEK;
use super::link::{Link, LinkError};
use super::load::{self, NUMBERED, numbered};
use super::look::Unknown;
use super::write::{self, FIGURES, bucket, small};
use super::{PostgresEngine, PostgresHistory, gone};

/// Ids in one portion.
const PORTION: i64 = 50_000;
const HOURS: i64 = 8_192;
/// Readings in one commit.
const COMMIT_ROWS: usize = 20_000;
/// How long one piece may take.
const PIECE: Duration = Duration::from_mins(5);

impl From<LinkError> for EngineError {
    fn from(error: LinkError) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<tokio_postgres::Error> for EngineError {
    fn from(error: tokio_postgres::Error) -> Self {
        LinkError::from(error).into()
    }
}

impl Origin for PostgresHistory {
    fn outline(&self) -> Result<Outline, ReadError> {
        self.read(|link| {
            let sources = load::sources(link)?;
            let sensors = load::sensors(link, &sources)?.all().iter().map(Named::of).collect();
            let keys = load::keys(link)?.into_iter().collect();
            let sql = "SELECT kept_from, (SELECT coalesce(max(last_id), 0) FROM writer) FROM history_state";
            let state = link.run(PIECE, link.client.query_one(sql, &[]))?;
            let sql = "SELECT first_id, last_id, readings FROM dropped";
            let dropped = link.run(PIECE, link.client.query(sql, &[]))?;
            let dropped = dropped.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)));
            let dropped = dropped.collect::<Result<_, tokio_postgres::Error>>()?;
            let (kept_from, last_id) = (state.try_get(0)?, state.try_get(1)?);
            Ok(Outline { kept_from, last_id, sensors, keys, dropped })
        })
    }

    fn portion(&self, after: i64, last_id: i64) -> Result<(Portion, i64), ReadError> {
        let upto = last_id.min(after.saturating_add(PORTION));
        self.read(|link| {
            let sources = load::sources(link)?;
            let sensors = load::sensors(link, &sources)?;
            let sql = format!("SELECT {NUMBERED} FROM reading WHERE id > $1 AND id <= $2 ORDER BY id");
            let rows = link.run(PIECE, link.client.query(&sql, &[&after, &upto]))?;
            let rows = rows.iter().map(numbered).collect::<Result<Vec<_>, _>>()?;
            let id_of = |number| sensors.get(number).map(|sensor| sensor.id.clone());
            Ok((Portion::new(&rows, id_of, |number| sources.address(number)), upto))
        })
    }

    fn hours(&self, after: (u32, i64), before: i64) -> Result<Vec<Hour>, ReadError> {
        let sql = format!(
            "SELECT sensor, start, readings, {} FROM hour_roll \
             WHERE (sensor, start) > ($1, $2) AND start < $3 ORDER BY sensor, start LIMIT $4",
            FIGURES.join(", "),
        );
        let (sensor, start) = (small(after.0), after.1);
        self.read(|link| {
            let rows = link.run(PIECE, link.client.query(&sql, &[&sensor, &start, &before, &HOURS]))?;
            rows.iter().map(hour).collect()
        })
    }
}

fn hour(row: &tokio_postgres::Row) -> Result<Hour, ReadError> {
    let sensor: i32 = row.try_get(0)?;
    let bucket = bucket(row, 2)?;
    Ok(Hour { sensor: u32::try_from(sensor).unwrap_or_default(), start: row.try_get(1)?, bucket })
}

impl PostgresEngine {
    fn connected(&self) -> Result<&Link, LinkError> {
        self.open.as_ref().map(|(link, _)| link).ok_or_else(gone)
    }

    /// Stages what does not come from a device, and commits it.
    fn store_copied<T>(
        &mut self,
        stage: impl FnOnce(&mut Taking<'_, Unknown>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let mut staged = Staged::new(self.next_id);
        let done = {
            let sensors = self.shared.memory.sensors();
            let keys = self.shared.memory.keys();
            stage(&mut Taking {
                moments: Unknown,
                sensors: &sensors,
                sources: &self.sources,
                keys: &keys,
                sensor_limit: self.sensor_limit,
                kept_from: self.known.kept_from,
                staged: &mut staged,
            })?
        };
        self.commit += 1;
        self.send(&staged)?;
        self.publish(staged);
        Ok(done)
    }

    /// The newest readings of sensors that have none any more.
    fn put_last(&mut self, last: &[(u32, Row)]) -> Result<(), LinkError> {
        let numbers: Vec<i32> = last.iter().map(|(number, _)| small(*number)).collect();
        let taken: Vec<i64> = last.iter().map(|(_, row)| row.taken_at).collect();
        let shown: Vec<i64> = last.iter().map(|(_, row)| row.shown_at().0).collect();
        let ids: Vec<i64> = last.iter().map(|(_, row)| row.id).collect();
        let rows: Vec<Vec<u8>> = last.iter().map(|(_, row)| block::encode(&[*row])).collect();
        let sql = "UPDATE sensor s SET rolled_until = u.taken, last_at = u.at, last_id = u.id, last_row = u.bytes \
                   FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int8[], $5::bytea[]) \
                       AS u (number, taken, at, id, bytes) \
                   WHERE s.number = u.number AND s.last_row IS NULL";
        let link = self.connected()?;
        link.run(PIECE, link.client.execute(sql, &[&numbers, &taken, &shown, &ids, &rows]))?;
        let mut sensors = self.shared.memory.sensors_mut();
        for (number, row) in last {
            let Some(sensor) = sensors.get_mut(*number) else { continue };
            sensor.note_last(row, |number| self.sources.address(number));
            sensor.packed_until = sensor.packed_until.max(row.taken_at);
        }
        Ok(())
    }

    fn put_dropped(&self, dropped: &[(i64, i64, i64)], kept_from: i64) -> Result<(), LinkError> {
        let column = |pick: fn(&(i64, i64, i64)) -> i64| dropped.iter().map(pick).collect::<Vec<_>>();
        let (first, last, readings) = (column(|d| d.0), column(|d| d.1), column(|d| d.2));
        let sql = "INSERT INTO dropped (week, first_id, last_id, readings) \
                   SELECT $4, u.* FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS u (first_id, last_id, readings) \
                   WHERE NOT EXISTS (SELECT FROM dropped d WHERE (d.first_id, d.last_id) = (u.first_id, u.last_id))";
        let link = self.connected()?;
        link.run(PIECE, link.client.execute(sql, &[&first, &last, &readings, &(kept_from / WEEK)]))?;
        Ok(())
    }
}

impl Target for PostgresEngine {
    fn last_id(&self) -> i64 {
        self.known.last_id
    }

    fn settle(&mut self) -> Result<(), EngineError> {
        while !self.spool.is_empty() {
            self.replay()?;
        }
        while self.known.rolled_id < self.known.last_id {
            self.roll_some()?;
        }
        Ok(())
    }

    fn adopt_outline(&mut self, outline: &Outline) -> Result<(), EngineError> {
        let link = self.connected()?;
        let sql = "UPDATE history_state SET unfinished = true, kept_from = greatest(kept_from, $1)";
        link.run(PIECE, link.client.execute(sql, &[&outline.kept_from]))?;
        self.known.kept_from = self.known.kept_from.max(outline.kept_from);
        let last = self.store_copied(|taking| outline.stage(taking))?;
        self.put_last(&last)?;
        Ok(self.put_dropped(&outline.dropped, outline.kept_from)?)
    }

    fn adopt_hours(&mut self, hours: &[Hour]) -> Result<(), EngineError> {
        let hours: BTreeMap<_, _> =
            hours.iter().map(|hour| ((hour.sensor, hour.start), hour.bucket)).collect();
        Ok(write::put_hours(self.connected()?, &hours)?)
    }

    fn number(&self, id: &SensorId) -> Option<u32> {
        self.shared.memory.sensors().find(id)
    }

    fn adopt(&mut self, portion: &Portion) -> Result<(), EngineError> {
        for rows in portion.rows.chunks(COMMIT_ROWS) {
            self.store_copied(|taking| if taking.adopt(portion, rows) { Ok(()) } else { Err(too_many()) })?;
            while self.behind() {
                self.roll_some()?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, last_id: i64) -> Result<(), EngineError> {
        if last_id > self.known.last_id {
            self.next_id = last_id + 1;
            self.store_copied(|_| Ok(()))?;
        }
        let link = self.connected()?;
        link.run(PIECE, link.client.execute("UPDATE history_state SET unfinished = false", &[]))?;
        Ok(())
    }
}
