//! Feeds: taking records in, telling new from changed from known, and making sales of those that are.

use std::sync::Arc;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{
    AliasKind, Dismissal, Event, FeedAlias, FeedAliasSet, FeedFault, ParkReason, ParkedRecord, RecordsTaken,
    Role,
};
use tillwatch_shared::limits::{FEED_BATCH, FEED_RECORD_BYTES, FEED_RECORD_ID_BYTES, NAME_CHARS};
use tillwatch_shared::{CommandId, StoreId, names};

use super::feed_sale::{self, Lookup, Told};
use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::sales::{self, RecordSale};
use super::{Applied, Context, access, check};

/// Takes records in, in their order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakeRecords {
    pub feed: String,
    pub records: Vec<Record>,
    /// How far the file is read with these.
    pub source: Source,
}

/// A record as its file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// A text, or a number as it is written: `7` and `"7"` are the same record.
    pub id: String,
    /// JSON without blanks.
    pub body: String,
}

/// A place in a file, and by what the file is known again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Inode, size and time of change when it was read.
    pub inode: u64,
    pub size: u64,
    pub modified_nanos: i64,
    /// Bytes that are read, and the line that comes next.
    pub position: u64,
    pub line: i64,
    /// Over the last bytes before the position.
    pub tail: String,
    /// The whole file was read.
    pub complete: bool,
    pub bad_records: i64,
    /// Earlier releases kept one bad record, here. Still written: the journal of such a release, played
    /// again, gives the tables that it gave.
    pub last_bad: Option<FeedFault>,
    /// The newest bad records up to the position, oldest first.
    #[serde(default, skip_serializing_if = "no_faults")]
    pub faults: Arc<Vec<FeedFault>>,
}

fn no_faults(faults: &Arc<Vec<FeedFault>>) -> bool {
    faults.is_empty()
}

/// Makes the sale of a record that waits for it, or parks the record for a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SellRecord {
    pub feed: String,
    pub record_id: String,
    pub version: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetFeedAlias {
    pub feed: String,
    pub alias: FeedAlias,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DismissRecord {
    pub feed: String,
    pub record_id: String,
}

/// By what a content is compared.
pub type Digest = [u8; 16];

pub fn digest(body: &str) -> Digest {
    let mut digest = [0; 16];
    digest.copy_from_slice(blake3::hash(body.as_bytes()).as_bytes().split_at(16).0);
    digest
}

/// A command id that follows from what the command is about: made again after a crash it is the same.
pub fn command_id(parts: &[&[u8]]) -> CommandId {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(hasher.finalize().as_bytes().split_at(16).0);
    CommandId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Whether this may be the name of a feed: it stands in addresses.
pub fn good_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && !name.starts_with('.')
}

impl TakeRecords {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        if !good_name(&self.feed) {
            return Err(Rejection::invalid("feed", Invalid::Text { max_chars: 64 }));
        }
        check::count("records", self.records.len(), FEED_BATCH)?;
        for record in &self.records {
            check::range("id", record.id.len() as i64, 1, FEED_RECORD_ID_BYTES as i64)?;
            check::range("body", record.body.len() as i64, 2, FEED_RECORD_BYTES as i64)?;
        }
        Ok(())
    }
}

impl SetFeedAlias {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::name("name", &self.alias.name).map(drop)
    }
}

impl DismissRecord {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::range("record_id", self.record_id.len() as i64, 1, FEED_RECORD_ID_BYTES as i64)
    }
}

pub(super) fn take(cx: &Context<'_>, p: &TakeRecords) -> Result<Applied, ApplyError> {
    access::server_only(cx)?;
    rows::run(cx.db, "INSERT INTO feed (name) VALUES (?1) ON CONFLICT DO NOTHING", [&p.feed])?;
    let (feed, mut seq) =
        rows::one(cx.db, "SELECT id, last_seq FROM feed WHERE name = ?1", [&p.feed], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })?
        .ok_or(Rejection::Unknown(Noun::Feed))?;
    let (mut new, mut updated, mut unchanged) = (0, 0, 0);
    for record in &p.records {
        match take_one(cx, feed, record, seq + 1)? {
            Taken::New => new += 1,
            Taken::Updated => updated += 1,
            Taken::Known => {
                unchanged += 1;
                continue;
            }
        }
        seq += 1;
    }
    let source = serde_json::to_string(&p.source)
        .map_err(|error| ApplyError::Storage(rusqlite::Error::ToSqlConversionFailure(error.into())))?;
    rows::run(
        cx.db,
        "UPDATE feed SET last_seq = ?2, records = records + ?3, updates = updates + ?4, source = ?5
         WHERE id = ?1",
        (feed, seq, new, updated, source),
    )?;
    let taken = RecordsTaken { feed: p.feed.clone(), new, updated, unchanged, last_seq: seq };
    Ok(Applied { event: Event::FeedTaken(taken), store: None })
}

