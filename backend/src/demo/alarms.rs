//! Some alarms that were, and one that is open until its sensor tells something better.

use tillwatch_shared::api::{AlarmKind, AlarmSubject, Measure, NewAcknowledgement, Severity};
use tillwatch_shared::time::{DAY, MINUTE};
use tillwatch_shared::{AlarmId, PersonId, SensorId, StoreId};

use super::{SENSORS, submit};
use crate::domain::Payload;
use crate::domain::alarm_rules::{defaults, derived_id};
use crate::domain::alarms::{AcknowledgeAlarm, ClearAlarm, OpenAlarm};
use crate::http::App;
use crate::ledger::SubmitError;

/// One of them, as it was or is.
struct Told {
    /// Place in the list of sensors.
    sensor: usize,
    /// How long ago it fired.
    ago: i64,
    /// How long it lasted; absent: it is open.
    length: Option<i64>,
    worst: f64,
    /// Reason and action.
    words: Option<[&'static str; 2]>,
}

const ALARMS: [Told; 4] = [
    Told {
        sensor: 0,
        ago: 9 * DAY,
        length: Some(50 * MINUTE),
        worst: 11.4,
        words: Some(["Porta aberta na reposição", "Porta fechada; laticínios conferidos"]),
    },
    Told {
        sensor: 2,
        ago: 6 * DAY,
        length: Some(25 * MINUTE),
        worst: 9.1,
        words: Some(["Falta de energia", "Vacinas na caixa térmica até a volta da energia"]),
    },
    Told { sensor: 3, ago: 2 * DAY, length: Some(40 * MINUTE), worst: 10.2, words: None },
    Told { sensor: 1, ago: 20 * MINUTE, length: None, worst: 10.7, words: None },
];

pub async fn fill(app: &App, store: Option<StoreId>, person: Option<PersonId>) -> Result<(), SubmitError> {
    let Some(store_id) = store else { return Ok(()) };
    let rules = defaults(Some(store_id));
    let Some(rule) = rules.iter().find(|rule| rule.settings.watch.kind() == AlarmKind::High) else {
        return Ok(());
    };
    for Told { sensor, ago, length, worst, words } in ALARMS {
        let Some((id, name, _, _, high)) = SENSORS.get(sensor).copied() else { continue };
        let fired_at = app.now().plus(-ago);
        let began_at = fired_at.plus(-10 * MINUTE);
        let alarm_id = AlarmId(derived_id(&[b"demonstration", id.as_bytes()]));
        let alarm = OpenAlarm {
            alarm_id,
            rule_id: rule.id,
            kind: AlarmKind::High,
            measure: Some(Measure::Temperature),
            severity: Severity::Critical,
            store_id: Some(store_id),
            subject: AlarmSubject::Sensor { sensor_id: SensorId::Text(id.to_owned()) },
            name: name.to_owned(),
            limit: Some(high),
            worst: Some(worst),
            began_at,
            fired_at,
            ended_at: None,
            retroactive: false,
            instructions: None,
        };
        submit(app, None, fired_at, Payload::OpenAlarm(alarm)).await?;
        let at = fired_at.plus(length.unwrap_or_default());
        if let Some([reason, action]) = words {
            let acknowledgement = NewAcknowledgement { reason: reason.into(), action: action.into() };
            let payload = Payload::AcknowledgeAlarm(AcknowledgeAlarm { alarm_id, acknowledgement });
            submit(app, person, at, payload).await?;
        }
        if length.is_some() {
            let over = ClearAlarm { alarm_id, ended_at: at, worst: None };
            submit(app, None, at, Payload::ClearAlarm(over)).await?;
        }
    }
    Ok(())
}
