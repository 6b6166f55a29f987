//! Does what `update` asks for: one request for each effect, through the API client, all that is asked
//! at one moment side by side.

pub mod asking;
pub mod files;
mod import;
mod keeping;
mod lists;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tillwatch_desk::failure::Failure;
use tillwatch_desk::link::Link;
use tillwatch_desk::settings::SettingsFile;
use tillwatch_desk::sign_in;
use tillwatch_desk::worker::{Events, Job};
use tillwatch_shared::api::{AliasKind, NewDismissal, Person, Product};
use tillwatch_shared::client::Client;
use tillwatch_shared::limits::PAGE_ROWS;
use tillwatch_shared::{CommandId, SensorId};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::asking::Long;
use crate::feed_new::Addition;
use crate::feeds::{PARKED_ROWS, TARGETS, Target};
use crate::input::{Answer, Effect, Input};
use crate::notice::{self, Awake};
use crate::sensor_notes::Said;
use asking::Asking;
use files::{Making, Told};

/// Answers to requests that left together and come this close to each other make one event: each event
/// is a frame, and a frame costs a slow machine more than this wait is worth.
const TOGETHER: Duration = Duration::from_millis(60);

/// For how many seconds the server may wait for an alarm to turn.
const LONGEST_TURN: u32 = 8;

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
    pub awake: Awake,
    pub making: Making,
    pub asking: Asking,
    /// Where files go that a person asked for.
    pub folder: PathBuf,
}

impl Job for MonitorJob {
    type Effect = Of<Vec<Effect>>;
    type Event = Of<Vec<Input>>;

    async fn run(self: Arc<Self>, effects: Of<Vec<Effect>>, events: Events<Of<Vec<Input>>>) {
        let epoch = effects.epoch;
        let mut running = JoinSet::new();
        for effect in effects.what {
            let told = Told::new(events.clone(), epoch);
            running.spawn(Arc::clone(&self).one(effect, told));
        }
        while let Some(first) = running.join_next().await {
            let mut inputs: Vec<Input> = first.ok().flatten().into_iter().collect();
            let together = Instant::now() + TOGETHER;
            while let Ok(Some(next)) = timeout_at(together, running.join_next()).await {
                inputs.extend(next.ok().flatten());
            }
            if !inputs.is_empty() {
                events.send(Of { epoch, what: inputs }).await;
            }
        }
    }
}

impl MonitorJob {
    /// Files that a person asks for go to the folder.
    pub fn new(link: Link, settings: SettingsFile, folder: PathBuf) -> Self {
        let link = link.remembering(settings.beside("servers"));
        Self {
            link,
            settings,
            folder,
            awake: Awake::default(),
            making: Making::default(),
            asking: Asking::default(),
        }
    }

    async fn one(self: Arc<Self>, effect: Effect, told: Told) -> Option<Input> {
        match effect {
            Effect::SignIn(effect) => sign_in::run(&self.link, effect)
                .await
                .map(|event| Input::SignIn(sign_in::Input::Happened(event))),
            Effect::Save(settings) => {
                if let Err(error) = self.settings.save(&settings) {
                    tracing::warn!(%error, "the settings could not be saved");
                }
                None
            }
            // The program has done it.
            Effect::OpenWindow(_) | Effect::CloseWindow => None,
            Effect::File(file) => {
                let client = self.link.client().ok_or(Failure::Unreachable);
                files::run(&self.making, &self.folder, client, file, told).await.map(Input::Answer)
            }
            Effect::Call(call) => Some(Input::Answer(Answer::Called(notice::call(&call).await))),
            Effect::StayAwake(on) => Some(Input::Answer(Answer::Awake(self.awake.keep(on).await))),
            Effect::Drop(long) => {
                self.asking.stop(told.window(), long);
                None
            }
            Effect::Report(of) => {
                let answer = ask(self.link.client(), Effect::Report(of));
                let answer = self.asking.run(told.window(), Long::Report(of), answer);
                answer.await.flatten().map(Input::Answer)
            }
            Effect::Sheet { ticket, ask: of } => {
                let answer = ask(self.link.client(), Effect::Sheet { ticket, ask: of });
                let answer = self.asking.run(told.window(), Long::Sheet(ticket), answer);
                answer.await.flatten().map(Input::Answer)
            }
            Effect::Rehearse { ticket, rehearsal } => {
                let (client, window) = (self.link.client(), told.window());
                let work = async {
                    let say = |percent| told.tell(Answer::Rehearsing { ticket, percent });
                    let result = match client {
                        Some(client) => client.rehearse_alarm_rule(&rehearsal, say).await,
                        None => Err(Failure::Unreachable),
                    };
                    Input::Answer(Answer::Rehearsed { ticket, result })
                };
                self.asking.run(window, Long::Rehearsal(ticket), work).await
            }
            effect @ (Effect::Server
            | Effect::Latest
            | Effect::Turns { .. }
            | Effect::Changes { .. }
            | Effect::Past { .. }
            | Effect::DayTotals
            | Effect::Sensors
            | Effect::Series { .. }
            | Effect::People
            | Effect::Chains
            | Effect::Notes(_)
            | Effect::Stock { .. }
            | Effect::Terminals
            | Effect::Group
            | Effect::PulseLog { .. }
            | Effect::Forget(_)
            | Effect::Retention
            | Effect::SetRetention(_)
            | Effect::Feeds
            | Effect::Parked { .. }
            | Effect::Targets { .. }
            | Effect::SetAlias { .. }
            | Effect::AddThing { .. }
            | Effect::PutAway { .. }
            | Effect::List { .. }
            | Effect::Tell(_)
            | Effect::Order { .. }
            | Effect::Import(_)
            | Effect::Keeping(_)) => ask(self.link.client(), effect).await.map(Input::Answer),
        }
    }
}

