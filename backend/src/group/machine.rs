//! What the group's log is applied to: this member's ledger. The place in the log is written in the transaction of what
//! it brought, so nothing is applied twice or left out, whenever this member falls.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use openraft::storage::RaftStateMachine;
use openraft::{AnyError, EntryPayload, OptionalSend, RaftSnapshotBuilder, SnapshotMeta, StorageIOError};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::log::{LogError, LogStore};
use super::sending::Sending;
use super::terms;
#[cfg(test)]
use super::tests::sim::planted;
use super::types::{Entry, LogId, Member, MemberId, Membership, Proposal, StorageError, Types, away};
use super::words::Later;
use crate::ledger::member::{self, Applier};
use crate::ledger::{Attempt, Job, Ledger, NotApplied, Outcome, SubmitError, backup, open};
use crate::locks::lock;
use crate::reply::{Replier, Wakes};
use crate::telemetry::StoreError;
use crate::telemetry::member::Answer;

pub const CURRENT: &str = "snapshot.sqlite";
const BUILDING: &str = "snapshot-being-made.sqlite";
const INCOMING: &str = "snapshot-being-received.sqlite";

#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    #[error(transparent)]
    Ledger(#[from] NotApplied),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Copy(#[from] backup::BackupError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the place in the log cannot be read: {0}")]
    Mark(#[from] postcard::Error),
    #[error("a command in the log is not one that this program knows; is it older than the others? {0}")]
    Command(serde_json::Error),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the copy of the ledger is not the one that was announced")]
    OtherCopy,
    #[error("the copy of the ledger was not finished")]
    Unfinished,
    #[error(
        "the ledger belongs to another group of servers than the group's log beside it. Was it put there from somewhere \
         else? Move the data directory away, and start with an empty one: it gets a copy of what the group has"
    )]
    OtherGroup,
    #[error(
        "the ledger ends before the group's log begins: it was put back from an older copy. Move the data directory \
         away, and start with an empty one: it gets a copy of what the group has"
    )]
    OlderThanLog,
}

/// A copy of a ledger, as a file.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub file: PathBuf,
}

/// How far a ledger is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Mark {
    applied: Option<LogId>,
    membership: Membership,
    /// Whose log it is; none before there was a group, and of an older version.
    group: Later<Uuid>,
}

impl Mark {
    /// Whether the ledger goes with the log.
    fn check(&self, log: &LogStore) -> Result<(), MachineError> {
        if !self.is_of(log) {
            return Err(MachineError::OtherGroup);
        }
        if log.purged() > self.applied { Err(MachineError::OlderThanLog) } else { Ok(()) }
    }

    fn is_of(&self, log: &LogStore) -> bool {
        self.group.0.is_none() || log.group().is_none() || self.group.0 == log.group()
    }
}

/// Those who wait on this member for the outcome of a command that is on its way through the log.
#[derive(Debug)]
pub struct Waiting {
    next: AtomicI64,
    answers: Mutex<HashMap<i64, Replier<Outcome>>>,
    readings: Mutex<HashMap<i64, Answer>>,
}

/// The ledger, as the group's log sees it.
#[derive(Debug)]
pub struct Machine {
    me: MemberId,
    waiting: Arc<Waiting>,
    applier: Arc<Applier>,
    held: Held,
}

/// The ledger and how far it is; clones share it. Nothing is applied while somebody holds the mark.
#[derive(Clone, Debug)]
pub struct Held {
    /// The writer ends when the machine does, whoever else knows of it.
    applier: Weak<Applier>,
    copies: Copies,
    mark: Arc<tokio::sync::Mutex<Mark>>,
    log: LogStore,
    reached: watch::Sender<Option<u64>>,
}

/// Makes and keeps the copy that brings up a member which is far behind.
#[derive(Clone, Debug)]
pub struct Copies {
    folder: PathBuf,
    ledger: PathBuf,
    /// One at a time.
    making: Arc<Mutex<()>>,
    sending: Sending,
}

