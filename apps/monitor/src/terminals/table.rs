//! The table of terminals: its columns, which of them there is room for, and the order of its rows. Pure.

use std::cmp::Ordering;

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Terminal, TerminalAbout, TerminalState};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    Name,
    State,
    Value,
    LastContact,
    RoundTrip,
    Unsent,
    Clock,
    Version,
    Gaps,
    LongestGap,
    Person,
}

/// Room that the name needs at least.
pub const NAME_WIDTH: f32 = 104.0;
/// Room from one column to the next.
pub const SPACING: f32 = 8.0;

impl Column {
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::State,
        Self::Value,
        Self::LastContact,
        Self::RoundTrip,
        Self::Unsent,
        Self::Clock,
        Self::Version,
        Self::Gaps,
        Self::LongestGap,
        Self::Person,
    ];
    /// What is left out first where room is short.
    const LEFT_OUT: [Self; 5] = [Self::LongestGap, Self::Person, Self::Gaps, Self::RoundTrip, Self::Value];

    pub const fn width(self) -> f32 {
        match self {
            Self::Name => NAME_WIDTH,
            Self::State => 112.0,
            Self::Value => 46.0,
            Self::LastContact => 96.0,
            Self::RoundTrip => 68.0,
            Self::Unsent => 110.0,
            Self::Clock => 130.0,
            Self::Version => 56.0,
            Self::Gaps => 54.0,
            Self::LongestGap => 92.0,
            Self::Person => 150.0,
        }
    }

    pub const fn right(self) -> bool {
        !matches!(self, Self::Name | Self::State | Self::Person)
    }

    /// Those that this room has place for, in their order.
    pub fn that_fit(room: f32) -> Vec<Self> {
        let mut columns = Self::ALL.to_vec();
        for out in Self::LEFT_OUT {
            let needed: f32 = columns.iter().map(|column| column.width() + SPACING).sum();
            if needed <= room {
                break;
            }
            columns.retain(|column| *column != out);
        }
        columns
    }
}

/// The rows in this order; by name without one. What is not known comes last either way.
pub fn sorted(list: &[Terminal], sort: Option<(Column, bool)>) -> Vec<&Terminal> {
    let mut rows: Vec<&Terminal> = list.iter().collect();
    if let Some((column, descending)) = sort {
        rows.sort_by(|a, b| {
            let order = match (key(a, column), key(b, column)) {
                (Some(a), Some(b)) if descending => b.cmp(&a),
                (Some(a), Some(b)) => a.cmp(&b),
                (known, unknown) => unknown.is_some().cmp(&known.is_some()),
            };
            order.then_with(|| a.client.cmp(&b.client))
        });
    }
    rows
}

/// What a row is sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Words(String),
    Number(i64),
    Version(Vec<Part<'a>>),
}

/// A version is sorted by its numbers: 1.10 comes after 1.9.
#[derive(PartialEq, Eq)]
enum Part<'a> {
    Number(u64),
    Words(&'a str),
}

