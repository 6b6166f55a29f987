//! Forms about alarms: what was done about one, a rule, a quiet time.

use tillwatch_shared::api::{
    AlarmKind, AlarmRuleSettings, AlarmWatch, Measure, NewAcknowledgement, QuietTimeSettings, Severity,
};
use tillwatch_shared::time::HOUR;
use tillwatch_shared::{AlarmId, AlarmRuleId, QuietTimeId, SensorId, limits};

use super::build::{ALL, YES, field, fresh, one, row, stores, text, yes_or_no};
use super::order::{Outcome, wrong};
use super::{Choice, Field, Form, Kind, Part};
use crate::alarm_texts::{self, Text};
use crate::lists::{Row, Topic};
use crate::state::State;

const KINDS: [AlarmKind; 14] = [
    AlarmKind::High,
    AlarmKind::Low,
    AlarmKind::Rate,
    AlarmKind::Cumulative,
    AlarmKind::Silent,
    AlarmKind::Frozen,
    AlarmKind::LowStock,
    AlarmKind::Expiring,
    AlarmKind::TillSilent,
    AlarmKind::FeedBroken,
    AlarmKind::ServerBehind,
    AlarmKind::BatteryLow,
    AlarmKind::BackupFailed,
    AlarmKind::JournalDiffers,
];
const MEASURES: [Measure; 3] = [Measure::Temperature, Measure::Humidity, Measure::Pressure];
const SEVERITIES: [Severity; 3] = [Severity::Critical, Severity::Warning, Severity::Notice];
/// The longest quiet time, in hours.
const QUIET_HOURS: i64 = 720;
const EXPIRY_DAYS: i64 = 365;

fn key(of: impl std::fmt::Debug) -> String {
    format!("{of:?}").to_lowercase()
}

fn kind_of(form: &[Field]) -> AlarmKind {
    let chosen = form.iter().find(|field| field.part == Part::Watch).map_or("", |field| &field.value);
    KINDS.into_iter().find(|kind| key(kind) == chosen).unwrap_or(AlarmKind::High)
}

/// The subject and the fields of a form.
pub type Opened = Option<(String, Vec<Field>)>;

/// What was done about an alarm.
pub fn care(id: AlarmId, state: &State) -> Opened {
    let id = id.to_string();
    let found = row(state, Topic::Alarms, &id).or_else(|| row(state, Topic::PastAlarms, &id))?;
    let Row::Alarm(alarm) = found else { return None };
    let fields = vec![
        field(Part::Reason, Text::WhyField, text(limits::TEXT_CHARS), ""),
        field(Part::Action, Text::ActionField, text(limits::TEXT_CHARS), ""),
    ];
    Some((alarm.name.clone(), fields))
}

/// A rule that is there; one that is to go has no fields.
pub fn rule(id: AlarmRuleId, keep: bool, state: &State) -> Opened {
    let Row::Rule(rule) = row(state, Topic::Rules, &id.to_string())? else { return None };
    let kind = rule.settings.watch.kind();
    let fields = if keep { rule_fields(kind, Some(&rule.settings), state) } else { Vec::new() };
    Some((alarm_texts::kind(kind).get(state.lang()).to_owned(), fields))
}

pub fn new_rule(state: &State) -> Vec<Field> {
    rule_fields(AlarmKind::High, None, state)
}

/// A quiet time that is to end.
pub fn end_quiet(id: QuietTimeId, state: &State) -> Opened {
    let Row::Quiet(quiet) = row(state, Topic::Quiet, &id.to_string())? else { return None };
    Some((quiet.settings.reason.clone(), Vec::new()))
}

/// After another kind was chosen: its fields, with what was typed where they are the same.
pub fn rewatch(form: &mut Form, state: &State) {
    let kind = kind_of(&form.fields);
    let mut fields = rule_fields(kind, None, state);
    for field in &mut fields {
        if let Some(old) = form.fields.iter().find(|old| old.part == field.part) {
            field.value.clone_from(&old.value);
            field.before.clone_from(&old.before);
        }
    }
    form.fields = fields;
}

