//! Read-only connections, opened as they are needed, up to a bound.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};

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

    fn take(&self) -> rusqlite::Result<Connection> {
        let mut state = lock(&self.state);
        loop {
            if let Some(connection) = state.idle.pop() {
                return Ok(connection);
            }
            if state.open < CONNECTIONS {
                state.open += 1;
                drop(state);
                return open::reader(&self.file).inspect_err(|_| {
                    lock(&self.state).open -= 1;
                    self.returned.notify_one();
                });
            }
            state = self.returned.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
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
            lock(&self.pool.state).idle.push(connection);
            self.pool.returned.notify_one();
        }
    }
}
