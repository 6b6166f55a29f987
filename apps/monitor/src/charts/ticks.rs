//! The time axis of a chart: ticks at round times of the store's clock, with short labels.

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _, Unit, Zoned, ZonedRound};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};

use super::view::Range;

#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub at: i64,
    /// `21:05`, `21:05:30`, `31/12` or `dez 26`; a tick on midnight says the day.
    pub label: String,
    /// Midnight, or the first of a month: drawn stronger.
    pub strong: bool,
}

/// Ticks inside `range`, at most `most` of them.
pub fn ticks(range: Range, most: usize, zone: &TimeZone, month_names: &[&str; 12]) -> Vec<Tick> {
    let rough = range.span() / i64::try_from(most.max(1)).unwrap_or(1);
    let pace = Pace::for_distance(rough);
    let Some(mut at) = pace.first(&UtcMicros(range.from).timestamp().to_zoned(zone.clone())) else {
        return Vec::new();
    };
    let mut ticks = Vec::new();
    // A clock that is set back makes one hour twice; the bound holds whatever the calendar does.
    for _ in 0..most.saturating_mul(3) {
        let micros = at.timestamp().as_microsecond();
        if micros > range.to {
            break;
        }
        if micros >= range.from {
            ticks.push(pace.tick(&at, month_names));
        }
        let Some(next) = pace.next(&at) else { break };
        at = next;
    }
    ticks.dedup_by_key(|t| t.at);
    ticks
}

#[derive(Clone, Copy, Debug)]
enum Pace {
    Seconds(i64),
    Minutes(i64),
    Hours(i64),
    Days(i64),
    Months(i64),
}

const PACES: [Pace; 19] = [
    Pace::Seconds(1),
    Pace::Seconds(2),
    Pace::Seconds(5),
    Pace::Seconds(15),
    Pace::Seconds(30),
    Pace::Minutes(1),
    Pace::Minutes(2),
    Pace::Minutes(5),
    Pace::Minutes(15),
    Pace::Minutes(30),
    Pace::Hours(1),
    Pace::Hours(2),
    Pace::Hours(6),
    Pace::Hours(12),
    Pace::Days(1),
    Pace::Days(2),
    Pace::Days(7),
    Pace::Months(1),
    Pace::Months(3),
];

impl Pace {
    fn for_distance(rough: i64) -> Self {
        PACES.into_iter().find(|p| p.micros() >= rough).unwrap_or(Self::Months(6))
    }

    const fn micros(self) -> i64 {
        match self {
            Self::Seconds(n) => n * SECOND,
            Self::Minutes(n) => n * MINUTE,
            Self::Hours(n) => n * HOUR,
            Self::Days(n) => n * DAY,
            Self::Months(n) => n * 30 * DAY,
        }
    }

    /// The last round moment at or before `from`.
    fn first(self, from: &Zoned) -> Option<Zoned> {
        let day = from.date();
        let rounded = match self {
            Self::Seconds(n) => from.round(ZonedRound::new().smallest(Unit::Second).increment(n)),
            Self::Minutes(n) => from.round(ZonedRound::new().smallest(Unit::Minute).increment(n)),
            Self::Hours(n) => {
                let hour = i64::from(from.hour()) / n * n;
                day.at(i8::try_from(hour).ok()?, 0, 0, 0).to_zoned(from.time_zone().clone())
            }
            Self::Days(n) => {
                let since = day.since((Unit::Day, civil::date(1970, 1, 1))).ok()?;
                let back = i64::from(since.get_days()).rem_euclid(n);
                day.checked_sub(back.days()).ok()?.to_zoned(from.time_zone().clone())
            }
            Self::Months(n) => {
                let month = i64::from(day.month() - 1) / n * n + 1;
                civil::date(day.year(), i8::try_from(month).ok()?, 1).to_zoned(from.time_zone().clone())
            }
        };
        rounded.ok()
    }

    fn next(self, at: &Zoned) -> Option<Zoned> {
        let span: Span = match self {
            Self::Seconds(n) => n.seconds(),
            Self::Minutes(n) => n.minutes(),
            // By the wall clock, so that ticks stay on round hours when the clock is changed.
            Self::Hours(n) => return wall_clock_hours(at, n),
            Self::Days(n) => n.days(),
            Self::Months(n) => n.months(),
        };
        at.checked_add(span).ok()
    }

