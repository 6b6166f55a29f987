//! Tills, and their mandates: a till may send the commands of those who have signed in at it, for as long as
//! a session lives unused. So what people did while the server was away is told in their own names, whoever is
//! at the till when it is back.
//!
//! A mandate is not a session. It opens only the routes for what a till makes (sales, goods, cash), never
//! people, passwords or keys; it ends with the person's password, PIN or access, and with the till.

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, Role, Till, TillPerson};
use tillwatch_shared::{PersonId, TillId, UtcMicros};

use super::access::Caller;
use super::rejection::{ApplyError, Noun, Rejection};
use super::sessions::REFRESH_LIFETIME;
use super::{Applied, Context, access, check, rows};

/// How long a till may speak for a person after their last sign-in at it.
pub const MANDATE: i64 = REFRESH_LIFETIME;

/// The actor has proved who they are, at a till that is new. The command's id is the till's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnrolTill {
    pub name: String,
    /// BLAKE3 of the till's secret; zeros in the journal.
    pub digest: [u8; 32],
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokeTill {
    pub till_id: TillId,
}

impl EnrolTill {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::name("till.name", &self.name).map(drop)
    }

    pub(super) fn without_secret(&self) -> Self {
        Self { digest: [0; 32], ..self.clone() }
    }
}

pub(super) fn enrol(cx: &Context<'_>, p: &EnrolTill) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let id = TillId(cx.command.id.0);
    rows::run(
        cx.db,
        "INSERT INTO till (uid, name, digest, enrolled_by, enrolled_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            id.0.as_bytes().as_slice(),
            check::name("till.name", &p.name)?,
            p.digest.as_slice(),
            caller.key,
            cx.command.server_at.0,
        ),
    )?;
    Ok(Applied { event: Event::TillEnrolled(load(cx.db, id)?), store: None })
}

/// Ends what the till may do, for everybody. Managers may where they work with somebody of that till.
pub(super) fn revoke(cx: &Context<'_>, p: &RevokeTill) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    let till = rows::key_of(cx.db, "SELECT id FROM till WHERE uid = ?1", &p.till_id.0, Noun::Till)?;
    let together = rows::one(
        cx.db,
        &format!("SELECT 1 FROM till WHERE till.id = ?1 AND {SHARED}"),
        (till, caller.key, caller.role == Role::Admin),
        |_| Ok(()),
    )?;
    together.ok_or(Rejection::StoreNotAllowed)?;
    rows::run(
        cx.db,
        "UPDATE till SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
        [till, cx.command.server_at.0],
    )?;
    rows::run(cx.db, "DELETE FROM till_mandate WHERE till = ?1", [till])?;
    Ok(Applied { event: Event::TillRevoked(load(cx.db, p.till_id)?), store: None })
}

/// Whether person `?2` shares a store with somebody of the till, or is an admin (`?3`).
pub const SHARED: &str = "(?3 OR enrolled_by = ?2 OR EXISTS (
    SELECT 1 FROM person_store AS theirs JOIN person_store AS mine ON mine.store = theirs.store
    WHERE mine.person = ?2 AND (theirs.person = enrolled_by
        OR theirs.person IN (SELECT person FROM till_mandate WHERE till_mandate.till = till.id))))";

/// The person has signed in at the till. One that is revoked, or unknown, gets nothing.
pub(super) fn give_mandate(cx: &Context<'_>, person: i64, till: TillId) -> Result<(), ApplyError> {
    rows::run(
        cx.db,
        "INSERT INTO till_mandate (till, person, until)
         SELECT id, ?2, ?3 FROM till WHERE uid = ?1 AND revoked_at IS NULL
         ON CONFLICT DO UPDATE SET until = excluded.until",
        (till.0.as_bytes().as_slice(), person, cx.command.server_at.plus(MANDATE).0),
    )?;
    Ok(())
}

/// Whoever got in with what has changed is out, and so is what they left at tills.
pub(super) fn end_mandates(db: &Connection, person: i64) -> Result<(), ApplyError> {
    rows::run(db, "DELETE FROM till_mandate WHERE person = ?1", [person])?;
    Ok(())
}

/// A command that a till sends needs the actor's mandate at this moment.
pub(super) fn check_mandate(cx: &Context<'_>) -> Result<(), ApplyError> {
    let Some(till) = cx.command.till else { return Ok(()) };
    let actor = cx.command.actor.ok_or(Rejection::NoMandate)?;
    let until = mandate(cx.db, till, actor)?.filter(|until| cx.command.server_at < *until);
    until.map(drop).ok_or_else(|| Rejection::NoMandate.into())
}

/// Until when a till may send the person's commands, if it ever might and was not revoked.
/// Whether the command comes from a till at which this person has signed in, with its key.
pub fn vouches_for(cx: &Context<'_>, person: &Caller) -> rusqlite::Result<bool> {
    let Some(till) = cx.command.till else { return Ok(false) };
    let until = mandate(cx.db, till, person.id)?;
    Ok(until.is_some_and(|until| cx.command.server_at < until))
}

pub fn mandate(db: &Connection, till: TillId, person: PersonId) -> rusqlite::Result<Option<UtcMicros>> {
    rows::one(
        db,
        "SELECT until FROM till_mandate
         JOIN till ON till.id = till_mandate.till JOIN person ON person.id = till_mandate.person
         WHERE till.uid = ?1 AND person.uid = ?2 AND till.revoked_at IS NULL",
        (till.0.as_bytes().as_slice(), person.0.as_bytes().as_slice()),
        |row| row.get(0).map(UtcMicros),
    )
}

fn load(db: &Connection, id: TillId) -> Result<Till, ApplyError> {
    let sql = format!("SELECT {COLUMNS} WHERE till.uid = ?1");
    let found = rows::one(db, &sql, [id.0.as_bytes().as_slice()], from_row)?;
    let (key, mut till) = found.ok_or(Rejection::Unknown(Noun::Till))?;
    till.people = people_of(db, key)?;
    Ok(till)
}

/// What [`from_row`] reads.
pub const COLUMNS: &str = "till.id, till.uid, till.name, person.uid, enrolled_at, revoked_at IS NOT NULL
    FROM till JOIN person ON person.id = enrolled_by";

/// Row key and till, from [`COLUMNS`]. The people are left empty.
pub fn from_row(row: &Row<'_>) -> rusqlite::Result<(i64, Till)> {
    let till = Till {
        id: TillId(rows::id(row, 1)?),
        name: row.get(2)?,
        enrolled_by: PersonId(rows::id(row, 3)?),
        enrolled_at: UtcMicros(row.get(4)?),
        revoked: row.get(5)?,
        people: Vec::new(),
    };
    Ok((row.get(0)?, till))
}

/// Whose commands the till may send, as they came.
pub fn people_of(db: &Connection, till: i64) -> rusqlite::Result<Vec<TillPerson>> {
    rows::all(
        db,
        "SELECT person.uid, person.name, until FROM till_mandate JOIN person ON person.id = till_mandate.person
         WHERE till = ?1 ORDER BY person.id",
        [till],
        |row| {
            Ok(TillPerson {
                person_id: PersonId(rows::id(row, 0)?),
                name: row.get(1)?,
                until: UtcMicros(row.get(2)?),
            })
        },
    )
}
