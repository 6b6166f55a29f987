//! GTIN barcodes: GTIN-8/12/13/14 are one number with leading zeros; kept as GTIN-14.

/// A GTIN normalised to 14 digits, its check digit verified (GS1 General Specifications, 7.9).
/// `None` for anything else: such a code is a shop's own.
///
/// ```
/// use tillwatch_shared::barcode::gtin14;
/// assert_eq!(gtin14("7891000315507").as_deref(), Some("07891000315507"));
/// assert_eq!(gtin14("7891000315508"), None);
/// ```
pub fn gtin14(code: &str) -> Option<String> {
    if !matches!(code.len(), 8 | 12 | 13 | 14) || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let padded = format!("{code:0>14}");
    let sum: u32 = padded
        .bytes()
        .zip([3_u32, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    (sum.is_multiple_of(10) && padded.bytes().any(|b| b != b'0')).then_some(padded)
}

/// A code under which it is stored and looked up: a GTIN as GTIN-14, another code trimmed and in capitals.
pub fn normalise(code: &str) -> String {
    let code = code.trim();
    gtin14(code).unwrap_or_else(|| code.to_uppercase())
}

/// A stored code as it stands on the packet: a GTIN-14 without the zeros that pad it.
pub fn printed(code: &str) -> &str {
    if gtin14(code).is_none() {
        return code;
    }
    let significant = code.trim_start_matches('0').len();
    let shown = [8, 12, 13, 14].into_iter().find(|len| *len >= significant).unwrap_or(14);
    code.get(code.len().saturating_sub(shown)..).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{gtin14, normalise, printed};

    /// Eight to fourteen digits, the last of them right: counted from the right, each second digit counts three times.
    fn with_check_digit() -> impl Strategy<Value = String> {
        let digits = |count: usize| prop::collection::vec(0_u32..10, count);
        prop::sample::select(vec![7_usize, 11, 12, 13]).prop_flat_map(digits).prop_map(|digits| {
            let weighed = digits.iter().rev().enumerate();
            let sum: u32 = weighed.map(|(place, digit)| digit * if place % 2 == 0 { 3 } else { 1 }).sum();
            let check = (10 - sum % 10) % 10;
            digits.into_iter().chain([check]).filter_map(|digit| char::from_digit(digit, 10)).collect()
        })
    }

    proptest! {
        #[test]
        fn a_code_is_one_whatever_zeros_it_has_in_front(code in with_check_digit()) {
            prop_assume!(code.bytes().any(|b| b != b'0'));
            let kept = gtin14(&code).unwrap();
            prop_assert_eq!(kept.trim_start_matches('0'), code.trim_start_matches('0'));
            for length in [8, 12, 13, 14] {
                let padded = format!("{:0>length$}", code.trim_start_matches('0'));
                if padded.len() == length {
                    prop_assert_eq!(&normalise(&padded), &kept);
                }
            }
            prop_assert_eq!(normalise(printed(&kept)), kept);
        }

        #[test]
        fn one_wrong_digit_is_found(code in with_check_digit(), at in any::<prop::sample::Index>(), by in 1_u8..10) {
            let mut wrong = code.into_bytes();
            let at = at.index(wrong.len());
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            prop_assert_eq!(gtin14(&String::from_utf8(wrong).unwrap()), None);
        }

        #[test]
        fn anything_is_looked_up_as_it_was_kept(code in "\\PC{0,40}|[0-9]{0,20}") {
            let kept = normalise(&code);
            prop_assert_eq!(normalise(&kept), kept.clone());
            prop_assert_eq!(normalise(printed(&kept)), kept);
        }
    }

    #[test]
    fn one_product_whatever_the_zeros() {
        for code in ["036000291452", "0036000291452", "00036000291452"] {
            assert_eq!(gtin14(code).as_deref(), Some("00036000291452"), "{code}");
        }
        assert_eq!(gtin14("96385074").as_deref(), Some("00000096385074"));
        for code in ["96385075", "123", "00000000", "7891000315507x", "７891000315507"] {
            assert_eq!(gtin14(code), None, "{code}");
        }
    }

    #[test]
    fn own_codes_ignore_case_and_spaces() {
        assert_eq!(normalise(" par-10 "), "PAR-10");
        assert_eq!(normalise("7891000315507"), "07891000315507");
        assert_eq!(printed("07891000315507"), "7891000315507");
        assert_eq!(printed("00036000291452"), "036000291452");
        assert_eq!(printed("PAR-10"), "PAR-10");
    }
}
