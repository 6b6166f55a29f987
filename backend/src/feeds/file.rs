//! Reading one file once: what has changed since it was read before, in records, in bounded memory.
//!
//! NDJSON is continued where it was left, if the bytes before that place are still the same. A JSON array is
//! gone through twice: first whether it is whole, then for its records, and the second time each block must
//! be what it was the first time. So nothing is taken from a file that is just being written.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::UNIX_EPOCH;

use tillwatch_shared::api::{FaultCode, FaultReason, FeedFormat};

use super::record::{self, Bad};
use super::split::{Broken, Piece, Splitter};
use crate::domain::feeds::{Record, Source};

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;
/// Bytes before the position by which an NDJSON file is known again.
const TAIL: u64 = 4096;

/// Why a file gave nothing (more). What was taken before stands. Shown as the reason that people get to see.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.reason())]
pub enum Trouble {
    Missing,
    Directory,
    NotAFile,
    Emptied,
    /// How it begins.
    Unknown(String),
    Broken(Broken),
    /// It was changed while it was read.
    Moving,
    Io(#[from] io::Error),
    /// The ledger did not take the records. They are offered again.
    Ledger(String),
    Stopping,
}

impl From<Broken> for Trouble {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl Trouble {
    /// Looking at the same file again may go better.
    pub const fn passes(&self) -> bool {
        match self {
            Self::Moving | Self::Io(_) | Self::Ledger(_) | Self::Stopping => true,
            Self::Missing
            | Self::Directory
            | Self::NotAFile
            | Self::Emptied
            | Self::Unknown(_)
            | Self::Broken(_) => false,
        }
    }

    /// The same for those who are told.
    pub fn reason(&self) -> FaultReason {
        match self {
            Self::Missing => FaultReason::plain(FaultCode::NoSuchFile),
            Self::Directory => FaultReason::plain(FaultCode::Directory),
            Self::NotAFile => FaultReason::plain(FaultCode::NotAFile),
            Self::Emptied => FaultReason::plain(FaultCode::Emptied),
            Self::Unknown(begins) => FaultReason::about(FaultCode::UnknownForm, format_args!("{begins:?}")),
            Self::Broken(Broken::CutInside { line }) => FaultReason::about(FaultCode::CutInside, line),
            Self::Broken(Broken::NotClosed) => FaultReason::plain(FaultCode::NotClosed),
            Self::Broken(Broken::Behind { line }) => FaultReason::about(FaultCode::BehindTheEnd, line),
            Self::Moving => FaultReason::plain(FaultCode::Changing),
            Self::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                FaultReason::plain(FaultCode::NotAllowed)
            }
            Self::Io(error) => FaultReason::about(FaultCode::Unreadable, error),
            Self::Ledger(reason) => FaultReason::about(FaultCode::NotTaken, reason),
            Self::Stopping => FaultReason::plain(FaultCode::Stopping),
        }
    }

    /// The line that is to blame.
    pub const fn line(&self) -> Option<i64> {
        match self {
            Self::Broken(Broken::CutInside { line } | Broken::Behind { line }) => Some(*line),
            Self::Broken(Broken::NotClosed)
            | Self::Missing
            | Self::Directory
            | Self::NotAFile
            | Self::Emptied
            | Self::Unknown(_)
            | Self::Moving
            | Self::Io(_)
            | Self::Ledger(_)
            | Self::Stopping => None,
        }
    }
}

/// Who gets the records.
pub trait Taker {
    /// Reading begins, at the file's beginning or where it was left.
    fn begin(&mut self, format: FeedFormat, from_start: bool);
    /// A good record; `read` is how far the file is read with it.
    fn record(&mut self, record: Record, read: &Source) -> Result<(), Trouble>;
    fn bad(&mut self, line: i64, bad: Bad);
    /// So many bytes of the file are read.
    fn progress(&mut self, position: u64, size: u64);
}

/// What shows that a file is the one that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub inode: u64,
    pub size: u64,
    pub modified_nanos: i64,
}

impl Stamp {
    /// Of the file at this path, if it can be read as a file at all.
    pub fn of(path: &Path) -> Result<Self, Trouble> {
        let found = std::fs::metadata(path).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound { Trouble::Missing } else { Trouble::Io(error) }
        })?;
        if found.is_dir() {
            return Err(Trouble::Directory);
        }
        if !found.is_file() {
            return Err(Trouble::NotAFile);
        }
        Ok(Self::from(&found))
    }

    pub const fn of_source(source: &Source) -> Self {
        Self { inode: source.inode, size: source.size, modified_nanos: source.modified_nanos }
    }

    fn source(self) -> Source {
        Source {
            inode: self.inode,
            size: self.size,
            modified_nanos: self.modified_nanos,
            ..Source::default()
        }
    }
}

impl From<&Metadata> for Stamp {
    fn from(found: &Metadata) -> Self {
        let modified = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let modified_nanos = modified.and_then(|at| i64::try_from(at.as_nanos()).ok()).unwrap_or(0);
        Self { inode: inode(found), size: found.len(), modified_nanos }
    }
}

