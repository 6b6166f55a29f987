//! A copy of another member's ledger, as it arrives in pieces.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use uuid::Uuid;

use super::types::away;
use super::words::{Piece, Sent};

/// Bytes after which it is brought to the disk.
const BIT: u64 = 4 * 1024 * 1024;

/// A copy of a ledger that is arriving.
#[derive(Debug)]
pub struct Incoming {
    pub copy: Uuid,
    path: PathBuf,
    file: File,
    length: u64,
    /// So much of it is on the disk.
    synced: u64,
    hasher: blake3::Hasher,
}

impl Incoming {
    pub fn new(copy: Uuid, path: PathBuf) -> io::Result<Self> {
        let file = File::create(&path)?;
        Ok(Self { copy, path, file, length: 0, synced: 0, hasher: blake3::Hasher::new() })
    }

    pub async fn take(&mut self, piece: &Piece) -> bool {
        if piece.at != self.length || self.file.write_all(&piece.bytes).is_err() {
            return false;
        }
        self.length += piece.bytes.len() as u64;
        self.hasher.update(&piece.bytes);
        self.length - self.synced < BIT || self.sync().await
    }

    /// Brings it to the disk bit by bit: all of it at once would hold up the small writes of everybody else.
    async fn sync(&mut self) -> bool {
        let Ok(file) = self.file.try_clone() else { return false };
        self.synced = self.length;
        away(move || file.sync_data()).await.is_some_and(|synced| synced.is_ok())
    }

    /// The file, if it is all there and on the disk.
    pub fn whole(self, sent: &Sent) -> Option<PathBuf> {
        let same = self.copy == sent.copy
            && self.length == sent.length
            && *self.hasher.finalize().as_bytes() == sent.hash;
        (same && self.file.sync_all().is_ok()).then_some(self.path)
    }
}
