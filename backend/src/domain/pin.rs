//! PINs: what a person at a till types instead of a password. Short, so the first guesses are refused.

use tillwatch_shared::limits::PIN_DIGITS;
use tillwatch_shared::tax_id::Cpf;

use super::rejection::{Invalid, Rejection};

/// Whether this could be a PIN: digits alone, neither too few nor too many.
pub fn shaped(text: &str) -> bool {
    PIN_DIGITS.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// A PIN that a person may choose: not a pattern on the keys, not a year, not a piece of their own CPF.
pub fn check(pin: &str, cpf: Option<&Cpf>) -> Result<(), Rejection> {
    let refused = |problem| Err(Rejection::invalid("pin", problem));
    if !shaped(pin) {
        return refused(Invalid::Pin { min: *PIN_DIGITS.start(), max: *PIN_DIGITS.end() });
    }
    let own = cpf.is_some_and(|cpf| cpf.as_str().contains(pin));
    if even_steps(pin) || pair_repeated(pin) || year(pin) || own {
        return refused(Invalid::PinGuessed);
    }
    Ok(())
}

/// `0000`, `1234`, `9876`, `2468`, `8901`: the same step from each digit to the next.
fn even_steps(pin: &str) -> bool {
    let digits = pin.as_bytes();
    let steps = || digits.iter().zip(digits.iter().skip(1)).map(|(a, b)| (10 + b - a) % 10);
    steps().all(|step| Some(step) == steps().next())
}

/// `1212`, `474747`.
fn pair_repeated(pin: &str) -> bool {
    let digits = pin.as_bytes();
    digits.iter().zip(digits.iter().skip(2)).all(|(a, b)| a == b)
}

/// The year of a birth or of a wedding.
fn year(pin: &str) -> bool {
    pin.len() == 4 && (pin.starts_with("19") || pin.starts_with("20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_guesses_are_refused() {
        let cpf = Cpf::parse_unchecked("123.456.789-01").ok();
        let of = |pin: &str| match check(pin, cpf.as_ref()) {
            Ok(()) => None,
            Err(Rejection::Invalid { problem, .. }) => Some(problem),
            Err(other) => panic!("{other:?}"),
        };
        for good in ["4821", "7301", "50505051", "12346", "90817263", "2191"] {
            assert_eq!(of(good), None, "{good}");
        }
        for guessed in
            ["0000", "1234", "87654321", "8901", "2468", "1212", "47474747", "1985", "2026", "8901"]
        {
            assert_eq!(of(guessed), Some(Invalid::PinGuessed), "{guessed}");
        }
        assert_eq!(check("78901", None), Err(Rejection::invalid("pin", Invalid::PinGuessed)));
        let other = Cpf::parse_unchecked("52998224725").ok();
        assert_eq!(check("9822", None), Ok(()));
        assert!(check("9822", other.as_ref()).is_err(), "a piece of the own CPF");
        for bad in ["", "482", "482190371", "48a1", "48 1", "-482", "٤٨٢١"] {
            assert_eq!(of(bad), Some(Invalid::Pin { min: 4, max: 8 }), "{bad}");
        }
    }
}
