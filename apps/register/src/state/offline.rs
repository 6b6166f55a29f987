//! What stands in for the server while it is away.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Person, Product, Store};
use tillwatch_shared::{Quantity, StoreId, UtcMicros};

/// Between two tries to sign in at the server after a sign-in at the till alone.
pub const RECONNECT_EVERY_MICROS: i64 = 5 * tillwatch_shared::time::SECOND;

/// A person whom the server has let in at this till before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub person: Person,
    pub stores: Vec<Store>,
    /// Until then the till lets them in by itself.
    pub until: UtcMicros,
}

/// Products, and what one store held of them when the server was last heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    pub store: StoreId,
    /// Everything there is, not only what has changed.
    pub whole: bool,
    pub items: Vec<(Product, Option<Quantity>)>,
}

/// What the till works with while the server is away.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offline {
    /// What the till's file held when the window opened; used up at the first sign-in without the server.
    pub goods: Option<Memory>,
    /// The person was let in by this till alone; the server was last asked at this time.
    pub signed_in_here: Option<UtcMicros>,
}
