//! The files of sheets, and the pieces that go to the server.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tillwatch_desk::failure::Failure;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::client::{Client, ImportAsk};
use tillwatch_shared::limits::IMPORT_BYTES;

use crate::export;
use crate::import::{FILES, Found, ImportAnswer, ImportEffect, PIECE, ReadFailure, SheetFile};
use crate::input::Answer;

/// Entries of a folder that are looked at.
const ENTRIES: usize = 10_000;

pub async fn run(client: Result<Client, Failure>, effect: ImportEffect) -> Answer {
    match effect {
        ImportEffect::Look => {
            let found = tokio::task::spawn_blocking(|| found(&export::folder())).await;
            Answer::Import(ImportAnswer::Found(found.unwrap_or_default()))
        }
        ImportEffect::Read { ticket, path } => {
            let read = tokio::task::spawn_blocking(move || read(&path)).await;
            let result = read.unwrap_or_else(|error| Err(ReadFailure::Disk(error.to_string())));
            Answer::Import(ImportAnswer::Read { ticket, result })
        }
        ImportEffect::Send { ticket, command, after, sheet, kept } => {
            let limit = command.is_some().then_some(PIECE);
            let ask = ImportAsk { command, after, limit, kept: kept.as_deref() };
            let result = match client {
                Ok(client) => client.import_products(&sheet, ask).await,
                Err(failure) => Err(failure),
            };
            Answer::Import(ImportAnswer::Came { ticket, result: result.map(Box::new) })
        }
    }
}

/// Files in the folder that may be sheets, the newest first. A folder that cannot be read has none.
pub fn found(folder: &Path) -> Vec<Found> {
    let entries = fs::read_dir(folder).into_iter().flatten().take(ENTRIES).filter_map(Result::ok);
    let mut all: Vec<Found> = entries.filter_map(|entry| file(entry.path())).collect();
    all.sort_by(|a, b| b.changed_at.cmp(&a.changed_at).then_with(|| a.name.cmp(&b.name)));
    all.truncate(FILES);
    all
}

fn file(path: PathBuf) -> Option<Found> {
    let end = path.extension()?.to_str()?.to_ascii_lowercase();
    let facts = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
    let since_1970 = facts.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let changed_at = UtcMicros(i64::try_from(since_1970.as_micros()).ok()?);
    let name = path.file_name()?.to_string_lossy().into_owned();
    matches!(end.as_str(), "csv" | "tsv" | "txt").then_some(Found {
        path,
        name,
        bytes: facts.len(),
        changed_at,
    })
}

/// Reads a file, up to what a server takes.
pub fn read(path: &Path) -> Result<SheetFile, ReadFailure> {
    let disk = |error: std::io::Error| ReadFailure::Disk(error.to_string());
    // What is no file may have no end, or may never begin.
    if !fs::metadata(path).map_err(disk)?.is_file() {
        return Err(ReadFailure::NotAFile);
    }
    let mut bytes = Vec::new();
    let most = IMPORT_BYTES as u64 + 1;
    fs::File::open(path).map_err(disk)?.take(most).read_to_end(&mut bytes).map_err(disk)?;
    if bytes.len() > IMPORT_BYTES {
        return Err(ReadFailure::TooLarge);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(SheetFile { name, bytes: Arc::new(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_and_read_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        for (name, size) in [("b.CSV", 3), ("a.txt", 2), ("foto.png", 1), ("grande.csv", IMPORT_BYTES + 1)] {
            fs::write(folder.path().join(name), vec![b'x'; size]).unwrap();
        }
        fs::create_dir(folder.path().join("pasta.csv")).unwrap();
        let mut names: Vec<String> = found(folder.path()).into_iter().map(|file| file.name).collect();
        names.sort_unstable();
        assert_eq!(names, ["a.txt", "b.CSV", "grande.csv"]);
        assert_eq!(read(&folder.path().join("b.CSV")).unwrap().bytes.len(), 3);
        assert_eq!(read(&folder.path().join("grande.csv")), Err(ReadFailure::TooLarge));
        assert!(matches!(read(&folder.path().join("nada.csv")), Err(ReadFailure::Disk(_))));
        assert_eq!(read(folder.path()), Err(ReadFailure::NotAFile));
        assert!(found(&folder.path().join("nada")).is_empty());
    }
}
