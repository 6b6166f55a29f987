//! Money in integer centavos. No floating point, no currency but the real.

use std::fmt;
use std::iter::Sum;

use serde::{Deserialize, Serialize};

use crate::quantity::Quantity;
use crate::rounding::div_round;

/// An amount of money in centavos; negative where money goes the other way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = i64))]
#[serde(transparent)]
pub struct Cents(pub i64);

/// Why a text is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("not an amount of money")]
    NotAnAmount,
    #[error("too large")]
    TooLarge,
}

impl Cents {
    pub const ZERO: Self = Self(0);

    /// The price of `quantity` at this unit price, rounded once, half away from zero.
    ///
    /// ```
    /// use tillwatch_shared::{Cents, Quantity};
    /// assert_eq!(Cents(3990).times(Quantity(450)), Some(Cents(1796))); // 17,955 → 17,96
    /// ```
    pub fn times(self, quantity: Quantity) -> Option<Self> {
        let product = i128::from(self.0) * i128::from(quantity.0);
        i64::try_from(div_round(product, 1000)).ok().map(Self)
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Reads what a person types: `12`, `12,5`, `1.234,56`, `R$ 3,99`. A dot only groups thousands.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let text = text.trim();
        let text = text.strip_prefix("R$").unwrap_or(text).trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = text.split_once(',').unwrap_or((text, ""));
        let whole = parse_grouped(whole)?;
        let fraction = match (fraction.len(), fraction.bytes().all(|b| b.is_ascii_digit())) {
            (0, _) => 0,
            (1, true) => 10 * fraction.parse::<i64>().map_err(|_| MoneyError::NotAnAmount)?,
            (2, true) => fraction.parse::<i64>().map_err(|_| MoneyError::NotAnAmount)?,
            _ => return Err(MoneyError::NotAnAmount),
        };
        let cents =
            whole.checked_mul(100).and_then(|c| c.checked_add(fraction)).ok_or(MoneyError::TooLarge)?;
        Ok(Self(if negative { -cents } else { cents }))
    }

    /// `1.234,56`, without the currency sign.
    pub fn plain(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let absolute = self.0.unsigned_abs();
        format!("{sign}{},{:02}", group_thousands(&(absolute / 100).to_string()), absolute % 100)
    }
}

/// `R$ 1.234,56`, with a space that does not break.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}R$\u{a0}{}", Self(self.0.saturating_abs()).plain())
    }
}

impl Sum for Cents {
    /// For totals that are shown; what is stored is added with [`Cents::checked_add`].
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.fold(0, |sum, amount| sum.saturating_add(amount.0)))
    }
}

/// Digits with dots between the thousands.
pub fn group_thousands(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    grouped
}

/// A whole number, with dots allowed only where they group thousands.
pub(crate) fn parse_grouped(text: &str) -> Result<i64, MoneyError> {
    let mut groups = text.split('.');
    let first = groups.next().unwrap_or_default();
    let well_formed = !first.is_empty()
        && (first.len() <= 3 || !text.contains('.'))
        && text.split('.').all(|g| !g.is_empty() && g.bytes().all(|b| b.is_ascii_digit()))
        && groups.all(|g| g.len() == 3);
    if !well_formed {
        return Err(MoneyError::NotAnAmount);
    }
    text.replace('.', "").parse().map_err(|_| MoneyError::TooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Cents, MoneyError};
    use crate::quantity::Quantity;

    #[test]
    fn reads_what_people_type() {
        for (text, cents) in [
            ("12", 1200),
            ("12,5", 1250),
            ("12,50", 1250),
            ("1.234,56", 123_456),
            ("1234,56", 123_456),
            ("R$ 3,99", 399),
            ("-0,01", -1),
            ("0", 0),
        ] {
            assert_eq!(Cents::parse(text), Ok(Cents(cents)), "{text}");
        }
        for text in ["", "abc", "1.2", "12,345", "1,2,3", "1..000", ".5", "1.23,4", "1e3", "--1", "R$"] {
            assert_eq!(Cents::parse(text), Err(MoneyError::NotAnAmount), "{text}");
        }
        assert_eq!(Cents::parse("99999999999999999999"), Err(MoneyError::TooLarge));
    }

    #[test]
    fn is_shown_as_in_brazil() {
        assert_eq!(Cents(123_456).to_string(), "R$\u{a0}1.234,56");
        assert_eq!(Cents(-5).to_string(), "-R$\u{a0}0,05");
        assert_eq!(Cents(100_000_000).plain(), "1.000.000,00");
    }

    proptest! {
        #[test]
        fn shown_and_read_again(cents in -1_000_000_000_000_i64..1_000_000_000_000) {
            prop_assert_eq!(Cents::parse(&Cents(cents).plain()), Ok(Cents(cents)));
        }

        /// A thousand lines of one thousandth differ from one line of one unit by rounding only.
        #[test]
        fn whole_units_are_exact(cents in 0_i64..1_000_000, units in 0_i64..10_000) {
            prop_assert_eq!(Cents(cents).times(Quantity(units * 1000)), Some(Cents(cents * units)));
        }
    }
}
