//! The Tillwatch server: ledger, sensor history and API.
//!
//! `main` reads the command line and ends at [`run::serve`]; everything else is here, so that a test can
//! call it.

pub mod clock;
pub mod domain;
pub mod ledger;
pub mod telemetry;
