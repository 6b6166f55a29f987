//! Feeds and their records.

use std::collections::HashMap;

use rusqlite::{Connection, Row};
use serde_json::value::RawValue;
use tillwatch_shared::api::{FeedRecord, FeedRecords, FeedVersion, Page, ParkReason, ParkedRecord};
use tillwatch_shared::limits::FEED_ANSWER_BYTES;
use tillwatch_shared::{ChainId, UtcMicros};

use super::Slice;
use crate::domain::feed_sale;
use crate::domain::feeds::{Digest, Record, Source, digest};
use crate::domain::rows::{self, Word};

/// A feed as the ledger has it.
#[derive(Clone, Debug)]
pub struct Kept {
    pub key: i64,
    pub name: String,
    pub last_seq: i64,
    pub records: i64,
    pub updates: i64,
    pub sales: i64,
    pub waiting: i64,
    pub parked: i64,
}

pub fn all(db: &Connection) -> rusqlite::Result<Vec<Kept>> {
    rows::all(
        db,
        "SELECT id, name, last_seq, records, updates, sold,
             (SELECT count(*) FROM feed_record WHERE feed = feed.id AND state = 'waiting'),
             (SELECT count(*) FROM feed_record WHERE feed = feed.id AND state = 'parked')
         FROM feed ORDER BY name",
        [],
        |row| {
            Ok(Kept {
                key: row.get(0)?,
                name: row.get(1)?,
                last_seq: row.get(2)?,
                records: row.get(3)?,
                updates: row.get(4)?,
                sales: row.get(5)?,
                waiting: row.get(6)?,
                parked: row.get(7)?,
            })
        },
    )
}

/// Row key and last place of each feed, or of the one with this name.
pub fn ends(db: &Connection, name: Option<&str>) -> rusqlite::Result<Vec<(i64, i64)>> {
    rows::all(db, "SELECT id, last_seq FROM feed WHERE ?1 IS NULL OR name = ?1 ORDER BY id", [name], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// How far the file was read.
pub fn source(db: &Connection, name: &str) -> rusqlite::Result<Option<Source>> {
    let text = rows::one(db, "SELECT source FROM feed WHERE name = ?1", [name], |row| {
        row.get::<_, Option<String>>(0)
    })?;
    // In another form than ours, the file is read again from its beginning.
    Ok(text.flatten().and_then(|text| serde_json::from_str(&text).ok()))
}

/// What the ledger knows of some records.
#[derive(Debug, Default)]
pub struct Known {
    pub last_seq: i64,
    /// The present content of each id that is there.
    pub current: HashMap<String, Digest>,
    /// For each record: whether it once had this content, and another one since.
    pub earlier: Vec<bool>,
}

pub fn known(db: &Connection, feed: &str, records: &[Record]) -> rusqlite::Result<Known> {
    let found = rows::one(db, "SELECT id, last_seq FROM feed WHERE name = ?1", [feed], |row| {
        Ok((row.get::<_, i64>(0)?, row.get(1)?))
    })?;
    let Some((feed, last_seq)) = found else {
        return Ok(Known { earlier: vec![false; records.len()], ..Known::default() });
    };
    let mut known = Known { last_seq, ..Known::default() };
    for record in records {
        let row = rows::one(
            db,
            "SELECT id, digest, version FROM feed_record WHERE feed = ?1 AND record_id = ?2",
            (feed, &record.id),
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Digest>(1)?, row.get::<_, i64>(2)?)),
        )?;
        let Some((key, current, version)) = row else {
            known.earlier.push(false);
            continue;
        };
        let digest = digest(&record.body);
        let earlier = version > 1
            && current != digest
            && rows::one(
                db,
                "SELECT 1 FROM feed_version WHERE record = ?1 AND digest = ?2",
                (key, digest.as_slice()),
                |_| Ok(()),
            )?
            .is_some();
        known.earlier.push(earlier);
        known.current.insert(record.id.clone(), current);
    }
    Ok(known)
}

/// Records after a place, as many as are asked for and fit into an answer.
pub fn records(db: &Connection, feed: i64, after: i64, limit: u32) -> rusqlite::Result<FeedRecords> {
    let mut statement = db.prepare_cached(
        "SELECT seq, record_id, version, taken_at, body FROM feed_record
         WHERE feed = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )?;
    let mut rows = statement.query((feed, after, limit))?;
    let (mut records, mut bytes, mut next_after) = (Vec::new(), 0, after);
    while let Some(row) = rows.next()? {
        let record = record(row)?;
        bytes += record.body.get().len() + record.id.len();
        if bytes > FEED_ANSWER_BYTES && !records.is_empty() {
            break;
        }
        next_after = record.seq;
        records.push(record);
    }
    let last_seq: i64 = rows::one(db, "SELECT last_seq FROM feed WHERE id = ?1", [feed], |row| row.get(0))?
        .unwrap_or_default();
    Ok(FeedRecords { records, next_after, last_seq, more: next_after < last_seq })
}