fn every(first: Text, rest: Vec<Choice>, state: &State) -> Kind {
    let mut all = vec![(ALL.to_owned(), first.get(state.lang()).to_owned())];
    all.extend(rest);
    Kind::One(all)
}

fn sensors(state: &State) -> Vec<Choice> {
    state.sensors().iter().map(|sensor| (sensor.id.to_string(), sensor.name.clone())).collect()
}

/// `2,5`, without needless zeros.
fn number(value: f64) -> String {
    format!("{value}").replace('.', ",")
}

fn minutes(seconds: i64) -> String {
    number(seconds as f64 / 60.0)
}

fn rule_fields(kind: AlarmKind, settings: Option<&AlarmRuleSettings>, state: &State) -> Vec<Field> {
    let lang = state.lang();
    let made = |part, label: Text, kind: Kind, value: String| {
        if settings.is_some() { field(part, label, kind, value) } else { fresh(part, label, kind, &value) }
    };
    let kinds = one(&KINDS, key, |kind| alarm_texts::kind(kind).get(lang).to_owned());
    let first = state.stores().first().map(|store| store.id.to_string());
    let store = settings.map_or(first, |settings| settings.store_id.map(|store| store.to_string()));
    let mut fields = vec![made(Part::Watch, Text::WatchField, kinds, key(kind))];
    if !kind.of_no_store() {
        fields.push(made(Part::Store, Text::Store, Kind::One(stores(state)), store.unwrap_or_default()));
    }
    if kind.of_sensors() {
        let sensor = settings.and_then(|settings| settings.sensor_id.as_ref());
        let sensor = sensor.map_or_else(|| ALL.to_owned(), ToString::to_string);
        let offered = every(Text::AllSensors, sensors(state), state);
        fields.push(made(Part::Sensor, Text::SensorField, offered, sensor));
    }
    fields.extend(watch_fields(kind, settings.map(|settings| &settings.watch), lang, &made));
    let severity = settings.map_or(Severity::Warning, |settings| settings.severity);
    let offered = one(&SEVERITIES, key, |one| alarm_texts::severity(one).get(lang).to_owned());
    fields.push(made(Part::Severity, Text::Urgency, offered, key(severity)));
    if let Some(settings) = settings {
        fields.push(yes_or_no(Part::Active, Text::EnabledField, settings.enabled, lang));
    }
    let instructions = settings.and_then(|settings| settings.instructions.clone()).unwrap_or_default();
    fields.push(made(Part::Instructions, Text::InstructionsField, text(limits::TEXT_CHARS), instructions));
    fields
}

