//! The file of messages. Each step is one transaction, on disk when it returns.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tillwatch_shared::api::{AlarmStep, AlarmStepKind};
use tillwatch_shared::{AlarmId, UtcMicros};
use uuid::Uuid;

use crate::domain::rows;
use crate::steps::lift;

pub const TOLD_FILE: &str = "told.sqlite";
const STEPS: &[&str] = &[include_str!("0001_told.sql")];
/// Messages that are done are kept for so long.
const KEEP: i64 = 400 * tillwatch_shared::time::DAY;

#[derive(Debug)]
pub struct Store(Mutex<Connection>);

/// A message for one recipient.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub key: Uuid,
    pub alarm: AlarmId,
    pub recipient: String,
    pub body: String,
    pub only_open: bool,
    pub due_at: UtcMicros,
}

/// How a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Post,
    Mail,
}

impl Way {
    pub fn to(recipient: &str) -> Self {
        if recipient.starts_with(super::MAIL) { Self::Mail } else { Self::Post }
    }
}

/// One that is due.
#[derive(Clone, Debug)]
pub struct Due {
    pub id: i64,
    pub tries: i64,
    pub message: Message,
}

/// What became of a message.
#[derive(Clone, Debug)]
pub enum Outcome {
    Told,
    /// Nobody needs it any more.
    Needless,
    /// It is tried again then; `None`: no more.
    Failed {
        error: String,
        again_at: Option<UtcMicros>,
    },
}

impl Store {
    /// Opens or makes the file. A new one begins at this place of the journal: nobody is told of old things.
    pub fn open(dir: &Path, tip: i64) -> rusqlite::Result<Self> {
        let mut db = Connection::open(dir.join(TOLD_FILE))?;
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        db.pragma_update(None, "synchronous", "FULL")?;
        let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        lift(&mut db, found, STEPS)?;
        db.execute("INSERT OR IGNORE INTO place (id, seq) VALUES (1, ?1)", [tip])?;
        // A ledger that was restored ends before what was read of the other one.
        db.execute("UPDATE place SET seq = min(seq, ?1)", [tip])?;
        Ok(Self(Mutex::new(db)))
    }

    /// How far the journal was read.
    pub fn place(&self) -> rusqlite::Result<i64> {
        self.lock().query_row("SELECT seq FROM place", [], |row| row.get(0))
    }

    /// Takes messages in, with the place up to which the journal gave them. One that is known stays as it is.
    pub fn add(&self, messages: &[Message], place: i64, now: UtcMicros) -> rusqlite::Result<()> {
        let mut db = self.lock();
        let transaction = db.transaction()?;
        for message in messages {
            rows::run(
                &transaction,
                "INSERT OR IGNORE INTO message (key, alarm, recipient, body, only_open, due_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    message.key.as_bytes().as_slice(),
                    message.alarm.0.as_bytes().as_slice(),
                    &message.recipient,
                    &message.body,
                    message.only_open,
                    message.due_at.0,
                ),
            )?;
        }
        rows::run(&transaction, "UPDATE place SET seq = ?1", [place])?;
        rows::run(&transaction, "DELETE FROM message WHERE done_at < ?1", [now.plus(-KEEP).0])?;
        transaction.commit()
    }

    /// Messages of one way whose time has come, the longest waiting first.
    pub fn due(&self, way: Way, now: UtcMicros, limit: u32) -> rusqlite::Result<Vec<Due>> {
        rows::all(
            &self.lock(),
            "SELECT id, tries, key, alarm, recipient, body, only_open, due_at FROM message
             WHERE done_at IS NULL AND due_at <= ?1 AND (substr(recipient, 1, length(?3)) = ?3) = ?4
             ORDER BY due_at, id LIMIT ?2",
            (now.0, limit, super::MAIL, way == Way::Mail),
            |row| {
                let message = Message {
                    key: rows::id(row, 2)?,
                    alarm: AlarmId(rows::id(row, 3)?),
                    recipient: row.get(4)?,
                    body: row.get(5)?,
                    only_open: row.get(6)?,
                    due_at: UtcMicros(row.get(7)?),
                };
                Ok(Due { id: row.get(0)?, tries: row.get(1)?, message })
            },
        )
    }

    pub fn settle(&self, id: i64, outcome: &Outcome, now: UtcMicros) -> rusqlite::Result<()> {
        let db = self.lock();
        match outcome {
            Outcome::Told => rows::run(
                &db,
                "UPDATE message SET done_at = ?2, told = 1, error = NULL, tries = tries + 1 WHERE id = ?1",
                (id, now.0),
            ),
            Outcome::Needless => rows::run(&db, "UPDATE message SET done_at = ?2 WHERE id = ?1", (id, now.0)),
            Outcome::Failed { error, again_at } => rows::run(
                &db,
                "UPDATE message SET error = ?2, tries = tries + 1, due_at = coalesce(?3, due_at),
                     done_at = iif(?3 IS NULL, ?4, NULL) WHERE id = ?1",
                (id, error, again_at.map(|at| at.0), now.0),
            ),
        }
        .map(drop)
    }

    /// What was told, and what fails, of an alarm.
    pub fn steps(&self, alarm: AlarmId) -> rusqlite::Result<Vec<AlarmStep>> {
        rows::all(
            &self.lock(),
            "SELECT coalesce(done_at, due_at), told, recipient, error FROM message
             WHERE alarm = ?1 AND (told OR error IS NOT NULL) ORDER BY id",
            [alarm.0.as_bytes().as_slice()],
            |row| {
                let told: bool = row.get(1)?;
                let (recipient, error): (String, Option<String>) = (row.get(2)?, row.get(3)?);
                let place = super::shown(&recipient);
                let detail = error.map_or_else(|| place.clone(), |error| format!("{place}: {error}"));
                let what = if told { AlarmStepKind::Told } else { AlarmStepKind::NotTold };
                Ok(AlarmStep { at: UtcMicros(row.get(0)?), what, person_name: None, detail: Some(detail) })
            },
        )
    }

    /// Messages that wait.
    pub fn waiting(&self) -> rusqlite::Result<i64> {
        self.lock().query_row("SELECT count(*) FROM message WHERE done_at IS NULL", [], |row| row.get(0))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
