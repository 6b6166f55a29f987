//! Backups that somebody asks a running server for: one at a time, in `backups/` of the data directory, checked when
//! they are made. The newest ones are kept.
//!
//! Files are the only memory: a folder with a manifest is a backup, `verified` in it says when it was checked, and
//! one whose name begins with a dot is not finished. Others may make backups in the same folder, as the program's own
//! `backup` does: what they are at is left alone, and only what was made here goes for a newer one. How a backup is made and checked is in `ledger/backup.rs`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::web::Data;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Backup, BackupFailure, BackupStep, BackupWork, Backups as Listed};
use tillwatch_shared::time::DAY;

use crate::http::App;
use crate::ledger::backup::{self, BackupError, LEDGER_FILE, TELEMETRY_FILE};
use crate::pulse::PULSE_FILE;

const FOLDER: &str = "backups";
/// Says when a backup was checked.
const VERIFIED: &str = "verified";
/// So many stay; older ones go when a newer one was made and checked.
const KEPT: usize = 7;
/// Nobody copies for so long: what is unfinished then was left behind by a program that fell.
const LEFT_BEHIND: i64 = DAY;

/// What goes on at this moment.
#[derive(Debug, Default)]
pub struct Backups(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    work: Option<Work>,
    failure: Option<BackupFailure>,
}

#[derive(Clone, Copy, Debug)]
struct Work {
    since: UtcMicros,
    step: BackupStep,
}

impl Backups {
    /// Takes the one place for a backup under way; `false` if it is taken.
    pub fn claim(&self, now: UtcMicros) -> bool {
        let mut state = self.lock();
        if state.work.is_some() {
            return false;
        }
        *state = State { work: Some(Work { since: now, step: BackupStep::Copying }), failure: None };
        true
    }

    /// Leaves the place, with what went wrong.
    pub fn release(&self, failure: Option<BackupFailure>) {
        *self.lock() = State { work: None, failure };
    }

    fn step(&self, step: BackupStep) {
        if let Some(work) = &mut self.lock().work {
            work.step = step;
        }
    }

    /// Begins one; `false` if one is under way.
    pub fn begin(app: &Data<App>) -> bool {
        let now = app.now();
        if !app.backups.claim(now) {
            return false;
        }
        let app = app.clone();
        tokio::task::spawn_blocking(move || {
            let failure = make(&app, now).err().map(|error| {
                tracing::error!(%error, "a backup could not be made");
                BackupFailure { at: app.now(), disk_full: is_disk_full(&error), detail: error.to_string() }
            });
            app.backups.release(failure);
        });
        true
    }

    /// What there is, newest first, and how far the one is that is under way.
    pub fn list(app: &App) -> Listed {
        let (work, failure) = {
            let state = app.backups.lock();
            (state.work, state.failure.clone())
        };
        let dir = &app.settings.data_dir;
        let folder = dir.join(FOLDER);
        let sources = [LEDGER_FILE, TELEMETRY_FILE, PULSE_FILE];
        let work = work.map(|Work { since, step }| BackupWork {
            since,
            step,
            bytes: bytes_in(&folder.join(backup::unfinished_name(since))),
            of_bytes: sources.iter().map(|name| size(&dir.join(name))).sum(),
        });
        let items = finished(&folder).into_iter().map(|(_, backup)| backup).collect();
        Listed { folder: folder.display().to_string(), work, failure, items }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make(app: &App, now: UtcMicros) -> Result<(), BackupError> {
    let dir = &app.settings.data_dir;
    let into = dir.join(FOLDER);
    left_behind(&into, now).iter().try_for_each(|folder| remove(folder))?;
    let made = backup::back_up(dir, &into, now).inspect_err(|_| {
        // What was copied so far takes room that the shop needs.
        let _ = fs::remove_dir_all(into.join(backup::unfinished_name(now)));
    });
    let (folder, _) = made?;
    app.backups.step(BackupStep::Checking);
    backup::check(&folder)?;
    let mark = folder.join(VERIFIED);
    let marked = fs::write(&mark, app.now().to_string()).and_then(|()| fs::File::open(&mark)?.sync_all());
    marked.map_err(|source| BackupError::Io { path: mark, source })?;
    let checked = finished(&into).into_iter().filter(|(_, backup)| backup.verified_at.is_some());
    checked.skip(KEPT).try_for_each(|(folder, _)| remove(&folder))
}

fn remove(folder: &Path) -> Result<(), BackupError> {
    fs::remove_dir_all(folder).map_err(|source| BackupError::Io { path: folder.to_owned(), source })
}

fn is_disk_full(error: &BackupError) -> bool {
    match error {
        BackupError::Io { source, .. } => source.kind() == ErrorKind::StorageFull,
        BackupError::Sqlite(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
        BackupError::Open(_)
        | BackupError::NoLedger { .. }
        | BackupError::NoManifest(_)
        | BackupError::Altered { .. }
        | BackupError::Damaged(_)
        | BackupError::NotEmpty { .. } => false,
    }
}

fn describe(folder: &Path) -> Option<Backup> {
    let manifest = backup::manifest(folder).ok()?;
    let verified = fs::read_to_string(folder.join(VERIFIED)).ok();
    Some(Backup {
        name: folder.file_name()?.to_string_lossy().into_owned(),
        made_at: manifest.made_at,
        version: manifest.program,
        journal_seq: manifest.journal_seq,
        bytes: manifest.files.iter().map(|file| file.bytes).sum(),
        has_readings: manifest.files.iter().any(|file| file.name == TELEMETRY_FILE),
        verified_at: verified.and_then(|text| text.trim().parse().ok()),
    })
}

/// Newest first; a folder without a manifest is none.
fn finished(into: &Path) -> Vec<(PathBuf, Backup)> {
    let all = folders(into, |name| name.starts_with("tillwatch-")).into_iter();
    let mut all: Vec<(PathBuf, Backup)> =
        all.filter_map(|path| Some((path.clone(), describe(&path)?))).collect();
    all.sort_by(|(_, one), (_, other)| other.name.cmp(&one.name));
    all
}

fn left_behind(into: &Path, now: UtcMicros) -> Vec<PathBuf> {
    let newest = backup::unfinished_name(now.plus(-LEFT_BEHIND));
    folders(into, |name| name.starts_with(".tillwatch-") && name < newest.as_str())
}

/// Folders of that kind of name, in no order.
fn folders(into: &Path, of: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(into).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(&of));
    named.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}

/// Nothing where there is nothing.
fn size(file: &Path) -> u64 {
    file.metadata().map_or(0, |known| known.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let io = |kind: ErrorKind| BackupError::Io { path: PathBuf::new(), source: kind.into() };
        let sqlite =
            |code| BackupError::Sqlite(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
        assert!(
            is_disk_full(&io(ErrorKind::StorageFull)) && is_disk_full(&sqlite(rusqlite::ffi::SQLITE_FULL))
        );
        assert!(!is_disk_full(&io(ErrorKind::PermissionDenied)));
        assert!(!is_disk_full(&sqlite(rusqlite::ffi::SQLITE_IOERR)));
        assert!(!is_disk_full(&BackupError::NoManifest(String::new())));
    }
}
