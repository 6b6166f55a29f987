//! Disks that are put back from copies, and ledgers of other groups.

use std::fs;
use std::path::Path;

use crate::common::program;
use crate::seats::Seats;
use crate::sellers;

/// Copies the files of a stopped member.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, name) = (entry.as_ref().unwrap().path(), entry.unwrap().file_name());
        if from.is_dir() {
            copy(&from, &to.join(name));
        } else {
            fs::copy(&from, to.join(name)).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_put_back_is_found_out() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    let (lucas, _) = seats.callers()[0].sign_in("lucas", "1234").await;
    sellers::sell(&lucas).await;
    let aside = tempfile::tempdir().unwrap();
    seats.kill(2);
    copy(&seats.folder(2), &aside.path().join("copy"));
    seats.start(2);
    seats.all_count().await;
    sellers::sell(&lucas).await;
    seats.agree().await;
    seats.kill(2);
    fs::rename(seats.folder(2), aside.path().join("newest")).unwrap();
    copy(&aside.path().join("copy"), &seats.folder(2));
    let refused = program::failure(&seats.command_to_serve(2));
    assert!(refused.contains("older than what the others have heard"), "{refused}");
    // The disk that it had is right.
    fs::remove_dir_all(seats.folder(2)).unwrap();
    fs::rename(aside.path().join("newest"), seats.folder(2)).unwrap();
    seats.start(2);
    seats.all_count().await;
    // Its ledger alone from before is followed by what the log has.
    seats.kill(2);
    for left in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let _ = fs::remove_file(seats.folder(2).join(left));
    }
    for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
        let _ = fs::copy(aside.path().join("copy").join(name), seats.folder(2).join(name));
    }
    seats.start(2);
    seats.all_count().await;
    seats.agree().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_of_another_group_is_refused() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    let (lucas, _) = seats.callers()[0].sign_in("lucas", "1234").await;
    sellers::sell(&lucas).await;
    seats.agree().await;
    (0..3).for_each(|place| seats.kill(place));
    // The principal makes a new group of what it has; the second one keeps its ledger, the third its whole disk.
    program::success(&seats.command(0, &["group", "rescue", "--accept-loss"]));
    for left in ["group.sqlite", "group.sqlite-wal", "group.sqlite-shm"] {
        let _ = fs::remove_file(seats.folder(1).join(left));
    }
    seats.start(0);
    let ledger = program::failure(&seats.command_to_serve(1));
    assert!(ledger.contains("belongs to another group"), "{ledger}");
    fs::remove_dir_all(seats.folder(1)).unwrap();
    seats.start(1);
    seats.counts(&[1, 2]).await;
    let disk = program::failure(&seats.command_to_serve(2));
    assert!(disk.contains("belongs to another group than most"), "{disk}");
    fs::remove_dir_all(seats.folder(2)).unwrap();
    seats.start(2);
    seats.all_count().await;
    seats.agree().await;
}
