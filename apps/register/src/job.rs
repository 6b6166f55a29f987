//! Runs what `update` asks for: requests to the server, on the worker's thread.

mod cart;
mod debts;
mod goods;
mod outbox;
mod people;
mod receipts;
mod returns;
mod sold;
mod stock;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tillwatch_desk::clock::{self, Clock};
use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::link::Link;
use tillwatch_desk::worker::{Events, Job};
use tillwatch_shared::StoreId;
use tillwatch_shared::api::{Change, Event as News, NewTerminalAbout, Product, SignIn, StockLevel};
use tillwatch_shared::client::{Client, PulseEnd};
use tillwatch_shared::limits::PAGE_ROWS;
use tokio::sync::{Mutex, Notify, watch};

use crate::input::{Effect, Event};
use crate::state::offline::Place;
use crate::state::pulse::{About, Beat, Beating};
use crate::till_file::{Settled, TillFile, TillFileError};

/// Between two questions for changes.
pub const POLL_EVERY: Duration = Duration::from_secs(5);
/// Changes in one answer.
const CHANGES: u32 = 500;
/// Answers read on end while catching up; the regular polling takes the rest.
const CATCH_UP_PAGES: usize = 200;
/// Changes among which a load looks for a place.
const LOOK_BACK: u32 = 100;
/// Who is more changes behind than this has loaded everything sooner.
const MOST_BEHIND: i64 = 20_000;
/// Pages of a list: 100,000 rows.
const PAGES: usize = 100;

/// The register's requests.
#[derive(Debug)]
pub struct Register {
    link: Link,
    file: Arc<TillFile>,
    /// Writes go to the disk in the order in which they were asked for.
    turn: Mutex<()>,
    /// And what there is to sell, which takes several writes.
    goods: Mutex<()>,
    /// What is settled and not yet noted. Each effect adds one, and the next write takes all.
    settled: std::sync::Mutex<Vec<Settled>>,
    /// What the person was let in with by the till alone, for the server when it is back.
    held: Mutex<Option<SignIn>>,
    every: Duration,
    /// The round of loading and following that is in force.
    round: AtomicU64,
    nudge: Notify,
    /// For the waits after wrong tries.
    clock: Clock,
    spool: receipts::Spool,
    /// Goods that changed are not in the till's file.
    gap: AtomicBool,
    /// Counts the pulses; only the last one goes on.
    pulses: watch::Sender<u64>,
}

/// No round: nobody is signed in.
const REST: u64 = u64::MAX;

impl Register {
    /// Asks for changes as often as `every`.
    pub fn new(file: Arc<TillFile>, every: Duration) -> Self {
        let link = Link::new(concat!("tillwatch-register/", env!("CARGO_PKG_VERSION")));
        Self {
            link,
            file,
            turn: Mutex::new(()),
            goods: Mutex::new(()),
            settled: std::sync::Mutex::default(),
            held: Mutex::new(None),
            every,
            round: AtomicU64::new(REST),
            nudge: Notify::new(),
            clock: clock::system,
            spool: receipts::Spool::default(),
            gap: AtomicBool::new(false),
            pulses: watch::Sender::new(0),
        }
    }

    /// Remembers in this file which servers there are.
    #[must_use]
    pub fn remembering(self, servers: Option<PathBuf>) -> Self {
        Self { link: self.link.remembering(servers), ..self }
    }

    /// With another clock than the machine's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Whoever follows an older round finds out at once.
    fn begin(&self, round: u64) {
        self.round.store(round, Ordering::SeqCst);
        self.nudge.notify_waiters();
    }

    fn in_force(&self, round: u64) -> bool {
        self.round.load(Ordering::SeqCst) == round
    }

    /// Asks for changes again and again. The window is woken only by news: changes, the server going away
    /// or coming back. A round trip without news waits for the next frame.
    async fn follow(&self, events: &Events<Event>, mut after: i64, round: u64) {
        let mut told_online = None;
        while self.in_force(round) {
            let Some(client) = self.link.client() else { return };
            let asked = Instant::now();
            // Waits for a nudge from now on, so that one during the question is not lost.
            let nudged = self.nudge.notified();
            let answer = client.changes(after, CHANGES).await;
            let round_trip_micros = i64::try_from(asked.elapsed().as_micros()).unwrap_or(i64::MAX);
            if !self.in_force(round) {
                return;
            }
            let online = !answer.as_ref().is_err_and(failure::is_silence);
            let ended = answer.as_ref().is_err_and(Failure::needs_sign_in);
            let news = answer.as_ref().is_ok_and(|changes| !changes.changes.is_empty());
            let more = answer.as_ref().is_ok_and(|changes| changes.more);
            after = answer.as_ref().map_or(after, |changes| changes.next_after);
            let event = Event::Changes { round, answer, round_trip_micros };
            if news || ended || told_online.replace(online) != Some(online) {
                events.send(event).await;
            } else {
                events.whisper(event);
            }
            if ended {
                return;
            }
            if !more {
                // Running out of time is the usual case.
                let _ = tokio::time::timeout(self.every, nudged).await;
            }
        }
    }

