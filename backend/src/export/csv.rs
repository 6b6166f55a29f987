//! CSV as spreadsheets in Brazil read it: UTF-8 with its mark, semicolons, and lines that end as RFC 4180
//! says. A text that a spreadsheet would take for a formula gets an apostrophe before it.

use tillwatch_shared::Cents;

use super::{Cell, Table, day, decimal};
use crate::language::Language;

const SEPARATOR: char = ';';

pub fn write(table: &Table, language: Language) -> Vec<u8> {
    let mut text = String::from('\u{feff}');
    let headings: Vec<Cell> =
        table.headings.iter().map(|heading| Cell::Text((*heading).to_owned())).collect();
    line(&mut text, &headings, language);
    for row in &table.rows {
        line(&mut text, row, language);
    }
    line(&mut text, &table.sum, language);
    text.into_bytes()
}

fn line(text: &mut String, cells: &[Cell], language: Language) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            text.push(SEPARATOR);
        }
        match cell {
            Cell::Text(words) => text.push_str(&quoted(words)),
            Cell::Count(count) => text.push_str(&count.to_string()),
            Cell::Money(cents) => text.push_str(&amount(*cents, language)),
            Cell::Date(date) => text.push_str(&day(*date, language)),
            Cell::Decimal(value, places) => text.push_str(&decimal(*value, *places, language)),
            Cell::Empty => {}
        }
    }
    text.push_str("\r\n");
}

/// Without grouping: `1234,56` in Portuguese, `1234.56` in English.
fn amount(cents: Cents, language: Language) -> String {
    let sign = if cents.0 < 0 { "-" } else { "" };
    let point = language.pick(",", ".");
    let absolute = cents.0.unsigned_abs();
    format!("{sign}{}{point}{:02}", absolute / 100, absolute % 100)
}

/// Safe against formulas, and quoted where it must be.
fn quoted(words: &str) -> String {
    let formula = words.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guard = if formula { "'" } else { "" };
    let special = formula || words.contains([SEPARATOR, ',', '"', '\'', '\n', '\r']) || words.trim() != words;
    if special { format!("\"{guard}{}\"", words.replace('"', "\"\"")) } else { words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_becomes_a_formula() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(quoted("-2+3\"x\""), "\"'-2+3\"\"x\"\"\"");
        assert_eq!(quoted("a;b"), "\"a;b\"");
        assert_eq!(quoted("Loja Centro"), "Loja Centro");
    }

    #[test]
    fn amounts_are_exact() {
        assert_eq!(amount(Cents(123_456), Language::Portuguese), "1234,56");
        assert_eq!(amount(Cents(-5), Language::English), "-0.05");
    }
}
