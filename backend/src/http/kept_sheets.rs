//! Sheets that are being taken in piece by piece, kept so that each is sent once. In memory only and bounded: a
//! server that was started again, or has other sheets to keep, asks for the file once more.

use std::collections::VecDeque;
use std::sync::Mutex;

use actix_web::web::Bytes;
use tillwatch_shared::PersonId;
use tillwatch_shared::limits::IMPORT_BYTES;

use crate::locks::lock;

/// What is kept of all callers together; the sheet that was asked for longest ago leaves first.
const ROOM: usize = 4 * IMPORT_BYTES;

#[derive(Debug, Default)]
pub struct KeptSheets(Mutex<VecDeque<Kept>>);

/// Nobody but who sent a sheet can name it.
#[derive(Debug)]
struct Kept {
    owner: PersonId,
    digest: String,
    bytes: Bytes,
}

impl KeptSheets {
    /// Keeps a sheet, and says by which name it is asked for: the digest of its bytes.
    pub fn keep(&self, owner: PersonId, bytes: &Bytes) -> String {
        let digest = blake3::hash(bytes).to_hex().to_string();
        self.with(|kept| {
            kept.retain(|one| !one.is(owner, &digest));
            kept.push_back(Kept { owner, digest: digest.clone(), bytes: bytes.clone() });
            while kept.iter().map(|one| one.bytes.len()).sum::<usize>() > ROOM {
                kept.pop_front();
            }
        });
        digest
    }

    pub fn find(&self, owner: PersonId, digest: &str) -> Option<Bytes> {
        self.with(|kept| kept.iter().find(|one| one.is(owner, digest)).map(|one| one.bytes.clone()))
    }

    /// The last piece is done.
    pub fn forget(&self, owner: PersonId, digest: &str) {
        self.with(|kept| kept.retain(|one| !one.is(owner, digest)));
    }

    fn with<T>(&self, act: impl FnOnce(&mut VecDeque<Kept>) -> T) -> T {
        act(&mut lock(&self.0))
    }
}

impl Kept {
    fn is(&self, owner: PersonId, digest: &str) -> bool {
        self.owner == owner && self.digest == digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_that_was_asked_for_longest_ago_leaves_first() {
        let (kept, me, other) = (KeptSheets::default(), PersonId::now(), PersonId::now());
        let sheets: Vec<Bytes> = (0..5_u8).map(|n| Bytes::from(vec![n; IMPORT_BYTES])).collect();
        let names: Vec<String> = sheets[..4].iter().map(|sheet| kept.keep(me, sheet)).collect();
        assert_eq!(kept.find(other, &names[0]), None, "nobody else's");
        assert_eq!(kept.keep(me, &sheets[0]), names[0], "asked for again");
        kept.keep(other, &sheets[4]);
        let there = |n: usize| kept.find(me, &names[n]).as_ref() == Some(&sheets[n]);
        assert_eq!([0, 1, 2, 3].map(there), [true, false, true, true]);
        kept.forget(other, &names[2]);
        assert!(there(2), "nobody else forgets it");
        kept.forget(me, &names[2]);
        assert!(!there(2));
    }
}
