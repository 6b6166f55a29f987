//! The terminals with a pulse, and the log of messages: of the one that is chosen, or of all. Plain data and decisions.

mod messages;
mod table;

use std::path::PathBuf;

use jiff::tz::TimeZone;
use tillwatch_desk::failure::Failure;
use tillwatch_desk::remote::Remote;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    Direction, Page, PulseMessage, PulseRetention, PulseRetentionSetting, Terminal, TerminalState,
};
use tillwatch_shared::client::{PulseLogQuery, ReportFile};
use tillwatch_shared::limits::{PULSE_DAYS, PULSE_ROWS};

pub use self::messages::MessageFilter;
pub use self::table::{Column, NAME_WIDTH, growing_for, out_of_contact, sorted};

/// Messages that are asked for at a time.
pub const LOG_ROWS: u32 = 200;
/// Messages that the window holds.
const LOG_MOST: usize = 2_000;
/// Answers without a message after which a person says whether to go on: each has looked through some hundred thousand.
const EMPTY_ANSWERS: u32 = 20;

#[derive(Debug, Default)]
pub struct Terminals {
    pub list: Remote<Vec<Terminal>>,
    /// By what its rows are sorted, and whether from the end.
    pub sort: Option<(Column, bool)>,
    /// When the list and the log are asked for again.
    pub next_at: UtcMicros,
    /// The terminal whose messages are shown.
    pub chosen: Option<String>,
    /// The messages of all terminals are shown instead of the terminals.
    pub everything: bool,
    /// Which of them.
    pub filter: MessageFilter,
    /// The filter was changed, and is asked for then.
    pub ask_at: Option<UtcMicros>,
    /// Only these messages of the chosen terminal; both directions if absent.
    pub direction: Option<Direction>,
    /// Newest first.
    pub log: Remote<Vec<PulseMessage>>,
    /// Where older messages begin; there are none without.
    pub older: Option<i64>,
    /// Older ones were read, so the log stands still.
    pub held: bool,
    /// Answers in a row without a message, although there may be older ones.
    empty: u32,
    /// The request that counts; answers to those before it are dropped.
    pub ticket: u64,
    /// The chosen terminal is being forgotten.
    pub forgetting: bool,
    pub retention: Remote<PulseRetentionSetting>,
    /// What is typed in the dialog of the retention.
    pub form: RetentionForm,
}

/// How long messages are to be kept, as it is typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RetentionForm {
    pub days: String,
    pub rows: String,
    pub saving: bool,
    pub failure: Option<Failure>,
}

/// What a person does on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TerminalAct {
    /// By this column; once more: the other way round; once more: as before.
    Sort(Column),
    /// Shows the messages of one terminal, or of none.
    Choose(Option<String>),
    Direction(Option<Direction>),
    /// The messages of all terminals, or the terminals.
    Everything(bool),
    Filter(MessageFilter),
    Older,
    /// Back to the newest messages.
    Newest,
    Export(ReportFile),
    /// Forget the terminal that is chosen: asked and confirmed.
    Forget,
    EditRetention,
    TypeDays(String),
    TypeRows(String),
    SaveRetention,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    pub path: PathBuf,
    pub messages: usize,
}

impl Terminals {
    /// Whether somebody should look: connected but silent, or gone.
    pub fn chosen(&self) -> Option<&Terminal> {
        let name = self.chosen.as_ref()?;
        self.list.value()?.iter().find(|terminal| terminal.client == *name)
    }

    /// Whether the chosen terminal can be forgotten: it is known not to be connected.
    pub fn can_forget(&self) -> bool {
        !self.forgetting && self.chosen().is_some_and(|terminal| terminal.state == TerminalState::Offline)
    }

    /// The request for the newest messages of the chosen terminal, unless the log stands still.
    pub fn ask_newest(&mut self, loading: &str, zone: &TimeZone) -> Option<PulseLogQuery> {
        if self.held || self.log.is_loading() {
            return None;
        }
        self.ask(None, loading, zone)
    }

    /// The request for messages before those that are shown.
    pub fn ask_older(&mut self, loading: &str, zone: &TimeZone) -> Option<PulseLogQuery> {
        let full = self.log.value().is_some_and(|log| log.len() >= LOG_MOST);
        if self.older.is_none() || full || (self.log.is_loading() && self.held) {
            return None;
        }
        self.held = true;
        self.empty = 0;
        self.ask(self.older, loading, zone)
    }

    /// The request for what comes after an answer without a message.
    pub fn ask_on(&mut self, loading: &str, zone: &TimeZone) -> Option<PulseLogQuery> {
        self.ask(self.older, loading, zone)
    }

    fn ask(&mut self, after: Option<i64>, loading: &str, zone: &TimeZone) -> Option<PulseLogQuery> {
        let query = self.query(zone)?;
        self.ticket += 1;
        self.log.begin(loading);
        Some(PulseLogQuery { after, limit: LOG_ROWS, newest_first: true, ..query })
    }

    /// What is shown, as the server is asked for it; nothing where nothing is chosen or a day is none.
    pub fn query(&self, zone: &TimeZone) -> Option<PulseLogQuery> {
        if self.everything {
            return self.filter.query(zone);
        }
        let client = Some(self.chosen.clone()?);
        Some(PulseLogQuery { client, direction: self.direction, ..PulseLogQuery::default() })
    }

    /// It is read again from time to time; not where each reading may go through all there is.
    pub const fn follows(&self) -> bool {
        !self.everything || !self.filter.is_searching()
    }

