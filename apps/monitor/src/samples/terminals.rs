//! Terminals and their messages.

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    Direction, Gap, Page, PulseMessage, PulseRetentionSetting, Terminal, TerminalAbout, TerminalState,
};
use tillwatch_shared::client::PulseLogQuery;
use tillwatch_shared::time::{HOUR, MINUTE, SECOND};

use super::{PEOPLE, STORES, cycle};

/// How long messages are kept, as Ana set it then.
pub fn retention(days: u32, rows: u64, changed_at: Option<UtcMicros>) -> PulseRetentionSetting {
    PulseRetentionSetting { days, rows, changed_by: changed_at.map(|_| "Ana".to_owned()), changed_at }
}

/// Terminals in each of their states, one for each store's till.
pub fn terminals(count: usize, now: UtcMicros) -> Vec<Terminal> {
    let states =
        [TerminalState::Online, TerminalState::Online, TerminalState::Silent, TerminalState::Offline];
    let made = (0..count).map(|index| {
        let number = i64::try_from(index).unwrap_or_default();
        let state = cycle(&states, index).unwrap_or(TerminalState::Offline);
        let quiet = match state {
            TerminalState::Online => 0,
            TerminalState::Silent => 9 * SECOND,
            TerminalState::Offline => 3 * HOUR,
        };
        let (from, to) = (now.plus(-2 * HOUR), now.plus(-2 * HOUR + (number + 6) * SECOND));
        Terminal {
            client: format!("{} / Caixa {}", cycle(&STORES, index).unwrap_or_default(), index + 1),
            person: cycle(&PEOPLE, index).unwrap_or_default().to_owned(),
            value: u8::try_from(number * 17 % 100).unwrap_or_default(),
            step: 27,
            state,
            connected_since: (state != TerminalState::Offline).then(|| now.plus(-4 * HOUR)),
            last_contact_at: now.plus(-quiet),
            round_trip_micros: (state == TerminalState::Online).then_some(2_300 + number * 170),
            gaps: u64::from(index % 2 == 1),
            longest_gap_micros: if index % 2 == 1 { to.since(from) } else { 0 },
            last_gap: (index % 2 == 1).then_some(Gap { from, to }),
            messages: 57_000,
            expected: state != TerminalState::Offline,
            about: about(index, now),
        }
    });
    made.collect()
}

/// What each fifth terminal does not tell, as an old program does not; the third's clock is slow and the second has ever
/// more to send.
fn about(index: usize, now: UtcMicros) -> Option<TerminalAbout> {
    let (unsent, refused, first, clock_behind_micros) = match index % 5 {
        0 => (0, 0, 0, 40_000),
        1 => (12, 0, 3, -2 * SECOND),
        2 => (1, 0, 1, 4 * MINUTE),
        3 => (0, 2, 0, -90 * MINUTE),
        _ => return None,
    };
    Some(TerminalAbout {
        version: if index % 5 == 3 { "0.0.9".to_owned() } else { "0.1.0".to_owned() },
        unsent: Some(unsent),
        refused: Some(refused),
        unsent_since: (unsent > 0).then(|| now.plus(-14 * MINUTE)),
        unsent_at_first: first,
        clock_behind_micros,
        told_at: now.plus(-20 * SECOND),
    })
}

/// Two pages of messages, newest first.
pub fn messages(query: &PulseLogQuery, now: UtcMicros) -> Page<PulseMessage> {
    let newest = query.after.map_or(400, |after| after - 1);
    let ids = (1..=newest).rev().take(usize::try_from(query.limit).unwrap_or_default());
    let all = ids.map(|id| {
        let place = usize::try_from(id / 2).unwrap_or_default();
        let till =
            format!("{} / Caixa {}", cycle(&STORES, place).unwrap_or_default(), place % STORES.len() + 1);
        let direction = if id % 2 == 0 { Direction::Sent } else { Direction::Received };
        let kind = if id % 2 == 0 { "ack" } else { "value" };
        PulseMessage {
            id,
            at: now.plus((id - 400) * SECOND / 4),
            client: query.client.clone().unwrap_or(till),
            direction,
            content: format!("{{\"type\":\"{kind}\",\"value\":{}}}", (id + 1) / 2 * 7 % 100),
        }
    });
    let items: Vec<PulseMessage> = all.filter(|message| passes(message, query)).collect();
    let next = items.last().map(|message| message.id).filter(|id| *id > 2);
    Page { items, next }
}

fn passes(message: &PulseMessage, query: &PulseLogQuery) -> bool {
    query.direction.is_none_or(|direction| direction == message.direction)
        && query.kind.is_none_or(|kind| kind == message.kind())
        && query.text.as_ref().is_none_or(|text| message.content.contains(text))
        && query.from.is_none_or(|from| message.at >= from)
        && query.to.is_none_or(|to| message.at < to)
}
