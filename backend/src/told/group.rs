//! Telling in a group of servers. Each of them takes in what the journal says of alarms and of who was told; the one that
//! coordinates tells, and has it noted in the journal. So whoever coordinates next owes what is not noted.
//!
//! Between a receiver's answer and the note nobody can know: a server that falls there, or is cut off from the others,
//! leaves a message that the next one sends again, under the same key. What is under way when another server is to
//! coordinate is left the time to be answered and noted.

use std::time::Duration;

use futures_util::future::join_all;
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{AlarmId, UtcMicros};

use super::store::{Due, Message, Outcome, Place, Way};
use super::{AT_ONCE, OPENED, TellError, Told, key, mail, send_due, take_in, webhook};
use crate::domain::told::{NoteTold, note_id};
use crate::domain::{Command, Payload};
use crate::http::App;
use crate::ledger::{SubmitError, journal, queries};

/// Messages that are looked up in the journal when something has come.
const LOOKED_UP: u32 = 1_000;
/// How long the note of an attempt that was just answered may take.
const NOTED_WITHIN: i64 = 5 * SECOND;

/// One way of telling, as this server's turn comes and goes.
#[derive(Debug)]
pub(super) struct Turn {
    way: Way,
    /// The term of the group in which this server took it up.
    term: Option<u64>,
}

impl Turn {
    pub(super) const fn new(way: Way) -> Self {
        Self { way, term: None }
    }

    /// Sends what is due, where this server is to do so, and has noted what came of it.
    pub(super) async fn take(&mut self, app: &App, told: &Told) -> Result<(), TellError> {
        // It stops.
        let Ok(_under_way) = told.under_way.try_acquire() else { return Ok(()) };
        let sent = match self.is_here(app, told).await {
            Ok(true) => send_due(app, told, self.way).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        sent.and(note_rest(app, told, self.way).await)
    }

    async fn is_here(&mut self, app: &App, told: &Told) -> Result<bool, TellError> {
        let Some(group) = &app.group else { return Ok(true) };
        let term = group.term_as_coordinator();
        if term.is_none() || self.term == term {
            self.term = term;
            return Ok(term.is_some());
        }
        if !group.catch_up().await {
            return Ok(false);
        }
        take_in(app, told)?;
        // Whoever coordinated before may still wait for an answer.
        let answered = i64::try_from(patience(self.way).as_micros()).unwrap_or(i64::MAX);
        told.store.hold_back(self.way, app.now().plus(answered).plus(NOTED_WITHIN))?;
        self.term = term;
        Ok(true)
    }
}

/// How long an attempt may take.
const fn patience(way: Way) -> Duration {
    match way {
        Way::Post => webhook::PATIENCE,
        Way::Mail => mail::PATIENCE,
    }
}

/// Whether it is certain that no other server tells.
pub(super) async fn may_tell(app: &App) -> bool {
    let Some(group) = &app.group else { return true };
    group.coordinates() && group.catch_up().await && group.coordinates()
}

/// Has noted in the journal what became of a message.
pub(super) async fn note(app: &App, told: &Told, due: &Due, outcome: &Outcome) -> Result<(), TellError> {
    match outcome.end() {
        Some(was_told) if app.group.is_some() => {
            let Message { alarm, key, .. } = due.message;
            submit(app, told, due.id, NoteTold { alarm_id: alarm, message_id: key, told: was_told }).await
        }
        Some(_) | None => Ok(()),
    }
}

/// The same of those that could not be noted when they were answered. Any server may: one that coordinates no more has
/// done what it did.
async fn note_rest(app: &App, told: &Told, way: Way) -> Result<(), TellError> {
    if app.group.is_none() {
        return Ok(());
    }
    let done = told.store.to_note(way, AT_ONCE)?;
    let noted = join_all(done.into_iter().map(async |(id, note)| submit(app, told, id, note).await));
    noted.await.into_iter().collect()
}

async fn submit(app: &App, told: &Told, id: i64, note: NoteTold) -> Result<(), TellError> {
    let now = app.now();
    let command = Command {
        id: note_id(note.message_id),
        actor: None,
        till: None,
        client_at: now,
        server_at: now,
        payload: Payload::NoteTold(note),
    };
    match app.ledger.submit(command).await {
        // Or another server has noted something else, or the ledger does not know the alarm.
        Ok(_) | Err(SubmitError::Rejected(_) | SubmitError::Refused) => told.store.is_noted(id)?,
        Err(error) => tracing::debug!(%error, "who was told of an alarm is not noted yet"),
    }
    Ok(())
}

/// Takes over what others have noted of messages that are still owed here.
pub(super) fn hear(app: &App, told: &Told) -> Result<(), TellError> {
    if app.group.is_none() {
        return Ok(());
    }
    for (id, key) in told.store.owed(LOOKED_UP)? {
        if let Some((was_told, at)) = app.ledger.read(|db| queries::alarms::noted(db, key))? {
            told.store.settle(id, &Outcome::Noted { told: was_told, at }, at)?;
        }
    }
    Ok(())
}

/// When the first of those who are told first was told, if a server of the group noted it.
pub(super) fn told_at(app: &App, told: &Told, alarm: AlarmId) -> Result<Option<UtcMicros>, TellError> {
    if app.group.is_none() {
        return Ok(None);
    }
    let mut earliest: Option<UtcMicros> = None;
    for recipient in &told.recipients.first {
        let message = key(OPENED, alarm, recipient);
        if let Some((true, at)) = app.ledger.read(|db| queries::alarms::noted(db, message))? {
            earliest = Some(earliest.map_or(at, |before| before.min(at)));
        }
    }
    Ok(earliest)
}

/// The ledger may have become a copy of another one, which ends before what was read here.
pub(super) fn set_back(app: &App, told: &Told, place: Place) -> Result<(), TellError> {
    if app.group.is_none() || place.seq == app.ledger.tip() {
        return Ok(());
    }
    let tip = app.ledger.read(journal::tip)?.seq;
    if place.seq > tip {
        told.store.set_back(tip)?;
    }
    Ok(())
}
