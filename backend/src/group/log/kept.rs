//! What stays in the log's file, and for whom.

use tokio::sync::watch;

use super::super::history::Places;
use super::super::types::away;
use super::{Change, LogError, LogStore, packed};
use crate::locks::lock;

impl LogStore {
    /// What this history has not written yet stays in the file, although the log has let go of it.
    pub fn keep_for_history(&self, history: watch::Receiver<Places>) {
        // It is told once.
        let _ = self.0.history.set(history);
    }

    /// The ledger is about to become a copy that has all up to here.
    pub async fn note_copied(&self, place: u64) -> Result<(), LogError> {
        self.change(Change::Note("copied", packed(&place)?)).await?;
        lock(&self.0.known).copied = place;
        Ok(())
    }

    pub fn copied_upto(&self) -> u64 {
        lock(&self.0.known).copied
    }

    /// Bytes of the file that are in use.
    pub async fn bytes(&self) -> Result<u64, LogError> {
        let store = self.clone();
        let counted = away(move || {
            let sql = "SELECT (page_count - freelist_count) * page_size \
                       FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
            let bytes: i64 = lock(&store.0.reader).query_row(sql, [], |row| row.get(0))?;
            Ok(bytes.unsigned_abs())
        });
        counted.await.unwrap_or(Err(LogError::Closed))
    }

    /// Up to where entries may leave the file when the log lets go of those up to this place.
    pub(super) fn may_go(&self, place: u64) -> u64 {
        let places = self.0.history.get().map(|history| *history.borrow());
        let waits = places.filter(|places| places.taken.is_some() && places.written >= self.copied_upto());
        waits.map_or(place, |places| place.min(places.written))
    }
}
