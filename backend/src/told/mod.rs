//! Telling people of alarms who do not look at a window: webhooks and e-mail, from a queue on disk.
//!
//! Of each alarm that is opened every recipient gets one message; those of the second stage get theirs when the
//! alarm is still open and nobody has acknowledged it some minutes later. In a quiet time a message waits for its
//! end. A message is marked when its receiver has answered; a server that falls between answer and mark sends it
//! again, with the same key.
//!
//! `store` the file · `webhook` and `mail` one attempt · `letter` what an e-mail says · `settings` who is told ·
//! `group` what several servers have to agree on.

mod group;
mod letter;
pub mod mail;
pub mod settings;
pub mod store;
#[cfg(test)]
mod tests;
pub mod webhook;

use std::path::Path;
use std::time::Duration;

use actix_web::web::Data;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Alarm, Event, Telling};
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};
use tillwatch_shared::{AlarmId, CommandId, UtcMicros};
use tokio::sync::Semaphore;
use uuid::Uuid;

use self::group::Turn;
pub use self::letter::Place;
use self::letter::{Letter, Matter};
use self::mail::{MailServer, Mailer};
use self::store::{Beginning, Due, Message, Outcome, Store, Way};
use self::webhook::Webhook;
use crate::config::Key;
use crate::domain::alarm_rules::derived_id;
use crate::http::App;
use crate::ledger::queries;

/// How often there is a look at what is due.
const TICK: Duration = Duration::from_secs(1);
/// Messages at once.
const AT_ONCE: u32 = 16;
/// The first wait after a failure; each further one doubles it.
const FIRST_WAIT: i64 = 2 * SECOND;
const LONGEST_WAIT: i64 = HOUR;
/// After so many attempts, which takes about two weeks, nobody waits for it any more.
const MOST_TRIES: i64 = 350;
/// After so many attempts, an hour apart, a mail server that says "never" is believed.
const MOST_REFUSALS: i64 = 24;
/// How long somebody waits at a screen for a trial.
const TRIAL_PATIENCE: Duration = Duration::from_secs(15);
/// How messages go: by webhook and by e-mail.
const WAYS: u32 = 2;
/// What a recipient begins with who gets e-mail.
const MAIL: &str = "mailto:";
const OPENED: &str = "alarm_opened";
const ESCALATED: &str = "alarm_escalated";

/// Who is told, and when.
#[derive(Clone, Debug, Default)]
pub struct Recipients {
    /// Addresses that are told of each alarm: a URL, or `mailto:` and a mailbox.
    pub first: Vec<String>,
    /// Those that are told when nobody has acknowledged it for so long.
    pub second: Vec<String>,
    pub escalate_after: i64,
    pub secret: Option<Key>,
    /// Present where somebody gets e-mail.
    pub mail: Option<MailServer>,
}

#[derive(Debug)]
pub struct Told {
    store: Store,
    webhook: Webhook,
    mailer: Option<Mailer>,
    /// One trial at a time.
    trial: Semaphore,
    /// Held while messages of a way are on their way.
    under_way: Semaphore,
    recipients: Recipients,
}

#[derive(Debug, thiserror::Error)]
pub enum TellError {
    #[error("told.sqlite: {0}")]
    Store(#[from] rusqlite::Error),
    #[error("webhooks cannot be sent: {0}")]
    Client(String),
    #[error("e-mail cannot be sent: {0}")]
    Mail(String),
}

/// Why a message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub text: String,
    /// Trying again at once would be of no use.
    pub lasting: bool,
}

impl Failure {
    const fn passing(text: String) -> Self {
        Self { text, lasting: false }
    }
}

/// What a webhook gets.
#[derive(Serialize)]
struct Body<'a> {
    event: &'static str,
    /// As in `Idempotency-Key`.
    id: Uuid,
    /// Absent from a trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<&'a Alarm>,
}

/// What a letter is made of: what a webhook would get.
#[derive(Deserialize)]
struct Occasion {
    event: String,
    alarm: Alarm,
}

impl Told {
    pub fn open(dir: &Path, recipients: Recipients, beginning: &Beginning) -> Result<Self, TellError> {
        let webhook = Webhook::new(recipients.secret.clone()).map_err(TellError::Client)?;
        let mailer = recipients.mail.clone().map(Mailer::new).transpose().map_err(TellError::Mail)?;
        let store = Store::open(dir, beginning)?;
        let (trial, under_way) = (Semaphore::new(1), Semaphore::new(WAYS as usize));
        Ok(Self { store, webhook, mailer, trial, under_way, recipients })
    }

    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// One attempt. `Ok` is what the receiver said.
    async fn send(
        &self,
        message: &Message,
        letter: Option<&Letter>,
        now: UtcMicros,
    ) -> Result<String, Failure> {
        match (Way::to(&message.recipient), letter, &self.mailer) {
            (Way::Post, _, _) => self.webhook.send(message).await,
            (Way::Mail, Some(letter), Some(mailer)) => {
                mailer.send(&message.recipient, message.key, letter, now).await
            }
            // The settings have changed since it was queued.
            (Way::Mail, None | Some(_), None | Some(_)) => {
                Err(Failure::passing("no mail server is set".to_owned()))
            }
        }
    }

