//! Which rule counts where: one for the sensor, one for all of its store, or what is watched for without any. Pure.

use std::collections::BTreeMap;

use tillwatch_shared::StoreId;
use tillwatch_shared::api::{AlarmKind, AlarmRule, AlarmRuleSettings, Measure, SensorSettings};

use crate::domain::alarm_rules::defaults;

/// All rules, those that nobody set among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules(Vec<AlarmRule>);

impl Rules {
    /// What people set, and what counts in these stores without that.
    pub fn new(set: Vec<AlarmRule>, stores: &[StoreId]) -> Self {
        let all = stores.iter().copied().map(Some).chain([None]).flat_map(defaults);
        let replaced =
            |default: &AlarmRule| set.iter().any(|rule| stands_for(&rule.settings, &default.settings));
        let mut rules: Vec<AlarmRule> = all.filter(|default| !replaced(default)).collect();
        rules.extend(set);
        Self(rules)
    }

    pub fn all(&self) -> &[AlarmRule] {
        &self.0
    }

    /// What counts for a sensor: one rule for each kind and measure.
    pub fn of_sensor(&self, id: &str, sensor: &SensorSettings) -> Vec<&AlarmRule> {
        let mut best: BTreeMap<(AlarmKind, Option<Measure>), (bool, &AlarmRule)> = BTreeMap::new();
        for rule in &self.0 {
            let AlarmRuleSettings { store_id, sensor_id, watch, .. } = &rule.settings;
            let own = sensor_id.as_ref().map(ToString::to_string);
            let meant = own.as_ref().is_none_or(|own| own == id);
            if *store_id != Some(sensor.store_id) || !watch.kind().of_sensors() || !meant {
                continue;
            }
            let entry = best.entry((watch.kind(), watch.measure())).or_insert((own.is_some(), rule));
            if own.is_some() {
                *entry = (true, rule);
            }
        }
        best.into_values().map(|(_, rule)| rule).filter(|rule| rule.settings.enabled).collect()
    }

    /// What counts in a store (or in none) for a kind that is not about sensors.
    pub fn of_store(&self, store: Option<StoreId>, kind: AlarmKind) -> Option<&AlarmRule> {
        let found =
            self.0.iter().find(|rule| rule.settings.store_id == store && rule.settings.watch.kind() == kind);
        found.filter(|rule| rule.settings.enabled)
    }
}

/// Whether a rule takes the place of a default.
fn stands_for(rule: &AlarmRuleSettings, default: &AlarmRuleSettings) -> bool {
    rule.sensor_id.is_none()
        && rule.store_id == default.store_id
        && rule.watch.kind() == default.watch.kind()
        && rule.watch.measure() == default.watch.measure()
}