impl Ord for Part<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Words(a), Self::Words(b)) => a.cmp(b),
            (Self::Words(_), Self::Number(_)) => Ordering::Less,
            (Self::Number(_), Self::Words(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Part<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn key(terminal: &Terminal, column: Column) -> Option<Key<'_>> {
    let about = terminal.about.as_ref();
    let number = |number: i64| Some(Key::Number(number));
    match column {
        Column::Name => Some(Key::Words(terminal.client.to_lowercase())),
        Column::Person => Some(Key::Words(terminal.person.to_lowercase())),
        Column::State => number(match (terminal.state, terminal.expected) {
            (TerminalState::Silent, _) => 0,
            (TerminalState::Offline, true) => 1,
            (TerminalState::Offline, false) => 2,
            (TerminalState::Online, _) => 3,
        }),
        Column::Value => number(terminal.value.into()),
        Column::LastContact => number(terminal.last_contact_at.0),
        Column::RoundTrip => terminal.round_trip_micros.map(Key::Number),
        Column::Gaps => number(i64::try_from(terminal.gaps).unwrap_or(i64::MAX)),
        Column::LongestGap => number(terminal.longest_gap_micros),
        Column::Unsent => about.and_then(|about| about.unsent).map(|unsent| Key::Number(unsent.into())),
        Column::Clock => about.map(|about| Key::Number(about.clock_behind_micros.saturating_abs())),
        Column::Version => {
            let parts = about?.version.split(['.', '-', '+']);
            let part = |part: &'_ str| -> Part<'_> { part.parse().map_or(Part::Words(""), Part::Number) };
            let parts = parts.map(|text| match part(text) {
                Part::Words(_) => Part::Words(text),
                number @ Part::Number(_) => number,
            });
            Some(Key::Version(parts.collect()))
        }
    }
}

/// Terminals with which there is no contact although there should be: connected and silent, or gone while a drawer of
/// their store is open.
pub fn out_of_contact(list: &[Terminal]) -> impl Iterator<Item = &Terminal> {
    list.iter().filter(|terminal| match terminal.state {
        TerminalState::Online => false,
        TerminalState::Silent => true,
        TerminalState::Offline => terminal.expected,
    })
}

/// For how long what is unsent has been growing, if it has.
pub fn growing_for(about: &TerminalAbout, now: UtcMicros) -> Option<i64> {
    let since = about.unsent_since.filter(|_| about.unsent_grows())?;
    Some(now.since(since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillwatch_shared::time::{MINUTE, SECOND};

    fn terminal(client: &str, about: Option<(&str, u32, i64)>) -> Terminal {
        Terminal {
            client: client.into(),
            person: String::new(),
            value: 0,
            step: 1,
            state: TerminalState::Online,
            connected_since: None,
            last_contact_at: UtcMicros(0),
            round_trip_micros: None,
            gaps: 0,
            longest_gap_micros: 0,
            last_gap: None,
            messages: 0,
            expected: false,
            about: about.map(|(version, unsent, clock_behind_micros)| TerminalAbout {
                version: version.into(),
                unsent: Some(unsent),
                refused: None,
                unsent_since: None,
                unsent_at_first: 0,
                clock_behind_micros,
                told_at: UtcMicros(0),
            }),
        }
    }

    fn names(list: &[Terminal], sort: Option<(Column, bool)>) -> String {
        sorted(list, sort).iter().map(|terminal| terminal.client.as_str()).collect()
    }

    #[test]
    fn rows_are_sorted_and_the_unknown_comes_last() {
        let list = [
            terminal("a", None),
            terminal("b", Some(("1.9.0", 3, -70 * SECOND))),
            terminal("c", Some(("1.10.0", 0, 2 * SECOND))),
            terminal("d", Some(("1.9.0-dev", 12, 60 * MINUTE))),
        ];
        assert_eq!(names(&list, None), "abcd");
        assert_eq!(names(&list, Some((Column::Name, true))), "dcba");
        assert_eq!(names(&list, Some((Column::Unsent, false))), "cbda");
        assert_eq!(names(&list, Some((Column::Unsent, true))), "dbca");
        assert_eq!(names(&list, Some((Column::Clock, true))), "dbca", "how far, whichever way");
        assert_eq!(names(&list, Some((Column::Version, false))), "bdca");
    }

    #[test]
    fn what_matters_least_is_left_out_first() {
        assert_eq!(Column::that_fit(2_000.0), Column::ALL);
        // A window of 1024 points.
        assert!(Column::that_fit(790.0).contains(&Column::RoundTrip));
        let small = Column::that_fit(760.0);
        for column in [Column::State, Column::LastContact, Column::Unsent, Column::Clock, Column::Version] {
            assert!(small.contains(&column), "{column:?}");
        }
        assert!(small.iter().map(|column| column.width() + SPACING).sum::<f32>() <= 760.0);
        assert!(!small.contains(&Column::LongestGap));
    }

    #[test]
    fn a_till_that_should_be_there_is_missed_whatever_its_state() {
        let state = |name: &str, state, expected| Terminal { state, expected, ..terminal(name, None) };
        let list = [
            state("online", TerminalState::Online, true),
            state("silent", TerminalState::Silent, false),
            state("closed", TerminalState::Offline, false),
            state("never heard today", TerminalState::Offline, true),
        ];
        let missed: Vec<&str> = out_of_contact(&list).map(|terminal| terminal.client.as_str()).collect();
        assert_eq!(missed, ["silent", "never heard today"]);
    }
}
