//! Forms about a sensor's calibration and about what is noted of a time of it.

use jiff::tz::TimeZone;
use tillwatch_desk::format;
use tillwatch_shared::api::{
    AnnotationKind, AnnotationWithdrawal, CalibrationWithdrawal, NewAnnotation, NewCalibration, Sensor,
};
use tillwatch_shared::ids::AnnotationId;
use tillwatch_shared::limits::{ANNOTATION_DAYS, CALIBRATION_CELSIUS, NAME_CHARS, TEXT_CHARS};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{SensorId, UtcMicros};

use super::alarms::Opened;
use super::build::{field, fresh, one, text};
use super::order::{Outcome, wrong};
use super::{About, Field, Form, Kind, Part};
use crate::reports::{parse_day, parse_moment};
use crate::sensor_notes_texts::{self as texts, Text};
use crate::state::State;
use crate::update::may_calibrate;

const KINDS: [AnnotationKind; 4] =
    [AnnotationKind::Defrost, AnnotationKind::Cleaning, AnnotationKind::Door, AnnotationKind::Other];
/// `31/12/2026 14:30`
const MOMENT_CHARS: usize = 16;

fn key(kind: AnnotationKind) -> String {
    format!("{kind:?}").to_lowercase()
}

fn moment_kind() -> Kind {
    Kind::Text { hint: "31/12/2026 14:30", limit: MOMENT_CHARS }
}

fn found<'s>(state: &'s State, sensor: &SensorId) -> Option<&'s Sensor> {
    state.sensors().iter().find(|known| known.id == *sensor && known.store_id.is_some())
}

/// The zone in which the form's times are meant: that of the sensor's store.
pub fn zone(about: &About, state: &State) -> TimeZone {
    let (About::Calibrate(sensor) | About::Annotate(sensor)) = about else { return state.zone(None) };
    state.zone(found(state, sensor).and_then(|sensor| sensor.store_id))
}

/// A calibration that counts from now on, unless another moment is typed.
pub fn calibrate(sensor: &SensorId, state: &State, zone: &TimeZone) -> Opened {
    let known = found(state, sensor).filter(|_| may_calibrate(state))?;
    let now = format::date_time(state.server_now(state.seen_at), zone);
    let fields = vec![
        field(Part::Offset, Text::Offset, Kind::Amount { hint: "-0,4" }, ""),
        field(Part::Certificate, Text::Certificate, text(NAME_CHARS), ""),
        field(Part::IssuedOn, Text::IssuedOn, Kind::Text { hint: "31/12/2026", limit: 10 }, ""),
        fresh(Part::From, Text::CountsFrom, moment_kind(), &now),
    ];
    Some((known.name.clone(), fields))
}

fn why() -> Vec<Field> {
    vec![field(Part::Reason, Text::Why, text(TEXT_CHARS), "")]
}

pub fn withdraw_calibration(sensor: &SensorId, from: UtcMicros, state: &State) -> Opened {
    let said = state.notes.about(sensor).filter(|_| may_calibrate(state))?;
    let one = said.calibrations.iter().find(|one| one.from == from)?;
    Some((texts::mark(one, state.lang()), why()))
}

/// About the time in sight, up to now.
pub fn annotate(sensor: &SensorId, state: &State, zone: &TimeZone) -> Opened {
    let known = found(state, sensor)?;
    let range = state.range(&state.sensor_charts, state.seen_at);
    let ends = [range.from, range.to].map(|at| format::date_time(UtcMicros(at), zone));
    let [from, to] = &ends;
    let lang = state.lang();
    let kinds = one(&KINDS, key, |kind| texts::kind(kind).get(lang).to_owned());
    let fields = vec![
        fresh(Part::Watch, Text::Kind, kinds, &key(AnnotationKind::Defrost)),
        fresh(Part::From, Text::From, moment_kind(), from),
        fresh(Part::To, Text::To, moment_kind(), to),
        field(Part::Instructions, Text::Words, text(TEXT_CHARS), ""),
    ];
    Some((known.name.clone(), fields))
}

pub fn withdraw_note(id: AnnotationId, state: &State) -> Opened {
    let said = state.notes.said.value()?;
    let one = said.annotations.iter().find(|one| one.id == id)?;
    Some((texts::short(one, state.lang()), why()))
}

impl Form {
    fn moment(&self, part: Part) -> Outcome<Option<UtcMicros>> {
        let typed = self.value(part);
        if typed.is_empty() {
            return Ok(None);
        }
        parse_moment(typed, &self.zone).map(Some).ok_or(wrong(part, Text::WrongMoment))
    }

    fn begin(&self) -> Outcome<UtcMicros> {
        self.moment(Part::From)?.ok_or(wrong(Part::From, Text::WrongMoment))
    }

    fn why(&self) -> Outcome<String> {
        Some(self.value(Part::Reason).to_owned())
            .filter(|reason| !reason.is_empty())
            .ok_or(wrong(Part::Reason, Text::WrongWhy))
    }

    pub(super) fn calibration(&self) -> Outcome<NewCalibration> {
        let offset: Option<f64> = self.value(Part::Offset).replace('−', "-").replace(',', ".").parse().ok();
        let most = CALIBRATION_CELSIUS as f64;
        let offset_celsius = offset.filter(|offset| (-most..=most).contains(offset));
        let offset_celsius = offset_celsius.ok_or(wrong(Part::Offset, Text::WrongOffset))?;
        let certificate = self.value(Part::Certificate).to_owned();
        if certificate.is_empty() {
            return Err(wrong(Part::Certificate, Text::WrongCertificate));
        }
        let issued_on = parse_day(self.value(Part::IssuedOn)).ok_or(wrong(Part::IssuedOn, Text::WrongDay))?;
        Ok(NewCalibration { from: self.begin()?, offset_celsius, certificate, issued_on })
    }

    pub(super) fn calibration_withdrawal(&self, from: UtcMicros) -> Outcome<CalibrationWithdrawal> {
        Ok(CalibrationWithdrawal { from, reason: self.why()? })
    }

    pub(super) fn annotation(&self) -> Outcome<NewAnnotation> {
        let chosen = self.value(Part::Watch);
        let kind = KINDS.into_iter().find(|kind| key(*kind) == chosen).unwrap_or(AnnotationKind::Other);
        let words = self.value(Part::Instructions);
        if words.is_empty() && kind == AnnotationKind::Other {
            return Err(wrong(Part::Instructions, Text::WrongWords));
        }
        let (from, to) = (self.begin()?, self.moment(Part::To)?);
        if to.is_some_and(|to| !(0..=ANNOTATION_DAYS * DAY).contains(&to.since(from))) {
            return Err(wrong(Part::To, Text::WrongEnd));
        }
        Ok(NewAnnotation { kind, from, to, text: (!words.is_empty()).then(|| words.to_owned()) })
    }

    pub(super) fn annotation_withdrawal(&self) -> Outcome<AnnotationWithdrawal> {
        Ok(AnnotationWithdrawal { reason: self.why()? })
    }
}
