//! A rule about readings, run over what was measured: a day of a sensor at a time.

use std::collections::VecDeque;

use tillwatch_shared::api::{
    AlarmRuleSettings, AlarmSubject, AlarmWatch, Measure, RehearsalLine, SensorSettings, thousandths,
};
use tillwatch_shared::time::{DAY, SECOND};
use tillwatch_shared::{SensorId, UtcMicros, compact};

use super::{Days, Step};
use crate::alarms::machine::{Excursion, Machine, Point, Test};
use crate::alarms::silence::Silence;
use crate::http::{ApiError, App};
use crate::ledger::queries::calibrations;
use crate::telemetry::{Measured, Offsets, Telemetry};

/// Sensors, one after the other.
pub struct Readings {
    telemetry: Telemetry,
    days: Days,
    roles: VecDeque<Role>,
    sensors: usize,
    /// How far the first of the roles has come.
    at: UtcMicros,
}

/// One sensor that is still to be looked at.
struct Role {
    sensor: SensorId,
    name: String,
    offsets: Offsets,
    trial: Trial,
}

/// What a rule is tried with.
enum Trial {
    Values(Machine, Measure),
    Silence(Listener),
}

/// Listens to readings in the order in which they were measured. Unlike the watch it does not know when the server was
/// off: what came late for that reason is silence, too.
struct Listener {
    silence: Silence,
    intervals: i64,
    at_least_seconds: i64,
}

impl Trial {
    fn of(watch: &AlarmWatch, settings: &SensorSettings) -> Option<Self> {
        if let AlarmWatch::Silent { intervals, at_least_seconds } = *watch {
            let silence = Silence::default();
            return Some(Self::Silence(Listener { silence, intervals, at_least_seconds }));
        }
        let measure = watch.measure()?;
        Some(Self::Values(Machine::new(Test::of(watch, settings)?), measure))
    }

    /// What was over within these readings.
    fn run(&mut self, readings: &[Measured]) -> Vec<Excursion> {
        match self {
            Self::Values(machine, measure) => {
                machine.run(readings.iter().map(|one| Point { at: one.at.0, value: measure.of(one.values) }))
            }
            Self::Silence(listener) => readings.iter().filter_map(|one| listener.hear(one)).collect(),
        }
    }

    /// What still goes on then.
    fn goes_on(&self, at: UtcMicros) -> Option<Excursion> {
        match self {
            Self::Values(machine, _) => {
                machine.current().copied().filter(|excursion| excursion.fired.is_some())
            }
            Self::Silence(listener) => listener.silent(at),
        }
    }
}

impl Listener {
    /// The silence that this reading ends, if somebody would have been told of it.
    fn hear(&mut self, reading: &Measured) -> Option<Excursion> {
        let gap = self.silence.gap(reading.at, reading.received_at);
        let silent = gap.and_then(|(from, to)| self.silence_of(from, to));
        self.silence.heard(reading.at, reading.received_at);
        gap.zip(silent).map(|((_, to), silent)| Excursion { ended: Some(to.0), ..silent })
    }

    fn silent(&self, now: UtcMicros) -> Option<Excursion> {
        self.silence_of(self.silence.since(UtcMicros(0))?, now)
    }

    fn silence_of(&self, since: UtcMicros, now: UtcMicros) -> Option<Excursion> {
        let most = (self.intervals * self.silence.usual()).max(self.at_least_seconds * SECOND);
        let length = now.since(since);
        let worst = thousandths(length as f64 / SECOND as f64);
        let fired = Some(since.plus(most).0);
        (length > most).then_some(Excursion { began: since.0, fired, ended: None, worst })
    }
}

impl Readings {
    pub fn of(
        app: &App,
        rule: &AlarmRuleSettings,
        sensors: &[(String, SensorSettings)],
        days: Days,
    ) -> Result<Self, ApiError> {
        let corrections = app.ledger.read(calibrations::corrections)?;
        let role = |(id, settings): &(String, SensorSettings)| {
            let trial = Trial::of(&rule.watch, settings)?;
            let sensor = compact::sensor_id(id)?;
            Some(Role { offsets: corrections.of(&sensor), name: settings.name.clone(), sensor, trial })
        };
        let roles: VecDeque<Role> = sensors.iter().filter_map(role).collect();
        let telemetry = app.telemetry.clone();
        Ok(Self { telemetry, days, sensors: roles.len(), roles, at: days.from })
    }

    pub fn next(&mut self, lines: &mut Vec<RehearsalLine>) -> Result<Step, String> {
        let (at, Days { from, to }) = (self.at, self.days);
        let left = self.roles.len();
        let Some(role) = self.roles.front_mut() else { return Ok(Step { looked_at: 0, percent: 100.0 }) };
        let end = at.plus(DAY).min(to);
        let day = self.telemetry.corrected_readings(&role.sensor, at, end, &role.offsets);
        let day = day.map_err(|error| error.to_string())?;
        let found = role.trial.run(&day);
        let goes_on = if end >= to { role.trial.goes_on(end) } else { None };
        lines.extend(found.iter().chain(&goes_on).map(|excursion| role.told(excursion)));
        let done_of_it = end.since(from) as f64 / to.since(from) as f64;
        let percent = ((self.sensors - left) as f64 + done_of_it) / self.sensors as f64 * 100.0;
        self.at = end;
        if end >= to {
            self.roles.pop_front();
            self.at = from;
        }
        Ok(Step { looked_at: day.len() as u64, percent })
    }

    pub fn is_done(&self) -> bool {
        self.roles.is_empty()
    }
}

impl Role {
    fn told(&self, excursion: &Excursion) -> RehearsalLine {
        RehearsalLine::Alarm {
            subject: AlarmSubject::Sensor { sensor_id: self.sensor.clone() },
            name: self.name.clone(),
            began_at: UtcMicros(excursion.began),
            fired_at: UtcMicros(excursion.fired.unwrap_or(excursion.began)),
            ended_at: excursion.ended.map(UtcMicros),
            worst: Some(thousandths(excursion.worst)),
        }
    }
}
