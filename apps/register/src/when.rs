//! The moment of a sale as a person writes it: `14:30`, `30/12 14:30`, `30/12/2026 14:30`, or nothing, which is this moment.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use tillwatch_shared::UtcMicros;

/// The moment that is meant in `zone`. A date without a year is the last such day. `None` for what is not a
/// moment, and for the future.
pub fn parse(text: &str, now: UtcMicros, zone: &TimeZone) -> Option<UtcMicros> {
    let mut words = text.split_whitespace();
    let Some(last) = words.next_back() else { return Some(now) };
    let local = now.timestamp().to_zoned(zone.clone());
    let time = time(last)?;
    let told = |date: Date| {
        let at = UtcMicros::from(date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp());
        (at <= now).then_some(at)
    };
    let day = words.next();
    if words.next().is_some() {
        return None;
    }
    let Some(day) = day else { return told(local.date()) };
    let mut parts = day.split('/').map(str::parse::<i16>);
    let (day, month, year) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next().transpose().ok()?);
    if parts.next().is_some() {
        return None;
    }
    let date = |year: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    match year {
        Some(short @ 0..100) => told(date(2000 + short)?),
        Some(year) => told(date(year)?),
        None => date(local.year()).and_then(told).or_else(|| told(date(local.year() - 1)?)),
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once([':', 'h'])?;
    let minute = if minute.is_empty() { "0" } else { minute };
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_as_people_write_them() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        // 12:05 in São Paulo.
        let now: UtcMicros = "2026-06-15T15:05:00Z".parse().unwrap();
        let of = |text: &str| parse(text, now, &zone).map(|at| at.to_string());
        let at = |text: &str| Some(text.parse::<UtcMicros>().unwrap().to_string());
        assert_eq!(of("  "), Some(now.to_string()));
        assert_eq!(of("11:30"), at("2026-06-15T14:30:00Z"));
        assert_eq!(of(" 9h "), at("2026-06-15T12:00:00Z"));
        assert_eq!(of("9h15"), at("2026-06-15T12:15:00Z"));
        assert_eq!(of("14/06 23:59"), at("2026-06-15T02:59:00Z"));
        assert_eq!(of("16/06 8:00"), at("2025-06-16T11:00:00Z"), "the last such day");
        assert_eq!(of("29/02 8:00"), None, "neither this year nor the last had that day");
        assert_eq!(of("29/02/2024 08:00"), at("2024-02-29T11:00:00Z"));
        assert_eq!(of("29/02/24 08:00"), at("2024-02-29T11:00:00Z"));
        for bad in [
            "12:06",
            "16/06/2026 8:00",
            "24:00",
            "8:60",
            "8",
            "ontem",
            "31/06 8:00",
            "1/1/1/1 8:00",
            "1 8:00",
            "14/06 x 8:00",
            "99999/1 8:00",
            ":",
            "h",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
