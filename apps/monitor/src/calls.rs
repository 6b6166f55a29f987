//! What calls a person to this machine: which alarms were told, which are to be told again, and whether the desktop
//! passes it on. `update::calls` decides, `notice` does it.

use std::collections::BTreeMap;

use tillwatch_shared::api::{Alarm, AlarmSubject, QuietTime};
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{AlarmId, UtcMicros};

/// Waits that are offered before a critical alarm is told again, in minutes; 0 is never.
pub const REPEATS: [u32; 4] = [0, 5, 15, 30];

#[derive(Debug, Default)]
pub struct Calls {
    /// Alarms that opened since the last call.
    pub news: Vec<Alarm>,
    /// Critical ones that were told and that nobody has taken care of, each with when it was told last.
    pub nagging: BTreeMap<AlarmId, Nag>,
    /// Open ones that nobody was told of, as somebody had asked for quiet.
    pub hushed: BTreeMap<AlarmId, Alarm>,
    /// As the change feed tells them.
    pub quiet: Vec<QuietTime>,
    /// What the desktop did with the last call.
    pub reach: Option<Reach>,
    /// The person knows that calls do not reach them here.
    pub warned: bool,
}

#[derive(Debug)]
pub struct Nag {
    pub alarm: Alarm,
    pub told_at: UtcMicros,
}

/// Something to be shown and heard outside of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub title: String,
    pub body: String,
    /// It stays on the screen until somebody closes it.
    pub urgent: bool,
    pub show: bool,
    pub sound: bool,
}

/// Whether a call came through. What was not asked for counts as come through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    pub shown: bool,
    pub heard: bool,
}

/// What a person sets about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallAct {
    Sound(bool),
    Show(bool),
    /// One of [`REPEATS`].
    Repeat(u32),
    /// A call as an alarm would make it.
    Try,
}

impl Nag {
    pub fn is_due(&self, repeat_minutes: u32, now: UtcMicros) -> bool {
        repeat_minutes > 0 && now.since(self.told_at) >= i64::from(repeat_minutes) * MINUTE
    }
}

/// Whether somebody asked for quiet about this alarm, at a moment of the server's clock.
pub fn is_quiet(quiet: &[QuietTime], alarm: &Alarm, now: UtcMicros) -> bool {
    quiet.iter().any(|quiet| {
        let settings = &quiet.settings;
        let sensor = match &alarm.subject {
            AlarmSubject::Sensor { sensor_id } => Some(sensor_id),
            AlarmSubject::Product { .. }
            | AlarmSubject::Lot { .. }
            | AlarmSubject::Terminal { .. }
            | AlarmSubject::Feed { .. }
            | AlarmSubject::Server { .. }
            | AlarmSubject::Backups { .. } => None,
        };
        quiet.from <= now
            && now < settings.until
            && alarm.store_id == Some(settings.store_id)
            && settings.sensor_id.as_ref().is_none_or(|only| Some(only) == sensor)
            && settings.alarm_kind.is_none_or(|only| only == alarm.kind)
    })
}
