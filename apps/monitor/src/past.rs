//! How the live log reaches into the past: it keeps a window of the journal, which follows whoever scrolls, and which
//! goes to a day that somebody names. Plain data; the decisions are in `update::past`.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use tillwatch_shared::UtcMicros;

use crate::reports::parse_day;

/// Pages that are read one after the other, while nothing in them passes the filter, before somebody has to ask.
pub const UNASKED: u32 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Older,
    Newer,
    /// Where in the journal a day begins.
    Seek,
}

/// What a person does about it, or the window for whoever scrolls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastAct {
    /// The end of what is kept has come into sight.
    Reach(Way),
    Older,
    /// Typed into the field of the day.
    Day(String),
    /// To the day that is typed.
    Go,
    /// Back to what happens now.
    Now,
}

#[derive(Clone, Debug)]
pub struct Past {
    /// The log ends there; what came later is read when somebody scrolls there. `None`: it goes on with the present.
    pub newest: Option<i64>,
    /// The one request that is under way.
    pub asked: Option<(u64, Way)>,
    /// Pages that may still be read before somebody has to ask.
    pub unasked: u32,
    /// The day that is typed, with a time or without.
    pub day: String,
    pub seek: Option<Seek>,
    /// The next rows are those of the day that was looked for.
    pub landing: bool,
}

impl Default for Past {
    fn default() -> Self {
        Self { newest: None, asked: None, unasked: UNASKED, day: String::new(), seek: None, landing: false }
    }
}

/// A moment that is looked for: what happened since is after a place in the journal from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seek {
    pub low: i64,
    pub high: i64,
    pub wanted: UtcMicros,
}

impl Seek {
    pub const fn middle(self) -> i64 {
        self.low + (self.high - self.low) / 2
    }

    /// With the first change after the middle, if there is one.
    #[must_use]
    pub fn narrowed(self, first: Option<(i64, UtcMicros)>) -> Self {
        match first {
            Some((seq, at)) if at < self.wanted => Self { low: seq.clamp(self.low + 1, self.high), ..self },
            Some(_) | None => Self { high: self.middle(), ..self },
        }
    }

    pub const fn is_found(self) -> bool {
        self.low >= self.high
    }
}

/// `31/12/2026`, or `31/12/2026 14:30`.
pub fn parse_moment(text: &str, zone: &TimeZone) -> Option<UtcMicros> {
    let text = text.trim();
    let (day, time) = text.split_once(' ').unwrap_or((text, "0:00"));
    let (hour, minute) = time.trim().split_once(':')?;
    let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    Some(parse_day(day)?.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the journal and the moment: the place is found, with as many questions as halvings.
    #[test]
    fn a_moment_is_found_by_halving() {
        let times: Vec<i64> = (1..=1_000_i64).map(|seq| seq / 7 * 10).collect();
        for wanted in [-1, 0, 1, 500, 505, 1_419, 1_420, 1_421, 9_999] {
            let mut seek = Seek { low: 0, high: 1_000, wanted: UtcMicros(wanted) };
            let mut asked = 0;
            while !seek.is_found() {
                let after = usize::try_from(seek.middle()).unwrap();
                // Every other change is another store's.
                let first = (after..1_000).find(|place| place % 2 == 0);
                seek = seek.narrowed(first.map(|place| (place as i64 + 1, UtcMicros(times[place]))));
                asked += 1;
            }
            let later = |place: usize| place.is_multiple_of(2) && times[place] >= wanted;
            let first = (0..1_000).find(|place| later(*place)).unwrap_or(999);
            let before = (0..first).rev().find(|place| place % 2 == 0).map_or(0, |place| place + 1);
            let found = usize::try_from(seek.low).unwrap();
            assert!(
                (before..=first).contains(&found) || first == 999,
                "{wanted}: {found}, not {before}..={first}"
            );
            assert!(asked <= 10, "{asked}");
        }
    }

    #[test]
    fn a_day_is_read_with_a_time_or_without() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let at = |text: &str| parse_moment(text, &zone).map(|at| at.0);
        let day = at("31/12/2026").unwrap();
        assert_eq!(at(" 31/12/2026 14:30 "), Some(day + 870 * 60_000_000));
        assert_eq!([at(""), at("31/12"), at("31/12/2026 25:00"), at("31/12/2026 x")], [None; 4]);
    }
}
