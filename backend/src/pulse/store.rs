//! The file: opening it, one transaction for a batch, and removing what is old.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Transaction, params};
use tillwatch_shared::api::{Gap, PulseRetention, PulseRetentionSetting, TerminalAbout};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{PersonId, UtcMicros};

use super::OpenError;
use super::exchange::{Line, Plan, Silence};
use super::registry::Kept;
use crate::domain::rows;
use crate::ledger::open;
use crate::steps;

/// Each lifts the file by one form; the first makes it.
const MIGRATIONS: [&str; 4] = [
    include_str!("0001_pulse.sql"),
    include_str!("0002_forgotten.sql"),
    include_str!("0003_about.sql"),
    include_str!("0004_gaps.sql"),
];
/// Gaps are kept for as long as a rule can be tried on them.
const GAPS_KEPT: i64 = 366 * DAY;
/// Messages in a span: what a removal takes away at once, and what a question reads at least.
const SPAN_MESSAGES: i64 = 4_096;

/// The writing half of the file.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
    next_id: i64,
    pub next_key: i64,
    spans: VecDeque<Closed>,
    open: Open,
}

/// What the file holds when it is opened.
#[derive(Debug)]
pub(super) struct Loaded {
    pub terminals: Vec<(Arc<str>, Kept)>,
    pub retention: PulseRetentionSetting,
}

/// A span that is complete.
#[derive(Clone, Copy, Debug)]
struct Closed {
    first_id: i64,
    last_id: i64,
    max_at: i64,
}

/// The span that grows.
#[derive(Clone, Debug)]
struct Open {
    first_id: i64,
    min_at: i64,
    max_at: i64,
    terminals: BTreeSet<i64>,
}

impl Open {
    const fn at(first_id: i64) -> Self {
        Self { first_id, min_at: i64::MAX, max_at: i64::MIN, terminals: BTreeSet::new() }
    }

    fn add(&mut self, at: i64, terminal: i64) {
        self.min_at = self.min_at.min(at);
        self.max_at = self.max_at.max(at);
        self.terminals.insert(terminal);
    }
}

