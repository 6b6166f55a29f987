//! The group's log on this member's disk. One thread writes: what is queued is made durable together, and only then
//! is it told. What is not yet durable, and the newest that is, is kept in memory, so that the other members are sent
//! it without a look at the disk.

mod kept;
mod recent;
mod writer;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;

use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{AnyError, LogState, OptionalSend, RaftLogId as _, RaftLogReader, StorageIOError, Vote};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::history::Places;
use super::types::{Entry, LogId, MemberId, StorageError, Types, away};
use super::words::Promised;
use crate::ledger::open;
use crate::locks::lock;
use recent::{Recent, size};
use writer::Change;
use writer::put_note;
pub(super) use writer::{Job, Writer};

/// Entries of one answer to a member that is behind.
const AT_ONCE: u64 = 64;
/// And what they may have in them together, but for the last one.
const AT_ONCE_LETTERS: usize = 4 * 1024 * 1024;
/// Earlier runs of the program that are remembered. Each was told to most members.
const RUNS: usize = 1_000;
/// Writes that may wait for the disk.
const QUEUE: usize = 1_024;
/// "TilG": marks the file as ours.
const APPLICATION_ID: i32 = 0x5469_6c47;
const FORM: i64 = 1;

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("an entry of the log cannot be read: {0}")]
    Form(#[from] postcard::Error),
    #[error("the log's file was written by a newer Tillwatch (format {0})")]
    Newer(i64),
    #[error("the log's file is not one of Tillwatch")]
    Foreign,
    #[error("no thread for the log: {0}")]
    Thread(io::Error),
    #[error("the log is closed")]
    Closed,
}

/// The log of one member; clones share it.
#[derive(Clone, Debug)]
pub struct LogStore(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    known: Mutex<Known>,
    reader: Mutex<Connection>,
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    disk: Uuid,
    /// This run of the program, and those before it.
    run: Uuid,
    runs: Vec<Uuid>,
    /// Up to which place the ledger has all.
    ledger: OnceLock<watch::Receiver<Option<u64>>>,
    /// And the sensor history.
    history: OnceLock<watch::Receiver<Places>>,
}

/// What is known without a look at the disk.
#[derive(Debug, Default)]
struct Known {
    purged: Option<LogId>,
    last: Option<LogId>,
    vote: Option<Vote<MemberId>>,
    committed: Option<LogId>,
    /// The group that this member belongs to.
    group: Option<Uuid>,
    /// How often something was cut off the log's end.
    cuts: u64,
    /// What the others have promised, as they told it last.
    others: BTreeMap<MemberId, Promised>,
    /// The newest entries; all that are not durable are among them.
    recent: Recent,
    /// Up to here the ledger became a copy: the entries before it were not looked at, and may not be the group's.
    copied: u64,
    /// Up to here everything is durable.
    durable: Option<u64>,
}

impl LogStore {
    /// Opens, or makes, the log in this file and starts its thread.
    pub fn open(file: &Path) -> Result<Self, LogError> {
        let (log, writer, queue) = Self::open_apart(file)?;
        let thread = std::thread::Builder::new()
            .name("group-log".into())
            .spawn(move || writer.run(queue))
            .map_err(LogError::Thread)?;
        *lock(&log.0.thread) = Some(thread);
        Ok(log)
    }

    /// The log, who is to write it, and what is queued for that.
    pub(super) fn open_apart(file: &Path) -> Result<(Self, Writer, mpsc::Receiver<Job>), LogError> {
        let writer = Connection::open(file)?;
        open::configure(&writer)?;
        prepare(&writer)?;
        let disk = disk(&writer)?;
        let runs: Vec<Uuid> = note(&writer, "runs")?.unwrap_or_default();
        let reader = open::source(file)?;
        let known = Known::read(&reader)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let shared = Arc::new(Shared {
            known: Mutex::new(known),
            reader: Mutex::new(reader),
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(None),
            disk,
            run: Uuid::now_v7(),
            runs,
            ledger: OnceLock::new(),
            history: OnceLock::new(),
        });
        let writer = Writer::new(writer, Arc::downgrade(&shared));
        Ok((Self(shared), writer, queue))
    }

