//! What the register decides: tables over `update`, without a window or a server.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

mod feed;
mod forms;
mod offline;
mod outbox;
mod selling;
mod session;
mod till;
