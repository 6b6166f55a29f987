//! What was told to anybody, and whether it is so.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use tillwatch_shared::CommandId;
use tokio::time::Instant;

use super::client::Shown;
use super::member::Host;
use super::net::CLIENTS;
use super::world::{Phase, World};
use crate::domain::{Command, rows};
use crate::group::types::MemberId;
use crate::ledger::journal::{self, Tip};
use crate::ledger::queries::{Slice, coordination};
use crate::ledger::{SubmitError, verify};
use crate::locks::lock;

pub const MEMBERS: [MemberId; 3] = [1, 2, 3];
/// How long a group with nothing wrong any more may take until all have the same.
const AGREES: Duration = Duration::from_mins(1);
/// Of those that were accepted, so many are asked once more at the end.
const ASKED_AGAIN: usize = 20;

/// What must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// It was answered, and is not in a journal.
    Lost {
        id: CommandId,
        seq: i64,
        member: MemberId,
    },
    /// It was answered, and is in a journal at another place.
    Moved {
        id: CommandId,
        seq: i64,
        member: MemberId,
    },
    /// It is in a journal more than once.
    Twice {
        id: CommandId,
        member: MemberId,
    },
    /// It was told to be refused, and counts.
    RefusedCounts {
        id: CommandId,
    },
    /// The same command, asked again, had another outcome.
    OtherOutcome {
        id: CommandId,
        first: i64,
        now: String,
    },
    /// It got no outcome from a group with nothing wrong.
    NoOutcome {
        id: CommandId,
    },
    /// It was asked after that place was answered, and stands before it.
    OutOfOrder {
        id: CommandId,
        seq: i64,
        after: i64,
    },
    /// A journal differs from what was shown at this place before.
    Diverged {
        member: MemberId,
        seq: i64,
    },
    /// A reader was shown less than he had seen.
    WentBack {
        member: MemberId,
        wanted: i64,
        shown: i64,
    },
    /// With nothing wrong any more, the members do not come to the same.
    NoAgreement {
        how: String,
    },
    /// A member ended by itself, and its disk was not the reason.
    Broke {
        member: MemberId,
        why: String,
    },
    DoesNotStart {
        member: MemberId,
        why: String,
    },
    /// A member does things over and over without waiting for anything.
    Spins {
        member: MemberId,
    },
    /// Nothing comes of it any more.
    NeverEnds,
    /// Something counts that a member has put into the log, and the last one of which it is written before that it
    /// coordinates is another one.
    Unwritten {
        term: u64,
        leader: MemberId,
    },
    /// A ledger does not tell, each once and in their order, those who coordinated, up to the one that does now.
    OtherCoordinators {
        member: MemberId,
        told: Vec<(u64, MemberId)>,
    },
    /// What the product's own recount says.
    Damaged {
        member: MemberId,
        why: String,
    },
}

#[derive(Debug, Default)]
pub struct History {
    /// The newest place that was answered to anybody.
    pub floor: i64,
    pub accepted: BTreeMap<CommandId, (Command, i64)>,
    pub refused: BTreeMap<CommandId, String>,
    pub unheard: u64,
    pub reads: u64,
    pub behind: u64,
    /// What journals were seen to hold.
    hashes: BTreeMap<i64, [u8; 32]>,
    /// The terms of which a log that counts has who coordinated.
    pub written: BTreeSet<(u64, MemberId)>,
    pub found: Vec<Violation>,
}

impl History {
    /// A member is out of order for good, so the world ends.
    pub fn is_broken(&self) -> bool {
        self.found.iter().any(|found| {
            matches!(
                found,
                Violation::Broke { .. }
                    | Violation::DoesNotStart { .. }
                    | Violation::Spins { .. }
                    | Violation::NeverEnds
            )
        })
    }

    /// A command was answered that was first asked when all up to `floor` had been.
    pub fn accepted(&mut self, command: Command, seq: i64, floor: i64) {
        let id = command.id;
        if seq <= floor {
            self.found.push(Violation::OutOfOrder { id, seq, after: floor });
        }
        self.floor = self.floor.max(seq);
        self.accepted.insert(id, (command, seq));
    }

    pub fn shown(&mut self, member: MemberId, wanted: i64, tip: Tip) {
        self.reads += 1;
        if tip.seq < wanted {
            self.found.push(Violation::WentBack { member, wanted, shown: tip.seq });
        }
        self.hash(member, tip.seq, tip.hash);
    }

