//! The date on a packet as a person types it in a hurry: `0517`, `202607e`, `+1m`, `31/12/26`.
//!
//! A date without a year is the next such day, because an expiry lies ahead. What was understood is shown while
//! it is typed, so a form that can be read in two ways has one documented meaning:
//!
//! | typed | means |
//! |---|---|
//! | `0517`, `05-17` | month and day: the next 17 May; day and month where only that can be meant (`1705`) |
//! | `31/12`, `31/12/26`, `31/12/2026` | day first, as it is printed in Brazil |
//! | `311226`, `31122026` | the same without strokes |
//! | `2026-12-31`, `20261231` | year first |
//! | `202607e`, `07/2026` | the end of that month |
//! | `+10d`, `+2s`, `+1m`, `+1a` | days, weeks, months, years from today (`w` and `y` as well) |

use jiff::Span;
use jiff::civil::Date;

/// How far ahead an expiry may lie. Beyond it somebody has mistyped a year.
pub const YEARS_AHEAD: i16 = 50;
/// How far behind the expiry of goods on a shelf may lie.
pub const YEARS_BEHIND: i16 = 10;

/// Why what was typed is not an expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryError {
    #[error("not a date")]
    NotADate,
    /// Written like a date, but no calendar has it: 31/06.
    #[error("there is no such day")]
    NoSuchDay,
    #[error("{0} has passed")]
    Past(Date),
    #[error("{0} is too far ahead")]
    TooFar(Date),
}

type Result<T> = std::result::Result<T, ExpiryError>;

/// The day that is meant. `today` is the store's business day; what expires today still counts.
pub fn parse(text: &str, today: Date) -> Result<Date> {
    let text = text.trim().to_lowercase();
    let date = if let Some(span) = text.strip_prefix('+') {
        from_today(span, today)?
    } else if let Some(month) = text.strip_suffix('e') {
        end_of(month)?
    } else if text.contains('/') {
        with_strokes(&text, today)?
    } else if text.contains('-') {
        year_first(&text, today)?
    } else {
        bare(&text, today)?
    };
    if date < today {
        return Err(ExpiryError::Past(date));
    }
    if date.year() > today.year().saturating_add(YEARS_AHEAD) {
        return Err(ExpiryError::TooFar(date));
    }
    Ok(date)
}

/// The day on goods that are found on a shelf, where they may have expired: a date that says its year may lie behind.
pub fn parse_found(text: &str, today: Date) -> Result<Date> {
    match parse(text, today) {
        Err(ExpiryError::Past(date)) if date.year() >= today.year().saturating_sub(YEARS_BEHIND) => Ok(date),
        outcome => outcome,
    }
}

/// `10d`, `2s`, `1m`, `1a`. A month later is the same day, or the last one of a shorter month.
fn from_today(text: &str, today: Date) -> Result<Date> {
    let unit = text.chars().next_back().ok_or(ExpiryError::NotADate)?;
    let count = text.get(..text.len() - unit.len_utf8()).unwrap_or_default();
    let count = i64::from(number(count.trim(), 1..=4)?);
    let span = match unit {
        'd' => Span::new().try_days(count),
        's' | 'w' => Span::new().try_weeks(count),
        'm' => Span::new().try_months(count),
        'a' | 'y' => Span::new().try_years(count),
        _ => return Err(ExpiryError::NotADate),
    };
    span.and_then(|span| today.checked_add(span)).map_err(|_| ExpiryError::NoSuchDay)
}

/// `202607`
fn end_of(text: &str) -> Result<Date> {
    let text = text.trim();
    let (year, month) = text.split_at_checked(4).ok_or(ExpiryError::NotADate)?;
    last_day(number(year, 4..=4)?, number(month.trim_start_matches('-'), 1..=2)?)
}

/// `31/12`, `31/12/26`, `31/12/2026`, `07/2026`
fn with_strokes(text: &str, today: Date) -> Result<Date> {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    match parts.as_slice() {
        [month, year] if year.len() == 4 => last_day(number(year, 4..=4)?, number(month, 1..=2)?),
        [day, month] => next(number(month, 1..=2)?, number(day, 1..=2)?, today),
        [day, month, year] => {
            let century = if year.len() == 2 { 2000 } else { 0 };
            let year = if year.len() == 2 { number(year, 2..=2)? } else { number(year, 4..=4)? };
            at(century + year, number(month, 1..=2)?, number(day, 1..=2)?)
        }
        _ => Err(ExpiryError::NotADate),
    }
}