enum Taken {
    New,
    Updated,
    Known,
}

fn take_one(cx: &Context<'_>, feed: i64, record: &Record, seq: i64) -> Result<Taken, ApplyError> {
    let digest = digest(&record.body);
    let state = match feed_sale::read(&record.body) {
        Told::Nothing => "plain",
        Told::Sale(_) | Told::Broken(_) => "waiting",
    };
    let before = rows::one(
        cx.db,
        "SELECT id, digest, sale FROM feed_record WHERE feed = ?1 AND record_id = ?2",
        (feed, &record.id),
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Digest>(1)?, row.get::<_, Option<i64>>(2)?)),
    )?;
    let Some((key, known, sale)) = before else {
        rows::run(
            cx.db,
            "INSERT INTO feed_record (feed, record_id, seq, version, body, digest, taken_at, state)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7)",
            (feed, &record.id, seq, &record.body, digest.as_slice(), cx.command.server_at.0, state),
        )?;
        return Ok(Taken::New);
    };
    if known == digest {
        return Ok(Taken::Known);
    }
    rows::run(
        cx.db,
        "INSERT INTO feed_version (record, version, body, digest, taken_at)
         SELECT id, version, body, digest, taken_at FROM feed_record WHERE id = ?1",
        [key],
    )?;
    let (state, reason, subject) = match sale {
        None => (state, None, None),
        // What was sold was sold: a person decides what the other content means.
        Some(_) => ("parked", Some(ParkReason::Changed.word()), Some("sale")),
    };
    rows::run(
        cx.db,
        "UPDATE feed_record SET seq = ?2, version = version + 1, body = ?3, digest = ?4, taken_at = ?5,
             state = ?6, reason = ?7, subject = ?8
         WHERE id = ?1",
        (key, seq, &record.body, digest.as_slice(), cx.command.server_at.0, state, reason, subject),
    )?;
    Ok(Taken::Updated)
}

pub(super) fn sell(cx: &Context<'_>, p: &SellRecord) -> Result<Applied, ApplyError> {
    access::server_only(cx)?;
    let feed = key(cx.db, &p.feed)?;
    let waiting = rows::one(
        cx.db,
        "SELECT id, body FROM feed_record
         WHERE feed = ?1 AND record_id = ?2 AND version = ?3 AND state = 'waiting'",
        (feed, &p.record_id, p.version),
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
    )?;
    let (record, body) = waiting.ok_or(Rejection::Unknown(Noun::Record))?;
    let told = match feed_sale::read(&body) {
        Told::Sale(told) => told,
        Told::Broken(field) => return park(cx, record, p, ParkReason::BadSale, field),
        Told::Nothing => return Err(Rejection::Unknown(Noun::Record).into()),
    };
    let lookup = Lookup { db: cx.db, feed, feed_name: &p.feed };
    let (sale, store, seller) = match lookup.resolve(&told)? {
        Ok(found) => found,
        Err((reason, subject)) => return park(cx, record, p, reason, &subject),
    };
    let sale = RecordSale { sale };
    if let Err(refused) = sale.check().and_then(|()| sale.check_told(cx.command.server_at)) {
        return park(cx, record, p, ParkReason::BadSale, &refused.to_string());
    }
    let applied = sales::enter(cx, &sale, &seller, &store, None)?;
    rows::run(
        cx.db,
        "UPDATE feed_record SET state = 'sold', sale = (SELECT id FROM sale WHERE uid = ?2) WHERE id = ?1",
        (record, cx.command.id.0.as_bytes().as_slice()),
    )?;
    rows::run(cx.db, "UPDATE feed SET sold = sold + 1 WHERE id = ?1", [feed])?;
    Ok(applied)
}

