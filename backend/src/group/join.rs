//! How a server comes to a group: it founds one, joins the one that is there, or goes on in its own.

use std::io;
use std::time::Duration;

use uuid::Uuid;

use super::GroupError;
use super::care::Keeper;
use super::https::{Https, To};
use super::seat::Seat;
use super::wire::Lost;
use super::words;
use crate::auth::secret::Secret;
use crate::ledger::backup::SECRET_FILE;

/// The wait between two looks around.
const AGAIN: Duration = Duration::from_millis(300);
/// How often somebody who looks at the log is told what is waited for.
const TELL_EVERY: u32 = 30;
const PATIENCE: Duration = Duration::from_secs(2);

/// How this member begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It makes the group, of what its ledger holds.
    Found,
    /// It belongs to the group.
    Join,
}

#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error(
        "this server has a shop of its own, and another member belongs to a group already. To join that group, move \
         the data directory away: all that is in it would be replaced"
    )]
    OwnShop,
    #[error(
        "the disk of this server is older than what the others have heard of it: it was put back from a copy, and has \
         forgotten what it promised since. Move the data directory away, and start with an empty one: it gets a copy of \
         what the group has"
    )]
    OlderDisk,
    #[error(
        "this server belongs to another group than most of the others. To join theirs, move the data directory away: \
         all that is in it would be replaced"
    )]
    OtherGroup,
    #[error(
        "most of the other servers of the group speak another form of its words: this program is older or newer than \
         theirs. Put the version in that they have"
    )]
    OtherForm,
    #[error("the secret of the group cannot be kept: {0}")]
    Secret(io::Error),
}

/// Looks around until it is clear how this member begins.
pub async fn settle(seat: &Seat, wire: &Https, keeper: &Keeper) -> Result<Way, GroupError> {
    if seat.group().is_some() {
        return Ok(Way::Join);
    }
    if seat.log().has_entries() {
        // It had begun to found the group, which nobody can have joined.
        return Ok(Way::Found);
    }
    let own_shop = seat.has_ledger() && !seat.was_member();
    let mut rounds: u32 = 0;
    loop {
        keeper.greet().await;
        keeper.is_understood()?;
        let heard = seat.heard();
        let here = || heard.values().filter(|heard| heard.is_here());
        if let Some(member) = here().find(|heard| heard.presence.group.is_some()) {
            if own_shop {
                return Err(JoinError::OwnShop.into());
            }
            let to = To { id: member.presence.id, address: &member.presence.member.address, disk: None };
            if take_secret(seat, wire, to).await? {
                return Ok(Way::Join);
            }
        } else if seat.me() == seat.file.principal && !seat.was_member() {
            // With nothing to lose, nobody may be overlooked: an empty disk may be one that was lost.
            let all = seat.others().keys().all(|id| here().any(|heard| heard.presence.id == *id));
            let shop_elsewhere = here().any(|heard| heard.presence.has_ledger);
            if own_shop || (all && !shop_elsewhere) {
                return Ok(Way::Found);
            }
        }
        if rounds.is_multiple_of(TELL_EVERY) {
            let missing: Vec<u64> = seat
                .others()
                .keys()
                .filter(|id| !here().any(|heard| heard.presence.id == **id))
                .copied()
                .collect();
            tracing::info!(?missing, "waiting for members of the group");
        }
        rounds += 1;
        tokio::time::sleep(AGAIN).await;
    }
}

/// Takes what tokens are signed with, and which group it is. Whether it was told.
async fn take_secret(seat: &Seat, wire: &Https, to: To<'_>) -> Result<bool, GroupError> {
    let told: Result<(Uuid, [u8; 32]), Lost> = wire.ask(to, words::SECRET, (), PATIENCE).await;
    let Ok((group, secret)) = told else { return Ok(false) };
    Secret::adopt(&seat.data_dir().join(SECRET_FILE), secret).map_err(JoinError::Secret)?;
    seat.belong(group).await?;
    Ok(true)
}
