//! The one that writes the log: what is queued becomes durable in one transaction, and only then is it told.

use std::sync::Weak;
use std::{io, mem};

use openraft::storage::LogFlushed;
use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot};

use super::super::types::Types;
use super::{LogError, QUEUE, Shared, number};
use crate::locks::lock;

pub enum Job {
    Append {
        from: u64,
        bodies: Vec<Vec<u8>>,
        told: LogFlushed<Types>,
    },
    Change {
        change: Change,
        told: oneshot::Sender<Result<(), LogError>>,
    },
    /// How far the group is. Nobody waits for it: after a fall the others say it again.
    Committed(Vec<u8>),
}

pub enum Change {
    Vote(Vec<u8>),
    Truncate { from: u64, cuts: Vec<u8> },
    Purge { to: u64, place: Vec<u8> },
    Note(&'static str, Vec<u8>),
}

pub struct Writer {
    pub connection: Connection,
    /// Where it is said up to where all is durable.
    log: Weak<Shared>,
    /// How far the group is, if that is yet to be written.
    committed: Option<Vec<u8>>,
    /// A write has failed. What came after it would leave a gap, so nothing is written any more.
    failed: bool,
}

impl Writer {
    pub(super) const fn new(connection: Connection, log: Weak<Shared>) -> Self {
        Self { connection, log, committed: None, failed: false }
    }

    /// Until all who queue are gone.
    pub fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut jobs = Vec::new();
        while queue.blocking_recv_many(&mut jobs, QUEUE) > 0 {
            let outcome = self.put(&mut jobs);
            self.tell(jobs.drain(..), outcome.as_ref().err());
        }
        if let Some(place) = self.committed
            && let Err(error) = put_note(&self.connection, "committed", &place)
        {
            tracing::warn!(%error, "how far the group was is not noted; the others will say it");
        }
    }

    /// Makes them durable in one transaction. What nobody waits for leaves the list.
    pub fn put(&mut self, jobs: &mut Vec<Job>) -> rusqlite::Result<()> {
        for job in jobs.iter_mut() {
            if let Job::Committed(place) = job {
                self.committed = Some(mem::take(place));
            }
        }
        jobs.retain(|job| !matches!(job, Job::Committed(_)));
        if jobs.is_empty() {
            return Ok(());
        }
        if self.failed {
            return Err(rusqlite::Error::ExecuteReturnedResults);
        }
        let outcome = put(&self.connection, jobs, self.committed.as_deref());
        match &outcome {
            Ok(()) => self.committed = None,
            Err(error) => {
                self.failed = true;
                tracing::error!(%error, "the group's log cannot be written");
            }
        }
        outcome
    }

    /// Says how it ended.
    pub fn tell(&self, jobs: impl Iterator<Item = Job>, error: Option<&rusqlite::Error>) {
        for job in jobs {
            match (job, error) {
                (Job::Append { from, bodies, told }, None) => {
                    if let Some(log) = self.log.upgrade() {
                        lock(&log.known).is_durable(from + bodies.len() as u64 - 1);
                    }
                    told.log_io_completed(Ok(()));
                }
                (Job::Append { told, .. }, Some(error)) => {
                    told.log_io_completed(Err(io::Error::other(error.to_string())));
                }
                (Job::Change { told, .. }, error) => {
                    let outcome = error.map_or(Ok(()), |error| {
                        Err(LogError::Sqlite(rusqlite::Error::ToSqlConversionFailure(
                            error.to_string().into(),
                        )))
                    });
                    // Who asked may have gone.
                    let _ = told.send(outcome);
                }
                (Job::Committed(_), _) => {}
            }
        }
    }
}

fn put(connection: &Connection, jobs: &[Job], committed: Option<&[u8]>) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    for job in jobs {
        match job {
            Job::Append { from, bodies, .. } => {
                let put = "INSERT INTO entry (place, body) VALUES (?1, ?2)";
                let mut put = transaction.prepare_cached(put)?;
                for (place, body) in (*from..).zip(bodies) {
                    put.execute(params![number(place), body])?;
                }
            }
            Job::Change { change: Change::Vote(vote), .. } => put_note(&transaction, "vote", vote)?,
            Job::Change { change: Change::Truncate { from, cuts }, .. } => {
                transaction.execute("DELETE FROM entry WHERE place >= ?1", [number(*from)])?;
                put_note(&transaction, "cuts", cuts)?;
            }
            Job::Change { change: Change::Purge { to, place }, .. } => {
                transaction.execute("DELETE FROM entry WHERE place <= ?1", [number(*to)])?;
                put_note(&transaction, "purged", place)?;
            }
            Job::Change { change: Change::Note(name, body), .. } => put_note(&transaction, name, body)?,
            Job::Committed(_) => {}
        }
    }
    if let Some(place) = committed {
        put_note(&transaction, "committed", place)?;
    }
    transaction.commit()
}

pub fn put_note(connection: &Connection, name: &str, body: &[u8]) -> rusqlite::Result<()> {
    let put =
        "INSERT INTO note (name, body) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET body = excluded.body";
    connection.prepare_cached(put)?.execute(params![name, body]).map(drop)
}
