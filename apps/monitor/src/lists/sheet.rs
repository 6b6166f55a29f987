//! What a list looks like: its cells as text, filtered and in order; on the screen and in a file alike.

use std::cmp::Ordering;

use tillwatch_desk::tokens::Tone;
use tillwatch_shared::Cents;
use tillwatch_shared::names::fold;

use super::{Context, Filter, Row, Topic};
use crate::lists_texts::{Text, Word};
use crate::{alarm_texts, manage_texts};

/// How a column is headed and how much room it takes.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: Word,
    /// In points; nothing for a share of what is left.
    pub width: f32,
    /// Amounts stand at the right.
    pub right: bool,
    /// Shown in narrow windows as well.
    pub always: bool,
}

impl Column {
    pub(super) const fn wide(name: Text, width: f32) -> Self {
        Self { name: Word::List(name), width, right: false, always: false }
    }

    pub(super) const fn managed(name: manage_texts::Text, width: f32) -> Self {
        Self { name: Word::Manage(name), width, right: false, always: false }
    }

    pub(super) const fn alarm(name: alarm_texts::Text, width: f32) -> Self {
        Self { name: Word::Alarm(name), width, right: false, always: false }
    }

    pub(super) const fn right(self) -> Self {
        Self { right: true, ..self }
    }

    pub(super) const fn always(self) -> Self {
        Self { always: true, ..self }
    }
}

/// By what a cell is put in order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Text(String),
    Number(i64),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub text: String,
    pub tone: Option<Tone>,
    key: Key,
    /// In a file, where that is another text.
    written: Option<String>,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { key: Key::Text(fold(&text)), text, tone: None, written: None }
    }

    /// Ordered by the number.
    pub fn number(text: impl Into<String>, number: i64) -> Self {
        Self { text: text.into(), tone: None, key: Key::Number(number), written: None }
    }

    /// In a file without sign and grouping, so that a spreadsheet can add it up.
    pub fn money(amount: Option<Cents>) -> Self {
        let Some(amount) = amount else { return Self::number("–", i64::MIN) };
        let written = Some(plain_amount(amount));
        Self { written, ..Self::number(amount.to_string(), amount.0) }
    }

    #[must_use]
    pub fn tone(self, tone: impl Into<Option<Tone>>) -> Self {
        Self { tone: tone.into(), ..self }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (&self.key, &other.key) {
            (Key::Text(one), Key::Text(two)) => one.cmp(two),
            (Key::Number(one), Key::Number(two)) => one.cmp(two),
            (Key::Text(_), Key::Number(_)) => Ordering::Greater,
            (Key::Number(_), Key::Text(_)) => Ordering::Less,
        }
    }

    fn holds(&self, folded: &str) -> bool {
        match &self.key {
            Key::Text(own) => own.contains(folded),
            Key::Number(_) => fold(&self.text).contains(folded),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub id: String,
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub lines: Vec<Line>,
    /// What all the lines together come to.
    pub sum: Option<String>,
}

impl Sheet {
    pub fn new(topic: Topic, rows: &[Row], filter: &Filter, context: &Context) -> Self {
        let folded = fold(&filter.text);
        let shown = rows.iter().filter(|row| {
            filter.store.is_none_or(|store| row.is_of(store)) && row.passes(filter.choice, context)
        });
        let mut kept: Vec<(&Row, Line)> = shown
            .map(|row| (row, Line { id: row.id(), cells: row.cells(context) }))
            .filter(|(_, line)| folded.is_empty() || line.cells.iter().any(|cell| cell.holds(&folded)))
            .collect();
        if let Some((column, descending)) = filter.sort.or(topic.usual_sort()) {
            kept.sort_by(|(_, one), (_, two)| {
                let order = match (one.cells.get(column), two.cells.get(column)) {
                    (Some(one), Some(two)) => one.compare(two),
                    (None, _) | (_, None) => Ordering::Equal,
                };
                if descending { order.reverse() } else { order }
            });
        }
        let sum = topic.sum(kept.iter().map(|(row, _)| *row), context);
        Self { lines: kept.into_iter().map(|(_, line)| line).collect(), sum }
    }

    /// As spreadsheets in Brazil read it: UTF-8 with its mark, semicolons.
    pub fn csv(&self, topic: Topic, context: &Context) -> Vec<u8> {
        let mut text = String::from('\u{feff}');
        let names = topic.columns().iter().map(|column| column.name.get(context.lang));
        push_line(&mut text, names);
        for line in &self.lines {
            push_line(&mut text, line.cells.iter().map(|cell| cell.written.as_deref().unwrap_or(&cell.text)));
        }
        text.into_bytes()
    }
}

/// `-1234,56`
fn plain_amount(amount: Cents) -> String {
    let absolute = amount.0.unsigned_abs();
    format!("{}{},{:02}", if amount.0 < 0 { "-" } else { "" }, absolute / 100, absolute % 100)
}

/// A line of a CSV file.
pub(crate) fn push_line<'t>(text: &mut String, cells: impl Iterator<Item = &'t str>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            text.push(';');
        }
        text.push_str(&quoted(cell));
    }
    text.push_str("\r\n");
}

/// Quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe; numbers with a sign
/// are none.
fn quoted(cell: &str) -> String {
    let signed =
        cell.strip_prefix(['-', '+']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) && !signed;
    let guard = if formula { "'" } else { "" };
    if formula || cell.contains([';', ',', '"', '\'', '\n', '\r']) || cell.trim() != cell {
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula_and_stays_one_cell() {
        for (cell, written) in [
            ("Arroz", "Arroz"),
            ("=1+1", "\"'=1+1\""),
            ("-2 cx", "-2 cx"),
            ("-cmd", "\"'-cmd\""),
            ("+5 un", "+5 un"),
            ("+HYPERLINK", "\"'+HYPERLINK\""),
            ("a;b", "\"a;b\""),
            ("diz \"oi\"", "\"diz \"\"oi\"\"\""),
            ("R$ 1.234,56", "\"R$ 1.234,56\""),
        ] {
            assert_eq!(quoted(cell), written, "{cell}");
        }
    }
}