    fn tick(self, at: &Zoned, month_names: &[&str; 12]) -> Tick {
        let midnight = at.hour() == 0 && at.minute() == 0 && at.second() == 0;
        let day = || format!("{:02}/{:02}", at.day(), at.month());
        let label = match self {
            Self::Seconds(_) => format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()),
            Self::Minutes(_) | Self::Hours(_) if midnight => day(),
            Self::Minutes(_) | Self::Hours(_) => format!("{:02}:{:02}", at.hour(), at.minute()),
            Self::Days(_) => day(),
            Self::Months(_) => {
                let name = usize::try_from(at.month() - 1).ok().and_then(|m| month_names.get(m));
                format!("{} {:02}", name.copied().unwrap_or_default(), at.year() % 100)
            }
        };
        let strong = match self {
            Self::Seconds(_) | Self::Minutes(_) | Self::Hours(_) => midnight,
            Self::Days(_) => at.day() == 1,
            Self::Months(_) => at.month() == 1,
        };
        Tick { at: at.timestamp().as_microsecond(), label, strong }
    }
}

fn wall_clock_hours(at: &Zoned, hours: i64) -> Option<Zoned> {
    let next = at.datetime().checked_add(hours.hours()).ok()?.to_zoned(at.time_zone().clone()).ok()?;
    // The hour that is skipped in spring must not stop the row of ticks.
    (next > *at).then_some(next).or_else(|| at.checked_add(hours.hours()).ok())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use tillwatch_shared::UtcMicros;
    use tillwatch_shared::time::{DAY, HOUR, MINUTE};

    use super::ticks;
    use crate::charts::Range;

    const MONTHS: [&str; 12] =
        ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"];

    fn labels(from: &str, span: i64, most: usize, zone: &str) -> Vec<String> {
        let from = from.parse::<UtcMicros>().unwrap().0;
        let zone = TimeZone::get(zone).unwrap();
        ticks(Range { from, to: from + span }, most, &zone, &MONTHS).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn round_times_of_the_stores_clock() {
        let zone = "America/Sao_Paulo";
        assert_eq!(labels("2026-12-31T23:58:00Z", 15 * MINUTE, 4, zone), ["21:00", "21:05", "21:10"]);
        assert_eq!(labels("2026-12-31T12:00:00Z", DAY, 5, zone), ["12:00", "18:00", "01/01", "06:00"]);
        assert_eq!(labels("2026-12-30T12:00:00Z", 3 * DAY, 4, zone), ["31/12", "01/01", "02/01"]);
        assert_eq!(labels("2026-10-15T12:00:00Z", 100 * DAY, 4, zone), ["nov 26", "dez 26", "jan 27"]);
    }

    #[test]
    fn stays_on_round_hours_when_the_clock_is_changed() {
        // New York: 2026-11-01 is 25 hours long, 2026-03-08 is 23.
        assert_eq!(
            labels("2026-11-01T03:00:00Z", 26 * HOUR, 5, "America/New_York"),
            ["01/11", "06:00", "12:00", "18:00", "02/11"]
        );
        assert_eq!(
            labels("2026-03-08T04:00:00Z", 24 * HOUR, 5, "America/New_York"),
            ["08/03", "06:00", "12:00", "18:00", "09/03"]
        );
    }

    proptest! {
        #[test]
        fn ascending_inside_the_range_and_few(from in 0_i64..4_000_000_000_000_000, span in 10_000_000_i64..100_000_000_000_000, most in 1_usize..12, zone in prop::sample::select(vec!["America/Sao_Paulo", "America/New_York", "UTC", "Asia/Kathmandu"])) {
            let zone = TimeZone::get(zone).unwrap();
            let range = Range { from, to: from + span };
            let ticks = ticks(range, most, &zone, &MONTHS);
            prop_assert!(ticks.windows(2).all(|w| w[0].at < w[1].at));
            prop_assert!(ticks.iter().all(|t| range.from <= t.at && t.at <= range.to));
            prop_assert!(ticks.len() <= most * 2 + 2);
        }
    }
}
