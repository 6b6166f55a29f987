//! Backups that somebody asks a running server for: one at a time, in `backups/` of the data directory, checked when
//! they are made. The newest ones are kept.
//!
//! Each is restored beside the data when it is made, opened and checked: a backup that was never restored is a hope.
//! That goes on besides the writer, which it neither locks nor makes sync, and only where the disk has room for it.
//!
//! Files are the only memory: a folder with a manifest is a backup, `trial.json` in it says what came of restoring it,
//! and one whose name begins with a dot is not finished. Others may make backups in the same folder, as the program's own
//! `backup` does: what they are at is left alone, and only what was made here goes for a newer one. How a backup is made and checked is in `ledger/backup.rs`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::web::Data;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    Backup, BackupFailure, BackupStep, BackupWork, Backups as Listed, RestoreOutcome, RestoreTrial,
};
use tillwatch_shared::time::DAY;

use crate::group::room;
use crate::http::App;
use crate::ledger::backup::{self, BackupError, LEDGER_FILE, Manifest, TELEMETRY_FILE, TrialStep};
use crate::nightly::Nightly;
use crate::pulse::PULSE_FILE;

const FOLDER: &str = "backups";
/// Says what came of restoring a backup.
const TRIAL: &str = "trial.json";
/// Said when a backup was checked, before backups were restored on trial.
const VERIFIED: &str = "verified";
/// What the folder is called, after the backup's name, into which a backup is restored on trial.
const SCRATCH: &str = "-restoring";
/// So many stay; older ones go when a newer one was made and restored.
const KEPT: usize = 7;
/// Of those that could not be restored so many stay, to be looked into.
const DOUBTFUL: usize = 2;
/// What stays free beside a trial, besides a tenth of what is restored: the shop goes on writing.
const SPARE: u64 = 64 << 20;
/// Nobody copies for so long: what is unfinished then was left behind by a program that fell.
const LEFT_BEHIND: i64 = DAY;

/// What goes on at this moment.
#[derive(Debug, Default)]
pub struct Backups(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    work: Option<Work>,
    failure: Option<BackupFailure>,
    /// Whether `last` is known, be it that there is none.
    recalled: bool,
    last: Option<Last>,
}

/// What came of the newest backup of which that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    pub at: UtcMicros,
    /// It was made, restored on trial and found whole.
    pub good: bool,
    /// This server made it since its start.
    pub seen: bool,
}

#[derive(Clone, Copy, Debug)]
struct Work {
    since: UtcMicros,
    step: BackupStep,
    rows: i64,
    of_rows: i64,
}

impl Backups {
    /// Takes the one place for a backup under way; `false` if it is taken.
    pub fn claim(&self, now: UtcMicros) -> bool {
        let mut state = self.lock();
        if state.work.is_some() {
            return false;
        }
        let work = Work { since: now, step: BackupStep::Copying, rows: 0, of_rows: 0 };
        (state.work, state.failure) = (Some(work), None);
        true
    }

    /// Leaves the place, with what went wrong.
    pub fn release(&self, failure: Option<BackupFailure>) {
        let mut state = self.lock();
        (state.work, state.failure) = (None, failure);
    }

    fn step(&self, step: TrialStep) {
        if let Some(work) = &mut self.lock().work {
            (work.step, work.rows, work.of_rows) = match step {
                TrialStep::Restoring => (BackupStep::Restoring, 0, 0),
                TrialStep::Checking(rows, of_rows) => (BackupStep::Checking, rows, of_rows),
            };
        }
    }

    /// What came of the newest one. The files tell of those that were made before this start.
    pub fn last(app: &App) -> Option<Last> {
        {
            let state = app.backups.lock();
            if state.recalled {
                return state.last;
            }
        }
        let found = finished(&app.settings.data_dir.join(FOLDER)).into_iter();
        let tried = found.filter_map(|(_, backup)| backup.trial);
        let mut known = tried.filter_map(|trial| Last::of(&trial).map(|last| Last { seen: false, ..last }));
        let before = known.next();
        let mut state = app.backups.lock();
        state.recalled = true;
        // One may have been made meanwhile.
        state.last = state.last.or(before);
        state.last
    }

