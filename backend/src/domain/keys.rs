//! API keys for devices. Only the digest of a key is kept.

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{ApiKey, Event, KeyScope, NewApiKey, Role};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros, compact};

use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, check};

/// Sensors that one key may name.
const KEY_SENSORS: usize = 200;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IssueKey {
    pub key: NewApiKey,
    /// BLAKE3 of the secret; zeros in the journal.
    pub digest: [u8; 32],
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokeKey {
    pub key_id: ApiKeyId,
}

impl IssueKey {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::name("name", &self.key.name)?;
        check::range("scopes", i64::try_from(self.key.scopes.len()).unwrap_or(i64::MAX), 1, 2)?;
        check::count("sensors", self.key.sensors.len(), KEY_SENSORS)?;
        if self.key.sensors.iter().any(|id| !compact::acceptable(&id.to_string())) {
            return Err(Rejection::invalid("sensors", Invalid::Text { max_chars: 64 }));
        }
        self.key.expires_at.map_or(Ok(()), |at| check::moment("expires_at", at))
    }

    pub(super) fn without_secret(&self) -> Self {
        Self { digest: [0; 32], ..self.clone() }
    }
}

pub(super) fn issue(cx: &Context<'_>, p: &IssueKey) -> Result<Applied, ApplyError> {
    access::caller_or_server(cx, Role::Manager)?;
    let id = ApiKeyId(cx.command.id.0);
    let mut scopes: Vec<&str> = p.key.scopes.iter().map(|scope| scope.word()).collect();
    scopes.dedup();
    let sensors: Vec<String> = p.key.sensors.iter().map(ToString::to_string).collect();
    rows::run(
        cx.db,
        "INSERT INTO api_key (uid, name, digest, scopes, sensors, expires_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            id.0.as_bytes().as_slice(),
            check::name("name", &p.key.name)?,
            p.digest.as_slice(),
            scopes.join(","),
            sensors.join(","),
            p.key.expires_at.map(|at| at.0),
            cx.command.server_at.0,
        ),
    )?;
    Ok(Applied { event: Event::KeyIssued(load(cx.db, id)?), store: None })
}

pub(super) fn revoke(cx: &Context<'_>, p: &RevokeKey) -> Result<Applied, ApplyError> {
    access::caller_or_server(cx, Role::Manager)?;
    let key = rows::key_of(cx.db, "SELECT id FROM api_key WHERE uid = ?1", &p.key_id.0, Noun::Key)?;
    rows::run(
        cx.db,
        "UPDATE api_key SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
        [key, cx.command.server_at.0],
    )?;
    Ok(Applied { event: Event::KeyRevoked(load(cx.db, p.key_id)?), store: None })
}

pub const COLUMNS: &str = "uid, name, scopes, sensors, expires_at, revoked_at IS NOT NULL, created_at";

/// From the [`COLUMNS`] of the key table. Its last use is kept with the readings.
pub fn from_row(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    let scopes: String = row.get(2)?;
    let sensors: String = row.get(3)?;
    Ok(ApiKey {
        id: ApiKeyId(rows::id(row, 0)?),
        name: row.get(1)?,
        scopes: KeyScope::WORDS
            .iter()
            .filter(|(_, w)| scopes.split(',').any(|s| s == *w))
            .map(|(s, _)| *s)
            .collect(),
        sensors: sensors.split(',').filter_map(compact::sensor_id).collect::<Vec<SensorId>>(),
        expires_at: row.get::<_, Option<i64>>(4)?.map(UtcMicros),
        revoked: row.get(5)?,
        created_at: UtcMicros(row.get(6)?),
        last_used_at: None,
    })
}

fn load(db: &Connection, id: ApiKeyId) -> Result<ApiKey, ApplyError> {
    let sql = format!("SELECT {COLUMNS} FROM api_key WHERE uid = ?1");
    rows::one(db, &sql, [id.0.as_bytes().as_slice()], from_row)?
        .ok_or_else(|| Rejection::Unknown(Noun::Key).into())
}
