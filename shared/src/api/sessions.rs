//! Signing in and staying signed in.

use super::{Person, Store, TillMandate, TillSignIn, wire};
use crate::{SessionId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    #[serde(deny_unknown_fields)]
    pub struct SignIn {
        /// User name or CPF.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
        pub username: String,
        /// The password, or the PIN of a person who has one.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
        pub password: String,
        /// Which program on which machine, for the list of sessions: "register caixa-2".
        #[cfg_attr(feature = "openapi", schema(max_length = 120))]
        pub device: Option<String>,
        /// The cash desk at which the person signs in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub till: Option<TillSignIn>,
    }

    /// Registering oneself, where the server allows it.
    #[serde(deny_unknown_fields)]
    pub struct SignUp {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
        pub username: String,
        #[cfg_attr(feature = "openapi", schema(min_length = 4, max_length = 256))]
        pub password: String,
        #[cfg_attr(feature = "openapi", schema(max_length = 120))]
        pub device: Option<String>,
    }

    /// The first start: the code that the server printed makes the first admin.
    #[serde(deny_unknown_fields)]
    pub struct SetUp {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
        pub code: String,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
        pub username: String,
        #[cfg_attr(feature = "openapi", schema(min_length = 4, max_length = 256))]
        pub password: String,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub store_name: String,
        #[cfg_attr(feature = "openapi", schema(max_length = 120))]
        pub device: Option<String>,
    }

    #[serde(deny_unknown_fields)]
    pub struct Refresh {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
        pub refresh_token: String,
    }

    /// A signed-in session. The access token goes into `Authorization: Bearer`; shortly before it
    /// expires the refresh token buys the next pair, once.
    pub struct Session {
        pub id: SessionId,
        pub access_token: String,
        pub access_expires_at: UtcMicros,
        pub refresh_token: String,
        pub refresh_expires_at: UtcMicros,
        pub person: Person,
        /// The stores that the person works in, in full.
        pub stores: Vec<Store>,
        /// What the till may do that the sign-in named; absent where it named none, or one that is revoked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mandate: Option<TillMandate>,
    }
}