/// What the kinds ask for, filled in with what is usual where there is nothing yet.
fn watch_fields(
    kind: AlarmKind,
    watch: Option<&AlarmWatch>,
    lang: tillwatch_desk::Lang,
    made: &impl Fn(Part, Text, Kind, String) -> Field,
) -> Vec<Field> {
    let amount = || Kind::Amount { hint: "" };
    let optional = |value: &Option<f64>| value.map(number).unwrap_or_default();
    let measure = |of: Measure| {
        let offered = one(&MEASURES, key, |one| alarm_texts::measure(one).get(lang).to_owned());
        made(Part::Measure, Text::MeasureField, offered, key(of))
    };
    let held = |part, label, seconds: i64| made(part, label, amount(), minutes(seconds));
    let usual = usual(kind);
    match watch.unwrap_or(&usual) {
        AlarmWatch::High { measure: of, limit, recovery_margin, delay_seconds }
        | AlarmWatch::Low { measure: of, limit, recovery_margin, delay_seconds } => vec![
            measure(*of),
            made(Part::Limit, Text::LimitField, amount(), optional(limit)),
            held(Part::Minutes, Text::MinutesField, *delay_seconds),
            made(Part::Margin, Text::MarginField, amount(), number(*recovery_margin)),
        ],
        AlarmWatch::Rate { measure: of, per_minute, window_seconds } => vec![
            measure(*of),
            made(Part::PerMinute, Text::PerMinuteField, amount(), number(*per_minute)),
            held(Part::Window, Text::WindowField, *window_seconds),
        ],
        AlarmWatch::Cumulative { measure: of, low, high, seconds, window_seconds } => vec![
            measure(*of),
            made(Part::Low, Text::LowEndField, amount(), optional(low)),
            made(Part::High, Text::HighEndField, amount(), optional(high)),
            held(Part::Minutes, Text::MinutesField, *seconds),
            held(Part::Window, Text::WindowField, *window_seconds),
        ],
        AlarmWatch::Silent { intervals, at_least_seconds } => vec![
            made(Part::Intervals, Text::IntervalsField, amount(), intervals.to_string()),
            held(Part::Minutes, Text::AtLeastField, *at_least_seconds),
        ],
        AlarmWatch::Frozen { measure: of, seconds } => {
            vec![measure(*of), held(Part::Minutes, Text::MinutesField, *seconds)]
        }
        AlarmWatch::TillSilent { seconds } => vec![held(Part::Minutes, Text::MinutesField, *seconds)],
        AlarmWatch::Expiring { days } => {
            vec![made(Part::Days, Text::DaysField, amount(), days.to_string())]
        }
        AlarmWatch::ServerBehind { entries, seconds } => vec![
            made(Part::Entries, Text::EntriesField, amount(), entries.to_string()),
            held(Part::Minutes, Text::MinutesField, *seconds),
        ],
        AlarmWatch::BatteryLow { percent, recovery_percent } => vec![
            made(Part::Percent, Text::PercentField, amount(), percent.to_string()),
            made(Part::Recovery, Text::RecoveryField, amount(), recovery_percent.to_string()),
        ],
        AlarmWatch::LowStock {}
        | AlarmWatch::FeedBroken {}
        | AlarmWatch::BackupFailed {}
        | AlarmWatch::JournalDiffers {} => Vec::new(),
    }
}

fn usual(kind: AlarmKind) -> AlarmWatch {
    let measure = Measure::Temperature;
    match kind {
        AlarmKind::High => {
            AlarmWatch::High { measure, limit: None, recovery_margin: 0.5, delay_seconds: 600 }
        }
        AlarmKind::Low => AlarmWatch::Low { measure, limit: None, recovery_margin: 0.5, delay_seconds: 600 },
        AlarmKind::Rate => AlarmWatch::Rate { measure, per_minute: 1.0, window_seconds: 300 },
        AlarmKind::Cumulative => {
            AlarmWatch::Cumulative { measure, low: None, high: None, seconds: 3_600, window_seconds: 86_400 }
        }
        AlarmKind::Silent => AlarmWatch::Silent { intervals: 3, at_least_seconds: 300 },
        AlarmKind::Frozen => AlarmWatch::Frozen { measure, seconds: 21_600 },
        AlarmKind::LowStock => AlarmWatch::LowStock {},
        AlarmKind::Expiring => AlarmWatch::Expiring { days: 7 },
        AlarmKind::TillSilent => AlarmWatch::TillSilent { seconds: 300 },
        AlarmKind::FeedBroken => AlarmWatch::FeedBroken {},
        AlarmKind::ServerBehind => AlarmWatch::ServerBehind { entries: 100, seconds: 120 },
        AlarmKind::BatteryLow => AlarmWatch::BatteryLow { percent: 20, recovery_percent: 30 },
        AlarmKind::BackupFailed => AlarmWatch::BackupFailed {},
        AlarmKind::JournalDiffers => AlarmWatch::JournalDiffers {},
    }
}

pub fn quiet_fields(state: &State) -> Vec<Field> {
    let lang = state.lang();
    let kinds = KINDS.iter().filter(|kind| !kind.of_no_store());
    let kinds = kinds.map(|kind| (key(kind), alarm_texts::kind(*kind).get(lang).to_owned()));
    let first = state.stores().first().map(|store| store.id.to_string()).unwrap_or_default();
    vec![
        fresh(Part::Store, Text::Store, Kind::One(stores(state)), &first),
        fresh(Part::Sensor, Text::SensorField, every(Text::Everything, sensors(state), state), ALL),
        fresh(Part::Watch, Text::Kind, every(Text::Everything, kinds.collect(), state), ALL),
        fresh(Part::Hours, Text::HoursField, Kind::Amount { hint: "1" }, "2"),
        field(Part::Reason, Text::Reason, text(limits::TEXT_CHARS), ""),
    ]
}

