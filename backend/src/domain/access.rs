//! Who may do what where. Looked up in the transaction, so that a person who was stopped a moment ago
//! is refused whatever an older token says.

use rusqlite::Connection;
use tillwatch_shared::api::Role;
use tillwatch_shared::{PersonId, StoreId};

use super::Context;
use super::rejection::{ApplyError, Noun, Rejection};
use super::rows::{self, Word};

/// The caller, as the ledger knows it.
#[derive(Clone, Debug)]
pub struct Caller {
    pub key: i64,
    pub id: PersonId,
    pub name: String,
    pub role: Role,
}

/// The caller, if active and at least of this role. The server itself (no actor) may not act here.
pub fn caller(cx: &Context<'_>, at_least: Role) -> Result<Caller, ApplyError> {
    let id = cx.command.actor.ok_or(Rejection::RoleNotAllowed)?;
    let caller = person(cx.db, id)?.ok_or(Rejection::PersonInactive)?;
    if caller.role < at_least {
        return Err(Rejection::RoleNotAllowed.into());
    }
    Ok(caller)
}

/// Like [`caller`], but the server itself may act too: first start and demonstration data.
pub fn caller_or_server(cx: &Context<'_>, at_least: Role) -> Result<Option<Caller>, ApplyError> {
    match cx.command.actor {
        None => Ok(None),
        Some(_) => caller(cx, at_least).map(Some),
    }
}

/// Only the server itself may do this.
pub fn server_only(cx: &Context<'_>) -> Result<(), ApplyError> {
    match cx.command.actor {
        None => Ok(()),
        Some(_) => Err(Rejection::RoleNotAllowed.into()),
    }
}

/// An active person.
pub fn person(db: &Connection, id: PersonId) -> rusqlite::Result<Option<Caller>> {
    rows::one(
        db,
        "SELECT id, name, role FROM person WHERE uid = ?1 AND active",
        [id.0.as_bytes().as_slice()],
        |row| Ok(Caller { key: row.get(0)?, id, name: row.get(1)?, role: Role::from_column(row, 2)? }),
    )
}

/// A store that the caller works in.
#[derive(Clone, Debug)]
pub struct Workplace {
    pub key: i64,
    pub id: StoreId,
    pub name: String,
    pub zone: String,
}

/// The store, if it exists and the caller works there.
pub fn workplace(cx: &Context<'_>, caller: &Caller, id: StoreId) -> Result<Workplace, ApplyError> {
    let store = rows::one(
        cx.db,
        "SELECT id, name, zone FROM store WHERE uid = ?1",
        [id.0.as_bytes().as_slice()],
        |row| Ok(Workplace { key: row.get(0)?, id, name: row.get(1)?, zone: row.get(2)? }),
    )?
    .ok_or(Rejection::Unknown(Noun::Store))?;
    if works_in(cx.db, caller, store.key)? { Ok(store) } else { Err(Rejection::StoreNotAllowed.into()) }
}

pub(super) fn works_in(db: &Connection, caller: &Caller, store: i64) -> rusqlite::Result<bool> {
    if caller.role == Role::Admin {
        return Ok(true);
    }
    let found = rows::one(
        db,
        "SELECT 1 FROM person_store WHERE person = ?1 AND store = ?2",
        [caller.key, store],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}