    /// Sends nothing more. Waits, for no longer than this, until what is under way is answered and noted.
    pub async fn rest(&self, longest: Duration) {
        if tokio::time::timeout(longest, self.under_way.acquire_many(WAYS)).await.is_err() {
            tracing::warn!("somebody who was being told of an alarm had not answered yet");
        }
        self.under_way.close();
    }

    /// The messages that an alarm gives. Who is told second waits from when the first were told, if that is known.
    fn messages(
        &self,
        alarm: &Alarm,
        now: UtcMicros,
        quiet_until: Option<UtcMicros>,
        told_at: Option<UtcMicros>,
    ) -> Vec<Message> {
        let from = quiet_until.unwrap_or(now);
        let late = told_at.unwrap_or(from).plus(self.recipients.escalate_after);
        let Recipients { first, second, .. } = &self.recipients;
        let first = first.iter().map(|to| (to, OPENED, from, alarm.quiet));
        let second = second.iter().map(|to| (to, ESCALATED, late, true));
        let message = |(recipient, event, due_at, only_open): (&String, &'static str, UtcMicros, bool)| {
            let id = key(event, alarm.id, recipient);
            let body = serde_json::to_string(&Body { event, id, alarm: Some(alarm) }).unwrap_or_default();
            let (key, alarm, recipient) = (id, alarm.id, recipient.clone());
            Message { key, alarm, recipient, body, only_open, due_at }
        };
        first.chain(second).map(message).collect()
    }
}

/// Tells for as long as the server runs. A mail server that is slow to answer does not hold up a webhook.
pub async fn run(app: Data<App>) {
    tokio::join!(rounds(&app, Way::Post), rounds(&app, Way::Mail));
}

async fn rounds(app: &App, way: Way) {
    let Some(told) = &app.told else { return };
    let mut turn = Turn::new(way);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let taken = if way == Way::Post { take_in(app, told) } else { Ok(()) };
        let sent = turn.take(app, told).await;
        if let Err(error) = taken.and(sent) {
            tracing::warn!(%error, "nobody is told of alarms; the next round tries again");
        }
    }
}

/// Takes in what the journal tells of alarms, and sends what is due.
pub async fn round(app: &App) -> Result<(), TellError> {
    let Some(told) = &app.told else { return Ok(()) };
    take_in(app, told)?;
    let (mut post, mut mail) = (Turn::new(Way::Post), Turn::new(Way::Mail));
    let (posted, mailed) = tokio::join!(post.take(app, told), mail.take(app, told));
    posted.and(mailed)
}

async fn send_due(app: &App, told: &Told, way: Way) -> Result<(), TellError> {
    let due = told.store.due(way, app.now(), AT_ONCE)?;
    if due.is_empty() || !group::may_tell(app).await {
        return Ok(());
    }
    // Each is marked when it is answered, however long the others take.
    let sent = join_all(due.iter().map(async |due| {
        let outcome = attempt(app, told, due).await?;
        told.store.settle(due.id, &outcome, app.now())?;
        group::note(app, told, due, &outcome).await
    }));
    sent.await.into_iter().collect()
}

fn take_in(app: &App, told: &Told) -> Result<(), TellError> {
    let mut news = false;
    loop {
        let place = told.store.place()?;
        if place.seq >= app.ledger.tip() {
            return if news { group::hear(app, told) } else { group::set_back(app, told, place) };
        }
        news = true;
        let (found, until) = app.ledger.read(|db| queries::alarms::opened_after(db, place.seq))?;
        let mut messages = Vec::new();
        for (seq, event) in found {
            let Event::AlarmOpened(alarm) = event else { continue };
            if place.since.is_some_and(|since| seq <= since)
                && !app.ledger.read(|db| queries::alarms::needs_somebody(db, alarm.id))?
            {
                continue;
            }
            let quiet = if alarm.quiet {
                app.ledger.read(|db| queries::alarms::quiet_until(db, &alarm, app.now()))?
            } else {
                None
            };
            let told_at = group::told_at(app, told, alarm.id)?;
            messages.extend(told.messages(&alarm, app.now(), quiet, told_at));
        }
        told.store.add(&messages, until, app.now())?;
    }
}

