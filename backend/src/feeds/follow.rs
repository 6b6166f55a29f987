//! Following one file: looks when the system says that it changed, and every few seconds in case it does
//! not. A file that has not changed costs one question to the file system.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tillwatch_shared::api::{FeedFault, FeedState};
use tokio::sync::Notify;

use super::FeedPath;
use super::file::{self, Stamp, Trouble};
use super::intake::Intake;
use crate::domain::feeds::Source;
use crate::http::App;
use crate::ledger::queries::feeds as queries;

/// The slow poll: for file systems that tell nothing (network shares), and for what was missed.
const POLL: Duration = Duration::from_secs(5);
/// A writer that is at work gets this long to finish before the file is looked at.
const SETTLE: Duration = Duration::from_millis(40);

/// What is remembered between two looks.
#[derive(Clone, Debug, Default)]
struct Memory {
    read: Source,
    /// The file that was looked at last, whether it could be used or not.
    seen: Option<Stamp>,
}

/// Runs until it is aborted.
pub async fn run(app: Data<App>, feed: FeedPath) {
    let changed = Arc::new(Notify::new());
    let mut watcher = watch(&feed.path, &changed);
    let mut memory = Memory { read: source(&app, &feed.name).await, seen: None };
    known_again(&app, &feed, &memory.read);
    if memory.read.complete {
        memory.seen = Some(Stamp::of_source(&memory.read));
    }
    let mut forced = false;
    loop {
        memory = look(&app, &feed, memory, forced).await;
        if watcher.is_none() {
            watcher = watch(&feed.path, &changed);
        }
        forced = tokio::select! {
            () = changed.notified() => true,
            () = tokio::time::sleep(POLL) => false,
        };
        if forced {
            tokio::time::sleep(SETTLE).await;
        }
    }
}

/// Watches the directory: the file itself may be replaced. `None` if there is no directory yet, or the
/// system does not watch it; the poll goes on.
fn watch(path: &Path, changed: &Arc<Notify>) -> Option<RecommendedWatcher> {
    let (directory, name) = (path.parent()?, path.file_name()?.to_owned());
    let bell = Arc::clone(changed);
    let ring = move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        // Reading the file is an event too, and none of ours.
        let changes = !matches!(event.kind, EventKind::Access(_));
        let ours = event.paths.iter().any(|path| path.file_name() == Some(&name));
        if event.need_rescan() || (changes && ours) {
            bell.notify_one();
        }
    };
    let mut watcher = notify::recommended_watcher(ring).ok()?;
    watcher.watch(directory, RecursiveMode::NonRecursive).ok()?;
    Some(watcher)
}

async fn source(app: &Data<App>, feed: &str) -> Source {
    let name = feed.to_owned();
    match app.ledger.read_long(move |db| queries::source(db, &name)).await {
        Ok(source) => source.unwrap_or_default(),
        Err(error) => {
            // Read from its beginning, a file gives the same records.
            tracing::warn!(feed, %error, "how far the feed was read is not known");
            Source::default()
        }
    }
}

/// Shows what was known of the file before the server stopped.
fn known_again(app: &App, feed: &FeedPath, read: &Source) {
    app.feeds.update(&feed.name, |status| {
        if read.complete {
            status.state = FeedState::Current;
        }
        (status.position_bytes, status.size_bytes) = (read.position, read.size);
        status.bad_records = read.bad_records;
        status.faults.extend(read.last_bad.iter().chain(read.faults.iter()).cloned());
    });
}

/// Looks at the file once, if there is a reason to.
async fn look(app: &Data<App>, feed: &FeedPath, memory: Memory, forced: bool) -> Memory {
    let (shared, spec, before) = (app.clone(), feed.clone(), memory.clone());
    let runtime = tokio::runtime::Handle::current();
    let looked = tokio::task::spawn_blocking(move || look_now(&shared, &runtime, &spec, &before, forced));
    let outcome =
        looked.await.unwrap_or_else(|error| (Err(Trouble::Io(std::io::Error::other(error))), memory.seen));
    let now = app.now();
    match outcome {
        (Ok(None), _) => {
            app.feeds.update(&feed.name, |status| status.looked_at = Some(now));
            memory
        }
        (Ok(Some(read)), seen) => {
            app.feeds.update(&feed.name, |status| {
                status.state = FeedState::Current;
                status.looked_at = Some(now);
                (status.position_bytes, status.size_bytes) = (read.position, read.size);
                status.bad_records = read.bad_records;
                status.trouble = None;
            });
            Memory { read, seen }
        }
        (Err(Trouble::Stopping), _) => memory,
        (Err(trouble), seen) => {
            let seen = if trouble.passes() { None } else { seen };
            tell(app, feed, &trouble);
            // A file that was emptied begins anew.
            let read = match trouble {
                Trouble::Emptied => Source { complete: true, ..Source::default() },
                Trouble::Missing
                | Trouble::Directory
                | Trouble::NotAFile
                | Trouble::Unknown(_)
                | Trouble::Broken(_)
                | Trouble::Moving
                | Trouble::Io(_)
                | Trouble::Ledger(_)
                | Trouble::Stopping => memory.read,
            };
            Memory { read, seen }
        }
    }
}

/// `Ok(None)` if nothing has changed.
fn look_now(
    app: &App,
    runtime: &tokio::runtime::Handle,
    feed: &FeedPath,
    memory: &Memory,
    forced: bool,
) -> (Result<Option<Source>, Trouble>, Option<Stamp>) {
    let stamp = match Stamp::of(&feed.path) {
        Ok(stamp) => stamp,
        Err(trouble) => return (Err(trouble), None),
    };
    if !forced && memory.seen == Some(stamp) {
        return (Ok(None), Some(stamp));
    }
    let mut intake = Intake::new(app, runtime, &app.feeds, &feed.name, &memory.read);
    let read = file::read(&feed.path, &memory.read, &mut intake, &app.feeds.stop);
    (read.and_then(|read| intake.finish(read)).map(Some), Some(stamp))
}

/// Makes the trouble visible; in the log once, not at every look.
fn tell(app: &App, feed: &FeedPath, trouble: &Trouble) {
    let reason = trouble.reason();
    let now = app.now();
    let mut known = false;
    app.feeds.update(&feed.name, |status| {
        known = status
            .trouble
            .as_ref()
            .is_some_and(|fault| fault.code == Some(reason.code) && fault.about == reason.about);
        status.state = FeedState::Failed;
        status.looked_at = Some(now);
        if !known {
            status.trouble = Some(FeedFault::new(now, trouble.line(), None, reason));
        }
    });
    if !known {
        tracing::warn!(feed = feed.name, path = %feed.path.display(), detail = %trouble, "the feed's file cannot be used");
    }
}
