//! The `tillwatch` program: reads the command line and runs it.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use tillwatch_cli::{Cli, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One thread: the load that it makes must leave the other cores to the server.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "tillwatch: {error}");
            ExitCode::FAILURE
        }
    }
}