impl Form {
    fn written(&self, part: Part, why: Text) -> Outcome<String> {
        let text = self.value(part);
        if text.is_empty() { Err(wrong(part, why)) } else { Ok(text.to_owned()) }
    }

    pub(super) fn care(&self) -> Outcome<NewAcknowledgement> {
        Ok(NewAcknowledgement {
            reason: self.written(Part::Reason, Text::WriteWhy)?,
            action: self.written(Part::Action, Text::WriteAction)?,
        })
    }

    fn optional_number(&self, part: Part) -> Outcome<Option<f64>> {
        let text = self.value(part);
        if text.is_empty() {
            return Ok(None);
        }
        let value: Option<f64> = text.replace('−', "-").replace(',', ".").parse().ok();
        value.filter(|value| value.is_finite()).map(Some).ok_or(wrong(part, Text::WrongNumber))
    }

    fn number(&self, part: Part) -> Outcome<f64> {
        self.optional_number(part)?.ok_or(wrong(part, Text::WrongNumber))
    }

    #[expect(clippy::cast_possible_truncation, reason = "minutes of at most a year are checked before")]
    fn seconds(&self, part: Part, least: i64) -> Outcome<i64> {
        const YEAR: f64 = 525_600.0;
        let minutes = self.optional_number(part)?.filter(|minutes| (0.0..=YEAR).contains(minutes));
        let seconds = minutes.map(|minutes| (minutes * 60.0).round() as i64);
        seconds.filter(|seconds| *seconds >= least).ok_or(wrong(part, Text::WrongMinutes))
    }

    fn whole(&self, part: Part, range: std::ops::RangeInclusive<i64>, why: Text) -> Outcome<i64> {
        let number: Option<i64> = self.value(part).parse().ok();
        number.filter(|number| range.contains(number)).ok_or(wrong(part, why))
    }

    fn measure(&self) -> Measure {
        let chosen = self.value(Part::Measure);
        MEASURES.into_iter().find(|one| key(one) == chosen).unwrap_or_default()
    }

    /// A limit may be left out only for temperatures, which have a band.
    fn limit(&self, part: Part) -> Outcome<Option<f64>> {
        let limit = self.optional_number(part)?;
        if limit.is_none() && self.measure() != Measure::Temperature {
            return Err(wrong(part, Text::WrongNumber));
        }
        Ok(limit)
    }

    fn sensor_id(&self) -> Option<SensorId> {
        let chosen = self.value(Part::Sensor);
        // Ids that are numbers come as numbers.
        let id = || chosen.parse().map_or_else(|_| SensorId::Text(chosen.to_owned()), SensorId::Number);
        (!chosen.is_empty() && chosen != ALL).then(id)
    }

    pub(super) fn rule(&self) -> Outcome<AlarmRuleSettings> {
        let kind = kind_of(&self.fields);
        let store_id = if kind.of_no_store() {
            None
        } else {
            Some(self.value(Part::Store).parse().map_err(|_| wrong(Part::Store, Text::ChooseStore))?)
        };
        let severity = self.value(Part::Severity);
        let instructions = self.value(Part::Instructions);
        let active = self.fields.iter().find(|field| field.part == Part::Active);
        Ok(AlarmRuleSettings {
            store_id,
            sensor_id: self.sensor_id(),
            watch: self.watch(kind)?,
            severity: SEVERITIES.into_iter().find(|one| key(one) == severity).unwrap_or(Severity::Warning),
            enabled: active.is_none_or(|field| field.value == YES),
            instructions: (!instructions.is_empty()).then(|| instructions.to_owned()),
        })
    }

