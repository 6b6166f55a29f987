//! What single cells say.

use jiff::civil::Date;

use crate::api::{ImportFaultCode, Unit};
use crate::names;

/// What a spreadsheet would take for a formula begins with these; with the apostrophe, what is guarded already.
const GUARDED: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\''];

/// A text as it was meant: without what keeps a spreadsheet from making a number or a formula of it. Blank cells,
/// and those with a dash alone, say nothing.
pub fn text(cell: &str) -> Option<&str> {
    let cell = cell.trim();
    if let Some(inner) = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return Some(inner.trim()).filter(|inner| !inner.is_empty());
    }
    if let Some(guarded) = cell.strip_prefix('\'').filter(|rest| is_guarded(rest)) {
        return Some(guarded);
    }
    Some(cell).filter(|cell| !matches!(*cell, "" | "-" | "–"))
}

/// The opposite of [`text`].
pub fn guard(text: &str) -> String {
    if is_guarded(text) { format!("'{text}") } else { text.to_owned() }
}

/// Whether a text is written with an apostrophe before it. One with an apostrophe of its own gets a second one.
fn is_guarded(text: &str) -> bool {
    text.starts_with(GUARDED) || text == "–"
}

/// Whether a spreadsheet has made a rounded number of a code: `7,89E+12`.
pub fn is_rounded(code: &str) -> bool {
    let Some((mantissa, exponent)) = code.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once([',', '.']).unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && exponent.strip_prefix('+').is_some_and(digits)
}

pub fn unit(cell: &str) -> Result<Unit, ImportFaultCode> {
    match names::fold(cell).trim_end_matches('.') {
        "un" | "und" | "unid" | "unidade" | "unidades" | "unit" | "piece" | "pc" | "pca" | "peca" | "ea" => {
            Ok(Unit::Un)
        }
        "kg" | "quilo" | "quilograma" | "kilo" => Ok(Unit::Kg),
        "g" | "gr" | "grama" | "gramas" => Ok(Unit::G),
        "l" | "lt" | "litro" | "litros" | "liter" | "litre" => Ok(Unit::L),
        "ml" | "mililitro" => Ok(Unit::Ml),
        "m" | "mt" | "metro" | "metros" | "meter" | "metre" => Ok(Unit::M),
        "cx" | "caixa" | "caixas" | "box" => Ok(Unit::Cx),
        "pct" | "pc t" | "pacote" | "pacotes" | "packet" | "pack" => Ok(Unit::Pct),
        _ => Err(ImportFaultCode::Unit),
    }
}

pub fn yes_or_no(cell: &str) -> Result<bool, ImportFaultCode> {
    match names::fold(cell).as_str() {
        "sim" | "s" | "yes" | "y" | "1" | "ativo" | "ativa" | "active" | "true" | "verdadeiro" => Ok(true),
        "nao" | "n" | "no" | "0" | "inativo" | "inativa" | "inactive" | "parado" | "false" | "falso" => {
            Ok(false)
        }
        _ => Err(ImportFaultCode::YesOrNo),
    }
}

/// `31/12/2026` or `2026-12-31`, in the years in which prices may be.
pub fn day(cell: &str) -> Result<Date, ImportFaultCode> {
    let date = cell.parse::<Date>().or_else(|_| Date::strptime("%d/%m/%Y", cell));
    date.ok().filter(|date| (1970..=2199).contains(&date.year())).ok_or(ImportFaultCode::Day)
}

/// As people in Brazil write it.
pub fn written_day(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}
