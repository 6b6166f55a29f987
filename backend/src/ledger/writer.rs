//! The single writer. It takes what is queued, applies each command in a savepoint of its own, commits
//! once, and only then answers. So the cost of making a commit durable is shared by all who wait.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::journal::{self, Entry, Tip};
use super::reads::ReadPool;
use super::{Receipt, SubmitError};
use crate::domain::{self, ApplyError, Command, Rejection, rows};
use crate::reply::{Replier, Wakes};

/// Commands in one commit. Enough to make the cost of a commit small for each, few enough that the first
/// does not wait long for the last.
const BATCH: usize = 512;

/// A command, and who waits for its outcome here.
#[derive(Debug)]
pub struct Job {
    pub command: Command,
    pub answer: Option<Replier<Outcome>>,
    /// Under what a group knows this attempt; a server by itself makes each once.
    pub attempt: Option<Attempt>,
    /// When that was, here.
    pub asked_at: Instant,
}

/// One attempt to have a command applied. It may be in a group's log more than once, after a coordinator fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub member: i64,
    pub ticket: i64,
    /// Its place in the log.
    pub place: i64,
}

/// How many places in the log later a refused attempt is forgotten: many more than can be under way.
const REMEMBERED: i64 = 100_000;

pub type Outcome = Result<Receipt, SubmitError>;

/// Why what a group agreed on is not in this ledger.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the ledger cannot be written: {0}")]
pub struct NotApplied(pub Arc<str>);

#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are commands; a box would be an allocation for each"
)]
#[derive(Debug)]
pub(super) enum Work {
    Apply(Job),
    /// Finds out whether writing works again.
    Probe,
    /// What a group has agreed on, with the place in its log up to which that is, in one transaction.
    Agreed {
        jobs: Vec<Job>,
        mark: Vec<u8>,
        told: oneshot::Sender<Result<(), NotApplied>>,
    },
    /// Becomes what is in this copy of another member's ledger.
    Replace {
        copy: PathBuf,
        told: oneshot::Sender<Result<(), NotApplied>>,
    },
}

/// Runs until every sender is gone and the queue is empty.
pub(super) fn run(mut writer: Writer, mut queue: mpsc::Receiver<Work>) {
    let mut taken = Vec::with_capacity(BATCH);
    while queue.blocking_recv_many(&mut taken, BATCH) > 0 {
        writer.turn(&mut taken);
    }
}

/// What is told of each turn to whoever follows it.
#[derive(Debug)]
pub(super) struct Told {
    /// The journal's end.
    pub(super) tip: watch::Sender<i64>,
    /// Where it ended when an alarm was opened, acknowledged or cleared last; the journal's end when it was opened.
    pub(super) alarms: watch::Sender<i64>,
    pub(super) healthy: watch::Sender<bool>,
}

#[derive(Debug)]
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) reads: Arc<ReadPool>,
    pub(super) tip: Tip,
    told: Told,
    batch: Vec<Job>,
    /// A planted fault: it does not look whether it has had a command before.
    #[cfg(test)]
    pub(super) forgets_ids: bool,
}

impl Writer {
    pub(super) fn new(connection: Connection, reads: Arc<ReadPool>, tip: Tip, told: Told) -> Self {
        Self {
            connection,
            reads,
            tip,
            told,
            batch: Vec::with_capacity(BATCH),
            #[cfg(test)]
            forgets_ids: false,
        }
    }

    /// Does what was queued.
    pub(super) fn turn(&mut self, taken: &mut Vec<Work>) {
        let mut probe = false;
        for work in taken.drain(..) {
            match work {
                Work::Apply(job) => self.batch.push(job),
                Work::Probe => probe = true,
                Work::Agreed { mut jobs, mark, told } => {
                    // The group may have stopped.
                    let _ = told.send(self.write(&mut jobs, false, Some(&mark)).map_err(NotApplied));
                }
                Work::Replace { copy, told } => {
                    let replaced = self.replace(&copy);
                    self.note(replaced.is_ok());
                    self.told.alarms.send_replace(self.tip.seq);
                    let _ = told.send(replaced.map_err(|error| NotApplied(error.to_string().into())));
                }
            }
        }
        if probe || !self.batch.is_empty() {
            let mut batch = std::mem::take(&mut self.batch);
            // Those who asked are told, and so is the log.
            let _ = self.write(&mut batch, probe, None);
            self.batch = batch;
        }
    }

