//! Does what `update` asks for: one request for each effect, through the API client.

use std::sync::Arc;
use std::time::Instant;

use tillwatch_desk::failure::Failure;
use tillwatch_desk::link::Link;
use tillwatch_desk::settings::SettingsFile;
use tillwatch_desk::sign_in;
use tillwatch_desk::worker::{Events, Job};
use tillwatch_shared::client::Client;

use crate::input::{Answer, Effect, Input};

/// An effect, or what came of it, with the session that it belongs to.
#[derive(Debug)]
pub struct Of<T> {
    pub epoch: u64,
    pub what: T,
}

#[derive(Debug)]
pub struct MonitorJob {
    pub link: Link,
    pub settings: SettingsFile,
}

impl Job for MonitorJob {
    type Effect = Of<Effect>;
    type Event = Of<Input>;

    async fn run(self: Arc<Self>, effect: Of<Effect>, events: Events<Of<Input>>) {
        let epoch = effect.epoch;
        let input = match effect.what {
            Effect::SignIn(effect) => sign_in::run(&self.link, effect)
                .await
                .map(|event| Input::SignIn(sign_in::Input::Happened(event))),
            Effect::Save(settings) => {
                if let Err(error) = self.settings.save(&settings) {
                    tracing::warn!(%error, "the settings could not be saved");
                }
                None
            }
            effect @ (Effect::Server
            | Effect::Latest
            | Effect::Changes { .. }
            | Effect::Older { .. }
            | Effect::DayTotals
            | Effect::Sensors
            | Effect::Series { .. }
            | Effect::Stock { .. }) => ask(self.link.client(), effect).await.map(Input::Answer),
        };
        if let Some(what) = input {
            events.send(Of { epoch, what }).await;
        }
    }
}

async fn ask(client: Option<Client>, effect: Effect) -> Option<Answer> {
    let sent = Instant::now();
    let took = || i64::try_from(sent.elapsed().as_micros()).unwrap_or(i64::MAX);
    let client = client.ok_or(Failure::Unreachable);
    macro_rules! call {
        (|$client:ident| $request:expr) => {
            match &client {
                Ok($client) => $request.await,
                Err(failure) => Err(failure.clone()),
            }
        };
    }
    Some(match effect {
        Effect::Server => Answer::Server(call!(|c| c.server_info())),
        Effect::Latest => {
            let result = call!(|c| c.latest_change());
            Answer::Latest(result, took())
        }
        Effect::Changes { after, limit } => {
            let result = call!(|c| c.changes(after, limit));
            Answer::Changes(result, took())
        }
        Effect::Older { after, limit } => Answer::Older(call!(|c| c.changes(after, limit))),
        Effect::DayTotals => Answer::DayTotals(call!(|c| c.day_totals(None))),
        Effect::Sensors => Answer::Sensors(call!(|c| c.sensors())),
        Effect::Series { ticket, query } => Answer::Series { ticket, result: call!(|c| c.series(&query)) },
        Effect::Stock { page, limit } => {
            Answer::Stock(page, call!(|c| c.stock(page.store, page.after, limit)))
        }
        Effect::SignIn(_) | Effect::Save(_) => return None,
    })
}
