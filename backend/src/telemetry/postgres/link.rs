//! A connection to PostgreSQL that blocking threads use: the client with a small runtime of its own, and a
//! bound on every wait.

use std::fmt;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Statement};

use super::tls::Address;

/// How long setting up a connection may take, all hosts together.
const CONNECT: Duration = Duration::from_secs(10);

/// Why a statement was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum LinkError {
    /// Not there, gone, not answering, full: it may come back by itself.
    #[error("{0}")]
    Away(String),
    /// It is there and does not let us in: wrong password, no such database.
    #[error("{0}")]
    Refused(String),
    #[error(
        "the readings' tables were made by a newer Tillwatch (form {found}; this program knows up to {known})"
    )]
    Newer { found: i64, known: i64 },
    #[error("another Tillwatch server writes its readings into this database")]
    Taken,
    #[error("this database holds no readings of Tillwatch")]
    Empty,
    #[error(
        "the database holds a copy of the readings that is not finished: run `tillwatch-server telemetry copy` again"
    )]
    Unfinished,
}

impl From<tokio_postgres::Error> for LinkError {
    fn from(error: tokio_postgres::Error) -> Self {
        let code = error.code().cloned();
        let refused = [
            SqlState::INVALID_PASSWORD,
            SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            SqlState::INVALID_CATALOG_NAME,
            SqlState::INSUFFICIENT_PRIVILEGE,
        ];
        let text = describe(&error);
        match code {
            Some(code) if refused.contains(&code) => Self::Refused(text),
            // A password that is asked for and not given is told without a code.
            None if text.contains("password missing") => Self::Refused(text),
            _ => Self::Away(text),
        }
    }
}

/// The error with its causes, because `tokio_postgres` shows only the outermost.
fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(told) = error.as_db_error() {
        return format!("PostgreSQL says: {} ({})", told.message(), told.code().code());
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

pub(in super::super) struct Link {
    /// Absent only while it is dropped.
    runtime: Option<Runtime>,
    pub client: Client,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("closed", &self.client.is_closed()).finish_non_exhaustive()
    }
}

impl Drop for Link {
    /// May be dropped by a thread that must not block.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Link {
    /// Connects. Blocks; not for a thread that runs asynchronous tasks.
    pub fn open(address: &Address) -> Result<Self, LinkError> {
        let away = |error: std::io::Error| LinkError::Away(error.to_string());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(away)?;
        let Address { config, tls } = address;
        let connecting = async { tokio::time::timeout(CONNECT, config.connect(tls.clone())).await };
        let connected = runtime.block_on(connecting);
        let (client, connection) = match connected {
            Ok(connected) => connected?,
            Err(_) => return Err(LinkError::Away("PostgreSQL does not answer".into())),
        };
        runtime.spawn(async move {
            // The client learns of its end, and tells.
            let _ = connection.await;
        });
        Ok(Self { runtime: Some(runtime), client })
    }

    /// Waits for an answer, at most so long.
    pub fn run<T>(
        &self,
        bound: Duration,
        question: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, LinkError> {
        let gone = || LinkError::Away("the connection is gone".into());
        let runtime = self.runtime.as_ref().ok_or_else(gone)?;
        match runtime.block_on(async { tokio::time::timeout(bound, question).await }) {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(LinkError::Away(format!("PostgreSQL did not answer in {} s", bound.as_secs()))),
        }
    }

    pub fn prepare(&self, bound: Duration, sql: &str) -> Result<Statement, LinkError> {
        self.run(bound, self.client.prepare(sql))
    }

    /// Waits a moment.
    pub fn pause(&self, length: Duration) {
        if let Some(runtime) = &self.runtime {
            runtime.block_on(async { tokio::time::sleep(length).await });
        }
    }

    /// Whether the other side closed it, as far as has come over the network.
    pub fn is_closed(&self) -> bool {
        if let Some(runtime) = &self.runtime {
            // Lets the connection's task look once.
            let mut looked = false;
            runtime.block_on(poll_fn(|context| {
                if std::mem::replace(&mut looked, true) {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            }));
        }
        self.client.is_closed()
    }
}
