//! Runs what `update` asks for: requests to the server, on the worker's thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::link::Link;
use tillwatch_desk::sign_in;
use tillwatch_desk::worker::{Events, Job};
use tillwatch_shared::api::{Event as Change, Product, Session, SignIn, StockLevel};
use tillwatch_shared::client::{Client, PulseEnd};
use tillwatch_shared::limits::PAGE_ROWS;
use tillwatch_shared::{CommandId, StoreId};
use tokio::sync::{Mutex, Notify, watch};

use crate::input::{Effect, Event};
use crate::state::offline::Known;
use crate::state::outbox::{Done, Work};
use crate::state::pulse::{Beat, Beating};
use crate::till_file::{TillFile, TillFileError};

/// Between two questions for changes.
pub const POLL_EVERY: Duration = Duration::from_secs(5);
/// Changes in one answer.
const CHANGES: u32 = 500;
/// Answers read on end while catching up; the regular polling takes the rest.
const CATCH_UP_PAGES: usize = 200;
/// Pages of a list: 100,000 rows.
const PAGES: usize = 100;
/// How often the balances are read again because goods moved meanwhile.
const STOCK_TRIES: usize = 3;

/// The register's requests.
#[derive(Debug)]
pub struct Register {
    link: Link,
    file: Arc<TillFile>,
    /// Writes go to the disk in the order in which they were asked for.
    turn: Mutex<()>,
    /// What the person was let in with by the till alone, for the server when it is back.
    held: Mutex<Option<SignIn>>,
    every: Duration,
    /// The round of loading and following that is in force.
    round: AtomicU64,
    nudge: Notify,
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
            held: Mutex::new(None),
            every,
            round: AtomicU64::new(REST),
            nudge: Notify::new(),
            pulses: watch::Sender::new(0),
        }
    }

    /// Whoever follows an older round finds out at once.
    fn begin(&self, round: u64) {
        self.round.store(round, Ordering::SeqCst);
        self.nudge.notify_waiters();
    }

    fn in_force(&self, round: u64) -> bool {
        self.round.load(Ordering::SeqCst) == round
    }

    /// At the server, or by what the till knows while that is silent.
    async fn sign_in(&self, events: &Events<Event>, effect: sign_in::Effect) {
        let words = words(&effect);
        if effect == sign_in::Effect::SignOut {
            *self.held.lock().await = None;
        }
        let Some(event) = sign_in::run(&self.link, effect).await else { return };
        match (event, words) {
            (sign_in::Event::SignedIn(Ok(session)), Some(words)) => {
                events.send(Event::SignIn(sign_in::Event::SignedIn(Ok(Arc::clone(&session))))).await;
                self.remember_session(&session, words).await;
            }
            (sign_in::Event::SignedIn(Err(failure)), Some(words)) if failure::is_silence(&failure) => {
                let (username, password) = (words.username.clone(), words.password.clone());
                let known = self.on_disk(move |file| file.person(&username, &password)).await;
                let event = match known {
                    Ok(Some(known)) => {
                        *self.held.lock().await = Some(words);
                        Event::SignedInHere(Box::new(known))
                    }
                    Ok(None) | Err(_) => Event::SignIn(sign_in::Event::SignedIn(Err(failure))),
                };
                events.send(event).await;
            }
            (event, _) => {
                events.send(Event::SignIn(event)).await;
            }
        }
    }

    async fn reconnect(&self, events: &Events<Event>, command: CommandId) {
        let Some(words) = self.held.lock().await.clone() else { return };
        let Some(client) = self.link.client() else { return };
        let answer = client.sign_in(command, &words).await;
        events.send(Event::Reconnected(answer.clone())).await;
        match answer {
            Ok(session) => {
                *self.held.lock().await = None;
                self.remember_session(&session, words).await;
            }
            Err(failure) if failure.needs_sign_in() => {
                noted(self.on_disk(move |file| file.forget_person(&words.username)).await);
            }
            Err(_) => {}
        }
    }

    /// Whom the server has let in, the till lets in too, for as long as a session could be renewed.
    async fn remember_session(&self, session: &Session, words: SignIn) {
        let until = session.refresh_expires_at;
        let known = Known { person: session.person.clone(), stores: session.stores.clone(), until };
        noted(self.on_disk(move |file| file.remember_person(&words.username, &words.password, &known)).await);
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

    async fn load(&self, events: &Events<Event>, store: StoreId, round: u64) {
        let load = async {
            let client = self.link.client().ok_or(Failure::Unreachable)?;
            Load { client: &client, events, store, round }.run().await
        };
        let event = match load.await {
            Ok(after) => Event::Loaded { round, after },
            Err(failure) => Event::LoadFailed { round, failure },
        };
        events.send(event).await;
    }

    /// One after the other; after a silence the rest would only meet it again.
    async fn send(&self, events: &Events<Event>, parcels: Vec<(CommandId, Work)>) {
        let mut parcels = parcels.into_iter();
        let Some(client) = self.link.client() else { return held_back(events, parcels).await };
        for (command, work) in parcels.by_ref() {
            let answer = send(&client, command, &work).await;
            let over = answer.as_ref().is_err_and(|e| failure::is_silence(e) || e.needs_sign_in());
            events.send(Event::Sent { command, answer }).await;
            if over {
                break;
            }
        }
        held_back(events, parcels).await;
    }

    /// Off the worker's thread: a disk may take its time.
    async fn on_disk<T: Send + 'static>(
        &self,
        write: impl FnOnce(&TillFile) -> Result<T, TillFileError> + Send + 'static,
    ) -> Result<T, String> {
        let file = Arc::clone(&self.file);
        let _turn = self.turn.lock().await;
        match tokio::task::spawn_blocking(move || write(&file)).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Job for Register {
    type Effect = Effect;
    type Event = Event;

    async fn run(self: Arc<Self>, effect: Effect, events: Events<Event>) {
        match effect {
            Effect::SignIn(effect) => self.sign_in(&events, effect).await,
            Effect::Reconnect(command) => self.reconnect(&events, command).await,
            Effect::Remember(goods) => {
                noted(self.on_disk(move |file| file.remember(&goods)).await);
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
            Effect::Keep(parcel) => {
                let command = parcel.command;
                let result = self.on_disk(move |file| file.keep(&parcel)).await;
                events.send(Event::Kept { command, result }).await;
            }
            Effect::Refuse(command, refusal) => {
                noted(self.on_disk(move |file| file.refuse(command, refusal.as_deref())).await);
            }
            Effect::Forget(command) => noted(self.on_disk(move |file| file.forget(command)).await),
            Effect::Send(parcels) => self.send(&events, parcels).await,
            // The window's own affairs.
            Effect::SaveSettings | Effect::CloseWindow => {}
        }
    }
}

/// What a person types to be let in.
fn words(effect: &sign_in::Effect) -> Option<SignIn> {
    let (username, password, device) = match effect {
        sign_in::Effect::SignIn(_, body) => return Some(body.clone()),
        sign_in::Effect::SignUp(_, body) => (&body.username, &body.password, &body.device),
        sign_in::Effect::SetUp(_, body) => (&body.username, &body.password, &body.device),
        sign_in::Effect::Ask { .. } | sign_in::Effect::SignOut | sign_in::Effect::Speak(_) => return None,
    };
    Some(SignIn { username: username.clone(), password: password.clone(), device: device.clone() })
}

async fn held_back(events: &Events<Event>, parcels: impl Iterator<Item = (CommandId, Work)>) {
    events.send(Event::HeldBack(parcels.map(|(command, _)| command).collect())).await;
}

/// What could not be noted is sent once more after a restart, under the same id.
fn noted(result: Result<(), String>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the till's file is behind");
    }
}

async fn send(client: &Client, command: CommandId, work: &Work) -> Result<Done, Failure> {
    match work {
        Work::Product(product) => client.new_product(command, product).await.map(Done::Product),
        Work::ProductChange(id, change) => {
            client.change_product(command, *id, change).await.map(Done::Product)
        }
        Work::Entry(entry) => client.new_stock_entry(command, entry).await.map(Done::Entry),
        Work::Sale(sale) => client.new_sale(command, sale).await.map(Done::Sale),
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
    async fn run(&self) -> Result<i64, Failure> {
        let before = self.client.latest_change().await?.next_after;
        self.products().await?;
        let (mut after, _) = self.catch_up(before).await?;
        for _ in 0..STOCK_TRIES {
            let levels = self.levels().await?;
            let (next, moved) = self.catch_up(after).await?;
            after = next;
            self.events.send(Event::Levels { round: self.round, items: levels }).await;
            if !moved {
                break;
            }
        }
        Ok(after)
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

    /// Follows the changes to their end. Products are passed on; says whether goods of this store moved.
    async fn catch_up(&self, mut after: i64) -> Result<(i64, bool), Failure> {
        let mut moved = false;
        for _ in 0..CATCH_UP_PAGES {
            let answer = self.client.changes(after, CHANGES).await?;
            let mut products: Vec<Product> = Vec::new();
            for change in answer.changes {
                moved |= change.event.goods().is_some_and(|goods| goods.store_id() == self.store);
                if let Change::ProductAdded(product) | Change::ProductChanged(product) = change.event {
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
        Ok((after, moved))
    }
}
