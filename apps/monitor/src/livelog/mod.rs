//! The live log: sales, returns, stock entries, what happens to the drawers, alarms and sign-ins, in the order the
//! server took them, bounded, filtered, and held still while somebody reads. Loading them is the work of `update::feed` and
//! `update::past`.

mod filter;
mod head;
mod names;
mod row;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use tillwatch_shared::api::{Change, Event};
use tillwatch_shared::{Cents, UtcMicros};
use uuid::Uuid;

use self::filter::Test;
pub use self::filter::{Filter, KindFilter};
use self::head::NOTHING;
pub use self::names::NameId;
use self::names::Names;
pub use self::row::{Line, Portion, Row, SignIn, Told, What};

/// Rows that are kept; those at the other end leave first. About 60 MB when every row is a sale of three lines.
pub const MOST_ROWS: usize = 200_000;

/// An event as the log takes it.
#[derive(Clone, Copy, Debug)]
pub struct News<'e> {
    /// Its place in the journal.
    pub seq: i64,
    /// When the server took it.
    pub at: UtcMicros,
    pub event: &'e Event,
}

impl<'e> From<&'e Change> for News<'e> {
    fn from(change: &'e Change) -> Self {
        Self { seq: change.seq, at: change.server_at, event: &change.event }
    }
}

/// Rows are numbered in the order they stand; older ones that are loaded later get negative numbers.
#[derive(Debug)]
pub struct Log {
    /// Rows that are kept at most.
    room: usize,
    names: Names,
    /// Who did what is here, or was.
    people: BTreeSet<Box<str>>,
    rows: VecDeque<Row>,
    /// The number of the oldest row.
    first: i64,
    /// Places in the journal of the rows that are here.
    seqs: HashSet<i64>,
    /// What came back of sales, by their ids, as far as the log knows.
    returned: HashMap<Uuid, Returned>,
    /// Places in the journal of the returns in there. One that leaves at the newer end stays: its sale may be here.
    counted: HashSet<i64>,
    left: Left,
    filter: Filter,
    /// Numbers of the rows that pass the filter, ascending.
    passing: VecDeque<i64>,
    /// Held: rows from this number on wait.
    held_from: Option<i64>,
}

/// Places in the journal of the last rows that left at either end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    pub oldest: Option<i64>,
    pub newest: Option<i64>,
}

impl Default for Log {
    fn default() -> Self {
        Self::with_room(MOST_ROWS)
    }
}

/// What came back of a sale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    pub total: Cents,
    pub void: bool,
    returns: u32,
}

impl Log {
    /// A log that keeps so many rows.
    pub fn with_room(room: usize) -> Self {
        Self {
            room,
            names: Names::default(),
            people: BTreeSet::new(),
            rows: VecDeque::new(),
            first: 0,
            seqs: HashSet::new(),
            returned: HashMap::new(),
            counted: HashSet::new(),
            left: Left::default(),
            filter: Filter::default(),
            passing: VecDeque::new(),
            held_from: None,
        }
    }

    pub fn is_full(&self) -> bool {
        self.rows.len() >= self.room
    }

    /// What has left since this was asked before.
    pub fn take_left(&mut self) -> Left {
        std::mem::take(&mut self.left)
    }

    /// What came back of the sale in this row, if anything.
    pub fn returned(&self, row: &Row) -> Option<Returned> {
        self.returned.get(&row.id).copied()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Rows that pass the filter, whether they are shown yet or wait.
    pub fn passing_len(&self) -> usize {
        self.passing.len()
    }

    /// Who can be filtered by, in the order of the names.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        self.people.iter().map(|name| &**name)
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

    /// The number of the row with that place in the journal.
    pub fn number_of(&self, seq: i64) -> Option<i64> {
        (self.first..).zip(&self.rows).find(|(_, row)| row.seq == seq).map(|(number, _)| number)
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

    /// Nothing that is here waits: what was read forward is no news.
    pub fn hold_all(&mut self) {
        if self.is_held() {
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

    /// Something that happened now. What has no row, and what is here already, is passed over.
    pub fn append(&mut self, news: News<'_>, arrived_at: Option<UtcMicros>) -> bool {
        let Some(row) = Row::new(&mut self.names, news, arrived_at) else { return false };
        if !self.seqs.insert(row.seq) {
            return false;
        }
        self.note_person(&row);
        self.note_return(&row);
        let number = self.end();
        if Test::new(&self.filter).passes(&self.names, &row) {
            self.passing.push_back(number);
        }
        self.rows.push_back(row);
        if self.rows.len() > self.room {
            self.drop_oldest();
        }
        true
    }

    /// Older rows, ascending by seq. Where there is no room the newest ones leave. How many pass the filter.
    pub fn prepend<'e>(&mut self, older: impl DoubleEndedIterator<Item = News<'e>>) -> usize {
        let mut passing = 0;
        for news in older.rev() {
            let Some(row) = Row::new(&mut self.names, news, None) else { continue };
            if !self.seqs.insert(row.seq) {
                continue;
            }
            self.note_person(&row);
            self.note_return(&row);
            self.first -= 1;
            if Test::new(&self.filter).passes(&self.names, &row) {
                self.passing.push_front(self.first);
                passing += 1;
            }
            self.rows.push_front(row);
            if self.rows.len() > self.room {
                self.drop_newest();
            }
        }
        passing
    }

    fn note_person(&mut self, row: &Row) {
        let name = self.names.text(row.person);
        if name != NOTHING && !self.people.contains(name) {
            self.people.insert(name.into());
        }
    }

    fn note_return(&mut self, row: &Row) {
        if let What::Return { sale_id, total, void, .. } = &row.what
            && self.counted.insert(row.seq)
        {
            let known = self.returned.entry(*sale_id).or_default();
            known.total = Cents(known.total.0.saturating_add(total.0));
            known.void |= *void;
            known.returns += 1;
        }
    }

    /// The return leaves the log; its sale, which is older, has left before it.
    fn forget_return(&mut self, row: &Row) {
        let What::Return { sale_id, total, .. } = &row.what else { return };
        self.counted.remove(&row.seq);
        let left = self.returned.get_mut(sale_id).map(|known| {
            known.total = Cents(known.total.0.saturating_sub(total.0));
            known.returns -= 1;
            known.returns
        });
        if left == Some(0) {
            self.returned.remove(sale_id);
        }
    }

    pub fn clear(&mut self) {
        let filter = std::mem::take(&mut self.filter);
        *self = Self { filter, ..Self::with_room(self.room) };
    }

    fn drop_oldest(&mut self) {
        if let Some(row) = self.rows.pop_front() {
            self.seqs.remove(&row.seq);
            self.left.oldest = Some(row.seq);
            self.forget_return(&row);
            if self.passing.front() == Some(&self.first) {
                self.passing.pop_front();
            }
            self.first += 1;
        }
    }

    fn drop_newest(&mut self) {
        if let Some(row) = self.rows.pop_back() {
            self.seqs.remove(&row.seq);
            self.left.newest = Some(row.seq);
            if self.passing.back() == Some(&self.end()) {
                self.passing.pop_back();
            }
        }
    }
}
