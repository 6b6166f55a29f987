//! Backups, and the trial of who is told of alarms.

use tillwatch_desk::failure::Failure;
use tillwatch_shared::client::Client;

use crate::keeping::{KeepingAnswer, KeepingEffect};

pub async fn run(client: Result<Client, Failure>, effect: KeepingEffect) -> KeepingAnswer {
    match effect {
        KeepingEffect::Backups => KeepingAnswer::Backups(match client {
            Ok(client) => client.backups().await,
            Err(failure) => Err(failure),
        }),
        KeepingEffect::MakeBackup => KeepingAnswer::Begun(match client {
            Ok(client) => client.make_backup().await,
            Err(failure) => Err(failure),
        }),
        KeepingEffect::Trial => KeepingAnswer::Trial(match client {
            Ok(client) => client.try_telling().await,
            Err(failure) => Err(failure),
        }),
    }
}
