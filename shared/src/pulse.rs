//! What a terminal does on the pulse, as a state machine: input, time and chance go in, effects come out.
//! Programs that have a pulse drive it over a connection of theirs.
//!
//! Times are microseconds of a clock that never goes back. The terminal starts from the value that the server
//! holds, adds its step every half second and tells the server; every three to five seconds it asks for an even
//! or an odd number, which becomes its step. A connection that is lost is made again after growing waits.

use std::collections::VecDeque;

use crate::api::{FromServer, FromTerminal, Parity};
use crate::limits::{PULSE_VALUES, TERMINAL_CHARS};
use crate::time::SECOND;

/// From one value to the next.
pub const VALUE_EVERY: i64 = SECOND / 2;
/// The shortest and the longest time from one request to the next.
pub const REQUEST_AFTER: [i64; 2] = [3 * SECOND, 5 * SECOND];
/// Without an answer for so long, the connection is given up.
pub const PATIENCE: i64 = 5 * SECOND;
/// The longest wait between two tries to connect, but for its random part.
pub const LONGEST_WAIT: i64 = 30 * SECOND;
/// Values that may be under way; while there are so many, the terminal does not count on.
const UNDER_WAY: usize = 4;
/// The server's close code for a terminal whose name another connection uses.
pub const TAKEN_OVER: u16 = 4001;

/// Whether a terminal may be called so: bounded, readable, the same to everybody who sees it.
pub fn is_name(name: &str) -> bool {
    (1..=TERMINAL_CHARS).contains(&name.chars().count())
        && name.chars().all(is_in_names)
        && name.starts_with(char::is_alphanumeric)
        && name.trim() == name
}

fn is_in_names(c: char) -> bool {
    c.is_alphanumeric() || "-_.:/#() ".contains(c)
}

/// The nearest name that a terminal may have.
pub fn fit_name(text: &str) -> String {
    let kept: String = text.chars().map(|c| if is_in_names(c) { c } else { '-' }).collect();
    let begun = kept.trim_start_matches(|c: char| !c.is_alphanumeric());
    let cut: String = begun.chars().take(TERMINAL_CHARS).collect();
    let name = cut.trim();
    if name.is_empty() { "terminal".to_owned() } else { name.to_owned() }
}

/// How it stands with the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Not connected; the next try is at this time.
    Waiting {
        until: i64,
    },
    Connecting,
    /// Connected, but the server has not told its value.
    Opening {
        since: i64,
    },
    Online,
    /// Another connection with the same name took over. It does not fight back.
    TakenOver,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Time has passed.
    Tick,
    Connected,
    Heard(FromServer),
    /// The connection could not be made, or ended with this code.
    Closed(Option<u16>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Connect,
    Send(FromTerminal),
    Disconnect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    link: Link,
    value: u8,
    step: u8,
    /// The value that the server has taken last.
    held: u8,
    /// Values under way, and when they went out.
    under_way: VecDeque<(u8, i64)>,
    round_trip: Option<i64>,
    acknowledged: u64,
    heard_at: i64,
    next_value: i64,
    next_request: i64,
    failures: u32,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            link: Link::Waiting { until: 0 },
            value: 0,
            step: 1,
            held: 0,
            under_way: VecDeque::new(),
            round_trip: None,
            acknowledged: 0,
            heard_at: 0,
            next_value: 0,
            next_request: 0,
            failures: 0,
        }
    }
}

impl Machine {
    pub const fn link(&self) -> Link {
        self.link
    }

    pub const fn value(&self) -> u8 {
        self.value
    }

    pub const fn step(&self) -> u8 {
        self.step
    }

    /// From the last value that was acknowledged to its acknowledgement, in microseconds.
    pub const fn round_trip(&self) -> Option<i64> {
        self.round_trip
    }

    /// Values that the server has acknowledged.
    pub const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// When something is due although nothing happens; `None` if never again.
    pub fn next_wake(&self) -> Option<i64> {
        match self.link {
            Link::Waiting { until } => Some(until),
            Link::Opening { since } => Some(since + PATIENCE),
            Link::Online => Some(self.next_value.min(self.next_request).min(self.heard_at + PATIENCE)),
            // The end of the try is an input.
            Link::Connecting | Link::TakenOver => None,
        }
    }

    /// Takes an input. `chance` gives random numbers.
    pub fn update(&mut self, input: &Input, now: i64, chance: &mut dyn FnMut() -> u32) -> Vec<Effect> {
        match input {
            Input::Tick => self.tick(now, chance),
            Input::Connected => {
                if self.link == Link::Connecting {
                    self.link = Link::Opening { since: now };
                }
                Vec::new()
            }
            Input::Heard(message) => {
                if matches!(self.link, Link::Opening { .. } | Link::Online) {
                    self.hear(message, now, chance);
                }
                Vec::new()
            }
            Input::Closed(Some(TAKEN_OVER)) => {
                self.link = Link::TakenOver;
                self.round_trip = None;
                Vec::new()
            }
            Input::Closed(_) => {
                self.wait(now, chance);
                Vec::new()
            }
        }
    }

