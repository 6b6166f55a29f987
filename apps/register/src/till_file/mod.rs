//! The till's own file: what must not be lost while the server is away, or when this program or machine dies.
//!
//! Everything is on the disk when a call returns. One program at a time uses the folder.

mod carts;
mod cash;
mod debts;
mod issued;
mod offline;
mod people;
pub mod rescue;
mod settled;
mod slips;
mod sold;
mod stock;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::de::DeserializeOwned;
use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::Problem;
use tillwatch_shared::{Cents, CommandId, PersonId, UtcMicros};
use uuid::Uuid;

pub use self::offline::{PORTION, Portion};
pub use self::people::{MOST_WRONG, Who};
use self::rescue::Rescued;
pub use self::settled::Settled;
use crate::state::Kept;
use crate::state::outbox::{Parcel, Stage, Work};

/// Each lifts the file by one form; the first makes it.
const MIGRATIONS: [&str; 13] = [
    include_str!("0001_outbox.sql"),
    include_str!("0002_offline.sql"),
    include_str!("0003_sold.sql"),
    include_str!("0004_people.sql"),
    include_str!("0005_issued.sql"),
    include_str!("0006_carts.sql"),
    include_str!("0007_cash.sql"),
    include_str!("0008_stock.sql"),
    include_str!("0009_heard.sql"),
    include_str!("0010_debts.sql"),
    include_str!("0011_debtor.sql"),
    include_str!("0012_slips_goods.sql"),
    include_str!("0013_feed.sql"),
];

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
    #[error("the till's file is damaged: {0}")]
    Damaged(String),
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
    /// What became of a damaged file that was found here.
    rescued: Option<Rescued>,
    /// Held as long as the file is open.
    _lock: File,
}

impl TillFile {
    /// Opens the file in this folder, made if it is not there.
    pub fn open(folder: &Path) -> Result<Self, TillFileError> {
        let lock = lock(folder)?;
        let path = folder.join("till.sqlite");
        let (connection, rescued) = match open_file(&path) {
            Ok(connection) => (connection, None),
            Err(error) if rescue::is_damage(&error) => {
                tracing::error!(%error, "the till's file is damaged and is put aside");
                let aside = rescue::move_aside(&path)?;
                let connection = open_file(&path)?;
                let rescued = rescue::salvage(&aside, &connection)?;
                (connection, Some(rescued))
            }
            Err(error) => return Err(error),
        };
        Ok(Self { connection: Mutex::new(connection), rescued, _lock: lock })
    }

    /// Present where a damaged file had to be put aside.
    pub const fn rescued(&self) -> Option<&Rescued> {
        self.rescued.as_ref()
    }

    /// All that a window starts with.
    pub fn kept(&self) -> Result<Kept, TillFileError> {
        Ok(Kept {
            stock: self.stock_desk()?,
            debts: self.debts()?,
            parcels: self.parcels()?,
            goods: self.goods()?,
            carts: self.carts()?,
            cash: self.cash()?,
            identity: Some(self.identity()?),
            people: self.people()?,
            rescued: self.rescued.clone(),
        })
    }

    /// All that has still to be told, in the order in which it is sent.
    pub fn parcels(&self) -> Result<Vec<Parcel>, TillFileError> {
        let connection = self.connection();
        let mut query = connection.prepare(
            "SELECT number, command, person, work, subject, change_cents, made_at, refusal, debtor
             FROM parcel ORDER BY number",
        )?;
        let mut rows = query.query(())?;
        let mut parcels = Vec::new();
        while let Some(row) = rows.next()? {
            parcels.push(parcel(row)?);
        }
        Ok(parcels)
    }

    /// With the sale that it makes: both are there, or neither.
    pub fn keep(&self, parcel: &Parcel) -> Result<(), TillFileError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT INTO parcel (number, command, person, work, subject, change_cents, made_at, debtor)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                parcel.number,
                parcel.command.0.as_bytes(),
                parcel.person.0.as_bytes(),
                serde_json::to_string(&parcel.work)?,
                parcel.subject,
                parcel.change.0,
                parcel.made_at.0,
                parcel.debtor.as_ref().map(serde_json::to_string).transpose()?,
            ],
        )?;
        if let Some(replaced) = parcel.replaces {
            undo(&transaction, replaced)?;
        }
        carts::finish(&transaction, parcel.command)?;
        if let Some(sale) = &parcel.sold {
            if matches!(parcel.work, Work::Return(..)) {
                sold::note_return(&transaction, sale)?;
            } else {
                sold::note(&transaction, sale)?;
            }
            sold::prune(&transaction, parcel.made_at)?;
        }
        if let Some(note) = &parcel.cash {
            cash::note(&transaction, parcel.command, note)?;
        }
        if let Work::Stock(work) = &parcel.work {
            stock::sent(&transaction, work, parcel.made_at)?;
        }
        transaction.commit()?;
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

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The record of a refused command goes, and with it what the command had done here.
fn undo(transaction: &Transaction<'_>, command: CommandId) -> Result<(), TillFileError> {
    let sql = "DELETE FROM parcel WHERE command = ?1 AND refusal IS NOT NULL RETURNING work";
    let work: Option<String> =
        transaction.query_row(sql, [command.0.as_bytes()], |row| row.get(0)).optional()?;
    let Some(work) = work else { return Ok(()) };
    let work: Work = serde_json::from_str(&work)?;
    if let Work::Sale(_) = &work {
        sold::forget(transaction, command)?;
    } else if let Work::Return(sale, back) = &work {
        sold::forget_return(transaction, *sale, back)?;
    }
    slips::forget(transaction, command)?;
    cash::forget(transaction, command)
}

/// Checks the file, and brings it to the newest form.
fn open_file(path: &Path) -> Result<Connection, TillFileError> {
    let mut connection = Connection::open(path)?;
    rescue::check(&connection)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection, path)?;
    Ok(connection)
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
    if found > 0 && known.clone().any(|(form, _)| form > found) {
        rescue::copy_before_upgrade(connection, path, found)?;
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
        replaces: None,
        change: Cents(row.get(5)?),
        sold: None,
        cash: None,
        debtor: json(row.get(8)?)?,
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