    /// Has a pulse until another is asked for. The window is woken when its state changes, and now and then;
    /// what else there is waits for the next frame.
    async fn pulse(&self, events: &Events<Event>, name: Option<String>) {
        self.pulses.send_modify(|count| *count += 1);
        let mut next = self.pulses.subscribe();
        let (Some(name), Some(client)) = (name, self.link.client()) else { return };
        let (latest, mut seen) = watch::channel(Beat::default());
        let beating = client.pulse(&name, |news| latest.send(Beat::of(&news)).is_ok());
        let telling = async {
            let (mut told, mut told_at) = (None, Instant::now());
            while seen.changed().await.is_ok() {
                let beat = *seen.borrow_and_update();
                let event = Event::Pulse { name: name.clone(), beat };
                if told.replace(beat.beating) != Some(beat.beating) || told_at.elapsed() >= self.every {
                    told_at = Instant::now();
                    events.send(event).await;
                } else {
                    events.whisper(event);
                }
            }
        };
        let end = tokio::select! {
            end = beating => end,
            () = telling => return,
            _ = next.changed() => return,
        };
        let beating = match end {
            PulseEnd::TakenOver => Beating::TakenOver,
            PulseEnd::SignedOut(_) | PulseEnd::Stopped => Beating::Ended,
        };
        let beat = Beat { beating, ..Beat::default() };
        events.send(Event::Pulse { name: name.clone(), beat }).await;
    }

    /// Not taken, it is told again within a minute.
    async fn tell_about(&self, name: &str, About { unsent, refused }: About) {
        let Some(client) = self.link.client() else { return };
        let about = NewTerminalAbout {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            unsent: Some(unsent),
            refused: Some(refused),
            clock_at: (self.clock)(),
        };
        if let Err(error) = client.tell_about(name, &about).await {
            tracing::debug!(%error, "the server was not told about this till");
        }
    }

    async fn load(&self, events: &Events<Event>, store: StoreId, round: u64) {
        let load = async {
            let client = self.link.client().ok_or(Failure::Unreachable)?;
            Load { client: &client, events, store, round }.run().await
        };
        let event = match load.await {
            Ok((after, place)) => Event::Loaded { round, after, place },
            Err(failure) => Event::LoadFailed { round, failure },
        };
        events.send(event).await;
    }

    async fn resume(&self, events: &Events<Event>, place: Place, round: u64) {
        let resume = async {
            let client = self.link.client().ok_or(Failure::Unreachable)?;
            Load { client: &client, events, store: place.store, round }.resume(place).await
        };
        let event = match resume.await {
            Ok(known) => Event::Resumed { round, known },
            Err(failure) => Event::LoadFailed { round, failure },
        };
        events.send(event).await;
    }

    /// Like [`Register::on_disk`] for what takes long and needs no order: writing a sale does not wait for it.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&TillFile) -> Result<T, TillFileError> + Send + 'static,
    ) -> Result<T, String> {
        let file = Arc::clone(&self.file);
        match tokio::task::spawn_blocking(move || work(&file)).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Notes what is settled, together with all that came while the disk was busy.
    async fn settle(&self, settled: Settled) {
        let unnoted = || self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        unnoted().push(settled);
        let _turn = self.turn.lock().await;
        let all = std::mem::take(&mut *unnoted());
        if !all.is_empty() {
            noted(self.aside(move |file| file.settle(&all)).await);
        }
    }

    /// Off the worker's thread: a disk may take its time.
    async fn on_disk<T: Send + 'static>(
        &self,
        write: impl FnOnce(&TillFile) -> Result<T, TillFileError> + Send + 'static,
    ) -> Result<T, String> {
        let _turn = self.turn.lock().await;
        self.aside(write).await
    }
}

impl Job for Register {
    type Effect = Effect;
    type Event = Event;

