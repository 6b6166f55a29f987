//! How often a sensor usually tells something, and since when it has not. Pure.

use std::collections::VecDeque;

use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::MINUTE;

/// Gaps from which the usual one is taken.
const GAPS: usize = 31;
/// The fewest that say something.
const ENOUGH: usize = 3;
/// What is taken for usual until then.
const UNKNOWN: i64 = 5 * MINUTE;

#[derive(Clone, Debug, Default)]
pub struct Silence {
    measured: Pace,
    received: Pace,
}

#[derive(Clone, Debug, Default)]
struct Pace {
    last: Option<UtcMicros>,
    gaps: VecDeque<i64>,
}

impl Pace {
    fn note(&mut self, at: UtcMicros) {
        let Some(last) = self.last else {
            self.last = Some(at);
            return;
        };
        let gap = at.since(last);
        if gap <= 0 {
            return;
        }
        if self.gaps.len() == GAPS {
            self.gaps.pop_front();
        }
        self.gaps.push_back(gap);
        self.last = Some(at);
    }

    fn usual(&self) -> Option<i64> {
        let mut gaps: Vec<i64> = self.gaps.iter().copied().collect();
        gaps.sort_unstable();
        gaps.get(gaps.len() / 2).copied().filter(|_| gaps.len() >= ENOUGH)
    }
}

impl Silence {
    /// A reading came.
    pub fn heard(&mut self, measured: UtcMicros, received: UtcMicros) {
        self.measured.note(measured);
        self.received.note(received);
    }

    /// The server's clock was set back: what it heard in a time that is still to come, it heard by now. Otherwise
    /// nobody would be silent before the clock is there again.
    pub fn not_after(&mut self, now: UtcMicros) {
        if self.received.last.is_some_and(|last| last > now) {
            self.received.last = Some(now);
        }
    }

    /// The gap that is nothing special. A device that sends what it gathered once an hour is heard each hour.
    pub fn usual(&self) -> i64 {
        self.measured.usual().max(self.received.usual()).unwrap_or(UNKNOWN)
    }

    /// The gap that this reading ends, from and to: in what was measured, or in what came, whichever is longer. A
    /// device that could not send has no gap in what it measured; what was brought in later, none in what came.
    pub fn gap(&self, measured: UtcMicros, received: UtcMicros) -> Option<(UtcMicros, UtcMicros)> {
        let gaps = [(self.measured.last?, measured), (self.received.last?, received)];
        gaps.into_iter().max_by_key(|(from, to)| to.since(*from))
    }

    /// Since when nothing came, or nothing that was measured since. Nobody could hear before the server was there.
    /// `None`: it never told anything.
    pub fn since(&self, server_since: UtcMicros) -> Option<UtcMicros> {
        let (measured, received) = (self.measured.last?, self.received.last?);
        Some(measured.min(received).max(server_since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_gap_is_the_middle_one() {
        let mut silence = Silence::default();
        let at = |minute: i64| UtcMicros(minute * MINUTE);
        assert_eq!((silence.usual(), silence.since(at(0))), (UNKNOWN, None));
        for minute in [0, 2, 4, 20, 22, 24] {
            silence.heard(at(minute), at(minute));
        }
        assert_eq!(silence.usual(), 2 * MINUTE, "one long gap is not usual");
        assert_eq!(silence.since(at(0)), Some(at(24)));
        assert_eq!(silence.since(at(30)), Some(at(30)), "nobody heard before");
        // It goes on sending, but old things.
        silence.heard(at(23), at(26));
        assert_eq!(silence.since(at(0)), Some(at(24)));
    }

    #[test]
    fn a_gap_is_in_what_was_measured_or_in_what_came() {
        let mut silence = Silence::default();
        let at = |minute: i64| UtcMicros(minute * MINUTE);
        assert_eq!(silence.gap(at(0), at(0)), None, "the first one ends none");
        silence.heard(at(1), at(1));
        assert_eq!(silence.gap(at(2), at(40)), Some((at(1), at(40))), "it could not send");
        assert_eq!(silence.gap(at(40), at(40)), Some((at(1), at(40))));
        silence.heard(at(2), at(40));
        assert_eq!(silence.gap(at(3), at(40)), Some((at(2), at(3))), "what it had gathered");
        assert_eq!(silence.gap(at(30), at(40)), Some((at(2), at(30))));
    }

    #[test]
    fn a_clock_that_was_set_back_makes_nobody_heard_for_ever() {
        let mut silence = Silence::default();
        let at = |minute: i64| UtcMicros(minute * MINUTE);
        for minute in [1, 2, 3, 500, 501] {
            silence.heard(at(minute), at(minute));
        }
        silence.not_after(at(10));
        assert_eq!(silence.since(at(0)), Some(at(10)));
        silence.not_after(at(12));
        assert_eq!(silence.since(at(0)), Some(at(10)), "it goes on from there");
        silence.heard(at(13), at(13));
        assert_eq!(silence.since(at(0)), Some(at(13)));
        assert_eq!(silence.usual(), MINUTE);
    }

    #[test]
    fn what_comes_in_batches_is_heard_with_the_batch() {
        let mut silence = Silence::default();
        for hour in 1..5 {
            for minute in 0..60 {
                let measured = UtcMicros(((hour - 1) * 60 + minute) * MINUTE);
                silence.heard(measured, UtcMicros(hour * 60 * MINUTE));
            }
        }
        assert_eq!(silence.usual(), 60 * MINUTE);
    }
}
