//! The journal: every accepted command is a row, and every row's hash covers the row before it.

use rusqlite::{Connection, OptionalExtension, Row};
use tillwatch_shared::api::Event;
use tillwatch_shared::{CommandId, PersonId, StoreId, TillId, UtcMicros};
use uuid::Uuid;

use crate::domain::{Applied, Command, rows};

/// The hash before the first row.
pub const ORIGIN: [u8; 32] = [0; 32];

/// Where the journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    pub seq: i64,
    pub hash: [u8; 32],
}

/// One row, as it is hashed and stored.
#[derive(Clone, Debug)]
pub struct Entry {
    pub seq: i64,
    pub command_id: Uuid,
    pub kind: String,
    pub actor: Option<Uuid>,
    pub store: Option<Uuid>,
    pub client_at: i64,
    pub server_at: i64,
    pub body: String,
    pub outcome: String,
    pub till: Option<Uuid>,
}

impl Entry {
    pub fn new(seq: i64, command: &Command, body: String, applied: &Applied) -> serde_json::Result<Self> {
        Ok(Self {
            seq,
            command_id: command.id.0,
            kind: command.payload.kind().to_owned(),
            actor: command.actor.map(|PersonId(id)| id),
            store: applied.store.map(|StoreId(id)| id),
            client_at: command.client_at.0,
            server_at: command.server_at.0,
            body,
            outcome: serde_json::to_string(&applied.event)?,
            till: command.till.map(|TillId(id)| id),
        })
    }

    /// BLAKE3 over the previous hash and every column, each with its length, so that no byte can move
    /// from one column to the next unseen.
    pub fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(previous);
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        part(&self.seq.to_le_bytes());
        part(self.command_id.as_bytes());
        part(self.kind.as_bytes());
        part(self.actor.as_ref().map_or(&[], |id| id.as_bytes().as_slice()));
        part(self.store.as_ref().map_or(&[], |id| id.as_bytes().as_slice()));
        part(&self.client_at.to_le_bytes());
        part(&self.server_at.to_le_bytes());
        part(self.body.as_bytes());
        part(self.outcome.as_bytes());
        // Rows from before there were tills have no such part.
        if let Some(till) = &self.till {
            part(till.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    pub fn insert(&self, db: &Connection, hash: &[u8; 32]) -> rusqlite::Result<()> {
        rows::run(
            db,
            "INSERT INTO journal (seq, command_id, kind, actor, store, client_at, server_at, body, outcome, hash,
                                  till)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                self.seq,
                self.command_id.as_bytes().as_slice(),
                &self.kind,
                self.actor.as_ref().map(|id| id.as_bytes().as_slice()),
                self.store.as_ref().map(|id| id.as_bytes().as_slice()),
                self.client_at,
                self.server_at,
                &self.body,
                &self.outcome,
                hash.as_slice(),
                self.till.as_ref().map(|id| id.as_bytes().as_slice()),
            ),
        )?;
        Ok(())
    }

    /// Columns: `seq, command_id, kind, actor, store, client_at, server_at, body, outcome, till`.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            command_id: rows::id(row, 1)?,
            kind: row.get(2)?,
            actor: rows::id_opt(row, 3)?,
            store: rows::id_opt(row, 4)?,
            client_at: row.get(5)?,
            server_at: row.get(6)?,
            body: row.get(7)?,
            outcome: row.get(8)?,
            till: rows::id_opt(row, 9)?,
        })
    }

    /// The command, as far as the journal keeps it (without secrets).
    pub fn command(&self) -> serde_json::Result<Command> {
        Ok(Command {
            id: CommandId(self.command_id),
            actor: self.actor.map(PersonId),
            till: self.till.map(TillId),
            client_at: UtcMicros(self.client_at),
            server_at: UtcMicros(self.server_at),
            payload: serde_json::from_str(&self.body)?,
        })
    }
}

/// What the journal knows of a command that came before.
#[derive(Debug)]
pub struct Known {
    pub seq: i64,
    pub actor: Option<Uuid>,
    pub body: String,
    pub event: Event,
}

pub fn find(db: &Connection, id: CommandId) -> rusqlite::Result<Option<Known>> {
    rows::one(
        db,
        "SELECT seq, actor, body, outcome FROM journal WHERE command_id = ?1",
        [id.0.as_bytes().as_slice()],
        |row| {
            Ok(Known {
                seq: row.get(0)?,
                actor: rows::id_opt(row, 1)?,
                body: row.get(2)?,
                event: event(row, 3)?,
            })
        },
    )
}

/// An event from its column.
pub fn event(row: &Row<'_>, column: usize) -> rusqlite::Result<Event> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    })
}

pub fn tip(db: &Connection) -> rusqlite::Result<Tip> {
    let newest = db
        .query_row("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok(Tip { seq: row.get(0)?, hash: row.get(1)? })
        })
        .optional()?;
    Ok(newest.unwrap_or(Tip { seq: 0, hash: ORIGIN }))
}

/// The hash of the row at a place.
pub fn hash_at(db: &Connection, seq: i64) -> rusqlite::Result<Option<[u8; 32]>> {
    if seq == 0 {
        return Ok(Some(ORIGIN));
    }
    rows::one(db, "SELECT hash FROM journal WHERE seq = ?1", [seq], |row| row.get(0))
}
