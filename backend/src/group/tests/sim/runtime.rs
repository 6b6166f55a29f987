//! What the engine runs on in tests. Without a simulation it is tokio as it is. In one, chance comes from its seed, and a
//! member's tasks end, or stand still, together.
//!
//! tokio's own chance cannot be seeded: which branch of `select!` is looked at first, and in which order those who wait
//! for a `watch` are woken. So there is at most one who waits for each, and what could come at the same moment has
//! moments of its own ([`Phase`]).

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use openraft::{AsyncRuntime, OptionalSend, TokioRuntime};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinError, JoinHandle};
use tokio::time::Instant;

use super::check::Violation;
use super::dice::Dice;
use super::world::{Phase, World, world};
use crate::group::types::MemberId;
use crate::locks::lock;

thread_local! {
    static ALIVE: RefCell<Option<Arc<Life>>> = const { RefCell::new(None) };
}

/// A member from its start to its fall.
#[derive(Debug)]
pub struct Life {
    pub member: MemberId,
    tasks: Mutex<Tasks>,
}

#[derive(Debug, Default)]
struct Tasks {
    ended: bool,
    stopped: bool,
    handles: Vec<AbortHandle>,
    stalled: Vec<Waker>,
}

impl Life {
    pub fn new(member: MemberId) -> Arc<Self> {
        Arc::new(Self { member, tasks: Mutex::default() })
    }

    /// A task that ends with the member.
    pub fn spawn<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let task = tokio::spawn(Mortal { life: Arc::clone(self), work: Box::pin(work) });
        let mut tasks = lock(&self.tasks);
        if tasks.ended {
            task.abort();
        }
        if tasks.handles.len() >= 256 {
            tasks.handles.retain(|handle| !handle.is_finished());
        }
        tasks.handles.push(task.abort_handle());
        task
    }

    /// Nothing of it is done any more from here on.
    pub fn end(&self) {
        let mut tasks = lock(&self.tasks);
        tasks.ended = true;
        for handle in tasks.handles.drain(..) {
            handle.abort();
        }
    }

    pub fn has_ended(&self) -> bool {
        lock(&self.tasks).ended
    }

    /// Nothing of it is done until it goes on.
    pub fn stop(&self) {
        lock(&self.tasks).stopped = true;
    }

    pub fn go_on(&self) {
        let stalled = {
            let mut tasks = lock(&self.tasks);
            tasks.stopped = false;
            std::mem::take(&mut tasks.stalled)
        };
        stalled.into_iter().for_each(Waker::wake);
    }
}

struct Mortal<F> {
    life: Arc<Life>,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for Mortal<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        {
            let mut tasks = lock(&self.life.tasks);
            if tasks.stopped {
                tasks.stalled.push(cx.waker().clone());
                return Poll::Pending;
            }
        }
        if let Some(world) = world()
            && world.spins()
        {
            world.found(Violation::Spins { member: self.life.member });
            self.life.end();
            return Poll::Pending;
        }
        let before = ALIVE.replace(Some(Arc::clone(&self.life)));
        let polled = self.work.as_mut().poll(cx);
        ALIVE.set(before);
        polled
    }
}

/// Another thread would do it in its own time, so it is done here.
pub async fn away<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    match world() {
        Some(_) => Some(work()),
        None => tokio::task::spawn_blocking(work).await.ok(),
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Runtime;

/// A wait of the engine.
#[derive(Debug)]
pub struct Sleep {
    inner: Pin<Box<tokio::time::Sleep>>,
    /// It may only end when nothing else happens: the engine looks at the same time for what else has come.
    alone: Option<Arc<World>>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.inner.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            match &self.alone {
                // It stood still until now.
                Some(world) if !world.is_in(Phase::Alone) => {
                    let next = world.after(Duration::ZERO, Phase::Alone);
                    self.inner.as_mut().reset(next);
                }
                Some(_) | None => return Poll::Ready(()),
            }
        }
    }
}

/// Not at a moment that is meant for something else.
fn deadline(at: Instant) -> Instant {
    world().map_or(at, |world| world.after(at.saturating_duration_since(Instant::now()), Phase::Timer))
}

impl AsyncRuntime for Runtime {
    type JoinError = JoinError;
    type JoinHandle<T: OptionalSend + 'static> = JoinHandle<T>;
    type Sleep = Sleep;
    type Instant = Instant;
    type TimeoutError = tokio::time::error::Elapsed;
    type Timeout<R, T: Future<Output = R> + OptionalSend> = tokio::time::Timeout<T>;
    type ThreadLocalRng = Dice;
    type OneshotSender<T: OptionalSend> = openraft::async_runtime::TokioOneShotSender<T>;
    type OneshotReceiver<T: OptionalSend> = oneshot::Receiver<T>;
    type OneshotReceiverError = oneshot::error::RecvError;

    fn spawn<T>(work: T) -> JoinHandle<T::Output>
    where
        T: Future + OptionalSend + 'static,
        T::Output: OptionalSend + 'static,
    {
        match ALIVE.with_borrow(Clone::clone) {
            Some(life) => life.spawn(work),
            None => tokio::spawn(work),
        }
    }

    fn sleep(duration: Duration) -> Sleep {
        let alone = world();
        let end = match &alone {
            Some(world) => world.after(duration, Phase::Alone),
            None => Instant::now() + duration,
        };
        Sleep { inner: Box::pin(tokio::time::sleep_until(end)), alone }
    }

    fn sleep_until(end: Instant) -> Sleep {
        Sleep { inner: Box::pin(tokio::time::sleep_until(deadline(end))), alone: None }
    }

    fn timeout<R, F: Future<Output = R> + OptionalSend>(
        duration: Duration,
        work: F,
    ) -> tokio::time::Timeout<F> {
        tokio::time::timeout_at(deadline(Instant::now() + duration), work)
    }

    fn timeout_at<R, F: Future<Output = R> + OptionalSend>(end: Instant, work: F) -> tokio::time::Timeout<F> {
        tokio::time::timeout_at(deadline(end), work)
    }

    fn is_panic(error: &JoinError) -> bool {
        error.is_panic()
    }

    fn thread_rng() -> Dice {
        Dice::new(world().map_or_else(|| getrandom::u64().unwrap(), |world| world.draw()))
    }

    fn oneshot<T: OptionalSend>() -> (Self::OneshotSender<T>, Self::OneshotReceiver<T>) {
        TokioRuntime::oneshot()
    }
}
