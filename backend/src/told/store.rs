//! The file of messages. Each step is one transaction, on disk when it returns.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tillwatch_shared::api::{AlarmStep, AlarmStepKind};
use tillwatch_shared::{AlarmId, UtcMicros};
use uuid::Uuid;

use crate::domain::rows;
use crate::domain::told::NoteTold;
use crate::steps::lift;

pub const TOLD_FILE: &str = "told.sqlite";
const STEPS: &[&str] = &[include_str!("0001_told.sql"), include_str!("0002_group.sql")];
/// Messages that are done are kept for so long.
const KEEP: i64 = 400 * tillwatch_shared::time::DAY;

#[derive(Debug)]
pub struct Store {
    db: Mutex<Connection>,
    /// What became of a message is noted in the journal.
    in_group: bool,
}

/// What the ledger says when the file is opened.
#[derive(Clone, Debug, Default)]
pub struct Beginning {
    /// Where the journal ends.
    pub tip: i64,
    /// In a group of servers: the alarms that are open, oldest first, each with the place at which it was opened.
    pub open: Option<Vec<(i64, AlarmId)>>,
}

/// How far the journal was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub seq: i64,
    /// In a group: of what was opened until then, nobody may have noted who was told.
    pub since: Option<i64>,
}

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
    /// Another server of the group noted so, then.
    Noted {
        told: bool,
        at: UtcMicros,
    },
    /// Nobody needs it any more.
    Needless,
    /// It is tried again then; `None`: no more.
    Failed {
        error: String,
        again_at: Option<UtcMicros>,
    },
}

impl Outcome {
    /// Whether it was told, where nobody tries again because of what was done here.
    pub const fn end(&self) -> Option<bool> {
        match self {
            Self::Told => Some(true),
            Self::Failed { again_at: None, .. } => Some(false),
            Self::Failed { again_at: Some(_), .. } | Self::Noted { .. } | Self::Needless => None,
        }
    }
}

impl Store {
    /// Opens or makes the file. A new one begins where the journal ends: nobody is told of old things. In a group it
    /// begins before the oldest alarm that is open, which whoever coordinated may not have told yet.
    pub fn open(dir: &Path, beginning: &Beginning) -> rusqlite::Result<Self> {
        let mut db = Connection::open(dir.join(TOLD_FILE))?;
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        db.pragma_update(None, "synchronous", "FULL")?;
        let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        lift(&mut db, found, STEPS)?;
        let transaction = db.transaction()?;
        transaction.execute("INSERT OR IGNORE INTO place (id, seq) VALUES (1, ?1)", [beginning.tip])?;
        set_back(&transaction, beginning.tip)?;
        match &beginning.open {
            Some(open) => come_in(&transaction, beginning.tip, open)?,
            None => rows::run(&transaction, "UPDATE place SET since = NULL", []).map(drop)?,
        }
        transaction.commit()?;
        Ok(Self { db: Mutex::new(db), in_group: beginning.open.is_some() })
    }

    pub fn place(&self) -> rusqlite::Result<Place> {
        self.lock().query_row("SELECT seq, since FROM place", [], |row| {
            Ok(Place { seq: row.get(0)?, since: row.get(1)? })
        })
    }

    /// For a ledger that became another one, which ends there.
    pub fn set_back(&self, tip: i64) -> rusqlite::Result<()> {
        set_back(&self.lock(), tip)
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
                "UPDATE message SET done_at = ?2, told = 1, error = NULL, tries = tries + 1, to_note = ?3
                 WHERE id = ?1",
                (id, now.0, self.in_group),
            ),
            Outcome::Noted { told, at } => rows::run(
                &db,
                "UPDATE message SET done_at = ?2, told = ?3, error = iif(?3, NULL, error) WHERE id = ?1",
                (id, at.0, told),
            ),
            Outcome::Needless => rows::run(&db, "UPDATE message SET done_at = ?2 WHERE id = ?1", (id, now.0)),
            Outcome::Failed { error, again_at } => rows::run(
                &db,
                "UPDATE message SET error = ?2, tries = tries + 1, due_at = coalesce(?3, due_at),
                     done_at = iif(?3 IS NULL, ?4, NULL), to_note = (?3 IS NULL AND ?5) WHERE id = ?1",
                (id, error, again_at.map(|at| at.0), now.0, self.in_group),
            ),
        }
        .map(drop)
    }

    /// Nobody is sent a message of this way before then.
    pub fn hold_back(&self, way: Way, until: UtcMicros) -> rusqlite::Result<()> {
        rows::run(
            &self.lock(),
            "UPDATE message SET due_at = ?1
             WHERE done_at IS NULL AND due_at < ?1 AND (substr(recipient, 1, length(?2)) = ?2) = ?3",
            (until.0, super::MAIL, way == Way::Mail),
        )
        .map(drop)
    }

    /// Messages that are still owed, as far as is known here, the longest waiting first.
    pub fn owed(&self, limit: u32) -> rusqlite::Result<Vec<(i64, Uuid)>> {
        let sql = "SELECT id, key FROM message WHERE done_at IS NULL ORDER BY due_at, id LIMIT ?1";
        rows::all(&self.lock(), sql, [limit], |row| Ok((row.get(0)?, rows::id(row, 1)?)))
    }

    /// What the journal has to be told of messages of one way.
    pub fn to_note(&self, way: Way, limit: u32) -> rusqlite::Result<Vec<(i64, NoteTold)>> {
        rows::all(
            &self.lock(),
            "SELECT id, alarm, key, told FROM message
             WHERE to_note = 1 AND (substr(recipient, 1, length(?2)) = ?2) = ?3 ORDER BY id LIMIT ?1",
            (limit, super::MAIL, way == Way::Mail),
            |row| {
                let (alarm_id, message_id) = (AlarmId(rows::id(row, 1)?), rows::id(row, 2)?);
                Ok((row.get(0)?, NoteTold { alarm_id, message_id, told: row.get(3)? }))
            },
        )
    }

    /// The journal has it.
    pub fn is_noted(&self, id: i64) -> rusqlite::Result<()> {
        rows::run(&self.lock(), "UPDATE message SET to_note = 0 WHERE id = ?1", [id]).map(drop)
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
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A ledger that was restored ends before what was read of the other one.
fn set_back(db: &Connection, tip: i64) -> rusqlite::Result<()> {
    rows::run(db, "UPDATE place SET seq = min(seq, ?1), since = min(since, ?1)", [tip]).map(drop)
}

/// The first time in a group: of the alarms that are open the others do not know yet whom this server has told, nor this
/// one whom they have.
fn come_in(db: &Connection, tip: i64, open: &[(i64, AlarmId)]) -> rusqlite::Result<()> {
    let since: Option<i64> = db.query_row("SELECT since FROM place", [], |row| row.get(0))?;
    if since.is_some() {
        return Ok(());
    }
    let before = open.first().map_or(tip, |(seq, _)| seq - 1);
    rows::run(db, "UPDATE place SET since = ?1, seq = min(seq, ?2)", (tip, before))?;
    for (_, alarm) in open {
        rows::run(
            db,
            "UPDATE message SET to_note = 1
             WHERE alarm = ?1 AND done_at IS NOT NULL AND (told = 1 OR error IS NOT NULL)",
            [alarm.0.as_bytes().as_slice()],
        )?;
    }
    Ok(())
}
