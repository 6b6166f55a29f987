//! Tills.

use std::collections::HashSet;

use rusqlite::Connection;
use tillwatch_shared::api::{Role, Till};
use tillwatch_shared::{TillId, UtcMicros};

use super::viewer::Viewer;
use crate::domain::rows;
use crate::domain::tills::{COLUMNS, SHARED, from_row, people_of};

/// The tills at which somebody works who shares a store with the viewer; all for an admin. Mandates that are
/// over are left out.
pub fn list(db: &Connection, viewer: &Viewer, now: UtcMicros) -> rusqlite::Result<Vec<Till>> {
    let sql = format!("SELECT {COLUMNS} WHERE ?1 AND {SHARED} ORDER BY till.id");
    let mut found = rows::all(db, &sql, (true, viewer.key, viewer.role == Role::Admin), from_row)?;
    for (key, till) in &mut found {
        till.people = people_of(db, *key)?;
        till.people.retain(|person| now < person.until);
    }
    Ok(found.into_iter().map(|(_, till)| till).collect())
}

/// Those that [`list`] has.
pub fn visible(db: &Connection, viewer: &Viewer) -> rusqlite::Result<HashSet<TillId>> {
    let sql = format!("SELECT uid FROM till WHERE ?1 AND {SHARED}");
    let params = (true, viewer.key, viewer.role == Role::Admin);
    let found = rows::all(db, &sql, params, |row| rows::id(row, 0).map(TillId))?;
    Ok(found.into_iter().collect())
}

/// What the server knows of a till that presents itself.
#[derive(Clone, Copy, Debug)]
pub struct Enrolled {
    pub digest: [u8; 32],
    pub revoked: bool,
}

pub fn enrolled(db: &Connection, id: TillId) -> rusqlite::Result<Option<Enrolled>> {
    rows::one(
        db,
        "SELECT digest, revoked_at IS NOT NULL FROM till WHERE uid = ?1",
        [id.0.as_bytes().as_slice()],
        |row| Ok(Enrolled { digest: row.get(0)?, revoked: row.get(1)? }),
    )
}

/// The till that has this secret and was not revoked.
pub fn by_digest(db: &Connection, digest: [u8; 32]) -> rusqlite::Result<Option<TillId>> {
    rows::one(
        db,
        "SELECT uid FROM till WHERE digest = ?1 AND revoked_at IS NULL",
        [digest.as_slice()],
        |row| rows::id(row, 0).map(TillId),
    )
}
