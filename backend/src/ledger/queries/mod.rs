//! Questions to the ledger, one file per noun. They run on read-only connections.

pub mod accounts;
pub mod alarms;
pub mod annotations;
pub mod calibrations;
pub mod cash;
pub mod changes;
pub mod compared;
pub mod coordination;
pub mod counts;
pub mod drawers;
pub mod feeds;
pub mod goods_and_methods;
pub mod keys;
pub mod levels;
pub mod lots;
pub mod people;
pub mod periods;
pub mod products;
pub mod reports;
pub mod returns;
pub mod sales;
pub mod sensors;
pub mod stock;
pub mod stores;
pub mod tills;
pub mod transfers;
pub mod viewer;

use tillwatch_shared::api::Page;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Where the page before ended.
    pub after: Option<i64>,
    pub limit: u32,
    /// Newest first; `after` then leads to older rows.
    pub newest_first: bool,
}

impl Slice {
    /// The rows of this slice, as bounds of an ascending or descending key.
    pub(crate) fn bounds(self) -> (i64, i64) {
        match (self.newest_first, self.after) {
            (false, after) => (after.unwrap_or(i64::MIN), i64::MAX),
            (true, after) => (i64::MIN, after.unwrap_or(i64::MAX)),
        }
    }

    pub(crate) const fn direction(self) -> &'static str {
        if self.newest_first { "DESC" } else { "ASC" }
    }

    /// Makes a page of rows that were asked for with one more than the limit.
    pub(crate) fn page<T>(self, rows: Vec<(i64, T)>) -> Page<T> {
        let limit = self.limit as usize;
        let more = rows.len() > limit;
        let mut next = None;
        let items = rows
            .into_iter()
            .take(limit)
            .map(|(key, item)| {
                next = Some(key);
                item
            })
            .collect();
        Page { items, next: next.filter(|_| more) }
    }
}
