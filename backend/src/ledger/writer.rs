//! The single writer. It takes what is queued, applies each command in a savepoint of its own, commits
//! once, and only then answers. So the cost of making a commit durable is shared by all who wait.

use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, watch};

use super::journal::{self, Entry, Tip};
use super::{Receipt, SubmitError};
use crate::domain::{self, ApplyError, Command, Rejection};
use crate::reply::{Replier, Wakes};

/// Commands in one commit. Enough to make the cost of a commit small for each, few enough that the first
/// does not wait long for the last.
const BATCH: usize = 512;

#[derive(Debug)]
pub(super) struct Job {
    pub command: Command,
    pub answer: Replier<Result<Receipt, SubmitError>>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are commands; a box would be an allocation for each"
)]
#[derive(Debug)]
pub(super) enum Work {
    Apply(Job),
    /// Finds out whether writing works again.
    Probe,
}

/// Runs until every sender is gone and the queue is empty.
pub(super) fn run(
    connection: Connection,
    tip: Tip,
    mut queue: mpsc::Receiver<Work>,
    tip_out: &watch::Sender<i64>,
    healthy: &watch::Sender<bool>,
) {
    let mut writer = Writer { connection, tip };
    let (mut taken, mut batch) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
    while queue.blocking_recv_many(&mut taken, BATCH) > 0 {
        let mut probe = false;
        for work in taken.drain(..) {
            match work {
                Work::Apply(job) => batch.push(job),
                Work::Probe => probe = true,
            }
        }
        let started = std::time::Instant::now();
        let probed = if probe { writer.probe() } else { Ok(()) };
        let outcome = probed.and_then(|()| writer.commit(batch.iter().map(|job: &Job| &job.command)));
        metrics::histogram!("tillwatch_ledger_commit_seconds").record(started.elapsed());
        metrics::counter!("tillwatch_ledger_commands_total").increment(batch.len() as u64);
        match outcome {
            Ok(results) => {
                healthy.send_if_modified(|ok| !std::mem::replace(ok, true));
                tip_out.send_replace(writer.tip.seq);
                let mut wakes = Wakes::default();
                for (job, result) in batch.drain(..).zip(results) {
                    job.answer.send(result, &mut wakes);
                }
            }
            Err(error) => {
                healthy.send_if_modified(|ok| std::mem::replace(ok, false));
                tracing::error!(%error, "the ledger cannot be written");
                let text: Arc<str> = error.to_string().into();
                let mut wakes = Wakes::default();
                for job in batch.drain(..) {
                    job.answer.send(Err(SubmitError::Unavailable(text.clone())), &mut wakes);
                }
            }
        }
    }
}

struct Writer {
    connection: Connection,
    tip: Tip,
}

type Outcome = Result<Receipt, SubmitError>;

impl Writer {
    /// Writes what is there already.
    fn probe(&self) -> Result<(), rusqlite::Error> {
        let version: i64 = self.connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        self.connection.pragma_update(None, "user_version", version)
    }

    /// Applies the commands in one transaction. On an error none of them happened.
    fn commit<'a>(
        &mut self,
        commands: impl Iterator<Item = &'a Command>,
    ) -> Result<Vec<Outcome>, rusqlite::Error> {
        self.statement("BEGIN IMMEDIATE")?;
        let outcome = self.apply_all(commands);
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

    fn apply_all<'a>(
        &self,
        commands: impl Iterator<Item = &'a Command>,
    ) -> Result<(Vec<Outcome>, Tip), rusqlite::Error> {
        let mut tip = self.tip;
        let mut results = Vec::with_capacity(commands.size_hint().0);
        for command in commands {
            results.push(self.apply_one(command, &mut tip)?);
        }
        Ok((results, tip))
    }

    /// A refusal is an inner error; an outer one ends the batch.
    fn apply_one(&self, command: &Command, tip: &mut Tip) -> Result<Outcome, rusqlite::Error> {
        let body = command.payload.journal_body().map_err(not_json)?;
        if let Some(known) = journal::find(&self.connection, command.id)? {
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

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

/// Our own types always become JSON; if one day they do not, the command is not applied.
fn not_json(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}
