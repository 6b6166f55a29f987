//! The Tillwatch server: ledger, sensor history and API.
//!
//! `main` reads the command line and ends at [`run::serve`]; everything else is here, so that a test can
//! call it.

pub mod alarms;
pub mod auth;
pub mod backups;
pub mod batteries;
pub mod clock;
pub mod config;
mod copying;
pub mod demo;
pub mod domain;
pub mod export;
pub mod feeds;
pub mod group;
pub mod http;
pub mod import;
pub mod language;
pub mod ledger;
pub mod live;
mod locks;
pub mod nightly;
pub mod pulse;
pub mod reply;
pub mod run;
pub mod steps;
pub mod telemetry;
pub mod tls;
pub mod told;
pub mod waiting;
