//! What stands in for the server while it is away.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Change, Event, Person, Product, Session, Store};
use tillwatch_shared::{CommandId, Quantity, StoreId, UtcMicros};

/// Between two tries to sign in at the server after a sign-in at the till alone.
pub const RECONNECT_EVERY_MICROS: i64 = 5 * tillwatch_shared::time::SECOND;

/// A person whom the server has let in at this till before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub person: Person,
    pub stores: Vec<Store>,
    /// Until then the till lets them in by itself.
    pub until: UtcMicros,
    /// Until then the till may send what they did, although they are not signed in.
    #[serde(default, skip)]
    pub mandate_until: Option<UtcMicros>,
}

impl Known {
    pub fn of(session: &Session) -> Self {
        Self {
            person: session.person.clone(),
            stores: session.stores.clone(),
            until: session.refresh_expires_at,
            mandate_until: session.mandate.as_ref().map(|mandate| mandate.until),
        }
    }
}

/// Products, and what one store held of them when the server was last heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    pub store: StoreId,
    /// Everything there is, not only what has changed.
    pub whole: bool,
    /// When the server told it.
    pub heard_at: Option<UtcMicros>,
    /// From where the server's changes can be followed without loading everything anew.
    pub place: Option<Place>,
    pub items: Vec<Remembered>,
}

/// A product, its balance, and the last change that is in the balance.
pub type Remembered = (Product, Option<Quantity>, i64);

/// A change of the server's that everybody who works in the store is told of. All up to it is known here, and a server
/// that does not tell it again is another one, or was restored from a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose balances are known.
    pub store: StoreId,
    pub seq: i64,
    pub command: CommandId,
    /// How far the server's changes went when it was last heard.
    pub reached: i64,
}

impl Place {
    /// At the last of these changes that is told to all of the store; `reached` is where they end.
    pub fn last_of(changes: &[Change], store: StoreId, reached: i64) -> Option<Self> {
        let told_to_all = |change: &&Change| {
            let product = matches!(change.event, Event::ProductAdded(_) | Event::ProductChanged(_));
            product || change.event.goods().is_some_and(|goods| goods.store_id() == store)
        };
        let last = changes.iter().rev().filter(|change| change.seq <= reached).find(told_to_all)?;
        Some(Self { store, seq: last.seq, command: last.command_id, reached })
    }
}

/// What the till works with while the server is away.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offline {
    /// What the till's file held when the window opened; used up at the first sign-in without the server.
    pub goods: Option<Memory>,
    /// The person was let in by this till alone; the server was last asked at this time.
    pub signed_in_here: Option<UtcMicros>,
    /// When the server told what was remembered of the goods.
    pub goods_heard_at: Option<UtcMicros>,
    /// Up to where the goods on the screen are known.
    pub place: Option<Place>,
    /// By how much this machine's clock is ahead of the server's, in microseconds; unknown before an answer.
    pub clock_ahead: Option<i64>,
}

/// From here on the clock is worth a word.
const CLOCK_OFF: i64 = tillwatch_shared::time::MINUTE;

impl Offline {
    /// What the server's clock said when it answered; half of the way is the answer's.
    pub const fn heard_clock(&mut self, server_at: UtcMicros, heard_at: UtcMicros, round_trip_micros: i64) {
        let then = heard_at.0.saturating_sub(round_trip_micros / 2);
        self.clock_ahead = Some(then.saturating_sub(server_at.0));
    }

    /// By how much the clock is ahead (negative: behind), if that is worth a word.
    pub fn clock_off(&self) -> Option<i64> {
        self.clock_ahead.filter(|ahead| ahead.abs() > CLOCK_OFF)
    }
}