/// `2026-12-31`, `05-17`
fn year_first(text: &str, today: Date) -> Result<Date> {
    let parts: Vec<&str> = text.split('-').map(str::trim).collect();
    match parts.as_slice() {
        [year, month, day] => at(number(year, 4..=4)?, number(month, 1..=2)?, number(day, 1..=2)?),
        [month, day] => next(number(month, 1..=2)?, number(day, 1..=2)?, today),
        _ => Err(ExpiryError::NotADate),
    }
}

/// Digits alone.
fn bare(text: &str, today: Date) -> Result<Date> {
    let part = |from: usize, to: usize| number(text.get(from..to).unwrap_or_default(), 1..=4);
    match text.len() {
        4 => {
            let (first, second) = (part(0, 2)?, part(2, 4)?);
            next(first, second, today).or_else(|error| next(second, first, today).map_err(|_| error))
        }
        6 => at(2000 + part(4, 6)?, part(2, 4)?, part(0, 2)?),
        8 => {
            let year_last = at(part(4, 8)?, part(2, 4)?, part(0, 2)?);
            let year_first = at(part(0, 4)?, part(4, 6)?, part(6, 8)?);
            match (year_first, year_last) {
                (Ok(date), _) if (2000..2200).contains(&date.year()) => Ok(date),
                (_, last) => last,
            }
        }
        _ => Err(ExpiryError::NotADate),
    }
}

/// The first such day that has not passed. The 29th of February may be years away.
fn next(month: i16, day: i16, today: Date) -> Result<Date> {
    let coming = (0..=8).filter_map(|years| at(today.year() + years, month, day).ok());
    coming.into_iter().find(|date| *date >= today).ok_or(ExpiryError::NoSuchDay)
}

fn last_day(year: i16, month: i16) -> Result<Date> {
    at(year, month, 1).map(Date::last_of_month)
}

fn at(year: i16, month: i16, day: i16) -> Result<Date> {
    let (month, day) = (i8::try_from(month), i8::try_from(day));
    let (Ok(month), Ok(day)) = (month, day) else { return Err(ExpiryError::NoSuchDay) };
    Date::new(year, month, day).map_err(|_| ExpiryError::NoSuchDay)
}

