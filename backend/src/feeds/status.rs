//! What is known about each feed's file: for those who ask, and for the log.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{FeedFault, FeedFormat, FeedState};
use tokio::sync::Notify;

/// Bad records of a file that are kept and shown, the newest.
pub(super) const FAULTS: usize = 20;

#[derive(Clone, Debug)]
pub struct Status {
    pub path: PathBuf,
    pub state: FeedState,
    pub format: Option<FeedFormat>,
    pub position_bytes: u64,
    pub size_bytes: u64,
    pub bad_records: i64,
    /// Why the file as a whole cannot be used.
    pub trouble: Option<FeedFault>,
    pub faults: VecDeque<FeedFault>,
    pub looked_at: Option<UtcMicros>,
}

impl Status {
    pub const fn new(path: PathBuf) -> Self {
        Self {
            path,
            state: FeedState::Starting,
            format: None,
            position_bytes: 0,
            size_bytes: 0,
            bad_records: 0,
            trouble: None,
            faults: VecDeque::new(),
            looked_at: None,
        }
    }

    /// The newest thing that is wrong.
    pub fn last_fault(&self) -> Option<FeedFault> {
        self.trouble.clone().or_else(|| self.faults.back().cloned())
    }
}

/// The state of all feeds that are followed, and the bells between those who work on them.
#[derive(Debug, Default)]
pub struct Board {
    feeds: Mutex<BTreeMap<String, Status>>,
    waiting: Notify,
    pub(super) stop: AtomicBool,
}

impl Board {
    /// A copy of the state of all feeds.
    pub fn all(&self) -> BTreeMap<String, Status> {
        self.lock().clone()
    }

    /// Whether a feed of this name is followed.
    pub fn follows(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }

    /// There may be records that wait to become sales.
    pub fn sales_may_wait(&self) {
        self.waiting.notify_one();
    }

    pub(super) async fn sales_wait(&self) {
        self.waiting.notified().await;
    }

    /// Files are read from here on.
    pub(super) fn go_on(&self) {
        self.stop.store(false, Ordering::Relaxed);
    }

    /// Ends what is being read.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn add(&self, name: &str, path: PathBuf) {
        self.lock().insert(name.to_owned(), Status::new(path));
    }

    pub(super) fn update(&self, name: &str, change: impl FnOnce(&mut Status)) {
        if let Some(status) = self.lock().get_mut(name) {
            change(status);
        }
    }

    pub(super) fn bad_record(&self, name: &str, fault: FeedFault, count: i64) {
        // The first of a file are told one by one; of a file full of them the number is enough.
        if count <= FAULTS as i64 {
            tracing::warn!(feed = name, %fault, "a record of the feed is bad");
        }
        metrics::counter!("tillwatch_feed_bad_records_total", "feed" => name.to_owned()).increment(1);
        self.update(name, |status| {
            if status.faults.len() >= FAULTS {
                status.faults.pop_front();
            }
            status.faults.push_back(fault);
            status.bad_records = count;
        });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Status>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
