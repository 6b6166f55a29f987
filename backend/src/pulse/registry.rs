//! What is known of every terminal, in memory: what the file keeps of it, and its connection.
//!
//! Only the writer changes what is kept, and only after it is durable. A connection has a number; a second
//! connection of the same terminal gets the next one, and what the first one still says counts no more.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tillwatch_shared::api::{Gap, Terminal, TerminalAbout, TerminalState};
use tillwatch_shared::limits::TERMINALS;
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{PersonId, UtcMicros};
use tokio::sync::Notify;

use super::PulseError;

/// Longer without a message is a gap. A terminal sends two a second.
pub const GAP_MICROS: i64 = 5 * SECOND;

/// Who is signed in at a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub id: PersonId,
    pub name: Arc<str>,
}

/// Whose terminals are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    All,
    People(HashSet<PersonId>),
}

/// When a terminal was heard last, or the server began to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub client: Arc<str>,
    pub person: PersonId,
    pub last: UtcMicros,
}

/// What the file keeps of a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub key: i64,
    pub person: Arc<str>,
    /// None for a terminal that has not connected since it is kept.
    pub person_id: Option<PersonId>,
    pub value: u8,
    pub step: u8,
    pub last_contact: UtcMicros,
    pub gaps: u64,
    pub longest_gap: i64,
    pub last_gap: Option<Gap>,
    pub messages: u64,
    pub about: Option<TerminalAbout>,
}

#[derive(Debug, Default)]
pub(super) struct Registry(Mutex<State>);

#[derive(Debug, Default)]
pub(super) struct State {
    terminals: HashMap<Arc<str>, Entry>,
    connections: u64,
}

#[derive(Debug, Default)]
struct Entry {
    kept: Option<Kept>,
    live: Option<Live>,
}

#[derive(Debug)]
struct Live {
    number: u64,
    person: PersonId,
    since: UtcMicros,
    round_trip: Option<Duration>,
    displaced: Arc<Notify>,
}

/// The place of a connection. Dropping it gives it up.
#[derive(Debug)]
pub struct Seat {
    pub(super) client: Arc<str>,
    pub(super) number: u64,
    pub(super) who: Who,
    displaced: Arc<Notify>,
    registry: Arc<Registry>,
}

impl Scope {
    pub fn has(&self, person: Option<PersonId>) -> bool {
        match self {
            Self::All => true,
            Self::People(people) => person.is_some_and(|person| people.contains(&person)),
        }
    }
}

impl Kept {
    /// A terminal that was never seen.
    pub fn new(key: i64, who: &Who, now: UtcMicros) -> Self {
        Self {
            key,
            person: Arc::clone(&who.name),
            person_id: Some(who.id),
            value: 0,
            step: 1,
            last_contact: now,
            gaps: 0,
            longest_gap: 0,
            last_gap: None,
            messages: 0,
            about: None,
        }
    }

    /// A message came. The time before it was a gap if it was long and the server was there to hear.
    pub fn heard(&mut self, now: UtcMicros, server_since: UtcMicros) -> Option<Gap> {
        let from = self.last_contact.max(server_since);
        let silence = now.since(from);
        self.last_contact = now;
        if silence <= GAP_MICROS {
            return None;
        }
        let gap = Gap { from, to: now };
        self.gaps += 1;
        self.longest_gap = self.longest_gap.max(silence);
        self.last_gap = Some(gap);
        Some(gap)
    }
}

