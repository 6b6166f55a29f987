//! Questions to the log of messages.
//!
//! Without an index beside the id: the spans say where an answer can be, and a question reads at most so much
//! of them. What it did not reach, the next page goes on with.

use rusqlite::{Connection, Row, params};
use tillwatch_shared::api::{Direction, MessageKind, PulseMessage};
use tillwatch_shared::{PersonId, UtcMicros};

use super::Scope;
use crate::domain::rows;

/// Spans that one question reads: some hundred thousand messages.
const SPANS: usize = 100;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub scope: Scope,
    pub client: Option<String>,
    pub direction: Option<Direction>,
    pub kind: Option<MessageKind>,
    /// Somewhere in the content.
    pub text: Option<String>,
    pub from: Option<UtcMicros>,
    /// Not included.
    pub to: Option<UtcMicros>,
    /// `next` of the page before.
    pub after: Option<i64>,
    pub limit: usize,
    pub newest_first: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    pub items: Vec<PulseMessage>,
    /// Where the next page begins; there may be less than `limit` on this one, or nothing.
    pub next: Option<i64>,
}

/// The filter as the tables know it: bounds in place of what was left open.
struct Wanted {
    /// JSON array of terminal keys; all if absent.
    terminals: Option<String>,
    sent: Option<bool>,
    kind: Option<&'static str>,
    /// A pattern of LIKE.
    text: Option<String>,
    from: i64,
    to: i64,
    newest_first: bool,
}

/// Ids from the first to the last.
type Range = (i64, i64);

pub fn page(db: &Connection, filter: &Filter) -> rusqlite::Result<LogPage> {
    // One state of the file for all the questions.
    let db = db.unchecked_transaction()?;
    let nothing = LogPage { items: Vec::new(), next: None };
    let terminals = match (&filter.client, &filter.scope) {
        (None, Scope::All) => None,
        (client, scope) => {
            let keys = keys(&db, client.as_deref(), scope)?;
            if keys.is_empty() {
                return Ok(nothing);
            }
            Some(format!("[{}]", keys.join(",")))
        }
    };
    let wanted = Wanted {
        terminals,
        sent: filter.direction.map(|direction| direction == Direction::Sent),
        kind: filter.kind.map(MessageKind::word),
        text: filter.text.as_deref().map(pattern),
        from: filter.from.map_or(i64::MIN, |from| from.0),
        to: filter.to.map_or(i64::MAX, |to| to.0),
        newest_first: filter.newest_first,
    };
    let ranges = ranges(&db, &wanted, filter.after)?;
    let mut items = Vec::new();
    for (index, range) in ranges.iter().enumerate() {
        let room = filter.limit - items.len();
        items.extend(read(&db, &wanted, *range, room)?);
        if items.len() >= filter.limit {
            return Ok(LogPage { next: items.last().map(|message| message.id), items });
        }
        if index + 1 >= SPANS {
            let end = if wanted.newest_first { range.0 } else { range.1 };
            return Ok(LogPage { items, next: Some(end) });
        }
    }
    Ok(LogPage { items, next: None })
}

/// The keys of terminals with this name, of these people, forgotten ones among them.
fn keys(db: &Connection, client: Option<&str>, scope: &Scope) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT key, person_id FROM terminal WHERE ?1 IS NULL OR client = ?1";
    let found =
        rows::all(db, sql, [client], |row| Ok((row.get::<_, i64>(0)?, rows::id_opt(row, 1)?.map(PersonId))))?;
    let meant = found.into_iter().filter(|(_, person)| scope.has(*person));
    Ok(meant.map(|(key, _)| key.to_string()).collect())
}

/// Matches what holds this text as it is.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern + "%"
}

