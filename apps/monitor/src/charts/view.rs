//! Which time range the charts of a page show: following now, or held by the user.

use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};

/// A stretch of time in microseconds since 1970 UTC; `from < to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub from: i64,
    pub to: i64,
}

impl Range {
    pub const fn span(self) -> i64 {
        self.to.saturating_sub(self.from)
    }

    /// As long, and so much earlier.
    #[must_use]
    pub const fn earlier(self, by: i64) -> Self {
        Self { from: self.from.saturating_sub(by), to: self.to.saturating_sub(by) }
    }

    pub const fn contains(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}

/// The ranges with a button of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeChoice {
    Minutes15,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl RangeChoice {
    pub const ALL: [Self; 6] = [Self::Minutes15, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    pub const fn span(self) -> i64 {
        match self {
            Self::Minutes15 => 15 * MINUTE,
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
            Self::Year => 365 * DAY,
        }
    }
}

const SHORTEST: i64 = 10 * SECOND;
const LONGEST: i64 = 3 * 365 * DAY;
/// Zooming with the pointer this close to the right edge keeps following.
const LIVE_EDGE: f64 = 0.85;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    span: i64,
    /// Where it ends when the user holds it; `None` while it follows now.
    held_at: Option<i64>,
}

impl Default for View {
    fn default() -> Self {
        Self { span: RangeChoice::Minutes15.span(), held_at: None }
    }
}

impl View {
    pub fn range(self, now: i64) -> Range {
        let to = self.held_at.unwrap_or(now);
        Range { from: to.saturating_sub(self.span), to }
    }

    pub const fn follows(self) -> bool {
        self.held_at.is_none()
    }

    /// The choice whose button is pressed in.
    pub fn choice(self) -> Option<RangeChoice> {
        RangeChoice::ALL.into_iter().find(|c| c.span() == self.span)
    }

    /// A range choice shows the newest data and follows it.
    #[must_use]
    pub const fn choose(self, choice: RangeChoice) -> Self {
        Self { span: choice.span(), held_at: None }
    }

    #[must_use]
    pub const fn follow(self) -> Self {
        Self { held_at: None, ..self }
    }

    /// Moves by `micros`, later if positive. Moved up to now, it follows again.
    #[must_use]
    pub fn pan(self, micros: i64, now: i64) -> Self {
        let to = self.range(now).to.saturating_add(micros);
        let held_at = (to < now).then_some(to.max(0));
        Self { held_at, ..self }
    }

    /// Shows `factor` times the time (below one: closer), keeping the moment `at` where it is.
    #[must_use]
    pub fn zoom(self, factor: f64, at: Option<i64>, now: i64) -> Self {
        let before = self.range(now);
        let span = scaled(self.span, factor).clamp(SHORTEST, LONGEST);
        let place = at.map_or(1.0, |at| (at.saturating_sub(before.from)) as f64 / self.span.max(1) as f64);
        if self.follows() && place >= LIVE_EDGE {
            return Self { span, held_at: None };
        }
        let to = before.to.saturating_sub(scaled(self.span - span, 1.0 - place.clamp(0.0, 1.0)));
        Self { span, held_at: (to < now).then_some(to) }
    }

    /// Shows exactly what the user marked; too short a mark is taken for a slip and ignored.
    #[must_use]
    pub fn select(self, a: i64, b: i64, now: i64) -> Self {
        let (from, to) = (a.min(b), a.max(b).min(now));
        if to.saturating_sub(from) < SHORTEST {
            return self;
        }
        Self { span: (to - from).min(LONGEST), held_at: Some(to) }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "spans are below 2^53 microseconds, and the cast saturates"
)]
fn scaled(micros: i64, factor: f64) -> i64 {
    (micros as f64 * factor) as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tillwatch_shared::time::{DAY, HOUR, MINUTE};

    use super::{LONGEST, RangeChoice, SHORTEST, View, scaled};

    const NOW: i64 = 1_800_000_000_000_000;

    #[test]
    fn follows_until_panned_and_again_when_moved_back() {
        let view = View::default();
        assert_eq!(view.range(NOW).to, NOW);
        let held = view.pan(-5 * MINUTE, NOW);
        assert!(!held.follows());
        assert_eq!(held.range(NOW + HOUR).to, NOW - 5 * MINUTE);
        assert!(held.pan(10 * MINUTE, NOW).follows());
        assert!(held.follow().follows());
        assert_eq!(held.choose(RangeChoice::Day).range(NOW).span(), DAY);
    }

    #[test]
    fn zooming_at_the_live_edge_keeps_following() {
        let view = View::default();
        assert!(view.zoom(0.5, None, NOW).follows());
        assert!(view.zoom(0.5, Some(NOW - MINUTE), NOW).follows());
        assert!(!view.zoom(0.5, Some(NOW - 10 * MINUTE), NOW).follows());
    }

    #[test]
    fn a_mark_becomes_the_range_and_a_slip_does_not() {
        let view = View::default().select(NOW - HOUR, NOW - 2 * HOUR, NOW);
        assert_eq!((view.range(NOW).from, view.range(NOW).to), (NOW - 2 * HOUR, NOW - HOUR));
        assert_eq!(View::default().select(NOW - 5, NOW, NOW), View::default());
    }

    proptest! {
        #[test]
        fn zooming_keeps_the_pointed_moment_in_place(factor in 0.2_f64..4.0, place in 0.0_f64..0.8) {
            let view = View::default().choose(RangeChoice::Day).pan(-30 * DAY, NOW);
            let before = view.range(NOW);
            let at = before.from + scaled(before.span(), place);
            let after = view.zoom(factor, Some(at), NOW).range(NOW);
            let place_after = (at - after.from) as f64 / after.span() as f64;
            prop_assert!((place - place_after).abs() < 0.001);
        }

        #[test]
        fn no_gesture_leaves_the_bounds(gestures in prop::collection::vec((0_u8..3, -2.0_f64..2.0), 0..40)) {
            let mut view = View::default();
            for (kind, amount) in gestures {
                let range = view.range(NOW);
                view = match kind {
                    0 => view.pan(scaled(range.span(), amount), NOW),
                    1 => view.zoom(amount.exp2(), Some(range.from + range.span() / 3), NOW),
                    _ => view.select(range.from, range.from + scaled(range.span(), amount), NOW),
                };
                let range = view.range(NOW);
                prop_assert!((SHORTEST..=LONGEST).contains(&range.span()));
                prop_assert!(range.to <= NOW);
            }
        }
    }
}
