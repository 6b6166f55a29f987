//! The whole register but its window, against a real server in this process.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

mod day;
mod debts;
mod feed;
mod returns;
mod selling;
mod stock;
mod till;
