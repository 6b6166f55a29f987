//! Counts. Counting takes an hour and is sent later still, while sales go on, so each line is compared with what
//! the books had *when it was counted*:
//!
//! - What the device knew of the change feed then (`seen_seq`) had happened before.
//! - Of what the server took later, what happened after the count, by the clock of the device that did it, is
//!   taken out of the comparison.
//! - What happened before the count and comes in only after it (a till that was offline) is known to the count
//!   already: it does not move the balance again, but corrects what the count's line expected
//!   ([`super::stock::shift`], column `late`). This holds for a week; what claims to be older comes from a
//!   clock that is wrong.
//! - A product that is counted lot by lot stands for the moment of its latest line ([`super::lot_counts`]).
//! - Of two counts of one product the one that was made later decides, whichever comes in first.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Count, CountLine, Event, Goods, LotName, NewCount, NewCountLine, Role};
use tillwatch_shared::ids::CountId;
use tillwatch_shared::limits::COUNT_LINES;
use tillwatch_shared::time::DAY;
use tillwatch_shared::{Cents, ProductId, Quantity, UtcMicros};

use super::access::{Caller, Workplace};
use super::lot_counts::{self, Shelves};
use super::lots::{self, Place};
use super::rejection::{ApplyError, Invalid, Rejection};
use super::{Applied, Context, access, check, rows, stock};
use crate::ledger::journal;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordCount {
    pub count: NewCount,
    /// Whether earlier counts with a time of the future stand for when they came in. Counts that older releases
    /// took did not look at that, and play again as they did.
    #[serde(default, skip_serializing_if = "is_not")]
    pub none_of_the_future: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_not(told: &bool) -> bool {
    !*told
}

impl RecordCount {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let count = &self.count;
        if count.lines.is_empty() {
            return Err(Rejection::invalid("lines", Invalid::Missing));
        }
        check::count("lines", count.lines.len(), COUNT_LINES)?;
        check::moment("started_at", count.started_at)?;
        check::text("note", count.note.as_deref())?;
        let mut seen: HashSet<(ProductId, Option<LotName>)> = HashSet::new();
        for (position, line) in count.lines.iter().enumerate() {
            let field = |name: &str| format!("lines.{position}.{name}");
            check::quantity(field("counted_thousandths"), line.counted_thousandths, true)?;
            check::moment(field("counted_at"), line.counted_at)?;
            if let Some(seq) = line.seen_seq {
                check::range(field("seen_seq"), seq, 0, i64::MAX)?;
            }
            let lot = line.lot.as_ref().map(|name| lots::clean(&field("lot"), name)).transpose()?;
            let repeated = if lot.is_some() { "lot" } else { "product_id" };
            if !seen.insert((line.product_id, lot)) {
                return Err(Rejection::invalid(field(repeated), Invalid::Repeated));
            }
        }
        Ok(())
    }
}

pub(super) fn record(cx: &Context<'_>, p: &RecordCount) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let store = access::workplace(cx, &caller, p.count.store_id)?;
    let key = insert(cx, &p.count, &caller, &store)?;
    let mut count = Count {
        id: CountId(cx.command.id.0),
        number: key,
        store_id: store.id,
        store_name: store.name.clone(),
        person_id: caller.id,
        person_name: caller.name.clone(),
        started_at: p.count.started_at,
        received_at: cx.command.server_at,
        note: check::text("note", p.count.note.as_deref())?,
        lines: Vec::with_capacity(p.count.lines.len()),
        worth_cents: Cents::ZERO,
    };
    let later = Later::of(cx, store.key, p)?;
    for found in Found::all(&p.count.lines)? {
        let line = take(cx, key, store.key, &found, &later)?;
        count.worth_cents = Cents(count.worth_cents.0.saturating_add(line.worth_cents.0));
        count.lines.push(line);
    }
    Ok(Applied { event: Event::StockCounted(count), store: Some(store.id) })
}

fn insert(cx: &Context<'_>, count: &NewCount, caller: &Caller, store: &Workplace) -> Result<i64, ApplyError> {
    rows::run(
        cx.db,
        "INSERT INTO stock_count (uid, store, person, started_at, seq) VALUES (?1, ?2, ?3, ?4, ?5)",
        (cx.command.id.0.as_bytes().as_slice(), store.key, caller.key, count.started_at.0, cx.seq),
    )?;
    Ok(cx.db.last_insert_rowid())
}