    fn tick(&mut self, now: i64, chance: &mut dyn FnMut() -> u32) -> Vec<Effect> {
        match self.link {
            Link::Waiting { until } if now >= until => {
                self.link = Link::Connecting;
                vec![Effect::Connect]
            }
            Link::Opening { since } if now >= since + PATIENCE => self.give_up(now, chance),
            Link::Online if now >= self.heard_at + PATIENCE => self.give_up(now, chance),
            Link::Online => self.count(now, chance),
            Link::Waiting { .. } | Link::Opening { .. } | Link::Connecting | Link::TakenOver => Vec::new(),
        }
    }

    fn count(&mut self, now: i64, chance: &mut dyn FnMut() -> u32) -> Vec<Effect> {
        let mut effects = Vec::new();
        if now >= self.next_value {
            // After a sleep it goes on from now, rather than making up for what was missed.
            let next = self.next_value + VALUE_EVERY;
            self.next_value = if next > now { next } else { now + VALUE_EVERY };
            if self.under_way.len() < UNDER_WAY {
                self.value = (self.value + self.step) % PULSE_VALUES;
                self.under_way.push_back((self.value, now));
                effects.push(Effect::Send(FromTerminal::Value { value: self.value }));
            }
        }
        if now >= self.next_request {
            self.next_request = now + request_after(chance);
            let parity = if chance().is_multiple_of(2) { Parity::Even } else { Parity::Odd };
            effects.push(Effect::Send(FromTerminal::Request { parity }));
        }
        effects
    }

    fn hear(&mut self, message: &FromServer, now: i64, chance: &mut dyn FnMut() -> u32) {
        self.heard_at = now;
        match message {
            FromServer::Value { value } => {
                self.link = Link::Online;
                self.under_way.clear();
                self.held = value % PULSE_VALUES;
                self.value = self.held;
                self.next_value = now + VALUE_EVERY;
                self.next_request = now + request_after(chance);
            }
            FromServer::Ack { value } => self.acknowledge(*value, now),
            FromServer::Step { value, .. } => self.step = value % PULSE_VALUES,
            // Nothing was taken: it goes on from what the server has.
            FromServer::Error { .. } => {
                self.under_way.clear();
                self.value = self.held;
            }
        }
    }

    fn acknowledge(&mut self, value: u8, now: i64) {
        self.failures = 0;
        self.acknowledged += 1;
        self.held = value % PULSE_VALUES;
        while let Some((sent, at)) = self.under_way.pop_front() {
            if sent == value {
                self.round_trip = Some(now - at);
                break;
            }
        }
        if self.under_way.is_empty() {
            self.value = self.held;
        }
    }

    fn give_up(&mut self, now: i64, chance: &mut dyn FnMut() -> u32) -> Vec<Effect> {
        self.wait(now, chance);
        vec![Effect::Disconnect]
    }

    /// Each failure doubles the wait; a random quarter more or less keeps many terminals from coming at once.
    fn wait(&mut self, now: i64, chance: &mut dyn FnMut() -> u32) {
        let wait = (SECOND << self.failures.min(5)).min(LONGEST_WAIT);
        self.failures = self.failures.saturating_add(1);
        self.round_trip = None;
        self.under_way.clear();
        self.value = self.held;
        let until = now + wait * 3 / 4 + i64::from(chance()) % (wait / 2);
        self.link = Link::Waiting { until };
    }
}

