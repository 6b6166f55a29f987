//! Work ends when nobody waits for its answer any more: a request whose connection went takes its questions along.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Held by whoever waits. When it goes, [`Gone`] says so.
#[derive(Debug)]
pub struct Waiting(Arc<AtomicBool>);

/// Tells the work whether anybody still waits for it.
#[derive(Clone, Debug)]
pub struct Gone(Arc<AtomicBool>);

/// Both ends.
pub fn waiting() -> (Waiting, Gone) {
    let gone = Arc::new(AtomicBool::new(false));
    (Waiting(Arc::clone(&gone)), Gone(gone))
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Gone {
    pub fn is_so(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
