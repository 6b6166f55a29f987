//! Writes a terminal's messages to a file in the person's folder of downloads, page by page.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Direction, PulseMessage};
use tillwatch_shared::client::{Client, PulseLogQuery};
use tillwatch_shared::limits::PAGE_ROWS;

use crate::saving::SaveFailure;
use crate::terminals::Exported;

/// Messages of one file.
const MOST_MESSAGES: usize = 2_000_000;

/// A file that goes again unless it is written to its end.
struct Unfinished {
    path: PathBuf,
    whole: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.whole {
            // A part of it would be taken for the whole.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes the messages of this terminal as CSV, oldest first, and tells how many there are so far.
pub async fn export(
    client: &Client,
    folder: &Path,
    terminal: &str,
    direction: Option<Direction>,
    now: UtcMicros,
    told: impl Fn(usize),
) -> Result<Exported, SaveFailure> {
    let path = folder.join(file_name(terminal, now));
    let failed = |error: io::Error| SaveFailure::Disk(format!("{}: {error}", path.display()));
    // Under another name until it is whole: the program may end before.
    let part = path.with_extension("csv.part");
    let mut file = BufWriter::new(File::create_new(&part).map_err(failed)?);
    let mut unfinished = Unfinished { path: part.clone(), whole: false };
    file.write_all(PulseMessage::CSV_HEAD.as_bytes()).map_err(failed)?;
    let mut query = PulseLogQuery {
        client: Some(terminal.to_owned()),
        direction,
        limit: PAGE_ROWS,
        ..PulseLogQuery::default()
    };
    let mut messages = 0;
    loop {
        let page = client.pulse_messages(&query).await.map_err(SaveFailure::Server)?;
        // What came after it was asked for is not in it, so that it ends.
        let wanted: Vec<&PulseMessage> = page.items.iter().filter(|message| message.at <= now).collect();
        for message in &wanted {
            file.write_all(message.csv_line().as_bytes()).map_err(failed)?;
        }
        messages += wanted.len();
        told(messages);
        query.after = page.next;
        if query.after.is_none() || wanted.len() < page.items.len() {
            break;
        }
        if messages >= MOST_MESSAGES {
            return Err(SaveFailure::TooLong(MOST_MESSAGES));
        }
    }
    file.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
    std::fs::rename(&part, &path).map_err(failed)?;
    unfinished.whole = true;
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