#[cfg(unix)]
fn inode(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
const fn inode(_: &Metadata) -> u64 {
    0
}

/// Reads what is new, and returns how far the file is read now.
pub fn read(
    path: &Path,
    known: &Source,
    taker: &mut impl Taker,
    stop: &AtomicBool,
) -> Result<Source, Trouble> {
    let mut file = File::open(path)?;
    let stamp = Stamp::from(&file.metadata()?);
    let Some(format) = format(&mut file)? else {
        let was_read = known.position > 0 || known.complete;
        return if was_read { Err(Trouble::Emptied) } else { Ok(stamp.source()) };
    };
    match format {
        FeedFormat::Json => read_array(&mut file, stamp, taker, stop),
        FeedFormat::Ndjson => read_lines(&mut file, stamp, known, taker, stop),
    }
}

/// By the first byte that is not blank; `None` if there is none.
fn format(file: &mut File) -> Result<Option<FeedFormat>, Trouble> {
    let mut block = vec![0; BLOCK];
    let count = fill(file, &mut block)?;
    file.rewind()?;
    let bytes = block.get(..count).unwrap_or_default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match bytes.first() {
        None => Ok(None),
        Some(b'[') => Ok(Some(FeedFormat::Json)),
        Some(b'{') => Ok(Some(FeedFormat::Ndjson)),
        Some(_) => {
            let begins = bytes.get(..bytes.len().min(20)).unwrap_or_default();
            Err(Trouble::Unknown(String::from_utf8_lossy(begins).into_owned()))
        }
    }
}

fn read_lines(
    file: &mut File,
    stamp: Stamp,
    known: &Source,
    taker: &mut impl Taker,
    stop: &AtomicBool,
) -> Result<Source, Trouble> {
    let continues = known.position > 0
        && known.inode == stamp.inode
        && known.position <= stamp.size
        && tail(file, known.position)? == known.tail;
    let mut read = stamp.source();
    if continues {
        (read.position, read.line) = (known.position, known.line);
    } else {
        read.line = 1;
    }
    taker.begin(FeedFormat::Ndjson, !continues);
    file.seek(SeekFrom::Start(read.position))?;
    let mut splitter = Splitter::new(FeedFormat::Ndjson, read.position, read.line);
    let mut bom = read.position == 0;
    let mut block = vec![0; BLOCK];
    let mut at = read.position;
    loop {
        let count = fill(file, &mut block)?;
        let Some(bytes) = block.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        let skip = if std::mem::take(&mut bom) && bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        at += count as u64;
        if skip > 0 {
            splitter = Splitter::new(FeedFormat::Ndjson, 3, 1);
        }
        splitter.push(bytes.get(skip..).unwrap_or_default(), &mut |piece, (position, line)| {
            (read.position, read.line) = (position, line);
            one(&piece, &read, taker)
        })?;
        taker.progress(at, stamp.size.max(at));
        stopping(stop)?;
    }
    // The last line without its end: taken if it is a whole object, otherwise it waits for the rest.
    if let Some(piece) = splitter.rest()
        && let Ok(last) = record::read(&piece)
    {
        (read.position, read.line) = (at, piece.line);
        taker.record(last, &read)?;
    } else {
        (read.position, read.line) = splitter.settled();
    }
    read.tail = tail(file, read.position)?;
    read.complete = true;
    Ok(read)
}

fn read_array(
    file: &mut File,
    stamp: Stamp,
    taker: &mut impl Taker,
    stop: &AtomicBool,
) -> Result<Source, Trouble> {
    let blocks = survey(file, stop)?;
    taker.begin(FeedFormat::Json, true);
    file.rewind()?;
    let mut read = stamp.source();
    let mut splitter = Splitter::new(FeedFormat::Json, 0, 1);
    let mut block = vec![0; BLOCK];
    let mut at = 0;
    for known in &blocks {
        let count = fill(file, &mut block)?;
        let bytes = block.get(..count).unwrap_or_default();
        if sum(bytes) != *known {
            return Err(Trouble::Moving);
        }
        splitter.push(bytes, &mut |piece, _| one(&piece, &read, taker))?;
        at += count as u64;
        taker.progress(at, stamp.size.max(at));
        stopping(stop)?;
    }
    if fill(file, &mut block)? > 0 {
        return Err(Trouble::Moving);
    }
    read.position = at;
    read.complete = true;
    Ok(read)
}

/// Whether the array is whole, and a sum of each of its blocks (16 bytes for 64 kB).
fn survey(file: &mut File, stop: &AtomicBool) -> Result<Vec<[u8; 16]>, Trouble> {
    let mut splitter = Splitter::new(FeedFormat::Json, 0, 1);
    let mut blocks = Vec::new();
    let mut block = vec![0; BLOCK];
    loop {
        let count = fill(file, &mut block)?;
        let Some(bytes) = block.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        blocks.push(sum(bytes));
        splitter.push(bytes, &mut |_, _| Ok::<(), Trouble>(()))?;
        stopping(stop)?;
    }
    splitter.finish()?;
    Ok(blocks)
}

fn one(piece: &Piece<'_>, read: &Source, taker: &mut impl Taker) -> Result<(), Trouble> {
    match record::read(piece) {
        Ok(record) => taker.record(record, read),
        Err(bad) => {
            taker.bad(piece.line, bad);
            Ok(())
        }
    }
}

/// The sum of the last bytes before a place.
pub fn tail(file: &mut File, position: u64) -> Result<String, Trouble> {
    let from = position.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = vec![0; usize::try_from(position - from).unwrap_or(0)];
    let count = fill(file, &mut bytes)?;
    Ok(blake3::hash(bytes.get(..count).unwrap_or_default()).to_hex().to_string())
}

fn sum(bytes: &[u8]) -> [u8; 16] {
    let mut sum = [0; 16];
    sum.copy_from_slice(blake3::hash(bytes).as_bytes().split_at(16).0);
    sum
}

/// Reads until the block is full or the file ends.
fn fill(file: &mut File, block: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while let Some(room) = block.get_mut(count..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

fn stopping(stop: &AtomicBool) -> Result<(), Trouble> {
    if stop.load(Ordering::Relaxed) { Err(Trouble::Stopping) } else { Ok(()) }
}