/// Where answers can be, in the order in which they are wanted.
fn ranges(db: &Connection, wanted: &Wanted, after: Option<i64>) -> rusqlite::Result<Vec<Range>> {
    let (low, high) = match (after, wanted.newest_first) {
        (None, _) => (i64::MIN, i64::MAX),
        (Some(after), false) => (after.saturating_add(1), i64::MAX),
        (Some(after), true) => (i64::MIN, after.saturating_sub(1)),
    };
    let sql = if wanted.newest_first {
        "SELECT first_id, last_id FROM span
         WHERE last_id >= ?1 AND first_id <= ?2 AND max_at >= ?3 AND min_at < ?4
           AND (?5 IS NULL OR EXISTS (SELECT 1 FROM json_each(terminals)
                                      WHERE value IN (SELECT value FROM json_each(?5))))
         ORDER BY first_id DESC LIMIT ?6"
    } else {
        "SELECT first_id, last_id FROM span
         WHERE last_id >= ?1 AND first_id <= ?2 AND max_at >= ?3 AND min_at < ?4
           AND (?5 IS NULL OR EXISTS (SELECT 1 FROM json_each(terminals)
                                      WHERE value IN (SELECT value FROM json_each(?5))))
         ORDER BY first_id LIMIT ?6"
    };
    let limit = SPANS as i64 + 1;
    let params = params![low, high, wanted.from, wanted.to, wanted.terminals, limit];
    let mut found: Vec<Range> = rows::all(db, sql, params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let growing: i64 =
        db.query_row("SELECT coalesce(max(last_id), 0) + 1 FROM span", [], |row| row.get(0))?;
    let tail = (growing, i64::MAX);
    if wanted.newest_first {
        found.insert(0, tail);
    } else {
        found.push(tail);
    }
    let cut = |(first, last): Range| (first.max(low), last.min(high));
    Ok(found.into_iter().map(cut).filter(|(first, last)| first <= last).collect())
}

fn read(db: &Connection, wanted: &Wanted, range: Range, room: usize) -> rusqlite::Result<Vec<PulseMessage>> {
    let sql = if wanted.newest_first {
        "SELECT message.id, at, client, sent, content FROM message CROSS JOIN terminal ON key = terminal
         WHERE message.id BETWEEN ?1 AND ?2 AND at >= ?3 AND at < ?4 AND (?5 IS NULL OR terminal IN (SELECT value FROM json_each(?5)))
           AND (?6 IS NULL OR sent = ?6) AND (?9 IS NULL OR content LIKE ?9 ESCAPE '\\')
           AND (?8 IS NULL OR ?8 = CASE WHEN NOT json_valid(content) THEN 'other'
                                        WHEN content ->> '$.type' IN ('value', 'ack', 'request', 'step', 'error')
                                        THEN content ->> '$.type' ELSE 'other' END)
         ORDER BY message.id DESC LIMIT ?7"
    } else {
        "SELECT message.id, at, client, sent, content FROM message CROSS JOIN terminal ON key = terminal
         WHERE message.id BETWEEN ?1 AND ?2 AND at >= ?3 AND at < ?4 AND (?5 IS NULL OR terminal IN (SELECT value FROM json_each(?5)))
           AND (?6 IS NULL OR sent = ?6) AND (?9 IS NULL OR content LIKE ?9 ESCAPE '\\')
           AND (?8 IS NULL OR ?8 = CASE WHEN NOT json_valid(content) THEN 'other'
                                        WHEN content ->> '$.type' IN ('value', 'ack', 'request', 'step', 'error')
                                        THEN content ->> '$.type' ELSE 'other' END)
         ORDER BY message.id LIMIT ?7"
    };
    let (first, last) = range;
    let room = i64::try_from(room).unwrap_or(i64::MAX);
    let params = params![
        first,
        last,
        wanted.from,
        wanted.to,
        wanted.terminals,
        wanted.sent,
        room,
        wanted.kind,
        wanted.text
    ];
    rows::all(db, sql, params, message)
}

fn message(row: &Row<'_>) -> rusqlite::Result<PulseMessage> {
    let sent: bool = row.get(3)?;
    Ok(PulseMessage {
        id: row.get(0)?,
        at: UtcMicros(row.get(1)?),
        client: row.get(2)?,
        direction: if sent { Direction::Sent } else { Direction::Received },
        content: row.get(4)?,
    })
}
