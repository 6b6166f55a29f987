//! Read-only connections, opened as they are needed, up to a bound.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};

use rusqlite::Connection;

use super::open;
use crate::locks::lock;

const CONNECTIONS: usize = 8;

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
        if let Some(connection) = self.connection.take() {
            lock(&self.pool.state).idle.push(connection);
            self.pool.returned.notify_one();
        }
    }
}
