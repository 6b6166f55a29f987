//! The register: the cashier's window.
//!
//! `state` is plain data, `update` holds every decision and is pure, `ui` draws the state and says what the
//! person did, `job` runs what `update` asks for, `till_file` keeps
//! on the disk what must not be lost, `app` ties them to the window.

pub mod action;
pub mod app;
pub mod args;
pub mod barcode;
pub mod cart_texts;
pub mod cash_report;
pub mod cash_texts;
pub mod debts_texts;
pub mod input;
pub mod job;
pub mod keys_texts;
pub mod labels;
pub mod pdf;
pub mod people_texts;
pub mod printer;
pub mod receipt;
pub mod receipts_texts;
pub mod returns_texts;
pub mod samples;
pub mod scan_texts;
pub mod search_line;
pub mod state;
pub mod stock_texts;
pub mod texts;
pub mod till_file;
pub mod ui;
pub mod update;
pub mod when;

pub use input::{Effect, Event, Input};
pub use state::State;
pub use update::update;