impl Store {
    pub fn open(path: &Path, now: UtcMicros) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Database { path: path.to_owned(), source };
        let mut connection = Connection::open(path).map_err(failed)?;
        open::configure(&connection).map_err(failed)?;
        let known = MIGRATIONS.len() as i64;
        let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
        if !(0..=known).contains(&found) {
            return Err(OpenError::Newer { path: path.to_owned(), found, known });
        }
        steps::lift(&mut connection, found, &MIGRATIONS).map_err(failed)?;
        let begin = "UPDATE setting SET gaps_since = ?1 WHERE gaps_since IS NULL";
        connection.execute(begin, [now.0]).map_err(failed)?;
        let mut store =
            Self { connection, next_id: 1, next_key: 1, spans: VecDeque::new(), open: Open::at(1) };
        store.resume().map_err(failed)?;
        Ok(store)
    }

    /// Finds where the file ends.
    fn resume(&mut self) -> rusqlite::Result<()> {
        let db = &self.connection;
        let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
        let given = number("SELECT next_id FROM setting")?;
        self.next_id = given.max(number("SELECT coalesce(max(id), 0) + 1 FROM message")?);
        self.next_key = number("SELECT coalesce(max(key), 0) + 1 FROM terminal")?;
        let closed = |row: &rusqlite::Row<'_>| {
            Ok(Closed { first_id: row.get(0)?, last_id: row.get(1)?, max_at: row.get(2)? })
        };
        let sql = "SELECT first_id, last_id, max_at FROM span ORDER BY first_id";
        self.spans = rows::all(db, sql, [], closed)?.into();
        let after = self.spans.back().map_or(0, |span| span.last_id);
        let first = db.query_row("SELECT min(id) FROM message WHERE id > ?1", [after], |row| row.get(0));
        let mut open = Open::at(first.map(|first: Option<i64>| first.unwrap_or(self.next_id))?);
        let tail = rows::all(db, "SELECT at, terminal FROM message WHERE id > ?1", [after], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        for (at, terminal) in tail {
            open.add(at, terminal);
        }
        self.open = open;
        Ok(())
    }

    pub fn load(&self) -> rusqlite::Result<Loaded> {
        let db = &self.connection;
        let sql =
            "SELECT client, key, person, value, step, last_contact_at, gaps, longest_gap_micros, gap_from,
                   gap_to, messages, person_id, version, unsent, refused, unsent_since, unsent_at_first,
                   clock_behind_micros, told_at
             FROM terminal LEFT JOIN about ON about.terminal = terminal.key WHERE forgotten_at_id IS NULL";
        let terminals = rows::all(db, sql, [], |row| {
            let gap: (Option<i64>, Option<i64>) = (row.get(8)?, row.get(9)?);
            let kept = Kept {
                key: row.get(1)?,
                person: row.get(2)?,
                value: row.get(3)?,
                step: row.get(4)?,
                last_contact: UtcMicros(row.get(5)?),
                gaps: count(row.get(6)?),
                longest_gap: row.get(7)?,
                last_gap: gap.0.zip(gap.1).map(|(from, to)| Gap { from: UtcMicros(from), to: UtcMicros(to) }),
                messages: count(row.get(10)?),
                person_id: rows::id_opt(row, 11)?.map(PersonId),
                about: about(row)?,
            };
            Ok((row.get(0)?, kept))
        })?;
        let sql = "SELECT days, rows, changed_by, changed_at FROM setting";
        let retention = db.query_row(sql, [], |row| {
            Ok(PulseRetentionSetting {
                days: row.get(0)?,
                rows: count(row.get(1)?),
                changed_by: row.get(2)?,
                changed_at: row.get::<_, Option<i64>>(3)?.map(UtcMicros),
            })
        })?;
        Ok(Loaded { terminals, retention })
    }

    /// Stores a batch: all of it or nothing.
    pub fn commit(&mut self, plan: &Plan) -> rusqlite::Result<()> {
        let mut open = self.open.clone();
        let transaction = self.connection.transaction()?;
        for (id, line) in (self.next_id..).zip(&plan.lines) {
            insert(&transaction, id, line)?;
            open.add(line.at.0, line.terminal);
        }
        for silence in &plan.gaps {
            keep_gap(&transaction, silence)?;
        }
        for (client, kept) in &plan.touched {
            upsert(&transaction, client, kept)?;
            if let Some(about) = kept.about.as_ref().filter(|_| plan.told.contains(&kept.key)) {
                tell(&transaction, kept.key, about)?;
            }
        }
        let next_id = self.next_id + plan.lines.len() as i64;
        let full = next_id - open.first_id >= SPAN_MESSAGES;
        let closed = Closed { first_id: open.first_id, last_id: next_id - 1, max_at: open.max_at };
        if full {
            close_span(&transaction, closed, &open)?;
        }
        transaction.commit()?;
        if full {
            self.spans.push_back(closed);
            open = Open::at(next_id);
        }
        self.open = open;
        self.next_id = next_id;
        self.next_key = plan.next_key;
        Ok(())
    }

    pub fn set_retention(&self, setting: &PulseRetentionSetting) -> rusqlite::Result<()> {
        let PulseRetentionSetting { days, rows, changed_by, changed_at } = setting;
        let rows = i64::try_from(*rows).unwrap_or(i64::MAX);
        self.connection.execute(
            "UPDATE setting SET days = ?1, rows = ?2, changed_by = ?3, changed_at = ?4",
            params![days, rows, changed_by, changed_at.map(|at| at.0)],
        )?;
        Ok(())
    }

    /// Forgets a terminal: its row stays for the messages that are in the log.
    pub fn forget(&self, key: i64) -> rusqlite::Result<()> {
        let sql = "UPDATE terminal SET forgotten_at_id = ?2 WHERE key = ?1";
        self.connection.execute(sql, (key, self.next_id - 1)).map(drop)
    }

    /// Removes the oldest span if it is not to be kept, and says whether it did. Ids and the messages' times
    /// decide; a span goes when the last of it is too old, or when enough messages are behind it.
    pub fn remove_old(&mut self, keep: PulseRetention, now: UtcMicros) -> rusqlite::Result<bool> {
        let oldest = now.plus(-i64::from(keep.days).saturating_mul(DAY)).0;
        if self.spans.is_empty() && self.open.first_id < self.next_id && self.open.max_at < oldest {
            self.close_open()?;
        }
        let Some(span) = self.spans.front().copied() else { return Ok(false) };
        let behind = count(self.next_id - 1 - span.last_id);
        if span.max_at >= oldest && behind < keep.rows {
            return Ok(false);
        }
        let transaction = self.connection.transaction()?;
        rows::run(
            &transaction,
            "DELETE FROM message WHERE id BETWEEN ?1 AND ?2",
            (span.first_id, span.last_id),
        )?;
        rows::run(&transaction, "DELETE FROM span WHERE first_id = ?1", [span.first_id])?;
        rows::run(&transaction, "DELETE FROM terminal WHERE forgotten_at_id <= ?1", [span.last_id])?;
        rows::run(&transaction, "DELETE FROM about WHERE terminal NOT IN (SELECT key FROM terminal)", [])?;
        rows::run(&transaction, "DELETE FROM gap WHERE to_at < ?1", [now.plus(-GAPS_KEPT).0])?;
        rows::run(&transaction, "UPDATE setting SET next_id = ?1", [self.next_id])?;
        transaction.commit()?;
        self.spans.pop_front();
        Ok(true)
    }

    /// Ends the span that grows, so that it can be removed.
    fn close_open(&mut self) -> rusqlite::Result<()> {
        let closed =
            Closed { first_id: self.open.first_id, last_id: self.next_id - 1, max_at: self.open.max_at };
        let transaction = self.connection.transaction()?;
        close_span(&transaction, closed, &self.open)?;
        transaction.commit()?;
        self.spans.push_back(closed);
        self.open = Open::at(self.next_id);
        Ok(())
    }
}

