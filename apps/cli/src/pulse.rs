//! `tillwatch pulse`: a terminal without a window.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::SignIn;
use tillwatch_shared::client::{Client, ClientOptions, Language, PulseEnd, PulseNews};
use tillwatch_shared::pulse::Link;

use crate::{CliError, clock, say};

/// The longest wait between two tries to sign in.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Bytes of a password file that are read.
const PASSWORD_BYTES: u64 = 4_096;

#[derive(Debug, Args)]
pub struct PulseArgs {
    /// Addresses of servers, separated by commas.
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL[,URL…]", value_delimiter = ',')]
    server: Vec<String>,
    /// Who signs in (user name or CPF).
    #[arg(long, value_name = "NAME")]
    user: String,
    /// File with the password in its first line.
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// Name of this terminal [default: the user's name].
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// End after so many values that the server acknowledged.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
}

/// What was shown last, so that a line is printed only when something changed.
#[derive(Debug, Default, PartialEq)]
struct Shown {
    line: String,
}

pub async fn run(args: &PulseArgs) -> Result<(), CliError> {
    let password = password(&args.password_file)?;
    let client = Client::new(&ClientOptions {
        servers: args.server.clone(),
        language: Language::English,
        ..ClientOptions::default()
    })?;
    let name = args.client.as_deref().unwrap_or(&args.user);
    let mut left = args.count;
    loop {
        sign_in(&client, args, &password).await?;
        let (mut shown, mut acknowledged) = (Shown::default(), 0);
        let end = client
            .pulse(name, |news| {
                shown.tell(name, news);
                acknowledged = news.machine.acknowledged();
                left.is_none_or(|left| acknowledged < left)
            })
            .await;
        left = left.map(|left| left.saturating_sub(acknowledged));
        match end {
            PulseEnd::Stopped => return Ok(()),
            PulseEnd::TakenOver => {
                return Err(CliError::Pulse(format!("another client called {name} took over")));
            }
            PulseEnd::SignedOut(error) => {
                say::event(clock::now(), format_args!("{}: signing in again", error.text(Language::English)));
            }
        }
    }
}

/// Signs in, after growing waits for as long as the server is away.
async fn sign_in(client: &Client, args: &PulseArgs, password: &str) -> Result<(), CliError> {
    let body = SignIn {
        username: args.user.clone(),
        password: password.to_owned(),
        device: Some("tillwatch pulse".into()),
    };
    let command = CommandId::now();
    let mut wait = Duration::from_secs(1);
    loop {
        match client.sign_in(command, &body).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_temporary() => {
                let asked = error.retry_after_seconds().map(|seconds| Duration::from_secs(seconds.into()));
                let pause = wait.max(asked.unwrap_or_default()).min(LONGEST_WAIT);
                let text = error.text(Language::English);
                say::event(clock::now(), format_args!("{text} Next try in {} s.", pause.as_secs()));
                tokio::time::sleep(pause).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

impl Shown {
    fn tell(&mut self, name: &str, news: PulseNews<'_>) {
        let line = line(name, news);
        if line != self.line {
            say::event(clock::now(), &line);
            self.line = line;
        }
    }
}

fn line(name: &str, news: PulseNews<'_>) -> String {
    let machine = news.machine;
    let trouble = news.error.map(|error| format!(": {error}")).unwrap_or_default();
    match machine.link() {
        Link::Waiting { .. } => format!("{name} waiting{trouble}"),
        Link::Connecting | Link::Opening { .. } => format!("{name} connecting"),
        Link::TakenOver => format!("{name} taken over"),
        Link::Online => {
            let round_trip = machine.round_trip().map(|micros| format!(" {:.1} ms", micros as f64 / 1000.0));
            let (value, step) = (machine.value(), machine.step());
            format!("{name} online value {value} step {step}{}", round_trip.unwrap_or_default())
        }
    }
}

fn password(file: &Path) -> Result<String, CliError> {
    use std::io::Read as _;
    let mut text = String::new();
    let unreadable = |error: std::io::Error| CliError::Usage(format!("{}: {error}", file.display()));
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    opened.take(PASSWORD_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
