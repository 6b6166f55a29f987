//! `tillwatch simulate sensors`: a shop's devices, their past first and then live.
//!
//! The past goes by batch with its own times. Then every reading is posted by itself, as simple
//! devices do. While the server is away readings are kept (bounded) and later sent by batch.

mod backlog;
mod fleet;
mod model;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use clap::Args;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{BatchResult, NewReading};
use tillwatch_shared::client::{Client, ClientError, ClientOptions, Language, PlainReading};
use tillwatch_shared::limits::BATCH_READINGS;

use crate::account::Following;
use crate::{CliError, clock, parse_span, say};
use backlog::{Backlog, Link};
use fleet::Fleet;
use model::Happening;

/// Readings that are kept while the server is away: about nine hours of six devices at 2 s.
const BACKLOG_READINGS: usize = 100_000;
/// A longest backfill of a year keeps a slip of the finger from running for days.
const LONGEST_BACKFILL: Duration = Duration::from_hours(366 * 24);

#[derive(Debug, Args)]
pub struct SensorsArgs {
    /// Addresses of servers, separated by commas; one of them is enough to find the others of its group.
    #[arg(long, default_value = "http://127.0.0.1:8080", value_delimiter = ',')]
    server: Vec<String>,
    /// Key that may write readings; `demo` is the key of a demonstration server.
    #[arg(long, env = "TILLWATCH_API_KEY", default_value = "demo", hide_env_values = true)]
    api_key: String,
    /// Time between two readings of a device.
    #[arg(long, default_value = "2s", value_parser = parse_span)]
    every: Duration,
    /// How much of the past to send first.
    #[arg(long, value_parser = parse_span)]
    backfill: Option<Duration>,
    /// The same seed plays the same day again; on the default one nothing is amiss a day later.
    #[arg(long, default_value_t = 4)]
    seed: u64,
    /// How many devices: a room, a freezer and for the rest fridges.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=1000))]
    count: u16,
}

/// Runs until it is stopped, or the server refuses the key.
pub async fn sensors(args: &SensorsArgs) -> Result<(), CliError> {
    let every = i64::try_from(args.every.as_micros()).unwrap_or(0);
    if !(1000..=86_400_000_000).contains(&every) {
        return Err(CliError::Usage("--every must be between 1ms and 24h".into()));
    }
    let past = args.backfill.unwrap_or_default();
    if past > LONGEST_BACKFILL {
        return Err(CliError::Usage("--backfill may be a year at most".into()));
    }
    let client = Client::new(&ClientOptions {
        servers: args.server.clone(),
        language: Language::English,
        ..ClientOptions::default()
    })?;
    let _following = Following::with_key(&client, &args.api_key);
    let past = i64::try_from(past.as_micros()).unwrap_or(0);
    // Readings lie on whole multiples of the interval, so that sending a past again finds it there.
    let now = clock::now();
    let first = UtcMicros(now.plus(-past).0.div_euclid(every).saturating_mul(every));
    let fleet = Fleet::new(usize::from(args.count), args.seed, first);
    say::line(format_args!(
        "{} devices send to {} every {:?}; stop with Ctrl-C",
        fleet.len(),
        client.server(),
        args.every
    ));
    let mut devices = Devices {
        client,
        api_key: args.api_key.clone(),
        fleet,
        every,
        next: first.plus(every),
        backlog: Backlog::new(BACKLOG_READINGS),
        link: Link::new(),
    };
    if past > 0 {
        devices.send_past(now).await?;
    }
    devices.live().await
}

struct Devices {
    client: Client,
    api_key: String,
    fleet: Fleet,
    every: i64,
    /// When the devices measure next.
    next: UtcMicros,
    backlog: Backlog,
    link: Link,
}

impl Devices {
    /// Sends what the devices would have measured before `until`.
    async fn send_past(&mut self, until: UtcMicros) -> Result<(), CliError> {
        let started = Instant::now();
        let (mut stored, mut there) = (0_u64, 0_u64);
        let first = self.next;
        let mut batch = Vec::with_capacity(BATCH_READINGS);
        while self.next < until {
            let (readings, _) = self.fleet.read_at(self.next);
            self.next = self.next.plus(self.every);
            batch.extend(readings);
            if batch.len() + self.fleet.len() > BATCH_READINGS || self.next >= until {
                let result = self.send_until_taken(&batch).await?;
                stored += u64::from(result.stored);
                there += u64::from(result.duplicate);
                batch.clear();
            }
        }
        say::event(
            clock::now(),
            format_args!(
                "past sent: {stored} readings since {first} in {:.1} s, {there} were there already",
                started.elapsed().as_secs_f64()
            ),
        );
        Ok(())
    }

