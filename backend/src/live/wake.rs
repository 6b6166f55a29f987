//! Waking the clients of a thread from within the thread.
//!
//! Waking a task from another thread costs a system call. The writer therefore wakes one task in each thread
//! that serves clients, and that task wakes the clients. With many clients it also waits a little between two
//! rounds, so that readings which come shortly after one another leave in one packet.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;

use tokio::sync::Notify;

use super::lock;

/// Above so many clients a thread paces its rounds.
const MANY: usize = 256;
/// Between two rounds, far below what a person notices.
const PACE: Duration = Duration::from_millis(25);

/// The threads that serve clients.
#[derive(Debug, Default)]
pub(super) struct Stations(Mutex<Vec<Arc<Notify>>>);

/// The clients of this thread.
#[derive(Clone, Debug, Default)]
pub struct Local(Rc<RefCell<Slots>>);

#[derive(Debug, Default)]
struct Slots {
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
}

/// A client's place among those that are woken, given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    local: Local,
    index: usize,
}

impl Stations {
    pub fn gather_here(&self) -> Local {
        let (bell, local) = (Arc::new(Notify::new()), Local::default());
        lock(&self.0).push(Arc::clone(&bell));
        let clients = local.clone();
        // Ends with the runtime.
        drop(actix_web::rt::spawn(async move {
            loop {
                bell.notified().await;
                if clients.wake_all() > MANY {
                    tokio::time::sleep(PACE).await;
                }
            }
        }));
        local
    }

    pub fn wake(&self) {
        lock(&self.0).iter().for_each(|bell| bell.notify_one());
    }
}

impl Local {
    pub(super) fn slot(&self) -> Slot {
        let mut slots = self.0.borrow_mut();
        let index = slots.free.pop().unwrap_or_else(|| {
            slots.wakers.push(None);
            slots.wakers.len() - 1
        });
        Slot { local: self.clone(), index }
    }

    fn wake_all(&self) -> usize {
        let slots = self.0.borrow();
        slots.wakers.iter().flatten().map(Waker::wake_by_ref).count()
    }
}

impl Slot {
    pub fn remember(&self, waker: &Waker) {
        if let Some(place) = self.local.0.borrow_mut().wakers.get_mut(self.index) {
            match place {
                Some(known) => known.clone_from(waker),
                None => *place = Some(waker.clone()),
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut slots = self.local.0.borrow_mut();
        if let Some(place) = slots.wakers.get_mut(self.index) {
            *place = None;
        }
        slots.free.push(self.index);
    }
}
