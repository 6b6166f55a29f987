//! Stock: a balance for each store and product, and the entries that move it. The balance is always the
//! sum of what entries moved less what sales took; `verify` recounts it. How lots take part is in [`lots`].

use rusqlite::{Connection, ErrorCode};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{
    Event, LotName, LotShare, NewStockEntry, Role, StockEntry, StockEntryKind, Unit,
};
use tillwatch_shared::ids::StockEntryId;
use tillwatch_shared::time::DAY;
use tillwatch_shared::{Cents, ProductId, Quantity, UtcMicros};

use super::access::{Caller, Workplace};
use super::lots::Place;
use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, check, lots};

/// What comes in so long after a count it had happened before still belongs before it. What claims to be older
/// has the time of a clock that is wrong, and moves the balance.
const LONGEST_LATE: i64 = 7 * DAY;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnterStock {
    pub entry: NewStockEntry,
}

impl EnterStock {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let field = "quantity_thousandths";
        let entry = &self.entry;
        let quantity = entry.quantity_thousandths;
        match entry.kind {
            StockEntryKind::Receive => check::quantity(field, quantity, false)?,
            StockEntryKind::Count => check::quantity(field, quantity, true)?,
            StockEntryKind::Adjust => {
                check::quantity(field, Quantity(quantity.0.saturating_abs()), true)?;
                if quantity == Quantity::ZERO {
                    return Err(Rejection::invalid(field, Invalid::Zero));
                }
                check::text("reason", entry.reason.as_deref())?
                    .ok_or_else(|| Rejection::invalid("reason", Invalid::Missing))?;
            }
        }
        check::text("reason", entry.reason.as_deref())?;
        if let Some(name) = &entry.lot {
            lots::clean("lot", name)?;
        }
        entry.recorded_at.map_or(Ok(()), |at| check::moment("recorded_at", at))
    }
}

pub(super) fn enter(cx: &Context<'_>, p: &EnterStock) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let store = access::workplace(cx, &caller, p.entry.store_id)?;
    let product = product(cx.db, p.entry.product_id)?;
    let place = Place { store: store.key, product: product.key, position: 0 };
    let quantity = p.entry.quantity_thousandths;
    let lot = p.entry.lot.as_ref().map(|name| lots::clean("lot", name)).transpose()?;
    let lot = lot.as_ref();
    let moved = match p.entry.kind {
        StockEntryKind::Receive | StockEntryKind::Adjust => quantity,
        StockEntryKind::Count => difference(cx.db, place, quantity, lot)?,
    };
    let happened_at = p.entry.recorded_at.unwrap_or(cx.command.client_at);
    // What was counted here is compared with the books as they are now.
    let known_since = Some(happened_at).filter(|_| p.entry.kind != StockEntryKind::Count);
    let shifted = shift(cx, place, moved, lot, known_since)?;
    let entry = keep(cx, p, &caller, &store, product, moved, shifted)?;
    Ok(Applied { event: Event::StockEntered(entry), store: Some(store.id) })
}

/// By how much a count moves. What was counted of a lot says nothing of the rest, unless the books have less
/// than nothing: then the lot is all there is.
fn difference(
    db: &Connection,
    place: Place,
    counted: Quantity,
    lot: Option<&LotName>,
) -> rusqlite::Result<Quantity> {
    let held = balance(db, place)?;
    let known = match lot {
        Some(name) if held >= Quantity::ZERO => lots::balance(db, place, name)?,
        Some(_) | None => held,
    };
    Ok(Quantity(counted.0 - known.0))
}

/// What the rules need to know about a product that is moved.
#[derive(Debug)]
pub struct Goods {
    pub key: i64,
    pub name: String,
    pub unit: Unit,
    pub price: Cents,
}

pub fn product(db: &Connection, id: ProductId) -> Result<Goods, ApplyError> {
    let sql = "SELECT id, name, unit, price_cents FROM product WHERE uid = ?1";
    rows::one(db, sql, [id.0.as_bytes().as_slice()], |row| {
        let (unit, price) = (Unit::from_column(row, 2)?, Cents(row.get(3)?));
        Ok(Goods { key: row.get(0)?, name: row.get(1)?, unit, price })
    })?
    .ok_or_else(|| Rejection::Unknown(Noun::Product).into())
}

/// What a movement did.
#[derive(Debug)]
pub struct Shifted {
    /// The balance then.
    pub after: Quantity,
    /// The lots that the goods went into or came out of.
    pub lots: Vec<LotShare>,
    /// It happened before the last count, which knew it already: the balance stayed.
    pub counted_since: bool,
}

