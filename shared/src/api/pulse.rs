//! The pulse: the messages of `/ws/pulse`, what is known of each terminal, and the log of messages.

use super::wire;
use crate::UtcMicros;
use crate::time::MINUTE;
use serde::{Deserialize, Serialize};

wire! {
    /// One number of the number services.
    #[derive(Copy, Eq)]
    pub struct Number {
        /// 0–99
        pub value: u8,
    }

    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum Parity {
        Even,
        Odd,
    }

    /// What a terminal sends on `/ws/pulse`. That a value is below 100 is checked apart.
    #[derive(Copy, Eq)]
    #[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
    pub enum FromTerminal {
        Value { value: u8 },
        Request { parity: Parity },
    }

    /// What the server sends on `/ws/pulse`.
    #[derive(Eq)]
    #[serde(tag = "type", rename_all = "lowercase")]
    pub enum FromServer {
        /// The value that the server holds: the first message of a connection.
        Value { value: u8 },
        /// The value is taken and durable.
        Ack { value: u8 },
        Step { parity: Parity, value: u8 },
        /// Nothing was taken; the value stays.
        Error { message: String },
    }

    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum TerminalState {
        Online,
        /// Connected, but nothing came for five seconds or more.
        Silent,
        Offline,
    }

    /// A time without contact.
    #[derive(Copy, Eq)]
    pub struct Gap {
        pub from: UtcMicros,
        pub to: UtcMicros,
    }

    /// One terminal (a client of the pulse).
    #[derive(Eq)]
    pub struct Terminal {
        pub client: String,
        /// Who was signed in at its last connection.
        pub person: String,
        pub value: u8,
        /// The step that the server gave last; 1 at first.
        pub step: u8,
        pub state: TerminalState,
        pub connected_since: Option<UtcMicros>,
        /// When its last message came.
        pub last_contact_at: UtcMicros,
        /// Of the last ping on the connection, measured by the server.
        pub round_trip_micros: Option<i64>,
        /// How often more than five seconds passed without a message while the server was running.
        pub gaps: u64,
        pub longest_gap_micros: i64,
        pub last_gap: Option<Gap>,
        /// Messages in both directions since the terminal is known.
        pub messages: u64,
        /// A drawer is open in a store of that person: it should be in contact.
        #[serde(default)]
        pub expected: bool,
        /// What it told of itself last; absent for one that tells nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub about: Option<TerminalAbout>,
    }

    /// What a terminal tells of itself: whenever it changes, and at least once a minute.
    #[derive(Eq)]
    #[serde(deny_unknown_fields)]
    pub struct NewTerminalAbout {
        /// Of the program.
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
        pub version: String,
        /// Commands on its disk that the server has not settled; absent where nothing is kept for sending.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub unsent: Option<u32>,
        /// Those that the server has refused and that wait for a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub refused: Option<u32>,
        /// Its own clock when this was sent.
        pub clock_at: UtcMicros,
    }

    /// What is known from what a terminal told of itself.
    #[derive(Eq)]
    pub struct TerminalAbout {
        pub version: String,
        pub unsent: Option<u32>,
        pub refused: Option<u32>,
        /// Since when something has been unsent without a break; absent while nothing is.
        pub unsent_since: Option<UtcMicros>,
        /// How many were unsent then.
        pub unsent_at_first: u32,
        /// How far its clock is behind the server's; negative where it is ahead. Half the round trip is taken off,
        /// where that is known.
        pub clock_behind_micros: i64,
        /// When it told this.
        pub told_at: UtcMicros,
    }

    /// As the server sees it.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum Direction {
        Received,
        Sent,
    }

    /// What a message is, by the `type` in it.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum MessageKind {
        Value,
        Ack,
        Request,
        Step,
        Error,
        /// None of these: what a terminal told of itself, what nobody understood, what was cut.
        Other,
    }

    /// One message of the log. A long one is cut.
    #[derive(Eq)]
    pub struct PulseMessage {
        pub id: i64,
        pub at: UtcMicros,
        pub client: String,
        pub direction: Direction,
        pub content: String,
    }

    /// How long the log of messages is kept: whatever is reached first.
    #[derive(Copy, Eq)]
    #[serde(deny_unknown_fields)]
    pub struct PulseRetention {
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3650))]
        pub days: u32,
        #[cfg_attr(feature = "openapi", schema(minimum = 10_000, maximum = 1_000_000_000))]
        pub rows: u64,
    }

    /// The setting, and who made it.
    #[derive(Eq)]
    pub struct PulseRetentionSetting {
        pub days: u32,
        pub rows: u64,
        /// `null`: nobody changed it yet.
        pub changed_by: Option<String>,
        pub changed_at: Option<UtcMicros>,
    }
}

impl TerminalAbout {
    /// Clocks that differ by more are wrong: sales get the wrong time, near midnight the wrong day.
    pub const CLOCK_MICROS: i64 = MINUTE;
    /// What is on its way is not waiting yet.
    const UNDER_WAY_MICROS: i64 = MINUTE;

