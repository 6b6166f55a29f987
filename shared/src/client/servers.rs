//! Which of several servers is asked, and when another one. Pure: time and chance are passed in, times are microseconds
//! of a clock that never goes back.
//!
//! Any server of a group takes any request, so the one in use stays in use while it works. When it does not, another one
//! is drawn by lot, after a random wait: a hundred clients that lose their server in the same moment neither come at once
//! nor all to the same one. One that failed rests for a while that grows, and is asked meanwhile only where there is no
//! other: a request is never refused without being sent to somebody.

use reqwest::Url;

use crate::random::Random;
use crate::time::SECOND;

#[cfg(test)]
mod tests;

/// The longest wait before the second server is asked; before each further one it is twice as long.
pub const SPREAD: i64 = 2 * SECOND;
/// To how many servers a request goes at most.
pub const TRIES: usize = 3;
/// The longest rest of a server that fails, but for its random part.
pub const LONGEST_REST: i64 = 30 * SECOND;
/// A server that says for so long that it cannot do its work is left. An election takes less.
pub const PATIENCE: i64 = 3 * SECOND;
/// Two such answers that are further apart have nothing to do with each other.
const APART: i64 = 30 * SECOND;
/// How many learned addresses are kept.
const MOST: usize = 16;

#[derive(Clone, Debug)]
struct Place {
    url: Url,
    /// Named by a person; the others were learned from a server.
    given: bool,
    failures: u32,
    rests_until: i64,
}

/// The server in use answers, but cannot do its work.
#[derive(Clone, Copy, Debug)]
struct Trouble {
    /// It concerns commands; a question that is answered does not end it.
    commands: bool,
    since: i64,
    last: i64,
}

#[derive(Clone, Debug)]
pub struct Servers {
    places: Vec<Place>,
    current: Url,
    trouble: Option<Trouble>,
    chance: Random,
}

impl Servers {
    /// Begins at one of the given ones, drawn by lot. None where there is none.
    pub fn new(given: Vec<Url>, learned: Vec<Url>, seed: u64) -> Option<Self> {
        let mut chance = Random::new(seed);
        let current = given.get(below(&mut chance, given.len()))?.clone();
        let places = given.into_iter().map(|url| Place::new(url, true)).collect();
        let mut servers = Self { places, current, trouble: None, chance };
        servers.learn(learned);
        Some(servers)
    }

    /// The one in use.
    pub const fn current(&self) -> &Url {
        &self.current
    }

    /// Where a request goes next that failed at all of `tried`, and how long to wait before. None where no other one is
    /// worth asking now.
    pub fn next(&mut self, tried: &[Url], now: i64) -> Option<(Url, i64)> {
        if tried.len() >= TRIES {
            return None;
        }
        let open = |place: &&Place| place.rests_until <= now && !tried.contains(&place.url);
        let url = if self.places.iter().any(|place| place.url == self.current && open(&place)) {
            self.current.clone()
        } else {
            let others: Vec<&Place> = self.places.iter().filter(open).collect();
            others.get(below(&mut self.chance, others.len()))?.url.clone()
        };
        let longest = SPREAD << tried.len().saturating_sub(1).min(TRIES);
        Some((url, up_to(&mut self.chance, longest)))
    }

    /// It could not be reached, or did not answer.
    pub fn failed(&mut self, url: &Url, now: i64) {
        if let Some(place) = self.places.iter_mut().find(|place| place.url == *url) {
            let rest = (SECOND << place.failures.min(5)).min(LONGEST_REST);
            place.failures = place.failures.saturating_add(1);
            place.rests_until = now + rest * 3 / 4 + up_to(&mut self.chance, rest / 2);
        }
        if *url == self.current {
            self.move_on(now);
        }
    }

    /// It answered, whatever it said.
    pub fn answered(&mut self, url: &Url) {
        let Some(place) = self.places.iter_mut().find(|place| place.url == *url) else { return };
        place.failures = 0;
        place.rests_until = 0;
        let current_fails = self.places.iter().any(|place| place.url == self.current && place.failures > 0);
        if current_fails {
            self.settle(url.clone());
        }
    }

    /// It did what it was asked to.
    pub fn did(&mut self, url: &Url, command: bool) {
        self.answered(url);
        if *url == self.current {
            self.trouble = self.trouble.filter(|trouble| trouble.commands && !command);
        }
    }

    /// It answered that it cannot do its work now.
    pub fn turned_away(&mut self, url: &Url, command: bool, now: i64) {
        if *url != self.current {
            return;
        }
        let before = self.trouble.filter(|trouble| now - trouble.last <= APART);
        let since = before.map_or(now, |trouble| trouble.since);
        let commands = command || before.is_some_and(|trouble| trouble.commands);
        self.trouble = Some(Trouble { commands, since, last: now });
        if now - since >= PATIENCE {
            self.failed(url, now);
        }
    }

    /// The servers of the group, as one of them told. Those that were given stay.
    pub fn learn(&mut self, mut told: Vec<Url>) {
        told.truncate(MOST);
        self.places.retain(|place| place.given || told.contains(&place.url));
        for url in told {
            if !self.places.iter().any(|place| place.url == url) {
                self.places.push(Place::new(url, false));
            }
        }
        if !self.places.iter().any(|place| place.url == self.current) {
            self.move_on(0);
        }
    }

    /// To one of those that do not rest, drawn by lot; else to the one that has rested first.
    fn move_on(&mut self, now: i64) {
        let others = self.places.iter().filter(|place| place.url != self.current);
        let (fit, resting): (Vec<&Place>, Vec<&Place>) = others.partition(|place| place.rests_until <= now);
        let next = match fit.get(below(&mut self.chance, fit.len())) {
            Some(place) => Some(*place),
            None => resting.into_iter().min_by_key(|place| place.rests_until),
        };
        if let Some(url) = next.map(|place| place.url.clone()) {
            self.settle(url);
        }
    }

    fn settle(&mut self, url: Url) {
        self.current = url;
        self.trouble = None;
    }
}

impl Place {
    const fn new(url: Url, given: bool) -> Self {
        Self { url, given, failures: 0, rests_until: 0 }
    }
}

/// In `0..count`; 0 where there is none.
fn below(chance: &mut Random, count: usize) -> usize {
    let drawn = chance.next() % u64::try_from(count).unwrap_or(1).max(1);
    usize::try_from(drawn).unwrap_or(0)
}

/// In `0..=longest`.
fn up_to(chance: &mut Random, longest: i64) -> i64 {
    i64::try_from(chance.next() % (longest.unsigned_abs() + 1)).unwrap_or(longest)
}

/// How far in the ledger its client has been told, so that another server does not tell it less (`min-seq`).
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    seq: i64,
    /// Since when every server says that it is not so far.
    refused_since: Option<i64>,
}

impl Seen {
    /// A group that was made anew of an older copy never gets there: after this long, less is taken too.
    pub const GIVES_IN: i64 = 30 * SECOND;

    /// None before anything was told.
    pub fn mark(self) -> Option<i64> {
        Some(self.seq).filter(|seq| *seq > 0)
    }

    /// A question with the mark was answered; `seq` where the server said how far it is.
    pub fn told(&mut self, seq: Option<i64>) {
        self.refused_since = None;
        self.seq = self.seq.max(seq.unwrap_or_default());
    }

    pub fn refused(&mut self, now: i64) {
        let since = *self.refused_since.get_or_insert(now);
        if now - since >= Self::GIVES_IN {
            *self = Self::default();
        }
    }
}
