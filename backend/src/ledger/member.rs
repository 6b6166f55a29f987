//! The ledger of a group's member: what is asked of it leaves by one end, on the way to the group's log, and what the
//! group has agreed on comes in by the other.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::writer::{self, Work};
use super::{Doors, Job, Ledger, NotApplied, OpenError, QUEUE, open, replacing};
#[cfg(test)]
use crate::copying;

/// Commands that were submitted, in their order.
#[derive(Debug)]
pub struct Asked(mpsc::Receiver<Work>);

/// The way to the writer, for what the group has agreed on. The writer ends when all of them are gone.
#[derive(Clone, Debug)]
pub struct Applier(mpsc::Sender<Work>);

impl Ledger {
    /// Opens the ledger in this file as one of a group's.
    pub fn open_member(file: &Path) -> Result<(Self, Asked, Applier), OpenError> {
        let (writer, queue) = mpsc::channel(QUEUE);
        let (asked, taken) = mpsc::channel(QUEUE);
        let applier = Applier(writer.clone());
        replacing::forget_unfinished(file);
        let (ledger, writer) = Self::open_apart(file, Doors { asked, writer })?;
        open::leaves_it_to_the_log(&writer.connection)?;
        Ok((ledger.start(writer, queue)?, Asked(taken), applier))
    }

    /// The same, where the test writes it, a turn at a time.
    #[cfg(test)]
    pub fn open_member_by_hand(file: &Path) -> Result<((Self, Asked, Applier), ByHand), OpenError> {
        let (sender, queue) = mpsc::channel(QUEUE);
        let (asked, taken) = mpsc::channel(QUEUE);
        let applier = Applier(sender.clone());
        let (ledger, writer) = Self::open_apart(file, Doors { asked, writer: sender })?;
        open::leaves_it_to_the_log(&writer.connection)?;
        Ok(((ledger, Asked(taken), applier), ByHand { writer, queue, taken: Vec::new() }))
    }

    /// The mark that came with what the group last agreed on.
    pub fn mark(&self) -> rusqlite::Result<Option<Vec<u8>>> {
        self.read(mark)
    }
}

/// Brings to the disk what was committed to the ledger in this file up to now.
pub fn bring_to_the_disk(file: &Path) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push("-wal");
    match File::options().write(true).open(beside) {
        Ok(file) => file.sync_data()?,
        // All of it is in the main file.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    #[cfg(test)]
    note_durable(file);
    Ok(())
}

/// Where tests keep what a power cut would leave of the ledger in this file at least.
#[cfg(test)]
pub(crate) fn durable(file: &Path) -> PathBuf {
    file.with_extension("durable")
}

/// All that is in the ledger now is on the disk.
#[cfg(test)]
pub(crate) fn note_durable(file: &Path) {
    let mut durable = Connection::open(durable(file)).unwrap();
    copying::copy(&open::source(file).unwrap(), &mut durable, copying::ALONE).unwrap();
}

/// The mark in a ledger, or in a copy of one.
pub fn mark(connection: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    writer::mark(connection)
}

fn job(work: Work) -> Option<Job> {
    match work {
        Work::Apply(job) => Some(job),
        // These go straight to the writer.
        Work::Probe | Work::Agreed { .. } | Work::Replace { .. } => None,
    }
}

impl Asked {
    /// Waits for commands, and takes up to so many. None: the ledger is closed.
    pub async fn take(&mut self, most: usize) -> Vec<Job> {
        let mut taken = Vec::new();
        self.0.recv_many(&mut taken, most).await;
        taken.into_iter().filter_map(job).collect()
    }

    /// Takes up to so many of those that are there.
    pub fn take_now(&mut self, most: usize) -> Vec<Job> {
        let there = std::iter::from_fn(|| self.0.try_recv().ok());
        there.take(most).filter_map(job).collect()
    }
}

impl Applier {
    /// Applies commands in one transaction with the mark, and answers those who wait for them.
    pub async fn apply(&self, jobs: Vec<Job>, mark: Vec<u8>) -> Result<(), NotApplied> {
        self.ask(|told| Work::Agreed { jobs, mark, told }).await
    }

    /// Makes the ledger what this copy of another member's is.
    pub async fn replace(&self, copy: PathBuf) -> Result<(), NotApplied> {
        self.ask(|told| Work::Replace { copy, told }).await
    }

    async fn ask(
        &self,
        work: impl FnOnce(oneshot::Sender<Result<(), NotApplied>>) -> Work,
    ) -> Result<(), NotApplied> {
        let (told, outcome) = oneshot::channel();
        let closed = || NotApplied("the ledger is closed".into());
        self.0.send(work(told)).await.map_err(|_| closed())?;
        outcome.await.map_err(|_| closed())?
    }
}

/// The writer of a ledger, without a thread.
#[cfg(test)]
#[derive(Debug)]
pub struct ByHand {
    writer: writer::Writer,
    queue: mpsc::Receiver<Work>,
    taken: Vec<Work>,
}

#[cfg(test)]
impl ByHand {
    /// Takes what is queued. False: the ledger is closed.
    pub async fn taken(&mut self) -> bool {
        self.queue.recv_many(&mut self.taken, QUEUE).await > 0
    }

    /// Does it.
    pub fn turn(&mut self) {
        self.writer.turn(&mut self.taken);
    }

    pub const fn forgets_ids(&mut self, forgets: bool) {
        self.writer.forgets_ids = forgets;
    }

    pub const fn connection(&self) -> &Connection {
        &self.writer.connection
    }
}

/// Makes a member's ledger one of a server by itself, with all that is in it.
pub fn forget_the_group(file: &Path) -> Result<(), OpenError> {
    let connection = open::writer(file)?;
    connection.execute_batch("BEGIN IMMEDIATE; DELETE FROM group_mark; DELETE FROM group_refused; COMMIT")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::schema::{MIGRATIONS, migrate};

    fn form(file: &Path) -> i64 {
        open::source(file).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    #[tokio::test]
    async fn a_copy_of_an_older_form_is_lifted_and_of_a_newer_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (file, copy) = (dir.path().join("ledger.sqlite"), dir.path().join("copy.sqlite"));
        let (ledger, _asked, applier) = Ledger::open_member(&file).unwrap();
        let newest = MIGRATIONS.len() as i64;
        let (_, older) = MIGRATIONS.split_last().unwrap();
        let mut connection = Connection::open(&copy).unwrap();
        migrate(&mut connection, &copy, older).unwrap();
        connection.execute("INSERT INTO group_mark (id, body) VALUES (1, x'07')", []).unwrap();
        drop(connection);
        applier.replace(copy.clone()).await.unwrap();
        assert_eq!((form(&file), ledger.mark().unwrap()), (newest, Some(vec![7])));
        // Nothing is kept beside it, and what is applied then finds what it needs.
        let kept = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(!kept.into_iter().any(|name| name.to_string_lossy().contains("before-upgrade")));
        applier.apply(Vec::new(), vec![8]).await.unwrap();
        Connection::open(&copy).unwrap().pragma_update(None, "user_version", newest + 1).unwrap();
        let refused = applier.replace(copy).await.unwrap_err();
        assert!(refused.to_string().contains("newer Tillwatch"), "{refused}");
        assert_eq!((form(&file), ledger.mark().unwrap()), (newest, Some(vec![8])));
    }
}
