//! The till's own file: what must not be lost while the server is away, or when this program or machine dies.
//!
//! Everything is on the disk when a call returns. One program at a time uses the folder.

mod offline;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Row, params};
use serde::de::DeserializeOwned;
use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::Problem;
use tillwatch_shared::{Cents, CommandId, PersonId, UtcMicros};
use uuid::Uuid;

use crate::state::outbox::{Parcel, Stage};

/// Each lifts the file by one form; the first makes it.
const MIGRATIONS: [&str; 2] = [include_str!("0001_outbox.sql"), include_str!("0002_offline.sql")];

#[derive(Debug, thiserror::Error)]
pub enum TillFileError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// Another program works with this folder.
    #[error("{} is in use by another register", path.display())]
    InUse { path: PathBuf },
    /// Written by a later version of this program.
    #[error("{} is of form {found}, this program knows {}", path.display(), MIGRATIONS.len())]
    Newer { path: PathBuf, found: i64 },
    #[error("the till's file: {0}")]
    Sql(#[from] rusqlite::Error),
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    #[error("the till's file holds something that is not understood: {0}")]
    Content(#[from] serde_json::Error),
}

#[derive(Debug)]
pub struct TillFile {
    connection: Mutex<Connection>,
    /// Held as long as the file is open.
    _lock: File,
}

impl TillFile {
    /// Opens the file in this folder, made if it is not there.
    pub fn open(folder: &Path) -> Result<Self, TillFileError> {
        let lock = lock(folder)?;
        let path = folder.join("till.sqlite");
        let mut connection = Connection::open(&path)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        migrate(&mut connection, &path)?;
        Ok(Self { connection: Mutex::new(connection), _lock: lock })
    }

    /// All that has still to be told, in the order in which it is sent.
    pub fn parcels(&self) -> Result<Vec<Parcel>, TillFileError> {
        let connection = self.connection();
        let mut query = connection.prepare(
            "SELECT number, command, person, work, subject, change_cents, made_at, refusal
             FROM parcel ORDER BY number",
        )?;
        let mut rows = query.query(())?;
        let mut parcels = Vec::new();
        while let Some(row) = rows.next()? {
            parcels.push(parcel(row)?);
        }
        Ok(parcels)
    }

    pub fn keep(&self, parcel: &Parcel) -> Result<(), TillFileError> {
        self.connection().execute(
            "INSERT INTO parcel (number, command, person, work, subject, change_cents, made_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                parcel.number,
                parcel.command.0.as_bytes(),
                parcel.person.0.as_bytes(),
                serde_json::to_string(&parcel.work)?,
                parcel.subject,
                parcel.change.0,
                parcel.made_at.0,
            ],
        )?;
        Ok(())
    }

    /// The server has refused it: so it waits for a person. `None`: it is to be sent again.
    pub fn refuse(&self, command: CommandId, refusal: Option<&Problem>) -> Result<(), TillFileError> {
        let refusal = refusal.map(serde_json::to_string).transpose()?;
        let id = command.0.as_bytes();
        self.connection()
            .execute("UPDATE parcel SET refusal = ?2 WHERE command = ?1", params![id, refusal])?;
        Ok(())
    }

    /// It is settled.
    pub fn forget(&self, command: CommandId) -> Result<(), TillFileError> {
        self.connection().execute("DELETE FROM parcel WHERE command = ?1", [command.0.as_bytes()])?;
        Ok(())
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The system lets go of it when the program ends, however it ends.
fn lock(folder: &Path) -> Result<File, TillFileError> {
    let failed = |source| TillFileError::Io { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("till.lock"))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(TillFileError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), TillFileError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = (1_i64..).zip(MIGRATIONS);
    if known.clone().last().is_some_and(|(newest, _)| found > newest) {
        return Err(TillFileError::Newer { path: path.to_owned(), found });
    }
    for (form, statements) in known.filter(|(form, _)| *form > found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(statements)?;
        transaction.pragma_update(None, "user_version", form)?;
        transaction.commit()?;
    }
    Ok(())
}

fn parcel(row: &Row<'_>) -> Result<Parcel, TillFileError> {
    let refusal: Option<Problem> = json(row.get(7)?)?;
    let made_at = UtcMicros(row.get(6)?);
    Ok(Parcel {
        number: row.get(0)?,
        command: CommandId(Uuid::from_bytes(row.get(1)?)),
        person: PersonId(Uuid::from_bytes(row.get(2)?)),
        work: serde_json::from_str(&row.get::<_, String>(3)?)?,
        subject: row.get(4)?,
        change: Cents(row.get(5)?),
        made_at,
        tried_at: made_at,
        tries: 0,
        stage: match refusal {
            Some(problem) => Stage::Rejected(Failure::Problem(Box::new(problem), None)),
            None => Stage::Waiting(None),
        },
    })
}

fn json<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, serde_json::Error> {
    text.map(|text| serde_json::from_str(&text)).transpose()
}
