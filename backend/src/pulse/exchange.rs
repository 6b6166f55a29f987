//! What a message does to its terminal, and what is answered. Pure: what it needs is handed in.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tillwatch_shared::api::{FromServer, Gap, NewTerminalAbout, Parity, TerminalAbout};
use tillwatch_shared::limits::PULSE_LOG_CHARS;
use tillwatch_shared::{PersonId, UtcMicros};

use super::PulseError;
use super::registry::{Kept, Seat, State, Who};

/// What came on a connection.
#[derive(Debug)]
pub struct Exchange {
    client: Arc<str>,
    number: u64,
    who: Who,
    at: UtcMicros,
    /// The message as it came; none for the connection itself.
    received: Option<String>,
    ask: Ask,
}

/// What it asks for.
#[derive(Debug)]
pub enum Ask {
    /// A new connection: gets the value that is held.
    Connect,
    Value(u8),
    /// A step of this parity; `number` was drawn for it.
    Step {
        parity: Parity,
        number: u8,
    },
    /// Nothing that can be done; this says why.
    Nothing {
        message: String,
    },
}

/// What a terminal tells of itself, beside its connection.
#[derive(Debug)]
pub struct Telling {
    pub client: Arc<str>,
    /// Who says so.
    pub person: PersonId,
    pub at: UtcMicros,
    pub about: NewTerminalAbout,
}

/// One row of the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub at: UtcMicros,
    pub terminal: i64,
    pub sent: bool,
    pub content: String,
}

/// A gap that is over, and who was signed in at the terminal before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Silence {
    pub terminal: i64,
    pub person: PersonId,
    pub gap: Gap,
}

/// What a batch of exchanges comes to: stored as one, then published and answered.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub lines: Vec<Line>,
    pub touched: HashMap<Arc<str>, Kept>,
    pub gaps: Vec<Silence>,
    /// Keys of the terminals that told something of themselves.
    pub told: BTreeSet<i64>,
    pub answers: Vec<Result<String, PulseError>>,
    /// The key of the next terminal that is new.
    pub next_key: i64,
}

impl Exchange {
    pub fn new(seat: &Seat, at: UtcMicros, received: Option<String>, ask: Ask) -> Self {
        Self {
            client: Arc::clone(&seat.client),
            number: seat.number,
            who: seat.who.clone(),
            at,
            received,
            ask,
        }
    }
}

impl Plan {
    pub fn new(next_key: i64) -> Self {
        Self { next_key, ..Self::default() }
    }

    /// Adds one exchange, which sees what those before it did.
    pub fn add(&mut self, exchange: Exchange, state: &State, server_since: UtcMicros) {
        let Exchange { client, number, who, at, received, ask } = exchange;
        if !state.holds(&client, number) {
            self.answers.push(Err(PulseError::TakenOver));
            return;
        }
        let mut kept = self.kept(&client, &who, at, state);
        let before = kept.person_id;
        (kept.person, kept.person_id) = (who.name, Some(who.id));
        if let Some((gap, person)) = kept.heard(at, server_since).zip(before) {
            self.gaps.push(Silence { terminal: kept.key, person, gap });
        }
        let answer = act(&mut kept, ask);
        let answer = serde_json::to_string(&answer).unwrap_or_default();
        if let Some(received) = received {
            self.log(&mut kept, at, false, &received);
        }
        self.log(&mut kept, at, true, &answer);
        self.touched.insert(client, kept);
        self.answers.push(Ok(answer));
    }

    /// Takes what a terminal tells of itself, if it is the one that the person has connected. It is no sign of life
    /// of the connection.
    pub fn tell(&mut self, telling: Telling, state: &State) -> Result<(), PulseError> {
        let Telling { client, person, at, about } = telling;
        let round_trip = state.round_trip_of(&client, person)?;
        let known = self.touched.get(&client).or_else(|| state.kept(&client)).cloned();
        let mut kept = known.ok_or(PulseError::UnknownTerminal)?;
        let content = serde_json::to_string(&about).unwrap_or_default();
        kept.about = Some(TerminalAbout::told(about, kept.about.as_ref(), at, round_trip));
        self.log(&mut kept, at, false, &content);
        self.told.insert(kept.key);
        self.touched.insert(client, kept);
        Ok(())
    }

