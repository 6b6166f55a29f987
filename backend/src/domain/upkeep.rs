//! What people did at the server beside the ledger, so that the history tells it like everything else. It has been done
//! when it is noted.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, Role, Upkeep};

use super::rejection::ApplyError;
use super::{Applied, Context, access};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoteUpkeep {
    pub upkeep: Upkeep,
}

pub(super) fn note(cx: &Context<'_>, p: &NoteUpkeep) -> Result<Applied, ApplyError> {
    let role = match p.upkeep {
        Upkeep::MessagesKept { .. } | Upkeep::TerminalForgotten { .. } => Role::Manager,
        Upkeep::BackupAskedFor {} => Role::Admin,
        Upkeep::MemberAdded { .. } | Upkeep::MemberRemoved { .. } => {
            access::server_only(cx)?;
            return Ok(Applied { event: Event::UpkeepNoted(p.upkeep.clone()), store: None });
        }
    };
    access::caller(cx, role)?;
    Ok(Applied { event: Event::UpkeepNoted(p.upkeep.clone()), store: None })
}
