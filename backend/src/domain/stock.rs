//! Stock: a balance for each store and product, and the entries that move it. The balance is always the
//! sum of what entries moved less what sales took; `verify` recounts it.

use rusqlite::{Connection, ErrorCode};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, NewStockEntry, Role, StockEntry, StockEntryKind, Unit};
use tillwatch_shared::ids::StockEntryId;
use tillwatch_shared::{ProductId, Quantity};

use super::access::{Caller, Workplace};
use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::rows::{self, Word};
use super::{Applied, Context, access, check};

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
        entry.recorded_at.map_or(Ok(()), |at| check::moment("recorded_at", at))
    }
}

pub(super) fn enter(cx: &Context<'_>, p: &EnterStock) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let store = access::workplace(cx, &caller, p.entry.store_id)?;
    let product = product(cx.db, p.entry.product_id)?;
    let moved = match p.entry.kind {
        StockEntryKind::Receive | StockEntryKind::Adjust => p.entry.quantity_thousandths,
        StockEntryKind::Count => {
            Quantity(p.entry.quantity_thousandths.0 - balance(cx.db, store.key, product.key)?.0)
        }
    };
    let after = shift(cx.db, store.key, product.key, moved)?;
    let entry = keep(cx, p, &caller, &store, product, moved, after)?;
    Ok(Applied { event: Event::StockEntered(entry), store: Some(store.id) })
}

/// What the rules need to know about a product that is moved.
#[derive(Debug)]
pub struct Goods {
    pub key: i64,
    pub name: String,
    pub unit: Unit,
}

pub fn product(db: &Connection, id: ProductId) -> Result<Goods, ApplyError> {
    rows::one(db, "SELECT id, name, unit FROM product WHERE uid = ?1", [id.0.as_bytes().as_slice()], |row| {
        Ok(Goods { key: row.get(0)?, name: row.get(1)?, unit: Unit::from_column(row, 2)? })
    })?
    .ok_or_else(|| Rejection::Unknown(Noun::Product).into())
}

/// Moves a balance and returns what it is then. It may go below zero: a till that was offline sold what
/// nobody had entered yet, and that sale is a fact.
pub fn shift(db: &Connection, store: i64, product: i64, moved: Quantity) -> Result<Quantity, ApplyError> {
    let after = rows::one(
        db,
        "INSERT INTO stock (store, product, balance) VALUES (?1, ?2, ?3)
         ON CONFLICT (store, product) DO UPDATE SET balance = balance + excluded.balance
         RETURNING balance",
        [store, product, moved.0],
        |row| row.get(0).map(Quantity),
    );
    match after {
        Ok(after) => Ok(after.unwrap_or_default()),
        Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == ErrorCode::ConstraintViolation => {
            Err(Rejection::BalanceOutOfBounds.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn balance(db: &Connection, store: i64, product: i64) -> rusqlite::Result<Quantity> {
    let balance = rows::one(
        db,
        "SELECT balance FROM stock WHERE store = ?1 AND product = ?2",
        [store, product],
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
    after: Quantity,
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
        moved_thousandths: moved,
        balance_after_thousandths: after,
        reason: check::text("reason", p.entry.reason.as_deref())?,
        person_id: caller.id,
        person_name: caller.name.clone(),
        recorded_at: p.entry.recorded_at.unwrap_or(cx.command.client_at),
        received_at: cx.command.server_at,
    })
}
