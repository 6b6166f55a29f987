//! The keys of devices, in memory: from the environment, and those made in Tillwatch.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tillwatch_shared::api::{ApiKey, KeyScope};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

/// What a key allows.
#[derive(Clone, Debug)]
pub struct Grant {
    /// `None` for a key from the environment.
    pub id: Option<ApiKeyId>,
    pub scopes: Vec<KeyScope>,
    /// The sensors it may write, as text; empty for all.
    pub sensors: Vec<String>,
    pub expires_at: Option<UtcMicros>,
}

impl Grant {
    pub fn may_write(&self, sensor: &SensorId) -> bool {
        self.sensors.is_empty() || self.sensors.contains(&sensor.to_string())
    }
}

#[derive(Debug, Default)]
pub struct Keyring {
    fixed: HashMap<[u8; 32], Arc<Grant>>,
    issued: RwLock<HashMap<[u8; 32], Arc<Grant>>>,
}

/// How a secret is kept and looked up. It is long and random, so a plain digest is enough.
pub fn digest(secret: &str) -> [u8; 32] {
    *blake3::hash(secret.as_bytes()).as_bytes()
}

impl Keyring {
    /// With the keys of the environment.
    pub fn new(write_readings: Option<&str>, read_live: Option<&str>) -> Self {
        let mut fixed: HashMap<[u8; 32], Grant> = HashMap::new();
        for (secret, scope) in [(write_readings, KeyScope::WriteReadings), (read_live, KeyScope::ReadLive)] {
            let Some(secret) = secret.filter(|secret| !secret.is_empty()) else { continue };
            let grant = fixed.entry(digest(secret)).or_insert(Grant {
                id: None,
                scopes: Vec::new(),
                sensors: Vec::new(),
                expires_at: None,
            });
            grant.scopes.push(scope);
        }
        let fixed = fixed.into_iter().map(|(digest, grant)| (digest, Arc::new(grant))).collect();
        Self { fixed, issued: RwLock::default() }
    }

    /// Takes over the keys of the ledger.
    pub fn load(&self, keys: Vec<([u8; 32], ApiKey)>) {
        let table = keys.into_iter().map(|(digest, key)| {
            let grant = Grant {
                id: Some(key.id),
                scopes: key.scopes,
                sensors: key.sensors.iter().map(ToString::to_string).collect(),
                expires_at: key.expires_at,
            };
            (digest, Arc::new(grant))
        });
        *self.issued.write().unwrap_or_else(PoisonError::into_inner) = table.collect();
    }

    /// What the secret allows, if it is good for `scope` now.
    pub fn grant(&self, secret: &str, scope: KeyScope, now: UtcMicros) -> Option<Arc<Grant>> {
        self.grant_of(&digest(secret), scope, now)
    }

    /// The same for a secret that was looked up before.
    pub fn grant_of(&self, digest: &[u8; 32], scope: KeyScope, now: UtcMicros) -> Option<Arc<Grant>> {
        let issued = self.issued.read().unwrap_or_else(PoisonError::into_inner);
        let grant = self.fixed.get(digest).or_else(|| issued.get(digest))?;
        let good = grant.scopes.contains(&scope) && grant.expires_at.is_none_or(|at| at > now);
        good.then(|| Arc::clone(grant))
    }
}
