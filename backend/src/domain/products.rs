//! Products: one name, one code, one price (price lists are in `prices`).

use std::sync::LazyLock;

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, NewProduct, Product, ProductChange, Role, Unit};
use tillwatch_shared::limits::CODE_CHARS;
use tillwatch_shared::{Cents, ProductId, Quantity, UtcMicros, barcode, names};

use super::rejection::{ApplyError, Noun, Rejection, Taken};
use super::rows::{self, Word};
use super::{Applied, Context, access, check, prices};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddProduct {
    pub product: NewProduct,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeProduct {
    pub product_id: ProductId,
    pub change: ProductChange,
}

impl AddProduct {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let p = &self.product;
        check::name("name", &p.name)?;
        code("code", p.code.as_deref())?;
        check::price("price_cents", p.price_cents)?;
        check::quantity("minimum_thousandths", p.minimum_thousandths, true)
    }
}

impl ChangeProduct {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let p = &self.change;
        if let Some(name) = &p.name {
            check::name("name", name)?;
        }
        code("code", p.code.as_deref())?;
        check::price("price_cents", p.price_cents.unwrap_or_default())?;
        check::quantity("minimum_thousandths", p.minimum_thousandths.unwrap_or_default(), true)
    }
}

pub(super) fn add(cx: &Context<'_>, p: &AddProduct) -> Result<Applied, ApplyError> {
    access::caller_or_server(cx, Role::Seller)?;
    let p = &p.product;
    let name = check::name("name", &p.name)?;
    let code = code("code", p.code.as_deref())?;
    free(cx.db, -1, Some(&name), code.as_deref())?;
    let id = ProductId(cx.command.id.0);
    rows::run(
        cx.db,
        "INSERT INTO product (uid, name, name_folded, code, unit, price_cents, minimum, created_at, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        (
            id.0.as_bytes().as_slice(),
            &name,
            names::fold(&name),
            code,
            p.unit.word(),
            p.price_cents.0,
            p.minimum_thousandths.0,
            cx.command.server_at.0,
        ),
    )?;
    Ok(Applied { event: Event::ProductAdded(load(cx.db, id)?), store: None })
}

pub(super) fn change(cx: &Context<'_>, p: &ChangeProduct) -> Result<Applied, ApplyError> {
    access::caller(cx, Role::Manager)?;
    let key = rows::key_of(cx.db, "SELECT id FROM product WHERE uid = ?1", &p.product_id.0, Noun::Product)?;
    let change = &p.change;
    let name = change.name.as_deref().map(|name| check::name("name", name)).transpose()?;
    let new_code = code("code", change.code.as_deref())?;
    free(cx.db, key, name.as_deref(), new_code.as_deref())?;
    rows::run(
        cx.db,
        "UPDATE product SET name = coalesce(?2, name), name_folded = coalesce(?3, name_folded),
             code = CASE WHEN ?4 THEN ?5 ELSE code END, unit = coalesce(?6, unit),
             price_cents = coalesce(?7, price_cents), minimum = coalesce(?8, minimum),
             active = coalesce(?9, active), changed_at = ?10
         WHERE id = ?1",
        (
            key,
            &name,
            name.as_deref().map(names::fold),
            change.code.is_some(),
            new_code,
            change.unit.map(Word::word),
            change.price_cents.map(|c| c.0),
            change.minimum_thousandths.map(|q| q.0),
            change.active,
            cx.command.server_at.0,
        ),
    )?;
    Ok(Applied { event: Event::ProductChanged(load(cx.db, p.product_id)?), store: None })
}

/// The columns of the product table from which [`from_row`] makes a product.
pub static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let prices = prices::COLUMN;
    format!("id, uid, name, code, unit, price_cents, minimum, active, created_at, changed_at, {prices}")
});

/// From the [`COLUMNS`] of the product table.
pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Product> {
    Ok(Product {
        number: row.get(0)?,
        id: ProductId(rows::id(row, 1)?),
        name: row.get(2)?,
        code: row.get(3)?,
        unit: Unit::from_column(row, 4)?,
        price_cents: Cents(row.get(5)?),
        minimum_thousandths: Quantity(row.get(6)?),
        active: row.get(7)?,
        created_at: UtcMicros(row.get(8)?),
        changed_at: UtcMicros(row.get(9)?),
        price_lists: prices::from_column(row, 10)?,
    })
}

pub fn load(db: &Connection, id: ProductId) -> Result<Product, ApplyError> {
    let sql = format!("SELECT {} FROM product WHERE uid = ?1", *COLUMNS);
    rows::one(db, &sql, [id.0.as_bytes().as_slice()], from_row)?
        .ok_or_else(|| Rejection::Unknown(Noun::Product).into())
}

/// A code as it is kept; an empty one is none.
fn code(field: &'static str, code: Option<&str>) -> Result<Option<String>, Rejection> {
    match code.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => check::bounded(field, text, CODE_CHARS).map(|text| Some(barcode::normalise(&text))),
    }
}

/// No other product has this name or code.
fn free(db: &Connection, own_key: i64, name: Option<&str>, code: Option<&str>) -> Result<(), ApplyError> {
    let used = |sql, value: &str| rows::one(db, sql, (own_key, value), |_| Ok(()));
    if let Some(name) = name
        && used("SELECT 1 FROM product WHERE id <> ?1 AND name_folded = ?2", &names::fold(name))?.is_some()
    {
        return Err(Rejection::Taken(Taken::Name).into());
    }
    if let Some(code) = code
        && used("SELECT 1 FROM product WHERE id <> ?1 AND code = ?2", code)?.is_some()
    {
        return Err(Rejection::Taken(Taken::Code).into());
    }
    Ok(())
}
