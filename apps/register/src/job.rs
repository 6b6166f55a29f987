//! Runs what `update` asks for: requests to the server, on the worker's thread.

use std::sync::Arc;
use std::time::Instant;

use tillwatch_desk::failure::Failure;
use tillwatch_desk::link::Link;
use tillwatch_desk::sign_in;
use tillwatch_desk::worker::{Events, Job};
use tillwatch_shared::api::{Event as Change, Product, StockLevel};
use tillwatch_shared::client::Client;
use tillwatch_shared::limits::PAGE_ROWS;
use tillwatch_shared::{CommandId, StoreId};

use crate::input::{Effect, Event};
use crate::state::outbox::{Done, Work};

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
}

impl Default for Register {
    fn default() -> Self {
        Self { link: Link::new(concat!("tillwatch-register/", env!("CARGO_PKG_VERSION"))) }
    }
}

impl Job for Register {
    type Effect = Effect;
    type Event = Event;

    async fn run(self: Arc<Self>, effect: Effect, events: Events<Event>) {
        if let Effect::SignIn(effect) = effect {
            if let Some(event) = sign_in::run(&self.link, effect).await {
                events.send(Event::SignIn(event)).await;
            }
            return;
        }
        let Some(client) = self.link.client() else {
            if let Some(event) = Event::not_sent(&effect) {
                events.send(event).await;
            }
            return;
        };
        match effect {
            Effect::Load { store, round } => {
                let load = Load { client: &client, events: &events, store, round };
                let event = match load.run().await {
                    Ok(after) => Event::Loaded { round, after },
                    Err(failure) => Event::LoadFailed { round, failure },
                };
                events.send(event).await;
            }
            Effect::Poll { after, round } => {
                let asked = Instant::now();
                let answer = client.changes(after, CHANGES).await;
                let round_trip_micros = i64::try_from(asked.elapsed().as_micros()).unwrap_or(i64::MAX);
                events.send(Event::Changes { round, answer, round_trip_micros }).await;
            }
            Effect::Send(command, work) => {
                let answer = send(&client, command, &work).await;
                events.send(Event::Sent { command, answer }).await;
            }
            // The window's own affairs.
            Effect::SignIn(_) | Effect::SaveSettings | Effect::CloseWindow => {}
        }
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
                moved |= self.moves_goods(&change.event);
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

    fn moves_goods(&self, change: &Change) -> bool {
        match change {
            Change::StockEntered(entry) => entry.store_id == self.store,
            Change::SaleRecorded(sale) => sale.store_id == self.store,
            Change::ChainAdded(_)
            | Change::StoreAdded(_)
            | Change::PersonAdded(_)
            | Change::PersonChanged(_)
            | Change::SessionOpened(_)
            | Change::SessionRefreshed(_)
            | Change::SessionEnded(_)
            | Change::ProductAdded(_)
            | Change::ProductChanged(_)
            | Change::KeyIssued(_)
            | Change::KeyRevoked(_)
            | Change::SensorSet(_)
            | Change::ReadingsSealed(_) => false,
        }
    }
}
