//! Trying for a connection in the background, so that a database that does not answer delays nobody.

use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use super::link::LinkError;
use super::load::{self, Loaded, Use};
use super::spool::Spool;
use super::tls::Address;

const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How often it is looked whether an attempt is through.
const LOOK: Duration = Duration::from_millis(50);

type Found = Result<Box<Loaded>, LinkError>;

#[derive(Debug)]
pub(super) struct Dialer {
    address: Address,
    session: String,
    instance: String,
    purpose: Use,
    attempt: Option<Receiver<Found>>,
    next: Instant,
    wait: Duration,
}

impl Dialer {
    pub fn new(address: Address, spool: &Spool, purpose: Use) -> Self {
        Self {
            address,
            session: spool.session_name(),
            instance: spool.instance(),
            purpose,
            attempt: None,
            next: Instant::now(),
            wait: FIRST_WAIT,
        }
    }

    /// One attempt, waited for. It runs in a thread of its own, because the caller may run asynchronous tasks.
    pub fn now(&mut self) -> Found {
        let found = self.start().recv();
        self.next = Instant::now() + self.wait;
        found.unwrap_or_else(|_| Err(LinkError::Away("the attempt to connect broke off".into())))
    }

    fn start(&self) -> Receiver<Found> {
        let (sender, receiver) = sync_channel(1);
        let (address, session, instance) =
            (self.address.clone(), self.session.clone(), self.instance.clone());
        let purpose = self.purpose;
        let attempt = move || {
            let found = load::connect(&address, &session, &instance, purpose);
            // Nobody waits any more when the server stops.
            let _ = sender.send(found.map(Box::new));
        };
        if let Err(error) = std::thread::Builder::new().name("telemetry-dialer".into()).spawn(attempt) {
            tracing::warn!(%error, "no thread for connecting to PostgreSQL");
        }
        receiver
    }

    /// Begins an attempt if there is no connection and it is time.
    pub fn go_on(&mut self, connected: bool) {
        if !connected && self.attempt.is_none() && Instant::now() >= self.next {
            self.attempt = Some(self.start());
        }
    }

    /// After a connection was lost.
    pub fn soon(&mut self) {
        self.wait = FIRST_WAIT;
        self.next = Instant::now();
    }

    /// The outcome of an attempt that is through.
    pub fn answer(&mut self) -> Option<Found> {
        let found = match self.attempt.as_ref()?.try_recv() {
            Ok(found) => found,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => {
                Err(LinkError::Away("the attempt to connect broke off".into()))
            }
        };
        self.attempt = None;
        self.next = Instant::now() + self.wait;
        self.wait = if found.is_ok() { FIRST_WAIT } else { (self.wait * 2).min(LONGEST_WAIT) };
        Some(found)
    }

    pub fn wakes_after(&self) -> Duration {
        match self.attempt {
            Some(_) => LOOK,
            None => self.next.saturating_duration_since(Instant::now()),
        }
    }
}
