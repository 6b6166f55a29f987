//! Members of the group that are behind who coordinates, and since when; and those whose journal differs. Pure.

use std::collections::HashMap;

use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::SECOND;

/// How far another member is behind this one, which coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    pub member: u64,
    pub url: String,
    /// Entries of the log that it lacks; none where nothing is known of it.
    pub entries: Option<u64>,
    /// Whether its journal is this one's, as far as it goes; none where nothing is known of it.
    pub agrees: Option<bool>,
}

/// What a rule asks.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub entries: i64,
    pub seconds: i64,
}

/// One that is behind for too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind<'l> {
    pub lag: &'l Lag,
    pub since: UtcMicros,
}

/// Since when each of them lacks more than it may.
#[derive(Debug, Default)]
pub struct Lagging(HashMap<u64, UtcMicros>);

impl Lagging {
    /// Who is behind for too long. One with an open alarm stays until it lacks half as many as the limit or fewer, and
    /// for as long as nothing is known of it.
    pub fn look<'l>(
        &mut self,
        lags: &'l [Lag],
        limits: Limits,
        now: UtcMicros,
        is_open: impl Fn(u64) -> bool,
    ) -> Vec<Behind<'l>> {
        self.0.retain(|member, _| lags.iter().any(|lag| lag.member == *member));
        let mut behind = Vec::new();
        for lag in lags {
            let open = is_open(lag.member);
            let Some(entries) = lag.entries.map(|entries| i64::try_from(entries).unwrap_or(i64::MAX)) else {
                self.0.remove(&lag.member);
                behind.extend(open.then_some(Behind { lag, since: now }));
                continue;
            };
            if entries <= if open { limits.entries / 2 } else { limits.entries } {
                self.0.remove(&lag.member);
                continue;
            }
            let since = self.0.entry(lag.member).or_insert(now);
            // The clock may have been set back.
            *since = (*since).min(now);
            if open || now.since(*since) >= limits.seconds * SECOND {
                behind.push(Behind { lag, since: *since });
            }
        }
        behind
    }
}

/// The others whose journal is not that of most. One with an open alarm stays until it is known to agree. Where most of
/// those that are heard have another one than this member, it is this one that differs, and nothing is said of them.
pub fn differing(lags: &[Lag], is_open: impl Fn(u64) -> bool) -> Vec<&Lag> {
    let count = |agrees: bool| lags.iter().filter(|lag| lag.agrees == Some(agrees)).count();
    let most_agree = count(true) + 1 >= count(false);
    let differs = |lag: &&Lag| match lag.agrees {
        Some(agrees) => !agrees && (most_agree || is_open(lag.member)),
        None => is_open(lag.member),
    };
    lags.iter().filter(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { entries: 100, seconds: 120 };

    fn lag(entries: Option<u64>) -> [Lag; 1] {
        [Lag { member: 3, url: "http://c".into(), entries, agrees: None }]
    }

    fn at(seconds: i64) -> UtcMicros {
        UtcMicros(seconds * SECOND)
    }

    fn behind_at(lagging: &mut Lagging, entries: Option<u64>, seconds: i64, open: bool) -> Option<UtcMicros> {
        let lags = lag(entries);
        let found = lagging.look(&lags, LIMITS, at(seconds), |_| open);
        found.first().map(|behind| behind.since)
    }

    #[test]
    fn one_that_stays_behind_is_told_after_a_while() {
        let mut lagging = Lagging::default();
        assert_eq!(behind_at(&mut lagging, Some(100), 0, false), None, "so many may lack");
        assert_eq!(behind_at(&mut lagging, Some(101), 10, false), None);
        assert_eq!(behind_at(&mut lagging, Some(500), 129, false), None);
        assert_eq!(behind_at(&mut lagging, Some(500), 130, false), Some(at(10)));
        assert_eq!(behind_at(&mut lagging, Some(7), 131, false), None);
        assert_eq!(behind_at(&mut lagging, Some(500), 140, false), None, "it begins anew");
    }

    #[test]
    fn an_open_alarm_stays_until_it_has_caught_up() {
        let mut lagging = Lagging::default();
        // Another member coordinates now, which knows nothing yet.
        assert!(behind_at(&mut lagging, None, 0, true).is_some());
        assert!(behind_at(&mut lagging, Some(51), 1, true).is_some());
        assert_eq!(behind_at(&mut lagging, Some(50), 2, true), None);
        assert_eq!(behind_at(&mut lagging, None, 3, false), None, "nothing is known, so nothing is said");
    }

    #[test]
    fn one_that_differs_from_most_is_told_until_it_agrees() {
        let told = |agree: &[Option<bool>], open: &[u64]| -> Vec<u64> {
            let lag = |(agrees, member): (&Option<bool>, u64)| Lag {
                member,
                url: String::new(),
                entries: Some(0),
                agrees: *agrees,
            };
            let lags: Vec<Lag> = agree.iter().zip(2..).map(lag).collect();
            differing(&lags, |member| open.contains(&member)).iter().map(|lag| lag.member).collect()
        };
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(told(&[yes, no], &[]), [3]);
        assert_eq!(told(&[None, no], &[]), [3], "of two that are heard nobody knows better");
        assert_eq!(told(&[no, no], &[]), [0; 0], "this one differs itself");
        assert_eq!(told(&[yes, None], &[3]), [3], "nothing new is known of it");
        assert_eq!(told(&[yes, None], &[]), [0; 0]);
        assert_eq!(told(&[yes, yes], &[3]), [0; 0]);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_for_ever() {
        let mut lagging = Lagging::default();
        assert_eq!(behind_at(&mut lagging, Some(500), 10_000, false), None);
        assert_eq!(behind_at(&mut lagging, Some(500), 50, false), None);
        assert_eq!(behind_at(&mut lagging, Some(500), 170, false), Some(at(50)));
    }
}
