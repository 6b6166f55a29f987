//! Quantity in integer thousandths: 0,450 kg and 3 units are the same kind of number.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::money::{group_thousands, parse_grouped};

/// A quantity in thousandths of the product's unit; negative where goods leave. The bounds are those of what is asked
/// for; a balance, which adds up many, has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = -1_000_000_000_i64, maximum = 1_000_000_000_i64))]
#[serde(transparent)]
pub struct Quantity(pub i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a quantity")]
pub struct QuantityError;

impl Quantity {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(1000);

    /// `units` whole units.
    pub fn whole(units: i64) -> Option<Self> {
        units.checked_mul(1000).map(Self)
    }

    /// The whole number of units, if there is no fraction.
    pub fn as_whole(self) -> Option<i64> {
        (self.0 % 1000 == 0).then_some(self.0 / 1000)
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Reads what a person types: `3`, `0,450`, `1.200`, `-2`.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = text.split_once(',').unwrap_or((text, ""));
        let whole = parse_grouped(whole).map_err(|_| QuantityError)?;
        if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(QuantityError);
        }
        let fraction: i64 = format!("{fraction:0<3}").parse().map_err(|_| QuantityError)?;
        let thousandths =
            whole.checked_mul(1000).and_then(|t| t.checked_add(fraction)).ok_or(QuantityError)?;
        Ok(Self(if negative { -thousandths } else { thousandths }))
    }
}

/// `3`, `0,450`, `1.200`: three decimals only where there is a fraction.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let absolute = self.0.unsigned_abs();
        let whole = group_thousands(&(absolute / 1000).to_string());
        match absolute % 1000 {
            0 => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole},{fraction:03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Quantity, QuantityError};

    #[test]
    fn reads_what_people_type() {
        for (text, thousandths) in
            [("3", 3000), ("0,450", 450), ("0,45", 450), ("1.200", 1_200_000), ("-2", -2000)]
        {
            assert_eq!(Quantity::parse(text), Ok(Quantity(thousandths)), "{text}");
        }
        for text in ["", "a", "0,4500", "1,2,3", "1.2", ",5", "--3"] {
            assert_eq!(Quantity::parse(text), Err(QuantityError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn shown_and_read_again(thousandths in -1_000_000_000_i64..1_000_000_000) {
            let quantity = Quantity(thousandths);
            prop_assert_eq!(Quantity::parse(&quantity.to_string()), Ok(quantity));
        }
    }
}
