//! Cash sessions: one till's drawer from its opening float to the count at its close. What a till did without
//! the server is a fact: a close always works, and what comes after it is told beside its report.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{
    CashCount, CashMovement, CashReport, CashSession, CashSessionReport, Event, NewCashClosing,
    NewCashMovement, NewCashSession, Role,
};
use tillwatch_shared::cash::{self, DENOMINATIONS};
use tillwatch_shared::ids::CashMovementId;
use tillwatch_shared::limits::{AMOUNT_CENTS, CASH_COUNT, TILL_CHARS};
use tillwatch_shared::{CashSessionId, Cents, PersonId, StoreId, UtcMicros, names};

use super::access::{self, Caller, Workplace};
use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, cash_book, check};

/// Names that are tried for a till whose own has an open session.
const NAMES: i64 = 1_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenCashSession {
    pub session: NewCashSession,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MoveCash {
    pub session_id: CashSessionId,
    pub movement: NewCashMovement,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloseCashSession {
    pub session_id: CashSessionId,
    pub closing: NewCashClosing,
}

impl OpenCashSession {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::bounded("till", &self.session.till, TILL_CHARS)?;
        check::range("float_cents", self.session.float_cents.0, 0, AMOUNT_CENTS)?;
        self.session.opened_at.map_or(Ok(()), |at| check::moment("opened_at", at))
    }
}

impl MoveCash {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::range("amount_cents", self.movement.amount_cents.0, 1, AMOUNT_CENTS)?;
        reason(Some(&self.movement.reason))?.ok_or_else(missing_reason)?;
        self.movement.recorded_at.map_or(Ok(()), |at| check::moment("recorded_at", at))
    }
}

impl CloseCashSession {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let counts = &self.closing.counts;
        check::count("counts", counts.len(), DENOMINATIONS.len())?;
        for (position, CashCount { value_cents, count }) in counts.iter().enumerate() {
            let again = counts.iter().take(position).any(|other| other.value_cents == *value_cents);
            if again || !DENOMINATIONS.contains(value_cents) {
                let field = format!("counts.{position}.value_cents");
                return Err(Rejection::invalid(field, Invalid::Denomination));
            }
            check::range(format!("counts.{position}.count"), *count, 0, CASH_COUNT)?;
        }
        reason(self.closing.reason.as_deref())?;
        self.closing.closed_at.map_or(Ok(()), |at| check::moment("closed_at", at))
    }
}

fn reason(text: Option<&str>) -> Result<Option<String>, Rejection> {
    check::text("reason", text)
}

fn missing_reason() -> Rejection {
    Rejection::invalid("reason", Invalid::Missing)
}

/// A session as its row says it.
#[derive(Clone, Debug)]
pub struct Session {
    pub key: i64,
    pub session: CashSession,
    /// Where the journal has the close.
    pub close_seq: Option<i64>,
}

impl Session {
    /// As reports begin.
    pub fn opening(&self) -> cash::Opening {
        let session = &self.session;
        cash::Opening {
            store_name: session.store_name.clone(),
            till: session.till.clone(),
            opened_by_name: session.opened_by_name.clone(),
            opened_at: session.opened_at,
            float_cents: session.float_cents,
        }
    }

    /// What the session adds up to now.
    pub fn report(&self, db: &Connection) -> rusqlite::Result<CashReport> {
        Ok(cash::report(&self.opening(), &cash_book::entries(db, self, 0)?))
    }
}

/// What [`session`] reads; `{}` is the condition.
pub const SESSION: &str =
    "SELECT cash_session.id, cash_session.uid, number, store.uid, store.name, till, person.uid, person.name,
            float_cents, opened_at, close_seq
     FROM cash_session JOIN store ON store.id = cash_session.store JOIN person ON person.id = opened_by";

/// From a row of [`SESSION`]. The closing is left to those who ask for it.
pub fn session(row: &rusqlite::Row<'_>) -> rusqlite::Result<Session> {
    let session = CashSession {
        id: CashSessionId(rows::id(row, 1)?),
        number: row.get(2)?,
        store_id: StoreId(rows::id(row, 3)?),
        store_name: row.get(4)?,
        till: row.get(5)?,
        opened_by: PersonId(rows::id(row, 6)?),
        opened_by_name: row.get(7)?,
        float_cents: Cents(row.get(8)?),
        opened_at: UtcMicros(row.get(9)?),
        closing: None,
    };
    Ok(Session { key: row.get(0)?, session, close_seq: row.get(10)? })
}

/// The session, if the caller works in its store.
fn of_caller(
    cx: &Context<'_>,
    caller: &Caller,
    id: CashSessionId,
) -> Result<(Session, Workplace), ApplyError> {
    let sql = format!("{SESSION} WHERE cash_session.uid = ?1");
    let found = rows::one(cx.db, &sql, [id.0.as_bytes().as_slice()], session)?;
    let found = found.ok_or(Rejection::Unknown(Noun::CashSession))?;
    let store = access::workplace(cx, caller, found.session.store_id)?;
    Ok((found, store))
}

/// Checks that what names a session which is known here is of that session's store.
pub fn check_store(db: &Connection, id: Option<CashSessionId>, store: i64) -> Result<(), ApplyError> {
    let Some(id) = id else { return Ok(()) };
    let place: Option<i64> = rows::one(
        db,
        "SELECT store FROM cash_session WHERE uid = ?1",
        [id.0.as_bytes().as_slice()],
        |row| row.get(0),
    )?;
    match place {
        Some(place) if place != store => Err(Rejection::Unknown(Noun::CashSession).into()),
        Some(_) | None => Ok(()),
    }
}

