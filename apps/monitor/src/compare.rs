//! What the large chart is compared with: another sensor, or the same one over an earlier period, laid upon the time
//! in sight. Plain data, and how much earlier that is. `update::compare` decides.
//!
//! Both curves of a chart measure the same thing, hence share its axis: there is never a second unit in one drawing.

use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use serde::{Deserialize, Serialize};
use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::Sensor;
use tillwatch_shared::names::fold;
use tillwatch_shared::{SensorId, UtcMicros};

use crate::charts::{Block, Range};
use crate::compare_texts::Text;
use crate::state::State;

/// What the second curve is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Against {
    Sensor(SensorId),
    /// The same sensor, so much earlier.
    Before(Before),
}

/// How much earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Before {
    Day,
    Week,
    Year,
    /// By so many microseconds: somebody chose where it begins.
    By(i64),
}

impl Before {
    /// Those with a button of their own.
    pub const USUAL: [Self; 3] = [Self::Day, Self::Week, Self::Year];

    /// How many microseconds before the end of `range` the same moment of the calendar lies. The clock may have been
    /// changed in between, and years are not all as long.
    pub fn shift(self, range: Range, zone: &TimeZone) -> i64 {
        let span: Span = match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Year => 1.year(),
            Self::By(micros) => return micros,
        };
        let end = UtcMicros(range.to).timestamp().to_zoned(zone.clone());
        let earlier = end.checked_sub(span).ok();
        earlier.map_or(0, |earlier| range.to.saturating_sub(earlier.timestamp().as_microsecond()))
    }
}

#[derive(Debug, Default)]
pub struct Compare {
    /// Nothing is compared without it.
    pub with: Option<Against>,
    pub earlier: Earlier,
    /// Somebody is choosing.
    pub chooser: Option<Chooser>,
}

/// The readings of the earlier period, as they were asked for.
#[derive(Debug, Default)]
pub struct Earlier {
    pub block: Option<Block>,
    /// The request that is under way.
    pub asked: Option<EarlierAsk>,
    /// The one that was made last, and when.
    pub last: Option<EarlierAsk>,
    pub asked_at: UtcMicros,
    pub retry_at: UtcMicros,
    /// To be read again.
    pub stale: bool,
    pub failure: Option<Failure>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierAsk {
    pub ticket: u64,
    pub sensor: SensorId,
    pub range: Range,
    pub step: i64,
}

/// The dialog in which one chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chooser {
    pub search: String,
    /// Which of the offered sensors the arrow keys are at.
    pub marked: usize,
    /// Where an earlier period is to begin, as it is typed.
    pub begin: String,
    pub wrong: Option<Text>,
}

/// What a person does about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompareAct {
    Choose,
    Close,
    /// By key: off where something is compared, else to the choice.
    Toggle,
    Search(String),
    /// The mark goes by so many rows.
    Mark(i64),
    /// The sensor that is marked.
    TakeMarked,
    With(Against),
    Begin(String),
    TakeBegin,
    Off,
}

impl State {
    /// What the large chart is compared with.
    pub fn against(&self) -> Option<&Against> {
        self.compare.with.as_ref().filter(|_| self.large_sensor().is_some())
    }

    /// The sensor beside the large one.
    pub fn other_sensor(&self) -> Option<&Sensor> {
        let Some(Against::Sensor(other)) = self.against() else { return None };
        self.sensors().iter().find(|sensor| sensor.id == *other)
    }

    /// How much earlier the period is that is laid upon what is in sight.
    pub fn earlier_by(&self, now: UtcMicros) -> Option<i64> {
        let Some(Against::Before(before)) = self.against() else { return None };
        let zone = self.zone(self.large_sensor()?.store_id);
        Some(before.shift(self.range(&self.sensor_charts, now), &zone))
    }

    /// What can stand beside the large sensor, by store and name, as far as the search wants it.
    pub fn offered_beside(&self, search: &str) -> Vec<&Sensor> {
        let wanted = fold(search);
        let store = |sensor: &Sensor| sensor.store_id.map_or("", |id| self.store_name(id));
        let fits = |sensor: &&Sensor| {
            fold(&format!("{} {} {}", sensor.name, store(sensor), sensor.id)).contains(&wanted)
        };
        let others = self.sensors_in_order().into_iter();
        others.filter(|sensor| self.large.as_ref() != Some(&sensor.id)).filter(fits).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use tillwatch_shared::UtcMicros;
    use tillwatch_shared::time::{DAY, HOUR};

    use super::Before;
    use crate::charts::Range;

    #[test]
    fn earlier_is_by_the_calendar_of_the_shop() {
        let at = |text: &str| text.parse::<UtcMicros>().unwrap().0;
        let shift = |before: Before, to: &str, zone: &str| {
            let range = Range { from: at(to) - HOUR, to: at(to) };
            before.shift(range, &TimeZone::get(zone).unwrap())
        };
        let here = "America/Sao_Paulo";
        assert_eq!(shift(Before::Day, "2026-12-31T12:00:00Z", here), DAY);
        assert_eq!(shift(Before::Week, "2026-12-31T12:00:00Z", here), 7 * DAY);
        assert_eq!(shift(Before::Year, "2026-12-31T12:00:00Z", here), 365 * DAY);
        assert_eq!(shift(Before::Year, "2028-12-31T12:00:00Z", here), 366 * DAY, "29 February in between");
        assert_eq!(shift(Before::By(5), "2028-12-31T12:00:00Z", here), 5);
        // The clock went back by an hour in the night before.
        assert_eq!(shift(Before::Day, "2026-11-01T17:00:00Z", "America/New_York"), 25 * HOUR);
    }
}
