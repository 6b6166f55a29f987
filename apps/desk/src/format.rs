//! Times, ages and numbers as they are shown. Numbers, money and dates are always as in Brazil; the words
//! around them are in the window's language.

use jiff::tz::TimeZone;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::money::group_thousands;
use tillwatch_shared::time::{DAY, DEFAULT_ZONE, HOUR, MINUTE, SECOND};

use crate::Lang;

/// The zone of that IANA name; São Paulo where the name is unknown.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).or_else(|_| TimeZone::get(DEFAULT_ZONE)).unwrap_or(TimeZone::UTC)
}

/// `31/12/2026 21:05`
pub fn date_time(at: UtcMicros, zone: &TimeZone) -> String {
    format_in(at, zone, "%d/%m/%Y %H:%M")
}

/// `31/12/2026`
pub fn date(at: UtcMicros, zone: &TimeZone) -> String {
    format_in(at, zone, "%d/%m/%Y")
}

/// `21:05`
pub fn time(at: UtcMicros, zone: &TimeZone) -> String {
    format_in(at, zone, "%H:%M")
}

/// `21:05:09`
pub fn time_seconds(at: UtcMicros, zone: &TimeZone) -> String {
    format_in(at, zone, "%H:%M:%S")
}

fn format_in(at: UtcMicros, zone: &TimeZone, pattern: &str) -> String {
    at.timestamp().to_zoned(zone.clone()).strftime(pattern).to_string()
}

/// A business day `2026-12-31` as `31/12/2026`; anything else stays as it is.
pub fn business_day(day: &str) -> String {
    match day.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, date] => format!("{date}/{month}/{year}"),
        _ => day.to_owned(),
    }
}

/// `agora`, `há 2 s`, `há 14 min`, `há 3 h`, `há 2 dias`
pub fn age(lang: Lang, micros: i64) -> String {
    if micros < SECOND {
        return match lang {
            Lang::Pt => "agora".to_owned(),
            Lang::En => "now".to_owned(),
        };
    }
    let span = duration(lang, micros);
    match lang {
        Lang::Pt => format!("há {span}"),
        Lang::En => format!("{span} ago"),
    }
}

/// `2 s`, `14 min`, `3 h`, `2 dias`
pub fn duration(lang: Lang, micros: i64) -> String {
    let micros = micros.max(0);
    if micros < MINUTE {
        return format!("{} s", micros / SECOND);
    }
    if micros < HOUR {
        return format!("{} min", micros / MINUTE);
    }
    if micros < DAY {
        return format!("{} h", micros / HOUR);
    }
    let days = micros / DAY;
    match (lang, days) {
        (Lang::Pt, 1) => "1 dia".to_owned(),
        (Lang::Pt, _) => format!("{days} dias"),
        (Lang::En, 1) => "1 day".to_owned(),
        (Lang::En, _) => format!("{days} days"),
    }
}

/// `1.234,5`: `value` with that many decimals; `–` for what is not a number.
pub fn decimal(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.decimals$}");
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) if rest.bytes().any(|b| b.is_ascii_digit() && b != b'0') => ("-", rest.to_owned()),
        Some(rest) => ("", rest.to_owned()),
        None => ("", text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let grouped = group_thousands(whole);
    if fraction.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped},{fraction}") }
}

/// A size on a disk: `312 kB`, `6,4 MB`, `18,4 GB`.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{} kB", count / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", decimal(count as f64 / 1e6, 1)),
        _ => format!("{} GB", decimal(count as f64 / 1e9, 1)),
    }
}

/// `1.234.567`
pub fn integer(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", group_thousands(&value.unsigned_abs().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_zone() {
        let at: UtcMicros = "2027-01-01T00:05:09Z".parse().unwrap();
        let zone = zone("America/Sao_Paulo");
        assert_eq!(date_time(at, &zone), "31/12/2026 21:05");
        assert_eq!(time_seconds(at, &zone), "21:05:09");
        assert_eq!(business_day("2026-12-31"), "31/12/2026");
    }

    #[test]
    fn sizes_grow_their_units() {
        let sizes = [0, 999, 312_800, 6_420_000, 67_108_864, 1_073_741_824].map(bytes);
        assert_eq!(sizes, ["0 B", "999 B", "312 kB", "6,4 MB", "67,1 MB", "1,1 GB"]);
    }

    #[test]
    fn ages_grow_their_units() {
        let cases = [
            (0, "agora"),
            (2 * SECOND, "há 2 s"),
            (14 * MINUTE, "há 14 min"),
            (3 * HOUR, "há 3 h"),
            (DAY, "há 1 dia"),
            (9 * DAY, "há 9 dias"),
        ];
        for (micros, expected) in cases {
            assert_eq!(age(Lang::Pt, micros), expected);
        }
        assert_eq!(age(Lang::En, 2 * SECOND), "2 s ago");
    }

    #[test]
    fn numbers_are_brazilian() {
        assert_eq!(decimal(1234.56, 1), "1.234,6");
        assert_eq!(decimal(-0.04, 1), "0,0");
        assert_eq!(decimal(-4.25, 1), "-4,2");
        assert_eq!(decimal(f64::NAN, 1), "–");
        assert_eq!(integer(-1_234_567), "-1.234.567");
    }
}
