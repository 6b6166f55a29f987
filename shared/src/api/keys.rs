//! API keys, for devices.

use super::wire;
use crate::{ApiKeyId, SensorId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    /// What a key may do.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum KeyScope {
        /// Post readings.
        WriteReadings,
        /// Listen to the live readings.
        ReadLive,
    }

    pub struct ApiKey {
        pub id: ApiKeyId,
        pub name: String,
        pub scopes: Vec<KeyScope>,
        /// The sensors it may write; empty for all.
        pub sensors: Vec<SensorId>,
        pub expires_at: Option<UtcMicros>,
        pub revoked: bool,
        pub created_at: UtcMicros,
        /// Kept beside the ledger and up to a minute late.
        pub last_used_at: Option<UtcMicros>,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewApiKey {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: String,
        #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 2))]
        pub scopes: Vec<KeyScope>,
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 200))]
        pub sensors: Vec<SensorId>,
        pub expires_at: Option<UtcMicros>,
    }

    /// A new key with its secret, which is shown this once.
    pub struct IssuedApiKey {
        pub key: ApiKey,
        /// `null` when the request repeats an earlier one: the secret was shown then.
        pub secret: Option<String>,
    }
}
