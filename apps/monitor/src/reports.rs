//! The page of reports as plain data: what is asked, for which days, and the answer. Pure.

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use tillwatch_desk::Lang;
use tillwatch_desk::remote::Remote;
use tillwatch_shared::api::{Chain, Person, ReportKind, ReportPoint, ReportStep, SalesReport};
use tillwatch_shared::client::{ReportAbout, ReportAsk, ReportScope};
use tillwatch_shared::{ChainId, PersonId, StoreId, UtcMicros};

use crate::asking::Wait;
use crate::texts;

/// The periods with a button of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    Today,
    Yesterday,
    Week,
    Month,
    #[default]
    Days30,
    /// Any first and last day, as typed.
    Own,
}

impl Period {
    pub const ALL: [Self; 6] =
        [Self::Today, Self::Yesterday, Self::Week, Self::Month, Self::Days30, Self::Own];
}

#[derive(Debug, Default)]
pub struct Reports {
    pub kind: Option<ReportKind>,
    pub period: Period,
    /// How the chart cuts the period; as suits its length if absent.
    pub step: Option<ReportStep>,
    /// As typed: `31/12/2026`.
    pub own_from: String,
    pub own_to: String,
    pub store: Option<StoreId>,
    pub chain: Option<ChainId>,
    pub seller: Option<PersonId>,
    pub chains: Remote<Vec<Chain>>,
    pub people: Remote<Vec<Person>>,
    pub report: Remote<SalesReport>,
    /// What the report, or the request under way, answers.
    pub asked: Option<ReportAsk>,
    /// Since when it is waited for, or that it was stopped.
    pub wait: Wait,
    /// It is asked again though the question is the same.
    pub stale: bool,
}

/// Something done on the page.
#[derive(Clone, Debug, PartialEq)]
pub enum ReportAct {
    Kind(ReportKind),
    Period(Period),
    Step(Option<ReportStep>),
    From(String),
    To(String),
    Store(Option<StoreId>),
    Chain(ChainId),
    Seller(PersonId),
    Save(tillwatch_shared::client::ReportFile),
    SavePdf,
    /// The report is not waited for any more.
    Stop,
    /// It is after all.
    Again,
}

impl Reports {
    /// Which report is shown. Sellers see themselves.
    pub fn kind(&self, seller: bool) -> ReportKind {
        if seller { ReportKind::Seller } else { self.kind.unwrap_or(ReportKind::BestSellers) }
    }

    /// First and last day; nothing while what is typed is no period.
    pub fn days(&self, today: Date) -> Option<(Date, Date)> {
        let ago = |days: i64| today.checked_sub(days.days()).ok();
        match self.period {
            Period::Today => Some((today, today)),
            Period::Yesterday => Some((ago(1)?, ago(1)?)),
            Period::Week => Some((ago(i64::from(today.weekday().to_monday_zero_offset()))?, today)),
            Period::Month => Some((today.first_of_month(), today)),
            Period::Days30 => Some((ago(29)?, today)),
            Period::Own => {
                let (from, to) = (parse_day(&self.own_from)?, parse_day(&self.own_to)?);
                (from <= to).then_some((from, to))
            }
        }
    }

    /// What is to be asked, once everything that it needs is chosen.
    pub fn ask(&self, today: Date, viewer: &Person, first_store: Option<StoreId>) -> Option<ReportAsk> {
        use tillwatch_shared::api::Role;
        let (from, to) = self.days(today)?;
        let seller = viewer.role == Role::Seller;
        let in_store = ReportScope { chain: None, store: self.store };
        let about = match self.kind(seller) {
            ReportKind::BestSellers => ReportAbout::BestSellers(in_store),
            ReportKind::BestProducts => ReportAbout::BestProducts(in_store),
            ReportKind::PaymentMethods => ReportAbout::PaymentMethods(in_store),
            ReportKind::BestStores => ReportAbout::BestStores(ReportScope::default()),
            ReportKind::Seller if seller => ReportAbout::Seller(viewer.id),
            ReportKind::Seller => ReportAbout::Seller(self.seller.or_else(|| self.first_person())?),
            ReportKind::Store => ReportAbout::Store(self.store.or(first_store)?),
            ReportKind::Chain => ReportAbout::Chain(self.chain.or_else(|| self.first_chain())?),
        };
        Some(ReportAsk { about, from, to, step: self.step, compare_until: None })
    }

    pub fn first_person(&self) -> Option<PersonId> {
        self.people.value()?.first().map(|person| person.id)
    }

    pub fn first_chain(&self) -> Option<ChainId> {
        self.chains.value()?.first().map(|chain| chain.id)
    }
}

/// `31/12/2026`, also `1/2/2026`.
pub fn parse_day(text: &str) -> Option<Date> {
    let mut parts = text.trim().split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `31/12/2026 14:30`, by the clocks of `zone`.
pub fn parse_moment(text: &str, zone: &TimeZone) -> Option<UtcMicros> {
    let (day, time) = text.trim().split_once(' ')?;
    let (hour, minute) = time.trim().split_once(':')?;
    let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    let at = parse_day(day)?.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(UtcMicros::from(at.timestamp()))
}

/// What stands under a bar.
pub fn under(point: &ReportPoint, lang: Lang) -> String {
    match (point.hour, point.weekday) {
        (Some(hour), _) => format!("{hour}h"),
        (None, Some(day)) => texts::weekday(day).get(lang).to_owned(),
        (None, None) => point.from.strftime("%d/%m").to_string(),
    }
}

pub fn written(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn periods_end_today_and_weeks_begin_on_monday() {
        // A Thursday.
        let today = date(2026, 12, 31);
        let days = |period| Reports { period, ..Reports::default() }.days(today);
        assert_eq!(days(Period::Today), Some((today, today)));
        assert_eq!(days(Period::Yesterday), Some((date(2026, 12, 30), date(2026, 12, 30))));
        assert_eq!(days(Period::Week), Some((date(2026, 12, 28), today)));
        assert_eq!(days(Period::Month), Some((date(2026, 12, 1), today)));
        assert_eq!(days(Period::Days30), Some((date(2026, 12, 2), today)));
        assert_eq!(days(Period::Own), None, "nothing is typed yet");
        let own = |from: &str, to: &str| {
            let reports = Reports {
                period: Period::Own,
                own_from: from.into(),
                own_to: to.into(),
                ..Reports::default()
            };
            reports.days(today)
        };
        assert_eq!(own("1/2/2026", "28/02/2026"), Some((date(2026, 2, 1), date(2026, 2, 28))));
        for (from, to) in
            [("30/02/2026", "01/03/2026"), ("02/01/2026", "01/01/2026"), ("1/1/26", "1/1/2026"), ("x", "")]
        {
            assert_eq!(own(from, to), None, "{from} {to}");
        }
    }
}
