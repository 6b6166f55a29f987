//! Files that a window writes for a person: among their downloads, and never over one that is there.

pub mod pdf;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Copies of the same report that are kept side by side.
const COPIES: u32 = 1_000;

/// Writes the bytes and says where. The error is in the words of the operating system.
pub async fn save(name: String, end: &'static str, bytes: Vec<u8>) -> Result<PathBuf, String> {
    let downloads = |user: directories::UserDirs| match user.download_dir() {
        Some(folder) => folder.to_owned(),
        None => user.home_dir().to_owned(),
    };
    let folder = directories::UserDirs::new().map_or_else(std::env::temp_dir, downloads);
    let write = move || write_new(&folder, &name, end, &bytes);
    tokio::task::spawn_blocking(write).await.map_err(|error| error.to_string())?
}

/// A new file `NAME.END` in the folder; one that is there is left alone.
pub fn write_new(folder: &Path, name: &str, end: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    for copy in 1..=COPIES {
        let name = if copy == 1 { format!("{name}.{end}") } else { format!("{name} ({copy}).{end}") };
        let path = folder.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let written = file.write_all(bytes).and_then(|()| file.sync_all());
                if written.is_err() {
                    // A part of it would be taken for the whole.
                    let _ = std::fs::remove_file(&path);
                }
                return written.map(|()| path).map_err(|error| error.to_string());
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("{}: {error}", path.display())),
        }
    }
    Err(format!("{name}.{end}: {COPIES} copies"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_over() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        let first = write_new(folder, "r", "csv", b"1").unwrap();
        let second = write_new(folder, "r", "csv", b"2").unwrap();
        assert_eq!(second, folder.join("r (2).csv"));
        assert_eq!(
            (std::fs::read(first).unwrap(), std::fs::read(second).unwrap()),
            (b"1".to_vec(), b"2".to_vec())
        );
        assert!(write_new(&folder.join("none"), "r", "csv", b"3").is_err());
    }
}
