//! A copy of another member's ledger comes in the place of this one: as a file, which is quick, or page by page where
//! somebody has this ledger open.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::writer::Writer;
use super::{OpenError, journal, open, schema};
use crate::copying;

/// How long those who read are waited for; others wait meanwhile.
const READS: Duration = Duration::from_secs(1);
/// What the file is called that is to be the ledger.
const ARRIVING: &str = "arriving";

/// Removes what a fall has left.
pub(super) fn forget_unfinished(file: &Path) {
    // Nearly always there is none.
    let _ = fs::remove_file(file.with_extension(ARRIVING));
}

impl Writer {
    /// Readers go on with what was there until all of it is in place.
    pub(super) fn replace(&mut self, copy: &Path) -> Result<(), OpenError> {
        // Members are upgraded one after the other.
        schema::lift_copy(copy)?;
        let arriving = self.reads.file().with_extension(ARRIVING);
        if let Err(why) = self.change_files(copy, &arriving)? {
            tracing::info!(%why, "the copy of the ledger is put in place page by page");
            forget_unfinished(self.reads.file());
            self.change_pages(copy)?;
        }
        #[cfg(test)]
        super::member::note_durable(self.reads.file());
        self.tip = journal::tip(&self.connection)?;
        Ok(())
    }

    /// Puts the copy in the place of the ledger's file. The inner error: why that cannot be; nothing has changed then.
    fn change_files(&mut self, copy: &Path, arriving: &Path) -> Result<io::Result<()>, OpenError> {
        // Other members look for the copy where it is.
        if let Err(error) = copying::copy_file(copy, arriving) {
            return Ok(Err(error));
        }
        // It leads a write-ahead file from then on: to begin that later, nobody else may be at it.
        drop(open::writer(arriving)?);
        let reads = Arc::clone(&self.reads);
        let Some(_nobody_reads) = reads.close(READS) else {
            return Ok(Err(io::Error::other("it is being read")));
        };
        if !self.has_it_alone()? {
            return Ok(Err(io::Error::other("it is open elsewhere")));
        }
        // Whoever opens the file now gets either of them, each of them whole.
        drop(std::mem::replace(&mut self.connection, Connection::open_in_memory()?));
        let renamed = fs::rename(arriving, reads.file());
        let renamed = renamed.and_then(|()| reads.file().parent().map_or(Ok(()), copying::sync_dir));
        self.connection = open::writer(reads.file())?;
        open::leaves_it_to_the_log(&self.connection)?;
        Ok(renamed)
    }

    /// Leaves the write-ahead file, which is only possible where nobody else has the ledger open, here or in another
    /// program: then all of it is in its one file.
    fn has_it_alone(&self) -> rusqlite::Result<bool> {
        self.connection.flush_prepared_statement_cache();
        self.connection.busy_timeout(Duration::ZERO)?;
        let mode = self
            .connection
            .pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get::<_, String>(0));
        open::is_patient(&self.connection)?;
        match mode {
            Ok(mode) => Ok(mode == "delete"),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn change_pages(&mut self, copy: &Path) -> Result<(), OpenError> {
        // The log may have let go of all that came before it.
        open::waits_for_the_disk(&self.connection)?;
        let copied = copying::copy(&open::source(copy)?, &mut self.connection, copying::ALONE);
        open::leaves_it_to_the_log(&self.connection)?;
        copied?;
        // All of it is in the write-ahead file, which keeps its size otherwise. Who reads just now leaves it so.
        self.connection.pragma(None, "wal_checkpoint", "TRUNCATE", |_| Ok(()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::ledger::schema::{MIGRATIONS, migrate};
    use crate::ledger::{Ledger, member};

    /// A ledger with such a mark.
    fn copy_with(mark: u8, file: PathBuf) -> PathBuf {
        let mut connection = Connection::open(&file).unwrap();
        migrate(&mut connection, &file, MIGRATIONS).unwrap();
        connection.execute("INSERT INTO group_mark (id, body) VALUES (1, ?1)", [[mark]]).unwrap();
        file
    }

    fn done<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[cfg(unix)]
    fn number_of(file: &Path) -> u64 {
        std::os::unix::fs::MetadataExt::ino(&fs::metadata(file).unwrap())
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_changed_below_those_who_read_in_turns() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ledger.sqlite");
        fs::write(dir.path().join("ledger.arriving"), "half of one").unwrap();
        let (ledger, _asked, applier) = Ledger::open_member(&file).unwrap();
        assert!(!dir.path().join("ledger.arriving").exists());
        done(applier.apply(Vec::new(), vec![1])).unwrap();
        let (before, over) = (number_of(&file), AtomicBool::new(false));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut seen = 1;
                    while !over.load(Ordering::Relaxed) {
                        let mark = ledger.mark().unwrap().unwrap()[0];
                        assert!(mark >= seen, "{mark} after {seen}");
                        seen = mark;
                    }
                });
            }
            let replaced = [5, 9].map(|mark| {
                let copy = copy_with(mark, dir.path().join(format!("copy{mark}.sqlite")));
                let replaced = done(applier.replace(copy.clone())).map_err(|error| error.to_string());
                // The copy is for other members.
                (replaced, ledger.mark().unwrap(), copy.exists())
            });
            over.store(true, Ordering::Relaxed);
            assert_eq!(replaced, [5, 9].map(|mark| (Ok(()), Some(vec![mark]), true)));
        });
        assert_ne!(number_of(&file), before, "page by page");
        done(applier.apply(Vec::new(), vec![10])).unwrap();
        drop(applier);
        ledger.close();
        assert_eq!(member::mark(&open::source(&file).unwrap()).unwrap(), Some(vec![10]));
    }

    #[cfg(unix)]
    #[test]
    fn who_has_it_open_reads_on_and_then_finds_the_copy() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ledger.sqlite");
        let (ledger, _asked, applier) = Ledger::open_member(&file).unwrap();
        done(applier.apply(Vec::new(), vec![1])).unwrap();
        let before = number_of(&file);
        let copy = copy_with(5, dir.path().join("copy.sqlite"));
        // As another program does.
        let mut other = open::source(&file).unwrap();
        let moment = other.transaction().unwrap();
        assert_eq!(member::mark(&moment).unwrap(), Some(vec![1]));
        done(applier.replace(copy.clone())).unwrap();
        assert_eq!((member::mark(&moment).unwrap(), ledger.mark().unwrap()), (Some(vec![1]), Some(vec![5])));
        drop(moment);
        assert_eq!(member::mark(&other).unwrap(), Some(vec![5]));
        drop(other);
        // Here, for longer than it is waited for.
        let copy = copy_with(7, dir.path().join("next.sqlite"));
        let seen = ledger.read(|db| {
            let moment = db.unchecked_transaction()?;
            let first = member::mark(&moment)?;
            done(applier.replace(copy)).unwrap();
            Ok((first, member::mark(&moment)?))
        });
        assert_eq!(seen.unwrap(), (Some(vec![5]), Some(vec![5])));
        assert_eq!(ledger.mark().unwrap(), Some(vec![7]));
        assert_eq!(number_of(&file), before);
        assert!(!dir.path().join("ledger.arriving").exists());
        let whole: String =
            ledger.read(|db| db.query_row("PRAGMA integrity_check", [], |row| row.get(0))).unwrap();
        assert_eq!(whole, "ok");
    }
}
