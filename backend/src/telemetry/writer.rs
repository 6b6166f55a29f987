//! The one thread that writes, and the bounded queue in front of it.
//!
//! Group commit: the thread takes all that is queued, stores it in one transaction with one sync to disk,
//! and then answers. So the rate of durable readings grows with the number of callers. It does not wait for
//! more to come: while one transaction is synced, the next one fills.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::engine::{Engine, EngineError, Outcome, Request};
use super::listener::{Listener, Stored};
use super::types::{OpenError, Stats, StoreError};
use crate::reply::{Replier, Reply, Wakes, reply};

/// Readings in one transaction, so that its callers do not wait for ever longer ones.
const COMMIT_READINGS: usize = 65_536;
/// After a failure, how often it is tried without readings whether writing works again: a server that is known
/// to be unwell gets none.
const RETRY: Duration = Duration::from_secs(1);
/// How long `close` waits for what is queued.
const CLOSING: Duration = Duration::from_secs(8);

/// The handle on the thread.
#[derive(Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
    /// Tells that the thread is through.
    finished: Mutex<Receiver<()>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
    /// Readings that may be queued.
    limit: usize,
    counts: Counts,
    trouble: Mutex<Trouble>,
    listeners: Mutex<Vec<Arc<dyn Listener>>>,
}

/// Why the last attempt failed, if it did.
#[derive(Debug, Default)]
struct Trouble {
    storing: Option<String>,
    tidying: Option<String>,
}

#[derive(Debug, Default)]
struct Queue {
    jobs: Vec<Job>,
    /// What comes from a group's log; it goes first.
    agreed: VecDeque<Agreed>,
    readings: usize,
    closed: bool,
    /// The thread sleeps and must be woken.
    waiting: bool,
}

/// What comes from a group's log.
#[derive(Debug)]
pub(super) enum Agreed {
    /// Requests with the moments from which on readings are kept, and who waits for what becomes of them.
    Readings {
        requests: Vec<(Request, i64)>,
        answers: Vec<Option<Replier<Outcome>>>,
        mark: Vec<u8>,
        told: oneshot::Sender<Result<(), EngineError>>,
    },
    /// A copy of another member's history.
    Copy {
        copy: PathBuf,
        told: oneshot::Sender<Result<(), EngineError>>,
    },
    Mark {
        told: oneshot::Sender<Result<Option<Vec<u8>>, EngineError>>,
    },
}

/// What the thread does at once.
#[derive(Debug)]
enum Turn {
    Asked(Vec<Job>),
    Agreed(Agreed),
}

#[derive(Debug)]
struct Job {
    request: Request,
    answer: Replier<Outcome>,
}

#[derive(Debug, Default)]
struct Counts {
    stored: AtomicU64,
    busy: AtomicU64,
    commits: AtomicU64,
    last_commit_micros: AtomicU64,
}

