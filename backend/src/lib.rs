//! The Tillwatch server: ledger, sensor history and API.

pub mod telemetry;
