//! What was seen on the screen and when: one JSON line for each row of the log when it is first drawn.
//! Written only when asked for (`--event-log`), to prove that something was shown and how soon.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use tillwatch_shared::UtcMicros;
use uuid::Uuid;

use super::rows;
use crate::state::State;

#[derive(Debug)]
pub struct EventLog {
    file: File,
    /// Places in the journal.
    seen: HashSet<i64>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: Uuid,
    drawn_at: UtcMicros,
    received_at: UtcMicros,
    what: String,
    amount: String,
    who: &'a str,
    store: &'a str,
}

impl EventLog {
    /// Goes on at the end of the file, which is made if it is not there.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file, seen: HashSet::new() })
    }

    /// Writes those of the rows that were not drawn before.
    pub fn note(&mut self, state: &State, drawn: &[i64], now: UtcMicros) {
        for seq in drawn {
            if self.seen.contains(seq) {
                continue;
            }
            let Some(row) = state.log.newest(usize::MAX).find(|row| row.seq == *seq) else { continue };
            self.seen.insert(*seq);
            let line = Line {
                id: row.id,
                drawn_at: now,
                received_at: row.at,
                what: rows::what(&state.log, row, state.lang()),
                amount: rows::amount(row, state.lang()),
                who: state.log.name(row.person),
                store: state.log.name(row.store),
            };
            let written = serde_json::to_vec(&line).map_err(io::Error::from).and_then(|mut bytes| {
                bytes.push(b'\n');
                self.file.write_all(&bytes)
            });
            if let Err(error) = written {
                tracing::error!(%error, "the event log cannot be written");
            }
        }
    }
}
