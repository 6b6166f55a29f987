//! A copy of another member's ledger, as it arrives in pieces.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use tokio::task::JoinHandle;
use uuid::Uuid;

use super::words::{Piece, Sent};

/// Bytes after which it is brought to the disk.
const BIT: u64 = 4 * 1024 * 1024;

/// Where pieces are put together; none while nothing arrives.
pub type Place = tokio::sync::Mutex<Option<Incoming>>;

/// What has arrived there, if it is all of what was sent.
pub async fn arrived(place: &Place, sent: &Sent) -> Option<PathBuf> {
    let incoming = place.lock().await.take()?;
    incoming.whole(sent).await
}

/// A copy of a ledger that is arriving.
#[derive(Debug)]
pub struct Incoming {
    pub copy: Uuid,
    path: PathBuf,
    file: File,
    length: u64,
    /// So much of it is on the disk, or on its way there.
    synced: u64,
    syncing: Option<JoinHandle<io::Result<()>>>,
    hasher: blake3::Hasher,
}

impl Incoming {
    pub fn new(copy: Uuid, path: PathBuf) -> io::Result<Self> {
        let file = File::create(&path)?;
        Ok(Self { copy, path, file, length: 0, synced: 0, syncing: None, hasher: blake3::Hasher::new() })
    }

    pub async fn take(&mut self, piece: &Piece) -> bool {
        if piece.at != self.length || self.file.write_all(&piece.bytes).is_err() {
            return false;
        }
        self.length += piece.bytes.len() as u64;
        self.hasher.update(&piece.bytes);
        self.length - self.synced < BIT || self.sync().await.is_ok()
    }

    /// Brings it to the disk bit by bit, beside what arrives: all of it at once would hold up the small writes of everybody
    /// else.
    async fn sync(&mut self) -> io::Result<()> {
        self.is_synced().await?;
        let file = self.file.try_clone()?;
        self.synced = self.length;
        self.syncing = Some(tokio::task::spawn_blocking(move || file.sync_data()));
        Ok(())
    }

    /// Waits for what was on its way to the disk.
    async fn is_synced(&mut self) -> io::Result<()> {
        match self.syncing.take() {
            Some(syncing) => syncing.await.map_err(io::Error::other)?,
            None => Ok(()),
        }
    }

    /// The file, if it is all there and on the disk.
    async fn whole(mut self, sent: &Sent) -> Option<PathBuf> {
        let same = self.copy == sent.copy
            && self.length == sent.length
            && *self.hasher.finalize().as_bytes() == sent.hash;
        self.sync().await.ok()?;
        self.is_synced().await.ok()?;
        same.then_some(self.path)
    }
}
