//! The one thread that writes, and the bounded queue in front of it.
//!
//! Group commit: the thread takes all that is queued, stores it in one transaction with one sync to disk, and
//! then answers. Commits are some milliseconds apart, so that a thousand terminals cost as many commits as a
//! hundred; one that comes alone waits for nothing but the disk.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{PulseRetention, PulseRetentionSetting};

use super::exchange::{Exchange, Plan, Telling};
use super::registry::{Registry, Scope};
use super::store::Store;
use super::{OpenError, PulseError};
use crate::clock::Clock;
use crate::reply::{Replier, Wakes, reply};

/// Exchanges that may wait. Each connection waits for its answer, so this is reached only by very many.
const QUEUE: usize = 20_000;
/// The least time from one commit to the next.
const PACE: Duration = Duration::from_millis(10);
/// How often it is looked whether old messages are to go although nothing comes.
const IDLE: Duration = Duration::from_mins(1);
/// How long `close` waits for what is queued.
const CLOSING: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
    finished: Mutex<Receiver<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
    commits: AtomicU64,
    messages: AtomicU64,
    last_commit_micros: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    jobs: Vec<Job>,
    closed: bool,
    /// The thread sleeps and must be woken.
    waiting: bool,
}

#[derive(Debug)]
enum Job {
    Exchange(Exchange, Replier<Result<String, PulseError>>),
    Tell(Telling, Replier<Result<(), PulseError>>),
    Retention(PulseRetentionSetting, Replier<Result<(), PulseError>>),
    Forget(Arc<str>, Scope, Replier<Result<(), PulseError>>),
}

/// A job's matter, and who waits for its answer.
type Asked<T, A> = (T, Replier<Result<A, PulseError>>);
/// A plan, who waits for its answers, and what is said to those who told something.
type Planned = (
    Plan,
    Vec<Replier<Result<String, PulseError>>>,
    Vec<(Replier<Result<(), PulseError>>, Result<(), PulseError>)>,
);

/// Figures of the pulse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub connected: u64,
    pub commits: u64,
    /// Messages stored, in both directions.
    pub messages: u64,
    pub last_commit_micros: u64,
}

/// What the thread works with.
struct Desk {
    store: Store,
    registry: Arc<Registry>,
    retention: Arc<Mutex<PulseRetentionSetting>>,
    clock: Clock,
    server_since: UtcMicros,
    shared: Arc<Shared>,
    /// Something failed, and it was said in the log.
    failing: bool,
}

