//! The register: the cashier's window.
//!
//! `state` is plain data, `update` holds every decision and is pure, `ui` draws the state and says what the
//! person did, `job` runs what `update` asks for, `till_file` keeps
//! on the disk what must not be lost, `app` ties them to the window.

pub mod app;
pub mod args;
pub mod input;
pub mod job;
pub mod samples;
pub mod search_line;
pub mod state;
pub mod texts;
pub mod till_file;
pub mod ui;
pub mod update;
pub mod when;

pub use input::{Effect, Event, Input};
pub use state::State;
pub use update::update;