fn record(row: &Row<'_>) -> rusqlite::Result<FeedRecord> {
    Ok(FeedRecord {
        seq: row.get(0)?,
        id: row.get(1)?,
        version: row.get(2)?,
        taken_at: UtcMicros(row.get(3)?),
        body: raw(row, 4)?,
    })
}

fn raw(row: &Row<'_>, column: usize) -> rusqlite::Result<Box<RawValue>> {
    RawValue::from_string(row.get(column)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    })
}

/// The contents of the records after a row key, joined by commas, and the last key.
pub fn bodies(db: &Connection, feed: i64, after: i64, limit: u32) -> rusqlite::Result<(String, i64)> {
    // The plus keeps SQLite from the index on the feed, of which it would sort all rows for each part.
    let mut statement = db.prepare_cached(
        "SELECT id, body FROM feed_record WHERE +feed = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let mut rows = statement.query((feed, after, limit))?;
    let (mut text, mut last) = (String::new(), after);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(row.get_ref(1)?.as_str()?);
        if text.len() > FEED_ANSWER_BYTES {
            break;
        }
    }
    Ok((text, last))
}

/// Every content that a record had, oldest first; empty if there is no such record.
pub fn history(db: &Connection, feed: i64, record_id: &str) -> rusqlite::Result<Vec<FeedVersion>> {
    rows::all(
        db,
        "SELECT feed_version.version AS version, feed_version.taken_at, feed_version.body
         FROM feed_version JOIN feed_record ON feed_record.id = feed_version.record
         WHERE feed = ?1 AND record_id = ?2
         UNION ALL
         SELECT version, taken_at, body FROM feed_record WHERE feed = ?1 AND record_id = ?2
         ORDER BY version",
        (feed, record_id),
        |row| Ok(FeedVersion { version: row.get(0)?, taken_at: UtcMicros(row.get(1)?), body: raw(row, 2)? }),
    )
}

/// Records that need a person.
pub fn parked(db: &Connection, feed: i64, slice: Slice) -> rusqlite::Result<Page<ParkedRecord>> {
    let (above, below) = slice.bounds();
    let sql = format!(
        "SELECT feed_record.id, name, record_id, version, reason, subject, body
         FROM feed_record JOIN feed ON feed.id = feed_record.feed
         WHERE feed_record.feed = ?1 AND state = 'parked' AND feed_record.id > ?2 AND feed_record.id < ?3
         ORDER BY feed_record.id {} LIMIT ?4",
        slice.direction()
    );
    let found = rows::all(db, &sql, (feed, above, below, slice.limit + 1), |row| {
        let reason = ParkReason::from_column(row, 4)?;
        let subject = row.get::<_, Option<String>>(5)?.unwrap_or_default();
        let parked = ParkedRecord {
            feed: row.get(1)?,
            record_id: row.get(2)?,
            version: row.get(3)?,
            told: feed_sale::told_of(reason, &subject, row.get_ref(6)?.as_str()?),
            reason,
            subject,
        };
        Ok((row.get(0)?, parked))
    })?;
    Ok(slice.page(found))
}

/// A record that is to become a sale.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub key: i64,
    pub feed_key: i64,
    pub feed: String,
    pub record_id: String,
    pub version: i64,
    pub tries: i64,
    pub body: String,
}

/// The records of all feeds that wait to become sales, after a row key.
pub fn waiting(db: &Connection, after: i64, limit: u32) -> rusqlite::Result<Vec<Waiting>> {
    rows::all(
        db,
        "SELECT feed_record.id, feed, name, record_id, version, tries, body
         FROM feed_record JOIN feed ON feed.id = feed_record.feed
         WHERE state = 'waiting' AND feed_record.id > ?1 ORDER BY feed_record.id LIMIT ?2",
        (after, limit),
        |row| {
            Ok(Waiting {
                key: row.get(0)?,
                feed_key: row.get(1)?,
                feed: row.get(2)?,
                record_id: row.get(3)?,
                version: row.get(4)?,
                tries: row.get(5)?,
                body: row.get(6)?,
            })
        },
    )
}

/// The chain with this folded name.
pub fn chain(db: &Connection, name_folded: &str) -> rusqlite::Result<Option<ChainId>> {
    rows::one(db, "SELECT uid FROM chain WHERE name_folded = ?1", [name_folded], |row| {
        rows::id(row, 0).map(ChainId)
    })
}