pub(super) fn open(cx: &Context<'_>, p: &OpenCashSession) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let store = access::workplace(cx, &caller, p.session.store_id)?;
    let till = free_name(cx.db, &store, &p.session)?;
    let number = rows::one(
        cx.db,
        "SELECT coalesce(max(number), 0) + 1 FROM cash_session WHERE store = ?1",
        [store.key],
        |row| row.get(0),
    )?;
    let session = CashSession {
        id: CashSessionId(cx.command.id.0),
        number: number.unwrap_or(1),
        store_id: store.id,
        store_name: store.name.clone(),
        till,
        opened_by: caller.id,
        opened_by_name: caller.name.clone(),
        float_cents: p.session.float_cents,
        opened_at: p.session.opened_at.unwrap_or(cx.command.client_at),
        closing: None,
    };
    rows::run(
        cx.db,
        "INSERT INTO cash_session (uid, number, store, till, till_folded, opened_by, float_cents, opened_at, seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            session.id.0.as_bytes().as_slice(),
            session.number,
            store.key,
            &session.till,
            names::fold(&session.till),
            caller.key,
            session.float_cents.0,
            session.opened_at.0,
            cx.seq,
        ),
    )?;
    Ok(Applied { event: Event::CashSessionOpened(session), store: Some(store.id) })
}

/// The till's name, told apart from one that has an open session if that is asked for.
fn free_name(db: &Connection, store: &Workplace, new: &NewCashSession) -> Result<String, ApplyError> {
    let name = check::bounded("till", &new.till, TILL_CHARS)?;
    let taken = |name: &str| {
        let sql = "SELECT 1 FROM cash_session WHERE store = ?1 AND till_folded = ?2 AND close_seq IS NULL";
        rows::one(db, sql, (store.key, names::fold(name)), |_| Ok(())).map(|found| found.is_some())
    };
    if !taken(&name)? {
        return Ok(name);
    }
    if new.rename_if_open {
        for number in 2..NAMES {
            let other = format!("{name} ({number})");
            if !taken(&other)? {
                return Ok(other);
            }
        }
    }
    Err(Rejection::CashSessionOpen.into())
}

pub(super) fn movement(cx: &Context<'_>, p: &MoveCash) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let (Session { key, session, .. }, store) = of_caller(cx, &caller, p.session_id)?;
    let recorded_at = p.movement.recorded_at.unwrap_or(cx.command.client_at);
    let closed_at: Option<i64> =
        rows::one(cx.db, "SELECT closed_at FROM cash_session WHERE id = ?1", [key], |row| row.get(0))?
            .flatten();
    // One from before the close has only come late.
    if closed_at.is_some_and(|closed_at| recorded_at.0 > closed_at) {
        return Err(Rejection::CashSessionClosed.into());
    }
    let movement = CashMovement {
        id: CashMovementId(cx.command.id.0),
        session_id: session.id,
        store_id: store.id,
        store_name: store.name,
        till: session.till,
        kind: p.movement.kind,
        amount_cents: p.movement.amount_cents,
        reason: reason(Some(&p.movement.reason))?.ok_or_else(missing_reason)?,
        person_id: caller.id,
        person_name: caller.name,
        recorded_at,
        received_at: cx.command.server_at,
    };
    rows::run(
        cx.db,
        "INSERT INTO cash_movement (uid, session, kind, amount_cents, reason, person, recorded_at, seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            movement.id.0.as_bytes().as_slice(),
            key,
            movement.kind.word(),
            movement.amount_cents.0,
            &movement.reason,
            caller.key,
            movement.recorded_at.0,
            cx.seq,
        ),
    )?;
    Ok(Applied { event: Event::CashMoved(movement), store: Some(store.id) })
}

pub(super) fn close(cx: &Context<'_>, p: &CloseCashSession) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let (found, store) = of_caller(cx, &caller, p.session_id)?;
    if found.close_seq.is_some() {
        return Err(Rejection::CashSessionClosed.into());
    }
    let reason = reason(p.closing.reason.as_deref())?;
    if reason.is_none() && caller.id != found.session.opened_by {
        return Err(missing_reason().into());
    }
    let at = p.closing.closed_at.unwrap_or(cx.command.client_at);
    let by = (caller.id, caller.name.as_str());
    let report = cash::closed(found.report(cx.db)?, by, at, &p.closing.counts, reason);
    keep_close(cx, found.key, caller.key, &report)?;
    let session = CashSession { closing: report.closing.clone(), ..found.session };
    let outcome = CashSessionReport { session, report: Box::new(report), late: None };
    Ok(Applied { event: Event::CashSessionClosed(outcome), store: Some(store.id) })
}

fn keep_close(cx: &Context<'_>, session: i64, person: i64, report: &CashReport) -> rusqlite::Result<()> {
    let Some(closing) = &report.closing else { return Ok(()) };
    rows::run(
        cx.db,
        "UPDATE cash_session SET closed_by = ?2, closed_at = ?3, counted_cents = ?4, expected_cents = ?5,
                difference_cents = ?6, close_reason = ?7, close_seq = ?8 WHERE id = ?1",
        (
            session,
            person,
            closing.closed_at.0,
            closing.counted_cents.0,
            closing.expected_cents.0,
            closing.difference_cents.0,
            &closing.reason,
            cx.seq,
        ),
    )?;
    for CashCount { value_cents, count } in &closing.counts {
        rows::run(
            cx.db,
            "INSERT INTO cash_count (session, value_cents, count) VALUES (?1, ?2, ?3)",
            (session, value_cents.0, count),
        )?;
    }
    Ok(())
}
