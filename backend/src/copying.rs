//! Copies of databases that nobody has to wait for: brought to the disk all at once they would hold up the small writes of
//! everybody else.

use std::ffi::c_int;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, Error};

/// Pages that are copied before they are brought to the disk, where others write meanwhile.
pub const BESIDE_OTHERS: c_int = 256;
/// The same, where whoever waits for the disk waits for the copy anyway.
pub const ALONE: c_int = 4_096;
/// Bytes of a file that are copied before they are brought to the disk.
const BIT: u64 = 16 * 1024 * 1024;
/// How often that is done with what somebody else writes.
const OFTEN: Duration = Duration::from_millis(50);

/// Puts what one database holds at this moment in the place of what another one holds, so many pages at a time.
pub fn copy(from: &Connection, to: &mut Connection, pages: c_int) -> rusqlite::Result<()> {
    let written = written(to)?;
    // However long it takes, it is of one moment: whoever writes meanwhile would have it begin anew.
    let _moment = from.unchecked_transaction()?;
    from.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let backup = Backup::new(from, to)?;
    loop {
        let step = backup.step(pages)?;
        if step == StepResult::Done {
            return Ok(());
        }
        if step != StepResult::More {
            return Err(Error::InvalidQuery);
        }
        sync(&written);
    }
}

/// Copies a file as it is. Not for a database that is in use here: to close its file gives up the locks that connections
/// hold on it.
pub fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let (from, mut to) = (File::open(from)?, File::create(to)?);
    while io::copy(&mut (&from).take(BIT), &mut to)? > 0 {
        to.sync_data()?;
    }
    to.sync_all()
}

/// Forces a directory's list of files to the disk.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    // Windows cannot open a directory as a file; there the rename itself is logged by the file system.
    if cfg!(windows) { Ok(()) } else { File::open(dir)?.sync_all() }
}

/// The file to which it writes.
fn written(to: &Connection) -> rusqlite::Result<PathBuf> {
    let file = to.path().ok_or(Error::InvalidQuery)?;
    let mode: String = to.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    Ok(PathBuf::from(if mode == "wal" { format!("{file}-wal") } else { file.to_owned() }))
}

/// Has what is written to a file brought to the disk meanwhile. Not for a database that is in use here: to close its file
/// gives up the locks that connections hold on it.
pub fn bit_by_bit<T>(file: &Path, write: impl FnOnce() -> T) -> T {
    let (over, is_over) = sync_channel::<()>(0);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while is_over.recv_timeout(OFTEN) == Err(RecvTimeoutError::Timeout) {
                sync(file);
            }
        });
        let written = write();
        drop(over);
        written
    })
}

/// Who copies does so at the end in any case, and then finds out whether it worked.
fn sync(file: &Path) {
    let _ = File::open(file).and_then(|file| file.sync_data());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many rows, each of more than a page.
    fn fill(db: &Connection, rows: i64) {
        let all = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                   INSERT INTO t SELECT i, zeroblob(5000) FROM n";
        db.execute(all, [rows]).unwrap();
    }

    fn count(db: &Connection) -> i64 {
        db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_copy_is_of_one_moment_and_takes_the_place_of_all_that_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let open = |name: &str| {
            let db = Connection::open(dir.path().join(name)).unwrap();
            db.pragma_update(None, "journal_mode", "WAL").unwrap();
            db.execute_batch("CREATE TABLE t (i INTEGER, body BLOB)").unwrap();
            db
        };
        let (writer, mut other) = (open("from.sqlite"), open("to.sqlite"));
        fill(&writer, 3_000);
        fill(&other, 5_000);
        let reader = Connection::open(dir.path().join("from.sqlite")).unwrap();
        // Who writes all the time, each time something else.
        let (over, is_over) = sync_channel::<()>(0);
        let written = std::thread::scope(|scope| {
            let writing = scope.spawn(move || {
                while is_over.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                    writer.execute_batch("BEGIN; DELETE FROM t WHERE i = 7; INSERT INTO t VALUES (7, 'x'), (0, 'y'); COMMIT").unwrap();
                }
                writer
            });
            copy(&reader, &mut other, BESIDE_OTHERS).unwrap();
            drop(over);
            writing.join().unwrap()
        });
        let copied = count(&other);
        assert!((3_000..=count(&written)).contains(&copied), "{copied}");
        let more: i64 = other.query_row("SELECT count(*) FROM t WHERE i = 0", [], |row| row.get(0)).unwrap();
        assert_eq!(copied, 3_000 + more, "half of a transaction");
        let whole: String = other.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
    }
}
