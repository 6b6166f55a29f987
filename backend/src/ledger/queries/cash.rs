//! Cash sessions and their reports.

use rusqlite::Connection;
use tillwatch_shared::CashSessionId;
use tillwatch_shared::api::{CashSession, CashSessionReport, Event, Page};
use tillwatch_shared::cash;

use super::Slice;
use crate::domain::cash::{SESSION, Session, session};
use crate::domain::{cash_book, rows};
use crate::ledger::journal;

/// Sessions of these stores (a JSON array of row keys); the open ones alone if that is asked for.
pub fn list(
    db: &Connection,
    stores: &str,
    only_open: bool,
    slice: Slice,
) -> rusqlite::Result<Page<CashSession>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "{SESSION} WHERE cash_session.id > ?1 AND cash_session.id < ?2
            AND cash_session.store IN (SELECT value FROM json_each(?3)) AND (close_seq IS NULL OR NOT ?5)
         ORDER BY cash_session.id {} LIMIT ?4",
        slice.direction()
    );
    let found = rows::all(db, &sql, (above, below, stores, slice.limit + 1, only_open), session)?;
    let closed = found.into_iter().map(|found| {
        let key = found.key;
        let closing = closed(db, &found)?.and_then(|outcome| outcome.session.closing);
        Ok((key, CashSession { closing, ..found.session }))
    });
    Ok(slice.page(closed.collect::<rusqlite::Result<_>>()?))
}

/// A session of one of these stores: X while it is open; Z as it was at the close, and what came later.
pub fn report(
    db: &Connection,
    stores: &str,
    id: CashSessionId,
) -> rusqlite::Result<Option<CashSessionReport>> {
    let sql = format!(
        "{SESSION} WHERE cash_session.uid = ?1 AND cash_session.store IN (SELECT value FROM json_each(?2))"
    );
    let Some(found) = rows::one(db, &sql, (id.0.as_bytes().as_slice(), stores), session)? else {
        return Ok(None);
    };
    if let Some(outcome) = closed(db, &found)? {
        let after = cash_book::entries(db, &found, found.close_seq.unwrap_or_default())?;
        return Ok(Some(CashSessionReport { late: cash::late(&after), ..outcome }));
    }
    let report = Box::new(found.report(db)?);
    Ok(Some(CashSessionReport { session: found.session, report, late: None }))
}

/// What the close said, as it was answered then.
fn closed(db: &Connection, found: &Session) -> rusqlite::Result<Option<CashSessionReport>> {
    let Some(seq) = found.close_seq else { return Ok(None) };
    let event: Option<Event> =
        rows::one(db, "SELECT outcome FROM journal WHERE seq = ?1", [seq], |row| journal::event(row, 0))?;
    Ok(event.and_then(|event| event.try_into().ok()))
}
