//! Which server of a group coordinates, and why. Each begins with this, before anything else that it puts into the log.

use rusqlite::Row;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Coordination, CoordinationCause, Event};
use tillwatch_shared::{CommandId, UtcMicros};
use uuid::Uuid;

use super::alarm_rules::derived_id;
use super::rejection::ApplyError;
use super::rows::{self, Word};
use super::{Applied, Context, access};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeCoordination {
    pub group: Uuid,
    pub term: u64,
    pub member: u64,
    pub cause: CoordinationCause,
}

impl TakeCoordination {
    /// The same for the same term and member: however often it is said, it is written once.
    pub fn id(&self) -> CommandId {
        CommandId(derived_id(&[
            b"coordination",
            self.group.as_bytes(),
            &self.term.to_le_bytes(),
            &self.member.to_le_bytes(),
        ]))
    }
}

pub(super) fn take(cx: &Context<'_>, p: &TakeCoordination) -> Result<Applied, ApplyError> {
    access::server_only(cx)?;
    let newest = "SELECT member FROM coordination ORDER BY id DESC LIMIT 1";
    let before = rows::one(cx.db, newest, [], |row| row.get::<_, i64>(0))?;
    rows::run(
        cx.db,
        "INSERT INTO coordination (group_uid, term, member, cause, since, before, seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            p.group.as_bytes().as_slice(),
            p.term.cast_signed(),
            p.member.cast_signed(),
            p.cause.word(),
            cx.command.server_at.0,
            before,
            cx.seq,
        ),
    )?;
    let taken = Coordination {
        term: p.term,
        member: p.member,
        since: cx.command.server_at,
        cause: p.cause,
        before: before.map(i64::cast_unsigned),
    };
    Ok(Applied { event: Event::CoordinationTaken(taken), store: None })
}

/// What [`from_row`] reads.
pub const COLUMNS: &str = "id, term, member, since, cause, before FROM coordination";

/// With its key.
pub fn from_row(row: &Row<'_>) -> rusqlite::Result<(i64, Coordination)> {
    let coordination = Coordination {
        term: row.get::<_, i64>(1)?.cast_unsigned(),
        member: row.get::<_, i64>(2)?.cast_unsigned(),
        since: UtcMicros(row.get(3)?),
        cause: CoordinationCause::from_column(row, 4)?,
        before: row.get::<_, Option<i64>>(5)?.map(i64::cast_unsigned),
    };
    Ok((row.get(0)?, coordination))
}