async fn attempt(app: &App, told: &Told, due: &Due) -> Result<Outcome, TellError> {
    let message = &due.message;
    if let Some(outcome) = settled(app, message)? {
        return Ok(outcome);
    }
    let letter = letter_of(app, message)?;
    Ok(match told.send(message, letter.as_ref(), app.now()).await {
        Ok(_) => Outcome::Told,
        Err(failure) => {
            let tries = due.tries + 1;
            tracing::warn!(
                to = shown(&message.recipient),
                error = failure.text,
                tries,
                "an alarm could not be told"
            );
            Outcome::Failed { again_at: again_at(&failure, due.tries, app.now()), error: failure.text }
        }
    })
}

/// What became of a message that nobody needs to send.
fn settled(app: &App, message: &Message) -> Result<Option<Outcome>, TellError> {
    if let Some((told, at)) = app.ledger.read(|db| queries::alarms::noted(db, message.key))? {
        return Ok(Some(Outcome::Noted { told, at }));
    }
    let owed =
        !message.only_open || app.ledger.read(|db| queries::alarms::needs_somebody(db, message.alarm))?;
    Ok((!owed).then_some(Outcome::Needless))
}

/// What a message has through all attempts, whoever makes them.
fn key(event: &str, alarm: AlarmId, recipient: &str) -> Uuid {
    derived_id(&[event.as_bytes(), alarm.0.as_bytes(), recipient.as_bytes()])
}

/// When to try again after a failure that had others before it; `None`: never.
fn again_at(failure: &Failure, before: i64, now: UtcMicros) -> Option<UtcMicros> {
    let (wait, most) = if failure.lasting {
        (LONGEST_WAIT, MOST_REFUSALS)
    } else {
        (FIRST_WAIT.saturating_mul(1 << before.clamp(0, 20)).min(LONGEST_WAIT), MOST_TRIES)
    };
    (before + 1 < most).then(|| now.plus(wait))
}

/// The letter for a message that goes by e-mail: of the alarm as it is now, if the ledger still knows it.
fn letter_of(app: &App, message: &Message) -> Result<Option<Letter>, TellError> {
    if Way::to(&message.recipient) == Way::Post {
        return Ok(None);
    }
    let Ok(Occasion { event, alarm }) = serde_json::from_str(&message.body) else { return Ok(None) };
    let (mut alarm, place) = app.ledger.read(|db| {
        let alarm = queries::alarms::by_id(db, message.alarm)?.unwrap_or(alarm);
        let place = queries::alarms::place(db, &alarm, &app.settings.zone)?;
        Ok((alarm, place))
    })?;
    app.alarms.bring_up_to_date(&mut alarm);
    let second = event == ESCALATED;
    Ok(Some(letter::write(&Matter { alarm: &alarm, second, place: &place, now: app.now() })))
}

/// Sends everybody a trial, and tells what was answered. `None`: another trial is under way.
pub async fn trial(app: &App) -> Option<Vec<Telling>> {
    let Some(told) = &app.told else { return Some(Vec::new()) };
    let _one_at_a_time = told.trial.try_acquire().ok()?;
    let letter = letter::trial(app.now(), &app.settings.zone);
    let Recipients { first, second, .. } = &told.recipients;
    let all = first.iter().map(|to| (to, false)).chain(second.iter().map(|to| (to, true)));
    let send = async |(recipient, second): (&String, bool)| {
        let key = CommandId::now().0;
        let body = Body { event: "test", id: key, alarm: None };
        let message = Message {
            key,
            alarm: AlarmId(key),
            recipient: recipient.clone(),
            body: serde_json::to_string(&body).unwrap_or_default(),
            only_open: false,
            due_at: app.now(),
        };
        let sent = tokio::time::timeout(TRIAL_PATIENCE, told.send(&message, Some(&letter), app.now())).await;
        let late = |_| Failure::passing(format!("no answer within {} s", TRIAL_PATIENCE.as_secs()));
        let answer = sent.map_err(late).flatten();
        let told = answer.is_ok();
        let answer = answer.unwrap_or_else(|failure| failure.text);
        Telling { recipient: shown(recipient), second, told, answer }
    };
    Some(join_all(all.map(send)).await)
}

/// A recipient as it is shown.
fn shown(recipient: &str) -> String {
    match Way::to(recipient) {
        Way::Post => webhook::shown(recipient),
        Way::Mail => mail::shown(recipient),
    }
}

/// Minutes as the settings have them.
pub const fn minutes(minutes: u32) -> i64 {
    minutes as i64 * MINUTE
}
