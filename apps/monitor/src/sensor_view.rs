//! How the sensors' page is looked at: in how many columns the wall stands, and a time range from–to that is typed.

use jiff::tz::TimeZone;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::DAY;

use crate::charts::Range;
use crate::past::parse_moment;
use crate::sensor_view_texts::Text;

/// Columns that the wall can be given; without one it has as many as fit.
pub const COLUMNS: [u8; 5] = [1, 2, 3, 4, 6];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SensorView {
    pub columns: Option<u8>,
    /// Only those that need somebody are on the wall.
    pub troubled: bool,
    /// A range is being typed.
    pub typed: Option<TypedRange>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedRange {
    pub from: String,
    pub to: String,
    pub complaint: Option<Complaint>,
    /// The first field is to take the focus.
    pub fresh: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    From,
    To,
    /// It ends before it begins.
    Order,
    /// It begins after now.
    Future,
}

impl Complaint {
    pub const fn text(self) -> Text {
        match self {
            Self::From | Self::To => Text::NotAMoment,
            Self::Order => Text::Order,
            Self::Future => Text::Future,
        }
    }

    /// Which field it stands at.
    pub const fn is_at_from(self) -> bool {
        matches!(self, Self::From | Self::Future)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum ToolAct {
    Columns(Option<u8>),
    /// The wall, of all sensors or of those that need somebody.
    Troubled(bool),
    /// Opens the two fields, or closes them.
    Toggle,
    Focused,
    From(String),
    To(String),
    Apply,
}

impl TypedRange {
    /// With what is in sight.
    pub fn of(range: Range, zone: &TimeZone) -> Self {
        let written = |micros| {
            let at = UtcMicros(micros).timestamp().to_zoned(zone.clone());
            at.strftime("%d/%m/%Y %H:%M").to_string()
        };
        Self { from: written(range.from), to: written(range.to), complaint: None, fresh: true }
    }

    /// What is meant. A day alone begins, and ends, with that day.
    pub fn read(&self, zone: &TimeZone, now: i64) -> Result<Range, Complaint> {
        let from = parse_moment(&self.from, zone).ok_or(Complaint::From)?.0;
        let to = parse_moment(&self.to, zone).ok_or(Complaint::To)?.0;
        let to = if self.to.trim().contains(' ') { to } else { next_day(to, zone) };
        if from >= to {
            return Err(Complaint::Order);
        }
        if from >= now {
            return Err(Complaint::Future);
        }
        Ok(Range { from, to })
    }
}

/// A day has 23 to 25 hours.
fn next_day(at: i64, zone: &TimeZone) -> i64 {
    let day = UtcMicros(at).timestamp().to_zoned(zone.clone());
    day.tomorrow().map_or(at.saturating_add(DAY), |next| UtcMicros::from(next.timestamp()).0)
}

#[cfg(test)]
mod tests {
    use tillwatch_shared::time::MINUTE;

    use super::*;

    #[test]
    fn a_range_is_read_from_days_and_moments() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let day = parse_moment("20/11/2026", &zone).unwrap().0;
        let now = day + 30 * DAY;
        let read = |from: &str, to: &str| {
            let typed = TypedRange { from: from.to_owned(), to: to.to_owned(), ..TypedRange::default() };
            typed.read(&zone, now)
        };
        let range = |from, to| Ok(Range { from, to });
        assert_eq!(read("20/11/2026", "20/11/2026"), range(day, day + DAY));
        assert_eq!(read(" 20/11/2026 00:30", "21/11/2026 "), range(day + 30 * MINUTE, day + 2 * DAY));
        assert_eq!(read("20/11/2026 8:00", "20/11/2026 9:30"), range(day + 480 * MINUTE, day + 570 * MINUTE));
        for (from, to, complaint) in [
            ("20/11", "20/11/2026", Complaint::From),
            ("20/11/2026", "amanhã", Complaint::To),
            ("21/11/2026", "20/11/2026", Complaint::Order),
            ("20/11/2026 10:00", "20/11/2026 10:00", Complaint::Order),
            ("31/12/2026", "31/12/2026", Complaint::Future),
        ] {
            assert_eq!(read(from, to), Err(complaint), "{from} {to}");
        }
        let seen = Range { from: day, to: day + 90 * MINUTE };
        assert_eq!(TypedRange::of(seen, &zone).read(&zone, now), Ok(seen));
    }
}
