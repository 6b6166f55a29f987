//! The pulse: the messages of `/ws/pulse`, what is known of each terminal, and the log of messages.

use super::wire;
use crate::UtcMicros;
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
    }

    /// As the server sees it.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum Direction {
        Received,
        Sent,
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

impl Parity {
    pub const fn of(value: u8) -> Self {
        if value.is_multiple_of(2) { Self::Even } else { Self::Odd }
    }
}

impl PulseMessage {
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
    #[test]
    fn cells_are_quoted_and_no_formulas() {
        let cells = [r#"{"type":"x"}"#, "=HYPERLINK(1)", "a,b\nc"].map(super::cell);
        assert_eq!(cells, [r#""{""type"":""x""}""#, r#""'=HYPERLINK(1)""#, "\"a,b\nc\""]);
    }
}
