//! What an admin keeps an eye on beside the day's work: the server's backups, and whether those who are told of alarms
//! can be reached. Plain data; `update::keeping` decides.

use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Backup, Backups, RestoreOutcome, Telling};

#[derive(Debug, Default)]
pub struct Keeping {
    pub backups: Remote<Backups>,
    /// When the list is read next while somebody looks.
    pub backups_at: UtcMicros,
    /// One was asked for, and the answer is on its way.
    pub beginning: bool,
    /// Why it was not begun.
    pub refused: Option<Failure>,
    /// What each of those who are told of alarms answered to a trial.
    pub trial: Remote<Vec<Telling>>,
}

/// Something done there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepingAct {
    MakeBackup,
    /// Read the list of backups again.
    Retry,
    /// Tell everybody who is told of alarms, as a trial.
    Trial,
}

/// Something to be done outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepingEffect {
    Backups,
    MakeBackup,
    Trial,
}

#[derive(Debug)]
pub enum KeepingAnswer {
    Backups(Result<Backups, Failure>),
    /// A backup was begun, or not.
    Begun(Result<Backups, Failure>),
    Trial(Result<Vec<Telling>, Failure>),
}

impl Keeping {
    /// The newest backup, if it was tried and could not be restored.
    pub fn doubtful(&self) -> Option<&Backup> {
        let newest = self.backups.value()?.items.first()?;
        newest.trial.as_ref().filter(|trial| trial.outcome == RestoreOutcome::Failed).map(|_| newest)
    }
}

impl KeepingAnswer {
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Backups(result) | Self::Begun(result) => result.as_ref().err(),
            Self::Trial(result) => result.as_ref().err(),
        }
    }
}
