//! The newest entries of the log, in memory.

use std::collections::BTreeMap;
use std::ops::Range;

use openraft::EntryPayload;

use super::super::types::Entry;

/// Entries kept after they are durable, and the bytes that they may have together.
const MOST: usize = 512;
const MOST_BYTES: usize = 32 * 1024 * 1024;

#[derive(Debug, Default)]
pub struct Recent {
    entries: BTreeMap<u64, Entry>,
    bytes: usize,
}

impl Recent {
    pub fn extend(&mut self, entries: impl IntoIterator<Item = Entry>) {
        for entry in entries {
            self.bytes += size(&entry);
            if let Some(before) = self.entries.insert(entry.log_id.index, entry) {
                self.bytes -= size(&before);
            }
        }
    }

    pub fn range(&self, places: Range<u64>) -> Vec<Entry> {
        self.entries.range(places).map(|(_, entry)| entry.clone()).collect()
    }

    /// Forgets the oldest of those that are durable, where there are many.
    pub fn forget(&mut self, durable: Option<u64>) {
        while (self.entries.len() > MOST || self.bytes > MOST_BYTES)
            && let Some(first) = self.entries.first_entry()
            && Some(*first.key()) <= durable
        {
            self.bytes -= size(&first.remove());
        }
    }

    /// Forgets those before a place.
    pub fn forget_before(&mut self, place: u64) {
        let after = self.entries.split_off(&place);
        self.keep(after);
    }

    /// Forgets those from a place on.
    pub fn forget_from(&mut self, place: u64) {
        self.entries.split_off(&place);
        let before = std::mem::take(&mut self.entries);
        self.keep(before);
    }

    fn keep(&mut self, entries: BTreeMap<u64, Entry>) {
        self.bytes = entries.values().map(size).sum();
        self.entries = entries;
    }
}

pub fn size(entry: &Entry) -> usize {
    match &entry.payload {
        EntryPayload::Normal(portion) => portion.0.iter().map(|proposal| proposal.what.bytes()).sum(),
        EntryPayload::Blank | EntryPayload::Membership(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use openraft::LeaderId;

    use super::*;
    use crate::group::types::{LogId, Portion, Proposal, What};

    fn entry(index: u64, bytes: usize) -> Entry {
        let what = What::readings_as(&vec![0; bytes - 1], true);
        let payload = EntryPayload::Normal(Portion([Proposal { member: 1, ticket: 1, what }].into()));
        Entry { log_id: LogId::new(LeaderId::new(1, 1), index), payload }
    }

    #[test]
    fn large_ones_do_not_fill_the_memory() {
        let mut recent = Recent::default();
        recent.extend((1..=100).map(|index| entry(index, 1024 * 1024)));
        recent.forget(Some(10));
        assert_eq!(recent.range(0..200).len(), 90, "what is not durable stays");
        recent.forget(Some(100));
        assert_eq!(recent.range(0..200).first().map(|entry| entry.log_id.index), Some(69));
        recent.forget_from(99);
        recent.forget_before(98);
        assert_eq!((recent.range(0..200).len(), recent.bytes), (1, 1024 * 1024));
    }
}
