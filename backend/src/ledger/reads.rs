//! Read-only connections, opened as they are needed, up to a bound.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::open;
use crate::locks::lock;
use crate::waiting::Gone;

const CONNECTIONS: usize = 8;
/// Steps of SQLite's machine between two looks at whether anybody still waits: well under a millisecond.
const STEPS: i32 = 10_000;

#[derive(Debug)]
pub(crate) struct ReadPool {
    file: PathBuf,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Connection>,
    open: usize,
    closed: bool,
}

impl ReadPool {
    pub(crate) fn new(file: &Path) -> Self {
        Self { file: file.to_owned(), state: Mutex::default(), returned: Condvar::new() }
    }

    pub(crate) fn with<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let lease = Lease { pool: self, connection: Some(self.take()?) };
        lease.connection.as_ref().map_or(Err(rusqlite::Error::InvalidQuery), query)
    }

    /// The same, ended with an error soon after nobody waits for it any more.
    pub(crate) fn with_waiting<T>(
        &self,
        gone: &Gone,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let mut lease = Lease { pool: self, connection: Some(self.take()?) };
        let connection = lease.connection.as_mut().ok_or(rusqlite::Error::InvalidQuery)?;
        let asked = gone.clone();
        connection.progress_handler(STEPS, Some(move || asked.is_so()))?;
        query(connection)
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Closes the connections, once nobody reads. None are opened until what it gives is dropped. None: somebody read for
    /// longer than this.
    pub(crate) fn close(&self, patience: Duration) -> Option<Closed<'_>> {
        let mut state = lock(&self.state);
        state.closed = true;
        let closed = Closed(self);
        let reads = |state: &mut State| state.idle.len() < state.open;
        let waited = self.returned.wait_timeout_while(state, patience, reads);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            drop(state);
            return None;
        }
        state.idle.clear();
        state.open = 0;
        drop(state);
        Some(closed)
    }

    fn take(&self) -> rusqlite::Result<Connection> {
        let mut state = lock(&self.state);
        loop {
            if state.closed {
                state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            if let Some(connection) = state.idle.pop() {
                return Ok(connection);
            }
            if state.open < CONNECTIONS {
                state.open += 1;
                drop(state);
                return open::reader(&self.file).inspect_err(|_| {
                    lock(&self.state).open -= 1;
                    self.returned.notify_all();
                });
            }
            state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Nobody reads until this is dropped.
pub(crate) struct Closed<'a>(&'a ReadPool);

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).closed = false;
        self.0.returned.notify_all();
    }
}

/// Gives the connection back also when the query panics.
struct Lease<'a> {
    pool: &'a ReadPool,
    connection: Option<Connection>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // Who gets it next is not stopped by those who had it before.
            let _ = connection.progress_handler(0, None::<fn() -> bool>);
            let closing = {
                let mut state = lock(&self.pool.state);
                state.idle.push(connection);
                state.closed
            };
            if closing {
                self.pool.returned.notify_all();
            } else {
                self.pool.returned.notify_one();
            }
        }
    }
}
