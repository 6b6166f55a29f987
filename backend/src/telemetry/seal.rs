//! The digest that binds readings into the journal. Pure.
//!
//! A seal is the BLAKE3 digest of the readings `first_id ..= last_id` in the order of their ids. Each
//! reading is these bytes, little endian:
//!
//! ```text
//! i64 id, i64 measured at, i64 received at (microseconds since 1970 UTC),
//! f64 temperature, f64 humidity, f64 pressure,
//! u16 length and UTF-8 bytes of the sensor's id,
//! u16 length and UTF-8 bytes of the sender's address (length 0 if unknown)
//! ```
//! Ids have no gaps, so a reading that is missing shows as well.

use std::collections::VecDeque;

use tillwatch_shared::api::ReadingsSeal;

use super::row::Row;

/// Readings in one seal at most.
pub const SEAL_READINGS: i64 = 1_000_000;
/// Seals that wait for the journal in memory. Older ones are made again from the stored readings.
const WAITING: usize = 64;

/// Digests readings that come in the order of their ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Digest {
    hasher: blake3::Hasher,
    bytes: Vec<u8>,
}

impl Digest {
    pub fn add(&mut self, row: &Row, sensor: &str, source: &str) {
        for number in [row.id, row.taken_at, row.received_at] {
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
        for value in row.values {
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
        for text in [sensor, source] {
            let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
            self.bytes.extend_from_slice(&length.to_le_bytes());
            self.bytes.extend_from_slice(text.as_bytes());
        }
        // In long pieces several parts are digested at once.
        if self.bytes.len() >= 16 * 1024 {
            self.hasher.update(&self.bytes);
            self.bytes.clear();
        }
    }

    pub fn seal(&mut self, first_id: i64, last_id: i64) -> ReadingsSeal {
        self.hasher.update(&self.bytes);
        self.bytes.clear();
        ReadingsSeal { first_id, last_id, digest: self.hasher.finalize().to_hex().to_string() }
    }
}

/// Digests readings while they are stored, so that most seals need no reading back.
#[derive(Debug)]
pub(super) struct Sealer {
    /// Seals that are cut, oldest first, without gaps up to `first_id`.
    cut: VecDeque<ReadingsSeal>,
    /// The first reading of the running digest.
    first_id: i64,
    next_id: i64,
    running: Digest,
}

impl Sealer {
    /// Begins with the reading that will be stored next.
    pub fn new(next_id: i64) -> Self {
        Self { cut: VecDeque::new(), first_id: next_id, next_id, running: Digest::default() }
    }

    /// Takes a reading that is stored.
    pub fn add(&mut self, row: &Row, sensor: &str, source: &str) {
        self.running.add(row, sensor, source);
        self.next_id = row.id + 1;
        if self.next_id - self.first_id >= SEAL_READINGS {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let seal = self.running.seal(self.first_id, self.next_id - 1);
        self.running = Digest::default();
        self.first_id = self.next_id;
        self.cut.push_back(seal);
        if self.cut.len() > WAITING {
            self.cut.pop_front();
        }
    }

    /// The seal that follows the id that the journal sealed last.
    pub fn pending(&mut self, sealed_up_to: i64) -> Pending {
        while self.cut.front().is_some_and(|seal| seal.last_id <= sealed_up_to) {
            self.cut.pop_front();
        }
        let wanted = sealed_up_to.saturating_add(1);
        if wanted >= self.next_id {
            return Pending::Nothing;
        }
        if self.cut.is_empty() && self.first_id == wanted {
            self.cut();
        }
        match self.cut.front() {
            Some(seal) if seal.first_id == wanted => Pending::Seal(seal.clone()),
            // From before the start of this program, or the journal was cut otherwise: read it back.
            front => {
                let known = front.map_or(self.first_id, |seal| seal.first_id);
                let end = if known > wanted { known } else { self.next_id };
                Pending::ReadBack { first_id: wanted, last_id: (end - 1).min(sealed_up_to + SEAL_READINGS) }
            }
        }
    }
}

/// What [`Sealer::pending`] knows.
#[derive(Debug, PartialEq)]
pub(super) enum Pending {
    Nothing,
    Seal(ReadingsSeal),
    /// The readings must be read back and digested.
    ReadBack {
        first_id: i64,
        last_id: i64,
    },
}

#[cfg(test)]
mod tests {
    use super::{Pending, SEAL_READINGS, Sealer};
    use crate::telemetry::row::Row;

    fn add(sealer: &mut Sealer, ids: std::ops::RangeInclusive<i64>) {
        for id in ids {
            let row = Row { id, taken_at: id, received_at: id, source: 0, values: [0.0; 3] };
            sealer.add(&row, "a", "");
        }
    }

    fn range(pending: &Pending) -> Option<(i64, i64)> {
        match pending {
            Pending::Seal(seal) => Some((seal.first_id, seal.last_id)),
            Pending::Nothing | Pending::ReadBack { .. } => None,
        }
    }

    #[test]
    fn the_same_seal_until_it_is_journaled() {
        let mut sealer = Sealer::new(1);
        assert_eq!(sealer.pending(0), Pending::Nothing);
        add(&mut sealer, 1..=5);
        let first = sealer.pending(0);
        assert_eq!(range(&first), Some((1, 5)));
        add(&mut sealer, 6..=9);
        assert_eq!(sealer.pending(0), first);
        assert_eq!(range(&sealer.pending(5)), Some((6, 9)));
        assert_eq!(sealer.pending(9), Pending::Nothing);
    }

    #[test]
    fn long_ranges_are_cut() {
        let mut sealer = Sealer::new(1);
        add(&mut sealer, 1..=SEAL_READINGS + 1);
        assert_eq!(range(&sealer.pending(0)), Some((1, SEAL_READINGS)));
        assert_eq!(range(&sealer.pending(SEAL_READINGS)), Some((SEAL_READINGS + 1, SEAL_READINGS + 1)));
        assert_eq!(
            Sealer::new(SEAL_READINGS * 2).pending(3),
            Pending::ReadBack { first_id: 4, last_id: SEAL_READINGS + 3 }
        );
    }

    #[test]
    fn reads_back_what_it_did_not_see() {
        let mut sealer = Sealer::new(11);
        assert_eq!(sealer.pending(4), Pending::ReadBack { first_id: 5, last_id: 10 });
        add(&mut sealer, 11..=20);
        assert_eq!(range(&sealer.pending(10)), Some((11, 20)));
        assert_eq!(sealer.pending(14), Pending::ReadBack { first_id: 15, last_id: 20 });
    }
}
