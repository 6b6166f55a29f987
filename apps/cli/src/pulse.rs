//! `tillwatch pulse`: a terminal without a window.

use clap::Args;
use tillwatch_shared::client::{Client, ClientOptions, Language, PulseEnd, PulseNews};
use tillwatch_shared::pulse::Link;

use crate::account::{self, Account, Following};
use crate::{CliError, clock, say};

#[derive(Debug, Args)]
pub struct PulseArgs {
    #[command(flatten)]
    account: Account,
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
    let body = args.account.sign_in("tillwatch pulse")?;
    let client = Client::new(&ClientOptions {
        servers: args.account.server.clone(),
        language: Language::English,
        ..ClientOptions::default()
    })?;
    let _following = Following::of(&client);
    let name = args.client.as_deref().unwrap_or(&args.account.user);
    let mut left = args.count;
    loop {
        account::sign_in(&client, &body).await?;
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
