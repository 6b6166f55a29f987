//! Labels that a shop's scale prints: an EAN-13 of the prefix for use within the shop (2), which holds the product's
//! code and the total to pay or the weight. Where they stand differs from scale to scale, so a layout says it.

use std::fmt;
use std::str::FromStr;

use crate::{Cents, Quantity, barcode};

/// The digits of an EAN-13.
const DIGITS: usize = 13;
/// Layouts in one setting.
const LAYOUTS: usize = 4;

/// What scales in Brazil print unless they are told otherwise: five digits of code, six of the total.
pub const USUAL: &str = "2CCCCCTTTTTTD";

/// What a digit of a label means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// Always this digit.
    Fixed(u8),
    Code,
    /// Centavos to pay.
    Total,
    /// Grams, or thousandths of another unit.
    Weight,
    /// The label's check digit.
    Check,
    /// Means nothing here.
    Ignored,
}

/// Where code and amount stand, written as on the scale: `2` and other digits as they are, `C` for the product's
/// code, `T` for the total, `P` for the weight (peso), `D` for the check digit, `X` for what means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout([Slot; DIGITS]);

/// Why something is not a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("a layout has 13 places")]
    Length,
    #[error("a layout has digits and the letters C, T, P, X and D")]
    Letter,
    #[error("a layout begins with 2")]
    Prefix,
    #[error("a layout ends with D, and has no other D")]
    CheckDigit,
    #[error("a layout has one run of C")]
    Code,
    #[error("a layout has one run of T or of P, and not both")]
    Amount,
    #[error("too many layouts")]
    TooMany,
}

/// What a label says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleLabel {
    /// The product's code, with the zeros that fill it up.
    pub code: String,
    pub amount: Amount,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    Total(Cents),
    Weight(Quantity),
}

impl ScaleLabel {
    /// The code without the zeros that fill it up.
    pub fn bare_code(&self) -> &str {
        let bare = self.code.trim_start_matches('0');
        if bare.is_empty() { "0" } else { bare }
    }
}

impl Layout {
    /// What `code` says in this layout. `None` if it is not of it, or its check digit is wrong.
    ///
    /// ```
    /// use tillwatch_shared::{Cents, scale_label::{Amount, Layout, USUAL}};
    /// let layout: Layout = USUAL.parse().unwrap();
    /// let label = layout.read("2001230017965").unwrap();
    /// assert_eq!((label.bare_code(), label.amount), ("123", Amount::Total(Cents(1796))));
    /// assert_eq!(layout.read("2001230017964"), None);
    /// ```
    pub fn read(&self, code: &str) -> Option<ScaleLabel> {
        let padded = barcode::gtin14(code.trim())?;
        let digits = padded.strip_prefix('0')?;
        let fits = |(slot, digit): (&Slot, u8)| !matches!(slot, Slot::Fixed(fixed) if *fixed != digit);
        if !self.0.iter().zip(digits.bytes()).all(fits) {
            return None;
        }
        let of = |wanted: Slot| -> String {
            let held = self.0.iter().zip(digits.chars()).filter(|(slot, _)| **slot == wanted);
            held.map(|(_, digit)| digit).collect()
        };
        let amount = match of(Slot::Total).parse() {
            Ok(total) => Amount::Total(Cents(total)),
            Err(_) => Amount::Weight(Quantity(of(Slot::Weight).parse().ok()?)),
        };
        Some(ScaleLabel { code: of(Slot::Code), amount })
    }

    fn check(self) -> Result<Self, LayoutError> {
        let is_one_run = |wanted: Slot| {
            let first = self.0.iter().position(|slot| *slot == wanted);
            let last = self.0.iter().rposition(|slot| *slot == wanted);
            let count = self.0.iter().filter(|slot| **slot == wanted).count();
            first.zip(last).is_some_and(|(first, last)| last - first + 1 == count)
        };
        let has = |wanted: Slot| self.0.contains(&wanted);
        if self.0.first() != Some(&Slot::Fixed(b'2')) {
            return Err(LayoutError::Prefix);
        }
        let ends = self.0.iter().position(|slot| *slot == Slot::Check) == Some(DIGITS - 1);
        if !ends {
            return Err(LayoutError::CheckDigit);
        }
        if !is_one_run(Slot::Code) {
            return Err(LayoutError::Code);
        }
        let one_amount = has(Slot::Total) != has(Slot::Weight);
        if !one_amount || !(is_one_run(Slot::Total) || is_one_run(Slot::Weight)) {
            return Err(LayoutError::Amount);
        }
        Ok(self)
    }
}

impl FromStr for Layout {
    type Err = LayoutError;

    fn from_str(text: &str) -> Result<Self, LayoutError> {
        let slot = |letter: u8| match letter.to_ascii_uppercase() {
            digit @ b'0'..=b'9' => Ok(Slot::Fixed(digit)),
            b'C' => Ok(Slot::Code),
            b'T' => Ok(Slot::Total),
            b'P' => Ok(Slot::Weight),
            b'D' => Ok(Slot::Check),
            b'X' => Ok(Slot::Ignored),
            _ => Err(LayoutError::Letter),
        };
        let slots: Vec<Slot> = text.trim().bytes().map(slot).collect::<Result<_, _>>()?;
        let slots = <[Slot; DIGITS]>::try_from(slots).map_err(|_| LayoutError::Length)?;
        Self(slots).check()
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|slot| {
            let letter = match slot {
                Slot::Fixed(digit) => char::from(*digit),
                Slot::Code => 'C',
                Slot::Total => 'T',
                Slot::Weight => 'P',
                Slot::Check => 'D',
                Slot::Ignored => 'X',
            };
            write!(f, "{letter}")
        })
    }
}

