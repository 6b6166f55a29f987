//! The pages of the log: where the next readings go, and which pages are free again.
//!
//! A page is a row of `log_page` that fills a page of the file. The last one is written again with every
//! commit until it is full; the next one is a page whose readings are all packed, or a new one.

use std::collections::VecDeque;

use rusqlite::{Connection, params};

use super::super::log::{self, LOG_ROW_BYTES};
use super::super::row::Row;

/// Readings in a page.
const PAGE_READINGS: usize = 86;

#[derive(Clone, Debug, Default)]
pub(super) struct LogPages {
    /// The page that has room, if there is one.
    open: Option<Page>,
    /// Full pages in the order of their ids.
    full: VecDeque<Full>,
    free: Vec<i64>,
    /// The highest number in use.
    highest: i64,
}

#[derive(Clone, Debug)]
struct Page {
    number: i64,
    first_id: i64,
    bytes: Vec<u8>,
}

impl Page {
    /// The id that its next reading has.
    fn next_id(&self) -> i64 {
        self.first_id + (self.bytes.len() / LOG_ROW_BYTES) as i64
    }
}

#[derive(Clone, Copy, Debug)]
struct Full {
    number: i64,
    last_id: i64,
}

/// What a transaction has written, to be told to [`LogPages`] after the commit.
#[derive(Debug, Default)]
pub(super) struct Written {
    open: Option<Page>,
    full: Vec<Full>,
    from_free: usize,
    added: i64,
}

impl Written {
    pub fn pages(&self) -> usize {
        self.full.len() + usize::from(self.open.is_some())
    }
}

impl LogPages {
    /// While the file is opened: a page that is there, in the order of their ids, and whether any of its
    /// readings is still to be packed.
    pub fn found(&mut self, number: i64, last_id: i64, needed: bool) {
        self.highest = self.highest.max(number);
        if needed {
            self.full.push_back(Full { number, last_id });
        } else {
            self.free.push(number);
        }
    }

    /// Writes readings whose ids are above the last ones'. In a page they count up one by one, so where some are
    /// missing a new page begins. Nothing is changed here until the commit.
    pub fn write(&self, connection: &Connection, rows: &[(u32, Row)]) -> rusqlite::Result<Written> {
        let mut written = Written::default();
        let mut page = self.open.clone();
        let mut rest = rows;
        while let Some((_, first)) = rest.first() {
            if let Some(left) = page.take_if(|page| page.next_id() != first.id) {
                written.full.push(Full { number: left.number, last_id: left.next_id() - 1 });
            }
            let mut filling = page.take().unwrap_or_else(|| self.next(&mut written, first.id));
            let room = PAGE_READINGS - filling.bytes.len() / LOG_ROW_BYTES;
            let fits = rest.len().min(room);
            let in_turn = (first.id..).zip(rest.iter().take(fits)).take_while(|(id, (_, row))| row.id == *id);
            let (here, later) = rest.split_at(in_turn.count());
            filling.bytes.extend(log::encode(here));
            let sql = "INSERT OR REPLACE INTO log_page (number, first_id, rows) VALUES (?1, ?2, ?3)";
            let values = params![filling.number, filling.first_id, filling.bytes];
            connection.prepare_cached(sql)?.execute(values)?;
            match here.last() {
                Some((_, last)) if here.len() == room || !later.is_empty() => {
                    written.full.push(Full { number: filling.number, last_id: last.id });
                }
                _ => written.open = Some(filling),
            }
            rest = later;
        }
        Ok(written)
    }

    fn next(&self, written: &mut Written, first_id: i64) -> Page {
        let from_free = self.free.iter().rev().nth(written.from_free).copied();
        let number = if let Some(number) = from_free {
            written.from_free += 1;
            number
        } else {
            written.added += 1;
            self.highest + written.added
        };
        Page { number, first_id, bytes: Vec::with_capacity(PAGE_READINGS * LOG_ROW_BYTES) }
    }

    /// After the commit.
    pub fn publish(&mut self, written: Written) {
        if written.pages() == 0 {
            return;
        }
        self.free.truncate(self.free.len().saturating_sub(written.from_free));
        self.highest += written.added;
        self.full.extend(written.full);
        self.open = written.open;
    }

    /// After a round of packing: the readings up to this id are in blocks.
    pub fn release(&mut self, packed_id: i64) {
        while let Some(page) = self.full.pop_front_if(|page| page.last_id <= packed_id) {
            self.free.push(page.number);
        }
    }

    /// Deletes free pages above what is kept for the next readings. Gives how many, to be told to
    /// [`forget`](Self::forget) after the commit.
    pub fn trim(&self, connection: &Connection, keep_readings: usize) -> rusqlite::Result<usize> {
        let surplus = self.free.len().saturating_sub(keep_readings / PAGE_READINGS + 1);
        let mut delete = connection.prepare_cached("DELETE FROM log_page WHERE number = ?1")?;
        for number in self.free.iter().rev().take(surplus) {
            delete.execute([number])?;
        }
        Ok(surplus)
    }

    pub fn forget(&mut self, deleted: usize) {
        self.free.truncate(self.free.len().saturating_sub(deleted));
    }
}