impl Waiting {
    /// Marks begin anywhere, so that those of an earlier run of this program are not given again.
    pub fn new() -> io::Result<Self> {
        let first = getrandom::u64().map_err(io::Error::other)? >> 2;
        Ok(Self {
            next: AtomicI64::new(first.cast_signed()),
            answers: Mutex::default(),
            readings: Mutex::default(),
        })
    }

    /// A mark for an attempt, and for who waits for it.
    pub fn add(&self, answer: Option<Replier<Outcome>>) -> i64 {
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(answer) = answer {
            lock(&self.answers).insert(ticket, answer);
        }
        ticket
    }

    /// A mark for readings, and for who waits for what becomes of them.
    pub fn add_readings(&self, answer: Answer) -> i64 {
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        lock(&self.readings).insert(ticket, answer);
        ticket
    }

    pub(super) fn take_readings(&self, ticket: i64) -> Option<Answer> {
        lock(&self.readings).remove(&ticket)
    }

    /// Whoever waits under this mark, and has not been answered.
    pub(super) fn take(&self, ticket: i64) -> Option<Replier<Outcome>> {
        lock(&self.answers).remove(&ticket)
    }

    /// Whether somebody still waits for one of these.
    pub fn any(&self, proposals: &[Proposal]) -> bool {
        let (answers, readings) = (lock(&self.answers), lock(&self.readings));
        let waits = |ticket| answers.contains_key(ticket) || readings.contains_key(ticket);
        proposals.iter().any(|proposal| waits(&proposal.ticket))
    }

    /// Tells who still waits that nothing was heard.
    pub fn give_up(&self, proposals: &[Proposal], why: &SubmitError) {
        let mut wakes = Wakes::default();
        for proposal in proposals {
            if let Some(answer) = self.take(proposal.ticket) {
                answer.send(Err(why.clone()), &mut wakes);
            }
            if let Some(answer) = self.take_readings(proposal.ticket) {
                answer.refuse(not_stored(why), &mut wakes);
            }
        }
    }
}

fn not_stored(why: &SubmitError) -> StoreError {
    match why {
        SubmitError::NoCoordinator | SubmitError::OlderMember(_) => StoreError::NoCoordinator,
        SubmitError::Unknown => StoreError::Unknown,
        SubmitError::Busy | SubmitError::Closed => StoreError::Busy,
        SubmitError::Rejected(_) | SubmitError::Unavailable(_) | SubmitError::Refused => {
            StoreError::Unavailable
        }
    }
}

impl Machine {
    /// The ledger of this file. Copies are kept in the folder.
    pub fn open(
        me: MemberId,
        file: &Path,
        folder: &Path,
        (ledger, applier): (&Ledger, Applier),
        waiting: Arc<Waiting>,
        log: LogStore,
    ) -> Result<Self, MachineError> {
        fs::create_dir_all(folder)?;
        let mark: Mark =
            ledger.mark()?.map(|mark| postcard::from_bytes(&mark)).transpose()?.unwrap_or_default();
        mark.check(&log)?;
        let (making, sending) = (Arc::default(), Sending::default());
        let copies = Copies { folder: folder.to_owned(), ledger: file.to_owned(), making, sending };
        // One of another group, or of before this ledger was restored.
        if copies.current()?.is_some_and(|copy| copy.meta.last_log_id > mark.applied) {
            fs::remove_file(folder.join(CURRENT))?;
        }
        let (reached, _) = watch::channel(mark.applied.map(|place| place.index));
        let mark = Arc::new(tokio::sync::Mutex::new(mark));
        let applier = Arc::new(applier);
        let held = Held { applier: Arc::downgrade(&applier), copies, mark, log, reached };
        Ok(Self { me, waiting, applier, held })
    }

    pub fn held(&self) -> Held {
        self.held.clone()
    }

    /// For a ledger whose log was lost: the engine goes on from a copy of it, which stands for the log.
    pub async fn copy_in_place_of_the_log(&self) -> Result<(), MachineError> {
        if self.held.mark.lock().await.applied.is_some() {
            self.held.copies.make()?;
        }
        Ok(())
    }