    /// Applies, commits, lets readers know, and only then answers.
    fn write(&mut self, jobs: &mut Vec<Job>, probe: bool, mark: Option<&[u8]>) -> Result<(), Arc<str>> {
        let started = std::time::Instant::now();
        let probed = if probe { self.probe() } else { Ok(()) };
        let outcome = probed.and_then(|()| self.commit(jobs, mark));
        self.note(outcome.is_ok());
        if outcome.is_ok() && jobs.iter().any(|job| job.command.payload.turns_an_alarm()) {
            self.told.alarms.send_replace(self.tip.seq);
        }
        metrics::histogram!("tillwatch_ledger_commit_seconds").record(started.elapsed());
        metrics::counter!("tillwatch_ledger_commands_total").increment(jobs.len() as u64);
        let mut wakes = Wakes::default();
        match outcome {
            Ok(results) => {
                for (job, result) in jobs.drain(..).zip(results) {
                    if let Some(answer) = job.answer {
                        answer.send(result, &mut wakes);
                    }
                }
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "the ledger cannot be written");
                let text: Arc<str> = error.to_string().into();
                // What a group has agreed on happens, whatever becomes of it here.
                let agreed = mark.is_some();
                for answer in jobs.drain(..).filter_map(|job| job.answer) {
                    let why =
                        if agreed { SubmitError::Unknown } else { SubmitError::Unavailable(text.clone()) };
                    answer.send(Err(why), &mut wakes);
                }
                Err(text)
            }
        }
    }

    /// How the last attempt to write ended, and where the journal ends now.
    fn note(&self, written: bool) {
        self.told.healthy.send_if_modified(|ok| std::mem::replace(ok, written) != written);
        self.told.tip.send_replace(self.tip.seq);
    }

    /// Writes what is there already.
    fn probe(&self) -> Result<(), rusqlite::Error> {
        let version: i64 = self.connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        self.connection.pragma_update(None, "user_version", version)
    }

    /// Applies the commands in one transaction. On an error none of them happened.
    fn commit(&mut self, jobs: &[Job], mark: Option<&[u8]>) -> Result<Vec<Outcome>, rusqlite::Error> {
        self.statement("BEGIN IMMEDIATE")?;
        let marked = mark.map_or(Ok(()), |mark| set_mark(&self.connection, mark));
        let outcome = marked.and_then(|()| self.apply_all(jobs));
        let committed = outcome.and_then(|done| self.statement("COMMIT").map(|()| done));
        match committed {
            Ok((results, tip)) => {
                self.tip = tip;
                Ok(results)
            }
            Err(error) => {
                // Some errors end the transaction by themselves.
                if !self.connection.is_autocommit()
                    && let Err(second) = self.statement("ROLLBACK")
                {
                    tracing::error!(error = %second, "roll-back failed");
                }
                Err(error)
            }
        }
    }

    fn apply_all(&self, jobs: &[Job]) -> Result<(Vec<Outcome>, Tip), rusqlite::Error> {
        let mut tip = self.tip;
        let mut results = Vec::with_capacity(jobs.len());
        for job in jobs {
            results.push(match job.attempt {
                None => self.apply_one(&job.command, &mut tip)?,
                Some(attempt) => self.attempt(&job.command, attempt, &mut tip)?,
            });
        }
        Ok((results, tip))
    }

    /// What was refused once stays refused: whoever asked has been told, and what came in between does not change that.
    /// What was accepted is known by its id.
    fn attempt(
        &self,
        command: &Command,
        attempt: Attempt,
        tip: &mut Tip,
    ) -> Result<Outcome, rusqlite::Error> {
        let Attempt { member, ticket, place } = attempt;
        let known = "SELECT 1 FROM group_refused WHERE member = ?1 AND ticket = ?2";
        if rows::one(&self.connection, known, (member, ticket), |_| Ok(()))?.is_some() {
            return Ok(Err(SubmitError::Refused));
        }
        let outcome = self.apply_one(command, tip)?;
        if outcome.is_err() {
            let forget = "DELETE FROM group_refused WHERE place < ?1";
            rows::run(&self.connection, forget, [place - REMEMBERED])?;
            let note = "INSERT INTO group_refused (member, ticket, place) VALUES (?1, ?2, ?3)";
            rows::run(&self.connection, note, (member, ticket, place))?;
        }
        Ok(outcome)
    }

    /// A refusal is an inner error; an outer one ends the batch.
    fn apply_one(&self, command: &Command, tip: &mut Tip) -> Result<Outcome, rusqlite::Error> {
        let body = command.payload.journal_body().map_err(not_json)?;
        let known = journal::find(&self.connection, command.id)?;
        #[cfg(test)]
        let known = known.filter(|_| !self.forgets_ids);
        if let Some(known) = known {
            let same = known.body == body && known.actor == command.actor.map(|id| id.0);
            let receipt = Receipt { seq: known.seq, event: known.event, repeated: true };
            return Ok(if same { Ok(receipt) } else { Err(Rejection::CommandIdReused.into()) });
        }
        self.statement("SAVEPOINT command")?;
        let outcome = match self.apply_and_journal(command, body, tip) {
            Ok(receipt) => Ok(receipt),
            Err(ApplyError::Rejected(rejection)) => {
                self.statement("ROLLBACK TO command")?;
                Err(rejection.into())
            }
            Err(ApplyError::Storage(error)) if is_constraint(&error) => {
                // A rule of the tables that no check in `domain` foresaw: refuse this command alone.
                tracing::error!(%error, kind = command.payload.kind(), "a command broke a rule of the tables");
                self.statement("ROLLBACK TO command")?;
                Err(SubmitError::Unavailable(error.to_string().into()))
            }
            Err(ApplyError::Storage(error)) => return Err(error),
        };
        self.statement("RELEASE command")?;
        Ok(outcome)
    }

    fn apply_and_journal(
        &self,
        command: &Command,
        body: String,
        tip: &mut Tip,
    ) -> Result<Receipt, ApplyError> {
        let seq = tip.seq + 1;
        let applied = domain::apply(&self.connection, command, seq)?;
        let entry = Entry::new(seq, command, body, &applied).map_err(not_json)?;
        let hash = entry.hash(&tip.hash);
        entry.insert(&self.connection, &hash)?;
        *tip = Tip { seq, hash };
        Ok(Receipt { seq, event: applied.event, repeated: false })
    }

    fn statement(&self, sql: &str) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }
}

/// How far the log of a group is in this ledger, as it was told with the newest entry.
pub(super) fn mark(connection: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    rows::one(connection, "SELECT body FROM group_mark", [], |row| row.get(0))
}

fn set_mark(connection: &Connection, mark: &[u8]) -> rusqlite::Result<()> {
    let set = "INSERT INTO group_mark (id, body) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    rows::run(connection, set, [mark]).map(drop)
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

/// Our own types always become JSON; if one day they do not, the command is not applied.
fn not_json(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}
