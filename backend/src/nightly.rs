//! A backup every night, made by the server itself: most shops have nobody who would set one up.
//!
//! Where the machine was off at that time it is made up for when it is on. One that failed is an alarm
//! (`alarms/backups.rs`) and tried again the next night, or by a person before that.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use actix_web::web::Data;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use tillwatch_shared::UtcMicros;

use crate::backups::Backups;
use crate::domain::rows;
use crate::http::App;

/// Between two looks at the clock. The first comes so long after the start, which has other work to do.
const TICK: Duration = Duration::from_mins(1);

/// When backups are made by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nightly {
    Off,
    /// At this time by the server's zone.
    At(Time),
}

#[derive(Debug, thiserror::Error)]
#[error("a time like 03:30, or off")]
pub struct NoTime;

impl FromStr for Nightly {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        match text {
            "off" => Ok(Self::Off),
            _ => Time::strptime("%H:%M", text).map(Self::At).map_err(|_| NoTime),
        }
    }
}

impl fmt::Display for Nightly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(time) => time.strftime("%H:%M").fmt(f),
        }
    }
}

impl Nightly {
    /// The last moment that was one for a backup.
    fn last_due(self, now: UtcMicros, zone: &TimeZone) -> Option<UtcMicros> {
        let Self::At(time) = self else { return None };
        let today = now.timestamp().to_zoned(zone.clone()).date();
        let at = |days: i64| -> Option<Timestamp> {
            let day = today.checked_sub(days.days()).ok()?;
            Some(day.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp())
        };
        let due = at(0).filter(|at| *at <= now.timestamp()).or_else(|| at(1))?;
        Some(UtcMicros(due.as_microsecond()))
    }

    /// Whether there should have been a backup since the newest: not where there was nothing to be copied yet.
    fn is_due(
        self,
        now: UtcMicros,
        zone: &TimeZone,
        newest: Option<UtcMicros>,
        oldest_row: Option<UtcMicros>,
    ) -> bool {
        let Some(due) = self.last_due(now, zone) else { return false };
        oldest_row.is_some_and(|row| row < due) && newest.is_none_or(|newest| newest < due)
    }
}

/// Makes them for as long as the server runs.
pub async fn back_up_nightly(app: Data<App>) {
    let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut tried = None;
    loop {
        tick.tick().await;
        let (shared, now) = (app.clone(), app.now());
        let due = tokio::task::spawn_blocking(move || is_due(&shared, tried, now)).await;
        if due.unwrap_or(false) && Backups::begin(&app) {
            tried = Some(now);
        }
    }
}

/// `tried`: when this server last began one, whatever came of it.
pub fn is_due(app: &App, tried: Option<UtcMicros>, now: UtcMicros) -> bool {
    let oldest = "SELECT server_at FROM journal ORDER BY seq LIMIT 1";
    let oldest = app.ledger.read(|db| rows::one(db, oldest, [], |row| row.get(0).map(UtcMicros)));
    let newest = Backups::newest(app).max(tried);
    oldest.is_ok_and(|oldest| app.settings.nightly.is_due(now, &app.settings.time_zone, newest, oldest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcMicros {
        UtcMicros(text.parse::<Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn a_time_or_off() {
        for text in ["03:30", "00:00", "23:59", "off"] {
            assert_eq!(text.parse::<Nightly>().unwrap().to_string(), text);
        }
        for text in ["", "24:00", "3h", "03:60", "Off", "03:30:00"] {
            assert!(text.parse::<Nightly>().is_err(), "{text}");
        }
    }

    #[test]
    fn once_a_night_and_made_up_for() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let nightly: Nightly = "03:30".parse().unwrap();
        let opened = Some(at("2026-06-10T12:00:00Z"));
        // Half past three there is half past six in UTC.
        for (now, newest, due) in [
            ("2026-06-10T12:00:01Z", None, false),
            ("2026-06-11T06:29:59Z", None, false),
            ("2026-06-11T06:30:00Z", None, true),
            ("2026-06-11T06:31:00Z", Some("2026-06-11T06:30:00Z"), false),
            ("2026-06-11T09:00:00Z", Some("2026-06-10T18:00:00Z"), true),
            ("2026-06-12T06:29:59Z", Some("2026-06-11T06:30:00Z"), false),
            ("2026-06-12T06:30:00Z", Some("2026-06-11T06:30:00Z"), true),
            // Off for days.
            ("2026-06-20T15:00:00Z", Some("2026-06-12T06:30:00Z"), true),
            // One that a person asked for after that time counts.
            ("2026-06-20T15:01:00Z", Some("2026-06-20T14:00:00Z"), false),
            // The clock was put back.
            ("2026-06-20T15:01:00Z", Some("2026-06-25T14:00:00Z"), false),
        ] {
            let is = nightly.is_due(at(now), &zone, newest.map(at), opened);
            assert_eq!(is, due, "{now}, the newest of {newest:?}");
        }
        assert!(!nightly.is_due(at("2026-06-20T15:00:00Z"), &zone, None, None), "there is nothing");
        assert!(!Nightly::Off.is_due(at("2026-06-20T15:00:00Z"), &zone, None, opened));
    }

    #[test]
    fn a_time_that_a_clock_leaves_out_or_shows_twice_is_one_backup() {
        // Clocks went from midnight to one o'clock on 4 November 2018, and back on 17 February 2019.
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let opened = Some(at("2018-01-01T00:00:00Z"));
        for (time, day) in [("00:30", "2018-11-04"), ("23:30", "2019-02-16")] {
            let nightly: Nightly = time.parse().unwrap();
            let (mut now, mut newest, mut made) = (at(&format!("{day}T00:00:00Z")), None, 0);
            let end = now.plus(3 * tillwatch_shared::time::DAY);
            while now < end {
                if nightly.is_due(now, &zone, newest, opened) {
                    newest = Some(now);
                    made += 1;
                }
                now = now.plus(tillwatch_shared::time::MINUTE);
            }
            assert_eq!(made, 4, "{time} on {day}: the one of the day before, and one a day");
        }
    }
}
