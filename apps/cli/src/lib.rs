//! The `tillwatch` command line: simulated devices, load, and a pulse without a window.

mod account;
mod clock;
mod collect;
mod generate;
mod load;
mod pulse;
mod say;
mod simulate;

use std::time::Duration;

use clap::{Parser, Subcommand};
use tillwatch_shared::client::{ClientError, Language, OptionsError};

#[derive(Debug, Parser)]
#[command(name = "tillwatch", version, about = "Tillwatch on the command line")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays devices that are not there.
    #[command(subcommand)]
    Simulate(Simulate),
    /// Writes files as other programs do.
    #[command(subcommand)]
    Generate(Generate),
    /// Follows a feed of a server and keeps its records in an SQLite file.
    Collect(collect::CollectArgs),
    /// Drives a server and prints rates and latencies.
    Load(load::LoadArgs),
    /// A terminal without a window: its counter goes to the server twice a second.
    Pulse(pulse::PulseArgs),
}

#[derive(Debug, Subcommand)]
enum Simulate {
    /// Fridges, a freezer and a room that send their readings.
    Sensors(simulate::SensorsArgs),
}

#[derive(Debug, Subcommand)]
enum Generate {
    /// Sales, as an outside cash register would write them.
    Sales(generate::SalesArgs),
}

#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error("{0}")]
    Options(#[from] OptionsError),
    #[error("{}", .0.text(Language::English))]
    Client(#[from] ClientError),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Load(String),
    #[error("the SQLite file: {0}")]
    Store(#[from] rusqlite::Error),
    #[error("{0}")]
    Pulse(String),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Does what the command line says, until it is done or cannot be.
pub async fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Simulate(Simulate::Sensors(args)) => simulate::sensors(&args).await,
        Command::Generate(Generate::Sales(args)) => generate::sales(&args).await,
        Command::Collect(args) => collect::run(&args).await,
        Command::Load(args) => load::run(&args).await,
        Command::Pulse(args) => pulse::run(&args).await,
    }
}

/// A span like `2s`, `500ms`, `24h`.
fn parse_span(text: &str) -> Result<Duration, String> {
    let span: jiff::SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    Duration::try_from(span).map_err(|_| "a span of time cannot be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Cli, parse_span};
    use clap::{CommandFactory as _, Parser as _};
    use std::time::Duration;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
        for good in [
            "tillwatch simulate sensors",
            "tillwatch simulate sensors --server 10.0.0.5:80 --every 500ms --backfill 24h --seed 3",
            "tillwatch load readings --compare --callers 8 --seconds 2",
            "tillwatch load batch --format compact",
            "tillwatch load pulse --clients 1000 --seconds 5 --pid 7",
            "tillwatch pulse --server a:1,b:2 --user x --password-file p --client Caixa --count 3",
            "tillwatch load live --clients 2000 --rate 50 --seconds 10 --pid 1",
            "tillwatch load sales --user 12345678901 --password 1234",
        ] {
            assert!(Cli::try_parse_from(good.split(' ')).is_ok(), "{good}");
        }
        for bad in ["tillwatch", "tillwatch load", "tillwatch simulate sensors --every soon"] {
            assert!(Cli::try_parse_from(bad.split(' ')).is_err(), "{bad}");
        }
    }

    #[test]
    fn spans_as_people_type_them() {
        assert_eq!(parse_span("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(parse_span("24h"), Ok(Duration::from_hours(24)));
        assert!(parse_span("-2s").is_err());
        assert!(parse_span("two").is_err());
    }
}
