//! A rule about silent tills, run over the times in which they said nothing while a drawer was open.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tillwatch_shared::api::{AlarmSubject, RehearsalLine, thousandths};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{PersonId, StoreId, UtcMicros};

use super::{Days, Step};
use crate::ledger::Ledger;
use crate::ledger::queries::drawers;
use crate::pulse::{Pulse, Silence};

/// The tills of a store.
pub struct Tills {
    pub ledger: Ledger,
    pub pulse: Pulse,
    pub store: StoreId,
    pub seconds: i64,
    pub days: Days,
}

/// From the one moment to the other.
type Span = (UtcMicros, UtcMicros);

/// A time in which somebody's till counts for the store.
#[derive(Clone, Copy)]
struct AtWork {
    from: UtcMicros,
    to: UtcMicros,
    /// Since when a drawer of the store was open.
    since: UtcMicros,
}

impl Tills {
    /// All of it: what was silent for long is little.
    pub fn all(&self, lines: &mut Vec<RehearsalLine>) -> Result<Step, String> {
        let Days { from, to: now } = self.days;
        let silences = self.pulse.silences(from, self.seconds * SECOND).map_err(|error| error.to_string())?;
        if silences.known_since > from {
            lines.push(RehearsalLine::KnownSince { at: silences.known_since });
        }
        let at_work = self.at_work(&silences.items).map_err(|error| error.to_string())?;
        let mut told = Vec::new();
        for silence in &silences.items {
            // The same silence of the same drawer is one alarm, whatever was open elsewhere meanwhile.
            let mut last = None;
            for work in at_work.get(&silence.person).into_iter().flatten() {
                if last == Some(silence.from.max(work.since)) {
                    continue;
                }
                let alarm = self.told(silence, *work, from, now);
                if alarm.is_some() {
                    last = Some(silence.from.max(work.since));
                }
                told.extend(alarm);
            }
        }
        told.sort_by_key(|(fired, _)| *fired);
        lines.extend(told.into_iter().map(|(_, line)| line));
        Ok(Step { looked_at: silences.items.len() as u64, percent: 100.0 })
    }

    /// When each of those who were signed in there had a drawer open in this store, and in none of those before it: a
    /// till counts for one store.
    fn at_work(&self, silences: &[Silence]) -> rusqlite::Result<HashMap<PersonId, Vec<AtWork>>> {
        let Days { from, to } = self.days;
        // A silence of before these days may go on in them.
        let since = silences.iter().map(|silence| silence.from).fold(from, UtcMicros::min);
        let mut drawers: HashMap<StoreId, Vec<Span>> = HashMap::new();
        let mut at_work = HashMap::new();
        for person in silences.iter().map(|silence| silence.person) {
            if at_work.contains_key(&person) {
                continue;
            }
            let stores = self.ledger.read(|db| drawers::stores_of(db, person))?;
            let Some(place) = stores.iter().position(|store| *store == self.store) else {
                at_work.insert(person, Vec::new());
                continue;
            };
            let mut spans = Vec::new();
            for store in stores.into_iter().take(place + 1).rev() {
                let open = match drawers.entry(store) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => {
                        let open = self.ledger.read(|db| drawers::open_since(db, store, since))?;
                        let open = open.into_iter().map(|(from, over)| (from, over.unwrap_or(to)));
                        place.insert(merged(open))
                    }
                };
                spans = if store == self.store { open.clone() } else { without(&spans, open) };
            }
            let own = drawers.get(&self.store).into_iter().flatten();
            let since =
                |at: UtcMicros| own.clone().rev().find(|(from, _)| *from <= at).map(|(from, _)| *from);
            let work = |(from, to): Span| AtWork { since: since(from).unwrap_or(from), from, to };
            at_work.insert(person, spans.into_iter().map(work).collect());
        }
        Ok(at_work)
    }

    /// The alarm of a silence while drawers were open, if any of it was in these days.
    fn told(
        &self,
        silence: &Silence,
        work: AtWork,
        first: UtcMicros,
        now: UtcMicros,
    ) -> Option<(UtcMicros, RehearsalLine)> {
        let fired = silence.from.plus(self.seconds * SECOND).max(work.from);
        let ended = silence.to.unwrap_or(now).min(work.to);
        if fired >= ended || ended <= first {
            return None;
        }
        let goes_on = silence.to.is_none() && work.to >= now;
        let silent = ended.since(silence.from) as f64 / SECOND as f64;
        let line = RehearsalLine::Alarm {
            subject: AlarmSubject::Terminal { client: silence.client.clone() },
            name: silence.client.clone(),
            began_at: silence.from.max(work.since),
            fired_at: fired,
            ended_at: (!goes_on).then_some(ended),
            worst: Some(thousandths(silent).floor()),
        };
        Some((fired, line))
    }
}

/// Spans in the order of their beginning, as spans that do not touch.
fn merged(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    for (from, to) in spans {
        match all.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            Some(_) | None => all.push((from, to)),
        }
    }
    all
}

/// What is in these spans and in none of the others; both are merged.
fn without(spans: &[Span], others: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    for &(from, to) in spans {
        let mut at = from;
        for &(begin, end) in others.iter().filter(|(begin, end)| *end > from && *begin < to) {
            if begin > at {
                left.push((at, begin));
            }
            at = at.max(end);
        }
        if at < to {
            left.push((at, to));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(all: &[(i64, i64)]) -> Vec<Span> {
        all.iter().map(|(from, to)| (UtcMicros(*from), UtcMicros(*to))).collect()
    }

    #[test]
    fn drawers_that_overlap_are_one_time() {
        let open = merged(spans(&[(1, 4), (2, 3), (4, 6), (8, 9)]).into_iter());
        assert_eq!(open, spans(&[(1, 6), (8, 9)]));
    }

    #[test]
    fn another_stores_drawer_counts_first() {
        let here = spans(&[(0, 10), (20, 30), (40, 50)]);
        assert_eq!(without(&here, &[]), here);
        let there = spans(&[(2, 3), (5, 6), (8, 22), (25, 26), (40, 50)]);
        assert_eq!(without(&here, &there), spans(&[(0, 2), (3, 5), (6, 8), (22, 25), (26, 30)]));
        assert_eq!(without(&here, &spans(&[(0, 60)])), []);
    }
}
