//! Backups: consistent copies made while the server writes, with a manifest that proves them, and the
//! way back.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tillwatch_shared::UtcMicros;

use super::{OpenError, journal, open, schema, verify};
use crate::copying;
use crate::pulse::PULSE_FILE;
use crate::telemetry::{Options, Telemetry};

pub const LEDGER_FILE: &str = "ledger.sqlite";
pub const TELEMETRY_FILE: &str = "telemetry.sqlite";
pub const SECRET_FILE: &str = "server.key";
/// Marks a data directory as a demonstration's. It goes with the data: a restored demonstration must not be
/// opened as a shop.
pub const DEMO_MARK: &str = "demonstration";
const MANIFEST_FILE: &str = "manifest.json";
/// What a backup counts of its ledger, and what is counted again when it is restored.
const COUNTED: [&str; 7] =
    ["journal", "person", "product", "sale", "sale_line", "sale_return", "stock_entry"];

/// What a backup holds, so that it can be checked before anybody relies on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub made_at: UtcMicros,
    pub program: String,
    pub journal_seq: i64,
    pub journal_hash: String,
    pub files: Vec<FileDigest>,
    /// Rows of some tables of the ledger. Older backups do not tell them.
    #[serde(default)]
    pub rows: BTreeMap<String, i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    pub name: String,
    pub bytes: u64,
    /// BLAKE3, hexadecimal.
    pub blake3: String,
}

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{path} holds no ledger: is it the data directory?", path = path.display())]
    NoLedger { path: PathBuf },
    #[error("{0} is not a complete backup: its manifest.json cannot be read")]
    NoManifest(String),
    #[error("{name} in the backup is not what was backed up")]
    Altered { name: String },
    #[error("the backup's ledger does not verify: {0}")]
    Damaged(#[from] verify::Damage),
    #[error("the readings are not what the journal sealed: {0}")]
    Readings(String),
    #[error("restored, it has {found} {what}, and {told} were backed up")]
    Differs { what: String, told: String, found: String },
    #[error(
        "{path} holds data. Restore into an empty directory, or add --replace: what is there is then moved \
         aside, not deleted",
        path = path.display()
    )]
    NotEmpty { path: PathBuf },
}

/// Copies a database as it stands at this moment, while others read and write it.
pub fn copy_database(from: &Connection, to: &Path) -> Result<(), BackupError> {
    let target = to.to_str().ok_or(rusqlite::Error::InvalidPath(to.to_owned()))?;
    copying::bit_by_bit(to, || from.execute("VACUUM INTO ?1", [target]))?;
    sync(to)
}

/// The same page by page: sooner done, and as large as the database is.
pub fn copy_pages(from: &Connection, to: &Path) -> Result<(), BackupError> {
    {
        let mut copy = Connection::open(to)?;
        // It is safe there when it is whole.
        copy.pragma_update(None, "synchronous", "OFF")?;
        copying::copy(from, &mut copy, copying::BESIDE_OTHERS)?;
        copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    }
    sync(to)
}

/// What a backup's folder is called; in alphabetical order they are in order of time.
pub fn folder_name(made_at: UtcMicros) -> String {
    made_at.timestamp().strftime("tillwatch-%Y%m%d-%H%M%S-%6f").to_string()
}

/// What it is called until it is whole.
pub fn unfinished_name(made_at: UtcMicros) -> String {
    format!(".{}", folder_name(made_at))
}

