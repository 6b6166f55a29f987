//! People: adding and changing them. Passwords arrive hashed; the hash never enters the journal.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, Person, Role};
use tillwatch_shared::limits::{PERSON_STORES, USERNAME_CHARS};
use tillwatch_shared::tax_id::Cpf;
use tillwatch_shared::{PersonId, StoreId, UtcMicros, names};

use super::rejection::{ApplyError, Invalid, Noun, Rejection, Taken};
use super::rows::{self, Word};
use super::{Applied, Context, access, check, sessions};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddPerson {
    pub username: String,
    pub name: Option<String>,
    pub role: Role,
    pub cpf: Option<Cpf>,
    pub stores: Vec<StoreId>,
    pub entry: Entry,
    /// Argon2id in PHC form; empty in the journal.
    pub password_hash: PasswordHash,
}

/// By which door a person comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Added by a manager or admin, or by the server on its command line.
    Added,
    /// The first admin, made with the set-up code while nobody exists.
    FirstAdmin,
    /// Registered themselves; the server's setting allowed it. Gets every store there is.
    Registered,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangePerson {
    pub person_id: PersonId,
    pub name: Option<String>,
    pub role: Option<Role>,
    pub stores: Option<Vec<StoreId>>,
    pub active: Option<bool>,
    pub password_hash: Option<PasswordHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<PinChange>,
}

/// What becomes of a person's PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinChange {
    /// Argon2id, as a password; empty in the journal.
    Set(PasswordHash),
    Remove,
}

/// A password's hash. Its debug form says nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

impl AddPerson {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::bounded("username", &self.username, USERNAME_CHARS)?;
        if let Some(name) = &self.name {
            check::name("name", name)?;
        }
        check::count("stores", self.stores.len(), PERSON_STORES)
    }

    pub(super) fn without_secret(&self) -> Self {
        Self { password_hash: PasswordHash(String::new()), ..self.clone() }
    }
}

impl ChangePerson {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        if let Some(name) = &self.name {
            check::name("name", name)?;
        }
        check::count("stores", self.stores.as_ref().map_or(0, Vec::len), PERSON_STORES)
    }

    pub(super) fn without_secret(&self) -> Self {
        let password_hash = self.password_hash.as_ref().map(|_| PasswordHash(String::new()));
        let pin = self.pin.as_ref().map(|pin| match pin {
            PinChange::Set(_) => PinChange::Set(PasswordHash(String::new())),
            PinChange::Remove => PinChange::Remove,
        });
        Self { password_hash, pin, ..self.clone() }
    }
}

pub(super) fn add(cx: &Context<'_>, p: &AddPerson) -> Result<Applied, ApplyError> {
    may_add(cx, p)?;
    let username = check::bounded("username", &p.username, USERNAME_CHARS)?;
    let name = p.name.as_deref().map_or(Ok(username.clone()), |name| check::name("name", name))?;
    let folded = names::fold(&username);
    // Digits alone would be read as a CPF at sign-in, and open another person's door.
    if folded.len() == 11 && folded.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Rejection::Taken(Taken::Username).into());
    }
    taken(cx.db, "SELECT 1 FROM person WHERE username_folded = ?1", &folded, Taken::Username)?;
    if let Some(cpf) = &p.cpf {
        taken(cx.db, "SELECT 1 FROM person WHERE cpf = ?1", cpf.as_str(), Taken::Cpf)?;
    }
    let id = PersonId(cx.command.id.0);
    rows::run(
        cx.db,
        "INSERT INTO person (uid, username, username_folded, name, role, cpf, password_hash, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            id.0.as_bytes().as_slice(),
            username,
            folded,
            name,
            p.role.word(),
            p.cpf.as_ref().map(Cpf::as_str),
            &p.password_hash.0,
            cx.command.server_at.0,
        ),
    )?;
    let key = cx.db.last_insert_rowid();
    match p.entry {
        Entry::Added | Entry::FirstAdmin => set_stores(cx.db, key, &p.stores)?,
        Entry::Registered => {
            rows::run(cx.db, "INSERT INTO person_store (person, store) SELECT ?1, id FROM store", [key])?;
        }
    }
    Ok(Applied { event: Event::PersonAdded(load(cx.db, id)?), store: None })
}

pub(super) fn change(cx: &Context<'_>, p: &ChangePerson) -> Result<Applied, ApplyError> {
    let key = rows::key_of(cx.db, "SELECT id FROM person WHERE uid = ?1", &p.person_id.0, Noun::Person)?;
    let before = load(cx.db, p.person_id)?;
    may_change(cx, p, &before)?;
    let name = p.name.as_deref().map(|name| check::name("name", name)).transpose()?;
    rows::run(
        cx.db,
        "UPDATE person SET name = coalesce(?2, name), role = coalesce(?3, role), active = coalesce(?4, active),
             password_hash = coalesce(?5, password_hash)
         WHERE id = ?1",
        (key, name, p.role.map(Word::word), p.active, p.password_hash.as_ref().map(|h| &h.0)),
    )?;
    if let Some(stores) = &p.stores {
        rows::run(cx.db, "DELETE FROM person_store WHERE person = ?1", [key])?;
        set_stores(cx.db, key, stores)?;
    }
    let admins = rows::one(cx.db, "SELECT 1 FROM person WHERE role = 'admin' AND active", [], |_| Ok(()))?;
    if before.role == Role::Admin && admins.is_none() {
        return Err(Rejection::LastAdmin.into());
    }
    change_pin(cx, key, p, before.has_pin)?;
    if p.password_hash.is_some() {
        sessions::end_all(cx, key, "password_changed")?;
    }
    if p.active == Some(false) {
        sessions::end_all(cx, key, "deactivated")?;
    }
    Ok(Applied { event: Event::PersonChanged(load(cx.db, p.person_id)?), store: None })
}

