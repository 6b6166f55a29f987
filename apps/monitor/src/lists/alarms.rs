//! Rows about alarms: what is open and what to do about it, what is over, the rules, and the quiet times.

use tillwatch_desk::format;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::Tone;
use tillwatch_shared::StoreId;
use tillwatch_shared::api::{Alarm, AlarmRule, QuietTime, Severity};

use super::{Cell, Column, Context};
use crate::alarm_texts::{self, Text};

pub const OPEN: &[Column] = &[
    Column::alarm(Text::Urgency, 96.0).always(),
    Column::alarm(Text::ToDo, 0.0).always(),
    Column::alarm(Text::About, 150.0).always(),
    Column::alarm(Text::WatchesFor, 170.0),
    Column::alarm(Text::Worst, 92.0).right(),
    Column::alarm(Text::Since, 96.0).always(),
    Column::alarm(Text::Care, 150.0),
];

pub const PAST: &[Column] = &[
    Column::alarm(Text::Began, 134.0).always(),
    Column::alarm(Text::About, 0.0).always(),
    Column::alarm(Text::WatchesFor, 170.0).always(),
    Column::alarm(Text::Worst, 92.0).right(),
    Column::alarm(Text::Store, 140.0),
    Column::alarm(Text::Ended, 134.0),
    Column::alarm(Text::Care, 150.0).always(),
];

pub const RULES: &[Column] = &[
    Column::alarm(Text::WatchesFor, 0.0).always(),
    Column::alarm(Text::For, 200.0).always(),
    Column::alarm(Text::Store, 180.0),
    Column::alarm(Text::Urgency, 100.0),
    Column::alarm(Text::State, 110.0).always(),
];

pub const QUIET: &[Column] = &[
    Column::alarm(Text::Store, 170.0).always(),
    Column::alarm(Text::For, 170.0),
    Column::alarm(Text::Kind, 180.0),
    Column::alarm(Text::Until, 134.0).always(),
    Column::alarm(Text::Reason, 0.0).always(),
    Column::alarm(Text::SetBy, 140.0),
];

pub const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical => Tone::Danger,
        Severity::Warning => Tone::Attention,
        Severity::Notice => Tone::Info,
    }
}

fn urgency(severity: Severity, context: &Context) -> Cell {
    // The most urgent first.
    let cell = Cell::number(alarm_texts::severity(severity).get(context.lang), -(severity as i64));
    cell.tone(tone(severity))
}

/// Who took care of it, if anybody did.
pub fn care(alarm: &Alarm, context: &Context) -> Cell {
    let lang = context.lang;
    match &alarm.acknowledgement {
        Some(care) => Cell::text(Text::SeenBy.with(lang, &[("name", &care.person_name)])).tone(Tone::Good),
        None if alarm.quiet => Cell::text(Text::QuietNow.get(lang)),
        None => Cell::text(Text::NotSeen.get(lang)).tone(Tone::Attention),
    }
}

fn store(store: Option<StoreId>, context: &Context) -> Cell {
    Cell::text(store.map_or(Text::EveryStore.get(context.lang), |store| context.store(store)))
}

fn moment(at: tillwatch_shared::UtcMicros, store: Option<StoreId>, context: &Context) -> Cell {
    let zone = store.map_or(&context.zone, |store| context.zone(store));
    Cell::number(format::date_time(at, zone), at.0)
}

pub fn passes(alarm: &Alarm, choice: usize) -> bool {
    match choice {
        1 => alarm.acknowledgement.is_none(),
        _ => alarm.acknowledgement.is_some(),
    }
}

pub fn open(alarm: &Alarm, context: &Context) -> Vec<Cell> {
    let age = context.now.since(alarm.began_at);
    vec![
        urgency(alarm.severity, context),
        Cell::text(alarm_texts::to_do(alarm, context.lang)),
        Cell::text(alarm.name.as_str()),
        Cell::text(alarm_texts::kind(alarm.kind).get(context.lang)),
        Cell::text(alarm_texts::figure(alarm, alarm.worst, context.lang)),
        Cell::number(format::age(context.lang, age), -alarm.began_at.0),
        care(alarm, context),
    ]
}

pub fn past(alarm: &Alarm, context: &Context) -> Vec<Cell> {
    let ended = alarm.ended_at.map_or_else(|| Cell::text("–"), |at| moment(at, alarm.store_id, context));
    vec![
        moment(alarm.began_at, alarm.store_id, context),
        Cell::text(alarm.name.as_str()),
        Cell::text(alarm_texts::kind(alarm.kind).get(context.lang)),
        Cell::text(alarm_texts::figure(alarm, alarm.worst, context.lang)),
        store(alarm.store_id, context),
        ended,
        care(alarm, context),
    ]
}

pub fn rule(rule: &AlarmRule, context: &Context) -> Vec<Cell> {
    let lang = context.lang;
    let settings = &rule.settings;
    let sensor = settings.sensor_id.as_ref().map(ToString::to_string);
    let all = if settings.watch.kind().of_sensors() { Text::AllSensors } else { Text::Everything };
    let (state, state_tone) = match (settings.enabled, rule.is_default) {
        (false, _) => (Text::Off, Some(Tone::Neutral)),
        (true, true) => (Text::ByItself, None),
        (true, false) => (Text::OwnRule, Some(Tone::Info)),
    };
    vec![
        Cell::text(alarm_texts::rule(&settings.watch, lang)),
        Cell::text(sensor.unwrap_or_else(|| all.get(lang).to_owned())),
        store(settings.store_id, context),
        urgency(settings.severity, context),
        Cell::text(state.get(lang)).tone(state_tone),
    ]
}

pub fn quiet(quiet: &QuietTime, context: &Context) -> Vec<Cell> {
    let lang = context.lang;
    let settings = &quiet.settings;
    let sensor = settings.sensor_id.as_ref().map(ToString::to_string);
    let kinds = settings.alarm_kind.map_or(Text::Everything, alarm_texts::kind);
    vec![
        Cell::text(context.store(settings.store_id)),
        Cell::text(sensor.unwrap_or_else(|| Text::Everything.get(lang).to_owned())),
        Cell::text(kinds.get(lang)),
        moment(settings.until, Some(settings.store_id), context),
        Cell::text(settings.reason.as_str()),
        Cell::text(quiet.set_by_name.as_str()),
    ]
}
