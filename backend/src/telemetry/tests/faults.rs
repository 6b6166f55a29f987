//! A full queue, a full file, a full disk: refused at once, nothing half stored, and on it goes by itself.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use super::super::engine::{Engine, EngineError, Outcome, Request};
use super::super::sqlite::{self, SqliteEngine};
use super::super::{Buckets, Options, Place, StoreError, Telemetry};
use super::{BASE, Clock, HOUR, SECOND, Shop, batch, single, wait};

/// The embedded engine whose file may have only so many pages, for the next commit and what follows.
struct Limited {
    engine: SqliteEngine,
    pages: Arc<AtomicU32>,
}

impl Engine for Limited {
    fn commit(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, EngineError> {
        self.engine.limit_pages(self.pages.load(Ordering::SeqCst));
        self.engine.commit(requests)
    }

    fn agree(&mut self, requests: &[(Request, i64)], mark: &[u8]) -> Result<Vec<Outcome>, EngineError> {
        self.engine.agree(requests, mark)
    }

    fn mark(&self) -> Result<Option<Vec<u8>>, EngineError> {
        self.engine.mark()
    }

    fn replace(&mut self, copy: &Path) -> Result<(), EngineError> {
        self.engine.replace(copy)
    }

    fn tidy(&mut self) -> Result<(), EngineError> {
        self.engine.tidy()
    }

    fn probe(&mut self) -> Result<(), EngineError> {
        self.engine.limit_pages(self.pages.load(Ordering::SeqCst));
        self.engine.probe()
    }

    fn wakes_after(&self) -> Option<std::time::Duration> {
        self.engine.wakes_after()
    }

    fn close(&mut self) -> Result<(), EngineError> {
        self.engine.close()
    }
}

fn limited(recent_readings: usize) -> (Shop, Arc<AtomicU32>) {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { recent_readings, ..Options::default() };
    let (engine, history) = sqlite::open(dir.path(), &options, None).unwrap();
    let pages = Arc::new(AtomicU32::new(u32::MAX));
    let engine = Limited { engine, pages: Arc::clone(&pages) };
    let telemetry = Telemetry::with(Box::new(engine), Box::new(history), options.queue_readings).unwrap();
    (
        Shop {
            dir,
            options,
            place: Place::Embedded { keep_days: None },
            clock: Clock::system(),
            telemetry: Some(telemetry),
        },
        pages,
    )
}

/// Fills the history until it refuses; gives how many it took.
fn fill(shop: &Shop, from: i64) -> i64 {
    for n in 0_i64..10_000 {
        let rows: Vec<_> =
            (0..500).map(|m| ("a", from + (n * 500 + m) * SECOND, (m as f64).sqrt())).collect();
        match wait(shop.telemetry().store(batch(&rows))) {
            Ok(result) => assert_eq!(result.stored, 500),
            Err(error) => {
                assert_eq!(error, StoreError::Unavailable);
                return n * 500;
            }
        }
    }
    panic!("was never full");
}

/// After a refusal: reads go on, nothing of what was refused is there, and with `room` it goes on by itself.
fn recovers(shop: &mut Shop, room: impl FnOnce()) {
    let taken = fill(shop, BASE);
    assert!(taken > 0);
    assert!(shop.telemetry().health().is_err());
    assert_eq!(i64::from(shop.count("a")), taken);
    // A new sensor and a new key of a refused reading leave nothing behind.
    let new = super::super::OneReading {
        key: Some(tillwatch_shared::ApiKeyId::now()),
        source: Some([9, 9, 9, 9].into()),
        ..single("new", BASE, 1.0)
    };
    let refused: Vec<_> = (0..3).map(|_| wait(shop.telemetry().store_one(new.clone()))).collect();
    let also_taken = i64::try_from(refused.iter().filter(|result| result.is_ok()).count()).unwrap();
    assert_eq!(shop.telemetry().sensors().len(), if also_taken > 0 { 2 } else { 1 });
    room();
    assert_eq!(shop.one("late", BASE, 1.0).id, taken + also_taken + 1);
    shop.settle();
    assert_eq!(shop.telemetry().health(), Ok(()));
    assert_eq!(fill_some(shop), 50 * 500);
    let seal = shop.telemetry().seal_pending(0).unwrap().unwrap();
    assert_eq!(seal.last_id, taken + also_taken + 1 + 50 * 500);
    shop.telemetry().verify_seals(std::slice::from_ref(&seal)).unwrap();
    shop.reopen();
    shop.telemetry().verify_seals(&[seal]).unwrap();
    assert_eq!(i64::from(shop.count("a")), taken);
    assert_eq!(shop.series("late", BASE, BASE + HOUR, Buckets::Points(1)).count, [1]);
}

fn fill_some(shop: &Shop) -> u32 {
    (0..50)
        .map(|n| {
            let rows: Vec<_> = (0..500).map(|m| ("more", BASE + (n * 500 + m) * SECOND, 1.0)).collect();
            shop.store(&rows).stored
        })
        .sum()
}

#[test]
fn a_full_file_refuses_and_recovers() {
    // Full while taking, and full while packing.
    for packing in [1_000_000, 2_000, 1] {
        let (mut shop, pages) = limited(packing);
        pages.store(150, Ordering::SeqCst);
        recovers(&mut shop, || pages.store(u32::MAX, Ordering::SeqCst));
    }
}

#[test]
fn it_is_well_again_without_being_asked_to_store() {
    let (shop, pages) = limited(1_000_000);
    pages.store(100, Ordering::SeqCst);
    fill(&shop, BASE);
    assert!(shop.telemetry().health().is_err());
    pages.store(u32::MAX, Ordering::SeqCst);
    let begun = std::time::Instant::now();
    while shop.telemetry().health().is_err() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30));
        std::thread::yield_now();
    }
}