    /// The terminal as it is after what is planned so far.
    fn kept(&mut self, client: &str, who: &Who, at: UtcMicros, state: &State) -> Kept {
        let known = self.touched.get(client).or_else(|| state.kept(client)).cloned();
        known.unwrap_or_else(|| {
            let key = self.next_key;
            self.next_key += 1;
            Kept::new(key, who, at)
        })
    }

    fn log(&mut self, kept: &mut Kept, at: UtcMicros, sent: bool, content: &str) {
        kept.messages += 1;
        self.lines.push(Line { at, terminal: kept.key, sent, content: cut(content) });
    }
}

fn act(kept: &mut Kept, ask: Ask) -> FromServer {
    match ask {
        Ask::Connect => FromServer::Value { value: kept.value },
        Ask::Value(value) => {
            kept.value = value;
            FromServer::Ack { value }
        }
        Ask::Step { parity, number } => {
            kept.step = number;
            FromServer::Step { parity, value: number }
        }
        Ask::Nothing { message } => FromServer::Error { message },
    }
}

/// As much of a message as the log keeps.
fn cut(content: &str) -> String {
    match content.char_indices().nth(PULSE_LOG_CHARS) {
        None => content.to_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", content.get(..end).unwrap_or_default(), content.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::registry::Registry;
    use super::*;
    use tillwatch_shared::PersonId;

    fn ana() -> Who {
        Who { id: PersonId::now(), name: "Ana".into() }
    }

    #[test]
    fn what_is_planned_is_seen_by_what_follows() {
        let registry = Arc::new(Registry::default());
        let seat = registry.enter("a", ana(), UtcMicros(0)).unwrap();
        let mut plan = Plan::new(7);
        let nothing = || Ask::Nothing { message: "no".into() };
        let asks = [
            Ask::Connect,
            Ask::Value(42),
            nothing(),
            Ask::Step { parity: Parity::Odd, number: 3 },
            Ask::Connect,
        ];
        for ask in asks {
            let exchange = Exchange::new(&seat, UtcMicros(1), Some("x".into()), ask);
            plan.add(exchange, &registry.lock(), UtcMicros(0));
        }
        let answers: Vec<String> = plan.answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(
            answers,
            [
                r#"{"type":"value","value":0}"#,
                r#"{"type":"ack","value":42}"#,
                r#"{"type":"error","message":"no"}"#,
                r#"{"type":"step","parity":"odd","value":3}"#,
                r#"{"type":"value","value":42}"#,
            ]
        );
        let kept = &plan.touched["a"];
        assert_eq!((&*kept.person, kept.person_id), ("Ana", Some(seat.who.id)));
        assert_eq!((kept.key, kept.value, kept.step, kept.messages), (7, 42, 3, 10));
        assert_eq!((plan.lines.len(), plan.next_key), (10, 8));
    }

    #[test]
    fn a_connection_that_lost_its_place_changes_nothing() {
        let registry = Arc::new(Registry::default());
        let first = registry.enter("a", ana(), UtcMicros(0)).unwrap();
        let _second = registry.enter("a", ana(), UtcMicros(0)).unwrap();
        let mut plan = Plan::new(1);
        plan.add(Exchange::new(&first, UtcMicros(1), None, Ask::Value(9)), &registry.lock(), UtcMicros(0));
        assert_eq!(plan.answers, [Err(PulseError::TakenOver)]);
        assert!(plan.touched.is_empty() && plan.lines.is_empty());
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let long = "é".repeat(PULSE_LOG_CHARS + 1);
        assert_eq!(cut(&long), format!("{}… (514 bytes)", "é".repeat(PULSE_LOG_CHARS)));
        assert_eq!(cut("short"), "short");
    }
}
