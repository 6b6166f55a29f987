//! Opens the register's window.

use std::process::ExitCode;

use clap::Parser;
use tillwatch_register::{app, args::Args};

fn main() -> ExitCode {
    match app::run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
