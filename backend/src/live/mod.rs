//! Live readings: a bounded fan-out of what the telemetry writer has committed.
//!
//! There is one ring of the newest readings for everybody (`ring`); a client is a place in it, so a client
//! costs next to nothing and a slow one costs nobody anything: whoever falls behind the ring is told so and
//! dropped. The writer only puts readings into the ring and wakes each serving thread once (`wake`); the text
//! of a reading is made once, by the first client that sends it (`piece`). `client` is one connection,
//! `pass` is what it may hear. Upgrading the connection is left to `http/live.rs`.

pub mod client;
mod pass;
mod piece;
mod ring;
mod wake;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::tz::TimeZone;
use tillwatch_shared::SessionId;

use crate::locks::lock;
use crate::telemetry::{Listener, Stored, Telemetry};

pub use self::pass::Pass;
use self::piece::Piece;
pub use self::ring::Figures;
use self::ring::Ring;
pub use self::wake::Local;
use self::wake::Stations;

/// Connections of one signed-in session: some windows of a browser.
const SESSION_CONNECTIONS: usize = 16;

/// Bounds of the fan-out.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Readings that a client may be behind.
    pub backlog: usize,
    /// Connections of one key at the same time; 0 for no limit.
    pub connections_per_key: usize,
    /// How often a client is asked whether it is still there.
    pub ping: Duration,
}

/// The fan-out. Clones share it.
#[derive(Clone, Debug)]
pub struct Live(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ring: Mutex<Ring>,
    stations: Stations,
    options: Options,
    zone: TimeZone,
    seats: Mutex<HashMap<Holder, usize>>,
    /// Grows when keys, people or sensors change: every client then looks again at what it may hear.
    epoch: AtomicU64,
    closed: AtomicBool,
    dropped: AtomicU64,
}

/// Whose connections are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// The digest of a key.
    Key([u8; 32]),
    Session(SessionId),
}

/// A place among the connections of a holder, given back when dropped.
#[derive(Debug)]
pub struct Seat {
    live: Live,
    holder: Holder,
}

impl Live {
    /// The newest reading of the history is what the first client hears first.
    pub fn new(options: Options, zone: TimeZone, telemetry: &Telemetry) -> Self {
        let newest = telemetry.sensors().into_iter().max_by_key(|seen| seen.last.id);
        let newest = newest.map(|seen| Arc::new(Piece::of(Arc::new(Stored::from(seen)), 0..1)));
        let live = Self(Arc::new(Shared {
            ring: Mutex::new(Ring::new(options.backlog, newest)),
            stations: Stations::default(),
            options,
            zone,
            seats: Mutex::default(),
            epoch: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            dropped: AtomicU64::new(0),
        }));
        telemetry.listen(Arc::new(live.clone()));
        live
    }

    /// Makes this thread serve clients. Call it once in each serving thread, inside its runtime.
    pub fn gather_here(&self) -> Local {
        self.0.stations.gather_here()
    }

    /// A place for one more connection, if the holder may have one.
    pub fn sit(&self, holder: Holder) -> Option<Seat> {
        let limit = match holder {
            Holder::Key(_) => self.0.options.connections_per_key,
            Holder::Session(_) => SESSION_CONNECTIONS,
        };
        let mut seats = lock(&self.0.seats);
        let taken = seats.entry(holder).or_default();
        if limit > 0 && *taken >= limit {
            return None;
        }
        *taken += 1;
        drop(seats);
        Some(Seat { live: self.clone(), holder })
    }

    /// Keys, people or sensors have changed: clients look again at what they may hear.
    pub fn recheck(&self) {
        self.0.epoch.fetch_add(1, Ordering::AcqRel);
        self.0.stations.wake();
    }

    /// Figures for `/metrics`.
    pub fn figures(&self) -> Figures {
        Figures { dropped: self.0.dropped.load(Ordering::Relaxed), ..self.ring().figures() }
    }

    /// Tells every client that the server goes, and takes no more.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.stations.wake();
    }

    fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Acquire)
    }

    fn epoch(&self) -> u64 {
        self.0.epoch.load(Ordering::Acquire)
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        lock(&self.0.ring)
    }
}

impl Listener for Live {
    fn stored(&self, stored: &[Arc<Stored>]) {
        let pieces: Vec<_> = stored.iter().flat_map(piece::cut).collect();
        let heard = self.ring().push(pieces);
        if heard {
            self.0.stations.wake();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = lock(&self.live.0.seats);
        if let Some(taken) = seats.get_mut(&self.holder) {
            *taken -= 1;
            if *taken == 0 {
                seats.remove(&self.holder);
            }
        }
    }
}
