//! Groups of three in a simulated world, which a seed decides: the real engine, log, ledger and rules, with a network, disks
//! and a time that are the test's. All is done on one thread, so the same seed is the same world.
//!
//! `TILLWATCH_SIM_SEEDS=FROM..TO` simulates more of them, `TILLWATCH_SIM_STEPS` for longer, and `TILLWATCH_SIM_TRACE=1`
//! tells all that happened.

mod cases;
mod check;
mod client;
mod dice;
mod member;
mod net;
mod plan;
pub mod planted;
pub mod runtime;
mod trouble;
mod world;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use check::{MEMBERS, Violation};
use client::Client;
use net::CLIENTS;
use plan::Plan;
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use world::{Here, Phase, Trace, World};

use crate::group::types::Member;
use crate::locks::lock;

/// How many ask at once.
const ASK: u64 = 10;
/// A world that lasts longer than this does not get anywhere.
const LONGEST: Duration = Duration::from_mins(15);

/// What became of a world.
#[derive(Debug)]
pub struct Report {
    pub seed: u64,
    pub seconds: u64,
    pub accepted: usize,
    pub refused: usize,
    pub unheard: u64,
    pub reads: u64,
    pub behind: u64,
    pub found: Vec<Violation>,
    pub trace: Trace,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, seconds, accepted, refused, unheard, reads, behind, found, trace } = self;
        write!(
            f,
            "seed {seed}: {} steps, {seconds} s, trace {}; {accepted} accepted, {refused} refused, {unheard} unheard, \
             {reads} reads, {behind} behind; found {found:?}",
            trace.steps,
            trace.digest()
        )
    }
}

/// Simulates one world from its beginning to its end.
pub fn simulate(plan: Plan) -> Report {
    in_world(plan, async |world| live(&world).await)
}

/// A world of which the test says what happens in it.
fn in_world(plan: Plan, live: impl AsyncFnOnce(Arc<World>)) -> Report {
    let folder = folder();
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let world = World::new(plan, folder.path().to_owned());
        let _here = Here::is(&world);
        if timeout(LONGEST, live(Arc::clone(&world))).await.is_err() {
            world.found(Violation::NeverEnds);
        }
        for member in MEMBERS {
            world.fall(member);
        }
        // What has ended lets go of its files.
        world.rest(10, Phase::Net).await;
        report(&world)
    })
}

async fn live(world: &Arc<World>) {
    begin(world).await;
    let mut tasks = vec![tokio::spawn(Arc::clone(world).trouble())];
    tasks.extend((1..=ASK).map(|name| tokio::spawn(Client::new(Arc::clone(world), CLIENTS + name).run())));
    while !tasks.iter().all(JoinHandle::is_finished) {
        world.rest(20, Phase::Net).await;
        if world.is_broken() {
            return tasks.iter().for_each(JoinHandle::abort);
        }
    }
    world.check().await;
}

/// A group of three that has a little in its ledger.
async fn begin(world: &Arc<World>) {
    world.start(1).await;
    let first = world.host(1).unwrap();
    first.group.found(1, Member::default()).await.unwrap();
    for id in [2, 3] {
        world.start(id).await;
        first.group.add(id, Member::default()).await.unwrap();
    }
    let mut client = Client::new(Arc::clone(world), CLIENTS);
    for command in client::beginning() {
        client.command(command).await;
    }
}

fn report(world: &World) -> Report {
    let history = lock(&world.history);
    Report {
        seed: world.plan.seed,
        seconds: world.millis() / 1_000,
        accepted: history.accepted.len(),
        refused: history.refused.len(),
        unheard: history.unheard,
        reads: history.reads,
        behind: history.behind,
        found: history.found.clone(),
        trace: world.trace(),
    }
}

/// In memory where that is to be had: a disk would only take its time.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap()
}
