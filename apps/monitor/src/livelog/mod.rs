//! The live log: sales and stock entries in the order the server took them, bounded, filtered, and held
//! still while somebody reads. Loading them is `update::feed`'s work.

mod filter;
mod names;
mod row;
#[cfg(test)]
mod tests;

use std::collections::{HashSet, VecDeque};

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::Event;
use uuid::Uuid;

use self::filter::Test;
pub use self::filter::{Filter, KindFilter};
pub use self::names::NameId;
use self::names::Names;
pub use self::row::{Line, Row, What};

/// Rows that are kept; the oldest leave first. About 60 MB when every row is a sale of three lines.
pub const MOST_ROWS: usize = 200_000;

/// Rows are numbered in the order they stand; older ones that are loaded later get negative numbers.
#[derive(Debug, Default)]
pub struct Log {
    names: Names,
    rows: VecDeque<Row>,
    /// The number of the oldest row.
    first: i64,
    ids: HashSet<Uuid>,
    filter: Filter,
    /// Numbers of the rows that pass the filter, ascending.
    passing: VecDeque<i64>,
    /// Held: rows from this number on wait.
    held_from: Option<i64>,
}

impl Log {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn name(&self, id: NameId) -> &str {
        self.names.text(id)
    }

    /// What goes on top of the log, newest first.
    pub fn shown_len(&self) -> usize {
        match self.held_from {
            None => self.passing.len(),
            Some(held) => self.passing.partition_point(|n| *n < held),
        }
    }

    /// The `index`th row of the screen, counted from the newest, with its number.
    pub fn shown(&self, index: usize) -> Option<(i64, &Row)> {
        let place = self.shown_len().checked_sub(index + 1)?;
        let number = *self.passing.get(place)?;
        Some((number, self.row(number)?))
    }

    /// Where on the screen the row with that number stands.
    pub fn place_of(&self, number: i64) -> Option<usize> {
        let place = self.passing.binary_search(&number).ok()?;
        self.shown_len().checked_sub(place + 1)
    }

    /// The newest rows, whatever the filter.
    pub fn newest(&self, count: usize) -> impl Iterator<Item = &Row> {
        self.rows.iter().rev().take(count)
    }

    fn row(&self, number: i64) -> Option<&Row> {
        usize::try_from(number - self.first).ok().and_then(|i| self.rows.get(i))
    }

    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    pub fn set_filter(&mut self, filter: Filter) {
        if filter == self.filter {
            return;
        }
        self.filter = filter;
        let test = Test::new(&self.filter);
        let numbered = (self.first..).zip(&self.rows);
        self.passing =
            numbered.filter(|(_, row)| test.passes(&self.names, row)).map(|(number, _)| number).collect();
    }

    pub const fn is_held(&self) -> bool {
        self.held_from.is_some()
    }

    /// Stops the rows from moving; those that come wait.
    pub fn hold(&mut self) {
        if self.held_from.is_none() {
            self.held_from = Some(self.end());
        }
    }

    pub const fn release(&mut self) {
        self.held_from = None;
    }

    /// Rows that came since it is held and pass the filter.
    pub fn waiting(&self) -> usize {
        self.passing.len() - self.shown_len()
    }

    fn end(&self) -> i64 {
        self.first.saturating_add(i64::try_from(self.rows.len()).unwrap_or(i64::MAX))
    }

    /// A sale or stock entry that came now; anything else, and what is here already, is passed over.
    pub fn append(&mut self, seq: i64, event: &Event, arrived_at: Option<UtcMicros>) -> bool {
        let Some(row) = Row::new(&mut self.names, seq, event, arrived_at) else { return false };
        if !self.ids.insert(row.id) {
            return false;
        }
        let number = self.end();
        if Test::new(&self.filter).passes(&self.names, &row) {
            self.passing.push_back(number);
        }
        self.rows.push_back(row);
        if self.rows.len() > MOST_ROWS {
            self.drop_oldest();
        }
        true
    }

    /// Older rows, ascending by seq; taken from the newest back while there is room.
    pub fn prepend<'e>(&mut self, older: impl DoubleEndedIterator<Item = (i64, &'e Event)>) -> usize {
        let mut taken = 0;
        for (seq, event) in older.rev() {
            if self.rows.len() >= MOST_ROWS {
                break;
            }
            let Some(row) = Row::new(&mut self.names, seq, event, None) else { continue };
            if !self.ids.insert(row.id) {
                continue;
            }
            self.first -= 1;
            if Test::new(&self.filter).passes(&self.names, &row) {
                self.passing.push_front(self.first);
            }
            self.rows.push_front(row);
            taken += 1;
        }
        taken
    }

    pub fn clear(&mut self) {
        let filter = std::mem::take(&mut self.filter);
        *self = Self { filter, ..Self::default() };
    }

    fn drop_oldest(&mut self) {
        if let Some(row) = self.rows.pop_front() {
            self.ids.remove(&row.id);
            if self.passing.front() == Some(&self.first) {
                self.passing.pop_front();
            }
            self.first += 1;
        }
    }
}
