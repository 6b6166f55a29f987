//! How wide the columns of a table are.

use super::words::Style;
use super::{Drawing, MM, Table};

/// Between a column's edge and what stands in it.
pub(super) const PADDING: f32 = 3.0;
/// What a column of words may claim where there is not room for all.
const WORDS: f32 = 170.0;
/// What a column of words keeps, however little room there is.
const LEAST: f32 = 42.0;

/// A head up to this wide stands on one line.
const HEAD: f32 = 64.0;

/// One column of a [`Table`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    pub head: String,
    /// Figures stand at the right and are never broken.
    pub right: bool,
    /// At least as wide, in millimetres: room to write by hand.
    pub least: f32,
}

impl Column {
    /// Of words.
    pub fn words(head: impl Into<String>) -> Self {
        Self { head: head.into(), ..Self::default() }
    }

    /// Of figures.
    pub fn figures(head: impl Into<String>) -> Self {
        Self { right: true, ..Self::words(head) }
    }

    /// To be filled in by hand.
    pub fn by_hand(head: impl Into<String>, least: f32) -> Self {
        Self { least, ..Self::words(head) }
    }
}

/// What each column would take if there were room: its widest cell, or its head.
pub(super) fn natural(drawing: &Drawing, table: &Table, body: Style, strong: Style) -> Vec<f32> {
    let mut widths: Vec<f32> = Vec::with_capacity(table.columns.len());
    for (place, column) in table.columns.iter().enumerate() {
        let whole = strong.width(drawing, &column.head).min(HEAD);
        let head = column.head.split_whitespace().map(|word| strong.width(drawing, word)).chain([whole]);
        let cells =
            table.rows.iter().filter_map(|row| row.get(place)).map(|cell| cell_width(drawing, cell, body));
        let sum = table.sum.get(place).map(|cell| strong.width(drawing, cell));
        let widest = head.chain(cells).chain(sum).fold(0.0, f32::max);
        widths.push((widest + 2.0 * PADDING).max(column.least * MM));
    }
    widths
}

/// Of a text without end only the beginning is measured: it is cut anyway.
fn cell_width(drawing: &Drawing, cell: &str, style: Style) -> f32 {
    const LETTERS: usize = 200;
    let end = cell.char_indices().nth(LETTERS).map_or(cell.len(), |(place, _)| place);
    style.width(drawing, cell.get(..end).unwrap_or_default())
}

/// Whether the table needs a sheet on its side.
pub(super) fn is_wide(table: &Table, natural: &[f32], room: f32) -> bool {
    let claim = |(column, width): (&Column, &f32)| if column.right { *width } else { width.min(WORDS) };
    table.columns.iter().zip(natural).map(claim).sum::<f32>() > room
}

/// The columns share the room: what is left over goes to words, and words give way first.
pub(super) fn shared(table: &Table, natural: &[f32], room: f32) -> Vec<f32> {
    let columns = || table.columns.iter().zip(natural.iter().copied());
    let all: f32 = natural.iter().sum();
    let words: f32 = columns().filter(|(column, _)| !column.right).map(|(_, width)| width).sum();
    if all <= room {
        let spare = room - all;
        let part = |right: bool, width: f32| match (words > 0.0, right) {
            (true, true) => 0.0,
            (true, false) => width / words,
            (false, _) => width / all,
        };
        return columns().map(|(column, width)| width + spare * part(column.right, width)).collect();
    }
    let figures = all - words;
    let most = level(columns().filter(|(column, _)| !column.right).map(|(_, width)| width), room - figures);
    let widths: Vec<f32> =
        columns().map(|(column, width)| if column.right { width } else { width.min(most) }).collect();
    let taken: f32 = widths.iter().sum();
    // Figures alone may be too wide; all are narrowed then.
    let share = (room / taken).min(1.0);
    widths.into_iter().map(|width| width * share).collect()
}

/// The width at which wider columns are cut off so that all together have the room.
fn level(widths: impl Iterator<Item = f32>, room: f32) -> f32 {
    let mut widths: Vec<f32> = widths.collect();
    widths.sort_by(f32::total_cmp);
    let mut left = room;
    let count = widths.len();
    for (place, width) in widths.into_iter().enumerate() {
        let share = left / (count - place) as f32;
        if width >= share {
            return share.max(LEAST);
        }
        left -= width;
    }
    LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rights: &[bool]) -> Table {
        let column = |right: &bool| Column { right: *right, ..Column::default() };
        Table { columns: rights.iter().map(column).collect(), ..Table::default() }
    }

    #[test]
    fn words_take_what_is_left_and_give_way_first() {
        let table = table(&[false, true, false]);
        assert_eq!(shared(&table, &[100.0, 50.0, 50.0], 350.0), [200.0, 50.0, 100.0]);
        assert_eq!(shared(&table, &[300.0, 50.0, 60.0], 250.0), [140.0, 50.0, 60.0]);
        assert_eq!(shared(&table, &[300.0, 50.0, 300.0], 250.0), [100.0, 50.0, 100.0]);
        // Figures wider than the paper.
        let tight = shared(&table, &[300.0, 400.0, 300.0], 250.0);
        assert!((tight.iter().sum::<f32>() - 250.0).abs() < 0.1, "{tight:?}");
        assert!(is_wide(&table, &[300.0, 400.0, 300.0], 500.0));
        assert!(!is_wide(&table, &[900.0, 100.0, 900.0], 500.0), "words can be broken");
    }

    #[test]
    fn figures_alone_fill_the_paper() {
        assert_eq!(shared(&table(&[true, true]), &[50.0, 150.0], 400.0), [100.0, 300.0]);
    }
}
