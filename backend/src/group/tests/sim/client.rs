//! Those who sell and look: they ask any member, and ask again with the same id until they have an outcome.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tillwatch_shared::api::{NewProduct, NewStockEntry, Role, StockEntryKind, Unit};
use tillwatch_shared::{Cents, ChainId, CommandId, PersonId, ProductId, Quantity, StoreId, UtcMicros};
use tokio::time::timeout;
use uuid::Uuid;

use super::check::{MEMBERS, Violation, tip};
use super::member::Host;
use super::plan::Planted;
use super::world::{Phase, World};
use crate::domain::people::{AddPerson, Entry, PasswordHash};
use crate::domain::products::AddProduct;
use crate::domain::stock::EnterStock;
use crate::domain::stores::{AddChain, AddStore};
use crate::domain::{Command, Payload};
use crate::group::consistent;
use crate::group::types::MemberId;
use crate::ledger::Outcome;
use crate::ledger::journal::{self, Tip};
use crate::locks::lock;

/// How long an answer is waited for, before another member is asked.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a member makes a reader wait.
const READER: u64 = 2_000;
/// How often a group with nothing wrong is asked at most.
const ATTEMPTS: u64 = 20;

/// What there is from the beginning.
pub const CHAIN: u128 = 1;
const STORE: u128 = 2;
const PRODUCT: u128 = 3;
const ADMIN: u128 = 4;

/// What a reader is shown.
pub struct Shown {
    pub tip: Tip,
    /// A command that is not where it was answered to be.
    pub own: Option<(CommandId, i64)>,
}

pub struct Client {
    pub world: Arc<World>,
    pub name: u64,
    /// The newest place that it has seen.
    seen: i64,
    /// What was answered to it last.
    own: Option<(CommandId, i64)>,
}

impl Client {
    pub const fn new(world: Arc<World>, name: u64) -> Self {
        Self { world, name, seen: 0, own: None }
    }

    /// Until the world has gone on long enough.
    pub async fn run(mut self) {
        let world = Arc::clone(&self.world);
        while !world.is_over() {
            world.rest(world.roll(0..150), Phase::Net).await;
            match world.roll(0..10) {
                0..7 => self.command(drawn(&world)).await,
                7..9 => self.read().await,
                _ => self.read_what_is_true_now().await,
            }
        }
    }

    pub async fn command(&mut self, command: Command) {
        let world = Arc::clone(&self.world);
        let (id, floor) = (command.id, lock(&world.history).floor);
        let mut attempts = 0;
        while attempts < ATTEMPTS {
            attempts += u64::from(world.is_calm.load(Ordering::Relaxed));
            let member = world.one_of(&MEMBERS);
            match world.submit(self.name, member, command.clone()).await {
                Some(Ok(receipt)) => {
                    world.note(format_args!("{} has {id} at {}", self.name, receipt.seq));
                    lock(&world.history).accepted(command, receipt.seq, floor);
                    self.seen = self.seen.max(receipt.seq);
                    self.own = Some((id, receipt.seq));
                    return;
                }
                Some(Err(error)) if !error.may_pass() => {
                    world.note(format_args!("{} is refused {id}: {error}", self.name));
                    lock(&world.history).refused.insert(id, error.to_string());
                    return;
                }
                Some(Err(_)) | None => {
                    lock(&world.history).unheard += 1;
                    world.rest(world.roll(10..300), Phase::Net).await;
                }
            }
        }
        world.found(Violation::NoOutcome { id });
    }

    /// Asks for no less than it has seen.
    async fn read(&mut self) {
        let (world, wanted, own) = (Arc::clone(&self.world), self.seen, self.own);
        let member = world.one_of(&MEMBERS);
        let there = Arc::clone(&world);
        let look = move |host: Arc<Host>| look(Arc::clone(&there), host, wanted, own);
        if let Ok(Ok(shown)) = timeout(PATIENCE, world.ask(self.name, member, "read", look)).await {
            self.seen = self.seen.max(world.read(member, wanted, shown.as_ref()));
        }
    }

    /// Asks for all that was answered to anybody.
    async fn read_what_is_true_now(&mut self) {
        let (world, wanted) = (Arc::clone(&self.world), lock(&self.world.history).floor);
        let member = world.one_of(&MEMBERS);
        let there = Arc::clone(&world);
        let look = move |host: Arc<Host>| {
            let world = Arc::clone(&there);
            async move {
                let reached = reach(&world, &host).await;
                reached.then(|| Shown { tip: tip(&host), own: None })
            }
        };
        if let Ok(Ok(shown)) = timeout(PATIENCE, world.ask(self.name, member, "read now", look)).await {
            self.seen = self.seen.max(world.read(member, wanted, shown.as_ref()));
        }
    }
}

