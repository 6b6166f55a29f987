//! Alarms of the made-up chain, their rules and a quiet time.

use tillwatch_shared::api::{
    Acknowledgement, Alarm, AlarmHistory, AlarmKind, AlarmRule, AlarmRuleSettings, AlarmStep, AlarmStepKind,
    AlarmSubject, AlarmWatch, Measure, QuietTime, QuietTimeSettings, RehearsalLine, Severity,
};
use tillwatch_shared::time::{DAY, HOUR, MINUTE};
use tillwatch_shared::{AlarmId, AlarmRuleId, PersonId, QuietTimeId, UtcMicros};

use super::{SENSORS, sensor_id, store, uuid};

/// The newest are open.
pub const fn is_open(number: i64) -> bool {
    number > 5
}

fn kind(number: i64) -> (AlarmKind, Option<f64>, Option<f64>) {
    match number % 3 {
        0 => (AlarmKind::High, Some(8.0), Some(9.1)),
        1 => (AlarmKind::Silent, Some(600.0), Some(1_260.0)),
        _ => (AlarmKind::Low, Some(2.0), Some(0.4)),
    }
}

pub fn alarm(number: i64, now: UtcMicros) -> Alarm {
    let (kind, limit, worst) = kind(number);
    let place = usize::try_from(number).unwrap_or_default();
    let open = is_open(number);
    let began_at = if open { now.plus(-number * 4 * MINUTE) } else { now.plus((number - 6) * DAY) };
    let cared = number % 2 == 0;
    let severity = match number % 3 {
        0 => Severity::Critical,
        1 => Severity::Warning,
        _ => Severity::Notice,
    };
    Alarm {
        id: AlarmId(uuid(29, number)),
        number,
        rule_id: AlarmRuleId(uuid(30, number % 3)),
        kind,
        measure: (kind != AlarmKind::Silent).then_some(Measure::Temperature),
        severity,
        store_id: Some(store(place % 2).id),
        subject: AlarmSubject::Sensor { sensor_id: sensor_id(place % SENSORS.len()) },
        name: SENSORS.get(place % SENSORS.len()).map_or("", |sensor| sensor.0).to_owned(),
        limit,
        worst,
        began_at,
        fired_at: began_at.plus(10 * MINUTE),
        ended_at: (!open).then(|| began_at.plus(50 * MINUTE)),
        retroactive: number == 1,
        quiet: number == 7,
        instructions: (number == 6).then(|| "Leve as vacinas à geladeira do fundo.".to_owned()),
        acknowledgement: cared.then(|| Acknowledgement {
            person_id: PersonId(uuid(4, 2)),
            person_name: "Maria das Dores".to_owned(),
            reason: "A porta ficou aberta na entrega.".to_owned(),
            action: "Fechei e conferi o termômetro meia hora depois.".to_owned(),
            at: began_at.plus(20 * MINUTE),
        }),
    }
}

pub fn history(id: AlarmId, now: UtcMicros) -> AlarmHistory {
    let alarm = (1..=9).map(|number| alarm(number, now)).find(|alarm| alarm.id == id);
    let alarm = alarm.unwrap_or_else(|| self::alarm(9, now));
    let step = |at, what, detail: Option<&str>| AlarmStep {
        at,
        what,
        person_name: None,
        detail: detail.map(str::to_owned),
    };
    let steps = vec![
        step(alarm.fired_at, AlarmStepKind::Opened, None),
        step(alarm.fired_at.plus(MINUTE), AlarmStepKind::Told, Some("gerente@loja.example")),
    ];
    AlarmHistory { alarm, steps }
}

/// What Tillwatch watches for by itself, and one rule that the shop set.
pub fn rules() -> Vec<AlarmRule> {
    let measure = Measure::Temperature;
    let watches = [
        AlarmWatch::High { measure, limit: None, recovery_margin: 0.5, delay_seconds: 600 },
        AlarmWatch::Silent { intervals: 3, at_least_seconds: 300 },
        AlarmWatch::High { measure, limit: Some(7.5), recovery_margin: 0.5, delay_seconds: 1_200 },
        AlarmWatch::BatteryLow { percent: 20, recovery_percent: 30 },
    ];
    let made = watches.into_iter().zip(0_i64..).map(|(watch, number)| AlarmRule {
        id: AlarmRuleId(uuid(30, number)),
        is_default: number != 2,
        settings: AlarmRuleSettings {
            store_id: Some(store(0).id),
            sensor_id: (number == 2).then(|| sensor_id(0)),
            watch,
            severity: Severity::Critical,
            enabled: true,
            instructions: None,
        },
    });
    made.collect()
}

pub fn quiet(number: i64, now: UtcMicros) -> QuietTime {
    QuietTime {
        id: QuietTimeId(uuid(31, number)),
        settings: QuietTimeSettings {
            store_id: store(0).id,
            sensor_id: Some(sensor_id(2)),
            alarm_kind: None,
            reason: "Degelo do freezer".to_owned(),
            from: None,
            until: now.plus(2 * HOUR),
        },
        from: now.plus(-HOUR),
        set_by: PersonId(uuid(4, 1)),
        set_by_name: "Lucas".to_owned(),
        set_at: now.plus(-HOUR),
    }
}

/// Silences of tills are known for a month.
pub fn rehearsal_of(kind: AlarmKind, now: UtcMicros) -> Vec<RehearsalLine> {
    let known =
        (kind == AlarmKind::TillSilent).then(|| RehearsalLine::KnownSince { at: now.plus(-30 * DAY) });
    known.into_iter().chain(rehearsal(now)).collect()
}

/// Three times in the last 90 days; the last goes on.
pub fn rehearsal(now: UtcMicros) -> Vec<RehearsalLine> {
    let fired = [-80, -31, 0].map(|days| {
        let began_at = now.plus(days * DAY - 3 * HOUR);
        RehearsalLine::Alarm {
            subject: AlarmSubject::Sensor { sensor_id: sensor_id(0) },
            name: SENSORS[0].0.to_owned(),
            began_at,
            fired_at: began_at.plus(10 * MINUTE),
            ended_at: (days < 0).then(|| began_at.plus(47 * MINUTE)),
            worst: Some(9.4),
        }
    });
    fired.into_iter().chain([RehearsalLine::Done { alarms: 3, readings: 129_600 }]).collect()
}
