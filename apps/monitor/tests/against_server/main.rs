//! The whole monitor but its window, against a real server in this process: drawn, but seen by nobody.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

mod bad_servers;
mod between;
mod desk;
mod set_up;