    /// Sends a batch, again and again while the server is away or busy.
    async fn send_until_taken(&mut self, batch: &[NewReading]) -> Result<BatchResult, CliError> {
        loop {
            match self.client.send_readings_compact(&self.api_key, batch).await {
                Ok(result) => {
                    self.say_back(clock::now(), batch.len());
                    say_refused(clock::now(), &result);
                    return Ok(result);
                }
                Err(error) => {
                    let wait = self.say_away(clock::now(), error)?;
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    async fn live(&mut self) -> Result<(), CliError> {
        say::event(clock::now(), "live");
        loop {
            let now = clock::now();
            self.measure(now);
            self.send(now).await?;
            let pause = self.next.since(clock::now()).clamp(0, self.every);
            tokio::time::sleep(Duration::from_micros(u64::try_from(pause).unwrap_or(0))).await;
        }
    }

    /// Takes all measurements that are due. More than the backlog holds (the machine slept) are
    /// not worth making up.
    fn measure(&mut self, now: UtcMicros) {
        let held = i64::try_from(BACKLOG_READINGS / self.fleet.len().max(1)).unwrap_or(i64::MAX);
        let earliest = now.plus(-held.saturating_mul(self.every));
        if self.next < earliest {
            self.next = UtcMicros(earliest.0.div_euclid(self.every).saturating_mul(self.every));
        }
        while self.next <= now {
            let (readings, events) = self.fleet.read_at(self.next);
            for event in events {
                say::event(self.next, format_args!("{}: {}", event.sensor_id, describe(event.happening)));
            }
            self.backlog.push(readings);
            self.next = self.next.plus(self.every);
        }
        // The clock was set back: start over from there.
        if self.next.since(now) > self.every {
            self.next = UtcMicros(now.0.div_euclid(self.every).saturating_mul(self.every)).plus(self.every);
        }
    }

    /// Sends what is there: one by one what was measured just now, by batch what is older, because
    /// only a batch says when it was measured.
    async fn send(&mut self, now: UtcMicros) -> Result<(), CliError> {
        if self.backlog.is_empty() || !self.link.may_try(now) {
            return Ok(());
        }
        let fresh = self.link.is_up() && self.backlog.len() <= self.fleet.len();
        let result = if fresh { self.send_singly().await } else { self.send_by_batch(now).await };
        match result {
            Ok(()) => Ok(()),
            Err(error) => self.say_away(now, error).map(drop),
        }
    }

    async fn send_singly(&mut self) -> Result<(), ClientError> {
        while let Some(reading) = self.backlog.first() {
            let plain = PlainReading {
                sensor_id: reading.sensor_id.clone(),
                temperature: reading.temperature,
                humidity: reading.humidity,
                pressure: reading.pressure,
            };
            self.client.send_reading(&self.api_key, &plain).await?;
            self.backlog.sent(1);
        }
        Ok(())
    }

    async fn send_by_batch(&mut self, now: UtcMicros) -> Result<(), ClientError> {
        let late = self.backlog.len();
        while !self.backlog.is_empty() {
            let batch = self.backlog.oldest(BATCH_READINGS);
            let result = self.client.send_readings_compact(&self.api_key, &batch).await?;
            say_refused(now, &result);
            self.backlog.sent(batch.len());
        }
        self.say_back(now, late);
        Ok(())
    }

    fn say_back(&mut self, now: UtcMicros, late: usize) {
        let Some(since) = self.link.succeeded() else { return };
        let away = Duration::from_micros(u64::try_from(now.since(since)).unwrap_or(0));
        say::event(now, format_args!("server is back after {} s: {late} kept readings sent", away.as_secs()));
        let dropped = self.backlog.take_dropped();
        if dropped > 0 {
            say::event(now, format_args!("{dropped} older readings did not fit and are lost"));
        }
    }

    /// Says that the server is away, once; waiting does not help against other errors.
    fn say_away(&mut self, now: UtcMicros, error: ClientError) -> Result<Duration, CliError> {
        if !error.is_temporary() {
            return Err(error.into());
        }
        let was_up = self.link.is_up();
        let wait = self.link.failed(now, error.retry_after_seconds());
        if was_up {
            say::event(now, format_args!("{error}: readings are kept, next try in {} s", wait.as_secs()));
        }
        Ok(wait)
    }
}

fn say_refused(now: UtcMicros, result: &BatchResult) {
    if result.refused > 0 {
        say::event(now, format_args!("the server refused {} readings of a batch", result.refused));
    }
}

const fn describe(happening: Happening) -> &'static str {
    match happening {
        Happening::DoorOpened => "door opened",
        Happening::DoorClosed => "door closed",
        Happening::DefrostBegan => "defrost began",
        Happening::DefrostEnded => "defrost ended",
    }
}