    fn job(&self, proposal: &Proposal, command: &[u8], place: LogId) -> Result<Job, MachineError> {
        let mut command = serde_json::from_slice(command).map_err(MachineError::Command)?;
        terms::as_in_the_log(&mut command, place);
        #[cfg(test)]
        planted::counts(&command, place);
        let here = proposal.member == self.me;
        let answer = if here { self.waiting.take(proposal.ticket) } else { None };
        let attempt = Attempt {
            member: proposal.member.cast_signed(),
            ticket: proposal.ticket,
            place: place.index.cast_signed(),
        };
        Ok(Job { command, answer, attempt: Some(attempt), asked_at: Instant::now() })
    }

    pub(super) async fn take(&mut self, entries: impl Iterator<Item = Entry>) -> Result<usize, MachineError> {
        let mut held = self.held.mark.lock().await;
        let (mut mark, mut jobs, mut count) = (held.clone(), Vec::new(), 0);
        for entry in entries {
            count += 1;
            if Some(entry.log_id) <= mark.applied {
                // A copy that came meanwhile has it.
                continue;
            }
            mark.applied = Some(entry.log_id);
            match entry.payload {
                EntryPayload::Blank => {}
                EntryPayload::Normal(portion) => {
                    for proposal in portion.0.iter() {
                        // The sensor history takes readings from the log by itself.
                        if let Some(command) = proposal.what.command() {
                            jobs.push(self.job(proposal, command, entry.log_id)?);
                        }
                    }
                }
                EntryPayload::Membership(membership) => {
                    mark.membership = Membership::new(mark.applied, membership);
                }
            }
        }
        mark.group = Later(self.held.log.group());
        self.applier.apply(jobs, postcard::to_stdvec(&mark)?).await?;
        self.held.is_at(&mut held, mark);
        Ok(count)
    }

    async fn become_copy(&mut self, meta: &Meta, copy: &Path) -> Result<(), MachineError> {
        let mut held = self.held.mark.lock().await;
        let mark = Copies::mark(copy)?;
        let announced = mark.applied == meta.last_log_id && mark.membership == meta.last_membership;
        if !announced || !mark.is_of(&self.held.log) {
            return Err(MachineError::OtherCopy);
        }
        self.held.log.note_copied(mark.applied.map_or(0, |place| place.index)).await?;
        self.held.become_copy(&mut held, mark, copy).await
    }
}

impl Held {
    /// Up to which place of the log the ledger has all, as it moves.
    pub fn reached(&self) -> watch::Receiver<Option<u64>> {
        self.reached.subscribe()
    }

    pub const fn sending(&self) -> &Sending {
        &self.copies.sending
    }

    fn is_at(&self, held: &mut Mark, mark: Mark) {
        self.reached.send_replace(mark.applied.map(|place| place.index));
        *held = mark;
    }

    async fn become_copy(&self, held: &mut Mark, mark: Mark, copy: &Path) -> Result<(), MachineError> {
        let applier = self.applier.upgrade().ok_or_else(|| NotApplied("the ledger is closed".into()))?;
        let begun = Instant::now();
        applier.replace(copy.to_owned()).await?;
        self.is_at(held, mark);
        self.copies.keep(copy)?;
        tracing::info!(took = ?begun.elapsed(), "another member's ledger is in the place of this one's");
        Ok(())
    }

    /// Puts a copy of another member's ledger in the place of this one, which is set aside first. The copy is got while
    /// nothing is applied, and has at least what this ledger had.
    pub async fn make_anew<E: From<MachineError>>(
        &self,
        aside: &Path,
        get: impl AsyncFnOnce(u64) -> Result<PathBuf, E>,
    ) -> Result<(), E> {
        let mut held = self.mark.lock().await;
        let copy = get(held.applied.map_or(0, |place| place.index)).await?;
        let mark = Copies::mark(&copy)?;
        if mark.applied < held.applied || !mark.is_of(&self.log) {
            return Err(MachineError::OtherCopy.into());
        }
        let (ledger, aside) = (self.copies.ledger.clone(), aside.to_owned());
        let kept = away(move || {
            backup::copy_database(&open::source(&ledger)?, &aside).inspect_err(|_| {
                // A part of it is of no use; it may not even be there.
                let _ = fs::remove_file(&aside);
            })
        });
        kept.await.ok_or(MachineError::Unfinished)?.map_err(MachineError::from)?;
        Ok(self.become_copy(&mut held, mark, &copy).await?)
    }
}

