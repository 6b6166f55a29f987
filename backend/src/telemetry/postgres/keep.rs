//! Housekeeping: readings are added to the hours and minutes, partitions are made and dropped.

use std::time::{Duration, Instant};

use tillwatch_shared::time::{DAY, HOUR, MINUTE};

use super::super::row::Row;
use super::link::LinkError;
use super::schema::{FIND_TIMESCALEDB, SHORT};
use super::write::{self, Roll};
use super::{PostgresEngine, gone};

/// What a partition holds: it is dropped as a whole.
pub(super) const WEEK: i64 = 7 * DAY;
/// Weeks around the moment a reading came that get a partition of their own. What claims to be from elsewhere,
/// mostly from a clock that is wrong, goes to the one for everything else.
const WEEKS_BEHIND: i64 = 53 * 20;
const WEEKS_AHEAD: i64 = 4;
/// Ids in one piece of rolling up, unless more wait.
const PIECE: i64 = 8_192;
/// How often retention looks for weeks to drop.
const RETENTION: Duration = Duration::from_hours(1);
/// How long making or dropping a partition may take.
const PATIENCE: Duration = Duration::from_mins(1);

impl PostgresEngine {
    /// Whether readings wait to be rolled up.
    pub(super) fn behind(&self) -> bool {
        let waiting = self.known.last_id - self.known.rolled_id;
        waiting > 0 && waiting >= i64::try_from(self.recent_limit).unwrap_or(i64::MAX)
    }

    /// One bounded piece.
    pub(super) fn keep(&mut self) -> Result<(), LinkError> {
        if self.open.is_none() {
            return Ok(());
        }
        if self.behind() {
            self.roll_some()?;
        }
        if self.kept_at.is_none_or(|at| at.elapsed() >= RETENTION) && self.retain()? {
            self.kept_at = Some(Instant::now());
        }
        Ok(())
    }

    pub(super) fn roll_some(&mut self) -> Result<(), LinkError> {
        let from_id = self.known.rolled_id;
        let piece = PIECE.max((self.known.last_id - from_id) / 4);
        let to_id = self.known.last_id.min(from_id + piece);
        let roll = self.gather(from_id, to_id);
        let Some((link, statements)) = &self.open else { return Err(gone()) };
        if !write::roll(link, statements, &roll)? {
            return Err(LinkError::Away("the database is not where this server left it".into()));
        }
        self.known.rolled_id = to_id;
        let mut sensors = self.shared.memory.sensors_mut();
        for (number, (newest, _)) in &roll.sensors {
            if let Some(sensor) = sensors.get_mut(*number) {
                sensor.recent.retain(|row| row.id > to_id);
                sensor.packed_until = sensor.packed_until.max(*newest);
            }
        }
        Ok(())
    }

    /// The hours, minutes and newest readings of a range of ids, from memory.
    fn gather(&self, from_id: i64, to_id: i64) -> Roll {
        let mut roll = Roll { from_id, to_id, ..Roll::default() };
        let sensors = self.shared.memory.sensors();
        for number in sensors.unpacked() {
            let rows = sensors.get(number).map_or(&[][..], |sensor| &sensor.recent);
            for row in rows.iter().filter(|row| row.id <= to_id) {
                let hour = roll.hours.entry((number, start(row.taken_at, HOUR))).or_default();
                hour.add(row.values);
                let minute = roll.minutes.entry((number, start(row.taken_at, MINUTE))).or_default();
                minute.add(row.values);
                let newest = roll.sensors.entry(number).or_insert((row.taken_at, *row));
                newest.0 = newest.0.max(row.taken_at);
                if newest.1.shown_at() < row.shown_at() {
                    newest.1 = *row;
                }
            }
        }
        roll
    }

    /// Makes the partitions that these readings need, and the next week's with this one's.
    pub(super) fn make_weeks(&mut self, rows: &[(u32, Row)]) -> Result<(), LinkError> {
        if self.known.hypertable {
            return Ok(());
        }
        let mut last = None;
        for (_, row) in rows {
            let week = row.taken_at.div_euclid(WEEK);
            if last == Some(week) {
                continue;
            }
            last = Some(week);
            let now = row.received_at.div_euclid(WEEK);
            if self.known.weeks.contains(&week) || !(now - WEEKS_BEHIND..=now + WEEKS_AHEAD).contains(&week) {
                continue;
            }
            self.make_week(week)?;
            if week == now && !self.known.weeks.contains(&(week + 1)) {
                self.make_week(week + 1)?;
            }
        }
        Ok(())
    }

