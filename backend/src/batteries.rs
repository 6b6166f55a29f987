//! Levels of batteries on their way from readings to the ledger: only what is news goes there.
//!
//! A device tells its battery with each reading, and the level changes by a percent in days. It is noted when it differs
//! by two percent or more, so that one that wavers between two figures is not written down with each reading, or by less
//! when an hour has passed.

use std::collections::HashMap;
use std::sync::Mutex;

use actix_web::web::Data;
use tillwatch_shared::api::Battery;
use tillwatch_shared::time::{HOUR, MINUTE};
use tillwatch_shared::{CommandId, SensorId, UtcMicros};

use crate::domain::batteries::NoteBattery;
use crate::domain::{Payload, batteries};
use crate::http::App;
use crate::locks::lock;

/// What differs by so much is noted at once.
const AT_ONCE: u8 = 2;
/// What the ledger did not take is tried again after so long: the sensor may have been named, the disk have room.
const AGAIN: i64 = MINUTE;
/// Sensors that are remembered; beyond that all are looked up anew.
const MOST: usize = 10_000;

/// What was noted last, or tried to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    battery: Battery,
    /// When that was, by the server's clock.
    at: UtcMicros,
    /// It is in the ledger, or on its way there.
    taken: bool,
}

#[derive(Debug, Default)]
pub struct Batteries(Mutex<HashMap<String, Known>>);

/// A level as a device tells it; none for what can be none.
pub fn level(percent: f64) -> Option<u8> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 to 100")]
    (0.0..=100.0).contains(&percent).then(|| percent.round() as u8)
}

impl Batteries {
    /// Whether it is to be noted now. If so it is remembered as noted.
    fn is_news(
        &self,
        sensor: &str,
        battery: Battery,
        now: UtcMicros,
        noted: impl FnOnce() -> Option<Known>,
    ) -> bool {
        let mut all = lock(&self.0);
        if all.len() >= MOST && !all.contains_key(sensor) {
            all.clear();
        }
        let known = all.get(sensor).copied().or_else(noted);
        let news = known.is_none_or(|known| known.is_outdone_by(battery, now));
        let kept = if news { Some(Known { battery, at: now, taken: true }) } else { known };
        if let Some(kept) = kept {
            all.insert(sensor.to_owned(), kept);
        }
        news
    }

    /// The ledger did not take it.
    fn refused(&self, sensor: &str) {
        if let Some(known) = lock(&self.0).get_mut(sensor) {
            known.taken = false;
        }
    }
}

impl Known {
    fn is_outdone_by(self, battery: Battery, now: UtcMicros) -> bool {
        let differs = self.battery.percent.abs_diff(battery.percent);
        let newer = battery.measured_at >= self.battery.measured_at;
        let age = now.since(self.at).abs();
        if !self.taken {
            return age >= AGAIN;
        }
        newer && (differs >= AT_ONCE || (differs > 0 && age >= HOUR))
    }
}

/// Takes what a device told with a reading that is stored. Nobody waits for it: what cannot be noted now is told again
/// with later readings.
pub fn tell(app: &Data<App>, sensor: &SensorId, percent: f64, measured_at: UtcMicros) {
    let Some(percent) = level(percent) else { return };
    let (now, id) = (app.now(), sensor.to_string());
    // A clock that is ahead would hide all that comes after it.
    let battery = Battery { percent, measured_at: measured_at.min(now) };
    let noted = || {
        let noted = app.ledger.read(|db| batteries::of(db, &id)).ok().flatten();
        noted.map(|battery| Known { battery, at: battery.measured_at, taken: true })
    };
    if !app.batteries.is_news(&id, battery, now, noted) {
        return;
    }
    let (app, sensor_id) = (app.clone(), sensor.clone());
    actix_web::rt::spawn(async move {
        let payload = Payload::NoteBattery(NoteBattery { sensor_id, battery });
        // A sensor that nobody named has no place in the ledger.
        if let Err(error) = app.server_command(CommandId::now(), None, now, payload).await {
            tracing::debug!(%error, "the level of a battery was not noted");
            app.batteries.refused(&id);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(batteries: &Batteries, percent: u8, minute: i64) -> bool {
        let at = UtcMicros(minute * MINUTE);
        batteries.is_news("g", Battery { percent, measured_at: at }, at, || None)
    }

    #[test]
    fn a_level_that_wavers_is_noted_once_an_hour() {
        let batteries = Batteries::default();
        assert!(told(&batteries, 57, 0));
        for minute in 1..60 {
            let wavers = if minute % 2 == 0 { 57 } else { 58 };
            assert!(!told(&batteries, wavers, minute), "{minute}");
        }
        assert!(told(&batteries, 58, 60));
        assert!(told(&batteries, 55, 61), "two percent are news");
        assert!(!told(&batteries, 90, 30), "what was measured before is not");
    }

    #[test]
    fn what_is_noted_already_is_no_news_after_a_start() {
        let batteries = Batteries::default();
        let battery = Battery { percent: 40, measured_at: UtcMicros(0) };
        let known = Known { battery, at: UtcMicros(0), taken: true };
        assert!(!batteries.is_news("g", battery, UtcMicros(MINUTE), || Some(known)));
    }

    #[test]
    fn what_the_ledger_did_not_take_is_told_again() {
        let batteries = Batteries::default();
        assert!(told(&batteries, 18, 0));
        batteries.refused("g");
        assert!(!batteries.is_news(
            "g",
            Battery { percent: 18, measured_at: UtcMicros(1) },
            UtcMicros(1),
            || None
        ));
        assert!(told(&batteries, 18, 1));
        assert!(!told(&batteries, 18, 2));
    }

    #[test]
    fn only_percents_are_levels() {
        assert_eq!([0.0, 19.5, 100.0].map(level), [Some(0), Some(20), Some(100)]);
        assert_eq!([-1.0, 100.5, 3_300.0, f64::NAN].map(level), [None; 4]);
    }
}