/// Makes a backup of a data directory in a new folder below `into` and returns that folder. The ledger is
/// copied first: the readings copied after it include all that the ledger's seals speak of.
pub fn back_up(data_dir: &Path, into: &Path, now: UtcMicros) -> Result<(PathBuf, Manifest), BackupError> {
    let ledger = data_dir.join(LEDGER_FILE);
    if !ledger.exists() {
        return Err(BackupError::NoLedger { path: data_dir.to_owned() });
    }
    let name = folder_name(now);
    let unfinished = into.join(unfinished_name(now));
    create_dir(&unfinished)?;
    copy_database(&open::source(&ledger)?, &unfinished.join(LEDGER_FILE))?;
    for name in [TELEMETRY_FILE, PULSE_FILE] {
        let file = data_dir.join(name);
        if file.exists() {
            copy_database(&open::source(&file)?, &unfinished.join(name))?;
        }
    }
    for name in [SECRET_FILE, DEMO_MARK] {
        let file = data_dir.join(name);
        if file.exists() {
            copy_file(&file, &unfinished.join(name))?;
        }
    }
    let manifest = describe(&unfinished, now)?;
    write_manifest(&unfinished, &manifest)?;
    let folder = into.join(name);
    fs::rename(&unfinished, &folder).map_err(io(&folder))?;
    sync(into)?;
    Ok((folder, manifest))
}

/// Checks a backup and puts it in place of (or into) `data_dir`.
pub fn restore(
    backup: &Path,
    data_dir: &Path,
    replace: bool,
    now: UtcMicros,
) -> Result<Option<PathBuf>, BackupError> {
    let manifest = check(backup)?;
    let occupied = data_dir.exists() && fs::read_dir(data_dir).map_err(io(data_dir))?.next().is_some();
    if occupied && !replace {
        return Err(BackupError::NotEmpty { path: data_dir.to_owned() });
    }
    let parent = data_dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = data_dir.file_name().map_or_else(|| "data".into(), |n| n.to_string_lossy().into_owned());
    let stamp = now.timestamp().strftime("%Y%m%d-%H%M%S-%6f").to_string();
    let fresh = parent.join(format!(".{name}-restoring-{stamp}"));
    create_dir(&fresh)?;
    for file in &manifest.files {
        copy_file(&backup.join(&file.name), &fresh.join(&file.name))?;
    }
    let mut aside = None;
    if occupied {
        let kept = parent.join(format!("{name}-before-restore-{stamp}"));
        fs::rename(data_dir, &kept).map_err(io(data_dir))?;
        aside = Some(kept);
    } else if data_dir.exists() {
        fs::remove_dir(data_dir).map_err(io(data_dir))?;
    }
    fs::rename(&fresh, data_dir).map_err(io(data_dir))?;
    sync(parent)?;
    Ok(aside)
}

/// Reads the manifest and checks every file against it, and the ledger against itself.
pub fn check(backup: &Path) -> Result<Manifest, BackupError> {
    let manifest = manifest(backup)?;
    for file in &manifest.files {
        if digest(backup, &file.name)? != *file {
            return Err(BackupError::Altered { name: file.name.clone() });
        }
    }
    let ledger = open::reader(&backup.join(LEDGER_FILE))?;
    verify::verify(&ledger, &mut |_| ())?;
    let known: i64 = ledger.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let newest = schema::MIGRATIONS.len() as i64;
    if known > newest {
        let file = backup.join(LEDGER_FILE);
        return Err(OpenError::Newer { file, found: known, known: newest }.into());
    }
    Ok(manifest)
}

/// How far a restore has come that is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialStep {
    Restoring,
    /// So many rows of the journal of so many are checked.
    Checking(i64, i64),
}

