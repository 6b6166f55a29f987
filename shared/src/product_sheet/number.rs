//! Numbers as spreadsheets write them: `12,50`, `12.50`, `1.234,56`, `1,234.56`, `R$ 12`. Which sign begins the
//! decimals is told by the number itself, else by the rest of the file.

use crate::api::ImportFaultCode;
use crate::{Cents, Quantity};

/// What begins the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Comma,
    Point,
}

/// The marks that numbers of a file are written with beyond doubt.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    comma: bool,
    point: bool,
}

impl Mark {
    const fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Comma => Self::Point,
            Self::Point => Self::Comma,
        }
    }
}

impl Marks {
    pub fn note(&mut self, cell: &str) {
        match certain(bare(cell)) {
            Some(Mark::Comma) => self.comma = true,
            Some(Mark::Point) => self.point = true,
            None => {}
        }
    }

    /// What begins the decimals of a number that does not tell: a comma, as in Brazil, unless the file has points.
    const fn usual(self) -> Option<Mark> {
        match (self.comma, self.point) {
            (true, true) => None,
            (false, true) => Some(Mark::Point),
            (true | false, false) => Some(Mark::Comma),
        }
    }
}

/// Without a currency before it and a unit behind it.
fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    let cell = cell.strip_prefix("R$").unwrap_or(cell).trim_start();
    cell.trim_end_matches(char::is_alphabetic).trim_end()
}

/// The mark of a number that can be read in one way only.
fn certain(number: &str) -> Option<Mark> {
    let mark = match (number.rfind(','), number.rfind('.')) {
        (None, None) => return None,
        (Some(comma), Some(point)) => return Some(if comma > point { Mark::Comma } else { Mark::Point }),
        (Some(_), None) => Mark::Comma,
        (None, Some(_)) => Mark::Point,
    };
    let mut parts = number.split(mark.sign());
    let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if parts.next().is_some() {
        // Twice: so it groups thousands.
        return Some(mark.other());
    }
    let digits = whole.trim_start_matches('-');
    let may_group = fraction.len() == 3 && (1..=3).contains(&digits.len()) && !digits.starts_with('0');
    (!may_group).then_some(mark)
}

/// The number as it is written in Brazil, with as few decimals as it has.
fn brazilian(cell: &str, marks: Marks) -> Result<(String, usize), ImportFaultCode> {
    let number = bare(cell);
    let plain = !number.contains([',', '.']);
    let mark = certain(number).or(if plain { Some(Mark::Comma) } else { marks.usual() });
    let mark = mark.ok_or(ImportFaultCode::Ambiguous)?;
    let (whole, fraction) = number.split_once(mark.sign()).unwrap_or((number, ""));
    if fraction.contains(mark.other().sign()) {
        return Err(ImportFaultCode::NotANumber);
    }
    let whole = whole.replace(mark.other().sign(), ".");
    let fraction = fraction.trim_end_matches('0');
    Ok((if fraction.is_empty() { whole } else { format!("{whole},{fraction}") }, fraction.len()))
}

/// An amount of money, up to `most`.
pub fn money(cell: &str, marks: Marks, most: Cents) -> Result<Cents, (ImportFaultCode, String)> {
    let (text, decimals) = brazilian(cell, marks).map_err(|code| (code, String::new()))?;
    let value = Cents::parse(&text).ok().map(|cents| cents.0);
    bounded(value, decimals, 2, most.0, || most.plain()).map(Cents)
}

/// A quantity, up to `most`.
pub fn quantity(cell: &str, marks: Marks, most: Quantity) -> Result<Quantity, (ImportFaultCode, String)> {
    let (text, decimals) = brazilian(cell, marks).map_err(|code| (code, String::new()))?;
    let value = Quantity::parse(&text).ok().map(|quantity| quantity.0);
    bounded(value, decimals, 3, most.0, || most.to_string()).map(Quantity)
}

fn bounded(
    value: Option<i64>,
    decimals: usize,
    most_decimals: usize,
    most: i64,
    told: impl FnOnce() -> String,
) -> Result<i64, (ImportFaultCode, String)> {
    match value {
        Some(value) if value < 0 => Err((ImportFaultCode::Negative, String::new())),
        Some(value) if value > most => Err((ImportFaultCode::TooLarge, told())),
        Some(value) => Ok(value),
        None if decimals > most_decimals => Err((ImportFaultCode::Decimals, most_decimals.to_string())),
        None => Err((ImportFaultCode::NotANumber, String::new())),
    }
}
