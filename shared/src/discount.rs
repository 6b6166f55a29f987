//! Discounts: a percentage, what it is of an amount, and how a discount on a whole sale is spread over its
//! lines.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::money::Cents;
use crate::rounding::div_round;

/// A percentage in hundredths: 1250 is 12,5 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = i64, minimum = 0, maximum = 10_000))]
#[serde(transparent)]
pub struct Percent(pub i64);

impl Percent {
    pub const ALL: Self = Self(10_000);

    /// Reads what a person types: `10`, `12,5`, `12,50 %`. From nothing to everything.
    ///
    /// ```
    /// use tillwatch_shared::discount::Percent;
    /// assert_eq!(Percent::parse("12,5 %"), Some(Percent(1250)));
    /// assert_eq!(Percent::parse("101"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix('%').unwrap_or(text).trim_end();
        let percent =
            Cents::parse(text).ok().filter(|_| !text.starts_with('R')).map(|cents| Self(cents.0))?;
        (Self(0)..=Self::ALL).contains(&percent).then_some(percent)
    }

    /// This share of an amount, rounded once, half away from zero.
    pub fn of(self, amount: Cents) -> Cents {
        let share = div_round(i128::from(amount.0) * i128::from(self.0), i128::from(Self::ALL.0));
        // A share of at most the whole amount fits where the amount fits.
        Cents(i64::try_from(share).unwrap_or(amount.0))
    }
}

/// `12,5 %`, without needless zeros.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Cents(self.0).plain();
        let text = text.strip_suffix(",00").or_else(|| text.strip_suffix('0')).unwrap_or(&text);
        write!(f, "{text}\u{a0}%")
    }
}