impl Writer {
    pub fn start(engine: Box<dyn Engine>, limit: usize) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            filled: Condvar::new(),
            limit,
            counts: Counts::default(),
            trouble: Mutex::default(),
            listeners: Mutex::default(),
        });
        let (done, finished) = sync_channel(1);
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("telemetry-writer".into())
            .spawn(move || run(engine, &of_thread, &done))
            .map_err(OpenError::Thread)?;
        Ok(Self { shared, finished: Mutex::new(finished) })
    }

    /// Queues a request. Full: refused at once.
    pub fn enqueue(&self, request: Request) -> Result<Reply<Outcome>, StoreError> {
        let (answer, outcome) = reply();
        let readings = request.readings();
        let mut queue = self.shared.lock_queue();
        if queue.closed {
            return Err(StoreError::Closed);
        }
        if queue.readings + readings > self.shared.limit {
            drop(queue);
            self.shared.counts.busy.fetch_add(as_u64(readings), Ordering::Relaxed);
            return Err(StoreError::Busy);
        }
        queue.readings += readings;
        queue.jobs.push(Job { request, answer });
        let wake = std::mem::take(&mut queue.waiting);
        drop(queue);
        if wake {
            self.shared.filled.notify_one();
        }
        Ok(outcome)
    }

    /// Does it after what came before. False: the history is closed.
    pub fn agree(&self, agreed: Agreed) -> bool {
        let mut queue = self.shared.lock_queue();
        if queue.closed {
            return false;
        }
        queue.agreed.push_back(agreed);
        let wake = std::mem::take(&mut queue.waiting);
        drop(queue);
        if wake {
            self.shared.filled.notify_one();
        }
        true
    }

    /// Tells this one of every commit, too.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.shared.lock_listeners().push(listener);
    }

    /// Takes no more, and waits, within a bound, until what is queued is stored.
    pub fn close(&self) {
        self.shared.lock_queue().closed = true;
        self.shared.filled.notify_one();
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        // A second `close` finds the other end gone, which means the same.
        if finished.recv_timeout(CLOSING) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            tracing::error!("the sensor history did not finish in time");
        }
    }

    /// The figures that the writer knows.
    pub fn stats(&self) -> Stats {
        let Counts { stored, busy, commits, last_commit_micros } = &self.shared.counts;
        Stats {
            queued: as_u64(self.shared.lock_queue().readings),
            stored: stored.load(Ordering::Relaxed),
            busy: busy.load(Ordering::Relaxed),
            commits: commits.load(Ordering::Relaxed),
            last_commit_micros: last_commit_micros.load(Ordering::Relaxed),
            ..Stats::default()
        }
    }

    pub fn health(&self) -> Result<(), String> {
        let Trouble { storing, tidying } = &*self.shared.lock_trouble();
        storing.as_ref().or(tidying.as_ref()).map_or(Ok(()), |reason| Err(reason.clone()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock_queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_listeners(&self) -> MutexGuard<'_, Vec<Arc<dyn Listener>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that is queued, up to a transaction's worth; `None` when closed and empty. Nothing, when nothing came
    /// for as long as the engine wants to wait, or for a while after a failure.
    fn take(&self, wakes_after: Option<Duration>) -> Option<Turn> {
        let retry = self.lock_trouble().storing.as_ref().map_or(Duration::MAX, |_| RETRY);
        let patience = retry.min(wakes_after.unwrap_or(Duration::MAX));
        let mut queue = self.lock_queue();
        queue.waiting = queue.jobs.is_empty() && queue.agreed.is_empty();
        let idle = |queue: &mut Queue| queue.jobs.is_empty() && queue.agreed.is_empty() && !queue.closed;
        (queue, _) =
            self.filled.wait_timeout_while(queue, patience, idle).unwrap_or_else(PoisonError::into_inner);
        if let Some(agreed) = queue.agreed.pop_front() {
            return Some(Turn::Agreed(agreed));
        }
        if queue.jobs.is_empty() && queue.closed {
            return None;
        }
        let mut readings = 0;
        let fits = |job: &&Job| {
            readings += job.request.readings();
            readings <= COMMIT_READINGS
        };
        let count = queue.jobs.iter().take_while(fits).count().max(1).min(queue.jobs.len());
        let rest = queue.jobs.split_off(count);
        let jobs = std::mem::replace(&mut queue.jobs, rest);
        queue.readings -= jobs.iter().map(|job| job.request.readings()).sum::<usize>();
        Some(Turn::Asked(jobs))
    }

    /// What is stored is counted, and told to who listens.
    fn committed(&self, begun: Instant, requests: impl Iterator<Item = Request>, outcomes: &[Outcome]) {
        let Counts { stored, commits, last_commit_micros, .. } = &self.counts;
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        last_commit_micros.store(micros, Ordering::Relaxed);
        commits.fetch_add(1, Ordering::Relaxed);
        stored.fetch_add(outcomes.iter().map(stored_in).sum(), Ordering::Relaxed);
        self.note_storing(None);
        let listeners = self.lock_listeners();
        if listeners.is_empty() {
            return;
        }
        let stored: Vec<_> = requests
            .zip(outcomes)
            .filter_map(|(request, outcome)| Stored::new(request, outcome).map(Arc::new))
            .collect();
        listeners.iter().for_each(|listener| listener.stored(&stored));
    }

    fn note_storing(&self, error: Option<&EngineError>) {
        note(&mut self.lock_trouble().storing, error, "storing readings");
    }

    fn note_tidying(&self, error: Option<&EngineError>) {
        note(&mut self.lock_trouble().tidying, error, "packing readings");
    }
}

/// Remembers how it goes; says it in the log when that changes.
fn note(trouble: &mut Option<String>, error: Option<&EngineError>, what: &str) {
    match (error, &*trouble) {
        (Some(error), None) => tracing::error!(%error, "{what} fails"),
        (None, Some(_)) => tracing::info!("{what} works again"),
        (Some(_), Some(_)) | (None, None) => {}
    }
    *trouble = error.map(ToString::to_string);
}

fn run(mut engine: Box<dyn Engine>, shared: &Shared, done: &SyncSender<()>) {
    while let Some(turn) = shared.take(engine.wakes_after()) {
        match turn {
            Turn::Asked(jobs) if jobs.is_empty() => shared.note_storing(engine.probe().err().as_ref()),
            Turn::Asked(jobs) => write(&mut *engine, shared, jobs),
            Turn::Agreed(agreed) => carry_out(&mut *engine, shared, agreed),
        }
        shared.note_tidying(engine.tidy().err().as_ref());
    }
    if let Err(error) = engine.close() {
        tracing::warn!(%error, "the sensor history was closed with its write-ahead file in use");
    }
    drop(engine);
    // Nobody may be waiting any more.
    let _ = done.send(());
}

fn write(engine: &mut dyn Engine, shared: &Shared, jobs: Vec<Job>) {
    let (requests, answers): (Vec<_>, Vec<_>) = jobs.into_iter().map(|job| (job.request, job.answer)).unzip();
    let begun = Instant::now();
    match engine.commit(&requests) {
        Ok(outcomes) => {
            shared.committed(begun, requests.into_iter(), &outcomes);
            let mut wakes = Wakes::default();
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                answer.send(outcome, &mut wakes);
            }
        }
        Err(error) => {
            shared.note_storing(Some(&error));
            let mut wakes = Wakes::default();
            for answer in answers {
                answer.send(Outcome::Refused(StoreError::Unavailable), &mut wakes);
            }
        }
    }
}

/// Carries out what a group has agreed on. Where that fails nobody is answered: it happens elsewhere all the same.
fn carry_out(engine: &mut dyn Engine, shared: &Shared, agreed: Agreed) {
    // Who asked may be gone.
    match agreed {
        Agreed::Readings { requests, answers, mark, told } => {
            let begun = Instant::now();
            let outcomes = engine.agree(&requests, &mark);
            shared.note_storing(outcomes.as_ref().err());
            let agreed = outcomes.map(|outcomes| {
                shared.committed(begun, requests.into_iter().map(|(request, _)| request), &outcomes);
                let mut wakes = Wakes::default();
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    if let Some(answer) = answer {
                        answer.send(outcome, &mut wakes);
                    }
                }
            });
            let _ = told.send(agreed);
        }
        Agreed::Copy { copy, told } => {
            let _ = told.send(engine.replace(&copy));
        }
        Agreed::Mark { told } => {
            let _ = told.send(engine.mark());
        }
    }
}

fn stored_in(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::One(_) => 1,
        Outcome::Many(many) => u64::from(many.result.stored),
        Outcome::Refused(_) => 0,
    }
}

fn as_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
