//! Answers from a writer thread to the tasks that wait for them, woken together.
//!
//! Waking a task from another thread costs a system call each, paid by the writer between two commits.
//! A thread that serves connections therefore keeps one task that wakes the others ([`gather_here`]); the
//! writer hands it all the wakes of a commit at once, and pays once for each such thread.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use crate::locks::lock;

/// The end that waits. Gives `None` if the other end went away without an answer.
#[derive(Debug)]
pub struct Reply<T>(Arc<Mutex<State<T>>>);

/// The end that answers, once.
#[derive(Debug)]
pub struct Replier<T> {
    state: Arc<Mutex<State<T>>>,
    home: Option<Arc<Home>>,
}

#[derive(Debug)]
enum State<T> {
    Waiting(Option<Waker>),
    Answered(Option<T>),
}

/// Wakes that are due, gathered by the thread that they are for. Dropping it wakes them.
#[derive(Debug, Default)]
pub struct Wakes(Vec<(Arc<Home>, Vec<Waker>)>);

/// The thread on which a task waits, if it gathers wakes.
#[derive(Debug, Default)]
struct Home(Mutex<Inbox>);

#[derive(Debug, Default)]
struct Inbox {
    due: Vec<Waker>,
    gatherer: Option<Waker>,
    closed: bool,
}

/// The task that wakes the others of its thread, from within the thread.
struct Gatherer(Arc<Home>);

thread_local! {
    static HOME: RefCell<Option<Arc<Home>>> = const { RefCell::new(None) };
}

/// Makes this thread gather wakes. Call it once, inside the runtime that the thread drives for as long as
/// it serves; elsewhere tasks are woken one by one.
pub fn gather_here() {
    let home = Arc::new(Home::default());
    HOME.set(Some(Arc::clone(&home)));
    // Ends with the runtime.
    drop(tokio::spawn(Gatherer(home)));
}

/// A place for one answer.
pub fn reply<T>() -> (Replier<T>, Reply<T>) {
    let state = Arc::new(Mutex::new(State::Waiting(None)));
    let home = HOME.with_borrow(Clone::clone);
    (Replier { state: Arc::clone(&state), home }, Reply(state))
}

impl<T> Replier<T> {
    /// Answers. The task is woken when `wakes` is dropped.
    pub fn send(self, answer: T, wakes: &mut Wakes) {
        if let Some(waker) = self.settle(Some(answer)) {
            wakes.add(self.home.as_ref(), waker);
        }
    }

    fn settle(&self, answer: Option<T>) -> Option<Waker> {
        let mut state = lock(&self.state);
        match &mut *state {
            State::Waiting(waker) => {
                let waker = waker.take();
                *state = State::Answered(answer);
                waker
            }
            State::Answered(_) => None,
        }
    }
}

impl<T> Drop for Replier<T> {
    fn drop(&mut self) {
        if let Some(waker) = self.settle(None) {
            waker.wake();
        }
    }
}

impl<T> Future for Reply<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match &mut *lock(&self.0) {
            State::Answered(answer) => Poll::Ready(answer.take()),
            State::Waiting(waker) => {
                waker.replace(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Wakes {
    fn add(&mut self, home: Option<&Arc<Home>>, waker: Waker) {
        let Some(home) = home else { return waker.wake() };
        match self.0.iter_mut().find(|(known, _)| Arc::ptr_eq(known, home)) {
            Some((_, wakers)) => wakers.push(waker),
            None => self.0.push((Arc::clone(home), vec![waker])),
        }
    }
}

impl Drop for Wakes {
    fn drop(&mut self) {
        for (home, wakers) in self.0.drain(..) {
            home.deliver(wakers);
        }
    }
}

impl Home {
    fn deliver(&self, wakers: Vec<Waker>) {
        let mut inbox = lock(&self.0);
        if inbox.closed {
            drop(inbox);
            wakers.into_iter().for_each(Waker::wake);
            return;
        }
        inbox.due.extend(wakers);
        let gatherer = inbox.gatherer.take();
        drop(inbox);
        if let Some(gatherer) = gatherer {
            gatherer.wake();
        }
    }
}

impl Future for Gatherer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let due = {
            let mut inbox = lock(&self.0.0);
            inbox.gatherer = Some(cx.waker().clone());
            std::mem::take(&mut inbox.due)
        };
        due.into_iter().for_each(Waker::wake);
        Poll::Pending
    }
}

impl Drop for Gatherer {
    fn drop(&mut self) {
        let due = {
            let mut inbox = lock(&self.0.0);
            inbox.closed = true;
            std::mem::take(&mut inbox.due)
        };
        due.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered_by_a_thread(count: usize) -> Vec<Option<usize>> {
        let (repliers, replies): (Vec<_>, Vec<_>) = (0..count).map(|_| reply()).unzip();
        let waiting: Vec<_> = replies.into_iter().map(tokio::spawn).collect();
        // Let every task wait before the first answer.
        tokio::task::yield_now().await;
        let writer = std::thread::spawn(move || {
            let mut wakes = Wakes::default();
            for (number, replier) in repliers.into_iter().enumerate() {
                // The last one goes away without an answer.
                if number + 1 < count {
                    replier.send(number, &mut wakes);
                }
            }
        });
        let mut answers = Vec::new();
        for task in waiting {
            answers.push(task.await.unwrap());
        }
        writer.join().unwrap();
        answers
    }

    #[tokio::test]
    async fn every_task_gets_its_answer() {
        assert_eq!(answered_by_a_thread(4).await, [Some(0), Some(1), Some(2), None]);
    }

    #[tokio::test]
    async fn also_when_the_thread_gathers_wakes() {
        gather_here();
        tokio::task::yield_now().await;
        assert_eq!(answered_by_a_thread(4).await, [Some(0), Some(1), Some(2), None]);
    }

    #[test]
    fn also_when_the_gatherer_has_ended() {
        let first = tokio::runtime::Builder::new_current_thread().build().unwrap();
        first.block_on(async { gather_here() });
        drop(first);
        let second = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(second.block_on(answered_by_a_thread(2)), [Some(0), None]);
    }
}