    /// What tells this log from one that was here before, or will be when this one is lost.
    pub fn disk(&self) -> Uuid {
        self.0.disk
    }

    pub fn group(&self) -> Option<Uuid> {
        lock(&self.0.known).group
    }

    /// What this member is bound to, as far as its disk goes.
    pub fn promised(&self) -> Promised {
        let known = lock(&self.0.known);
        Promised {
            disk: self.0.disk,
            run: self.0.run,
            term: known.vote.map_or(0, |vote| vote.leader_id().term),
            cuts: known.cuts,
            kept: known.durable.unwrap_or_default(),
        }
    }

    /// Whether this disk is older than it was when another member heard this of it.
    pub fn is_older_than(&self, heard: &Promised) -> bool {
        let now = self.promised();
        // Each of these only grows while what stands before it stays.
        let far = |promised: &Promised| (promised.term, promised.cuts, promised.kept);
        let went_back = far(heard) > far(&now);
        heard.disk == now.disk && heard.run != now.run && (went_back || !self.0.runs.contains(&heard.run))
    }

    /// Notes this run, so that a disk that is put back from before it is known by its lack.
    pub async fn begin_run(&self) -> Result<(), LogError> {
        let mut runs = self.0.runs.clone();
        runs.push(self.0.run);
        let older = runs.len().saturating_sub(RUNS);
        runs.drain(..older);
        self.change(Change::Note("runs", packed(&runs)?)).await
    }

    /// What another member told of itself. It is on the disk with its first word of a run; the rest is kept in memory.
    pub async fn heard_of(&self, id: MemberId, promised: Promised) -> Result<(), LogError> {
        let others = {
            let mut known = lock(&self.0.known);
            let before = known.others.insert(id, promised);
            if before.is_some_and(|before| (before.disk, before.run) == (promised.disk, promised.run)) {
                return Ok(());
            }
            packed(&known.others)?
        };
        self.change(Change::Note("others", others)).await
    }

    pub fn known_of(&self, id: MemberId) -> Option<Promised> {
        lock(&self.0.known).others.get(&id).copied()
    }

    /// The place up to which entries have left the log.
    pub fn purged(&self) -> Option<LogId> {
        lock(&self.0.known).purged
    }

    /// Nothing leaves the log from now on before this ledger has it.
    pub fn keep_for(&self, ledger: watch::Receiver<Option<u64>>) {
        // It is told once.
        let _ = self.0.ledger.set(ledger);
    }

    pub fn has_entries(&self) -> bool {
        lock(&self.0.known).last.is_some()
    }

    /// Belongs to this group from now on.
    pub async fn belong(&self, group: Uuid) -> Result<(), LogError> {
        self.change(Change::Note("group", packed(&group)?)).await?;
        lock(&self.0.known).group = Some(group);
        Ok(())
    }

    /// Finishes what was accepted and stops the thread.
    pub fn close(&self) {
        drop(lock(&self.0.jobs).take());
        if let Some(thread) = lock(&self.0.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the group's log had panicked");
        }
    }

    async fn send(&self, job: Job) -> Result<(), LogError> {
        let jobs = lock(&self.0.jobs).clone().ok_or(LogError::Closed)?;
        jobs.send(job).await.map_err(|_| LogError::Closed)
    }

    async fn change(&self, change: Change) -> Result<(), LogError> {
        let (told, outcome) = oneshot::channel();
        self.send(Job::Change { change, told }).await?;
        outcome.await.unwrap_or(Err(LogError::Closed))
    }

    /// Entries from one place to before another, from memory as far as they are there.
    pub(super) async fn entries(&self, from: u64, to: u64) -> Result<Vec<Entry>, LogError> {
        let recent = lock(&self.0.known).recent.range(from..to);
        let to = recent.first().map_or(to, |first| first.log_id.index);
        if from >= to {
            return Ok(recent);
        }
        let store = self.clone();
        let older = away(move || store.on_disk(from, to)).await;
        let mut found = older.unwrap_or(Err(LogError::Closed))?;
        found.extend(recent);
        Ok(found)
    }

