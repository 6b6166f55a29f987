//! Questions to the times in which terminals said nothing.

use rusqlite::Connection;
use tillwatch_shared::{PersonId, UtcMicros};

use super::Heard;
use crate::domain::rows;

/// A time in which a terminal said nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    pub client: String,
    /// Who was signed in there before.
    pub person: PersonId,
    pub from: UtcMicros,
    /// None: it goes on.
    pub to: Option<UtcMicros>,
}

/// The silences of terminals, and since when they are all known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silences {
    pub known_since: UtcMicros,
    pub items: Vec<Silence>,
}

/// Those that were longer than this and ended after a moment, oldest first; then those that go on. What a terminal said
/// that is forgotten counts no more.
pub(super) fn since(
    db: &Connection,
    from: UtcMicros,
    longer_than: i64,
    heard: Vec<Heard>,
) -> rusqlite::Result<Silences> {
    let known_since = db.query_row("SELECT gaps_since FROM setting", [], |row| row.get(0))?;
    let mut items = rows::all(
        db,
        "SELECT client, gap.person_id, from_at, to_at FROM gap JOIN terminal ON key = terminal
         WHERE to_at > ?1 AND to_at - from_at > ?2 AND forgotten_at_id IS NULL ORDER BY from_at, gap.rowid",
        (from.0, longer_than),
        |row| {
            let (from, to) = (UtcMicros(row.get(2)?), Some(UtcMicros(row.get(3)?)));
            Ok(Silence { client: row.get(0)?, person: PersonId(rows::id(row, 1)?), from, to })
        },
    )?;
    let goes_on =
        |Heard { client, person, last }| Silence { client: client.to_string(), person, from: last, to: None };
    items.extend(heard.into_iter().map(goes_on));
    Ok(Silences { known_since: UtcMicros(known_since), items })
}