impl World {
    /// Asks one member once. None: nothing was heard.
    pub async fn submit(self: &Arc<Self>, from: u64, to: MemberId, command: Command) -> Option<Outcome> {
        let world = Arc::clone(self);
        let work = move |host: Arc<Host>| {
            let mut command = command.clone();
            command.server_at = UtcMicros(host.now().0 + world.millis().cast_signed() * 1_000);
            async move { host.ledger.submit(command).await }
        };
        timeout(PATIENCE, self.ask(from, to, "command", work)).await.ok()?.ok()
    }
}

/// As a request with `min-seq` is answered. None: the member says that it is behind.
async fn look(
    world: Arc<World>,
    host: Arc<Host>,
    wanted: i64,
    own: Option<(CommandId, i64)>,
) -> Option<Shown> {
    let end = world.millis() + READER;
    while host.ledger.tip() < wanted && !world.plan.has(Planted::ReadsTooEarly) {
        if world.millis() > end {
            return None;
        }
        world.rest(4, Phase::Net).await;
    }
    let missing = own.filter(|(id, seq)| {
        let found = host.ledger.read(|db| journal::find(db, *id)).unwrap();
        found.is_none_or(|known| known.seq != *seq)
    });
    Some(Shown { tip: tip(&host), own: missing })
}

/// As [`consistent::catch_up`] does it.
async fn reach(world: &Arc<World>, host: &Host) -> bool {
    let Some(leader) = host.raft().metrics().borrow().current_leader else { return false };
    let place = if leader == host.life.member {
        consistent::place(host.raft()).await
    } else {
        let ask = |other: Arc<Host>| async move { consistent::place(other.raft()).await };
        world.ask(host.life.member, leader, "place", ask).await.ok().flatten()
    };
    let Some(place) = place else { return false };
    let end = world.millis() + READER;
    while host.raft().metrics().borrow().last_applied.map_or(0, |applied| applied.index) < place {
        if world.millis() > end {
            return false;
        }
        world.rest(4, Phase::Net).await;
    }
    true
}

/// The first of all: a chain, a store, a product, and somebody who may enter stock.
pub fn beginning() -> [Command; 4] {
    let chain = Payload::AddChain(AddChain { name: "Rede".into() });
    let store = store(CHAIN, "Loja");
    let product = product("Produto");
    let admin = Payload::AddPerson(AddPerson {
        username: "ana".into(),
        name: None,
        role: Role::Admin,
        cpf: None,
        stores: Vec::new(),
        entry: Entry::Added,
        password_hash: PasswordHash("-".into()),
    });
    [(CHAIN, chain), (STORE, store), (PRODUCT, product), (ADMIN, admin)]
        .map(|(id, payload)| command(id, None, payload))
}

/// Something that a shop asks for; some of it is refused.
fn drawn(world: &World) -> Command {
    // Chains are known by few numbers, so that stores are asked for before their chain is there.
    let number = world.roll(0..200);
    let chain = u128::from(number) + 1_000;
    let fresh = (u128::from(world.draw()) << 64) | u128::from(world.draw());
    match world.roll(0..10) {
        0..2 => {
            let id = if world.chance(500) { fresh } else { chain + u128::from(world.draw()) * 10_000 };
            command(id, None, Payload::AddChain(AddChain { name: format!("Rede {number}") }))
        }
        2..5 => {
            let known: Vec<u128> = lock(&world.history).accepted.keys().map(|id| id.0.as_u128()).collect();
            let chain = if known.is_empty() { CHAIN } else { world.one_of(&known) };
            let chain = if world.chance(500) { CHAIN } else { chain };
            command(fresh, None, store(chain, &format!("Loja {number}")))
        }
        5..7 => command(fresh, None, product(&format!("Produto {number}"))),
        _ => {
            let entry = NewStockEntry {
                kind: StockEntryKind::Receive,
                store_id: StoreId(Uuid::from_u128(STORE)),
                product_id: ProductId(Uuid::from_u128(PRODUCT)),
                quantity_thousandths: Quantity(1_000 * world.roll(1..20).cast_signed()),
                reason: None,
                lot: None,
                recorded_at: None,
            };
            let admin = PersonId(Uuid::from_u128(ADMIN));
            command(fresh, Some(admin), Payload::EnterStock(EnterStock { entry }))
        }
    }
}

fn command(id: u128, actor: Option<PersonId>, payload: Payload) -> Command {
    let at = UtcMicros(1_790_000_000_000_000);
    let id = CommandId(Uuid::from_u128(id));
    Command { id, actor, till: None, client_at: at, server_at: at, payload }
}

fn store(chain: u128, name: &str) -> Payload {
    let (chain_id, zone) = (ChainId(Uuid::from_u128(chain)), "America/Sao_Paulo".to_owned());
    Payload::AddStore(AddStore { chain_id, name: name.to_owned(), cnpj: None, zone })
}

fn product(name: &str) -> Payload {
    let product = NewProduct {
        name: name.to_owned(),
        code: None,
        unit: Unit::Un,
        price_cents: Cents(100),
        minimum_thousandths: Quantity(0),
    };
    Payload::AddProduct(AddProduct { product })
}
