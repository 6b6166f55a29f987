//! Periods of reports: which days, how a chart cuts them, and which part of them the tables of months answer.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use tillwatch_shared::Cents;
use tillwatch_shared::api::{ReportPoint, ReportStep};
use tillwatch_shared::limits::REPORT_DAYS;

use crate::domain::Rejection;
use crate::domain::rejection::Invalid;

/// First and last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: Date,
    to: Date,
}

impl Period {
    /// The years that sales may have, and not more days than a report takes.
    pub fn new(from: Date, to: Date) -> Result<Self, Rejection> {
        for (field, day) in [("from", from), ("to", to)] {
            if !(1970..=2200).contains(&day.year()) {
                return Err(Rejection::invalid(field, Invalid::Time));
            }
        }
        let days = from.until(to).map_or(i32::MAX, |span| span.get_days());
        if days < 0 {
            return Err(Rejection::invalid("from", Invalid::Crossed));
        }
        if days >= REPORT_DAYS {
            return Err(Rejection::invalid("to", Invalid::Range { min: 1, max: i64::from(REPORT_DAYS) }));
        }
        Ok(Self { from, to })
    }

    pub const fn from(self) -> Date {
        self.from
    }

    pub const fn to(self) -> Date {
        self.to
    }

    pub fn days(self) -> i32 {
        self.from.until(self.to).map_or(0, |span| span.get_days()) + 1
    }

    /// What a chart can show well: the hours of one day, days up to a quarter, weeks up to two years, then
    /// months.
    pub fn usual_step(self) -> ReportStep {
        match self.days() {
            ..=1 => ReportStep::Hour,
            2..=92 => ReportStep::Day,
            93..=731 => ReportStep::Week,
            _ => ReportStep::Month,
        }
    }

    /// Empty points over the whole period.
    pub fn points(self, step: ReportStep) -> Vec<ReportPoint> {
        let Self { from, to } = self;
        let empty = ReportPoint {
            from,
            to,
            weekday: None,
            hour: None,
            sales: 0,
            total_cents: Cents::ZERO,
            returns: 0,
            returned_cents: Cents::ZERO,
        };
        match step {
            ReportStep::Hour => {
                (0..24).map(|hour| ReportPoint { hour: Some(hour), ..empty.clone() }).collect()
            }
            ReportStep::Weekday => {
                (1..=7).map(|day| ReportPoint { weekday: Some(day), ..empty.clone() }).collect()
            }
            ReportStep::Day | ReportStep::Week | ReportStep::Month => self.in_order(step, &empty),
        }
    }

    fn in_order(self, step: ReportStep, empty: &ReportPoint) -> Vec<ReportPoint> {
        let mut points = Vec::new();
        let mut from = self.from;
        while from <= self.to {
            let to = end_of(from, step).min(self.to);
            points.push(ReportPoint { from, to, ..empty.clone() });
            let Ok(next) = to.tomorrow() else { break };
            from = next;
        }
        points
    }

    /// The days before the first whole month, the whole months, and the days after the last.
    pub fn parts(self) -> Parts {
        let whole_from = if self.from.day() == 1 { Ok(self.from) } else { after_month(self.from) };
        let whole_to = if after_month(self.to).ok() == self.to.tomorrow().ok() {
            Ok(self.to)
        } else {
            self.to.first_of_month().yesterday()
        };
        match (whole_from, whole_to) {
            (Ok(first), Ok(last)) if first <= last => Parts {
                days: [
                    first.yesterday().ok().map(|to| (self.from, to)).filter(|(from, to)| from <= to),
                    last.tomorrow().ok().map(|from| (from, self.to)).filter(|(from, to)| from <= to),
                ],
                months: Some((first, last)),
            },
            _ => Parts { days: [Some((self.from, self.to)), None], months: None },
        }
    }
}

/// A period, cut for the tables of days and of months.
#[derive(Debug, PartialEq, Eq)]
pub struct Parts {
    pub days: [Option<(Date, Date)>; 2],
    pub months: Option<(Date, Date)>,
}

fn after_month(day: Date) -> Result<Date, jiff::Error> {
    day.last_of_month().tomorrow()
}

fn end_of(day: Date, step: ReportStep) -> Date {
    match step {
        // The last two know no order of days.
        ReportStep::Day | ReportStep::Weekday | ReportStep::Hour => day,
        ReportStep::Week => {
            let left = i64::from(Weekday::Sunday.to_monday_zero_offset())
                - i64::from(day.weekday().to_monday_zero_offset());
            day.checked_add(left.days()).unwrap_or(day)
        }
        ReportStep::Month => day.last_of_month(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn period(from: Date, to: Date) -> Period {
        Period::new(from, to).unwrap()
    }

    #[test]
    fn whole_months_are_cut_out() {
        let parts = |from, to| period(from, to).parts();
        let (jan1, jan31, mar5) = (date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 5));
        let whole = parts(jan1, jan31);
        assert_eq!(whole.months, Some((jan1, jan31)));
        assert_eq!(whole.days, [None, None]);
        let ends = parts(date(2025, 12, 31), mar5);
        assert_eq!(ends.months, Some((jan1, date(2026, 2, 28))));
        assert_eq!(ends.days[0], Some((date(2025, 12, 31), date(2025, 12, 31))));
        assert_eq!(ends.days[1], Some((date(2026, 3, 1), mar5)));
        for (from, to) in [(date(2026, 1, 2), jan31), (jan1, date(2026, 1, 30)), (mar5, mar5)] {
            assert_eq!(parts(from, to), Parts { days: [Some((from, to)), None], months: None });
        }
    }

    #[test]
    fn points_cover_every_day_once() {
        let (from, to) = (date(2026, 1, 14), date(2026, 3, 2));
        for step in [ReportStep::Day, ReportStep::Week, ReportStep::Month] {
            let points = period(from, to).points(step);
            assert_eq!((points[0].from, points[points.len() - 1].to), (from, to));
            for pair in points.windows(2) {
                assert_eq!(pair[0].to.tomorrow().unwrap(), pair[1].from);
            }
        }
        let weeks = period(from, to).points(ReportStep::Week);
        assert_eq!((weeks[0].to, weeks[1].to), (date(2026, 1, 18), date(2026, 1, 25)), "Sundays");
        assert_eq!(period(from, to).points(ReportStep::Month).len(), 3);
    }

    #[test]
    fn bad_periods() {
        let field = |from, to| match Period::new(from, to) {
            Err(Rejection::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field(date(2026, 1, 2), date(2026, 1, 1)), "from");
        assert_eq!(field(date(1969, 12, 31), date(2026, 1, 1)), "from");
        assert_eq!(field(date(2200, 1, 1), date(2201, 1, 1)), "to");
        assert_eq!(field(date(2000, 1, 1), date(2026, 1, 1)), "to");
        assert_eq!(period(date(2016, 1, 1), date(2026, 1, 7)).days(), 3_660);
    }
}
