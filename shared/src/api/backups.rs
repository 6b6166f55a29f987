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
        /// When it was checked: each file is what was copied, and each row of the ledger what was written.
        pub verified_at: Option<UtcMicros>,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum BackupStep {
        Copying,
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
    }

    /// Why the last one could not be made.
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
        /// Newest first. A folder that was never finished is none.
        pub items: Vec<Backup>,
    }
}