    fn watch(&self, kind: AlarmKind) -> Outcome<AlarmWatch> {
        let measure = self.measure();
        let margin = || {
            let margin = self.optional_number(Part::Margin)?.unwrap_or_default();
            if margin < 0.0 { Err(wrong(Part::Margin, Text::WrongNumber)) } else { Ok(margin) }
        };
        Ok(match kind {
            AlarmKind::High => AlarmWatch::High {
                measure,
                limit: self.limit(Part::Limit)?,
                delay_seconds: self.seconds(Part::Minutes, 0)?,
                recovery_margin: margin()?,
            },
            AlarmKind::Low => AlarmWatch::Low {
                measure,
                limit: self.limit(Part::Limit)?,
                delay_seconds: self.seconds(Part::Minutes, 0)?,
                recovery_margin: margin()?,
            },
            AlarmKind::Rate => {
                let per_minute = self.number(Part::PerMinute)?;
                if per_minute <= 0.0 {
                    return Err(wrong(Part::PerMinute, Text::WrongNumber));
                }
                AlarmWatch::Rate { measure, per_minute, window_seconds: self.seconds(Part::Window, 1)? }
            }
            AlarmKind::Cumulative => self.cumulative(measure)?,
            AlarmKind::Silent => AlarmWatch::Silent {
                intervals: self.whole(Part::Intervals, 1..=1_000, Text::WrongNumber)?,
                at_least_seconds: self.seconds(Part::Minutes, 1)?,
            },
            AlarmKind::Frozen => AlarmWatch::Frozen { measure, seconds: self.seconds(Part::Minutes, 1)? },
            AlarmKind::LowStock => AlarmWatch::LowStock {},
            AlarmKind::Expiring => {
                AlarmWatch::Expiring { days: self.whole(Part::Days, 0..=EXPIRY_DAYS, Text::WrongDays)? }
            }
            AlarmKind::TillSilent => AlarmWatch::TillSilent { seconds: self.seconds(Part::Minutes, 1)? },
            AlarmKind::FeedBroken => AlarmWatch::FeedBroken {},
            AlarmKind::BackupFailed => AlarmWatch::BackupFailed {},
            AlarmKind::JournalDiffers => AlarmWatch::JournalDiffers {},
            AlarmKind::ServerBehind => AlarmWatch::ServerBehind {
                entries: self.whole(Part::Entries, 1..=limits::ALARM_ENTRIES, Text::WrongEntries)?,
                seconds: self.seconds(Part::Minutes, 0)?,
            },
            AlarmKind::BatteryLow => {
                let percent = self.whole(Part::Percent, 1..=99, Text::WrongPercent)?;
                let recovery_percent = self.whole(Part::Recovery, percent..=100, Text::WrongRecovery)?;
                AlarmWatch::BatteryLow { percent, recovery_percent }
            }
        })
    }

    fn cumulative(&self, measure: Measure) -> Outcome<AlarmWatch> {
        let (low, high) = (self.optional_number(Part::Low)?, self.optional_number(Part::High)?);
        if low.or(high).is_none() && measure != Measure::Temperature {
            return Err(wrong(Part::High, Text::WrongNumber));
        }
        if low.zip(high).is_some_and(|(low, high)| low > high) {
            return Err(wrong(Part::High, Text::WrongNumber));
        }
        let window_seconds = self.seconds(Part::Window, 1)?;
        let seconds = self.seconds(Part::Minutes, 1)?;
        if seconds > window_seconds {
            return Err(wrong(Part::Minutes, Text::WrongWindow));
        }
        Ok(AlarmWatch::Cumulative { measure, low, high, seconds, window_seconds })
    }

    pub(super) fn quiet(&self) -> Outcome<QuietTimeSettings> {
        let chosen = self.value(Part::Watch);
        let hours = self.whole(Part::Hours, 1..=QUIET_HOURS, Text::WrongHours)?;
        Ok(QuietTimeSettings {
            store_id: self.value(Part::Store).parse().map_err(|_| wrong(Part::Store, Text::ChooseStore))?,
            sensor_id: self.sensor_id(),
            alarm_kind: KINDS.into_iter().find(|kind| key(kind) == chosen),
            reason: self.written(Part::Reason, Text::WriteWhy)?,
            from: None,
            until: self.opened_at.plus(hours * HOUR),
        })
    }
}
