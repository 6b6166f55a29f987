//! Chains and their stores.

use super::wire;
use crate::{ChainId, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    pub struct Chain {
        pub id: ChainId,
        pub name: String,
        pub created_at: UtcMicros,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewChain {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: String,
    }

    pub struct Store {
        pub id: StoreId,
        pub chain_id: ChainId,
        pub name: String,
        /// The CNPJ with its outer digits hidden.
        pub cnpj_masked: Option<String>,
        /// IANA time zone: what day a sale belongs to, and how times are shown.
        pub zone: String,
        pub created_at: UtcMicros,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewStore {
        pub chain_id: ChainId,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: String,
        /// Numeric or alphanumeric CNPJ; the check digits must match.
        pub cnpj: Option<String>,
        /// The server's zone if absent.
        pub zone: Option<String>,
    }

    /// What changes about a store; absent fields stay.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct StoreChange {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: Option<String>,
        /// Numeric or alphanumeric CNPJ; the check digits must match.
        pub cnpj: Option<String>,
        /// Sales keep the day that they had; those to come get theirs in the new zone.
        pub zone: Option<String>,
    }
}
