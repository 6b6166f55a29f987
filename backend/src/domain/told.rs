//! Who was told of an alarm by a message. A server of a group notes it, so that whoever coordinates next does not tell
//! it again. One by itself knows what it did, and notes nothing.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{AlarmTold, Event};
use tillwatch_shared::{AlarmId, CommandId};
use uuid::Uuid;

use super::alarm_rules::derived_id;
use super::rejection::{ApplyError, Noun, Rejection};
use super::{Applied, Context, access, alarms};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteTold {
    pub alarm_id: AlarmId,
    pub message_id: Uuid,
    /// False: it could not be told, and nobody tries any more.
    pub told: bool,
}

/// The command that notes a message: by this id the journal knows what became of it.
pub fn note_id(message: Uuid) -> CommandId {
    CommandId(derived_id(&[b"note told", message.as_bytes()]))
}

pub(super) fn note(cx: &Context<'_>, p: &NoteTold) -> Result<Applied, ApplyError> {
    access::server_only(cx)?;
    let alarm = alarms::load(cx.db, p.alarm_id)?.ok_or(Rejection::Unknown(Noun::Alarm))?;
    let (alarm_id, name) = (p.alarm_id, alarm.name);
    let told = AlarmTold { alarm_id, name, message_id: p.message_id, told: p.told };
    Ok(Applied { event: Event::AlarmTold(told), store: alarm.store_id })
}