impl Registry {
    pub fn new(kept: Vec<(Arc<str>, Kept)>) -> Self {
        let entry = |(client, kept)| (client, Entry { kept: Some(kept), live: None });
        Self(Mutex::new(State { terminals: kept.into_iter().map(entry).collect(), connections: 0 }))
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the terminal's place to a new connection; the one that has it is told.
    pub fn enter(self: &Arc<Self>, client: &str, who: Who, now: UtcMicros) -> Result<Seat, PulseError> {
        let mut state = self.lock();
        let full = state.terminals.len() >= TERMINALS;
        if full && !state.terminals.contains_key(client) {
            return Err(PulseError::TooManyTerminals);
        }
        state.connections += 1;
        let number = state.connections;
        let client: Arc<str> = client.into();
        let displaced = Arc::new(Notify::new());
        let live =
            Live { number, person: who.id, since: now, round_trip: None, displaced: Arc::clone(&displaced) };
        let entry = state.terminals.entry(Arc::clone(&client)).or_default();
        if let Some(first) = entry.live.replace(live) {
            first.displaced.notify_one();
        }
        drop(state);
        Ok(Seat { client, number, who, displaced, registry: Arc::clone(self) })
    }

    /// The terminals of these people, by name; `at_work`: in whose stores a drawer is open.
    pub fn list(
        &self,
        scope: &Scope,
        at_work: &HashSet<PersonId>,
        now: UtcMicros,
        server_since: UtcMicros,
    ) -> Vec<Terminal> {
        let mut list: Vec<Terminal> = {
            let state = self.lock();
            state
                .terminals
                .iter()
                .filter(|(_, entry)| scope.has(entry.kept.as_ref().and_then(|kept| kept.person_id)))
                .filter_map(|(client, entry)| entry.shown(client, at_work, now, server_since))
                .collect()
        };
        list.sort_by(|a, b| a.client.cmp(&b.client));
        list
    }

    /// All that are known to belong to somebody.
    pub fn heard(&self, server_since: UtcMicros) -> Vec<Heard> {
        let heard = |(client, entry): (&Arc<str>, &Entry)| {
            let kept = entry.kept.as_ref()?;
            let last = kept.last_contact.max(server_since);
            Some(Heard { client: Arc::clone(client), person: kept.person_id?, last })
        };
        self.lock().terminals.iter().filter_map(heard).collect()
    }

    pub fn connected(&self) -> usize {
        self.lock().terminals.values().filter(|entry| entry.live.is_some()).count()
    }
}

impl State {
    /// Whether this connection has its terminal's place.
    pub fn holds(&self, client: &str, number: u64) -> bool {
        let live = self.terminals.get(client).and_then(|entry| entry.live.as_ref());
        live.is_some_and(|live| live.number == number)
    }

    /// The round trip on the connection that this person has there, in microseconds; an error where there is none.
    pub fn round_trip_of(&self, client: &str, person: PersonId) -> Result<Option<i64>, PulseError> {
        let live = self.terminals.get(client).and_then(|entry| entry.live.as_ref());
        let live = live.filter(|live| live.person == person).ok_or(PulseError::UnknownTerminal)?;
        Ok(live.round_trip.map(micros))
    }

    pub fn kept(&self, client: &str) -> Option<&Kept> {
        self.terminals.get(client)?.kept.as_ref()
    }

    /// The key of a terminal of these people that is to be forgotten.
    pub fn idle(&self, client: &str, scope: &Scope) -> Result<i64, PulseError> {
        let entry = self.terminals.get(client).ok_or(PulseError::UnknownTerminal)?;
        let kept = entry.kept.as_ref().filter(|kept| scope.has(kept.person_id));
        let key = kept.ok_or(PulseError::UnknownTerminal)?.key;
        if entry.live.is_some() { Err(PulseError::Connected) } else { Ok(key) }
    }

    /// Forgets what is kept of a terminal. A connection that came meanwhile finds nothing.
    pub fn forget(&mut self, client: &str) {
        let Some(entry) = self.terminals.get_mut(client) else { return };
        entry.kept = None;
        if entry.live.is_none() {
            self.terminals.remove(client);
        }
    }