/// Up to which term and place of the log the ledger in this file has all. None: there was no group.
pub fn applied(file: &Path, log: &LogStore) -> Result<Option<(u64, u64)>, MachineError> {
    let mark = Copies::mark(file)?;
    mark.check(log)?;
    Ok(mark.applied.map(|place| (place.leader_id.term, place.index)))
}

type Meta = SnapshotMeta<MemberId, Member>;
type Made = openraft::Snapshot<Types>;

impl Copies {
    /// Copies the ledger as it stands, while it is written.
    fn make(&self) -> Result<Made, MachineError> {
        let _alone = lock(&self.making);
        let (building, begun) = (self.folder.join(BUILDING), Instant::now());
        // What a fall has left.
        match fs::remove_file(&building) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        backup::copy_pages(&open::source(&self.ledger)?, &building)?;
        // The log lets go of what a copy has: from then on the ledger must not come back from it.
        member::bring_to_the_disk(&self.ledger)?;
        self.keep(&building)?;
        tracing::info!(took = ?begun.elapsed(), "a copy of the ledger was made");
        self.current()?.ok_or(MachineError::Unfinished)
    }

    fn keep(&self, copy: &Path) -> io::Result<()> {
        fs::rename(copy, self.folder.join(CURRENT))
    }

    fn current(&self) -> Result<Option<Made>, MachineError> {
        let file = self.folder.join(CURRENT);
        if !file.exists() {
            return Ok(None);
        }
        let Mark { applied, membership, .. } = Self::mark(&file)?;
        let snapshot_id = applied.map_or_else(String::new, |place| place.to_string());
        let meta = SnapshotMeta { last_log_id: applied, last_membership: membership, snapshot_id };
        Ok(Some(Made { meta, snapshot: Box::new(Snapshot { file }) }))
    }

    fn mark(copy: &Path) -> Result<Mark, MachineError> {
        let found = member::mark(&open::source(copy)?)?;
        Ok(found.map(|mark| postcard::from_bytes(&mark)).transpose()?.unwrap_or_default())
    }
}

impl RaftSnapshotBuilder<Types> for Copies {
    async fn build_snapshot(&mut self) -> Result<Made, StorageError> {
        let copies = self.clone();
        self.sending.over().await;
        let made = away(move || copies.make()).await;
        let made = made.unwrap_or(Err(MachineError::Unfinished));
        made.map_err(|error| StorageIOError::write_snapshot(None, AnyError::new(&error)).into())
    }
}

impl RaftStateMachine<Types> for Machine {
    type SnapshotBuilder = Copies;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, Membership), StorageError> {
        let held = self.held.mark.lock().await;
        Ok((held.applied, held.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<()>, StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let count = self.take(entries.into_iter()).await;
        let count = count.map_err(|error| StorageIOError::write_state_machine(AnyError::new(&error)))?;
        Ok(vec![(); count])
    }

    async fn get_snapshot_builder(&mut self) -> Copies {
        self.held.copies.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Snapshot>, StorageError> {
        Ok(Box::new(Snapshot { file: self.held.copies.folder.join(INCOMING) }))
    }

    async fn install_snapshot(&mut self, meta: &Meta, snapshot: Box<Snapshot>) -> Result<(), StorageError> {
        let installed = self.become_copy(meta, &snapshot.file).await;
        let failed = |error| StorageIOError::write_snapshot(Some(meta.signature()), AnyError::new(&error));
        installed.map_err(|error| failed(error).into())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Made>, StorageError> {
        let failed = |error| StorageIOError::read_snapshot(None, AnyError::new(&error)).into();
        self.held.copies.current().map_err(failed)
    }
}