/// What was found of a product.
struct Found<'a> {
    /// The place of its first line.
    position: usize,
    /// Its latest line, for the moment of which it stands.
    line: &'a NewCountLine,
    counted: Quantity,
    /// Of its lots, if it was counted lot by lot.
    lots: Vec<(LotName, Quantity)>,
}

impl<'a> Found<'a> {
    /// In the order in which the products come.
    fn all(lines: &'a [NewCountLine]) -> Result<Vec<Self>, Rejection> {
        let mut places: HashMap<ProductId, usize> = HashMap::new();
        let mut all: Vec<Self> = Vec::with_capacity(lines.len());
        for (position, line) in lines.iter().enumerate() {
            let place = *places.entry(line.product_id).or_insert(all.len());
            if place == all.len() {
                all.push(Self { position, line, counted: Quantity::ZERO, lots: Vec::new() });
            }
            let Some(found) = all.get_mut(place) else { continue };
            found.counted.0 += line.counted_thousandths.0;
            if line.counted_at >= found.line.counted_at {
                found.line = line;
            }
            if let Some(name) = &line.lot {
                found.lots.push((lots::clean("lines.lot", name)?, line.counted_thousandths));
            }
        }
        Ok(all)
    }
}

/// One product: what was expected at its moment, and by how much the balance moves.
fn take(
    cx: &Context<'_>,
    count: i64,
    store: i64,
    found: &Found<'_>,
    later: &Later,
) -> Result<CountLine, ApplyError> {
    let line = found.line;
    let product = stock::product(cx.db, line.product_id)?;
    let place = Place { store, product: product.key, position: found.position };
    // A device whose clock is ahead has not counted in the future.
    let at = line.counted_at.min(cx.command.server_at);
    let expected = Quantity(stock::balance(cx.db, place)?.0 - later.moved(product.key, line, at).0);
    let difference = Quantity(found.counted.0 - expected.0);
    let mut told = CountLine {
        product_id: line.product_id,
        product_number: product.key,
        product_name: product.name,
        unit: product.unit,
        counted_thousandths: found.counted,
        counted_at: line.counted_at,
        expected_thousandths: expected,
        difference_thousandths: difference,
        balance_after_thousandths: Quantity::ZERO,
        unit_price_cents: product.price,
        worth_cents: worth(product.price, difference),
        lots: Vec::new(),
    };
    if found.lots.is_empty() {
        told.balance_after_thousandths = stock::shift(cx, place, difference, None, Some(at))?.after;
        keep(cx, count, place, &told, at)?;
        return Ok(told);
    }
    let shelves = Shelves::of(cx, place, &found.lots, &later.moved_lots(product.key, line, at))?;
    let (after, counted_since) = stock::shift_whole(cx.db, place, difference, Some(at))?;
    told.balance_after_thousandths = after;
    shelves.keep(cx.db, keep(cx, count, place, &told, at)?)?;
    told.lots = shelves.told();
    lot_counts::tell_rest(&mut told);
    // Of two counts the later one has said what is in the lots.
    if !counted_since {
        shelves.set(cx, place, after)?;
    }
    Ok(told)
}

/// The line's row, and its key.
fn keep(
    cx: &Context<'_>,
    count: i64,
    place: Place,
    told: &CountLine,
    at: UtcMicros,
) -> Result<i64, ApplyError> {
    let Place { store, product, position } = place;
    let (counted, expected) = (told.counted_thousandths.0, told.expected_thousandths.0);
    rows::run(
        cx.db,
        "INSERT INTO count_line (count, position, store, product, counted, counted_at, expected)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (count, position as i64, store, product, counted, at.0, expected),
    )?;
    let line = cx.db.last_insert_rowid();
    rows::run(
        cx.db,
        "UPDATE stock SET counted_at = max(coalesce(counted_at, ?3), ?3) WHERE store = ?1 AND product = ?2",
        [store, product, at.0],
    )?;
    Ok(line)
}

/// A difference at the price of one unit.
pub fn worth(price: Cents, difference: Quantity) -> Cents {
    // A balance may be large beyond reason; its worth is then held at the bound.
    price.times(difference).unwrap_or(Cents(if difference.0 < 0 { i64::MIN } else { i64::MAX }))
}

/// Of each product: the journal row, the lot, and by how much it moved.
type LotMoves = HashMap<i64, Vec<(i64, i64, i64)>>;