/// Several layouts, for a shop with several scales, separated by spaces. The first that fits a label is used.
pub fn layouts(text: &str) -> Result<Vec<Layout>, LayoutError> {
    let layouts: Vec<Layout> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    if layouts.len() > LAYOUTS { Err(LayoutError::TooMany) } else { Ok(layouts) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Twelve digits with their check digit, worked out from the left as the standard's tables do it.
    fn with_check(twelve: &str) -> String {
        let sum: u32 = twelve
            .bytes()
            .enumerate()
            .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
            .sum();
        format!("{twelve}{}", (10 - sum % 10) % 10)
    }

    #[test]
    fn layouts_are_read_as_they_are_written() {
        for text in [USUAL, "2CCCCCCTTTTTD", "20CCCCPPPPPPD", "2XCCCCXTTTTTD", "2CCCCCPPPPPXD"] {
            assert_eq!(text.parse::<Layout>().unwrap().to_string(), text);
        }
        assert_eq!("2ccccctttttTd".parse::<Layout>().unwrap().to_string(), USUAL);
        let bad = [
            ("", LayoutError::Length),
            ("2CCCCCTTTTTD", LayoutError::Length),
            ("2CCCCCTTTTTTDD", LayoutError::Length),
            ("3CCCCCTTTTTTD", LayoutError::Prefix),
            ("CCCCCCTTTTTTD", LayoutError::Prefix),
            ("2CCCCCTTTTTT0", LayoutError::CheckDigit),
            ("2CCCCCTTTTTDD", LayoutError::CheckDigit),
            ("2TTTTTTTTTTTD", LayoutError::Code),
            ("2CCXCCTTTTTTD", LayoutError::Code),
            ("2CCCCCCCCCCCD", LayoutError::Amount),
            ("2CCCCCTTTPPPD", LayoutError::Amount),
            ("2CCCCCTTXTTTD", LayoutError::Amount),
            ("2CCCCCTTTTTZD", LayoutError::Letter),
            ("2ÇCCCTTTTTTD", LayoutError::Letter),
        ];
        for (text, error) in bad {
            assert_eq!(text.parse::<Layout>(), Err(error), "{text}");
        }
        assert_eq!(layouts("20CCCCPPPPPPD  21CCCCTTTTTTD").unwrap().len(), 2);
        assert_eq!(layouts(""), Ok(Vec::new()));
        assert_eq!(layouts(&format!("{USUAL} ").repeat(5)), Err(LayoutError::TooMany));
    }

    #[test]
    fn a_label_of_another_layout_or_with_a_wrong_digit_is_none() {
        let layout: Layout = "20CCCCPPPPPPD".parse().unwrap();
        let label = layout.read(&with_check("200012000450")).unwrap();
        assert_eq!((label.code.as_str(), label.bare_code()), ("0012", "12"));
        assert_eq!(label.amount, Amount::Weight(Quantity(450)));
        for code in [with_check("210012000450"), with_check("789100031550"), "2000120004509".to_owned()] {
            assert_eq!(layout.read(&code), None, "{code}");
        }
        assert_eq!(layout.read("96385074"), None, "a GTIN-8 has no prefix 2 after its zeros");
    }

    proptest! {
        #[test]
        fn what_a_scale_prints_is_read(code in 0_u32..100_000, total in 0_i64..1_000_000) {
            let layout: Layout = USUAL.parse().unwrap();
            let printed = with_check(&format!("2{code:05}{total:06}"));
            let label = layout.read(&printed).unwrap();
            prop_assert_eq!(label.bare_code().parse::<u32>().unwrap(), code);
            prop_assert_eq!(label.amount, Amount::Total(Cents(total)));
            // A scanner may send the GTIN-14 of it.
            prop_assert_eq!(layout.read(&format!("0{printed}")), Some(label));
        }

        #[test]
        fn one_digit_misread_is_never_a_label(
            code in 0_u32..100_000, weight in 0_u32..1_000_000, at in 1_usize..13, by in 1_u8..10
        ) {
            let layout: Layout = "2CCCCCPPPPPPD".parse().unwrap();
            let mut printed = with_check(&format!("2{code:05}{weight:06}")).into_bytes();
            printed[at] = b'0' + (printed[at] - b'0' + by) % 10;
            prop_assert_eq!(layout.read(&String::from_utf8(printed).unwrap()), None);
        }

        /// Whatever comes from a cable: no panic, and what is read is what stands there.
        #[test]
        fn noise_is_not_read(text in "\\PC{0,20}", layout in "[0-9CTPDX]{13}") {
            if let Ok(layout) = layout.parse::<Layout>() {
                prop_assert_eq!(layout.to_string().parse(), Ok(layout));
                if let Some(label) = layout.read(&text) {
                    prop_assert!(text.contains(&label.code));
                }
            }
            prop_assert!(layouts(&text).is_err() || text.trim().is_empty());
        }

        #[test]
        fn a_label_is_read_in_any_layout(digits in "2[0-9]{11}", layout in "2[0-9X]{0,2}C{1,6}X?[TP]{0,8}X?D") {
            if let Ok(layout) = layout.parse::<Layout>() {
                let printed = with_check(&digits);
                let fits = layout.to_string().bytes().zip(printed.bytes())
                    .all(|(slot, digit)| !slot.is_ascii_digit() || slot == digit);
                prop_assert_eq!(layout.read(&printed).is_some(), fits);
            }
        }
    }
}
