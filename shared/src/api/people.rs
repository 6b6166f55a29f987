//! People: who may do what, and where.

use super::wire;
use crate::{PersonId, StoreId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    /// What a person may do. Each role may do all that the ones before it may.
    #[derive(Copy, Eq, PartialOrd, Ord, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum Role {
        Seller,
        Manager,
        Admin,
    }

    pub struct Person {
        pub id: PersonId,
        pub username: String,
        pub name: String,
        pub role: Role,
        /// The CPF with its outer digits hidden: `***.456.789-**`.
        pub cpf_masked: Option<String>,
        /// The stores this person works in. An admin works in all, whatever stands here.
        pub stores: Vec<StoreId>,
        pub active: bool,
        pub created_at: UtcMicros,
        /// Whether a PIN opens the door as well as the password. Absent where it does not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub has_pin: bool,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewPerson {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
        pub username: String,
        #[cfg_attr(feature = "openapi", schema(min_length = 4, max_length = 256))]
        pub password: String,
        /// Shown to others; the user name if absent.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: Option<String>,
        pub role: Role,
        /// With or without dots and dash; the check digits must match.
        pub cpf: Option<String>,
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(max_items = 200))]
        pub stores: Vec<StoreId>,
    }

    /// What changes about a person; absent fields stay.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct PersonChange {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: Option<String>,
        pub role: Option<Role>,
        #[cfg_attr(feature = "openapi", schema(max_items = 200))]
        pub stores: Option<Vec<StoreId>>,
        pub active: Option<bool>,
        /// A new password ends all of the person's sessions.
        #[cfg_attr(feature = "openapi", schema(min_length = 4, max_length = 256))]
        pub password: Option<String>,
        /// A PIN of 4 to 8 digits, for people who work in stores; an empty text takes it away. What is easy
        /// to guess is refused. A change of an old PIN ends all of the person's sessions.
        #[cfg_attr(feature = "openapi", schema(max_length = 8, pattern = "^([0-9]{4,8})?$"))]
        pub pin: Option<String>,
    }
}
