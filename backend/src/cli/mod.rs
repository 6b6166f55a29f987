//! `tillwatch-server` and its sub-commands: parses, calls the library, prints.

mod group;
mod health;
mod keep;
mod people;
mod serve;
mod telemetry;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tillwatch_server::config::{self, ServeArgs};
use tillwatch_server::http::docs::Document;
use utoipa::OpenApi;

/// Errors of the command line are printed as they are.
pub type Failure = Box<dyn std::error::Error>;

#[derive(Debug, Parser)]
#[command(name = "tillwatch-server", version, about = "The Tillwatch server: ledger, sensor history and API")]
struct CommandLine {
    #[command(flatten)]
    serve: ServeArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Adds, lists and changes people (while the server is stopped).
    #[command(subcommand)]
    User(people::UserCommand),
    /// Makes, lists and revokes keys of devices (while the server is stopped).
    #[command(subcommand)]
    Key(people::KeyCommand),
    /// Makes a consistent copy of everything; the server may be running.
    Backup(keep::Backup),
    /// Checks a backup and puts it into a data directory (while the server is stopped).
    Restore(keep::Restore),
    /// Proves that the ledger and the readings are as they were written; the server may be running.
    Verify(keep::Verify),
    /// Moves the readings between the data directory and PostgreSQL.
    #[command(subcommand)]
    Telemetry(telemetry::TelemetryCommand),
    /// The servers of a group.
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// Asks the server that runs with these settings whether it is ready.
    Health,
    /// Prints the OpenAPI document.
    Openapi,
}

pub fn run() -> ExitCode {
    // A missing .env file is the usual case; a broken one is told.
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        complain(&format!(".env: {error}"));
        return ExitCode::FAILURE;
    }
    let line = CommandLine::parse();
    match dispatch(line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn dispatch(line: CommandLine) -> Result<(), Failure> {
    let Some(command) = line.command else { return serve::run(&line.serve) };
    let data_dir = || -> Result<PathBuf, Failure> {
        match &line.serve.data_dir {
            Some(dir) => Ok(dir.clone()),
            None => Ok(config::usual_data_dir()?),
        }
    };
    match command {
        Command::User(command) => people::user(&data_dir()?, command),
        Command::Key(command) => people::key(&data_dir()?, command),
        Command::Backup(command) => keep::backup(&data_dir()?, &command),
        Command::Restore(command) => keep::restore(&data_dir()?, &command),
        Command::Verify(command) => keep::verify(&data_dir()?, &line.serve.readings()?, &command),
        Command::Telemetry(command) => telemetry::telemetry(&line.serve, &command),
        Command::Group(command) => group::group(&line.serve, &data_dir()?, command),
        Command::Health => health::ask(&line.serve),
        Command::Openapi => say(&Document::openapi().to_pretty_json()?),
    }
}

/// A line on standard output.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}

fn complain(text: &str) {
    // With standard error gone there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "tillwatch-server: {text}");
}
