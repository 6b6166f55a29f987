//! `tillwatch pulse`: a terminal without a window.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use clap::Args;
use tillwatch_shared::api::NewTerminalAbout;
use tillwatch_shared::client::{Client, ClientOptions, Language, PulseEnd, PulseNews};
use tillwatch_shared::pulse::Link;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::account::{self, Account, Following};
use crate::{CliError, clock, say};

/// Somewhat under a minute.
const TELL_EVERY: Duration = Duration::from_secs(50);

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
        let (online, seen) = watch::channel(false);
        let beating = client.pulse(name, |news| {
            shown.tell(name, news);
            online.send_replace(news.machine.link() == Link::Online);
            acknowledged = news.machine.acknowledged();
            left.is_none_or(|left| acknowledged < left)
        });
        let end = tokio::select! {
            end = beating => end,
            never = tell_about(&client, name, seen) => match never {},
        };
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

/// Tells the server about this program whenever the link comes up, and again while it is.
async fn tell_about(client: &Client, name: &str, mut online: watch::Receiver<bool>) -> Infallible {
    while online.wait_for(|online| *online).await.is_ok() {
        let about = NewTerminalAbout {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            unsent: None,
            refused: None,
            clock_at: clock::now(),
        };
        // The pulse goes on without; it is told again.
        let _ = client.tell_about(name, &about).await;
        let _ = timeout(TELL_EVERY, online.wait_for(|online| !*online)).await;
    }
    pending().await
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
