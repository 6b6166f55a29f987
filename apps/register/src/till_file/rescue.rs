//! A till's file that is damaged is put aside, never deleted, and what can still be read of it goes on in a new
//! one: selling does not wait for a repair. And a file is copied before it is brought to a newer form.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, params_from_iter};

use super::TillFileError;

/// Copies of older forms that are kept.
const COPIES: usize = 2;
/// What SQLite puts beside a file, and the file itself.
const PARTS: [&str; 3] = ["", "-wal", "-shm"];

/// What became of a damaged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// Where it lies now.
    pub aside: PathBuf,
    /// How many unsent commands were read out of it.
    pub parcels: usize,
}

/// Whether the file itself is at fault, and not the disk or another program.
pub fn is_damage(error: &TillFileError) -> bool {
    match error {
        TillFileError::Damaged(_) => true,
        TillFileError::Sql(error) => {
            matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
        }
        TillFileError::Io { .. }
        | TillFileError::InUse { .. }
        | TillFileError::Newer { .. }
        | TillFileError::Hash(_)
        | TillFileError::Content(_) => false,
    }
}

/// Fails where the file is not whole.
pub fn check(connection: &Connection) -> Result<(), TillFileError> {
    let state: String = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
    if state == "ok" { Ok(()) } else { Err(TillFileError::Damaged(state)) }
}

/// Gives the damaged file another name, with what belongs to it.
pub fn move_aside(path: &Path) -> Result<PathBuf, TillFileError> {
    let free = (1..).map(|number| path.with_file_name(format!("till-damaged-{number}.sqlite")));
    let aside =
        free.into_iter().find(|aside| !aside.exists()).unwrap_or_else(|| path.with_extension("damaged"));
    for part in PARTS {
        let (from, to) = (with_suffix(path, part), with_suffix(&aside, part));
        match fs::rename(&from, to) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && !part.is_empty() => {}
            Err(source) => return Err(TillFileError::Io { path: from, source }),
        }
    }
    Ok(aside)
}

/// Reads what can be read of every table, row by row, into the new file. Works on a copy of its own making.
pub fn salvage(aside: &Path, into: &Connection) -> Result<Rescued, TillFileError> {
    into.pragma_update(None, "foreign_keys", false)?;
    for table in
        names(into, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")?
    {
        // From the other end, too: what lies behind the damage can be as good as what lies before it. What cannot be
        // read from either is what the damage cost.
        if let Err(error) = copy_rows(aside, into, &table, "") {
            tracing::warn!(table, %error, "not all of a damaged file could be read");
            if let Err(error) = copy_rows(aside, into, &table, "ORDER BY rowid DESC") {
                tracing::warn!(table, %error, "nor from its end");
            }
        }
    }
    into.pragma_update(None, "foreign_keys", true)?;
    // Products may be missing: they are all loaded anew.
    into.execute("UPDATE place SET seq = NULL", ())?;
    let parcels = into.query_row("SELECT count(*) FROM parcel", (), |row| row.get::<_, i64>(0))?;
    Ok(Rescued { aside: aside.to_owned(), parcels: usize::try_from(parcels).unwrap_or_default() })
}

/// Up to the first row, in this order, that cannot be read.
fn copy_rows(aside: &Path, into: &Connection, table: &str, order: &str) -> Result<(), rusqlite::Error> {
    let from = Connection::open(aside)?;
    // Otherwise nothing is read of a file that is shorter than it says.
    from.pragma_update(None, "writable_schema", true)?;
    let mut read = from.prepare(&format!("SELECT * FROM \"{table}\" {order}"))?;
    let columns: Vec<String> = read.column_names().map(|name| format!("\"{name}\"")).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let sql = format!("INSERT OR IGNORE INTO \"{table}\" ({}) VALUES ({marks})", columns.join(", "));
    let mut write = into.prepare(&sql)?;
    let mut rows = read.query(())?;
    while let Some(row) = rows.next()? {
        let values = (0..columns.len()).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()?;
        if let Err(error) = write.execute(params_from_iter(values)) {
            tracing::warn!(table, %error, "a row of a damaged file makes no sense");
        }
    }
    Ok(())
}

/// A copy of the file as it is, beside it; the newest few stay.
pub fn copy_before_upgrade(connection: &Connection, path: &Path, form: i64) -> Result<(), TillFileError> {
    let copy = path.with_file_name(format!("till-of-form-{form}.sqlite"));
    // Left by an upgrade that did not finish: the file has not changed since.
    match fs::remove_file(&copy) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(TillFileError::Io { path: copy, source }),
    }
    connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    let mut older: Vec<(i64, PathBuf)> = copies(path);
    older.sort_by_key(|(form, _)| std::cmp::Reverse(*form));
    for (_, old) in older.into_iter().skip(COPIES) {
        if let Err(error) = fs::remove_file(&old) {
            tracing::warn!(copy = %old.display(), %error, "an old copy stays");
        }
    }
    Ok(())
}

/// The copies there are, with the form that each is of.
fn copies(path: &Path) -> Vec<(i64, PathBuf)> {
    let Some(Ok(entries)) = path.parent().map(fs::read_dir) else { return Vec::new() };
    let form = |file: &Path| {
        let name = file.file_name()?.to_str()?;
        name.strip_prefix("till-of-form-")?.strip_suffix(".sqlite")?.parse().ok()
    };
    entries.flatten().filter_map(|entry| form(&entry.path()).map(|form| (form, entry.path()))).collect()
}

fn names(connection: &Connection, sql: &str) -> Result<Vec<String>, rusqlite::Error> {
    connection.prepare(sql)?.query_map((), |row| row.get(0))?.collect()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
