//! Requests that somebody may stop: a request that is dropped closes its connection, and the server goes no further.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use egui::ViewportId;

use super::files::Stop;
use crate::asking::Long;

/// Those that are under way, of all windows.
#[derive(Debug, Default)]
pub struct Asking(Mutex<Vec<(ViewportId, Long, Arc<Stop>)>>);

impl Asking {
    /// What came of the work; nothing if it was stopped.
    pub async fn run<T>(&self, window: ViewportId, long: Long, work: impl Future<Output = T>) -> Option<T> {
        let stop = Arc::new(Stop::default());
        self.lock().push((window, long, Arc::clone(&stop)));
        let done = stop.or(work).await;
        self.lock().retain(|(_, _, known)| !Arc::ptr_eq(known, &stop));
        done
    }

    /// Stops the newest one of that kind.
    pub fn stop(&self, window: ViewportId, long: Long) {
        let of = |(known, which, _): &&(ViewportId, Long, Arc<Stop>)| *known == window && *which == long;
        if let Some((_, _, stop)) = self.lock().iter().rev().find(of) {
            stop.say();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(ViewportId, Long, Arc<Stop>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_of_its_kind_is_dropped_and_no_other() {
        let asking = Asking::default();
        let (window, other) = (ViewportId::ROOT, ViewportId::from_hash_of("other"));
        // Dropped with the work: its sender tells.
        let (dropped, mut tells) = tokio::sync::oneshot::channel::<()>();
        let endless = async move {
            let _held = dropped;
            std::future::pending::<()>().await;
        };
        let work = asking.run(window, Long::Sheet(2), endless);
        let stop = async {
            asking.stop(other, Long::Sheet(2));
            asking.stop(window, Long::Sheet(3));
            tokio::task::yield_now().await;
            assert!(tells.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty));
            asking.stop(window, Long::Sheet(2));
        };
        let (done, ()) = tokio::join!(work, stop);
        assert_eq!(done, None);
        assert_eq!(tells.try_recv(), Err(tokio::sync::oneshot::error::TryRecvError::Closed));
        assert_eq!(asking.run(window, Long::Sheet(2), async { 7 }).await, Some(7));
        assert!(asking.lock().is_empty());
    }
}