    pub fn keep(&mut self, client: Arc<str>, kept: Kept) {
        self.terminals.entry(client).or_default().kept = Some(kept);
    }
}

impl Entry {
    fn shown(
        &self,
        client: &str,
        at_work: &HashSet<PersonId>,
        now: UtcMicros,
        server_since: UtcMicros,
    ) -> Option<Terminal> {
        let kept = self.kept.as_ref()?;
        let heard = |live: &Live| kept.last_contact.max(live.since).max(server_since);
        let state = match &self.live {
            None => TerminalState::Offline,
            Some(live) if now.since(heard(live)) > GAP_MICROS => TerminalState::Silent,
            Some(_) => TerminalState::Online,
        };
        let round_trip = self.live.as_ref().and_then(|live| live.round_trip);
        Some(Terminal {
            client: client.to_owned(),
            person: kept.person.to_string(),
            value: kept.value,
            step: kept.step,
            state,
            connected_since: self.live.as_ref().map(|live| live.since),
            last_contact_at: kept.last_contact,
            round_trip_micros: round_trip.map(micros),
            gaps: kept.gaps,
            longest_gap_micros: kept.longest_gap,
            last_gap: kept.last_gap,
            messages: kept.messages,
            expected: kept.person_id.is_some_and(|person| at_work.contains(&person)),
            about: kept.about.clone(),
        })
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

impl Seat {
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Ends when another connection took the place.
    pub async fn displaced(&self) {
        self.displaced.notified().await;
    }

    /// Notes how long a ping took.
    pub fn round_trip(&self, took: Duration) {
        let mut state = self.registry.lock();
        let live = state.terminals.get_mut(&self.client).and_then(|entry| entry.live.as_mut());
        if let Some(live) = live.filter(|live| live.number == self.number) {
            live.round_trip = Some(took);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.registry.lock();
        let Some(entry) = state.terminals.get_mut(&self.client) else { return };
        if entry.live.as_ref().is_some_and(|live| live.number == self.number) {
            entry.live = None;
        }
        // Its first message was never stored: it is as if it had not come.
        if entry.live.is_none() && entry.kept.is_none() {
            state.terminals.remove(&self.client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn ana() -> Who {
        Who { id: PersonId::now(), name: "Ana".into() }
    }

    #[test]
    fn gaps_begin_with_the_server() {
        let mut kept = Kept::new(1, &ana(), UtcMicros(0));
        kept.heard(UtcMicros(GAP_MICROS), UtcMicros(0));
        assert_eq!(kept.gaps, 0, "five seconds are no gap");
        kept.heard(UtcMicros(100 * SECOND), UtcMicros(99 * SECOND));
        assert_eq!(kept.gaps, 0, "the server was away");
        kept.heard(UtcMicros(110 * SECOND), UtcMicros(99 * SECOND));
        let gap = Gap { from: UtcMicros(100 * SECOND), to: UtcMicros(110 * SECOND) };
        assert_eq!((kept.gaps, kept.longest_gap, kept.last_gap), (1, 10 * SECOND, Some(gap)));
        kept.heard(UtcMicros(50 * SECOND), UtcMicros(99 * SECOND));
        assert_eq!(kept.gaps, 1, "a clock that is set back is no gap");
    }

    #[tokio::test]
    async fn the_second_connection_has_the_place() {
        let registry = Arc::new(Registry::default());
        let first = registry.enter("a", ana(), UtcMicros(0)).unwrap();
        let second = registry.enter("a", ana(), UtcMicros(1)).unwrap();
        first.displaced().await;
        assert!(!registry.lock().holds("a", first.number) && registry.lock().holds("a", second.number));
        drop(first);
        assert_eq!(registry.connected(), 1, "the first one's end is not the second one's");
        drop(second);
        assert!(registry.lock().terminals.is_empty(), "nothing of it was ever stored");
    }

    #[test]
    fn names_are_bounded() {
        let registry = Arc::new(Registry::default());
        let seats: Vec<_> =
            (0..TERMINALS).map(|n| registry.enter(&n.to_string(), ana(), UtcMicros(0)).unwrap()).collect();
        assert_eq!(
            registry.enter("one more", ana(), UtcMicros(0)).unwrap_err(),
            PulseError::TooManyTerminals
        );
        let seventh = registry.enter("7", ana(), UtcMicros(0));
        assert!(seventh.is_ok(), "one that is known may come again");
        registry.lock().keep("7".into(), Kept::new(7, &ana(), UtcMicros(0)));
        assert_eq!(registry.lock().idle("7", &Scope::All), Err(PulseError::Connected));
        drop((seats, seventh));
        assert_eq!(registry.lock().terminals.len(), 1, "the others never said anything");
        let others = Scope::People(HashSet::from([PersonId::now()]));
        assert_eq!(registry.lock().idle("7", &others), Err(PulseError::UnknownTerminal));
        assert_eq!(registry.lock().idle("7", &Scope::All), Ok(7));
        registry.lock().forget("7");
        assert!(registry.lock().terminals.is_empty());
    }
}
