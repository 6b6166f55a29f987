//! The servers of the group: what is known of each, and which need somebody. Plain data; `update::servers` decides when
//! they are asked about.

use tillwatch_desk::Lang;
use tillwatch_desk::remote::Remote;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Coordination, CoordinationCause, GroupMember, GroupRole, GroupStatus};

use crate::servers_texts::Text;

/// More entries than an undisturbed member is ever behind: it does not keep up.
pub const BEHIND_MANY: u64 = 1_000;
/// With less room than this a server will stop taking sales before long.
pub const ROOM_LEAST: u64 = 1_000_000_000;

#[derive(Debug, Default)]
pub struct Servers {
    /// None: the server is by itself.
    pub group: Remote<Option<GroupStatus>>,
    pub next_at: UtcMicros,
}

/// Why somebody should look at the servers, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble<'s> {
    /// Nothing is taken in until more than half of them reach each other.
    NobodyCoordinates,
    /// Its journal is another one.
    Differs(&'s GroupMember),
    Away(&'s GroupMember),
    LittleRoom(&'s GroupMember, u64),
    Behind(&'s GroupMember, u64),
    /// It is given those that it lacks.
    LacksReadings(&'s GroupMember),
}

impl Servers {
    pub fn group(&self) -> Option<&GroupStatus> {
        self.group.value()?.as_ref()
    }

    pub fn troubles(&self) -> Vec<Trouble<'_>> {
        let Some(group) = self.group() else { return Vec::new() };
        let nobody = group.coordinator.is_none().then_some(Trouble::NobodyCoordinates);
        let mut troubles: Vec<Trouble<'_>> =
            nobody.into_iter().chain(group.members.iter().filter_map(trouble)).collect();
        troubles.sort_by_key(|trouble| match trouble {
            Trouble::NobodyCoordinates => 0,
            Trouble::Differs(_) => 1,
            Trouble::Away(_) => 2,
            Trouble::LittleRoom(..) => 3,
            Trouble::Behind(..) => 4,
            Trouble::LacksReadings(_) => 5,
        });
        troubles
    }
}

/// The worst of one server.
pub fn trouble(member: &GroupMember) -> Option<Trouble<'_>> {
    if member.agrees == Some(false) || member.out_of_service {
        return Some(Trouble::Differs(member));
    }
    match member.role {
        GroupRole::Away => return Some(Trouble::Away(member)),
        // It is being brought up, and far behind until it is.
        GroupRole::Joining => return None,
        GroupRole::Coordinator | GroupRole::Member => {}
    }
    let little = member.disk_free.filter(|free| *free < ROOM_LEAST);
    let behind = member.behind.filter(|behind| *behind >= BEHIND_MANY);
    little
        .map(|free| Trouble::LittleRoom(member, free))
        .or_else(|| behind.map(|behind| Trouble::Behind(member, behind)))
        .or_else(|| member.lacks_readings.then_some(Trouble::LacksReadings(member)))
}

/// Why a server began to coordinate, as the end of a sentence.
pub fn why(one: &Coordination, lang: Lang) -> String {
    let before = match one.before {
        Some(id) => Text::TheServer.with(lang, &[("id", &id)]),
        None => Text::TheOneBefore.get(lang).to_owned(),
    };
    let words = match one.cause {
        // It was chosen again.
        CoordinationCause::Silent if one.before == Some(one.member) => Text::WhyOutOfTouch,
        CoordinationCause::Start => Text::WhyStart,
        CoordinationCause::Silent => Text::WhySilent,
        CoordinationCause::Principal => Text::WhyPrincipal,
        CoordinationCause::Asked => Text::WhyAsked,
        CoordinationCause::Stopped => Text::WhyStopped,
        CoordinationCause::Differs => Text::WhyDiffers,
    };
    words.with(lang, &[("before", &before)])
}
