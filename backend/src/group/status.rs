//! How the group is, as this member sees it.

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Coordination, GroupMember, GroupPlace, GroupPlaces, GroupRole, GroupStatus};

use super::seat::{Heard, Metrics, Seat};
use super::types::{Member, MemberId, counts};
use super::words::{Presence, Standing};
use crate::alarms::servers::Lag;
use crate::ledger::queries::{Slice, coordination};

/// So many of those who coordinated are told with every status.
const COORDINATORS: u32 = 10;

impl Seat {
    /// None until this member takes part.
    pub fn status(&self) -> Option<GroupStatus> {
        let metrics = self.metrics()?;
        let (ours, heard) = (self.presence(), self.heard());
        let members = metrics.membership_config.nodes().map(|(id, member)| {
            let said = if *id == self.me() { None } else { heard.get(id) };
            let presence = if *id == self.me() { Some(&ours) } else { said.map(|heard| &heard.presence) };
            self.one(*id, member, presence, said, &metrics)
        });
        Some(GroupStatus {
            me: self.me(),
            principal: self.file.principal,
            coordinator: metrics.current_leader,
            term: metrics.current_term,
            members: members.collect(),
            coordinators: self.coordinators(),
        })
    }

    fn coordinators(&self) -> Vec<Coordination> {
        let newest = Slice { after: None, limit: COORDINATORS, newest_first: true };
        self.read(|db| coordination::list(db, newest)).map(|page| page.items).unwrap_or_default()
    }

    fn one(
        &self,
        id: MemberId,
        member: &Member,
        presence: Option<&Presence>,
        heard: Option<&Heard>,
        metrics: &Metrics,
    ) -> GroupMember {
        let here = id == self.me() || heard.is_some_and(Heard::is_here);
        let voter = counts(&metrics.membership_config, id);
        let role = match (here, metrics.current_leader == Some(id), voter) {
            (false, _, _) => GroupRole::Away,
            (true, true, _) => GroupRole::Coordinator,
            (true, false, true) => GroupRole::Member,
            (true, false, false) => GroupRole::Joining,
        };
        let standing = presence.and_then(|presence| presence.standing.as_ref());
        let furthest = self.furthest(metrics);
        GroupMember {
            id,
            address: member.address.clone(),
            url: member.url.clone(),
            role,
            version: presence.map(|presence| presence.version.clone()),
            heard_ms: heard.map(|heard| u64::try_from(heard.at.elapsed().as_millis()).unwrap_or(u64::MAX)),
            behind: standing.map(|standing| furthest.saturating_sub(standing.applied)),
            journal: standing.map(|standing| standing.seq),
            out_of_service: presence.is_some_and(Presence::differs),
            lacks_readings: standing.is_some() && presence.is_some_and(Presence::lacks_readings),
            agrees: standing.and_then(|standing| self.agrees(standing)),
            disk_free: presence.and_then(|presence| presence.room.free),
            copied_at: presence.and_then(|presence| presence.room.copied_at).map(UtcMicros),
        }
    }

    /// Where the members are, and whether this one is in touch with them.
    pub fn places(&self) -> Option<GroupPlaces> {
        let metrics = self.metrics()?;
        let heard = self.heard();
        let here = |id: MemberId| id == self.me() || heard.get(&id).is_some_and(Heard::is_here);
        let voters: Vec<MemberId> = metrics.membership_config.membership().voter_ids().collect();
        let most = voters.iter().filter(|id| here(**id)).count() * 2 > voters.len();
        let members = metrics.membership_config.nodes().map(|(id, member)| GroupPlace {
            id: *id,
            url: member.url.clone(),
            principal: *id == self.file.principal,
        });
        Some(GroupPlaces { in_touch: most && metrics.current_leader.is_some(), members: members.collect() })
    }

    /// How far the others are behind this member; none unless it coordinates. Who is here has what it has applied; who is
    /// away, what it was last known to have. One that differs is told as such for a while, however fast it is made anew.
    pub fn lags(&self) -> Option<Vec<Lag>> {
        let metrics = self.metrics().filter(|metrics| metrics.current_leader == Some(self.me()))?;
        let (heard, differing) = (self.heard(), self.differing());
        let last = metrics.last_log_index.unwrap_or_default();
        let lag = |(id, member): (&MemberId, &Member)| {
            let said = heard.get(id);
            let applied = said.and_then(|said| Some(said.presence.standing.as_ref()?.applied));
            let sent = metrics.replication.as_ref().and_then(|all| *all.get(id)?).map(|place| place.index);
            let has = if said.is_some_and(Heard::is_here) { applied.or(sent) } else { applied.max(sent) };
            let entries = has.map(|has| last.saturating_sub(has));
            let standing =
                said.filter(|said| said.is_here()).and_then(|said| said.presence.standing.as_ref());
            let differs = differing.iter().any(|(other, _)| other == id);
            let agrees = if differs { Some(false) } else { standing.and_then(|one| self.agrees(one)) };
            Lag { member: *id, url: member.url.clone(), entries, agrees }
        };
        let others = metrics.membership_config.nodes().filter(|(id, _)| **id != self.me());
        Some(others.map(lag).collect())
    }

    /// The newest place in the log that anybody here has told.
    fn furthest(&self, metrics: &Metrics) -> u64 {
        let heard = self.heard();
        let told = heard.values().filter(|heard| heard.is_here());
        let told = told.filter_map(|heard| Some(heard.presence.standing.as_ref()?.applied));
        told.chain(metrics.last_applied.map(|place| place.index)).max().unwrap_or_default()
    }

    /// Whether the hash of a journal is the one that this member's had at the same place. None where this one is not so
    /// far.
    pub fn agrees(&self, standing: &Standing) -> Option<bool> {
        self.hash_at(standing.seq).map(|hash| hash == standing.hash)
    }
}