/// Spreads a discount over amounts in proportion to them: the shares sum up to the discount, and none is
/// more than its amount. Each share is its exact part rounded down; the centavos that are left over go to
/// those that lost most by that, to the earlier of two alike. `None` if the amounts are less than the
/// discount, or one of them, or the discount, is negative.
pub fn split(discount: Cents, amounts: &[Cents]) -> Option<Vec<Cents>> {
    let whole: i128 = amounts.iter().map(|amount| i128::from(amount.0)).sum();
    let discount = i128::from(discount.0);
    if discount < 0 || discount > whole || amounts.iter().any(|amount| amount.0 < 0) {
        return None;
    }
    if whole == 0 {
        return Some(vec![Cents::ZERO; amounts.len()]);
    }
    let exact = |amount: &Cents| discount * i128::from(amount.0);
    let mut shares: Vec<i128> = amounts.iter().map(|amount| exact(amount) / whole).collect();
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    let lost: Vec<i128> = amounts.iter().map(|amount| exact(amount) % whole).collect();
    order.sort_by_key(|place| (lost.get(*place).map(|lost| -lost), *place));
    let left = discount - shares.iter().sum::<i128>();
    for place in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(share) = shares.get_mut(place) {
            *share += 1;
        }
    }
    shares.into_iter().map(|share| i64::try_from(share).ok().map(Cents)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Percent, split};
    use crate::Cents;

    #[test]
    fn reads_and_shows_percentages() {
        for (text, hundredths) in
            [("5", 500), ("12,5", 1250), ("12,50%", 1250), (" 100 % ", 10_000), ("0", 0)]
        {
            assert_eq!(Percent::parse(text), Some(Percent(hundredths)), "{text}");
        }
        for text in ["", "%", "-1", "100,01", "1e1", "12,345", "R$ 5", "5%%"] {
            assert_eq!(Percent::parse(text), None, "{text}");
        }
        for (percent, text) in [(500, "5"), (1250, "12,5"), (1255, "12,55"), (1005, "10,05"), (0, "0")] {
            assert_eq!(Percent(percent).to_string(), format!("{text}\u{a0}%"));
        }
    }

    #[test]
    fn what_is_left_over_goes_to_those_that_lost_most() {
        let cents = |amounts: &[i64]| amounts.iter().map(|amount| Cents(*amount)).collect::<Vec<_>>();
        // 3,33… each: the first of the three alike gets the centavo.
        assert_eq!(split(Cents(1000), &cents(&[999, 999, 999])), Some(cents(&[334, 333, 333])));
        // 0,5 and 9,5: the second does not lose more, so the first gets it.
        assert_eq!(split(Cents(10), &cents(&[100, 1900])), Some(cents(&[1, 9])));
        assert_eq!(split(Cents(0), &cents(&[5, 0])), Some(cents(&[0, 0])));
        assert_eq!(split(Cents(0), &[]), Some(Vec::new()));
        assert_eq!(split(Cents(5), &cents(&[5, 0])), Some(cents(&[5, 0])));
        assert_eq!(split(Cents(6), &cents(&[5, 0])), None);
        assert_eq!(split(Cents(-1), &cents(&[5])), None);
        assert_eq!(split(Cents(1), &cents(&[-1, 5])), None);
    }

    /// A fraction of two whole numbers, compared by cross-multiplication: nothing is rounded.
    #[derive(Clone, Copy, Debug)]
    struct Ratio(i128, i128);

    impl Ratio {
        fn less(self, other: Self) -> bool {
            self.0 * other.1 < other.0 * self.1
        }

        fn minus(self, whole: i64) -> Self {
            Self(self.0 - i128::from(whole) * self.1, self.1)
        }
    }

    proptest! {
        /// Against the exact parts as fractions: each share is the part rounded down or up, they sum up, none is
        /// above its amount, and nobody who was rounded up lost less than somebody who was rounded down.
        #[test]
        fn shares_are_the_exact_parts_rounded(
            amounts in prop::collection::vec(0_i64..100_000_000_000, 1..60), thousandths in 0_i64..=1000,
        ) {
            let whole: i64 = amounts.iter().sum();
            let discount = i64::try_from(i128::from(whole) * i128::from(thousandths) / 1000).unwrap();
            let cents: Vec<Cents> = amounts.iter().map(|amount| Cents(*amount)).collect();
            let shares = split(Cents(discount), &cents).unwrap();
            prop_assert_eq!(shares.iter().map(|share| share.0).sum::<i64>(), discount);
            let mut lost: Vec<(Ratio, bool)> = Vec::new();
            for (amount, share) in amounts.iter().zip(&shares) {
                prop_assert!(share.0 <= *amount);
                let exact = Ratio(i128::from(discount) * i128::from(*amount), i128::from(whole.max(1)));
                let (one, under) = (Ratio(1, 1), exact.minus(share.0));
                prop_assert!(under.less(one) && Ratio(-1, 1).less(under), "{exact:?} {share:?}");
                let raised = under.less(Ratio(0, 1));
                lost.push((if raised { exact.minus(share.0 - 1) } else { under }, raised));
            }
            for (kept, _) in lost.iter().filter(|(_, raised)| !raised) {
                for (given, _) in lost.iter().filter(|(_, raised)| *raised) {
                    prop_assert!(!given.less(*kept), "{given:?} was raised before {kept:?}");
                }
            }
            prop_assert_eq!(split(Cents(discount), &cents), Some(shares), "the same every time");
        }

        /// Against the definition: the nearest centavo, a tie going up.
        #[test]
        fn a_percentage_is_the_nearest_centavo(amount in 0_i64..1_000_000_000_000, hundredths in 0_i64..=10_000) {
            let share = i128::from(Percent(hundredths).of(Cents(amount)).0);
            let doubled_error = 2 * (share * 10_000 - i128::from(amount) * i128::from(hundredths));
            prop_assert!(doubled_error > -10_000 && doubled_error <= 10_000);
            prop_assert!(share <= i128::from(amount));
            prop_assert_eq!(Percent::parse(&Percent(hundredths).to_string().replace('\u{a0}', " ")), Some(Percent(hundredths)));
        }
    }
}