/// Moves goods: the balance, and the lots. Goods that come in without a lot's name have no lot.
/// `happened_at` is absent for what is true now, whenever it was told.
pub fn shift(
    cx: &Context<'_>,
    place: Place,
    moved: Quantity,
    lot: Option<&LotName>,
    happened_at: Option<UtcMicros>,
) -> Result<Shifted, ApplyError> {
    let (after, counted_since) = shift_whole(cx.db, place, moved, happened_at)?;
    let lots = match lot {
        _ if moved < Quantity::ZERO && counted_since => Vec::new(),
        _ if moved < Quantity::ZERO => lots::leave(cx, place, Quantity(-moved.0), lot)?,
        Some(name) => lots::arrive(cx, place, moved, name, after)?,
        None => Vec::new(),
    };
    Ok(Shifted { after, lots, counted_since })
}

/// Moves the balance alone. Returns it, and whether the last count knew the movement already.
pub fn shift_whole(
    db: &Connection,
    place: Place,
    moved: Quantity,
    happened_at: Option<UtcMicros>,
) -> Result<(Quantity, bool), ApplyError> {
    let (after, counted_at) = shift_balance(db, place, moved)?;
    let counted_since = match (happened_at, counted_at) {
        (Some(happened), Some(counted)) => (0..=LONGEST_LATE).contains(&counted.since(happened)),
        (Some(_) | None, _) => false,
    };
    let after = if counted_since { take_back(db, place, moved)? } else { after };
    Ok((after, counted_since))
}

/// Moves a balance and returns what it is then, and when it was counted. It may go below zero: a till that was
/// offline sold what nobody had entered yet, and that sale is a fact.
fn shift_balance(
    db: &Connection,
    place: Place,
    moved: Quantity,
) -> Result<(Quantity, Option<UtcMicros>), ApplyError> {
    let after = rows::one(
        db,
        "INSERT INTO stock (store, product, balance) VALUES (?1, ?2, ?3)
         ON CONFLICT (store, product) DO UPDATE SET balance = balance + excluded.balance
         RETURNING balance, counted_at",
        [place.store, place.product, moved.0],
        |row| Ok((Quantity(row.get(0)?), row.get::<_, Option<i64>>(1)?.map(UtcMicros))),
    );
    match after {
        Ok(after) => Ok(after.unwrap_or_default()),
        Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == ErrorCode::ConstraintViolation => {
            Err(Rejection::BalanceOutOfBounds.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// What was counted already: the last count expected too much, and the balance stays as it was.
fn take_back(db: &Connection, place: Place, moved: Quantity) -> Result<Quantity, ApplyError> {
    rows::run(
        db,
        "UPDATE count_line SET late = late - ?3 WHERE id =
             (SELECT id FROM count_line WHERE store = ?1 AND product = ?2 ORDER BY counted_at DESC, id DESC LIMIT 1)",
        [place.store, place.product, moved.0],
    )?;
    Ok(shift_balance(db, place, Quantity(-moved.0))?.0)
}

pub fn balance(db: &Connection, place: Place) -> rusqlite::Result<Quantity> {
    let balance = rows::one(
        db,
        "SELECT balance FROM stock WHERE store = ?1 AND product = ?2",
        [place.store, place.product],
        |row| row.get(0).map(Quantity),
    )?;
    Ok(balance.unwrap_or_default())
}

fn keep(
    cx: &Context<'_>,
    p: &EnterStock,
    caller: &Caller,
    store: &Workplace,
    product: Goods,
    moved: Quantity,
    shifted: Shifted,
) -> Result<StockEntry, ApplyError> {
    let id = StockEntryId(cx.command.id.0);
    rows::run(
        cx.db,
        "INSERT INTO stock_entry (uid, kind, store, product, moved, seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (id.0.as_bytes().as_slice(), p.entry.kind.word(), store.key, product.key, moved.0, cx.seq),
    )?;
    Ok(StockEntry {
        id,
        number: cx.db.last_insert_rowid(),
        kind: p.entry.kind,
        store_id: store.id,
        store_name: store.name.clone(),
        product_id: p.entry.product_id,
        product_number: product.key,
        product_name: product.name,
        unit: product.unit,
        quantity_thousandths: p.entry.quantity_thousandths,
        moved_thousandths: if shifted.counted_since { Quantity::ZERO } else { moved },
        balance_after_thousandths: shifted.after,
        reason: check::text("reason", p.entry.reason.as_deref())?,
        lots: shifted.lots,
        person_id: caller.id,
        person_name: caller.name.clone(),
        recorded_at: p.entry.recorded_at.unwrap_or(cx.command.client_at),
        received_at: cx.command.server_at,
    })
}
