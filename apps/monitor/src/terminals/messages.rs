//! Which messages of all terminals are wanted, as it is typed and as the server is asked.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::MessageKind;
use tillwatch_shared::client::PulseLogQuery;

use crate::reports::parse_day;

/// Days are typed; an empty one is no bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    pub terminal: Option<String>,
    pub kind: Option<MessageKind>,
    pub text: String,
    pub first_day: String,
    pub last_day: String,
}

impl MessageFilter {
    /// Whether anything is left out.
    pub fn hides(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the server has to look into each message.
    pub const fn is_searching(&self) -> bool {
        self.kind.is_some() || !self.text.is_empty()
    }

    /// Whether the days are days, in order.
    pub fn is_right(&self) -> bool {
        self.days().is_some()
    }

    fn days(&self) -> Option<[Option<Date>; 2]> {
        let day = |text: &str| match text.trim() {
            "" => Some(None),
            text => parse_day(text).map(Some),
        };
        let (first, last) = (day(&self.first_day)?, day(&self.last_day)?);
        let crossed = first.zip(last).is_some_and(|(first, last)| last < first);
        (!crossed).then_some([first, last])
    }

    /// Days begin and end as in this zone.
    pub fn query(&self, zone: &TimeZone) -> Option<PulseLogQuery> {
        let [first, last] = self.days()?;
        let begin = |day: Date| Some(UtcMicros::from(day.to_zoned(zone.clone()).ok()?.timestamp()));
        let text = self.text.trim();
        Some(PulseLogQuery {
            client: self.terminal.clone(),
            kind: self.kind,
            text: (!text.is_empty()).then(|| text.to_owned()),
            from: first.and_then(begin),
            to: last.and_then(|day| begin(day.tomorrow().ok()?)),
            ..PulseLogQuery::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_shop_and_the_last_one_counts_whole() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let bounds = |first: &str, last: &str| {
            let (first_day, last_day) = (first.to_owned(), last.to_owned());
            let filter = MessageFilter { first_day, last_day, ..MessageFilter::default() };
            assert_eq!(filter.is_right(), filter.query(&zone).is_some());
            filter.query(&zone).map(|query| [query.from, query.to].map(|at| at.map(|at| at.to_string())))
        };
        let at = |text: &str| Some(text.to_owned());
        assert_eq!(bounds("", " "), Some([None, None]));
        assert_eq!(
            bounds("30/12/2026", "31/12/2026"),
            Some([at("2026-12-30T03:00:00Z"), at("2027-01-01T03:00:00Z")])
        );
        assert_eq!(bounds("", "31/12/2026"), Some([None, at("2027-01-01T03:00:00Z")]));
        for (first, last) in [("31/12/2026", "30/12/2026"), ("31/2/2026", ""), ("", "ontem"), ("1/1/26", "")]
        {
            assert_eq!(bounds(first, last), None, "{first} {last}");
        }
    }

    #[test]
    fn nothing_typed_asks_for_everything() {
        let filter = MessageFilter { text: "  ".to_owned(), ..MessageFilter::default() };
        assert_eq!(filter.query(&TimeZone::UTC), Some(PulseLogQuery::default()));
    }
}