/// A small disk of its own, where that is allowed.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "tillwatch-test"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).output();
    }
}

/// The same on a disk that is really full, where a disk can be mounted; elsewhere with a file that is full at
/// another moment, so that the test always says something.
#[test]
fn a_full_disk_refuses_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(dir.path()) else {
        let (mut shop, pages) = limited(700);
        pages.store(90, Ordering::SeqCst);
        return recovers(&mut shop, || pages.store(u32::MAX, Ordering::SeqCst));
    };
    let filler = disk.0.join("filler");
    std::fs::write(&filler, vec![1; 2 * 1024 * 1024]).unwrap();
    let data = tempfile::TempDir::new_in(disk.0).unwrap();
    let options = Options { recent_readings: 3_000, ..Options::default() };
    let telemetry = Telemetry::open(data.path(), options).unwrap();
    let shop = Shop {
        dir: data,
        options,
        place: Place::Embedded { keep_days: None },
        clock: Clock::system(),
        telemetry: Some(telemetry),
    };
    let taken = fill(&shop, BASE);
    assert!(taken > 0);
    assert_eq!(i64::from(shop.count("a")), taken);
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(shop.one("late", BASE, 1.0).id, taken + 1);
    shop.settle();
    assert_eq!(shop.telemetry().health(), Ok(()));
    let seal = shop.telemetry().seal_pending(0).unwrap().unwrap();
    shop.telemetry().verify_seals(&[seal]).unwrap();
    drop(shop);
}

/// An engine that waits to be told before each commit.
struct Gated {
    engine: SqliteEngine,
    entered: SyncSender<()>,
    gate: Mutex<Receiver<()>>,
}

impl Engine for Gated {
    fn commit(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, EngineError> {
        self.entered.send(()).unwrap();
        let _ = self.gate.lock().unwrap().recv();
        self.engine.commit(requests)
    }

    fn agree(&mut self, requests: &[(Request, i64)], mark: &[u8]) -> Result<Vec<Outcome>, EngineError> {
        self.engine.agree(requests, mark)
    }

    fn mark(&self) -> Result<Option<Vec<u8>>, EngineError> {
        self.engine.mark()
    }

    fn replace(&mut self, copy: &Path) -> Result<(), EngineError> {
        self.engine.replace(copy)
    }

    fn tidy(&mut self) -> Result<(), EngineError> {
        self.engine.tidy()
    }

    fn probe(&mut self) -> Result<(), EngineError> {
        self.engine.probe()
    }

    fn wakes_after(&self) -> Option<std::time::Duration> {
        self.engine.wakes_after()
    }

    fn close(&mut self) -> Result<(), EngineError> {
        self.engine.close()
    }
}

#[test]
fn a_full_queue_refuses_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, history) = sqlite::open(dir.path(), &Options::default(), None).unwrap();
    let (entered, has_entered) = sync_channel(10);
    let (open, gate) = sync_channel(10);
    let engine = Gated { engine, entered, gate: Mutex::new(gate) };
    let telemetry = Telemetry::with(Box::new(engine), Box::new(history), 100).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let store = |from: i64, count: i64| {
        let telemetry = telemetry.clone();
        let rows: Vec<_> = (from..from + count).map(|n| ("a", BASE + n, 1.0)).collect();
        async move { telemetry.store(batch(&rows)).await }
    };
    // The writer holds this one; the queue behind it is empty.
    let held = runtime.spawn(store(0, 10));
    has_entered.recv().unwrap();
    // Polled once each, so that they are queued in this order, and then 60 + 40 fill the queue.
    let mut first = Box::pin(store(10, 60));
    let mut second = Box::pin(store(70, 40));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(second.as_mut().poll(&mut context).is_pending());
    assert_eq!(telemetry.stats().queued, 100);
    assert_eq!(wait(store(200, 1)).unwrap_err(), StoreError::Busy);
    assert_eq!(wait(telemetry.store_one(single("a", BASE + 300, 1.0))).unwrap_err(), StoreError::Busy);
    assert_eq!(telemetry.stats().busy, 2);
    open.send(()).unwrap();
    open.send(()).unwrap();
    assert_eq!(runtime.block_on(held).unwrap().unwrap().stored, 10);
    assert_eq!(wait(first).unwrap().stored, 60);
    assert_eq!(wait(second).unwrap().stored, 40);
    drop(open);
    assert_eq!(wait(store(400, 1)).unwrap().stored, 1);
}
