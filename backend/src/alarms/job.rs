//! The loop: takes what came, looks at it, and tells the ledger. Nothing is lost when the ledger refuses for a
//! while: what was found waits, in its order.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use actix_web::web::Data;
use tillwatch_shared::api::SensorSettings;
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{CommandId, UtcMicros};

use super::board::Figures;
use super::conditions::{Conditions, Facts};
use super::rules::Rules;
use super::sensors::{HORIZON, Sensors};
use super::{Finding, command_id};
use crate::domain::alarms::ClearAlarm;
use crate::domain::{Command, Payload};
use crate::group::here::View;
use crate::http::App;
use crate::ledger::{SubmitError, queries};
use crate::telemetry::{Corrections, Measured, ReadError};

/// How often silence, goods, tills, feeds, batteries and servers are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How often all of these but silence are.
const CONDITIONS_EVERY: i64 = 5 * SECOND;
/// Commands at once, of a queue that holds far more.
const AT_ONCE: usize = 64;

/// Why a round was broken off. The next one goes on.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    #[error("the ledger cannot be read: {0}")]
    Ledger(#[from] rusqlite::Error),
    #[error(transparent)]
    Readings(#[from] ReadError),
    #[error("the ledger did not take it: {0}")]
    Refused(String),
    #[error("the work was broken off")]
    Stopped,
}

/// All that is watched.
#[derive(Debug)]
pub struct Watch {
    sensors: Sensors,
    conditions: Conditions,
    rules: Rules,
    named: Vec<(String, SensorSettings)>,
    corrections: Corrections,
    since: UtcMicros,
    /// The journal's end when rules and sensors were read last.
    arranged_at: Option<i64>,
    looked_at: Option<UtcMicros>,
    waiting: VecDeque<(CommandId, Payload)>,
    figures: Figures,
}

/// Watches for as long as the server runs.
pub async fn run(app: Data<App>) {
    let mut watch = None;
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut trouble = false;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = app.alarms.inbox.rung() => {}
        }
        let outcome = round(&app, &mut watch).await;
        if let Err(error) = &outcome
            && !trouble
        {
            tracing::warn!(%error, "alarms are late; the next round tries again");
        }
        trouble = outcome.is_err();
    }
}

/// One look at everything that came.
pub async fn round(app: &Data<App>, watch: &mut Option<Watch>) -> Result<(), WatchError> {
    let (shared, known) = (app.clone(), watch.take());
    let looked = tokio::task::spawn_blocking(move || {
        let mut watch = match known {
            Some(watch) => watch,
            None => Watch::begin(&shared)?,
        };
        let outcome = watch.look(&shared);
        Ok::<_, WatchError>((watch, outcome))
    });
    let (mut looked, outcome) = looked.await.map_err(|_| WatchError::Stopped)??;
    looked.submit(app).await;
    let figures = Figures { waiting: looked.waiting.len(), ..looked.figures };
    app.alarms.tell(figures);
    *watch = Some(looked);
    outcome
}

impl Watch {
    /// From what the ledger has.
    fn begin(app: &App) -> Result<Self, WatchError> {
        let now = app.now();
        let alarms = app.ledger.read(|db| queries::alarms::known_since(db, now.plus(-2 * HORIZON)))?;
        Ok(Self {
            conditions: Conditions::new(&alarms),
            sensors: Sensors::new(alarms),
            rules: Rules::default(),
            named: Vec::new(),
            corrections: Corrections::default(),
            since: now,
            arranged_at: None,
            looked_at: None,
            waiting: VecDeque::new(),
            figures: Figures::default(),
        })
    }

    fn look(&mut self, app: &App) -> Result<(), WatchError> {
        let begun = Instant::now();
        let now = app.now();
        self.arrange(app, now)?;
        let outcome = if app.lacks_readings() {
            // In older readings what is too warm now is over, and a sensor that sends is silent.
            let _ = app.alarms.inbox.take();
            self.sensors.look_at_all();
            self.since = now;
            Ok(())
        } else {
            self.look_at_sensors(app, now)
        };
        self.look_at_conditions(app, now)?;
        self.figures.sensors = self.sensors.len();
        self.figures.open = self.sensors.open() + self.conditions.open();
        self.figures.last_round_seconds = begun.elapsed().as_secs_f64();
        Ok(outcome?)
    }

