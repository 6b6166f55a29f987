//! What goes back to a customer for a part of a sold line.
//!
//! A line that comes back whole gives back exactly what was paid for it. Of a part, each return gives what
//! all returns so far are worth together, rounded once, less what was given before: so the parts of a line
//! add up to its total, however it was cut, and nothing is rounded twice.

use crate::rounding::div_round;
use crate::{Cents, Quantity};

/// The part of `total`, paid for `sold`, that `more` is worth after `before` has come back already. `None` when
/// that is nothing, or more than was sold.
///
/// ```
/// use tillwatch_shared::{Cents, Quantity, refund};
/// // Three for R$ 10,00, one after the other.
/// let part = |before| refund::part(Cents(1000), Quantity(3000), Quantity(before), Quantity(1000));
/// assert_eq!(part(0), Some(Cents(333)));
/// assert_eq!(part(1000), Some(Cents(334)));
/// assert_eq!(part(2000), Some(Cents(333)));
/// assert_eq!(part(3000), None);
/// ```
pub fn part(total: Cents, sold: Quantity, before: Quantity, more: Quantity) -> Option<Cents> {
    let after = before.checked_add(more)?;
    if more.0 <= 0 || before.0 < 0 || total.0 < 0 || after > sold {
        return None;
    }
    worth(total, sold, after)?.checked_sub(worth(total, sold, before)?)
}

fn worth(total: Cents, sold: Quantity, back: Quantity) -> Option<Cents> {
    let product = i128::from(total.0) * i128::from(back.0);
    i64::try_from(div_round(product, i128::from(sold.0))).ok().map(Cents)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::{AMOUNT_CENTS, QUANTITY_THOUSANDTHS};

    /// A fraction whose denominator is the quantity sold: what a part is worth before any rounding, in
    /// twice the centavos, so that halves are whole.
    fn doubled(total: i64, back: i64) -> i128 {
        2 * i128::from(total) * i128::from(back)
    }

    proptest! {
        /// Against exact fractions: whatever the cuts, what has been given is never further from its worth
        /// than half a centavo, no part is negative, and all parts together are the total.
        #[test]
        fn parts_follow_their_worth_and_sum_up(
            total in 0..=AMOUNT_CENTS, sold in 1..=QUANTITY_THOUSANDTHS,
            cuts in prop::collection::vec(1..=QUANTITY_THOUSANDTHS, 0..12)
        ) {
            let (mut back, mut given) = (0, 0);
            for cut in cuts.into_iter().map(|cut| 1 + cut % sold).chain([sold]) {
                let more = cut.min(sold - back);
                let part = part(Cents(total), Quantity(sold), Quantity(back), Quantity(more));
                if more == 0 {
                    prop_assert_eq!(part, None, "nothing is left");
                    continue;
                }
                let part = part.unwrap().0;
                prop_assert!(part >= 0);
                back += more;
                given += part;
                let off = 2 * i128::from(given) * i128::from(sold) - doubled(total, back);
                prop_assert!(off.abs() <= i128::from(sold), "{given} for {back} of {sold} at {total}");
            }
            prop_assert_eq!((back, given), (sold, total));
        }

        #[test]
        fn never_more_than_was_sold(
            total in 0..=AMOUNT_CENTS, sold in 1..=QUANTITY_THOUSANDTHS,
            before in 0..=QUANTITY_THOUSANDTHS, more in -5..=QUANTITY_THOUSANDTHS
        ) {
            let part = part(Cents(total), Quantity(sold), Quantity(before), Quantity(more));
            prop_assert_eq!(part.is_some(), more > 0 && before + more <= sold);
        }
    }

    #[test]
    fn a_whole_line_gives_back_what_was_paid() {
        for (total, sold) in [(1796, 450), (0, 1), (1, 3000), (AMOUNT_CENTS, QUANTITY_THOUSANDTHS)] {
            assert_eq!(
                part(Cents(total), Quantity(sold), Quantity::ZERO, Quantity(sold)),
                Some(Cents(total))
            );
        }
        assert_eq!(part(Cents(5), Quantity(i64::MAX), Quantity(i64::MAX), Quantity(1)), None);
    }
}
