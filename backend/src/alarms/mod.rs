//! Watching: what readings, goods, tills and feeds show, against the rules.
//!
//! What is found becomes commands of the ledger (`domain/alarms.rs`); here is what is needed to find it. Delays and
//! windows have no file of their own: after a start the readings are looked at again, as far back as they count, so
//! a delay goes on where it was, and no state can differ from the readings.
//!
//! `machine` one rule and the readings of one sensor (pure) · `watcher` with what is recorded (pure) · `rules` which
//! rule counts where (pure) · `silence` who is not heard (pure) · `sensors` all of them, and history · `servers`
//! members of the group that are behind (pure) · `conditions` goods, tills, feeds, batteries and servers · `backups`
//! each server's own · `inbox` readings on their way here · `board` what those who ask are told · `job` the loop.

mod backups;
mod board;
mod conditions;
#[cfg(test)]
mod conditions_tests;
mod inbox;
mod job;
pub mod machine;
pub mod rules;
mod sensors;
pub mod servers;
pub mod silence;
#[cfg(test)]
mod tests;
pub mod watcher;

use tillwatch_shared::api::{AlarmRule, AlarmSubject};
use tillwatch_shared::{AlarmId, CommandId, UtcMicros};

pub use self::backups::{look_at_backups, watch_backups};
pub use self::board::{Board, Figures};
pub use self::job::{Watch, WatchError, round, run};
use crate::domain::alarm_rules::derived_id;
use crate::domain::alarms::{ClearAlarm, OpenAlarm};
use crate::domain::rows::Word;

/// What was found.
#[derive(Debug)]
enum Finding {
    Alarm(Box<OpenAlarm>),
    Over(ClearAlarm),
    /// An open alarm's worst value so far.
    Worse(AlarmId, f64),
}

/// An alarm of a rule, with its times and numbers still to be said.
fn alarm_of(rule: &AlarmRule, subject: AlarmSubject, name: String) -> OpenAlarm {
    let settings = &rule.settings;
    OpenAlarm {
        alarm_id: AlarmId(uuid::Uuid::nil()),
        rule_id: rule.id,
        kind: settings.watch.kind(),
        measure: settings.watch.measure(),
        severity: settings.severity,
        store_id: settings.store_id,
        subject,
        name,
        limit: None,
        worst: None,
        began_at: UtcMicros(0),
        fired_at: UtcMicros(0),
        ended_at: None,
        retroactive: false,
        instructions: settings.instructions.clone(),
    }
}

impl OpenAlarm {
    /// With an id that is made of what it is: found again after a fall, it is the same alarm.
    fn identified(self) -> Self {
        let subject = serde_json::to_vec(&self.subject).unwrap_or_default();
        let parts: [&[u8]; 6] = [
            b"alarm",
            self.rule_id.0.as_bytes(),
            &subject,
            self.kind.word().as_bytes(),
            self.measure.map_or("", Word::word).as_bytes(),
            &self.began_at.0.to_le_bytes(),
        ];
        Self { alarm_id: AlarmId(derived_id(&parts)), ..self }
    }
}

/// The id of the command that does something to an alarm, once.
fn command_id(what: &str, alarm: AlarmId) -> CommandId {
    CommandId(derived_id(&[what.as_bytes(), alarm.0.as_bytes()]))
}