/// Plain digits, as many as these.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Result<i16> {
    if !digits.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ExpiryError::NotADate);
    }
    text.parse().map_err(|_| ExpiryError::NotADate)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_as_people_type_them() {
        let today = date(2026, 6, 15);
        for (text, year, month, day) in [
            ("0517", 2027, 5, 17),
            ("1705", 2027, 5, 17),
            ("0615", 2026, 6, 15),
            ("0616", 2026, 6, 16),
            ("0506", 2027, 5, 6),
            ("05-17", 2027, 5, 17),
            ("0229", 2028, 2, 29),
            ("31/12", 2026, 12, 31),
            ("1/7", 2026, 7, 1),
            ("14/06", 2027, 6, 14),
            ("31/12/26", 2026, 12, 31),
            (" 31/12/2026 ", 2026, 12, 31),
            ("311226", 2026, 12, 31),
            ("31122026", 2026, 12, 31),
            ("20122026", 2026, 12, 20),
            ("20261231", 2026, 12, 31),
            ("2026-12-31", 2026, 12, 31),
            ("202607e", 2026, 7, 31),
            ("2026-07E", 2026, 7, 31),
            ("202802e", 2028, 2, 29),
            ("07/2026", 2026, 7, 31),
            ("+10d", 2026, 6, 25),
            ("+0d", 2026, 6, 15),
            ("+2s", 2026, 6, 29),
            ("+2w", 2026, 6, 29),
            ("+1m", 2026, 7, 15),
            ("+1a", 2027, 6, 15),
            ("+1Y", 2027, 6, 15),
            ("15/06/26", 2026, 6, 15),
        ] {
            assert_eq!(parse(text, today), Ok(date(year, month, day)), "{text}");
        }
        assert_eq!(parse("+1m", date(2026, 1, 31)), Ok(date(2026, 2, 28)), "held at the month's end");
        assert_eq!(parse("+1a", date(2028, 2, 29)), Ok(date(2029, 2, 28)));
        assert_eq!(parse("0101", date(2026, 12, 31)), Ok(date(2027, 1, 1)));
    }

    #[test]
    fn the_reason_is_told() {
        let today = date(2026, 6, 15);
        for text in [
            "",
            "x",
            "+",
            "+m",
            "+1",
            "+1x",
            "+-1d",
            "e",
            "12",
            "123",
            "12345",
            "1/2/3/4",
            "31/12/226",
            "é",
            "+1é",
            "٠٥١٧",
            "0x17",
        ] {
            assert_eq!(parse(text, today), Err(ExpiryError::NotADate), "{text}");
        }
        for text in
            ["3106", "9999", "31/06", "30/02/2027", "310627", "202613e", "13/2026", "2027-02-29", "0000"]
        {
            assert_eq!(parse(text, today), Err(ExpiryError::NoSuchDay), "{text}");
        }
        assert_eq!(parse("14/06/26", today), Err(ExpiryError::Past(date(2026, 6, 14))));
        assert_eq!(parse("202605e", today), Err(ExpiryError::Past(date(2026, 5, 31))));
        assert_eq!(parse("31/12/2099", today), Err(ExpiryError::TooFar(date(2099, 12, 31))));
        assert_eq!(parse("+90a", today), Err(ExpiryError::TooFar(date(2116, 6, 15))));
    }

    fn days() -> impl Strategy<Value = Date> {
        (0_i32..18_000).prop_map(|days| date(2020, 1, 1).checked_add(Span::new().days(days)).unwrap())
    }

    proptest! {
        /// Whatever is typed: no panic, and never a day outside of what an expiry can be.
        #[test]
        fn what_is_understood_lies_ahead(text in "[0-9+/edmas-]{0,10}", today in days()) {
            if let Ok(found) = parse(&text, today) {
                prop_assert!(found >= today && found.year() <= today.year() + YEARS_AHEAD);
            }
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,12}", today in days()) {
            let _ = parse(&text, today);
        }

        /// Every form of a whole date gives that date, or says that it has passed.
        #[test]
        fn whole_dates_are_themselves(wanted in days(), today in days()) {
            let (y, m, d) = (wanted.year(), wanted.month(), wanted.day());
            let short = y % 100;
            for text in [
                format!("{y:04}-{m:02}-{d:02}"), format!("{y:04}{m:02}{d:02}"), format!("{d:02}{m:02}{y:04}"),
                format!("{d}/{m}/{y}"), format!("{d:02}/{m:02}/{short:02}"), format!("{d:02}{m:02}{short:02}"),
            ] {
                match parse(&text, today) {
                    Ok(found) => prop_assert_eq!(found, wanted, "{}", text),
                    Err(ExpiryError::Past(found)) => prop_assert!(found == wanted && found < today, "{}", text),
                    Err(ExpiryError::TooFar(found)) => prop_assert_eq!(found, wanted),
                    Err(other) => prop_assert!(false, "{} {:?}", text, other),
                }
            }
        }

        /// Without a year: that month and day, ahead, and none of the same name before it.
        #[test]
        fn the_next_such_day(wanted in days(), today in days()) {
            let (m, d) = (wanted.month(), wanted.day());
            for text in [format!("{m:02}{d:02}"), format!("{d}/{m}")] {
                let found = parse(&text, today).unwrap();
                prop_assert_eq!((found.month(), found.day()), (m, d));
                prop_assert!(found >= today);
                if let Ok(earlier) = Date::new(found.year() - 1, m, d) {
                    prop_assert!(earlier < today);
                }
            }
        }

        #[test]
        fn an_end_of_month_is_its_last_day(wanted in days()) {
            let text = format!("{:04}{:02}e", wanted.year(), wanted.month());
            let found = parse(&text, date(2020, 1, 1)).unwrap();
            prop_assert_eq!((found.year(), found.month()), (wanted.year(), wanted.month()));
            prop_assert!(found.tomorrow().unwrap().month() != found.month());
        }

        #[test]
        fn spans_count_from_today(count in 0_i64..600, today in days()) {
            let found = parse(&format!("+{count}d"), today).unwrap();
            prop_assert_eq!(i64::from(today.until(found).unwrap().get_days()), count);
        }
    }
}
