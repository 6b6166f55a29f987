//! CPF (people) and CNPJ (companies) with their check digits, CNPJ also in the alphanumeric form.
//!
//! Source of the rules: Receita Federal, module 11 with weights 2… from the right; in the alphanumeric
//! CNPJ (IN RFB 2.229/2024) a character counts as its ASCII code minus 48.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaxIdError {
    #[error("wrong number of characters")]
    Length,
    #[error("the check digits do not match")]
    CheckDigits,
}

/// A CPF: eleven digits. [`Cpf::parse`] verifies the check digits, and everything typed goes through it;
/// reading back what is stored checks the form only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = r"^[0-9]{11}$"))]
#[serde(try_from = "String", into = "String")]
pub struct Cpf(String);

/// A CNPJ: fourteen characters, the last two digits verified.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = r"^[0-9A-Z]{12}[0-9]{2}$"))]
#[serde(try_from = "String", into = "String")]
pub struct Cnpj(String);

/// Whoever buys: a person's CPF or a company's CNPJ. As with [`Cpf`], reading back what is stored checks the
/// form only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TaxId {
    Cpf(Cpf),
    Cnpj(Cnpj),
}

impl TaxId {
    /// Reads either, with or without its signs; the check digits must match.
    pub fn parse(text: &str) -> Result<Self, TaxIdError> {
        match Cpf::parse(text) {
            Err(TaxIdError::Length) => Cnpj::parse(text).map(Self::Cnpj),
            cpf => cpf.map(Self::Cpf),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Cpf(cpf) => cpf.as_str(),
            Self::Cnpj(cnpj) => cnpj.as_str(),
        }
    }

    /// `***.456.789-**` or `**.***.345/01DE-**`.
    pub fn masked(&self) -> String {
        match self {
            Self::Cpf(cpf) => cpf.masked(),
            Self::Cnpj(cnpj) => cnpj.masked(),
        }
    }

    /// In full with its signs, as on a receipt: `123.456.789-09`.
    pub fn formatted(&self) -> String {
        formatted(self.as_str())
    }
}

/// What a person has typed of a CPF or CNPJ so far, with the signs where they belong; what belongs to neither
/// is left out. Up to eleven digits are a CPF.
pub fn formatted(text: &str) -> String {
    let typed: Vec<char> =
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(14).collect();
    let as_cpf = typed.len() <= 11 && typed.iter().all(char::is_ascii_digit);
    let signs: &[(usize, char)] =
        if as_cpf { &[(3, '.'), (6, '.'), (9, '-')] } else { &[(2, '.'), (5, '.'), (8, '/'), (12, '-')] };
    let mut written = String::with_capacity(18);
    for (place, character) in typed.into_iter().enumerate() {
        written.extend(signs.iter().find(|(before, _)| *before == place).map(|(_, sign)| *sign));
        written.push(character);
    }
    written
}

impl Cpf {
    /// Reads `123.456.789-09` or `12345678909`.
    pub fn parse(text: &str) -> Result<Self, TaxIdError> {
        let digits = Self::parse_unchecked(text)?.0;
        let values: Vec<u32> = digits.bytes().map(|b| u32::from(b - b'0')).collect();
        let all_equal = values.windows(2).all(|pair| pair.first() == pair.last());
        let (body, check) = values.split_at(9);
        if all_equal || check_digits(body, 11) != check {
            return Err(TaxIdError::CheckDigits);
        }
        Ok(Self(digits))
    }

    /// Eleven digits whose check digits are not looked at. The demonstration people of the original
    /// systems sign in with such numbers; nothing else may use it.
    pub fn parse_unchecked(text: &str) -> Result<Self, TaxIdError> {
        let digits: String = text.chars().filter(|c| !matches!(c, '.' | '-' | ' ')).collect();
        if digits.len() != 11 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TaxIdError::Length);
        }
        Ok(Self(digits))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `***.456.789-**`, as it is shown.
    pub fn masked(&self) -> String {
        let middle: Vec<char> = self.0.chars().skip(3).take(6).collect();
        let (a, b) = middle.split_at(3.min(middle.len()));
        format!("***.{}.{}-**", String::from_iter(a), String::from_iter(b))
    }
}

