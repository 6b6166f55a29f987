//! Chains and their stores.

use super::{Role, wire};
use crate::discount::Percent;
use crate::tax_id::Cnpj;
use crate::{Cents, ChainId, StoreId, UtcMicros};
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
        /// The whole CNPJ, as a receipt has to show it: told to the people of the store, and absent where a
        /// store is told in the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cnpj: Option<Cnpj>,
        /// IANA time zone: what day a sale belongs to, and how times are shown.
        pub zone: String,
        pub created_at: UtcMicros,
        /// How much each role may take off a sale.
        #[serde(default, skip_serializing_if = "DiscountLimits::is_usual")]
        pub discount_limits: DiscountLimits,
    }

    /// How much of a sale's undiscounted total each role may take off, in hundredths of a percent. A role may
    /// not give more than the one above it.
    #[derive(Copy, Eq)]
    #[serde(deny_unknown_fields)]
    pub struct DiscountLimits {
        pub seller: Percent,
        pub manager: Percent,
        pub admin: Percent,
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

/// Sellers 5 %, managers 30 %, admins everything.
impl Default for DiscountLimits {
    fn default() -> Self {
        Self { seller: Percent(500), manager: Percent(3_000), admin: Percent::ALL }
    }
}

impl DiscountLimits {
    pub const fn of(&self, role: Role) -> Percent {
        match role {
            Role::Seller => self.seller,
            Role::Manager => self.manager,
            Role::Admin => self.admin,
        }
    }

    /// What this role may take off a sale that would cost `undiscounted`.
    pub fn allows(&self, role: Role, undiscounted: Cents) -> Cents {
        self.of(role).of(undiscounted)
    }

    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
