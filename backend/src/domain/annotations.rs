//! Annotations: what a person knows about a time of a sensor. They change no figure.

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Annotation, AnnotationKind, AnnotationWithdrawal, Event, NewAnnotation, Role};
use tillwatch_shared::ids::AnnotationId;
use tillwatch_shared::limits::ANNOTATION_DAYS;
use tillwatch_shared::time::DAY;
use tillwatch_shared::{PersonId, SensorId, StoreId, UtcMicros, compact};

use super::quiet_times::required;
use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, check, sensors};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddAnnotation {
    pub sensor_id: SensorId,
    pub annotation: NewAnnotation,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WithdrawAnnotation {
    pub annotation_id: AnnotationId,
    pub withdrawal: AnnotationWithdrawal,
}

impl AddAnnotation {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let NewAnnotation { kind, from, to, text } = &self.annotation;
        check::moment("from", *from)?;
        let to = to.unwrap_or(*from);
        check::moment("to", to)?;
        if !(0..=ANNOTATION_DAYS * DAY).contains(&to.since(*from)) {
            return Err(Rejection::invalid("to", Invalid::TooLong { days: ANNOTATION_DAYS }));
        }
        match (check::text("text", text.as_deref())?, kind) {
            (None, AnnotationKind::Other) => Err(Rejection::invalid("text", Invalid::Missing)),
            (None, AnnotationKind::Defrost | AnnotationKind::Cleaning | AnnotationKind::Door)
            | (Some(_), _) => Ok(()),
        }
    }
}

impl WithdrawAnnotation {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        required("reason", &self.withdrawal.reason).map(drop)
    }
}

pub(super) fn add(cx: &Context<'_>, p: &AddAnnotation) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let store = sensors::workplace(cx, &caller, &p.sensor_id)?;
    let NewAnnotation { kind, from, to, text } = &p.annotation;
    let id = AnnotationId(cx.command.id.0);
    rows::run(
        cx.db,
        "INSERT INTO annotation (uid, sensor, kind, starts_at, ends_at, words, person, noted_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            id.0.as_bytes().as_slice(),
            p.sensor_id.to_string(),
            kind.word(),
            from.0,
            to.unwrap_or(*from).0,
            check::text("text", text.as_deref())?,
            caller.key,
            cx.command.server_at.0,
        ),
    )?;
    let (added, _) = load(cx.db, id)?.ok_or(Rejection::Unknown(Noun::Annotation))?;
    Ok(Applied { event: Event::AnnotationAdded(added), store: Some(store) })
}

/// Whoever made it may, and managers.
pub(super) fn withdraw(cx: &Context<'_>, p: &WithdrawAnnotation) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let unknown = Rejection::Unknown(Noun::Annotation);
    let (mut gone, _) = load(cx.db, p.annotation_id)?.filter(|(_, withdrawn)| !withdrawn).ok_or(unknown)?;
    let store = sensors::workplace(cx, &caller, &gone.sensor_id)?;
    if gone.person_id != caller.id && caller.role < Role::Manager {
        return Err(Rejection::RoleNotAllowed.into());
    }
    let reason = required("reason", &p.withdrawal.reason)?;
    rows::run(
        cx.db,
        "UPDATE annotation SET withdrawn = ?2 WHERE uid = ?1",
        (p.annotation_id.0.as_bytes().as_slice(), &reason),
    )?;
    gone.withdrawn_because = Some(reason);
    Ok(Applied { event: Event::AnnotationWithdrawn(gone), store: Some(store) })
}

/// What [`from_row`] reads.
pub const COLUMNS: &str =
    "annotation.uid, annotation.sensor, sensor.name, store.uid, annotation.kind, starts_at,
    ends_at, words, person.uid, person.name, noted_at, withdrawn
    FROM annotation JOIN sensor ON sensor.id = annotation.sensor JOIN store ON store.id = sensor.store
    JOIN person ON person.id = annotation.person";

pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Annotation> {
    let sensor: String = row.get(1)?;
    Ok(Annotation {
        id: AnnotationId(rows::id(row, 0)?),
        sensor_id: compact::sensor_id(&sensor).unwrap_or(SensorId::Text(sensor)),
        sensor_name: row.get(2)?,
        store_id: StoreId(rows::id(row, 3)?),
        kind: AnnotationKind::from_column(row, 4)?,
        from: UtcMicros(row.get(5)?),
        to: UtcMicros(row.get(6)?),
        text: row.get(7)?,
        person_id: PersonId(rows::id(row, 8)?),
        person_name: row.get(9)?,
        noted_at: UtcMicros(row.get(10)?),
        withdrawn_because: None,
    })
}

/// With whether it was withdrawn.
fn load(db: &Connection, id: AnnotationId) -> rusqlite::Result<Option<(Annotation, bool)>> {
    let sql = format!("SELECT {COLUMNS} WHERE annotation.uid = ?1");
    rows::one(db, &sql, [id.0.as_bytes().as_slice()], |row| {
        Ok((from_row(row)?, row.get::<_, Option<String>>(11)?.is_some()))
    })
}
