//! `tillwatch load`: drives a server from many connections and prints what it can do.

mod batch;
mod connection;
mod drive;
mod live;
mod pulse;
mod readings;
mod sales;

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{Session, SignIn};
use tillwatch_shared::client::{Client, ClientOptions, Language};

use crate::{CliError, say};
use connection::Address;
use drive::Tally;

/// How long callers may take to connect, and a loaded server to answer, before the measurement begins.
const CONNECTING: Duration = Duration::from_mins(1);

#[derive(Debug, Args)]
pub struct LoadArgs {
    /// What to send.
    kind: Kind,
    /// Address of the server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    server: String,
    /// Connections at once [default: 64; of batches 4; of pulses 1000; of live clients 100].
    #[arg(long, visible_alias = "clients", value_parser = clap::value_parser!(u16).range(1..=30_000))]
    callers: Option<u16>,
    /// How long to send; for a comparison, how long to each route.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=600))]
    seconds: u16,
    /// Readings: in turns with a route that does not store (the server needs `--bench-routes`).
    #[arg(long)]
    compare: bool,
    /// Form of the batches.
    #[arg(long, value_enum, default_value_t = BatchFormat::Json)]
    format: BatchFormat,
    /// Sensors; of batches, for each caller.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    sensors: u16,
    /// Key that may write readings; `demo` is the key of a demonstration server.
    #[arg(long, env = "TILLWATCH_API_KEY", default_value = "demo", hide_env_values = true)]
    api_key: String,
    /// Live: readings a second.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rate: u16,
    /// Live: a key that may listen.
    #[arg(long, env = "TILLWATCH_LIVE_KEY", default_value = "demo", hide_env_values = true)]
    live_key: String,
    /// Sales and pulse: who signs in. The default is a seller of the demonstration data.
    #[arg(long, default_value = "12345678901")]
    user: String,
    /// Pulse and live: the server's process, to tell its share of the processor, or its memory (Linux).
    #[arg(long)]
    pid: Option<u32>,
    #[arg(long, env = "TILLWATCH_PASSWORD", default_value = "1234", hide_env_values = true)]
    password: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Single readings.
    Readings,
    /// Batches of 10,000 readings.
    Batch,
    /// Sales of three lines.
    Sales,
    /// Terminals with a pulse.
    Pulse,
    /// Clients on the live readings, and a device that posts.
    Live,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum BatchFormat {
    Json,
    /// The binary form for devices with a backlog.
    Compact,
}

impl LoadArgs {
    fn address(&self) -> Result<Address, CliError> {
        Address::parse(&self.server)
    }

    /// A client that is signed in.
    async fn sign_in(&self) -> Result<(Client, Arc<Session>), CliError> {
        let client = Client::new(&ClientOptions {
            servers: vec![self.server.clone()],
            language: Language::English,
            request_timeout: CONNECTING,
            ..ClientOptions::default()
        })?;
        let body = SignIn {
            username: self.user.clone(),
            password: self.password.clone(),
            device: Some("tillwatch load".into()),
            till: None,
        };
        let session = client.sign_in(CommandId::now(), &body).await?;
        Ok((client, session))
    }

    fn callers(&self, default: u16) -> usize {
        usize::from(self.callers.unwrap_or(default))
    }

    fn sensors(&self) -> usize {
        usize::from(self.sensors)
    }

    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    #[cfg(test)]
    fn for_test() -> Self {
        Self {
            kind: Kind::Batch,
            server: String::new(),
            callers: None,
            seconds: 1,
            compare: false,
            format: BatchFormat::Json,
            sensors: 16,
            rate: 1,
            live_key: "demo".into(),
            api_key: "demo".into(),
            user: String::new(),
            pid: None,
            password: String::new(),
        }
    }
}

pub async fn run(args: &LoadArgs) -> Result<(), CliError> {
    match args.kind {
        Kind::Readings => readings::run(args).await,
        Kind::Batch => batch::run(args).await,
        Kind::Sales => sales::run(args).await,
        Kind::Pulse => pulse::run(args).await,
        Kind::Live => live::run(args).await,
    }
}

fn print_tally(what: &str, tally: &Tally) {
    say::line(format_args!(
        "{what}: {:.0}/s ({} in {:.1} s, {} requests); latency p50 {} p99 {} max {}",
        tally.rate(),
        tally.done,
        tally.elapsed.as_secs_f64(),
        tally.requests,
        milliseconds(tally.quantile(0.5)),
        milliseconds(tally.quantile(0.99)),
        milliseconds(tally.max()),
    ));
    for (status, count) in &tally.refused {
        say::line(format_args!("  answered {status}: {count}"));
    }
    if tally.broken > 0 {
        say::line(format_args!("  broken connections: {}", tally.broken));
    }
}

/// A run whose figures mean nothing is a failure: something was refused for another reason than
/// that the server was busy, connections broke, or nothing was done.
fn check(tally: &Tally) -> Result<(), CliError> {
    let wrong = tally.refused.keys().any(|status| *status != 503);
    if wrong || tally.broken > 0 || tally.done == 0 {
        return Err(CliError::Load("not all of the requests were served: see above".into()));
    }
    Ok(())
}

fn milliseconds(latency: Duration) -> String {
    format!("{:.2} ms", latency.as_secs_f64() * 1000.0)
}