/// What the server answers to one question; nothing where it is not for the server.
pub async fn ask(client: Option<Client>, effect: Effect) -> Option<Answer> {
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
        Effect::Turns { after } => {
            let result = call!(|c| c.alarm_turns(after, LONGEST_TURN));
            Answer::Turns(result, took())
        }
        Effect::Changes { after, limit } => {
            let result = call!(|c| c.changes(after, limit));
            Answer::Changes(result, took())
        }
        Effect::Past { ticket, after, limit } => {
            Answer::Past { ticket, result: call!(|c| c.changes(after, limit)) }
        }
        Effect::DayTotals => Answer::DayTotals(call!(|c| c.day_totals(None))),
        Effect::Sensors => Answer::Sensors(call!(|c| c.sensors())),
        Effect::Series { ticket, query } => Answer::Series { ticket, result: call!(|c| c.series(&query)) },
        Effect::Stock { page, limit } => {
            Answer::Stock(page, call!(|c| c.stock(page.store, page.after, limit)))
        }
        Effect::Report(ask) => Answer::Report(ask, call!(|c| c.report(&ask))),
        Effect::People => Answer::People(call!(|c| c.people(None, PAGE_ROWS)).map(|page| page.items)),
        Effect::Chains => Answer::Chains(call!(|c| c.chains())),
        Effect::Sheet { ticket, ask } => {
            Answer::Sheet { ticket, result: call!(|c| c.temperature_sheet(&ask)).map(Box::new) }
        }
        Effect::Notes(sensor) => Answer::Notes(sensor.clone(), call!(|c| said(c, &sensor))),
        Effect::Terminals => Answer::Terminals(call!(|c| c.pulse_terminals())),
        Effect::Group => Answer::Group(call!(|c| c.group())),
        Effect::PulseLog { ticket, query } => {
            Answer::PulseLog { ticket, result: call!(|c| c.pulse_messages(&query)) }
        }
        Effect::Forget(terminal) => {
            let result = call!(|c| c.forget_terminal(&terminal));
            Answer::Forgotten(terminal, result)
        }
        Effect::Retention => Answer::Retention(call!(|c| c.pulse_retention())),
        Effect::SetRetention(wanted) => Answer::RetentionSet(call!(|c| c.set_pulse_retention(wanted))),
        Effect::Feeds => Answer::Feeds(call!(|c| c.feeds())),
        Effect::Parked { ticket, feed } => {
            Answer::Parked { ticket, result: call!(|c| c.parked_records(&feed, PARKED_ROWS)) }
        }
        Effect::Targets { ticket, kind, search } => {
            Answer::Targets { ticket, result: call!(|c| targets(c, kind, &search)) }
        }
        Effect::SetAlias { command, feed, alias } => {
            Answer::AliasSet(call!(|c| c.set_feed_alias(command, &feed, &alias)))
        }
        Effect::AddThing { command, addition } => {
            Answer::ThingAdded(call!(|c| add_thing(c, command, &addition)))
        }
        Effect::PutAway { command, feed, record_id } => {
            let body = NewDismissal { record_id };
            Answer::PutAway(call!(|c| c.dismiss_record(command, &feed, &body)).map(drop))
        }
        Effect::List { topic, ticket, store, after } => Answer::List {
            topic,
            ticket,
            result: call!(|c| lists::rows(c, topic, store, after, topic.limit())),
        },
        Effect::Tell(of) => Answer::Told(of.id(), call!(|c| lists::report(c, of))),
        Effect::Order { command, order } => Answer::Ordered(call!(|c| lists::give(c, command, &order))),
        Effect::Import(effect) => import::run(client, effect).await,
        Effect::Keeping(effect) => Answer::Keeping(keeping::run(client, effect).await),
        Effect::SignIn(_)
        | Effect::Save(_)
        | Effect::Call(_)
        | Effect::StayAwake(_)
        | Effect::File(_)
        | Effect::Drop(_)
        | Effect::Rehearse { .. }
        | Effect::OpenWindow(_)
        | Effect::CloseWindow => return None,
    })
}

/// What people said of a sensor.
async fn said(client: &Client, sensor: &SensorId) -> Result<Said, Failure> {
    let calibrations = client.calibrations(sensor).await?;
    Ok(Said { calibrations, annotations: client.annotations(sensor, None).await? })
}

/// Adds what a name of a feed means.
async fn add_thing(client: &Client, command: CommandId, addition: &Addition) -> Result<Target, Failure> {
    let (id, name) = match addition {
        Addition::Product(body) => {
            let added = client.new_product(command, body).await?;
            (added.id.0, added.name)
        }
        Addition::Store(body) => {
            let added = client.new_store(command, body).await?;
            (added.id.0, added.name)
        }
    };
    Ok(Target { id, name, note: String::new() })
}

/// What a name of a feed may mean: people and products; the stores are known to the window.
async fn targets(client: &Client, kind: AliasKind, search: &str) -> Result<Vec<Target>, Failure> {
    match kind {
        AliasKind::Store => Ok(Vec::new()),
        AliasKind::Seller => {
            let people = client.people(None, PAGE_ROWS).await?.items.into_iter().filter(|one| one.active);
            let target = |one: Person| Target { id: one.id.0, name: one.name, note: one.username };
            Ok(people.map(target).collect())
        }
        AliasKind::Product => {
            let search = Some(search.trim()).filter(|text| !text.is_empty());
            let products = client.products(search, None, TARGETS).await?.items.into_iter();
            let target = |one: Product| {
                let note = format!("{} · {}", one.number, one.price_cents);
                Target { id: one.id.0, name: one.name, note }
            };
            Ok(products.map(target).collect())
        }
    }
}