    /// Another terminal or filter: nothing of the old log stays.
    pub fn turn(&mut self) {
        self.log = Remote::default();
        self.older = None;
        self.held = false;
        self.empty = 0;
        self.ask_at = None;
        self.ticket += 1;
    }

    /// Takes an answer; `true` when none of its messages passed and the search goes on behind it.
    pub fn take_log(
        &mut self,
        ticket: u64,
        answer: Result<Page<PulseMessage>, Failure>,
        now: UtcMicros,
    ) -> bool {
        if ticket != self.ticket {
            return false;
        }
        match answer {
            Ok(page) => {
                self.older = page.next;
                let mut rows = page.items;
                self.empty = if rows.is_empty() { self.empty + 1 } else { 0 };
                if rows.is_empty() && self.older.is_some() && self.empty < EMPTY_ANSWERS {
                    return true;
                }
                if self.held {
                    rows = self.log.value().cloned().unwrap_or_default().into_iter().chain(rows).collect();
                }
                self.log.finish(Ok(rows), now);
            }
            Err(failure) => self.log.finish(Err(failure), now),
        }
        false
    }
}

impl RetentionForm {
    pub fn of(setting: &PulseRetentionSetting) -> Self {
        let PulseRetentionSetting { days, rows, .. } = setting;
        Self { days: days.to_string(), rows: rows.to_string(), ..Self::default() }
    }

    /// What is typed, where it is a number that can be.
    pub fn days(&self) -> Option<u32> {
        whole(&self.days).filter(|days| PULSE_DAYS.contains(days)).and_then(|days| u32::try_from(days).ok())
    }

    pub fn rows(&self) -> Option<u64> {
        whole(&self.rows).filter(|rows| PULSE_ROWS.contains(rows)).and_then(|rows| u64::try_from(rows).ok())
    }

    pub fn wanted(&self) -> Option<PulseRetention> {
        Some(PulseRetention { days: self.days()?, rows: self.rows()? })
    }
}

/// A whole number; points between its digits are for the reader.
fn whole(text: &str) -> Option<i64> {
    text.replace(['.', ' '], "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTC: TimeZone = TimeZone::UTC;

    #[test]
    fn what_is_typed_for_the_retention() {
        let typed = |days: &str, rows: &str| {
            RetentionForm { days: days.into(), rows: rows.into(), ..RetentionForm::default() }.wanted()
        };
        assert_eq!(typed("7", "5.000.000"), Some(PulseRetention { days: 7, rows: 5_000_000 }));
        assert_eq!(typed("3650", " 10000 "), Some(PulseRetention { days: 3650, rows: 10_000 }));
        for (days, rows) in [("0", "10000"), ("3651", "10000"), ("7", "9999"), ("x", "10000"), ("7", "")] {
            assert_eq!(typed(days, rows), None, "{days} {rows}");
        }
    }

    fn message(id: i64) -> PulseMessage {
        let (client, content) = ("a".to_owned(), String::new());
        PulseMessage { id, at: UtcMicros(id), client, direction: Direction::Sent, content }
    }

    fn ids(terminals: &Terminals) -> Vec<i64> {
        terminals.log.value().unwrap().iter().map(|message| message.id).collect()
    }

    #[test]
    fn older_messages_follow_and_hold_the_log() {
        let mut terminals = Terminals::default();
        assert_eq!(terminals.ask_newest("", &UTC), None, "nothing is chosen");
        terminals.chosen = Some("a".to_owned());
        assert_eq!(terminals.ask_newest("", &UTC).unwrap().after, None);
        let newest = Page { items: vec![message(9), message(8)], next: Some(8) };
        assert!(!terminals.take_log(terminals.ticket, Ok(newest.clone()), UtcMicros(0)));
        assert_eq!(terminals.ask_older("", &UTC).unwrap().after, Some(8));
        assert_eq!(terminals.ask_newest("", &UTC), None, "it stands still");
        assert!(!terminals.take_log(terminals.ticket - 1, Ok(newest), UtcMicros(0)));
        let older = Page { items: vec![message(7)], next: None };
        assert!(!terminals.take_log(terminals.ticket, Ok(older), UtcMicros(0)));
        assert_eq!(ids(&terminals), [9, 8, 7]);
        assert_eq!(terminals.ask_older("", &UTC), None, "there are none");
        terminals.turn();
        assert!(terminals.ask_newest("", &UTC).is_some());
    }

    #[test]
    fn a_search_goes_on_where_nothing_was_found_and_ends() {
        let filter = MessageFilter { text: "erro".to_owned(), ..MessageFilter::default() };
        let mut terminals = Terminals { everything: true, filter, ..Terminals::default() };
        assert_eq!(terminals.ask_newest("", &UTC).unwrap().text.as_deref(), Some("erro"));
        let nothing = |next| Ok(Page { items: Vec::new(), next: Some(next) });
        for round in 1..20 {
            assert!(terminals.take_log(terminals.ticket, nothing(1_000 - round), UtcMicros(0)), "{round}");
            assert!(terminals.log.is_loading());
            assert_eq!(terminals.ask_on("", &UTC).unwrap().after, Some(1_000 - round));
        }
        assert!(!terminals.take_log(terminals.ticket, nothing(980), UtcMicros(0)), "now a person says");
        assert_eq!((terminals.log.value(), terminals.older), (Some(&Vec::new()), Some(980)));
        assert!(terminals.ask_older("", &UTC).is_some());
        let found = Page { items: vec![message(7)], next: None };
        assert!(!terminals.take_log(terminals.ticket, Ok(found), UtcMicros(0)));
        assert_eq!(ids(&terminals), [7]);
    }
}
