//! Backups that a server makes when it is asked to.

use serde::{Deserialize, Serialize};

use super::wire;
use crate::UtcMicros;

wire! {
    /// A backup in the server's own folder.
    #[derive(Eq)]
    pub struct Backup {
        pub name: String,
        pub made_at: UtcMicros,
        /// The version that made it.
        pub version: String,
        /// The last row of the journal that is in it.
        pub journal_seq: i64,
        pub bytes: u64,
        /// False where the readings are in PostgreSQL, which has backups of its own.
        pub has_readings: bool,
        /// When it was last restored beside the data and found whole: each file is what was copied, each row of the
        /// ledger what was written, and the totals what a recount gives.
        pub verified_at: Option<UtcMicros>,
        /// What came of restoring it; absent of one that nobody tried.
        #[serde(default)]
        pub trial: Option<RestoreTrial>,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum RestoreOutcome {
        Passed,
        /// It could not be restored, or what was restored is not what was backed up.
        Failed,
        /// The disk has no room to restore it beside the data. The backup may be good.
        NoRoom,
    }

    /// A backup was restored into a folder of its own, opened as a server opens it, and checked; then that folder went.
    #[derive(Eq)]
    pub struct RestoreTrial {
        pub at: UtcMicros,
        pub outcome: RestoreOutcome,
        /// Rows of the journal that were checked.
        pub rows: i64,
        /// Whether the readings were checked against the journal's seals. Those in PostgreSQL are in no backup.
        pub readings: bool,
        /// In the server's words, where it did not pass.
        pub detail: Option<String>,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum BackupStep {
        Copying,
        /// Restoring it beside the data.
        Restoring,
        /// Checking what was restored.
        Checking,
    }

    /// A backup that is under way.
    #[derive(Copy, Eq)]
    pub struct BackupWork {
        pub since: UtcMicros,
        pub step: BackupStep,
        /// Copied so far.
        pub bytes: u64,
        /// What there is to copy, about.
        pub of_bytes: u64,
        /// Rows of the journal that are checked so far, and those that there are.
        #[serde(default)]
        pub rows: i64,
        #[serde(default)]
        pub of_rows: i64,
    }

    /// Why the last one could not be made, or not be restored.
    #[derive(Eq)]
    pub struct BackupFailure {
        pub at: UtcMicros,
        /// The disk has no room for it.
        pub disk_full: bool,
        /// In the server's words.
        pub detail: String,
    }

    #[derive(Eq)]
    pub struct Backups {
        /// Where they are, on the server.
        pub folder: String,
        pub work: Option<BackupWork>,
        /// Gone with the next one that is made.
        pub failure: Option<BackupFailure>,
        /// When the server makes one by itself each night, as `03:30`; absent where it does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub nightly: Option<String>,
        /// Newest first. A folder that was never finished is none.
        pub items: Vec<Backup>,
    }
}