    fn hash(&mut self, member: MemberId, seq: i64, hash: [u8; 32]) {
        match self.hashes.entry(seq) {
            Entry::Vacant(place) => {
                place.insert(hash);
            }
            Entry::Occupied(known) if *known.get() != hash => {
                self.found.push(Violation::Diverged { member, seq });
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Lays a whole journal beside what was told.
    fn journal(&mut self, member: MemberId, rows: &[(i64, CommandId, [u8; 32])]) {
        let mut places = BTreeMap::new();
        for (seq, id, hash) in rows {
            self.hash(member, *seq, *hash);
            if places.insert(*id, *seq).is_some() {
                self.found.push(Violation::Twice { id: *id, member });
            }
            if self.refused.contains_key(id) {
                self.found.push(Violation::RefusedCounts { id: *id });
            }
        }
        for (id, (_, seq)) in &self.accepted {
            let (id, seq) = (*id, *seq);
            match places.get(&id) {
                None => self.found.push(Violation::Lost { id, seq, member }),
                Some(place) if *place != seq => self.found.push(Violation::Moved { id, seq, member }),
                Some(_) => {}
            }
        }
    }
}

impl World {
    pub fn found(&self, violation: Violation) {
        self.note(format_args!("{violation:?}"));
        lock(&self.history).found.push(violation);
    }

    /// With nothing wrong any more, all members come to the same, and all that was told is so.
    pub async fn check(self: &Arc<Self>) {
        let end = Instant::now() + AGREES;
        while let Err(how) = self.agree() {
            if Instant::now() > end {
                return self.found(Violation::NoAgreement { how });
            }
            self.rest(20, Phase::Net).await;
        }
        self.ask_again().await;
        // What was asked again may be on its way to the last one.
        while self.agree().is_err() && Instant::now() < end {
            self.rest(20, Phase::Net).await;
        }
        let hosts = lock(&self.hosts).clone();
        for (id, host) in hosts {
            let rows = rows(&host).unwrap();
            self.note(format_args!("{id} has {} in its journal, up to {:?}", rows.len(), rows.last()));
            let verified = host.ledger.read(|db| Ok(verify::verify(db, &mut |_| {}))).unwrap();
            let told = coordinators(&host).unwrap();
            let mut history = lock(&self.history);
            history.journal(id, &rows);
            let leads = host.raft().metrics().borrow().clone();
            let newest = Some((leads.current_term, leads.current_leader.unwrap_or_default()));
            if !told.iter().eq(&history.written) || told.last().copied() != newest {
                history.found.push(Violation::OtherCoordinators { member: id, told });
            }
            if let Err(damage) = verified {
                history.found.push(Violation::Damaged { member: id, why: damage.to_string() });
            }
        }
    }

    /// Whether all are there and have the same.
    fn agree(&self) -> Result<(), String> {
        let hosts = lock(&self.hosts).clone();
        let mut how = String::new();
        let mut places = Vec::new();
        for (id, host) in &hosts {
            let now = host.raft().metrics().borrow().clone();
            let applied = now.last_applied.map(|place| place.index);
            places.push((applied, now.last_log_index, now.current_leader, now.current_term));
            let _ =
                write!(how, "{id}: {:?} of {:?}, {:?}; ", applied, now.last_log_index, now.current_leader);
        }
        let first = places.first().copied();
        let same = places.len() == MEMBERS.len()
            && places.iter().all(|place| Some(*place) == first && place.0 == place.1 && place.2.is_some());
        if same { Ok(()) } else { Err(how) }
    }

    /// The same command, asked again, has the outcome that it had.
    async fn ask_again(self: &Arc<Self>) {
        let all: Vec<(Command, i64)> = lock(&self.history).accepted.values().cloned().collect();
        for _ in 0..ASKED_AGAIN.min(all.len()) {
            let (command, first) = all[self.place_in(all.len())].clone();
            let (id, member) = (command.id, self.one_of(&MEMBERS));
            match self.submit(CLIENTS, member, command).await {
                Some(Ok(receipt)) if receipt.seq == first && receipt.repeated => {}
                Some(Err(SubmitError::NoCoordinator | SubmitError::Unknown | SubmitError::Busy)) | None => {}
                other => {
                    let now = match other {
                        Some(Ok(receipt)) => format!("accepted at {}", receipt.seq),
                        Some(Err(error)) => error.to_string(),
                        None => String::new(),
                    };
                    self.found(Violation::OtherOutcome { id, first, now });
                }
            }
        }
    }

    /// Up to where a reader has seen. None was shown: the member said that it is behind.
    pub fn read(&self, member: MemberId, wanted: i64, shown: Option<&Shown>) -> i64 {
        let mut history = lock(&self.history);
        let Some(Shown { tip, own }) = shown else {
            history.behind += 1;
            return 0;
        };
        history.shown(member, wanted, *tip);
        if let Some((id, seq)) = *own {
            history.found.push(Violation::Lost { id, seq, member });
        }
        tip.seq
    }
}

fn rows(host: &Host) -> rusqlite::Result<Vec<(i64, CommandId, [u8; 32])>> {
    host.ledger.read(|db| {
        let mut rows = db.prepare("SELECT seq, command_id, hash FROM journal ORDER BY seq")?;
        let found = rows.query_map([], |row| Ok((row.get(0)?, CommandId(rows::id(row, 1)?), row.get(2)?)))?;
        found.collect()
    })
}

/// In which terms who coordinated, as a member tells it.
fn coordinators(host: &Host) -> rusqlite::Result<Vec<(u64, MemberId)>> {
    let all = Slice { after: None, limit: 1_000, newest_first: false };
    let told = host.ledger.read(|db| coordination::list(db, all))?;
    Ok(told.items.iter().map(|one| (one.term, one.member)).collect())
}

/// What the journal is at its end.
pub fn tip(host: &Host) -> Tip {
    host.ledger.read(journal::tip).unwrap()
}
