//! What the members' programs understand. Servers are upgraded one after the other while the group goes on: a kind of
//! command that one of them does not know yet waits until it does, for it could not apply what the log says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::types::MemberId;
use crate::domain::Payload;
use crate::ledger::schema;
use crate::locks::lock;

/// What a program understands, as members tell each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knows {
    /// The kinds of commands.
    pub kinds: BTreeSet<String>,
    /// The newest form of a ledger's file.
    pub ledger: u64,
}

impl Knows {
    /// What this program does.
    pub fn mine() -> Self {
        let kinds = Payload::KINDS.iter().map(|kind| (*kind).to_owned()).collect();
        Self { kinds, ledger: schema::MIGRATIONS.len() as u64 }
    }
}

/// What was heard last of each of the others, whether it is there now or not.
#[derive(Debug, Default)]
pub struct Vocabulary(Mutex<BTreeMap<MemberId, Heard>>);

#[derive(Debug, PartialEq, Eq)]
struct Heard {
    /// What this program knows, and that one does not.
    lacks: BTreeSet<&'static str>,
    /// The newest form of a ledger's file that it knows.
    ledger: u64,
}

impl Vocabulary {
    pub fn hear(&self, member: MemberId, knows: &Knows) {
        let lacks: BTreeSet<_> =
            Payload::KINDS.iter().copied().filter(|kind| !knows.kinds.contains(*kind)).collect();
        let told = Heard { lacks, ledger: knows.ledger };
        let mut heard = lock(&self.0);
        if heard.get(&member) == Some(&told) {
            return;
        }
        if !told.lacks.is_empty() {
            let lacks = &told.lacks;
            tracing::warn!(
                member,
                ?lacks,
                "is of an older version: these commands wait until it is upgraded"
            );
        }
        heard.insert(member, told);
    }

    /// The kinds that one of these members does not know, each with such a member. Nothing is said of those that were
    /// never heard: one that is away is told by its own program what it does not know.
    pub fn lacking(&self, members: impl Fn(MemberId) -> bool) -> BTreeMap<&'static str, MemberId> {
        let heard = lock(&self.0);
        let meant = heard.iter().filter(|(_, heard)| !heard.lacks.is_empty()).filter(|(id, _)| members(**id));
        meant.flat_map(|(id, heard)| heard.lacks.iter().map(|kind| (*kind, *id))).collect()
    }

    /// Whether a copy of this member's ledger is of no use there: its program knows older forms only.
    pub fn ledger_is_too_new_for(&self, member: MemberId) -> bool {
        let mine = schema::MIGRATIONS.len() as u64;
        lock(&self.0).get(&member).is_some_and(|heard| heard.ledger < mine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(kind: &str) -> Knows {
        let mut knows = Knows::mine();
        assert!(knows.kinds.remove(kind));
        knows
    }

    #[test]
    fn what_one_member_does_not_know_waits_until_it_does() {
        let vocabulary = Vocabulary::default();
        vocabulary.hear(2, &Knows::mine());
        assert!(vocabulary.lacking(|_| true).is_empty());
        vocabulary.hear(3, &without("note_told"));
        assert_eq!(vocabulary.lacking(|_| true), BTreeMap::from([("note_told", 3)]));
        assert!(vocabulary.lacking(|id| id != 3).is_empty(), "it is no member any more");
        let mut newer = Knows::mine();
        newer.kinds.insert("something_new".to_owned());
        vocabulary.hear(3, &newer);
        assert!(vocabulary.lacking(|_| true).is_empty());
    }

    #[test]
    fn a_ledger_goes_to_whoever_knows_its_form() {
        let vocabulary = Vocabulary::default();
        assert!(!vocabulary.ledger_is_too_new_for(2), "nothing was heard of it");
        let form = |ledger| Knows { ledger, ..Knows::mine() };
        let mine = Knows::mine().ledger;
        for (ledger, too_new) in [(mine - 1, true), (mine, false), (mine + 1, false)] {
            vocabulary.hear(2, &form(ledger));
            assert_eq!(vocabulary.ledger_is_too_new_for(2), too_new, "{ledger}");
        }
    }
}
