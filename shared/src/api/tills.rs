//! Tills: what a cash desk may send in the name of people who are not signed in at this moment.

use super::wire;
use crate::{PersonId, TillId, UtcMicros};
use serde::{Deserialize, Serialize};

wire! {
    /// A till presents itself with a sign-in. The first time it is enrolled; every time the person who signs
    /// in lets it send their commands for thirty days (`X-Till-Key` and `X-On-Behalf-Of`).
    #[serde(deny_unknown_fields)]
    pub struct TillSignIn {
        /// Made by the till, once.
        pub id: TillId,
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
        pub name: String,
        /// The till's own random secret; the server keeps only a digest.
        #[cfg_attr(feature = "openapi", schema(min_length = 32, max_length = 128, pattern = "^[0-9A-Za-z_-]+$"))]
        pub key: String,
    }

    /// That a till may send a person's commands.
    pub struct TillMandate {
        pub till_id: TillId,
        pub until: UtcMicros,
    }

    pub struct Till {
        pub id: TillId,
        pub name: String,
        pub enrolled_by: PersonId,
        pub enrolled_at: UtcMicros,
        /// It sends nothing in anybody's name any more.
        pub revoked: bool,
        /// Whose commands it may send.
        pub people: Vec<TillPerson>,
    }

    pub struct TillPerson {
        pub person_id: PersonId,
        pub name: String,
        pub until: UtcMicros,
    }
}
