//! Checks of single values that several nouns share.

use std::borrow::Cow;

use tillwatch_shared::limits::{NAME_CHARS, PRICE_CENTS, QUANTITY_THOUSANDTHS, TEXT_CHARS};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{Cents, Quantity, UtcMicros, names};

use super::rejection::{Invalid, Rejection};

/// 1970 to 2200: what a device's clock may say. Years beyond are a broken clock, not a time.
const LATEST: i64 = 84_006 * DAY;

type Field = Cow<'static, str>;

/// A name in the form in which it is kept.
pub fn name(field: impl Into<Field>, text: &str) -> Result<String, Rejection> {
    bounded(field, text, NAME_CHARS)
}

pub fn bounded(field: impl Into<Field>, text: &str, max_chars: usize) -> Result<String, Rejection> {
    names::clean(text, max_chars).ok_or_else(|| Rejection::invalid(field, Invalid::Text { max_chars }))
}

/// A free text; an empty one counts as absent.
pub fn text(field: impl Into<Field>, text: Option<&str>) -> Result<Option<String>, Rejection> {
    let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
    let acceptable = text.chars().count() <= TEXT_CHARS && !text.chars().any(|c| c.is_control() && c != '\n');
    if acceptable {
        Ok(Some(text.to_owned()))
    } else {
        Err(Rejection::invalid(field, Invalid::Text { max_chars: TEXT_CHARS }))
    }
}

pub fn price(field: impl Into<Field>, price: Cents) -> Result<(), Rejection> {
    range(field, price.0, 0, PRICE_CENTS)
}

/// A quantity between zero (or one thousandth) and the limit.
pub fn quantity(field: impl Into<Field>, quantity: Quantity, zero_allowed: bool) -> Result<(), Rejection> {
    range(field, quantity.0, i64::from(!zero_allowed), QUANTITY_THOUSANDTHS)
}

pub fn range(field: impl Into<Field>, value: i64, min: i64, max: i64) -> Result<(), Rejection> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(Rejection::invalid(field, Invalid::Range { min, max }))
    }
}

pub fn count(field: impl Into<Field>, count: usize, max: usize) -> Result<(), Rejection> {
    if count <= max { Ok(()) } else { Err(Rejection::invalid(field, Invalid::TooMany { max })) }
}

/// A moment that a device's clock may plausibly say.
pub fn moment(field: impl Into<Field>, at: UtcMicros) -> Result<(), Rejection> {
    if (0..=LATEST).contains(&at.0) { Ok(()) } else { Err(Rejection::invalid(field, Invalid::Time)) }
}

pub fn zone(field: impl Into<Field>, zone: &str) -> Result<(), Rejection> {
    match jiff::tz::TimeZone::get(zone) {
        Ok(_) => Ok(()),
        Err(_) => Err(Rejection::invalid(field, Invalid::Zone)),
    }
}
