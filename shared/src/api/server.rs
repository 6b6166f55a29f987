//! What a client needs to know about the server before anybody has signed in.

use super::wire;
use crate::UtcMicros;
use serde::{Deserialize, Serialize};

wire! {
    pub struct ServerInfo {
        pub version: String,
        /// Demonstration data, every password `1234`: windows show a banner.
        pub demo: bool,
        /// People may register themselves.
        pub open_registration: bool,
        /// Nobody exists yet: the set-up code from the server's first start makes the admin.
        pub needs_setup: bool,
        pub zone: String,
        pub server_at: UtcMicros,
        /// Present while the readings' database is away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub readings_held: Option<ReadingsHeld>,
    }

    /// Readings that wait on the server's disk because their database is away. Charts wait as well.
    #[derive(Copy)]
    pub struct ReadingsHeld {
        pub since: UtcMicros,
        pub readings: u64,
        pub bytes: u64,
        /// The most bytes that may wait.
        pub room_bytes: u64,
        /// No more are taken: the room is used up, or the disk fails.
        pub refused: bool,
    }

    /// `/health/ready` and `/health/live`.
    pub struct Health {
        /// `ok`, or what is missing.
        pub status: String,
        pub ledger: String,
        pub telemetry: String,
        /// Where the server does HTTPS itself: `ok`, or what is wrong with its certificate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub tls: Option<String>,
        /// Until when the certificate in use is good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub tls_until: Option<UtcMicros>,
    }
}