    fn came_of_it(&self, last: Option<Last>) {
        if last.is_some() {
            self.lock().last = last;
        }
    }

    /// When the newest of them was made, here or by somebody else.
    pub fn newest(app: &App) -> Option<UtcMicros> {
        finished(&app.settings.data_dir.join(FOLDER)).first().map(|(_, backup)| backup.made_at)
    }

    /// Begins one; `false` if one is under way.
    pub fn begin(app: &Data<App>) -> bool {
        let now = app.now();
        let free = app.backups.claim(now);
        if free {
            Self::start(app, now);
        }
        free
    }

    /// Makes one, its place being taken.
    pub fn start(app: &Data<App>, now: UtcMicros) {
        let app = app.clone();
        tokio::task::spawn_blocking(move || {
            let made = make(&app, now);
            let failed = Last { at: app.now(), good: false, seen: true };
            app.backups.came_of_it(made.as_ref().map_or(Some(failed), Last::of));
            let failure = match made {
                Ok(RestoreTrial { outcome: RestoreOutcome::Failed, at, detail, .. }) => {
                    let detail = detail.unwrap_or_default();
                    tracing::error!(%detail, "a backup was made that cannot be restored");
                    Some(BackupFailure { at, disk_full: false, detail })
                }
                Ok(RestoreTrial { outcome: RestoreOutcome::NoRoom, .. }) => {
                    tracing::warn!("a backup was made; there is no room to restore it on trial");
                    None
                }
                Ok(RestoreTrial { outcome: RestoreOutcome::Passed, .. }) => None,
                Err(error) => {
                    tracing::error!(%error, "a backup could not be made");
                    let disk_full = is_disk_full(&error);
                    Some(BackupFailure { at: app.now(), disk_full, detail: error.to_string() })
                }
            };
            app.backups.release(failure);
        });
    }