fn request_after(chance: &mut dyn FnMut() -> u32) -> i64 {
    let [low, high] = REQUEST_AFTER;
    low + i64::from(chance()) % (high - low + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn online(value: u8) -> Machine {
        let mut machine = Machine::default();
        assert_eq!(machine.update(&Input::Tick, 0, &mut || 0), [Effect::Connect]);
        machine.update(&Input::Connected, 0, &mut || 0);
        machine.update(&Input::Heard(FromServer::Value { value }), 0, &mut || 0);
        machine
    }

    fn ack(machine: &mut Machine, value: u8, now: i64) {
        machine.update(&Input::Heard(FromServer::Ack { value }), now, &mut || 0);
    }

    fn value(value: u8) -> Effect {
        Effect::Send(FromTerminal::Value { value })
    }

    #[test]
    fn it_counts_from_what_the_server_holds() {
        let mut machine = online(98);
        assert_eq!(machine.next_wake(), Some(VALUE_EVERY));
        assert_eq!(machine.update(&Input::Tick, VALUE_EVERY - 1, &mut || 0), []);
        assert_eq!(machine.update(&Input::Tick, VALUE_EVERY, &mut || 0), [value(99)]);
        ack(&mut machine, 99, VALUE_EVERY + 700);
        assert_eq!((machine.round_trip(), machine.acknowledged()), (Some(700), 1));
        let step = FromServer::Step { parity: Parity::Odd, value: 7 };
        machine.update(&Input::Heard(step), VALUE_EVERY + 800, &mut || 0);
        assert_eq!(machine.update(&Input::Tick, 2 * VALUE_EVERY, &mut || 0), [value(6)]);
        let error = FromServer::Error { message: String::new() };
        machine.update(&Input::Heard(error), 2 * VALUE_EVERY, &mut || 0);
        assert_eq!(machine.value(), 99, "what was refused is taken back");
    }

    #[test]
    fn waits_grow_and_end_with_an_acknowledgement() {
        let mut machine = Machine::default();
        let mut waits = Vec::new();
        for _ in 0..7 {
            machine.update(&Input::Closed(None), 0, &mut || 0);
            waits.push(machine.next_wake().unwrap() / (SECOND / 4));
        }
        assert_eq!(waits, [3, 6, 12, 24, 48, 90, 90]);
        machine = Machine { failures: 5, ..online(0) };
        machine.update(&Input::Tick, VALUE_EVERY, &mut || 0);
        ack(&mut machine, 1, VALUE_EVERY);
        machine.update(&Input::Closed(Some(1001)), VALUE_EVERY, &mut || 0);
        assert_eq!(machine.next_wake(), Some(VALUE_EVERY + SECOND * 3 / 4));
    }

    #[test]
    fn one_that_was_taken_over_does_not_fight_back() {
        let mut machine = online(5);
        machine.update(&Input::Closed(Some(TAKEN_OVER)), 9, &mut || 0);
        assert_eq!((machine.link(), machine.next_wake()), (Link::TakenOver, None));
        assert_eq!(machine.update(&Input::Tick, i64::MAX / 2, &mut || 0), []);
    }

    #[test]
    fn names_of_terminals() {
        for good in ["a", "Caixa 1", "loja-2/caixa.3", "Açougue (fundos) #2", &"x".repeat(64)] {
            assert!(is_name(good), "{good}");
            assert_eq!(fit_name(good), good);
        }
        for bad in ["", " a", "a ", "-a", "=1+1", "a\nb", "a\u{202e}b", "a\"b", "a,b", "()", &"x".repeat(65)]
        {
            assert!(!is_name(bad), "{bad:?}");
            assert!(is_name(&fit_name(bad)), "{bad:?}");
        }
    }

    /// What the world may do.
    fn inputs() -> impl Strategy<Value = Vec<(Input, i64, u32)>> {
        let parity = prop_oneof![Just(Parity::Even), Just(Parity::Odd)];
        let input = prop_oneof![
            10 => Just(Input::Tick),
            3 => Just(Input::Connected),
            5 => any::<u8>().prop_map(|value| Input::Heard(FromServer::Value { value })),
            5 => any::<u8>().prop_map(|value| Input::Heard(FromServer::Ack { value })),
            2 => (parity, any::<u8>())
                .prop_map(|(parity, value)| Input::Heard(FromServer::Step { parity, value })),
            1 => Just(Input::Heard(FromServer::Error { message: "x".into() })),
            1 => prop_oneof![Just(None), Just(Some(1001)), Just(Some(4003))].prop_map(Input::Closed),
        ];
        proptest::collection::vec((input, 0..2 * SECOND, any::<u32>()), 1..300)
    }

    proptest! {
        #[test]
        fn whatever_happens(inputs in inputs()) {
            let mut machine = Machine::default();
            let (mut now, mut last_value, mut last_request) = (0, i64::MIN / 2, i64::MIN / 2);
            for (input, pause, chance) in inputs {
                now += pause;
                let before = machine.clone();
                if matches!(input, Input::Heard(FromServer::Value { .. })) {
                    // A new connection's first value begins the count anew.
                    (last_value, last_request) = (i64::MIN / 2, i64::MIN / 2);
                }
                for effect in machine.update(&input, now, &mut || chance) {
                    match effect {
                        Effect::Send(FromTerminal::Value { value }) => {
                            prop_assert_eq!(before.link, Link::Online);
                            prop_assert_eq!(value, (before.value + before.step) % 100);
                            prop_assert!(now - last_value > 0, "two values at once");
                            last_value = now;
                        }
                        Effect::Send(FromTerminal::Request { .. }) => {
                            prop_assert_eq!(before.link, Link::Online);
                            prop_assert!(now - last_request >= REQUEST_AFTER[0]);
                            prop_assert!(machine.next_request - now <= REQUEST_AFTER[1]);
                            last_request = now;
                        }
                        Effect::Connect => {
                            let waited = matches!(before.link, Link::Waiting { .. });
                            prop_assert!(waited);
                        }
                        Effect::Disconnect => {
                            let waits = matches!(machine.link, Link::Waiting { .. });
                            prop_assert!(waits);
                        }
                    }
                }
                prop_assert!(machine.value < 100 && machine.step < 100 && machine.held < 100);
                prop_assert!(machine.under_way.len() <= UNDER_WAY);
                if input == Input::Tick {
                    // Whoever waits for the next wake does not spin.
                    prop_assert!(machine.next_wake().is_none_or(|wake| wake > now));
                }
                if let Link::Waiting { until } = machine.link {
                    prop_assert!(until - now <= LONGEST_WAIT * 5 / 4);
                }
            }
        }
    }
}