    /// What lies in the partition for everything else and belongs into the new one is moved over.
    fn make_week(&mut self, week: i64) -> Result<(), LinkError> {
        let Some((link, _)) = &self.open else { return Err(gone()) };
        let (from, to) = (week * WEEK, (week + 1) * WEEK);
        let one = |table: &str, column: &str| {
            let part = format!("{table}_{}", label(week));
            format!(
                "CREATE TABLE {part} (LIKE {table} INCLUDING ALL); \
                 WITH moved AS (DELETE FROM {table}_other WHERE {column} >= {from} AND {column} < {to} RETURNING *) \
                 INSERT INTO {part} SELECT * FROM moved; \
                 ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES FROM ({from}) TO ({to}); "
            )
        };
        let sql = format!(
            "BEGIN; {}{}INSERT INTO week (number) VALUES ({week}); COMMIT",
            one("reading", "taken_at"),
            one("minute_roll", "start"),
        );
        link.run(PATIENCE, link.client.batch_execute(&sql))?;
        self.known.weeks.insert(week);
        Ok(())
    }

    /// Drops the weeks that are over for longer than readings are kept. Hours stay.
    /// False if readings must be rolled up first, of which this did a piece.
    fn retain(&mut self) -> Result<bool, LinkError> {
        let (Some(days), Some((link, _))) = (self.keep_days, &self.open) else { return Ok(true) };
        // By the database's clock, so that a device with a wrong one cannot make history go.
        let now = "SELECT (extract(epoch FROM now()) * 1000000)::bigint";
        let now: i64 = link.run(SHORT, link.client.query_one(now, &[]))?.try_get(0)?;
        let kept_from = start(now - i64::from(days) * DAY, WEEK);
        if kept_from <= self.known.kept_from {
            return Ok(true);
        }
        // What is not counted in the hours yet must not go.
        let sql = "SELECT EXISTS (SELECT FROM reading r, history_state s WHERE r.id > s.rolled_id AND r.taken_at < $1)";
        let uncounted: bool = link.run(PATIENCE, link.client.query_one(sql, &[&kept_from]))?.try_get(0)?;
        if uncounted {
            self.roll_some()?;
            return Ok(false);
        }
        let gone_weeks: Vec<i64> = self.known.weeks.range(..kept_from / WEEK).copied().collect();
        link.run(PATIENCE, link.client.batch_execute(&self.drop_sql(&gone_weeks, kept_from)))?;
        self.known.weeks = self.known.weeks.split_off(&(kept_from / WEEK));
        self.known.kept_from = kept_from;
        if !gone_weeks.is_empty() {
            tracing::info!(weeks = gone_weeks.len(), days, "readings that are no longer kept were dropped");
        }
        Ok(true)
    }

    fn drop_sql(&self, weeks: &[i64], kept_from: i64) -> String {
        let note = |table: &str, week: i64| {
            format!(
                "INSERT INTO dropped (week, first_id, last_id, readings) \
                 SELECT {week}, min(id), max(id), count(*) FROM {table} WHERE taken_at < {kept_from} HAVING count(*) > 0; "
            )
        };
        let mut parts = vec![format!("BEGIN; UPDATE history_state SET kept_from = {kept_from}; ")];
        if self.known.hypertable {
            parts.push(FIND_TIMESCALEDB.into());
            parts.push(note("reading", kept_from / WEEK));
            let chunks =
                |table| format!("SELECT drop_chunks('{table}', older_than => {kept_from}::bigint); ");
            parts.extend(["reading", "minute_roll"].map(chunks));
        } else {
            for week in weeks {
                let label = label(*week);
                parts.push(note(&format!("reading_{label}"), *week));
                parts.push(format!("DROP TABLE reading_{label}, minute_roll_{label}; "));
                parts.push(format!("DELETE FROM week WHERE number = {week}; "));
            }
            parts.push(note("reading_other", kept_from / WEEK));
            parts.push(format!("DELETE FROM reading_other WHERE taken_at < {kept_from}; "));
            parts.push(format!("DELETE FROM minute_roll_other WHERE start < {kept_from}; "));
        }
        parts.push("COMMIT".into());
        parts.concat()
    }
}

/// The part of a week's name in the names of its tables: the day it begins, in UTC.
fn label(week: i64) -> String {
    jiff::Timestamp::from_microsecond(week * WEEK)
        .map_or_else(|_| format!("w{week}"), |begin| begin.strftime("%Y%m%d").to_string())
}

fn start(at: i64, width: i64) -> i64 {
    at.div_euclid(width) * width
}
