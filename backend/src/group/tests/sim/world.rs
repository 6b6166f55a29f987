//! A simulated world: its time, its chance, and the trace of all that happens in it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::check::History;
use super::dice::Dice;
use super::member::Host;
use super::net::Weather;
use super::plan::Plan;
use crate::group::types::MemberId;
use crate::locks::lock;

/// Time stands still while anything can be done. Nothing sensible does so much at one moment.
const MUCH: u64 = 200_000;
/// Milliseconds until a phase comes again.
const ROUND: u64 = 4;

/// What happens at the same moment could happen in any order, so things of different kinds have moments of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Messages arrive, members fall and start.
    Net = 0,
    /// A disk has written.
    Disk = 1,
    /// The engine's timers.
    Timer = 2,
    /// Waits beside which nothing else may happen.
    Alone = 3,
}

thread_local! {
    static WORLD: RefCell<Option<Arc<World>>> = const { RefCell::new(None) };
}

/// The world that this thread simulates.
pub fn world() -> Option<Arc<World>> {
    WORLD.with_borrow(Clone::clone)
}

/// Makes it this thread's until it is dropped.
pub struct Here(());

impl Here {
    pub fn is(world: &Arc<World>) -> Self {
        WORLD.set(Some(Arc::clone(world)));
        Self(())
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        WORLD.set(None);
    }
}

pub struct World {
    pub plan: Plan,
    pub folder: PathBuf,
    pub history: Mutex<History>,
    pub weather: Mutex<Weather>,
    pub hosts: Mutex<BTreeMap<MemberId, Arc<Host>>>,
    /// Nothing goes wrong any more.
    pub is_calm: AtomicBool,
    start: Instant,
    /// How often something was done at this moment.
    moment: Mutex<(u64, u64)>,
    dice: Mutex<Dice>,
    trace: Mutex<Trace>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// All that happened: the digest of it, and the lines themselves where they are wanted.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub steps: u64,
    pub lines: Vec<String>,
    hasher: blake3::Hasher,
}

impl Trace {
    pub fn digest(&self) -> String {
        self.hasher.finalize().to_hex().chars().take(16).collect()
    }
}

impl World {
    pub fn new(plan: Plan, folder: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            plan,
            folder,
            history: Mutex::default(),
            weather: Mutex::default(),
            hosts: Mutex::default(),
            is_calm: AtomicBool::new(false),
            start: Instant::now(),
            moment: Mutex::default(),
            dice: Mutex::new(Dice::new(plan.seed)),
            trace: Mutex::default(),
        })
    }

    pub fn millis(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap()
    }

    /// Whether somebody goes round and round, so that time stands still.
    pub fn spins(&self) -> bool {
        let now = self.millis();
        let mut moment = lock(&self.moment);
        *moment = if moment.0 == now { (now, moment.1 + 1) } else { (now, 0) };
        moment.1 > MUCH
    }

    pub fn is_in(&self, phase: Phase) -> bool {
        self.millis() % ROUND == phase as u64
    }

    /// The first moment of a phase that is so far away, or farther, and not now.
    pub fn after(&self, wait: Duration, phase: Phase) -> Instant {
        let at = (self.start.elapsed() + wait).as_millis();
        let least = u64::try_from(at).unwrap().max(self.millis() + 1);
        let over = (least + ROUND - phase as u64) % ROUND;
        let moment = if over == 0 { least } else { least + ROUND - over };
        self.start + Duration::from_millis(moment)
    }

    pub async fn rest(&self, millis: u64, phase: Phase) {
        tokio::time::sleep_until(self.after(Duration::from_millis(millis), phase)).await;
    }

    pub fn draw(&self) -> u64 {
        lock(&self.dice).draw()
    }

    /// From the first number to before the second.
    pub fn roll(&self, range: std::ops::Range<u64>) -> u64 {
        range.start + self.draw() % (range.end - range.start)
    }

    pub fn chance(&self, of_thousand: u64) -> bool {
        self.roll(0..1_000) < of_thousand
    }

    pub fn place_in(&self, length: usize) -> usize {
        usize::try_from(self.roll(0..length as u64)).unwrap()
    }

    pub fn one_of<T: Copy>(&self, all: &[T]) -> T {
        all[self.place_in(all.len())]
    }

    /// A step of what happens.
    pub fn note(&self, what: fmt::Arguments<'_>) {
        let line = format!("{:>7} {what}", self.millis());
        let mut trace = lock(&self.trace);
        trace.steps += 1;
        trace.hasher.update(line.as_bytes());
        if self.plan.keeps_lines {
            trace.lines.push(line);
        }
    }

    /// Whether it has gone on long enough.
    pub fn is_over(&self) -> bool {
        lock(&self.trace).steps >= self.plan.steps
    }

    pub fn is_broken(&self) -> bool {
        lock(&self.history).is_broken()
    }

    pub fn trace(&self) -> Trace {
        lock(&self.trace).clone()
    }

    pub fn host(&self, id: MemberId) -> Option<Arc<Host>> {
        lock(&self.hosts).get(&id).cloned()
    }
}
