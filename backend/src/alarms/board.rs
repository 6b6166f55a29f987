//! What is known of alarms beyond the ledger, for those who ask: the worst value so far, and figures.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tillwatch_shared::AlarmId;
use tillwatch_shared::api::Alarm;

use super::inbox::Inbox;
use crate::locks::lock;
use crate::telemetry::{Listener, Telemetry};

/// Shared by those who watch and those who ask.
#[derive(Debug, Default)]
pub struct Board {
    pub(super) inbox: Arc<Inbox>,
    worst: Mutex<HashMap<AlarmId, f64>>,
    /// Counts the changes of `worst`.
    version: AtomicU64,
    figures: Mutex<Figures>,
    /// After how long each sensor counts as silent, in microseconds.
    patience: Mutex<HashMap<String, i64>>,
}

/// For `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    pub open: usize,
    /// Sensors that are watched.
    pub sensors: usize,
    /// How long the last look took.
    pub last_round_seconds: f64,
    /// How long the oldest reading of the last look had waited since it was received.
    pub lag_seconds: f64,
    pub readings: u64,
    /// Commands that wait for the ledger.
    pub waiting: usize,
}

impl Board {
    /// From now on readings come here as soon as they are stored.
    pub fn listen_to(&self, telemetry: &Telemetry) {
        telemetry.listen(Arc::clone(&self.inbox) as Arc<dyn Listener>);
    }

    /// Grows with each change that the journal does not have.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Rules, sensors or stores have changed: they are looked at now rather than soon.
    pub fn rules_changed(&self) {
        self.inbox.ring();
    }

    /// The worst value so far, into an alarm as the ledger has it.
    pub fn bring_up_to_date(&self, alarm: &mut Alarm) {
        if alarm.ended_at.is_none()
            && let Some(worst) = lock(&self.worst).get(&alarm.id)
        {
            alarm.worst = Some(*worst);
        }
    }

    /// After how long without a reading a sensor counts as silent, in microseconds; none where it is not watched here.
    pub fn silent_after(&self, sensor: &str) -> Option<i64> {
        lock(&self.patience).get(sensor).copied()
    }

    pub(super) fn patience(&self, patience: HashMap<String, i64>) {
        *lock(&self.patience) = patience;
    }

    pub fn figures(&self) -> Figures {
        *lock(&self.figures)
    }

    pub(super) fn tell(&self, figures: Figures) {
        *lock(&self.figures) = figures;
    }

    pub(super) fn worse(&self, alarm: AlarmId, worst: f64) {
        if lock(&self.worst).insert(alarm, worst) != Some(worst) {
            self.version.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Forgets what was told of it, and gives it back.
    pub(super) fn over(&self, alarm: AlarmId) -> Option<f64> {
        lock(&self.worst).remove(&alarm)
    }
}