/// Sets or removes the PIN, and removes it from those who are no longer people of a store.
fn change_pin(cx: &Context<'_>, key: i64, p: &ChangePerson, had_one: bool) -> Result<(), ApplyError> {
    let after = load(cx.db, p.person_id)?;
    let allowed = after.role != Role::Admin && !after.stores.is_empty();
    let hash = match &p.pin {
        Some(PinChange::Set(_)) if !allowed => {
            return Err(Rejection::invalid("pin", Invalid::PinNeedsStore).into());
        }
        Some(PinChange::Set(hash)) => Some(&hash.0),
        Some(PinChange::Remove) => None,
        None if had_one && !allowed => None,
        None => return Ok(()),
    };
    rows::run(cx.db, "UPDATE person SET pin_hash = ?2 WHERE id = ?1", (key, hash))?;
    // Whoever got in with the old one is out. A first PIN leaves everybody where they are.
    if had_one {
        sessions::end_all(cx, key, "pin_changed")?;
    }
    Ok(())
}

/// A person as everybody may see them.
pub fn load(db: &Connection, id: PersonId) -> Result<Person, ApplyError> {
    let person = rows::one(
        db,
        &format!("SELECT {COLUMNS} FROM person WHERE uid = ?1"),
        [id.0.as_bytes().as_slice()],
        |row| Ok((row.get::<_, i64>(0)?, from_row(row)?)),
    )?;
    let (key, mut person) = person.ok_or(Rejection::Unknown(Noun::Person))?;
    person.stores = stores_of(db, key)?;
    Ok(person)
}

/// What [`from_row`] reads of the table `person`.
pub const COLUMNS: &str =
    "id, uid, username, name, role, cpf, active, created_at, pin_hash IS NOT NULL AS has_pin";

/// Reads [`COLUMNS`]. The stores are left empty.
pub fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Person> {
    let cpf: Option<String> = row.get(5)?;
    Ok(Person {
        id: PersonId(rows::id(row, 1)?),
        username: row.get(2)?,
        name: row.get(3)?,
        role: Role::from_column(row, 4)?,
        cpf_masked: cpf.and_then(|text| Cpf::parse_unchecked(&text).ok()).map(|cpf| cpf.masked()),
        stores: Vec::new(),
        active: row.get(6)?,
        created_at: UtcMicros(row.get(7)?),
        has_pin: row.get(8)?,
    })
}

pub fn stores_of(db: &Connection, person: i64) -> rusqlite::Result<Vec<StoreId>> {
    rows::all(
        db,
        "SELECT store.uid FROM person_store JOIN store ON store.id = person_store.store
         WHERE person = ?1 ORDER BY store.id",
        [person],
        |row| rows::id(row, 0).map(StoreId),
    )
}

fn may_add(cx: &Context<'_>, p: &AddPerson) -> Result<(), ApplyError> {
    match p.entry {
        Entry::Added => {
            let caller = access::caller_or_server(cx, Role::Manager)?;
            caller.map_or(Ok(()), |caller| within_reach(cx, &caller, p.role, &p.stores))
        }
        Entry::FirstAdmin => {
            let anybody = rows::one(cx.db, "SELECT 1 FROM person LIMIT 1", [], |_| Ok(()))?;
            if anybody.is_some() { Err(Rejection::AlreadySetUp.into()) } else { Ok(()) }
        }
        Entry::Registered => Ok(()),
    }
}

/// Managers look after the people of their own stores and below their own role; admins after all.
/// Everybody may change their own name, password and PIN.
fn may_change(cx: &Context<'_>, p: &ChangePerson, before: &Person) -> Result<(), ApplyError> {
    let Some(caller) = access::caller_or_server(cx, Role::Seller)? else { return Ok(()) };
    let own_affairs = p.role.is_none() && p.stores.is_none() && p.active.is_none();
    if caller.id == p.person_id && own_affairs {
        return Ok(());
    }
    if caller.role < Role::Manager {
        return Err(Rejection::RoleNotAllowed.into());
    }
    within_reach(cx, &caller, before.role, &before.stores)?;
    within_reach(cx, &caller, p.role.unwrap_or(before.role), p.stores.as_deref().unwrap_or_default())
}

fn within_reach(
    cx: &Context<'_>,
    caller: &access::Caller,
    role: Role,
    stores: &[StoreId],
) -> Result<(), ApplyError> {
    if caller.role == Role::Admin {
        return Ok(());
    }
    if role >= caller.role {
        return Err(Rejection::RoleNotAllowed.into());
    }
    stores.iter().try_for_each(|store| access::workplace(cx, caller, *store).map(drop))
}

fn set_stores(db: &Connection, person: i64, stores: &[StoreId]) -> Result<(), ApplyError> {
    for store in stores {
        let store = rows::key_of(db, "SELECT id FROM store WHERE uid = ?1", &store.0, Noun::Store)?;
        rows::run(db, "INSERT OR IGNORE INTO person_store (person, store) VALUES (?1, ?2)", [person, store])?;
    }
    Ok(())
}

fn taken(db: &Connection, sql: &str, value: &str, what: Taken) -> Result<(), ApplyError> {
    match rows::one(db, sql, [value], |_| Ok(()))? {
        None => Ok(()),
        Some(()) => Err(Rejection::Taken(what).into()),
    }
}
