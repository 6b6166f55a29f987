//! What a connection may hear, looked up again whenever something changed.

use std::collections::HashSet;

use tillwatch_shared::api::KeyScope;
use tillwatch_shared::{SensorId, UtcMicros};

use super::Holder;
use crate::auth::keyring;
use crate::auth::tokens::Claims;
use crate::http::App;
use crate::ledger::queries::{sensors, viewer};

/// Who listens.
#[derive(Clone, Copy, Debug)]
pub enum Pass {
    /// A key with the scope to listen: everything.
    Key([u8; 32]),
    /// A signed-in person: the sensors of their stores, and those that have none.
    Person(Claims),
}

/// The sensors that a person may not see.
#[derive(Debug, Default)]
pub struct Hidden(HashSet<String>);

/// What is allowed at the moment.
#[derive(Debug, Default)]
pub(super) struct Allowed {
    pub hidden: Hidden,
    /// When it ends by itself.
    pub until: Option<UtcMicros>,
}

impl Hidden {
    pub fn hides(&self, sensor: &SensorId) -> bool {
        !self.0.is_empty() && self.0.contains(&sensor.to_string())
    }
}

impl Pass {
    /// A key, if it is good for listening, or a person with a good access token.
    pub fn of(app: &App, key: Option<&str>, token: Option<&str>) -> Option<Self> {
        let now = app.now();
        if let Some(secret) = key {
            app.keyring.grant(secret, KeyScope::ReadLive, now)?;
            return Some(Self::Key(keyring::digest(secret)));
        }
        Some(Self::Person(app.tokens.verify_access(token?, now).ok()?))
    }

    pub const fn holder(&self) -> Holder {
        match self {
            Self::Key(digest) => Holder::Key(*digest),
            Self::Person(claims) => Holder::Session(claims.sid),
        }
    }

    /// What it may hear now; `None` if nothing any more. The use of a key is noted. A person listens for as long as the session lasts.
    pub(super) fn allowed(&self, app: &App) -> Option<Allowed> {
        match self {
            Self::Key(digest) => {
                let now = app.now();
                let grant = app.keyring.grant_of(digest, KeyScope::ReadLive, now)?;
                if let Some(id) = grant.id {
                    app.telemetry.note_key_use(id, now);
                }
                Some(Allowed { hidden: Hidden::default(), until: grant.expires_at })
            }
            Self::Person(claims) => {
                let read = app.ledger.read(|db| {
                    let Some(viewer) = viewer::of_session(db, claims.sub, claims.sid)? else {
                        return Ok(None);
                    };
                    let named = sensors::named(db)?.into_iter();
                    let hidden = named.filter(|(_, settings)| !viewer.sees(settings.store_id));
                    Ok(Some(Hidden(hidden.map(|(id, _)| id).collect())))
                });
                match read {
                    Ok(hidden) => hidden.map(|hidden| Allowed { hidden, until: None }),
                    Err(error) => {
                        tracing::error!(%error, "what a person may hear could not be read");
                        None
                    }
                }
            }
        }
    }
}
