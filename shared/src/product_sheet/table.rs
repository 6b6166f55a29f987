//! Rows of cells out of a text, and back: RFC 4180, with any separator and any end of lines. No text is wrong: a
//! quote that is never closed makes a long cell.

use std::iter::Peekable;
use std::str::Chars;

/// A row of cells without the blanks around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// On which it begins, from 1.
    pub line: u64,
    pub cells: Vec<String>,
}

impl Record {
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

/// The rows of a text.
#[derive(Debug)]
pub struct Records<'t> {
    chars: Peekable<Chars<'t>>,
    separator: char,
    line: u64,
}

/// `line` is the number of the text's first line.
pub fn records(text: &str, separator: char, line: u64) -> Records<'_> {
    Records { chars: text.chars().peekable(), separator, line }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.chars.peek()?;
        let line = self.line;
        let mut cells = Vec::new();
        let mut goes_on = true;
        while goes_on {
            let (cell, more) = self.cell();
            cells.push(cell);
            goes_on = more;
        }
        Some(Record { line, cells })
    }
}

impl Records<'_> {
    /// The next cell, and whether another one follows in its row.
    fn cell(&mut self) -> (String, bool) {
        let mut cell = String::new();
        let (mut inside, mut closed) = (false, false);
        let mut more = false;
        while let Some(next) = self.chars.next() {
            match next {
                '"' if inside && self.chars.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' if inside => (inside, closed) = (false, true),
                '"' if !closed && cell.trim().is_empty() => {
                    inside = true;
                    cell.clear();
                }
                '\n' | '\r' if !inside => {
                    let _ = next == '\r' && self.chars.next_if_eq(&'\n').is_some();
                    self.line += 1;
                    break;
                }
                _ if next == self.separator && !inside => {
                    more = true;
                    break;
                }
                _ => {
                    self.line += u64::from(next == '\n');
                    cell.push(next);
                }
            }
        }
        (cell.trim().to_owned(), more)
    }
}

/// A line of cells between semicolons, with its end.
pub fn line(cells: &[String]) -> String {
    let quoted = |cell: &String| {
        let special = cell.contains([';', '"', '\n', '\r']) || cell.trim() != cell;
        if special { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    let cells: Vec<String> = cells.iter().map(quoted).collect();
    cells.join(";") + "\r\n"
}