fn park(
    cx: &Context<'_>,
    record: i64,
    p: &SellRecord,
    reason: ParkReason,
    subject: &str,
) -> Result<Applied, ApplyError> {
    rows::run(
        cx.db,
        "UPDATE feed_record SET state = 'parked', reason = ?2, subject = ?3, tries = tries + 1 WHERE id = ?1",
        (record, reason.word(), subject),
    )?;
    let parked = ParkedRecord {
        feed: p.feed.clone(),
        record_id: p.record_id.clone(),
        version: p.version,
        reason,
        subject: subject.to_owned(),
        told: None,
    };
    Ok(Applied { event: Event::FeedRecordParked(parked), store: None })
}

pub(super) fn set_alias(cx: &Context<'_>, p: &SetFeedAlias) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    let feed = key(cx.db, &p.feed)?;
    let FeedAlias { kind, target_id, .. } = p.alias;
    let name = check::bounded("name", &p.alias.name, NAME_CHARS)?;
    let exists = |sql, noun| rows::key_of(cx.db, sql, &target_id, noun);
    let (reason, store) = match kind {
        AliasKind::Store => {
            (ParkReason::UnknownStore, Some(access::workplace(cx, &caller, StoreId(target_id))?.id))
        }
        AliasKind::Seller => {
            exists("SELECT id FROM person WHERE uid = ?1", Noun::Person)?;
            (ParkReason::UnknownSeller, None)
        }
        AliasKind::Product => {
            exists("SELECT id FROM product WHERE uid = ?1", Noun::Product)?;
            (ParkReason::UnknownProduct, None)
        }
    };
    let folded = names::fold(&name);
    rows::run(
        cx.db,
        "INSERT INTO feed_alias (feed, kind, name_folded, target) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (feed, kind, name_folded) DO UPDATE SET target = excluded.target",
        (feed, kind.word(), &folded, target_id.as_bytes().as_slice()),
    )?;
    let released = release(cx, feed, reason, &folded)?;
    let set = FeedAliasSet { feed: p.feed.clone(), kind, name, target_id, released };
    Ok(Applied { event: Event::FeedAliasSet(set), store })
}

/// Lets the records that were parked for this name try again.
fn release(cx: &Context<'_>, feed: i64, reason: ParkReason, folded: &str) -> Result<i64, ApplyError> {
    let parked = rows::all(
        cx.db,
        "SELECT id, subject FROM feed_record WHERE feed = ?1 AND state = 'parked' AND reason = ?2",
        (feed, reason.word()),
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
    )?;
    let mut released = 0;
    for (record, subject) in parked {
        if names::fold(&subject) == folded {
            rows::run(
                cx.db,
                "UPDATE feed_record SET state = 'waiting', reason = NULL, subject = NULL WHERE id = ?1",
                [record],
            )?;
            released += 1;
        }
    }
    Ok(released)
}

pub(super) fn dismiss(cx: &Context<'_>, p: &DismissRecord) -> Result<Applied, ApplyError> {
    access::caller(cx, Role::Manager)?;
    let feed = key(cx.db, &p.feed)?;
    let changed = rows::run(
        cx.db,
        "UPDATE feed_record SET state = iif(sale IS NULL, 'dismissed', 'sold'), reason = NULL, subject = NULL
         WHERE feed = ?1 AND record_id = ?2 AND state = 'parked'",
        (feed, &p.record_id),
    )?;
    if changed == 0 {
        return Err(Rejection::Unknown(Noun::Record).into());
    }
    let dismissed = Dismissal { feed: p.feed.clone(), record_id: p.record_id.clone() };
    Ok(Applied { event: Event::FeedRecordDismissed(dismissed), store: None })
}

/// Row key of a feed.
pub fn key(db: &Connection, name: &str) -> Result<i64, ApplyError> {
    rows::one(db, "SELECT id FROM feed WHERE name = ?1", [name], |row| row.get(0))?
        .ok_or_else(|| Rejection::Unknown(Noun::Feed).into())
}