    /// What there is, newest first, and how far the one is that is under way.
    pub fn list(app: &App) -> Listed {
        let (work, failure) = {
            let state = app.backups.lock();
            (state.work, state.failure.clone())
        };
        let dir = &app.settings.data_dir;
        let folder = dir.join(FOLDER);
        let work = work.map(|Work { since, step, rows, of_rows }| BackupWork {
            since,
            step,
            bytes: match step {
                BackupStep::Copying => bytes_in(&folder.join(backup::unfinished_name(since))),
                BackupStep::Restoring | BackupStep::Checking => bytes_in(&scratch(&folder, since)),
            },
            of_bytes: sources(dir),
            rows,
            of_rows,
        });
        let items = finished(&folder).into_iter().map(|(_, backup)| backup).collect();
        let nightly = match app.settings.nightly {
            Nightly::Off => None,
            at @ Nightly::At(_) => Some(at.to_string()),
        };
        Listed { folder: folder.display().to_string(), work, failure, nightly, items }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Last {
    /// One that could not be tried is neither good nor bad.
    fn of(trial: &RestoreTrial) -> Option<Self> {
        let good = match trial.outcome {
            RestoreOutcome::Passed => true,
            RestoreOutcome::Failed => false,
            RestoreOutcome::NoRoom => return None,
        };
        Some(Self { at: trial.at, good, seen: true })
    }
}

/// Makes a backup and restores it on trial. A backup that cannot be restored takes no older one's place.
fn make(app: &App, now: UtcMicros) -> Result<RestoreTrial, BackupError> {
    let dir = &app.settings.data_dir;
    let into = dir.join(FOLDER);
    left_behind(&into, now).iter().try_for_each(|folder| remove(folder))?;
    let bytes = sources(dir);
    enough(bytes, room::free(dir)).map_err(|source| BackupError::Io { path: into.clone(), source })?;
    let made = backup::back_up(dir, &into, now).inspect_err(|_| {
        // What was copied so far takes room that the shop needs.
        let _ = fs::remove_dir_all(into.join(backup::unfinished_name(now)));
    });
    let (folder, manifest) = made?;
    let scratch = scratch(&into, now);
    let outcome =
        try_out(&manifest, &folder, &scratch, room::free(&into), &mut |step| app.backups.step(step));
    let trial = RestoreTrial { at: app.now(), ..outcome };
    write_trial(&folder, &trial)?;
    let (good, others): (Vec<_>, Vec<_>) =
        finished(&into).into_iter().partition(|(_, backup)| backup.verified_at.is_some());
    let tried = others.into_iter().filter(|(_, backup)| backup.trial.is_some());
    let too_many = good.into_iter().skip(KEPT).chain(tried.skip(DOUBTFUL));
    too_many.map(|(folder, _)| folder).try_for_each(|folder| remove(&folder))?;
    Ok(trial)
}

/// Bytes that a backup copies.
fn sources(dir: &Path) -> u64 {
    [LEDGER_FILE, TELEMETRY_FILE, PULSE_FILE].iter().map(|name| size(&dir.join(name))).sum()
}

/// What has to be free for so many bytes: a copy is not what the shop shall stand still for.
const fn needed(bytes: u64) -> u64 {
    bytes.saturating_add(bytes / 10).saturating_add(SPARE)
}

/// A copy that would fill the disk is not begun.
fn enough(bytes: u64, free: Option<u64>) -> std::io::Result<()> {
    let needed = needed(bytes);
    match free.filter(|free| *free < needed) {
        Some(free) => {
            let words = format!("{needed} bytes are needed for it, and {free} are free");
            Err(std::io::Error::new(ErrorKind::StorageFull, words))
        }
        None => Ok(()),
    }
}

/// Restores a backup into a folder that goes again, if there is room for it.
fn try_out(
    manifest: &Manifest,
    folder: &Path,
    scratch: &Path,
    free: Option<u64>,
    told: &mut dyn FnMut(TrialStep),
) -> RestoreTrial {
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let needed = needed(bytes);
    let trial = |outcome, rows, readings, detail| RestoreTrial {
        at: manifest.made_at,
        outcome,
        rows,
        readings,
        detail,
    };
    if let Some(free) = free.filter(|free| *free < needed) {
        let detail = format!("{needed} bytes are needed beside the data, and {free} are free");
        return trial(RestoreOutcome::NoRoom, 0, false, Some(detail));
    }
    let found = backup::try_restore(manifest, folder, scratch, told);
    if let Err(error) = fs::remove_dir_all(scratch) {
        tracing::warn!(%error, folder = %scratch.display(), "what was restored on trial could not be taken away");
    }
    match found {
        Ok(readings) => trial(RestoreOutcome::Passed, manifest.journal_seq, readings, None),
        Err(error) if is_disk_full(&error) => {
            trial(RestoreOutcome::NoRoom, 0, false, Some(error.to_string()))
        }
        Err(error) => trial(RestoreOutcome::Failed, 0, false, Some(error.to_string())),
    }
}

fn scratch(into: &Path, made_at: UtcMicros) -> PathBuf {
    into.join(format!("{}{SCRATCH}", backup::unfinished_name(made_at)))
}

fn write_trial(folder: &Path, trial: &RestoreTrial) -> Result<(), BackupError> {
    let path = folder.join(TRIAL);
    let text = serde_json::to_vec_pretty(trial).map_err(std::io::Error::from);
    let written =
        text.and_then(|text| fs::write(&path, text)).and_then(|()| fs::File::open(&path)?.sync_all());
    written.map_err(|source| BackupError::Io { path, source })
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
        | BackupError::Readings(_)
        | BackupError::Differs { .. }
        | BackupError::NotEmpty { .. } => false,
    }
}

fn describe(folder: &Path) -> Option<Backup> {
    let manifest = backup::manifest(folder).ok()?;
    let trial: Option<RestoreTrial> =
        fs::read(folder.join(TRIAL)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let checked = fs::read_to_string(folder.join(VERIFIED)).ok().and_then(|text| text.trim().parse().ok());
    let verified_at = match &trial {
        Some(trial) => (trial.outcome == RestoreOutcome::Passed).then_some(trial.at),
        None => checked,
    };
    Some(Backup {
        name: folder.file_name()?.to_string_lossy().into_owned(),
        made_at: manifest.made_at,
        version: manifest.program,
        journal_seq: manifest.journal_seq,
        bytes: manifest.files.iter().map(|file| file.bytes).sum(),
        has_readings: manifest.files.iter().any(|file| file.name == TELEMETRY_FILE),
        verified_at,
        trial,
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
    // Only one trial goes on here: what lies there of another was left by a server that fell.
    folders(into, |name| {
        name.starts_with(".tillwatch-") && (name < newest.as_str() || name.ends_with(SCRATCH))
    })
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

    /// A backup of a new ledger, and where it would be restored on trial.
    fn backed_up(dir: &Path) -> (Manifest, PathBuf, PathBuf) {
        let now = UtcMicros(1_798_761_909_000_000);
        drop(crate::ledger::open::writer(&dir.join(LEDGER_FILE)).unwrap());
        let into = dir.join(FOLDER);
        let (folder, manifest) = backup::back_up(dir, &into, now).unwrap();
        let scratch = scratch(&into, now);
        (manifest, folder, scratch)
    }

    #[test]
    fn a_backup_passes_only_if_it_can_be_restored_and_is_what_was_backed_up() {
        let dir = tempfile::tempdir().unwrap();
        let (manifest, folder, scratch) = backed_up(dir.path());
        let trial = |manifest: &Manifest| {
            let trial = try_out(manifest, &folder, &scratch, None, &mut |_| ());
            assert!(!scratch.exists(), "nothing is left of it");
            (trial.outcome, trial.detail.unwrap_or_default())
        };
        assert_eq!(trial(&manifest), (RestoreOutcome::Passed, String::new()));
        let failed = |manifest: &Manifest, why: &str| {
            let (outcome, detail) = trial(manifest);
            assert!(outcome == RestoreOutcome::Failed && detail.contains(why), "{outcome:?} {detail}");
        };
        failed(&Manifest { journal_hash: "1".repeat(64), ..manifest.clone() }, "as head of the journal");
        failed(&Manifest { journal_seq: 7, ..manifest.clone() }, "7 were backed up");
        let mut rows = manifest.rows.clone();
        rows.insert("sale".to_owned(), 3);
        failed(&Manifest { rows, ..manifest.clone() }, "0 rows of sale, and 3 were backed up");
        // A bit of it goes bad.
        let file = folder.join(LEDGER_FILE);
        let mut bytes = fs::read(&file).unwrap();
        bytes[5_000] ^= 1;
        fs::write(&file, bytes).unwrap();
        failed(&manifest, "ledger.sqlite in the backup is not what was backed up");
        fs::remove_file(&file).unwrap();
        failed(&manifest, "ledger.sqlite");
    }

    #[test]
    fn without_room_nothing_is_restored() {
        let dir = tempfile::tempdir().unwrap();
        let (manifest, folder, scratch) = backed_up(dir.path());
        let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
        let needed = needed(bytes);
        let outcome = |free| {
            let mut steps = Vec::new();
            let trial = try_out(&manifest, &folder, &scratch, Some(free), &mut |step| steps.push(step));
            (trial.outcome, steps.is_empty())
        };
        assert_eq!(outcome(needed - 1), (RestoreOutcome::NoRoom, true));
        assert_eq!(outcome(needed), (RestoreOutcome::Passed, false));
    }

    #[test]
    fn a_copy_that_would_fill_the_disk_is_not_begun() {
        let enough = |free| super::enough(1 << 30, free);
        assert!(enough(None).is_ok() && enough(Some(needed(1 << 30))).is_ok());
        let refused = enough(Some(1 << 30)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::StorageFull);
        assert!(refused.to_string().ends_with("and 1073741824 are free"), "{refused}");
    }

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
