//! Keeps the session: hands out its access token and says when the next one is due.
//!
//! The client's own clock plays no part: old machines have wrong clocks. How long a token lasts is
//! told by the server's clock (`Date` of the answer that brought it) and counted down here.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, watch};

use crate::api::Session;
use crate::{CommandId, UtcMicros};

/// How long before its end an access token is renewed.
const MARGIN: Duration = Duration::from_mins(1);

/// A refresh that was sent and whose outcome is not known. Sending it again with the same key is
/// one refresh; a new key with an old token would look like theft.
pub(super) struct PendingRefresh {
    pub refresh_token: String,
    pub key: CommandId,
}

pub(super) struct Keeper {
    sessions: watch::Sender<Option<Arc<Session>>>,
    /// When to renew; unknown for a session from elsewhere, which is renewed when it is refused.
    renew_at: std::sync::Mutex<Option<Instant>>,
    /// Whoever holds this is renewing; the others wait for the outcome.
    pub renewing: Mutex<Option<PendingRefresh>>,
}

impl Keeper {
    pub fn new() -> Self {
        Self {
            sessions: watch::Sender::new(None),
            renew_at: std::sync::Mutex::new(None),
            renewing: Mutex::new(None),
        }
    }

    pub fn session(&self) -> Option<Arc<Session>> {
        self.sessions.borrow().clone()
    }

    pub fn watch(&self) -> watch::Receiver<Option<Arc<Session>>> {
        self.sessions.subscribe()
    }

    /// Whether the access token is due to be renewed.
    pub fn is_due(&self) -> bool {
        let renew_at = *self.renew_at.lock().unwrap_or_else(PoisonError::into_inner);
        renew_at.is_some_and(|at| Instant::now() >= at)
    }

    /// Takes a session; `date` is the server's clock when it gave it.
    pub fn put(&self, session: Session, date: Option<UtcMicros>) -> Arc<Session> {
        let lifetime = date.and_then(|date| u64::try_from(session.access_expires_at.since(date)).ok());
        let renew_at = lifetime.map(|micros| {
            let lifetime = Duration::from_micros(micros);
            // A token that lives shorter than the margin is renewed at half its life.
            Instant::now() + lifetime.checked_sub(MARGIN).unwrap_or(lifetime / 2)
        });
        let session = Arc::new(session);
        *self.renew_at.lock().unwrap_or_else(PoisonError::into_inner) = renew_at;
        self.sessions.send_replace(Some(Arc::clone(&session)));
        session
    }

    /// Forgets the session that has this refresh token, unless another took its place.
    pub fn forget(&self, refresh_token: &str) {
        self.sessions.send_if_modified(|held| {
            let same = held.as_ref().is_some_and(|session| session.refresh_token == refresh_token);
            if same {
                *held = None;
            }
            same
        });
    }
}