    async fn run(self: Arc<Self>, effect: Effect, events: Events<Event>) {
        match effect {
            Effect::SignIn(effect) => self.sign_in(&events, effect).await,
            Effect::People(effect) => self.people(&events, effect).await,
            Effect::Reconnect(command) => self.reconnect(&events, command).await,
            Effect::Remember(goods) => self.remember(*goods).await,
            Effect::Resume { place, round } => {
                self.begin(round);
                self.resume(&events, place, round).await;
            }
            Effect::Load { store, round } => {
                self.begin(round);
                self.load(&events, store, round).await;
            }
            Effect::Follow { after, round } => {
                self.begin(round);
                self.follow(&events, after, round).await;
            }
            Effect::Nudge => self.nudge.notify_waiters(),
            Effect::Rest => self.begin(REST),
            Effect::Pulse(name) => self.pulse(&events, name).await,
            Effect::TellAbout(name, about) => self.tell_about(&name, about).await,
            Effect::Keep(parcel) => {
                let command = parcel.command;
                let result = self.on_disk(move |file| file.keep(&parcel)).await;
                events.send(Event::Kept { command, result }).await;
            }
            Effect::Refuse(command, refusal) => {
                noted(self.on_disk(move |file| file.refuse(command, refusal.as_deref())).await);
            }
            Effect::Forget(command) => self.settle(Settled::Forgotten(command)).await,
            Effect::Send(parcels) => self.send(&events, parcels).await,
            Effect::DropCash(command) => noted(self.on_disk(move |file| file.drop_cash(command)).await),
            Effect::EarlierClose(back) => {
                let closed = self.on_disk(move |file| file.earlier_close(back)).await;
                events.send(Event::EarlierClose(back, closed)).await;
            }
            Effect::Sold(effect) => self.sold(&events, effect).await,
            Effect::FindSale(question) => self.find_sale(&events, question).await,
            Effect::Receipts(effect) => self.receipts(&events, effect).await,
            Effect::Cart(effect) => self.cart(&events, effect).await,
            Effect::Consent(ask) => self.consent(&events, *ask).await,
            Effect::Stock(effect) => self.stock(effect).await,
            Effect::Debts(effect) => self.debts(&events, effect).await,
            // The window's own affairs.
            Effect::SaveSettings | Effect::CloseWindow => {}
        }
    }
}

/// What could not be noted is sent once more after a restart, under the same id.
fn noted(result: Result<(), String>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the till's file is behind");
    }
}

/// Reads the catalogue and the balances of a store, and finds the place in the change feed from which
/// following it neither misses nor repeats anything.
struct Load<'a> {
    client: &'a Client,
    events: &'a Events<Event>,
    store: StoreId,
    round: u64,
}

impl Load<'_> {
    async fn run(&self) -> Result<(i64, Option<Place>), Failure> {
        let before = self.client.latest_change().await?.next_after;
        self.products().await?;
        let after = self.catch_up(before).await?;
        // Each says which changes are in it: what is told once more of those, from here on, moves nothing.
        let items = self.levels().await?;
        self.events.send(Event::Levels { round: self.round, items }).await;
        // Last: what happens to transfers from here on comes with the changes.
        let known = stock::known(self.client, self.store).await?;
        let (round, store) = (self.round, self.store);
        self.events.send(Event::StockKnown { round, store, known: Box::new(known) }).await;
        let last = self.client.changes((after - i64::from(LOOK_BACK)).max(0), LOOK_BACK).await?;
        Ok((after, Place::last_of(&last.changes, store, after)))
    }

    /// Whether the server has this place and did not lose what came behind it. What changes of transfers is in the
    /// changes; which stores there are to send to is not.
    async fn resume(&self, place: Place) -> Result<bool, Failure> {
        let there = self.client.changes(place.seq - 1, 1).await?;
        let same = |change: &Change| (change.seq, change.command_id) == (place.seq, place.command);
        if !there.changes.first().is_some_and(same) {
            return Ok(false);
        }
        let reaches = self.client.latest_change().await?.next_after;
        if reaches < place.reached || reaches - place.seq > MOST_BEHIND {
            return Ok(false);
        }
        let known = stock::known(self.client, self.store).await?;
        let (round, store) = (self.round, self.store);
        self.events.send(Event::StockKnown { round, store, known: Box::new(known) }).await;
        Ok(true)
    }

    async fn products(&self) -> Result<(), Failure> {
        let mut after = None;
        for _ in 0..PAGES {
            let page = self.client.products(None, after, PAGE_ROWS).await?;
            self.events.send(Event::Products { round: self.round, items: page.items }).await;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn levels(&self) -> Result<Vec<StockLevel>, Failure> {
        let (mut levels, mut after) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = self.client.stock(self.store, after, PAGE_ROWS).await?;
            levels.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(levels)
    }

    /// Follows the changes to their end. Products are passed on.
    async fn catch_up(&self, mut after: i64) -> Result<i64, Failure> {
        for _ in 0..CATCH_UP_PAGES {
            let answer = self.client.changes(after, CHANGES).await?;
            let mut products: Vec<Product> = Vec::new();
            for change in answer.changes {
                if let News::ProductAdded(product) | News::ProductChanged(product) = change.event {
                    products.push(product);
                }
            }
            if !products.is_empty() {
                self.events.send(Event::Products { round: self.round, items: products }).await;
            }
            after = answer.next_after;
            if !answer.more {
                break;
            }
        }
        Ok(after)
    }
}
