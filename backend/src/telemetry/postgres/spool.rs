//! Readings that wait for the database, in a file: appended and synced before their senders are answered,
//! written into the database in the same order later.
//!
//! A record is `u32` length, 8 bytes of the BLAKE3 digest of what follows, then that: `u32` length and JSON of
//! the record's head, and its readings as in `log.rs`, with numbers of sensors and sources from the head. A
//! record that is not whole at the end of the file was never answered and is cut off.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};
use uuid::Uuid;

use super::super::log;
use super::super::row::Row;
use crate::copying;

const FILE: &str = "telemetry.spool";
const HEAD: &str = "telemetry.spool.json";
/// Ids are set aside in such pieces, for a start without the database.
const SET_ASIDE: i64 = 1_000_000;
/// A record has at most a transaction's readings.
const RECORD_BYTES: usize = 64 * 1024 * 1024;
const PREFIX: usize = 12;

/// What one transaction brought, free of the database's numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Counts up; the database knows the last one that it has.
    pub commit: i64,
    /// Of the first reading; the others count up from it.
    pub first_id: i64,
    pub sensors: Vec<SensorId>,
    pub sources: Vec<IpAddr>,
    pub keys: Vec<(ApiKeyId, UtcMicros)>,
    /// Places of the readings that came alone: they are moved to a free moment where others are dropped.
    pub singles: Vec<u32>,
    /// Places in `sensors`, and readings with places in `sources`, which count from 1.
    #[serde(skip)]
    pub rows: Vec<(u32, Row)>,
}

impl Record {
    pub fn next_id(&self) -> i64 {
        self.first_id + self.rows.len() as i64
    }

    fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let head = serde_json::to_vec(self)?;
        let length = u32::try_from(head.len()).map_err(io::Error::other)?;
        let body = [&length.to_le_bytes()[..], &head, &log::encode(&self.rows)].concat();
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        Ok([&length.to_le_bytes()[..], &digest(&body), &body].concat())
    }

    fn from_body(body: &[u8]) -> Option<Self> {
        let (length, rest) = body.split_first_chunk::<4>()?;
        let (head, rows) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        let mut record: Self = serde_json::from_slice(head).ok()?;
        record.rows = log::decode(record.first_id, rows).collect();
        Some(record)
    }
}

fn digest(body: &[u8]) -> [u8; 8] {
    let mut short = [0; 8];
    short.iter_mut().zip(blake3::hash(body).as_bytes()).for_each(|(to, from)| *to = *from);
    short
}

/// What is kept beside the records.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    /// Names this data directory to the database.
    place: Uuid,
    /// Names the numbering of the commits. A new one begins with an empty file.
    instance: Uuid,
    /// Ids below this may have been given.
    ids_below: i64,
}

/// The file, open for appending, and where reading it goes on.
#[derive(Debug)]
pub(super) struct Spool {
    dir: PathBuf,
    file: File,
    head: Head,
    limit: u64,
    length: u64,
    /// Records before this are in the database.
    done: u64,
    /// Readings in the records behind `done`.
    readings: u64,
    last_commit: i64,
    next_id: i64,
}

/// Why a record was not kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpoolError {
    #[error("the file that holds readings until PostgreSQL is back is full")]
    Full,
    #[error("readings cannot be held on disk: {0}")]
    Io(#[from] io::Error),
}