    /// What is known after a terminal told something, given what was known before.
    pub fn told(
        new: NewTerminalAbout,
        before: Option<&Self>,
        at: UtcMicros,
        round_trip_micros: Option<i64>,
    ) -> Self {
        let NewTerminalAbout { version, unsent, refused, clock_at } = new;
        let waiting = unsent.filter(|unsent| *unsent > 0);
        let streak = before.and_then(|before| Some((before.unsent_since?, before.unsent_at_first)));
        let (since, first) = waiting.map_or((None, 0), |unsent| {
            let (since, first) = streak.unwrap_or((at, unsent));
            (Some(since), first)
        });
        let journey = round_trip_micros.unwrap_or_default() / 2;
        Self {
            version,
            unsent,
            refused,
            unsent_since: since,
            unsent_at_first: first,
            clock_behind_micros: at.since(clock_at).saturating_sub(journey),
            told_at: at,
        }
    }

    /// Whether ever more is unsent: for a minute or longer, and more than at first.
    pub fn unsent_grows(&self) -> bool {
        let since = self.unsent_since.map_or(0, |since| self.told_at.since(since));
        since >= Self::UNDER_WAY_MICROS && self.unsent.is_some_and(|unsent| unsent > self.unsent_at_first)
    }

    /// Whether the clock is so wrong that somebody should set it.
    pub const fn clock_is_wrong(&self) -> bool {
        self.clock_behind_micros.saturating_abs() > Self::CLOCK_MICROS
    }
}

impl Parity {
    pub const fn of(value: u8) -> Self {
        if value.is_multiple_of(2) { Self::Even } else { Self::Odd }
    }
}

impl MessageKind {
    pub const ALL: [Self; 6] = [Self::Value, Self::Ack, Self::Request, Self::Step, Self::Error, Self::Other];

    /// As it stands in messages and in questions.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Ack => "ack",
            Self::Request => "request",
            Self::Step => "step",
            Self::Error => "error",
            Self::Other => "other",
        }
    }
}

impl PulseMessage {
    pub fn kind(&self) -> MessageKind {
        let content: serde_json::Value = serde_json::from_str(&self.content).unwrap_or_default();
        let word = content.get("type").and_then(serde_json::Value::as_str);
        let found = MessageKind::ALL.into_iter().find(|kind| Some(kind.word()) == word);
        found.unwrap_or(MessageKind::Other)
    }

    /// The first line of the log as CSV.
    pub const CSV_HEAD: &str = "id,at,client,direction,content\r\n";

    /// A line of the log as CSV (RFC 4180), harmless in a spreadsheet: a cell that it would take for a formula
    /// begins with an apostrophe.
    pub fn csv_line(&self) -> String {
        let direction = match self.direction {
            Direction::Received => "received",
            Direction::Sent => "sent",
        };
        let (client, content) = (cell(&self.client), cell(&self.content));
        format!("{},{},{client},{direction},{content}\r\n", self.id, self.at)
    }
}

fn cell(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", value.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SECOND;

    fn told(unsent: u32, before: Option<&TerminalAbout>, at: i64) -> TerminalAbout {
        let new = NewTerminalAbout {
            version: "1".into(),
            unsent: Some(unsent),
            refused: None,
            clock_at: UtcMicros(at * SECOND),
        };
        TerminalAbout::told(new, before, UtcMicros(at * SECOND), None)
    }

    #[test]
    fn what_is_unsent_grows_only_when_it_lasts() {
        let none = told(0, None, 0);
        assert_eq!((none.unsent_since, none.unsent_grows()), (None, false));
        let one = told(1, Some(&none), 10);
        let three = told(3, Some(&one), 30);
        assert_eq!((three.unsent_since, three.unsent_at_first), (Some(UtcMicros(10 * SECOND)), 1));
        assert!(!three.unsent_grows(), "it may be on its way");
        let later = told(3, Some(&three), 70);
        assert!(later.unsent_grows());
        assert!(!told(1, Some(&later), 80).unsent_grows(), "no more than at first");
        let sent = told(0, Some(&later), 80);
        assert_eq!((sent.unsent_since, sent.unsent_at_first), (None, 0));
        assert_eq!(told(2, Some(&sent), 90).unsent_since, Some(UtcMicros(90 * SECOND)), "it begins anew");
    }

    #[test]
    fn the_journey_is_not_the_clocks() {
        let new = |clock_at| NewTerminalAbout {
            version: "1".into(),
            unsent: None,
            refused: None,
            clock_at: UtcMicros(clock_at),
        };
        let behind = |clock_at, round_trip| {
            TerminalAbout::told(new(clock_at), None, UtcMicros(100 * SECOND), round_trip).clock_behind_micros
        };
        assert_eq!(behind(99 * SECOND, Some(2 * SECOND)), 0);
        assert_eq!(behind(99 * SECOND, None), SECOND);
        assert_eq!(behind(170 * SECOND, Some(2 * SECOND)), -71 * SECOND, "ahead");
        let wrong = |clock_at| TerminalAbout::told(new(clock_at), None, UtcMicros(100 * SECOND), None);
        assert!(wrong(39 * SECOND).clock_is_wrong() && wrong(161 * SECOND).clock_is_wrong());
        assert!(!wrong(40 * SECOND).clock_is_wrong() && !wrong(160 * SECOND).clock_is_wrong());
    }

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        let cells = [r#"{"type":"x"}"#, "=HYPERLINK(1)", "a,b\nc"].map(super::cell);
        assert_eq!(cells, [r#""{""type"":""x""}""#, r#""'=HYPERLINK(1)""#, "\"a,b\nc\""]);
    }
}
