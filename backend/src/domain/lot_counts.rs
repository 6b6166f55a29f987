//! Counting lot by lot. Such a product is counted as a whole like any other ([`super::counts`]): its lines are added up,
//! and the balance moves by the difference to what the books had at the moment of the latest of them. Then each lot
//! is set to what was found of it, with what the books moved of it since.
//!
//! The books may have taken goods out of the wrong lot since: they knew other lots than were found. What a lot
//! cannot have given went out of what expires first, as in [`super::lots`].

use std::collections::HashMap;

use rusqlite::Connection;
use tillwatch_shared::Quantity;
use tillwatch_shared::api::{CountLine, CountedLot, LotName};

use super::lots::{self, Held, Place};
use super::rejection::ApplyError;
use super::{Context, rows};

/// A lot of the product, in the order in which lots are sold.
#[derive(Debug)]
pub(super) struct Shelf {
    lot: Held,
    counted: i64,
    /// By how much the books moved it after the count.
    later: i64,
}

/// What of a product was found in its lots; what its line has beyond that has no lot.
#[derive(Debug)]
pub(super) struct Shelves(Vec<Shelf>);

impl Shelves {
    /// The lots that were found, those that the books have, and those that they had (`later`, by row keys).
    pub fn of(
        cx: &Context<'_>,
        place: Place,
        found: &[(LotName, Quantity)],
        later: &HashMap<i64, i64>,
    ) -> Result<Self, ApplyError> {
        let mut counted: HashMap<i64, i64> = HashMap::new();
        for (name, quantity) in found {
            *counted.entry(lots::key(cx, place, name)?).or_default() += quantity.0;
        }
        let had = |lot: &Held| {
            lot.balance != 0
                || counted.contains_key(&lot.key)
                || later.get(&lot.key).is_some_and(|it| *it != 0)
        };
        let all = lots::all(cx.db, place)?.into_iter().filter(had);
        let of = |moves: &HashMap<i64, i64>, lot: &Held| moves.get(&lot.key).copied().unwrap_or_default();
        Ok(Self(all.map(|lot| Shelf { counted: of(&counted, &lot), later: of(later, &lot), lot }).collect()))
    }

    /// What was found, against what the books had then.
    pub fn told(&self) -> Vec<CountedLot> {
        let told = |shelf: &Shelf| CountedLot {
            lot_id: Some(shelf.lot.id),
            code: shelf.lot.name.code.clone(),
            expires_on: shelf.lot.name.expires_on,
            counted_thousandths: Quantity(shelf.counted),
            expected_thousandths: Quantity(shelf.lot.balance - shelf.later),
        };
        self.0.iter().map(told).collect()
    }

    /// Keeps that with the line of the count (a row key).
    pub fn keep(&self, db: &Connection, line: i64) -> rusqlite::Result<()> {
        let sql = "INSERT INTO count_lot (line, lot, counted, expected) VALUES (?1, ?2, ?3, ?4)";
        for Shelf { lot, counted, later } in &self.0 {
            rows::run(db, sql, [line, lot.key, *counted, lot.balance - later])?;
        }
        Ok(())
    }

    /// Sets the lots to what is in them now, of which the store holds `after`.
    pub fn set(self, cx: &Context<'_>, place: Place, after: Quantity) -> rusqlite::Result<()> {
        let found: Vec<(i64, i64)> = self.0.iter().map(|shelf| (shelf.counted, shelf.later)).collect();
        for (shelf, held) in self.0.into_iter().zip(held_now(&found, after.0)) {
            lots::set(cx, place, shelf.lot, held)?;
        }
        Ok(())
    }
}

/// What lots hold of which so much was found and moved since, when lots and goods without one come to `after`
/// together.
fn held_now(found: &[(i64, i64)], after: i64) -> Vec<i64> {
    let sums = || found.iter().map(|(counted, later)| counted + later);
    let without_lot = after - sums().sum::<i64>();
    // What lots, or the goods without one, cannot have given.
    let mut missing = sums().chain([without_lot]).map(|sum| -sum.min(0)).sum::<i64>();
    let mut held: Vec<i64> = sums().map(|sum| sum.max(0)).collect();
    for held in &mut held {
        let taken = missing.clamp(0, *held);
        *held -= taken;
        missing -= taken;
    }
    held
}

/// Says what of a line has no lot: what its lots leave over. What comes in late is expected of that.
pub fn tell_rest(line: &mut CountLine) {
    line.lots.retain(|lot| lot.lot_id.is_some());
    if line.lots.is_empty() {
        return;
    }
    let sum = |of: fn(&CountedLot) -> Quantity| line.lots.iter().map(|lot| of(lot).0).sum::<i64>();
    let rest = CountedLot {
        lot_id: None,
        code: None,
        expires_on: None,
        counted_thousandths: Quantity(line.counted_thousandths.0 - sum(|lot| lot.counted_thousandths)),
        expected_thousandths: Quantity(line.expected_thousandths.0 - sum(|lot| lot.expected_thousandths)),
    };
    if rest.counted_thousandths != Quantity::ZERO || rest.expected_thousandths != Quantity::ZERO {
        line.lots.push(rest);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_lot_holds_what_was_found_and_what_moved_since() {
        for (found, after, expected) in [
            // Nothing moved since.
            (vec![(5, 0), (3, 0)], 8, vec![5, 3]),
            // The rest has no lot.
            (vec![(5, 0), (3, 0)], 10, vec![5, 3]),
            // Two were sold, which the books took out of the first.
            (vec![(5, -2), (3, 0)], 6, vec![3, 3]),
            // The books took them out of goods without a lot, of which nothing was found.
            (vec![(5, 0), (3, 0)], 6, vec![3, 3]),
            // The books took them out of a lot of which nothing was found.
            (vec![(0, -6), (4, 0), (3, 0)], 1, vec![0, 0, 1]),
            // Some came in since.
            (vec![(5, 0), (0, 4)], 9, vec![5, 4]),
            // The same, with goods that have no lot: these are sold last.
            (vec![(0, -2), (4, 0)], 5, vec![0, 2]),
            // More was sold than was there.
            (vec![(5, 0), (3, 0)], -2, vec![0, 0]),
        ] {
            assert_eq!(held_now(&found, after), expected, "{found:?}");
        }
    }

    proptest! {
        #[test]
        fn lots_hold_no_more_than_the_store(
            found in prop::collection::vec((0..1000_i64, -1500..1500_i64), 0..6), rest in -3000..3000_i64
        ) {
            let after = found.iter().map(|(counted, later)| counted + later).sum::<i64>() + rest;
            let held = held_now(&found, after);
            prop_assert!(held.iter().all(|held| *held >= 0));
            prop_assert!(held.iter().sum::<i64>() <= after.max(0));
            if rest >= 0 && found.iter().all(|(counted, later)| counted + later >= 0) {
                let sums: Vec<i64> = found.iter().map(|(counted, later)| counted + later).collect();
                prop_assert_eq!(held, sums);
            }
        }
    }
}
