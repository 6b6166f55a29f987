//! The Tillwatch server: ledger, sensor history and API.
//!
//! `main` reads the command line and ends at [`run::serve`]; everything else is here, so that a test can
//! call it.

pub mod auth;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod export;
pub mod feeds;
pub mod http;
pub mod language;
pub mod ledger;
pub mod live;
pub mod pulse;
pub mod reply;
pub mod run;
pub mod steps;
pub mod telemetry;
pub mod tls;
