//! Errors on the wire: RFC 9457 `application/problem+json`.

use super::wire;
use serde::{Deserialize, Serialize};

wire! {
    /// What went wrong, in the caller's language, and what to do about it.
    pub struct Problem {
        /// A URI reference that names the kind of problem: `/problems/<code>`.
        #[serde(rename = "type")]
        pub kind: String,
        /// The same for every problem of this code.
        pub title: String,
        pub status: u16,
        /// Stable, for programs: `name_taken`, `not_signed_in`, …
        pub code: String,
        /// What happened this time.
        pub detail: String,
        /// What to do next.
        pub hint: String,
        /// The field of the request that is wrong, as a path: `lines.0.quantity_thousandths`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub field: Option<String>,
    }
}
