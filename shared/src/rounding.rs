//! The one rounding function: half away from zero, as shops and tax forms in Brazil expect.

/// `numerator / denominator`, rounded half away from zero. `denominator` must be positive.
///
/// ```
/// use tillwatch_shared::rounding::div_round;
/// assert_eq!(div_round(5, 2), 3);
/// assert_eq!(div_round(-5, 2), -3);
/// assert_eq!(div_round(449, 1000), 0);
/// ```
pub const fn div_round(numerator: i128, denominator: i128) -> i128 {
    let half = denominator / 2;
    let odd = denominator % 2;
    // Comparing the remainder with half of the denominator keeps the sum from overflowing.
    let quotient = numerator / denominator;
    let remainder = (numerator % denominator).abs();
    if remainder >= half + odd { if numerator < 0 { quotient - 1 } else { quotient + 1 } } else { quotient }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::div_round;

    proptest! {
        /// Against the definition: the nearest integer, a tie going away from zero.
        #[test]
        fn nearest_with_ties_away(numerator in -1_000_000_000_000_i64..1_000_000_000_000, denominator in 1_i64..100_000) {
            let (n, d) = (i128::from(numerator), i128::from(denominator));
            let rounded = div_round(n, d);
            let doubled_error = (2 * (rounded * d - n)).abs();
            prop_assert!(doubled_error <= d);
            if doubled_error == d {
                prop_assert!(rounded.abs() * d > n.abs());
            }
            prop_assert_eq!(div_round(-n, d), -rounded);
        }
    }
}
