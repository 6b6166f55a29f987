//! Rules about feeds, servers and backups: of these nothing is kept but the alarms that there were.

use tillwatch_shared::api::{Alarm, AlarmWatch, RehearsalLine};
use tillwatch_shared::time::SECOND;

use super::{Days, Step};
use crate::ledger::Ledger;
use crate::ledger::queries::alarms;

pub struct Past {
    pub ledger: Ledger,
    pub watch: AlarmWatch,
    pub days: Days,
}

impl Past {
    pub fn all(&self, lines: &mut Vec<RehearsalLine>) -> Result<Step, String> {
        let found = self.ledger.read(|db| alarms::of_kind(db, self.watch.kind(), self.days.from));
        let found = found.map_err(|error| error.to_string())?;
        let looked_at = found.len() as u64;
        lines.extend(found.into_iter().filter(|alarm| self.would(alarm)).map(|alarm| RehearsalLine::Alarm {
            subject: alarm.subject,
            name: alarm.name,
            began_at: alarm.began_at,
            fired_at: alarm.fired_at,
            ended_at: alarm.ended_at,
            worst: alarm.worst,
        }));
        Ok(Step { looked_at, percent: 100.0 })
    }

    /// Whether it would have been one under this rule, too. The others of this kind have nothing that can be set.
    fn would(&self, alarm: &Alarm) -> bool {
        let AlarmWatch::ServerBehind { entries, seconds } = self.watch else { return true };
        let lasted = alarm.ended_at.unwrap_or(self.days.to).since(alarm.began_at);
        alarm.worst.is_none_or(|worst| worst > entries as f64) && lasted >= seconds * SECOND
    }
}