/// Restores a backup into `scratch`, which must not be there yet, opens it as a server does, and checks that it is
/// what was backed up: every file, the journal's rows and head, the totals, and the readings against its seals. The
/// caller takes `scratch` away.
pub fn try_restore(
    manifest: &Manifest,
    backup: &Path,
    scratch: &Path,
    told: &mut dyn FnMut(TrialStep),
) -> Result<bool, BackupError> {
    told(TrialStep::Restoring);
    fs::create_dir(scratch).map_err(io(scratch))?;
    for file in &manifest.files {
        // It lives for minutes: forcing it to the disk would make the shop's own writing wait.
        fs::copy(backup.join(&file.name), scratch.join(&file.name)).map_err(io(&backup.join(&file.name)))?;
        if digest(scratch, &file.name)? != *file {
            return Err(BackupError::Altered { name: file.name.clone() });
        }
    }
    told(TrialStep::Checking(0, manifest.journal_seq));
    let ledger = open::writer(&scratch.join(LEDGER_FILE))?;
    let checked = verify::verify(&ledger, &mut |rows| told(TrialStep::Checking(rows, manifest.journal_seq)))?;
    let tip = journal::tip(&ledger)?;
    same("as head of the journal", &manifest.journal_hash, &hex(&tip.hash))?;
    same("as last row of the journal", &manifest.journal_seq, &tip.seq)?;
    let found = rows_of(&ledger)?;
    for (table, rows) in &manifest.rows {
        same(&format!("rows of {table}"), rows, found.get(table).unwrap_or(&0))?;
    }
    drop(ledger);
    if !scratch.join(TELEMETRY_FILE).exists() {
        return Ok(false);
    }
    let readings = |error: &dyn std::fmt::Display| BackupError::Readings(error.to_string());
    let telemetry = Telemetry::open(scratch, Options::default()).map_err(|error| readings(&error))?;
    let sealed = telemetry.verify_seals(&checked.seals);
    telemetry.close();
    sealed.map_err(|error| readings(&error))?;
    Ok(true)
}

fn same<T: PartialEq + std::fmt::Display>(what: &str, told: &T, found: &T) -> Result<(), BackupError> {
    if told == found {
        return Ok(());
    }
    Err(BackupError::Differs { what: what.to_owned(), told: told.to_string(), found: found.to_string() })
}

fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

/// What a backup says that it holds.
pub fn manifest(backup: &Path) -> Result<Manifest, BackupError> {
    let unreadable = || BackupError::NoManifest(backup.display().to_string());
    let text = fs::read(backup.join(MANIFEST_FILE)).map_err(|_| unreadable())?;
    serde_json::from_slice(&text).map_err(|_| unreadable())
}

fn describe(folder: &Path, now: UtcMicros) -> Result<Manifest, BackupError> {
    let ledger = open::reader(&folder.join(LEDGER_FILE))?;
    let tip = journal::tip(&ledger)?;
    let mut files = Vec::new();
    for name in [LEDGER_FILE, TELEMETRY_FILE, PULSE_FILE, SECRET_FILE, DEMO_MARK] {
        if folder.join(name).exists() {
            files.push(digest(folder, name)?);
        }
    }
    Ok(Manifest {
        made_at: now,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        journal_seq: tip.seq,
        journal_hash: hex(&tip.hash),
        files,
        rows: rows_of(&ledger)?,
    })
}

fn rows_of(ledger: &Connection) -> rusqlite::Result<BTreeMap<String, i64>> {
    let count = |table: &str| {
        let rows = ledger.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        Ok((table.to_owned(), rows))
    };
    COUNTED.into_iter().map(count).collect()
}

fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let path = folder.join(MANIFEST_FILE);
    let text = serde_json::to_vec_pretty(manifest).map_err(|e| io(&path)(e.into()))?;
    fs::write(&path, text).map_err(io(&path))?;
    sync(&path)?;
    sync(folder)
}

fn digest(folder: &Path, name: &str) -> Result<FileDigest, BackupError> {
    let path = folder.join(name);
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(&path).map_err(io(&path))?;
    let bytes = std::io::copy(&mut file, &mut hasher).map_err(io(&path))?;
    Ok(FileDigest { name: name.to_owned(), bytes, blake3: hasher.finalize().to_hex().to_string() })
}

fn create_dir(path: &Path) -> Result<(), BackupError> {
    fs::create_dir_all(path).map_err(io(path))
}

fn copy_file(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::copy(from, to).map_err(io(from))?;
    sync(to)
}

/// Forces a file, or a directory's list of files, to the disk.
fn sync(path: &Path) -> Result<(), BackupError> {
    // Windows cannot open a directory as a file; there the rename itself is logged by the file system.
    if cfg!(windows) && path.is_dir() {
        return Ok(());
    }
    File::open(path).and_then(|file| file.sync_all()).map_err(io(path))
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { path, source }
}