/// What moved in a store after it was counted, or may have.
struct Later {
    /// Where the journal ended for devices that do not say it: a day before the earliest of their counts.
    by_clock: i64,
    /// Of each product: the journal row, and by how much it moved.
    moves: HashMap<i64, Vec<(i64, i64)>>,
    /// None where nothing was counted lot by lot.
    lots: LotMoves,
    events: HashMap<i64, Event>,
    none_of_the_future: bool,
}

impl Later {
    fn of(cx: &Context<'_>, store: i64, p: &RecordCount) -> Result<Self, ApplyError> {
        let lines = &p.count.lines;
        let unseen = lines.iter().filter(|line| line.seen_seq.is_none()).map(|line| line.counted_at).min();
        let by_clock = unseen.map_or(Ok(cx.seq), |at| end_before(cx.db, at.plus(-DAY)))?;
        let seen = lines.iter().filter_map(|line| line.seen_seq).min().unwrap_or(by_clock);
        let first = seen.min(by_clock);
        let mut moves: HashMap<i64, Vec<(i64, i64)>> = HashMap::new();
        rows::all(
            cx.db,
            "SELECT product, seq, sum(quantity) FROM movement WHERE store = ?1 AND seq > ?2 GROUP BY product, seq",
            [store, first],
            |row| {
                moves.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?));
                Ok(())
            },
        )?;
        let lots = if lines.iter().any(|line| line.lot.is_some()) {
            moves_of_lots(cx.db, store, first)?
        } else {
            LotMoves::new()
        };
        let events = rows::all(
            cx.db,
            "SELECT seq, outcome FROM journal
             WHERE seq IN (SELECT seq FROM movement WHERE store = ?1 AND seq > ?2)",
            [store, first],
            |row| Ok((row.get(0)?, journal::event(row, 1)?)),
        )?;
        let (events, none_of_the_future) = (events.into_iter().collect(), p.none_of_the_future);
        Ok(Self { by_clock, moves, lots, events, none_of_the_future })
    }

    /// When these goods moved. A device whose clock is ahead has not counted in the future, there as in [`take`].
    fn moment(&self, goods: Goods<'_>, product: ProductId) -> UtcMicros {
        let told = goods.happened_at(product);
        match goods {
            Goods::Counted(count) if self.none_of_the_future => told.min(count.received_at),
            Goods::Counted(_) | Goods::Sold(_) | Goods::Entered(_) | Goods::Returned(_) | Goods::Moved(_) => {
                told
            }
        }
    }

    /// Whether that journal row is of after the line's moment `at`.
    fn is_after(&self, seq: i64, line: &NewCountLine, at: UtcMicros) -> bool {
        let known = line.seen_seq.unwrap_or(self.by_clock);
        let goods = self.events.get(&seq).and_then(Event::goods);
        seq > known && goods.is_some_and(|goods| self.moment(goods, line.product_id) > at)
    }

    /// By how much the product moved after the line's moment `at`.
    fn moved(&self, product: i64, line: &NewCountLine, at: UtcMicros) -> Quantity {
        let moves = self.moves.get(&product).map(Vec::as_slice).unwrap_or_default();
        let later = moves.iter().filter(|(seq, _)| self.is_after(*seq, line, at));
        Quantity(later.map(|(_, moved)| moved).sum())
    }

    /// By how much its lots did, by their row keys.
    fn moved_lots(&self, product: i64, line: &NewCountLine, at: UtcMicros) -> HashMap<i64, i64> {
        let moves = self.lots.get(&product).map(Vec::as_slice).unwrap_or_default();
        let mut moved = HashMap::new();
        for (_, lot, by) in moves.iter().filter(|(seq, ..)| self.is_after(*seq, line, at)) {
            *moved.entry(*lot).or_default() += by;
        }
        moved
    }
}

/// What lots of the store moved after this journal row, by product.
fn moves_of_lots(db: &Connection, store: i64, after: i64) -> rusqlite::Result<LotMoves> {
    let mut moves = LotMoves::new();
    rows::all(
        db,
        "SELECT product, seq, lot.id, moved FROM lot_movement JOIN lot ON lot.id = lot_movement.lot
         WHERE seq > ?2 AND store = ?1",
        [store, after],
        |row| {
            moves.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?, row.get(3)?));
            Ok(())
        },
    )?;
    Ok(moves)
}

/// The last journal row of before this moment.
fn end_before(db: &Connection, at: UtcMicros) -> rusqlite::Result<i64> {
    let sql = "SELECT seq FROM journal WHERE server_at <= ?1 ORDER BY seq DESC LIMIT 1";
    Ok(rows::one(db, sql, [at.0], |row| row.get(0))?.unwrap_or(0))
}