    fn on_disk(&self, from: u64, to: u64) -> Result<Vec<Entry>, LogError> {
        let reader = lock(&self.0.reader);
        let mut question = reader
            .prepare_cached("SELECT body FROM entry WHERE place >= ?1 AND place < ?2 ORDER BY place")?;
        let mut rows = question.query(params![number(from), number(to)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(postcard::from_bytes(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?);
        }
        Ok(found)
    }
}

impl Known {
    fn read(connection: &Connection) -> Result<Self, LogError> {
        let newest = "SELECT body FROM entry ORDER BY place DESC LIMIT 1";
        let newest: Option<Vec<u8>> = connection.query_row(newest, [], |row| row.get(0)).optional()?;
        let newest: Option<Entry> = newest.map(|body| postcard::from_bytes(&body)).transpose()?;
        let purged = note(connection, "purged")?;
        let last = newest.map(|entry| entry.log_id).max(purged);
        Ok(Self {
            purged,
            last,
            vote: note(connection, "vote")?,
            committed: note(connection, "committed")?,
            group: note(connection, "group")?,
            cuts: note(connection, "cuts")?.unwrap_or_default(),
            others: note(connection, "others")?.unwrap_or_default(),
            recent: Recent::default(),
            copied: note(connection, "copied")?.unwrap_or_default(),
            durable: last.map(|id| id.index),
        })
    }

    fn is_durable(&mut self, upto: u64) {
        self.durable = self.durable.max(Some(upto));
        self.recent.forget(self.durable);
    }
}

fn prepare(connection: &Connection) -> Result<(), LogError> {
    let form: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(LogError::Foreign);
    }
    if form > FORM {
        return Err(LogError::Newer(form));
    }
    let make = format!(
        "BEGIN IMMEDIATE;
         CREATE TABLE IF NOT EXISTS entry (place INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
         CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
         PRAGMA application_id = {APPLICATION_ID};
         PRAGMA user_version = {FORM};
         COMMIT;"
    );
    Ok(connection.execute_batch(&make)?)
}

fn note<T: DeserializeOwned>(connection: &Connection, name: &str) -> Result<Option<T>, LogError> {
    let found = connection.query_row("SELECT body FROM note WHERE name = ?1", [name], |row| row.get(0));
    let body: Option<Vec<u8>> = found.optional()?;
    Ok(body.map(|body| postcard::from_bytes(&body)).transpose()?)
}

/// The name of this disk, which it gets the first time.
fn disk(connection: &Connection) -> Result<Uuid, LogError> {
    if let Some(disk) = note(connection, "disk")? {
        return Ok(disk);
    }
    let disk = Uuid::now_v7();
    put_note(connection, "disk", &packed(&disk)?)?;
    Ok(disk)
}

impl RaftLogReader<Types> for LogStore {
    async fn try_get_log_entries<R: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: R,
    ) -> Result<Vec<Entry>, StorageError> {
        let from = match range.start_bound() {
            Bound::Included(place) => *place,
            Bound::Excluded(place) => place + 1,
            Bound::Unbounded => 0,
        };
        let to = match range.end_bound() {
            Bound::Included(place) => place + 1,
            Bound::Excluded(place) => *place,
            Bound::Unbounded => lock(&self.0.known).last.map_or(0, |last| last.index + 1),
        };
        self.entries(from, to).await.map_err(|error| StorageIOError::read_logs(AnyError::new(&error)).into())
    }

    async fn limited_get_log_entries(&mut self, from: u64, to: u64) -> Result<Vec<Entry>, StorageError> {
        let mut found = self.try_get_log_entries(from..to.min(from + AT_ONCE)).await?;
        let mut letters = 0;
        let fit = found.iter().take_while(|entry| {
            let goes = letters < AT_ONCE_LETTERS;
            letters += size(entry);
            goes
        });
        let fit = fit.count();
        found.truncate(fit);
        Ok(found)
    }
}

impl RaftLogStorage<Types> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<Types>, StorageError> {
        let known = lock(&self.0.known);
        Ok(LogState { last_purged_log_id: known.purged, last_log_id: known.last })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote<MemberId>) -> Result<(), StorageError> {
        let saved = match packed(vote) {
            Ok(body) => self.change(Change::Vote(body)).await,
            Err(error) => Err(error),
        };
        saved.map_err(|error| StorageIOError::write_vote(AnyError::new(&error)))?;
        lock(&self.0.known).vote = Some(*vote);
        Ok(())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote<MemberId>>, StorageError> {
        Ok(lock(&self.0.known).vote)
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), StorageError> {
        let Some(committed) = committed else { return Ok(()) };
        let saved = match packed(&committed) {
            Ok(body) => self.send(Job::Committed(body)).await,
            Err(error) => Err(error),
        };
        saved.map_err(|error| StorageIOError::write(AnyError::new(&error)))?;
        lock(&self.0.known).committed = Some(committed);
        Ok(())
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, StorageError> {
        Ok(lock(&self.0.known).committed)
    }

    async fn append<I>(&mut self, entries: I, told: LogFlushed<Types>) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<Entry> = entries.into_iter().collect();
        let Some(from) = entries.first().map(|entry| entry.log_id.index) else {
            told.log_io_completed(Ok(()));
            return Ok(());
        };
        let failed = |error: LogError| StorageIOError::write_logs(AnyError::new(&error));
        let bodies = entries.iter().map(packed).collect::<Result<_, _>>().map_err(failed)?;
        {
            let mut known = lock(&self.0.known);
            known.last = entries.last().map(|entry| *entry.get_log_id());
            known.recent.extend(entries);
        }
        Ok(self.send(Job::Append { from, bodies, told }).await.map_err(failed)?)
    }

    async fn truncate(&mut self, place: LogId) -> Result<(), StorageError> {
        let cuts = lock(&self.0.known).cuts + 1;
        let cut = match packed(&cuts) {
            Ok(cuts) => self.change(Change::Truncate { from: place.index, cuts }).await,
            Err(error) => Err(error),
        };
        cut.map_err(|error| StorageIOError::write_logs(AnyError::new(&error)))?;
        lock(&self.0.known).recent.forget_from(place.index);
        let before = match place.index.checked_sub(1) {
            Some(before) => self.try_get_log_entries(before..=before).await?.pop().map(|entry| entry.log_id),
            None => None,
        };
        let mut known = lock(&self.0.known);
        known.cuts = cuts;
        known.last = before.max(known.purged);
        known.durable = known.last.map(|last| last.index);
        Ok(())
    }

    /// The engine takes out of the log what a copy covers while the copy is still on its way into the ledger. A member
    /// that fell in between would have it in neither.
    async fn purge(&mut self, place: LogId) -> Result<(), StorageError> {
        if let Some(mut ledger) = self.0.ledger.get().cloned() {
            let there = ledger.wait_for(|reached| *reached >= Some(place.index)).await.map(drop);
            there.map_err(|_| StorageIOError::write_logs(AnyError::new(&LogError::Closed)))?;
        }
        let purged = match packed(&place) {
            Ok(body) => self.change(Change::Purge { to: self.may_go(place.index), place: body }).await,
            Err(error) => Err(error),
        };
        purged.map_err(|error| StorageIOError::write_logs(AnyError::new(&error)))?;
        let mut known = lock(&self.0.known);
        known.recent.forget_before(place.index + 1);
        known.purged = Some(place);
        known.last = known.last.max(Some(place));
        Ok(())
    }
}

fn packed<T: Serialize>(value: &T) -> Result<Vec<u8>, LogError> {
    Ok(postcard::to_stdvec(value)?)
}

/// Places stay far below what `SQLite` can count.
fn number(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
