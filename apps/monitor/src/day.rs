//! How the day goes: today hour by hour beside the same weekday of the week before, and who sells. Plain data.

use jiff::ToSpan;
use jiff::civil::Date;
use tillwatch_desk::remote::Remote;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{ReportPoint, ReportStep, SalesReport};
use tillwatch_shared::client::{ReportAbout, ReportAsk, ReportScope};

#[derive(Debug, Default)]
pub struct Day {
    /// The calendar day that the reports are about.
    pub of: Option<Date>,
    pub today: Remote<SalesReport>,
    pub before: Remote<SalesReport>,
    pub sellers: Remote<SalesReport>,
    /// Something was sold since they were read.
    pub stale: bool,
}

/// The hours of a day, over all stores.
pub fn hours(day: Date) -> ReportAsk {
    let about = ReportAbout::BestStores(ReportScope::default());
    ReportAsk { about, from: day, to: day, step: Some(ReportStep::Hour) }
}

pub fn sellers(day: Date) -> ReportAsk {
    ReportAsk { about: ReportAbout::BestSellers(ReportScope::default()), from: day, to: day, step: None }
}

/// The same weekday before.
pub fn week_before(day: Date) -> Option<Date> {
    day.checked_sub(7.days()).ok()
}

/// What was sold in these hours by both days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub now: Cents,
    pub before: Cents,
}

impl Progress {
    /// By how many per cent it is more, or less; nothing where there was nothing.
    pub fn per_cent(self) -> Option<i64> {
        if self.before.0 <= 0 {
            return None;
        }
        let more = i128::from(self.now.0) - i128::from(self.before.0);
        i64::try_from(tillwatch_shared::rounding::div_round(more * 100, i128::from(self.before.0))).ok()
    }
}

impl Day {
    /// Over the hours that are through: what the present hour has brought so far is compared with nothing.
    pub fn progress(&self, hour: i8) -> Option<Progress> {
        let sum = |report: &SalesReport| {
            let through = |point: &&ReportPoint| point.hour.is_some_and(|of| of < hour);
            report.series.iter().filter(through).map(|point| point.total_cents).sum::<Cents>()
        };
        Some(Progress { now: sum(self.today.value()?), before: sum(self.before.value()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn only_hours_that_are_through_are_compared() {
        let day = jiff::civil::date(2026, 12, 31);
        let at = samples::NOW;
        let mut held = Day::default();
        assert_eq!(held.progress(9), None);
        let made = |cents: i64| {
            let mut report = samples::report(&hours(day), 2, at);
            for point in &mut report.series {
                point.total_cents = Cents(cents);
            }
            report
        };
        held.today.finish(Ok(made(108)), at);
        held.before.finish(Ok(made(100)), at);
        let progress = held.progress(9).unwrap();
        assert_eq!((progress.now, progress.before), (Cents(972), Cents(900)));
        assert_eq!(progress.per_cent(), Some(8));
        assert_eq!(held.progress(0).unwrap().per_cent(), None);
        assert_eq!(week_before(day), Some(jiff::civil::date(2026, 12, 24)));
    }
}