impl Writer {
    pub fn start(
        store: Store,
        registry: Arc<Registry>,
        retention: Arc<Mutex<PulseRetentionSetting>>,
        clock: Clock,
        server_since: UtcMicros,
    ) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::default());
        let desk = Desk {
            store,
            registry,
            retention,
            clock,
            server_since,
            shared: Arc::clone(&shared),
            failing: false,
        };
        let (done, finished) = sync_channel(1);
        std::thread::Builder::new()
            .name("pulse-writer".into())
            .spawn(move || run(desk, &done))
            .map_err(OpenError::Thread)?;
        Ok(Self { shared, finished: Mutex::new(finished) })
    }

    pub async fn exchange(&self, exchange: Exchange) -> Result<String, PulseError> {
        let (answer, outcome) = reply();
        self.enqueue(Job::Exchange(exchange, answer))?;
        outcome.await.unwrap_or(Err(PulseError::Unavailable))
    }

    pub async fn tell(&self, telling: Telling) -> Result<(), PulseError> {
        let (answer, outcome) = reply();
        self.enqueue(Job::Tell(telling, answer))?;
        outcome.await.unwrap_or(Err(PulseError::Unavailable))
    }

    pub async fn set_retention(&self, setting: PulseRetentionSetting) -> Result<(), PulseError> {
        let (answer, outcome) = reply();
        self.enqueue(Job::Retention(setting, answer))?;
        outcome.await.unwrap_or(Err(PulseError::Unavailable))
    }

    pub async fn forget(&self, client: Arc<str>, scope: Scope) -> Result<(), PulseError> {
        let (answer, outcome) = reply();
        self.enqueue(Job::Forget(client, scope, answer))?;
        outcome.await.unwrap_or(Err(PulseError::Unavailable))
    }

    fn enqueue(&self, job: Job) -> Result<(), PulseError> {
        let mut queue = self.shared.lock();
        if queue.closed {
            return Err(PulseError::Unavailable);
        }
        if queue.jobs.len() >= QUEUE {
            return Err(PulseError::Busy);
        }
        queue.jobs.push(job);
        let wake = std::mem::take(&mut queue.waiting);
        drop(queue);
        if wake {
            self.shared.filled.notify_one();
        }
        Ok(())
    }

    pub fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.filled.notify_one();
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        // A second `close` finds the other end gone, which means the same.
        if finished.recv_timeout(CLOSING) == Err(RecvTimeoutError::Timeout) {
            tracing::error!("the pulse did not finish in time");
        }
    }

    pub fn stats(&self) -> Stats {
        Stats {
            connected: 0,
            commits: self.shared.commits.load(Ordering::Relaxed),
            messages: self.shared.messages.load(Ordering::Relaxed),
            last_commit_micros: self.shared.last_commit_micros.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that is queued, not sooner than `earliest`; empty when nothing came for `patience`; `None` when
    /// closed and empty.
    fn take(&self, earliest: Instant, patience: Duration) -> Option<Vec<Job>> {
        let mut queue = self.lock();
        queue.waiting = queue.jobs.is_empty();
        let idle = |queue: &mut Queue| queue.jobs.is_empty() && !queue.closed;
        (queue, _) =
            self.filled.wait_timeout_while(queue, patience, idle).unwrap_or_else(PoisonError::into_inner);
        queue.waiting = false;
        let pause = earliest.saturating_duration_since(Instant::now());
        if !pause.is_zero() {
            // Nobody wakes it but `close`: what comes meanwhile goes with this commit.
            let open = |queue: &mut Queue| !queue.closed;
            (queue, _) =
                self.filled.wait_timeout_while(queue, pause, open).unwrap_or_else(PoisonError::into_inner);
        }
        if queue.jobs.is_empty() && queue.closed { None } else { Some(std::mem::take(&mut queue.jobs)) }
    }
}

fn run(mut desk: Desk, done: &SyncSender<()>) {
    let (mut earliest, mut more_to_remove) = (Instant::now(), false);
    loop {
        let patience = if more_to_remove { PACE } else { IDLE };
        let Some(jobs) = desk.shared.take(earliest, patience) else { break };
        earliest = Instant::now() + PACE;
        desk.serve(jobs);
        more_to_remove = desk.tidy();
    }
    drop(desk);
    // Nobody may be waiting any more.
    let _ = done.send(());
}

impl Desk {
    fn serve(&mut self, jobs: Vec<Job>) {
        let (mut exchanges, mut tellings) = (Vec::with_capacity(jobs.len()), Vec::new());
        let mut wakes = Wakes::default();
        for job in jobs {
            match job {
                Job::Exchange(exchange, answer) => exchanges.push((exchange, answer)),
                Job::Tell(telling, answer) => tellings.push((telling, answer)),
                Job::Retention(setting, answer) => answer.send(self.set_retention(setting), &mut wakes),
                Job::Forget(client, scope, answer) => answer.send(self.forget(&client, &scope), &mut wakes),
            }
        }
        if exchanges.is_empty() && tellings.is_empty() {
            return;
        }
        let (plan, repliers, told) = self.plan(exchanges, tellings);
        let begun = Instant::now();
        let stored = self.store.commit(&plan);
        self.note(stored.as_ref().err());
        let stored = stored.map_err(|_| PulseError::Unavailable);
        let answers = match stored {
            Ok(()) => self.publish(plan, begun.elapsed()),
            Err(failed) => vec![Err(failed); repliers.len()],
        };
        for (replier, answer) in repliers.into_iter().zip(answers) {
            replier.send(answer, &mut wakes);
        }
        for (replier, planned) in told {
            replier.send(planned.and(stored), &mut wakes);
        }
    }

    fn plan(&self, exchanges: Vec<Asked<Exchange, String>>, tellings: Vec<Asked<Telling, ()>>) -> Planned {
        let mut plan = Plan::new(self.store.next_key);
        let state = self.registry.lock();
        let mut repliers = Vec::with_capacity(exchanges.len());
        for (exchange, replier) in exchanges {
            plan.add(exchange, &state, self.server_since);
            repliers.push(replier);
        }
        let told = tellings.into_iter().map(|(telling, replier)| (replier, plan.tell(telling, &state)));
        let told = told.collect();
        (plan, repliers, told)
    }

    /// It is durable: everybody may know.
    fn publish(&self, plan: Plan, took: Duration) -> Vec<Result<String, PulseError>> {
        let Shared { commits, messages, last_commit_micros, .. } = &*self.shared;
        commits.fetch_add(1, Ordering::Relaxed);
        messages.fetch_add(plan.lines.len() as u64, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        last_commit_micros.store(micros, Ordering::Relaxed);
        let mut state = self.registry.lock();
        for (client, kept) in plan.touched {
            state.keep(client, kept);
        }
        plan.answers
    }

    fn set_retention(&mut self, setting: PulseRetentionSetting) -> Result<(), PulseError> {
        let stored = self.store.set_retention(&setting);
        self.note(stored.as_ref().err());
        stored.map_err(|_| PulseError::Unavailable)?;
        *self.retention.lock().unwrap_or_else(PoisonError::into_inner) = setting;
        Ok(())
    }

    fn forget(&mut self, client: &str, scope: &Scope) -> Result<(), PulseError> {
        let key = self.registry.lock().idle(client, scope)?;
        let stored = self.store.forget(key);
        self.note(stored.as_ref().err());
        stored.map_err(|_| PulseError::Unavailable)?;
        self.registry.lock().forget(client);
        Ok(())
    }

    /// Removes one piece of what is old; says whether there may be more.
    fn tidy(&mut self) -> bool {
        let keep = {
            let setting = self.retention.lock().unwrap_or_else(PoisonError::into_inner);
            PulseRetention { days: setting.days, rows: setting.rows }
        };
        let removed = self.store.remove_old(keep, self.clock.now());
        self.note(removed.as_ref().err());
        removed.unwrap_or(false)
    }

    /// Says in the log when it begins to fail and when it works again.
    fn note(&mut self, error: Option<&rusqlite::Error>) {
        match (error, self.failing) {
            (Some(error), false) => tracing::error!(%error, "the pulse cannot be stored"),
            (None, true) => tracing::info!("the pulse can be stored again"),
            (Some(_), true) | (None, false) => {}
        }
        self.failing = error.is_some();
    }
}
