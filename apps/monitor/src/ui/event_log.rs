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
    seen: HashSet<Uuid>,
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
    pub fn note(&mut self, state: &State, drawn: &[Uuid], now: UtcMicros) {
        for id in drawn {
            if self.seen.contains(id) {
                continue;
            }
            let Some(row) = state.log.newest(usize::MAX).find(|row| row.id == *id) else { continue };
            self.seen.insert(*id);
            let line = Line {
                id: *id,
                drawn_at: now,
                received_at: row.at,
                what: rows::what(&state.log, row, state.lang()),
                amount: rows::amount(row),
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
