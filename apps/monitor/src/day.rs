//! How the day goes: today hour by hour beside the same weekday of the week before, and who sells. Plain data.

use jiff::ToSpan;
use jiff::civil::Date;
use tillwatch_desk::remote::Remote;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{ReportCompared, ReportPoint, ReportStep, SalesReport};
use tillwatch_shared::client::{ReportAbout, ReportAsk, ReportScope};
use uuid::Uuid;

#[derive(Debug, Default)]
pub struct Day {
    /// The calendar day that the reports are about.
    pub of: Option<Date>,
    pub today: Remote<SalesReport>,
    pub before: Remote<SalesReport>,
    pub sellers: Remote<SalesReport>,
    /// Until which hour the reports of today compare their rows with a week before.
    pub hour: Option<i8>,
    /// Something was sold since they were read.
    pub stale: bool,
}

/// The hours of a day, over all stores, and each store against a week before.
pub fn hours(day: Date, compare_until: Option<i8>) -> ReportAsk {
    let about = ReportAbout::BestStores(ReportScope::default());
    ReportAsk { about, from: day, to: day, step: Some(ReportStep::Hour), compare_until }
}

/// Who sells, each against a week before.
pub fn sellers(day: Date, compare_until: Option<i8>) -> ReportAsk {
    let about = ReportAbout::BestSellers(ReportScope::default());
    ReportAsk { about, from: day, to: day, step: None, compare_until }
}

/// The same weekday before.
pub fn week_before(day: Date) -> Option<Date> {
    day.checked_sub(7.days()).ok()
}

impl Day {
    /// Over the hours that are through: what the present hour has brought so far is compared with nothing.
    pub fn progress(&self, hour: i8) -> Option<ReportCompared> {
        let sum = |report: &SalesReport| {
            let through = |point: &&ReportPoint| point.hour.is_some_and(|of| of < hour);
            report.series.iter().filter(through).map(|point| point.total_cents).sum::<Cents>()
        };
        Some(ReportCompared { now_cents: sum(self.today.value()?), before_cents: sum(self.before.value()?) })
    }

    /// How a store or seller stands against a week before, and until which hour; nothing before the first is through.
    pub fn compared(&self, held: &Remote<SalesReport>, id: Uuid) -> Option<(i8, ReportCompared)> {
        let hour = self.hour.filter(|hour| *hour > 0)?;
        let row = held.value()?.rows.iter().find(|row| row.id == Some(id))?;
        Some((hour, row.compared?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn nothing_is_compared_before_the_first_hour_is_through() {
        let day = jiff::civil::date(2026, 12, 31);
        let mut held = Day { hour: Some(0), ..Day::default() };
        let report = samples::report(&sellers(day, Some(0)), 2, samples::NOW);
        let id = report.rows[0].id.unwrap();
        held.sellers.finish(Ok(report), samples::NOW);
        assert_eq!(held.compared(&held.sellers, id), None);
        held.hour = Some(1);
        assert!(held.compared(&held.sellers, id).is_some());
        assert_eq!(held.compared(&held.today, id), None, "not told yet");
    }

    #[test]
    fn only_hours_that_are_through_are_compared() {
        let day = jiff::civil::date(2026, 12, 31);
        let at = samples::NOW;
        let mut held = Day::default();
        assert_eq!(held.progress(9), None);
        let made = |cents: i64| {
            let mut report = samples::report(&hours(day, None), 2, at);
            for point in &mut report.series {
                point.total_cents = Cents(cents);
            }
            report
        };
        held.today.finish(Ok(made(108)), at);
        held.before.finish(Ok(made(100)), at);
        let progress = held.progress(9).unwrap();
        assert_eq!((progress.now_cents, progress.before_cents), (Cents(972), Cents(900)));
        assert_eq!(progress.per_cent(), Some(8));
        assert_eq!(held.progress(0).unwrap().per_cent(), None);
        assert_eq!(week_before(day), Some(jiff::civil::date(2026, 12, 24)));
    }
}
