//! Writes a terminal's messages to a file in the person's folder of downloads, page by page.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tillwatch_desk::failure::Failure;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Direction, PulseMessage};
use tillwatch_shared::client::{Client, PulseLogQuery};
use tillwatch_shared::limits::PAGE_ROWS;

use crate::terminals::Exported;

/// Pages of one export: 2 million messages.
const PAGES: usize = 2_000;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ExportError {
    #[error("{}", .0)]
    Server(#[from] Failure),
    #[error("{0}")]
    File(String),
}

/// Writes the messages of this terminal as CSV, oldest first.
pub async fn export(
    client: &Client,
    folder: &Path,
    terminal: &str,
    direction: Option<Direction>,
    now: UtcMicros,
) -> Result<Exported, ExportError> {
    let path = folder.join(file_name(terminal, now));
    let failed = |error: io::Error| ExportError::File(format!("{}: {error}", path.display()));
    let mut file = BufWriter::new(File::create_new(&path).map_err(failed)?);
    file.write_all(PulseMessage::CSV_HEAD.as_bytes()).map_err(failed)?;
    let mut query = PulseLogQuery {
        client: Some(terminal.to_owned()),
        direction,
        limit: PAGE_ROWS,
        ..PulseLogQuery::default()
    };
    let mut messages = 0;
    for _ in 0..PAGES {
        let page = client.pulse_messages(&query).await?;
        // What came after it was asked for is not in it, so that it ends.
        let wanted: Vec<&PulseMessage> = page.items.iter().filter(|message| message.at <= now).collect();
        for message in &wanted {
            file.write_all(message.csv_line().as_bytes()).map_err(failed)?;
        }
        messages += wanted.len();
        query.after = page.next;
        if query.after.is_none() || wanted.len() < page.items.len() {
            break;
        }
    }
    file.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
    Ok(Exported { path, messages })
}

/// Where files go that a person asked for.
pub fn folder() -> PathBuf {
    let dirs = directories::UserDirs::new();
    let downloads = dirs.as_ref().and_then(|dirs| dirs.download_dir()).filter(|dir| dir.is_dir());
    let home = dirs.as_ref().map(directories::UserDirs::home_dir);
    downloads.or(home).map_or_else(std::env::temp_dir, Path::to_path_buf)
}

fn file_name(terminal: &str, now: UtcMicros) -> String {
    let safe: String = terminal.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    format!("tillwatch-{safe}-{}.csv", now.timestamp().strftime("%Y%m%d-%H%M%S"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_files() {
        let at = "2026-12-31T23:59:58Z".parse().unwrap();
        assert_eq!(super::file_name("Loja/..\\1", at), "tillwatch-Loja----1-20261231-235958.csv");
    }
}
