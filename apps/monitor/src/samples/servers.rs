//! A made-up group of servers.

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Coordination, CoordinationCause, GroupMember, GroupRole, GroupStatus};
use tillwatch_shared::time::{HOUR, MINUTE};

/// Three servers, all well: the principal coordinates.
pub fn group(now: UtcMicros) -> GroupStatus {
    let member = |id: u64| GroupMember {
        id,
        address: format!("10.0.0.{id}:8090"),
        url: format!("http://10.0.0.{id}:8080"),
        role: if id == 1 { GroupRole::Coordinator } else { GroupRole::Member },
        version: Some("0.1.0".to_owned()),
        heard_ms: (id != 1).then_some(400),
        behind: Some(0),
        journal: Some(184_220),
        agrees: Some(true),
        out_of_service: false,
        lacks_readings: false,
        disk_free: Some(18_400_000_000 * id),
        copied_at: Some(now.plus(-2 * HOUR - i64::try_from(id).unwrap_or_default() * MINUTE)),
    };
    GroupStatus {
        me: 1,
        principal: 1,
        coordinator: Some(1),
        term: 7,
        members: (1..=3).map(member).collect(),
        coordinators: coordinators(now),
    }
}

/// Newest first.
fn coordinators(now: UtcMicros) -> Vec<Coordination> {
    use CoordinationCause::{Asked, Principal, Silent, Start, Stopped};
    let ago =
        [(7, 1, Principal, 5), (6, 3, Silent, 6), (4, 1, Asked, 29), (3, 2, Stopped, 30), (1, 1, Start, 400)];
    let mut found: Vec<Coordination> = Vec::new();
    for (term, member, cause, hours) in ago.into_iter().rev() {
        let before = found.last().map(|last| last.member);
        found.push(Coordination { term, member, since: now.plus(-hours * HOUR), cause, before });
    }
    found.reverse();
    found
}

/// The principal is away, another one coordinates, and the third does not keep up.
pub fn troubled(now: UtcMicros) -> GroupStatus {
    let mut group = group(now);
    (group.me, group.coordinator, group.term) = (2, Some(2), 9);
    let cause = CoordinationCause::Silent;
    let took = Coordination { term: 9, member: 2, since: now.plus(-4 * MINUTE), cause, before: Some(1) };
    group.coordinators.insert(0, took);
    if let [first, second, third] = group.members.as_mut_slice() {
        first.role = GroupRole::Away;
        first.heard_ms = Some(252_000);
        (first.behind, first.agrees) = (Some(41), None);
        second.role = GroupRole::Coordinator;
        second.heard_ms = None;
        second.disk_free = Some(640_000_000);
        third.behind = Some(128_400);
        third.agrees = None;
        third.url = format!("https://servidor-do-fundo-{}.loja-centro.example:8443", "muito-".repeat(20));
    }
    group
}