impl Cnpj {
    /// Reads `12.ABC.345/01DE-35` or the same without signs; letters may be lower case.
    pub fn parse(text: &str) -> Result<Self, TaxIdError> {
        let id: String = text
            .chars()
            .filter(|c| !matches!(c, '.' | '-' | '/' | ' '))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let well_formed = id.len() == 14
            && id.bytes().all(|b| b.is_ascii_alphanumeric())
            && id.bytes().skip(12).all(|b| b.is_ascii_digit());
        if !well_formed {
            return Err(TaxIdError::Length);
        }
        let values: Vec<u32> = id.bytes().map(|b| u32::from(b) - 48).collect();
        let (body, check) = values.split_at(12);
        if values.iter().all(|v| *v == 0) || check_digits(body, 9) != check {
            return Err(TaxIdError::CheckDigits);
        }
        Ok(Self(id))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `12.ABC.345/01DE-35`, as it stands on a receipt.
    pub fn written(&self) -> String {
        let part = |from: usize, to: usize| self.0.get(from..to).unwrap_or_default();
        format!("{}.{}.{}/{}-{}", part(0, 2), part(2, 5), part(5, 8), part(8, 12), part(12, 14))
    }

    /// `**.***.345/01DE-**`, as it is shown.
    pub fn masked(&self) -> String {
        let tail: String = self.0.chars().skip(5).take(3).collect();
        let branch: String = self.0.chars().skip(8).take(4).collect();
        format!("**.***.{tail}/{branch}-**")
    }
}

/// Both check digits of `body`: module 11, weights 2, 3, … from the right, starting again after `highest`.
fn check_digits(body: &[u32], highest: u32) -> [u32; 2] {
    let digit = |values: &mut dyn Iterator<Item = u32>| {
        let sum: u32 = values.zip((2..=highest).cycle()).map(|(value, weight)| value * weight).sum();
        match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        }
    };
    let first = digit(&mut body.iter().rev().copied());
    let second = digit(&mut std::iter::once(first).chain(body.iter().rev().copied()));
    [first, second]
}

macro_rules! text_id {
    ($name:ident, $read_back:ident) => {
        impl TryFrom<String> for $name {
            type Error = TaxIdError;
            fn try_from(text: String) -> Result<Self, TaxIdError> {
                Self::$read_back(&text)
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        /// Masked, so that a log never holds the whole number.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.masked())
            }
        }
    };
}
text_id!(Cpf, parse_unchecked);
text_id!(Cnpj, parse);

impl TryFrom<String> for TaxId {
    type Error = TaxIdError;
    fn try_from(text: String) -> Result<Self, TaxIdError> {
        Cpf::parse_unchecked(&text).map(Self::Cpf).or_else(|_| Cnpj::parse(&text).map(Self::Cnpj))
    }
}

impl From<TaxId> for String {
    fn from(id: TaxId) -> Self {
        id.as_str().to_owned()
    }
}

/// Masked, so that a log never holds the whole number.
impl fmt::Debug for TaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::{Cnpj, Cpf, TaxId, TaxIdError, formatted};

    #[test]
    fn cpf_check_digits() {
        assert_eq!(Cpf::parse("529.982.247-25").map(|c| c.masked()), Ok("***.982.247-**".to_owned()));
        assert_eq!(Cpf::parse("52998224726"), Err(TaxIdError::CheckDigits));
        assert_eq!(Cpf::parse("11111111111"), Err(TaxIdError::CheckDigits));
        assert_eq!(Cpf::parse("5299822472"), Err(TaxIdError::Length));
        assert_eq!(Cpf::parse("５2998224725"), Err(TaxIdError::Length));
    }

    #[test]
    fn cnpj_numeric_and_alphanumeric() {
        assert!(Cnpj::parse("11.222.333/0001-81").is_ok());
        // The example of the Receita Federal's note on the alphanumeric form.
        assert_eq!(Cnpj::parse("12abc34501de35").map(|c| c.written()), Ok("12.ABC.345/01DE-35".to_owned()));
        assert_eq!(Cnpj::parse("12.ABC.345/01DE-36"), Err(TaxIdError::CheckDigits));
        assert_eq!(Cnpj::parse("00000000000000"), Err(TaxIdError::CheckDigits));
        assert_eq!(Cnpj::parse("12.ABC.345/01DE-3A"), Err(TaxIdError::Length));
    }

    #[test]
    fn either_is_read_and_never_told_by_a_log() {
        for (text, written) in [
            ("52998224725", "529.982.247-25"),
            ("529.982.247-25", "529.982.247-25"),
            ("11222333000181", "11.222.333/0001-81"),
            ("12abc34501de35", "12.ABC.345/01DE-35"),
        ] {
            let id = TaxId::parse(text).unwrap();
            assert_eq!(id.formatted(), written);
            assert!(!format!("{id:?}").contains(id.as_str()) && format!("{id:?}").contains('*'));
            assert_eq!(serde_json::from_str::<TaxId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
        }
        assert_eq!(TaxId::parse("52998224726"), Err(TaxIdError::CheckDigits));
        assert_eq!(TaxId::parse("11222333000182"), Err(TaxIdError::CheckDigits));
        assert_eq!(TaxId::parse("529982247"), Err(TaxIdError::Length));
    }

    #[test]
    fn signs_come_while_typing() {
        for (typed, written) in [
            ("", ""),
            ("529", "529"),
            ("5299", "529.9"),
            ("529.982.2", "529.982.2"),
            ("5299822472", "529.982.247-2"),
            ("529982247250", "52.998.224/7250"),
            ("12abc3", "12.ABC.3"),
            ("12.abc.345/01de-3599", "12.ABC.345/01DE-35"),
            ("5-2 9é", "529"),
        ] {
            assert_eq!(formatted(typed), written, "{typed}");
            assert_eq!(formatted(&formatted(typed)), written, "once more changes nothing");
        }
    }
}
