//! Stored readings on their way from the writer of the sensor history to those who watch.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::telemetry::{Listener, Stored};

/// Readings that may wait. Who falls that far behind looks at the history instead.
const MOST: usize = 200_000;

#[derive(Debug, Default)]
pub struct Inbox {
    waiting: Mutex<Waiting>,
    bell: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    stored: VecDeque<Arc<Stored>>,
    readings: usize,
    lost: bool,
}

impl Inbox {
    /// What came since, and whether some of it was lost.
    pub fn take(&self) -> (Vec<Arc<Stored>>, bool) {
        let Waiting { stored, lost, .. } = std::mem::take(&mut *self.lock());
        (stored.into(), lost)
    }

    /// Ends when there is something to look at.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    pub fn ring(&self) {
        self.bell.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Inbox {
    fn stored(&self, stored: &[Arc<Stored>]) {
        let mut waiting = self.lock();
        for stored in stored {
            waiting.readings += stored.len();
            waiting.stored.push_back(Arc::clone(stored));
        }
        if waiting.readings > MOST {
            *waiting = Waiting { lost: true, ..Waiting::default() };
        }
        drop(waiting);
        self.ring();
    }
}
