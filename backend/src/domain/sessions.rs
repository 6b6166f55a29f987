//! Sessions: opened by a sign-in, carried on by refresh tokens of which only the newest is good, ended by
//! signing out, by a change of the password, or when an old token turns up again.
//!
//! The token itself is not stored: it is a keyed digest of session and generation, made and checked in
//! `auth::tokens`. So the answer to a repeated refresh can be made again without keeping secrets.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, Role, SessionEvent};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{PersonId, SessionId, TillId, UtcMicros};

use super::rejection::{ApplyError, Rejection};
use super::{Applied, Context, access, check, rows, tills};

/// How long a session lives without being used.
pub const REFRESH_LIFETIME: i64 = 30 * DAY;

/// The actor has proved who they are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenSession {
    pub device: Option<String>,
    /// The till that they signed in at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub till: Option<TillId>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefreshSession {
    pub session_id: SessionId,
    /// The generation of the token that was shown.
    pub generation: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndSession {
    pub session_id: SessionId,
}

struct Row {
    key: i64,
    person: PersonId,
    device: Option<String>,
    generation: i64,
    refresh_expires_at: UtcMicros,
    ended: bool,
}

impl OpenSession {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::text("device", self.device.as_deref()).map(drop)
    }
}

pub(super) fn open(cx: &Context<'_>, p: &OpenSession) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let device = check::text("device", p.device.as_deref())?;
    let session_id = SessionId(cx.command.id.0);
    let refresh_expires_at = cx.command.server_at.plus(REFRESH_LIFETIME);
    rows::run(
        cx.db,
        "INSERT INTO session (uid, person, device, generation, opened_at, refresh_expires_at)
         VALUES (?1, ?2, ?3, 1, ?4, ?5)",
        (
            session_id.0.as_bytes().as_slice(),
            caller.key,
            &device,
            cx.command.server_at.0,
            refresh_expires_at.0,
        ),
    )?;
    if let Some(till) = p.till {
        tills::give_mandate(cx, caller.key, till)?;
    }
    let event = told(session_id, caller, device, 1, refresh_expires_at);
    Ok(Applied { event: Event::SessionOpened(event), store: None })
}

/// Moves to the next generation, or ends the session if the token was used before: two holders of one
/// token mean that one of them stole it.
pub(super) fn refresh(cx: &Context<'_>, p: &RefreshSession) -> Result<Applied, ApplyError> {
    let row = load(cx, p.session_id)?.ok_or(Rejection::SessionEnded)?;
    let expired = row.refresh_expires_at <= cx.command.server_at;
    if row.ended || expired || p.generation > row.generation {
        return Err(Rejection::SessionEnded.into());
    }
    let caller = access::person(cx.db, row.person)?.ok_or(Rejection::PersonInactive)?;
    let mut event = told(p.session_id, caller, row.device, row.generation, row.refresh_expires_at);
    if p.generation < row.generation {
        close(cx, row.key, "token_reused")?;
        event.reason = Some("token_reused".to_owned());
        return Ok(Applied { event: Event::SessionEnded(event), store: None });
    }
    event.generation += 1;
    event.refresh_expires_at = cx.command.server_at.plus(REFRESH_LIFETIME);
    rows::run(
        cx.db,
        "UPDATE session SET generation = ?2, refresh_expires_at = ?3 WHERE id = ?1",
        (row.key, event.generation, event.refresh_expires_at.0),
    )?;
    Ok(Applied { event: Event::SessionRefreshed(event), store: None })
}

pub(super) fn end(cx: &Context<'_>, p: &EndSession) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let row = load(cx, p.session_id)?.filter(|row| row.person == caller.id).ok_or(Rejection::SessionEnded)?;
    close(cx, row.key, "signed_out")?;
    let mut event = told(p.session_id, caller, row.device, row.generation, row.refresh_expires_at);
    event.reason = Some("signed_out".to_owned());
    Ok(Applied { event: Event::SessionEnded(event), store: None })
}

/// What is told about a session that has not ended.
fn told(
    session_id: SessionId,
    caller: access::Caller,
    device: Option<String>,
    generation: i64,
    refresh_expires_at: UtcMicros,
) -> SessionEvent {
    SessionEvent {
        session_id,
        person_id: caller.id,
        person_name: caller.name,
        device,
        generation,
        refresh_expires_at,
        reason: None,
    }
}

/// Ends every session of a person, and what tills may send in their name.
pub(super) fn end_all(cx: &Context<'_>, person: i64, reason: &str) -> Result<(), ApplyError> {
    rows::run(
        cx.db,
        "UPDATE session SET ended_at = ?2, end_reason = ?3 WHERE person = ?1 AND ended_at IS NULL",
        (person, cx.command.server_at.0, reason),
    )?;
    tills::end_mandates(cx.db, person)
}

fn close(cx: &Context<'_>, session: i64, reason: &str) -> Result<(), ApplyError> {
    rows::run(
        cx.db,
        "UPDATE session SET ended_at = ?2, end_reason = ?3 WHERE id = ?1 AND ended_at IS NULL",
        (session, cx.command.server_at.0, reason),
    )?;
    Ok(())
}

fn load(cx: &Context<'_>, id: SessionId) -> rusqlite::Result<Option<Row>> {
    rows::one(
        cx.db,
        "SELECT session.id, person.uid, device, generation, refresh_expires_at, ended_at IS NOT NULL
         FROM session JOIN person ON person.id = session.person WHERE session.uid = ?1",
        [id.0.as_bytes().as_slice()],
        |row| {
            Ok(Row {
                key: row.get(0)?,
                person: PersonId(rows::id(row, 1)?),
                device: row.get(2)?,
                generation: row.get(3)?,
                refresh_expires_at: UtcMicros(row.get(4)?),
                ended: row.get(5)?,
            })
        },
    )
}
