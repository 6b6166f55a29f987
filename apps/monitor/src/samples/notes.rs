//! What people said of a sensor: one calibration, and notes that overlap.

use jiff::civil::date;
use tillwatch_shared::api::{Annotation, AnnotationKind, Calibration};
use tillwatch_shared::ids::AnnotationId;
use tillwatch_shared::time::MINUTE;
use tillwatch_shared::{PersonId, SensorId, UtcMicros};
use uuid::Uuid;

use super::store;
use crate::sensor_notes::Said;

/// When the calibration of every sensor begins to count, from now.
pub const CALIBRATED: i64 = -9 * MINUTE;
pub const OFFSET: f64 = -0.4;

pub fn said(sensor: &SensorId, now: UtcMicros) -> Said {
    let note = |number: u128, kind, from: i64, to: i64, text: Option<&str>| Annotation {
        id: AnnotationId(Uuid::from_u128(number)),
        sensor_id: sensor.clone(),
        sensor_name: sensor.to_string(),
        store_id: store(0).id,
        kind,
        from: now.plus(from * MINUTE),
        to: now.plus(to * MINUTE),
        text: text.map(str::to_owned),
        person_id: PersonId(Uuid::from_u128(1)),
        person_name: "Maria das Dores".to_owned(),
        noted_at: now,
        withdrawn_because: None,
    };
    let calibration = Calibration {
        sensor_id: sensor.clone(),
        sensor_name: sensor.to_string(),
        store_id: store(0).id,
        from: now.plus(CALIBRATED),
        offset_celsius: OFFSET,
        certificate: "123/2026".to_owned(),
        issued_on: date(2026, 12, 14),
        set_by: PersonId(Uuid::from_u128(1)),
        set_by_name: "Maria das Dores".to_owned(),
        set_at: now,
        withdrawn_because: None,
    };
    Said {
        calibrations: vec![calibration],
        annotations: vec![
            note(11, AnnotationKind::Defrost, -13, -7, Some("como toda sexta")),
            note(12, AnnotationKind::Door, -11, -10, None),
            note(13, AnnotationKind::Other, -4, -4, Some("falta de luz no quarteirão")),
        ],
    }
}
