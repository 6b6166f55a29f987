//! What was sold by product and by payment method, from kept totals as in `reports`: whole months, and days at the
//! edges of a period. The sums and the series are those of the stores.

use std::collections::HashMap;

use rusqlite::{Connection, Row};
use tillwatch_shared::api::{PaymentMethod, ReportGoods, ReportRow, ReportStep, Unit};
use tillwatch_shared::{Cents, Quantity};
use uuid::Uuid;

use super::periods::{Parts, Period};
use super::reports::{Figures, Sold, best_first, by_store, month, row};
use crate::domain::rows::{self, Word};
use crate::domain::totals::{NO_METHOD, NO_PRODUCT};

/// How much of a product was sold and came back, and for how much.
#[derive(Clone, Copy, Debug, Default)]
struct Goods {
    sold: Sold,
    quantity: i64,
    returned: i64,
}

/// The products that were sold in these stores (a JSON array of row keys) or came back there. What has no product has
/// no id and no name.
pub fn by_product(
    db: &Connection,
    stores: &str,
    period: Period,
    step: ReportStep,
) -> rusqlite::Result<Figures> {
    let over_time = by_store(db, stores, period, step)?;
    let mut found: HashMap<i64, Goods> = HashMap::new();
    let tables = [
        "SELECT product, sales, total_cents, returns, returned_cents, quantity, returned_quantity FROM product_day
         WHERE store IN (SELECT value FROM json_each(?1)) AND business_day BETWEEN ?2 AND ?3",
        "SELECT product, sales, total_cents, returns, returned_cents, quantity, returned_quantity FROM product_month
         WHERE store IN (SELECT value FROM json_each(?1)) AND month BETWEEN ?2 AND ?3",
    ];
    each(db, tables, stores, period, |row| {
        let goods = found.entry(row.get(0)?).or_default();
        goods.sold.add(sold(row)?);
        goods.quantity = goods.quantity.saturating_add(row.get(5)?);
        goods.returned = goods.returned.saturating_add(row.get(6)?);
        Ok(())
    })?;
    Ok(Figures { rows: products(db, found)?, ..over_time })
}

fn products(db: &Connection, found: HashMap<i64, Goods>) -> rusqlite::Result<Vec<ReportRow>> {
    let mut statement = db.prepare_cached("SELECT uid, name, unit FROM product WHERE id = ?1")?;
    let mut named = Vec::with_capacity(found.len());
    for (key, Goods { sold, quantity, returned }) in found {
        if key == NO_PRODUCT {
            named.push(row(None, String::new(), sold));
            continue;
        }
        let (id, name, unit): (Uuid, String, Unit) = statement
            .query_row([key], |row| Ok((rows::id(row, 0)?, row.get(1)?, Unit::from_column(row, 2)?)))?;
        let goods = ReportGoods {
            unit,
            quantity_thousandths: Quantity(quantity),
            returned_thousandths: Quantity(returned),
        };
        named.push(ReportRow { goods: Some(goods), ..row(Some(id), name, sold) });
    }
    best_first(&mut named);
    Ok(named)
}

/// How what was sold in these stores was paid, and how what came back was refunded. Rows have no names; one without a
/// method is what did not tell it.
pub fn by_method(
    db: &Connection,
    stores: &str,
    period: Period,
    step: ReportStep,
) -> rusqlite::Result<Figures> {
    let over_time = by_store(db, stores, period, step)?;
    let mut found: HashMap<Option<PaymentMethod>, Sold> = HashMap::new();
    let tables = [
        "SELECT method, sales, total_cents, returns, returned_cents FROM method_day
         WHERE store IN (SELECT value FROM json_each(?1)) AND business_day BETWEEN ?2 AND ?3",
        "SELECT method, sales, total_cents, returns, returned_cents FROM method_month
         WHERE store IN (SELECT value FROM json_each(?1)) AND month BETWEEN ?2 AND ?3",
    ];
    each(db, tables, stores, period, |row| {
        let told = row.get_ref(0)?.as_str()? != NO_METHOD;
        let method = told.then(|| PaymentMethod::from_column(row, 0)).transpose()?;
        found.entry(method).or_default().add(sold(row)?);
        Ok(())
    })?;
    let of_method = |(method, sold)| ReportRow { method, ..row(None, String::new(), sold) };
    let mut methods: Vec<ReportRow> = found.into_iter().map(of_method).collect();
    // In the order of the list of methods, where two brought the same.
    let place = |row: &ReportRow| PaymentMethod::ALL.iter().position(|method| Some(*method) == row.method);
    methods.sort_by_key(|row| place(row).unwrap_or(PaymentMethod::ALL.len()));
    best_first(&mut methods);
    Ok(Figures { rows: methods, ..over_time })
}

/// Sales and returns in the columns after the first.
fn sold(row: &Row<'_>) -> rusqlite::Result<Sold> {
    Ok(Sold {
        sales: row.get(1)?,
        total_cents: Cents(row.get(2)?),
        returns: row.get(3)?,
        returned_cents: Cents(row.get(4)?),
    })
}

/// Calls `each` with the rows of a period: those of days and those of whole months.
fn each(
    db: &Connection,
    [days, months]: [&str; 2],
    stores: &str,
    period: Period,
    mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let parts: Parts = period.parts();
    let mut run = |sql: &str, from: String, to: String| -> rusqlite::Result<()> {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query((stores, from, to))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    };
    for (from, to) in parts.days.into_iter().flatten() {
        run(days, from.to_string(), to.to_string())?;
    }
    parts.months.map_or(Ok(()), |(from, to)| run(months, month(from), month(to)))
}