    /// Takes the readings that came, and looks at what is silent.
    fn look_at_sensors(&mut self, app: &App, now: UtcMicros) -> Result<(), ReadError> {
        let (stored, lost) = app.alarms.inbox.take();
        if lost {
            self.sensors.look_at_all();
        }
        let mut oldest = now;
        for stored in &stored {
            for reading in stored.readings(&(0..stored.len())) {
                let (at, received_at) = (reading.measured_at, reading.received_at);
                oldest = oldest.min(received_at);
                let measured = Measured { at, received_at, values: reading.values };
                let findings = self.sensors.take(reading.sensor, &measured, now);
                self.note(app, findings);
            }
        }
        self.figures.readings += stored.iter().map(|stored| stored.len() as u64).sum::<u64>();
        let mut findings = Vec::new();
        let outcome = self.sensors.catch_up(&app.telemetry, now, &mut findings);
        self.note(app, findings);
        // The clock may have been set back.
        self.since = self.since.min(now);
        let silent = self.sensors.listen(now, self.since);
        self.note(app, silent);
        self.figures.lag_seconds = now.since(oldest) as f64 / SECOND as f64;
        outcome
    }

    /// Rules, sensors, calibrations and stores, where the ledger has changed.
    fn arrange(&mut self, app: &App, now: UtcMicros) -> Result<(), WatchError> {
        let tip = app.ledger.tip();
        if self.arranged_at == Some(tip) {
            return Ok(());
        }
        let (set, stores, named, corrections) = app.ledger.read(|db| {
            let (set, stores) = (queries::alarms::rules(db)?, queries::alarms::stores(db)?);
            Ok((set, stores, queries::sensors::named(db)?, queries::calibrations::corrections(db)?))
        })?;
        let rules = Rules::new(set, &stores);
        if rules != self.rules || named != self.named || corrections != self.corrections {
            let findings = self.sensors.arrange(named.clone(), &rules, &corrections, now);
            self.note(app, findings);
            (self.rules, self.named, self.corrections) = (rules, named, corrections);
            self.looked_at = None;
        }
        self.arranged_at = Some(tip);
        Ok(())
    }

    fn look_at_conditions(&mut self, app: &App, now: UtcMicros) -> Result<(), WatchError> {
        if self.looked_at.is_some_and(|looked| (0..CONDITIONS_EVERY).contains(&now.since(looked))) {
            return Ok(());
        }
        let feeds: Vec<_> = app.feeds.all().into_iter().collect();
        let terminals = app.pulse.heard();
        let servers = app.group.as_ref().map(View::lags).unwrap_or_default();
        let facts = Facts {
            now,
            rules: &self.rules,
            feeds: &feeds,
            terminals: &terminals,
            named: &self.named,
            servers: &servers,
        };
        let conditions = &mut self.conditions;
        let findings = app.ledger.read(|db| conditions.look(db, &facts))?;
        self.note(app, findings);
        app.alarms.patience(self.sensors.patience());
        self.looked_at = Some(now);
        Ok(())
    }

    fn note(&mut self, app: &App, findings: Vec<Finding>) {
        for finding in findings {
            match finding {
                Finding::Worse(alarm, worst) => app.alarms.worse(alarm, worst),
                Finding::Alarm(alarm) => {
                    let id = command_id("open", alarm.alarm_id);
                    self.waiting.push_back((id, Payload::OpenAlarm(*alarm)));
                }
                Finding::Over(over) => {
                    let told = app.alarms.over(over.alarm_id);
                    let over = ClearAlarm { worst: over.worst.or(told), ..over };
                    self.waiting.push_back((command_id("clear", over.alarm_id), Payload::ClearAlarm(over)));
                }
            }
        }
    }

    /// Tells the ledger, in order. What it cannot take now waits for the next round.
    async fn submit(&mut self, app: &App) {
        while !self.waiting.is_empty() {
            let count = self.waiting.len().min(AT_ONCE);
            let commands = self.waiting.iter().take(count).cloned().map(|(id, payload)| {
                let now = app.now();
                app.ledger.submit(Command {
                    id,
                    actor: None,
                    till: None,
                    client_at: now,
                    server_at: now,
                    payload,
                })
            });
            for outcome in futures_util::future::join_all(commands).await {
                match outcome {
                    Ok(_) => {}
                    Err(SubmitError::Rejected(error)) => {
                        tracing::error!(%error, "an alarm was refused by the ledger");
                    }
                    Err(
                        SubmitError::Busy
                        | SubmitError::Unavailable(_)
                        | SubmitError::Closed
                        | SubmitError::NoCoordinator
                        | SubmitError::OlderMember(_)
                        | SubmitError::Unknown
                        | SubmitError::Refused,
                    ) => return,
                }
                self.waiting.pop_front();
            }
        }
    }
}
