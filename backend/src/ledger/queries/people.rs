//! People, and what signing in needs to know about them.

use std::collections::HashSet;

use rusqlite::Connection;
use tillwatch_shared::api::{Page, Person, Role};
use tillwatch_shared::tax_id::Cpf;
use tillwatch_shared::{PersonId, names};

use super::Slice;
use super::viewer::Viewer;
use crate::domain::people::{COLUMNS, PasswordHash, from_row, stores_of};
use crate::domain::rows;

/// What a person can prove who they are with.
#[derive(Debug)]
pub struct Credentials {
    pub person: PersonId,
    pub password: PasswordHash,
    pub pin: Option<PasswordHash>,
}

/// Those of whom a sign-in name belongs to: a CPF if it is eleven digits, else a user name.
pub fn credentials(db: &Connection, username: &str) -> rusqlite::Result<Option<Credentials>> {
    let (column, value) = match Cpf::parse_unchecked(username.trim()) {
        Ok(cpf) => ("cpf", cpf.as_str().to_owned()),
        Err(_) => ("username_folded", names::fold(username)),
    };
    let sql = format!("SELECT uid, password_hash, pin_hash FROM person WHERE {column} = ?1 AND active");
    rows::one(db, &sql, [value], |row| {
        Ok(Credentials {
            person: PersonId(rows::id(row, 0)?),
            password: PasswordHash(row.get(1)?),
            pin: row.get::<_, Option<String>>(2)?.map(PasswordHash),
        })
    })
}

/// A person's CPF, in full.
pub fn cpf(db: &Connection, id: PersonId) -> rusqlite::Result<Option<Cpf>> {
    let found =
        rows::one(db, "SELECT cpf FROM person WHERE uid = ?1", [id.0.as_bytes().as_slice()], |row| {
            row.get::<_, Option<String>>(0)
        })?;
    Ok(found.flatten().and_then(|text| Cpf::parse_unchecked(&text).ok()))
}

pub fn anybody(db: &Connection) -> rusqlite::Result<bool> {
    Ok(rows::one(db, "SELECT 1 FROM person LIMIT 1", [], |_| Ok(()))?.is_some())
}

pub fn by_id(db: &Connection, id: PersonId) -> rusqlite::Result<Option<Person>> {
    let found = rows::one(
        db,
        &format!("SELECT {COLUMNS} FROM person WHERE uid = ?1"),
        [id.0.as_bytes().as_slice()],
        |row| Ok((row.get::<_, i64>(0)?, from_row(row)?)),
    )?;
    let Some((key, mut person)) = found else { return Ok(None) };
    person.stores = stores_of(db, key)?;
    Ok(Some(person))
}

/// The people that share a store with the viewer, or all for an admin; the viewer always.
pub fn list(db: &Connection, viewer: &Viewer, slice: Slice) -> rusqlite::Result<Page<Person>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT {COLUMNS} FROM person
         WHERE id > ?1 AND id < ?2
           AND (?3 OR id = ?4 OR id IN (SELECT person FROM person_store
                                        WHERE store IN (SELECT value FROM json_each(?5))))
         ORDER BY id {} LIMIT ?6",
        slice.direction()
    );
    let params = (above, below, viewer.role == Role::Admin, viewer.key, viewer.store_keys(), slice.limit + 1);
    let mut found = rows::all(db, &sql, params, |row| Ok((row.get::<_, i64>(0)?, from_row(row)?)))?;
    for (key, person) in &mut found {
        person.stores = stores_of(db, *key)?;
    }
    Ok(slice.page(found))
}

/// Those that [`list`] has.
pub fn visible(db: &Connection, viewer: &Viewer) -> rusqlite::Result<HashSet<PersonId>> {
    let sql = "SELECT uid FROM person
               WHERE ?1 OR id = ?2 OR id IN (SELECT person FROM person_store
                                             WHERE store IN (SELECT value FROM json_each(?3)))";
    let params = (viewer.role == Role::Admin, viewer.key, viewer.store_keys());
    let found = rows::all(db, sql, params, |row| rows::id(row, 0).map(PersonId))?;
    Ok(found.into_iter().collect())
}

/// The people in whose stores a drawer is open.
pub fn at_work(db: &Connection) -> rusqlite::Result<HashSet<PersonId>> {
    let sql = "SELECT DISTINCT person.uid FROM cash_session
               JOIN person_store ON person_store.store = cash_session.store
               JOIN person ON person.id = person_store.person
               WHERE cash_session.close_seq IS NULL";
    let found = rows::all(db, sql, [], |row| rows::id(row, 0).map(PersonId))?;
    Ok(found.into_iter().collect())
}

/// User name, role and whether active, of everybody. For the command line.
pub fn roster(db: &Connection) -> rusqlite::Result<Vec<(String, String, bool)>> {
    rows::all(db, "SELECT username, role, active FROM person ORDER BY username_folded", [], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })
}

pub fn by_username(db: &Connection, username: &str) -> rusqlite::Result<Option<PersonId>> {
    rows::one(db, "SELECT uid FROM person WHERE username_folded = ?1", [names::fold(username)], |row| {
        rows::id(row, 0).map(PersonId)
    })
}
