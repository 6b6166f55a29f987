//! What the others heard of a disk, and whether it is older.

use std::path::Path;

use openraft::storage::RaftLogStorage;
use openraft::{CommittedLeaderId, LogId, Vote};
use tempfile::TempDir;

use super::super::log::LogStore;
use super::super::words::Promised;

async fn run(file: &Path) -> LogStore {
    let log = LogStore::open(file).unwrap();
    log.begin_run().await.unwrap();
    log
}

fn folder() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("group.sqlite");
    (folder, file)
}

#[tokio::test]
async fn what_was_promised_since_is_missed_and_what_is_there_is_not() {
    let (folder, file) = folder();
    let first = run(&file).await;
    first.close();
    let copy = folder.path().join("copy.sqlite");
    rusqlite::Connection::open(&file).unwrap().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let mut second = run(&file).await;
    second.save_vote(&Vote::new(4, 2)).await.unwrap();
    let heard = second.promised();
    assert!(!second.is_older_than(&heard), "it is this very run");
    second.close();
    assert!(!run(&file).await.is_older_than(&heard));
    // From before that run.
    assert!(LogStore::open(&copy).unwrap().is_older_than(&heard));
    // Of that run, from before the vote.
    let of_that_run = Promised { run: first.promised().run, ..heard };
    assert!(LogStore::open(&copy).unwrap().is_older_than(&of_that_run));
    let before_the_vote = Promised { term: 0, ..of_that_run };
    assert!(!LogStore::open(&copy).unwrap().is_older_than(&before_the_vote));
    // Another disk has promised nothing.
    let other = folder.path().join("other.sqlite");
    assert!(!LogStore::open(&other).unwrap().is_older_than(&heard));
}

#[tokio::test]
async fn what_was_cut_off_the_end_of_the_log_is_not_missed() {
    let (_folder, file) = folder();
    let mut log = run(&file).await;
    log.save_vote(&Vote::new(4, 2)).await.unwrap();
    let heard = Promised { kept: 17, ..log.promised() };
    log.close();
    assert!(run(&file).await.is_older_than(&heard), "it had 17 entries");
    let mut log = run(&file).await;
    log.truncate(LogId::new(CommittedLeaderId::new(3, 1), 1)).await.unwrap();
    assert!(!log.is_older_than(&heard));
    log.close();
    assert!(!run(&file).await.is_older_than(&heard), "it remembers that it cut");
}
