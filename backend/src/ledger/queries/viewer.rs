//! Who is asking: the person behind a session, and what they may see.

use rusqlite::Connection;
use tillwatch_shared::api::Role;
use tillwatch_shared::{PersonId, SessionId, StoreId, TillId, UtcMicros};

use crate::domain::rows::{self, Word};
use crate::domain::{access, tills};

#[derive(Clone, Debug)]
pub struct Viewer {
    pub key: i64,
    pub id: PersonId,
    /// Absent where a till speaks for the person.
    pub session: Option<SessionId>,
    /// The till that speaks for the person, who is not signed in.
    pub till: Option<TillId>,
    pub name: String,
    pub role: Role,
    /// Row keys and ids of the stores that they see, oldest first.
    pub stores: Vec<(i64, StoreId)>,
}

impl Viewer {
    pub fn sees(&self, store: StoreId) -> bool {
        self.stores.iter().any(|(_, id)| *id == store)
    }

    /// The row keys of the visible stores as a JSON array, for `json_each`.
    pub fn store_keys(&self) -> String {
        let keys: Vec<String> = self.stores.iter().map(|(key, _)| key.to_string()).collect();
        format!("[{}]", keys.join(","))
    }

    /// The same for one store, if it is visible.
    pub fn store_key(&self, store: StoreId) -> Option<String> {
        self.stores.iter().find(|(_, id)| *id == store).map(|(key, _)| format!("[{key}]"))
    }
}

/// The active person of a session that has not ended.
pub fn of_session(db: &Connection, person: PersonId, session: SessionId) -> rusqlite::Result<Option<Viewer>> {
    let found = rows::one(
        db,
        "SELECT person.id, person.name, person.role
         FROM session JOIN person ON person.id = session.person
         WHERE session.uid = ?1 AND session.ended_at IS NULL AND person.uid = ?2 AND person.active",
        (session.0.as_bytes().as_slice(), person.0.as_bytes().as_slice()),
        |row| {
            Ok(Viewer {
                key: row.get(0)?,
                id: person,
                session: Some(session),
                till: None,
                name: row.get(1)?,
                role: Role::from_column(row, 2)?,
                stores: Vec::new(),
            })
        },
    )?;
    found.map(|viewer| with_stores(db, viewer)).transpose()
}

/// The active person whose commands a till may send now.
pub fn of_till(
    db: &Connection,
    till: TillId,
    person: PersonId,
    now: UtcMicros,
) -> rusqlite::Result<Option<Viewer>> {
    if tills::mandate(db, till, person)?.is_none_or(|until| until <= now) {
        return Ok(None);
    }
    let Some(caller) = access::person(db, person)? else { return Ok(None) };
    let (key, name, role) = (caller.key, caller.name, caller.role);
    let viewer = Viewer { key, id: person, session: None, till: Some(till), name, role, stores: Vec::new() };
    with_stores(db, viewer).map(Some)
}

fn with_stores(db: &Connection, mut viewer: Viewer) -> rusqlite::Result<Viewer> {
    viewer.stores = rows::all(
        db,
        "SELECT id, uid FROM store
         WHERE ?2 OR id IN (SELECT store FROM person_store WHERE person = ?1) ORDER BY id",
        (viewer.key, viewer.role == Role::Admin),
        |row| Ok((row.get(0)?, StoreId(rows::id(row, 1)?))),
    )?;
    Ok(viewer)
}