fn insert(db: &Transaction<'_>, id: i64, line: &Line) -> rusqlite::Result<()> {
    let sql = "INSERT INTO message (id, at, terminal, sent, content) VALUES (?1, ?2, ?3, ?4, ?5)";
    rows::run(db, sql, params![id, line.at.0, line.terminal, line.sent, line.content]).map(drop)
}

fn keep_gap(db: &Transaction<'_>, silence: &Silence) -> rusqlite::Result<()> {
    let Silence { terminal, person, gap } = silence;
    let sql = "INSERT INTO gap (terminal, person_id, from_at, to_at) VALUES (?1, ?2, ?3, ?4)";
    rows::run(db, sql, params![terminal, person.0.into_bytes(), gap.from.0, gap.to.0]).map(drop)
}

fn upsert(db: &Transaction<'_>, client: &str, kept: &Kept) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO terminal (key, client, person, value, step, last_contact_at, gaps, longest_gap_micros,
                                     gap_from, gap_to, messages, person_id)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
               ON CONFLICT (key) DO UPDATE SET person = ?3, value = ?4, step = ?5, last_contact_at = ?6,
                   gaps = ?7, longest_gap_micros = ?8, gap_from = ?9, gap_to = ?10, messages = ?11,
                   person_id = ?12";
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let params = params![
        kept.key,
        client,
        kept.person,
        kept.value,
        kept.step,
        kept.last_contact.0,
        number(kept.gaps),
        kept.longest_gap,
        kept.last_gap.map(|gap| gap.from.0),
        kept.last_gap.map(|gap| gap.to.0),
        number(kept.messages),
        kept.person_id.map(|id| id.0.into_bytes()),
    ];
    rows::run(db, sql, params).map(drop)
}

fn tell(db: &Transaction<'_>, key: i64, about: &TerminalAbout) -> rusqlite::Result<()> {
    let sql =
        "INSERT OR REPLACE INTO about (terminal, version, unsent, refused, unsent_since, unsent_at_first,
                                             clock_behind_micros, told_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let params = params![
        key,
        about.version,
        about.unsent,
        about.refused,
        about.unsent_since.map(|at| at.0),
        about.unsent_at_first,
        about.clock_behind_micros,
        about.told_at.0,
    ];
    rows::run(db, sql, params).map(drop)
}

/// What a terminal told of itself, from the row of [`Store::load`].
fn about(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<TerminalAbout>> {
    let Some(version) = row.get(12)? else { return Ok(None) };
    Ok(Some(TerminalAbout {
        version,
        unsent: row.get(13)?,
        refused: row.get(14)?,
        unsent_since: row.get::<_, Option<i64>>(15)?.map(UtcMicros),
        unsent_at_first: row.get(16)?,
        clock_behind_micros: row.get(17)?,
        told_at: UtcMicros(row.get(18)?),
    }))
}

fn close_span(db: &Transaction<'_>, closed: Closed, open: &Open) -> rusqlite::Result<()> {
    let keys: Vec<String> = open.terminals.iter().map(ToString::to_string).collect();
    let sql = "INSERT INTO span (first_id, last_id, min_at, max_at, terminals) VALUES (?1, ?2, ?3, ?4, ?5)";
    let terminals = format!("[{}]", keys.join(","));
    rows::run(db, sql, params![closed.first_id, closed.last_id, open.min_at, open.max_at, terminals])
        .map(drop)
}

/// A count from its column; less than none is none.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