impl Spool {
    pub fn open(dir: &Path, limit: u64) -> io::Result<Self> {
        let path = dir.join(FILE);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        let fresh = Head { place: Uuid::now_v7(), instance: Uuid::now_v7(), ids_below: 0 };
        let head = match std::fs::read(dir.join(HEAD)) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => fresh,
            Err(error) => return Err(error),
        };
        let (dir, found) = (dir.to_owned(), file.metadata()?.len());
        let mut spool =
            Self { dir, file, head, limit, length: 0, done: 0, readings: 0, last_commit: 0, next_id: 0 };
        while let Some((record, end)) = spool.read_at(spool.length, found)? {
            spool.length = end;
            spool.readings += record.rows.len() as u64;
            spool.last_commit = record.commit;
            spool.next_id = spool.next_id.max(record.next_id());
        }
        spool.cut_tail(&path, found)?;
        if spool.length == 0 {
            spool.head.instance = Uuid::now_v7();
            spool.save_head()?;
        }
        Ok(spool)
    }

    /// Cuts off what is not whole. If that may be more than one unfinished record, a copy is kept.
    fn cut_tail(&mut self, path: &Path, found: u64) -> io::Result<()> {
        if found == self.length {
            return Ok(());
        }
        let mut rest = vec![0; PREFIX.min(usize::try_from(found - self.length).unwrap_or(PREFIX))];
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.read_exact(&mut rest)?;
        let claimed = rest.first_chunk::<4>().map_or(0, |length| u64::from(u32::from_le_bytes(*length)));
        if self.length + PREFIX as u64 + claimed < found {
            let aside = path.with_extension(format!("damaged-{}", Uuid::now_v7().simple()));
            std::fs::copy(path, &aside)?;
            tracing::error!(
                at = self.length, copy = %aside.display(),
                "the file of readings that wait for PostgreSQL is damaged; what is behind the damage is only in the copy"
            );
        }
        self.file.set_len(self.length)?;
        self.file.sync_all()
    }

    fn save_head(&self) -> io::Result<()> {
        let (path, fresh) = (self.dir.join(HEAD), self.dir.join(format!("{HEAD}.new")));
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(&self.head)?)?;
        file.sync_all()?;
        std::fs::rename(fresh, path)?;
        copying::sync_dir(&self.dir)
    }

    /// The record at a place, and where the next one begins; `None` at the end of what is whole.
    fn read_at(&mut self, at: u64, end: u64) -> io::Result<Option<(Record, u64)>> {
        if at + PREFIX as u64 > end {
            return Ok(None);
        }
        let mut prefix = [0; PREFIX];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut prefix)?;
        let [a, b, c, d, told @ ..] = prefix;
        let length = u32::from_le_bytes([a, b, c, d]);
        let next = at + PREFIX as u64 + u64::from(length);
        let length = usize::try_from(length).map_err(io::Error::other)?;
        if next > end || length > RECORD_BYTES {
            return Ok(None);
        }
        let mut body = vec![0; length];
        self.file.read_exact(&mut body)?;
        Ok(if digest(&body) == told { Record::from_body(&body).map(|record| (record, next)) } else { None })
    }

    /// Keeps a record. It is on disk when this returns.
    pub fn append(&mut self, record: &Record) -> Result<(), SpoolError> {
        let bytes = record.to_bytes()?;
        let next = self.length + bytes.len() as u64;
        if next > self.limit {
            return Err(SpoolError::Full);
        }
        let written = self
            .file
            .seek(SeekFrom::Start(self.length))
            .and_then(|_| self.file.write_all(&bytes))
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // So that nothing half written stays before the next record.
            self.file.set_len(self.length)?;
            return Err(error.into());
        }
        self.length = next;
        self.readings += record.rows.len() as u64;
        self.last_commit = record.commit;
        self.next_id = self.next_id.max(record.next_id());
        Ok(())
    }

    /// The oldest record that is not done.
    pub fn front(&mut self) -> io::Result<Option<(Record, u64)>> {
        if self.is_empty() {
            return Ok(None);
        }
        match self.read_at(self.done, self.length)? {
            Some(found) => Ok(Some(found)),
            None => Err(io::Error::new(io::ErrorKind::InvalidData, "a record that was whole is damaged")),
        }
    }

    /// The front record is in the database. When it was the last one, the file is emptied.
    pub fn advance(&mut self, record: &Record, end: u64) -> io::Result<()> {
        self.done = end;
        self.readings = self.readings.saturating_sub(record.rows.len() as u64);
        if self.is_empty() {
            self.file.set_len(0)?;
            self.file.sync_all()?;
            (self.length, self.done, self.readings) = (0, 0, 0);
        }
        Ok(())
    }

    /// All records that are not done.
    pub fn each(&mut self, mut look: impl FnMut(&Record)) -> io::Result<()> {
        let mut at = self.done;
        while let Some((record, next)) = self.read_at(at, self.length)? {
            look(&record);
            at = next;
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.done == self.length
    }

    /// Whether another record of some size has room.
    pub fn has_room(&self) -> bool {
        self.length + 4_096 <= self.limit
    }

    pub fn bytes(&self) -> u64 {
        self.length
    }

    pub fn readings(&self) -> u64 {
        self.readings
    }

    pub fn last_commit(&self) -> i64 {
        self.last_commit
    }

    /// The id after the last one in the file; 0 if there never was one.
    pub fn next_id(&self) -> i64 {
        self.next_id
    }

    pub fn ids_below(&self) -> i64 {
        self.head.ids_below
    }

    /// Notes that ids up to `next_id` and some more may be given.
    pub fn set_aside(&mut self, next_id: i64) -> io::Result<()> {
        if next_id < self.head.ids_below {
            return Ok(());
        }
        self.head.ids_below = next_id + SET_ASIDE;
        self.save_head()
    }

    /// How this server's sessions are called.
    pub fn session_name(&self) -> String {
        format!("tillwatch {}", self.head.place.simple())
    }

    pub fn instance(&self) -> String {
        self.head.instance.simple().to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn record(commit: i64, readings: i64) -> Record {
        let row = |id| Row { id, taken_at: id * 7, received_at: 3, source: 1, values: [1.5, -2.0, 1e300] };
        Record {
            commit,
            first_id: commit * 100,
            sensors: vec![SensorId::Number(5), SensorId::Text("porta \u{e7}".into())],
            sources: vec![[10, 0, 0, 1].into()],
            keys: vec![(ApiKeyId::now(), UtcMicros(9))],
            singles: vec![0],
            rows: (0..readings).map(|n| (1, row(commit * 100 + n))).collect(),
        }
    }

    fn all(spool: &mut Spool) -> Vec<Record> {
        let mut found = Vec::new();
        spool.each(|record| found.push(record.clone())).unwrap();
        found
    }

    /// Cut at every single byte: the records before are there, and the next one goes behind them.
    #[test]
    fn a_file_that_ends_anywhere() {
        let dir = tempfile::tempdir().unwrap();
        let records = [record(1, 1), record(2, 3)];
        let mut spool = Spool::open(dir.path(), 1 << 20).unwrap();
        spool.append(&records[0]).unwrap();
        let first = spool.bytes();
        spool.append(&records[1]).unwrap();
        let bytes = fs::read(dir.path().join(FILE)).unwrap();
        for end in 0..=bytes.len() {
            fs::write(dir.path().join(FILE), &bytes[..end]).unwrap();
            let mut spool = Spool::open(dir.path(), 1 << 20).unwrap();
            let whole = usize::from(end as u64 >= first) + usize::from(end == bytes.len());
            assert_eq!(all(&mut spool), records[..whole], "{end}");
            spool.append(&record(9, 2)).unwrap();
            assert_eq!(all(&mut Spool::open(dir.path(), 1 << 20).unwrap()).len(), whole + 1);
        }
        assert!(fs::read_dir(dir.path()).unwrap().count() == 2, "no copy was kept of an unfinished record");
    }

    #[test]
    fn damage_in_the_middle_keeps_a_copy() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(dir.path(), 1 << 20).unwrap();
        (1..=3).for_each(|n| spool.append(&record(n, 5)).unwrap());
        let mut bytes = fs::read(dir.path().join(FILE)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(dir.path().join(FILE), &bytes).unwrap();
        assert_eq!(all(&mut Spool::open(dir.path(), 1 << 20).unwrap()).len(), 1);
        let copies: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().contains("damaged"))
            .collect();
        assert_eq!(fs::read(&copies[0]).unwrap(), bytes);
    }

    #[test]
    fn bounded_and_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(dir.path(), 2_000).unwrap();
        let mut kept = 0;
        while spool.append(&record(kept + 1, 2)).is_ok() {
            kept += 1;
        }
        assert!(kept > 2 && spool.bytes() <= 2_000);
        assert_eq!(spool.readings(), u64::try_from(kept).unwrap() * 2);
        let instance = spool.instance();
        for commit in 1..=kept {
            let (record, end) = spool.front().unwrap().unwrap();
            assert_eq!(record.commit, commit);
            spool.advance(&record, end).unwrap();
        }
        assert_eq!((spool.bytes(), spool.readings(), spool.is_empty()), (0, 0, true));
        assert_eq!(fs::metadata(dir.path().join(FILE)).unwrap().len(), 0);
        spool.append(&record(kept + 1, 2)).unwrap();
        assert_eq!(Spool::open(dir.path(), 2_000).unwrap().instance(), instance);
    }
}
