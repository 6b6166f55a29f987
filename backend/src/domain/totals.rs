//! Kept totals, from which reports are answered: each sale and each return adds to them in its own transaction, and
//! `verify` recounts them.

use std::collections::BTreeMap;

use tillwatch_shared::api::{Payment, PaymentMethod, Return, ReturnLine, Sale};
use tillwatch_shared::{Cents, Quantity};

use super::Context;
use super::rows::{self, Word};

/// What a sale counts for: the row keys of store, seller and approver, and the hour of the store's day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub store: i64,
    pub person: i64,
    pub hour: i8,
    pub approver: Option<i64>,
}

/// Adds a sale whose lines are of these products (row keys).
pub(super) fn add_sale(
    cx: &Context<'_>,
    place: Place,
    sale: &Sale,
    products: &[i64],
) -> rusqlite::Result<()> {
    let Place { store, person, hour, approver: _ } = place;
    for sql in TOTALS {
        rows::run(cx.db, sql, (store, person, &sale.business_day, hour, sale.total_cents.0))?;
    }
    let lines = products.iter().zip(&sale.lines).map(|(product, line)| {
        (*product, line.quantity_thousandths, Cents(line.total_cents.0 - line.share_cents.0))
    });
    let at = (store, &*sale.business_day);
    add_products(cx, at, PRODUCTS_SOLD, by_product(lines, sale.total_cents))?;
    add_methods(cx, at, METHODS_PAID, by_method(&sale.payments, sale.total_cents, sale.change_cents))
}

/// Adds a return of what this person had sold; its lines have the row keys of their products.
pub(super) fn add_return(
    cx: &Context<'_>,
    (store, seller, hour): (i64, i64, i8),
    back: &Return,
    lines: &[(i64, ReturnLine)],
) -> rusqlite::Result<()> {
    rows::run(
        cx.db,
        "INSERT INTO return_total (store, business_day, person, hour, returns, returned_cents)
         VALUES (?1, ?2, ?3, ?4, 1, ?5)
         ON CONFLICT (store, business_day, person, hour)
         DO UPDATE SET returns = returns + 1, returned_cents = returned_cents + excluded.returned_cents",
        (store, &back.business_day, seller, hour, back.total_cents.0),
    )?;
    let lines = lines.iter().map(|(product, line)| (*product, line.quantity_thousandths, line.total_cents));
    let at = (store, &*back.business_day);
    add_products(cx, at, PRODUCTS_BACK, by_product(lines, back.total_cents))?;
    add_methods(cx, at, METHODS_BACK, by_method(&back.refunds, back.total_cents, Cents::ZERO))
}

/// What stands for a product where only the amount is told.
pub const NO_PRODUCT: i64 = 0;
/// What stands for the method where none is told.
pub const NO_METHOD: &str = "";

/// Quantity and money of each product; all of the money without one where there are no lines.
fn by_product(
    lines: impl Iterator<Item = (i64, Quantity, Cents)>,
    total: Cents,
) -> BTreeMap<i64, (i64, i64)> {
    let mut found: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (product, quantity, cents) in lines {
        let (quantities, money) = found.entry(product).or_default();
        *quantities += quantity.0;
        *money += cents.0;
    }
    if found.is_empty() {
        found.insert(NO_PRODUCT, (0, total.0));
    }
    found
}

/// Money by method, less the change, which came out of the cash.
fn by_method(payments: &[Payment], total: Cents, change: Cents) -> BTreeMap<&'static str, i64> {
    let mut found: BTreeMap<&'static str, i64> = BTreeMap::new();
    for payment in payments {
        *found.entry(payment.method.word()).or_default() += payment.amount_cents.0;
    }
    if let Some(cash) = found.get_mut(PaymentMethod::Cash.word()) {
        *cash -= change.0;
    }
    if found.is_empty() {
        found.insert(NO_METHOD, total.0);
    }
    found
}

/// One more sale or return of a product, in the tables of days and of months. Parameters: store, business day,
/// product, quantity, centavos.
const PRODUCTS_SOLD: [&str; 2] = [
    "INSERT INTO product_day VALUES (?1, ?2, ?3, 1, ?4, ?5, 0, 0, 0) ON CONFLICT (store, business_day, product)
     DO UPDATE SET sales = sales + 1, quantity = quantity + ?4, total_cents = total_cents + ?5",
    "INSERT INTO product_month VALUES (?1, substr(?2, 1, 7), ?3, 1, ?4, ?5, 0, 0, 0) ON CONFLICT (store, month, product)
     DO UPDATE SET sales = sales + 1, quantity = quantity + ?4, total_cents = total_cents + ?5",
];
const PRODUCTS_BACK: [&str; 2] = [
    "INSERT INTO product_day VALUES (?1, ?2, ?3, 0, 0, 0, 1, ?4, ?5) ON CONFLICT (store, business_day, product)
     DO UPDATE SET returns = returns + 1, returned_quantity = returned_quantity + ?4, returned_cents = returned_cents + ?5",
    "INSERT INTO product_month VALUES (?1, substr(?2, 1, 7), ?3, 0, 0, 0, 1, ?4, ?5) ON CONFLICT (store, month, product)
     DO UPDATE SET returns = returns + 1, returned_quantity = returned_quantity + ?4, returned_cents = returned_cents + ?5",
];

/// The same of a payment method. Parameters: store, business day, method, centavos.
const METHODS_PAID: [&str; 2] = [
    "INSERT INTO method_day VALUES (?1, ?2, ?3, 1, ?4, 0, 0) ON CONFLICT (store, business_day, method)
     DO UPDATE SET sales = sales + 1, total_cents = total_cents + ?4",
    "INSERT INTO method_month VALUES (?1, substr(?2, 1, 7), ?3, 1, ?4, 0, 0) ON CONFLICT (store, month, method)
     DO UPDATE SET sales = sales + 1, total_cents = total_cents + ?4",
];
const METHODS_BACK: [&str; 2] = [
    "INSERT INTO method_day VALUES (?1, ?2, ?3, 0, 0, 1, ?4) ON CONFLICT (store, business_day, method)
     DO UPDATE SET returns = returns + 1, returned_cents = returned_cents + ?4",
    "INSERT INTO method_month VALUES (?1, substr(?2, 1, 7), ?3, 0, 0, 1, ?4) ON CONFLICT (store, month, method)
     DO UPDATE SET returns = returns + 1, returned_cents = returned_cents + ?4",
];

fn add_products(
    cx: &Context<'_>,
    (store, day): (i64, &str),
    tables: [&str; 2],
    found: BTreeMap<i64, (i64, i64)>,
) -> rusqlite::Result<()> {
    for (product, (quantity, cents)) in found {
        for sql in tables {
            rows::run(cx.db, sql, (store, day, product, quantity, cents))?;
        }
    }
    Ok(())
}

fn add_methods(
    cx: &Context<'_>,
    (store, day): (i64, &str),
    tables: [&str; 2],
    found: BTreeMap<&'static str, i64>,
) -> rusqlite::Result<()> {
    for (method, cents) in found {
        for sql in tables {
            rows::run(cx.db, sql, (store, day, method, cents))?;
        }
    }
    Ok(())
}

/// One more sale in a kept total. Parameters: store, person, business day, hour, centavos.
macro_rules! one_more {
    ($table:literal, $keys:literal, $values:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " (",
            $keys,
            ", sales, total_cents) VALUES (",
            $values,
            ", 1, ?5)
             ON CONFLICT (",
            $keys,
            ")
             DO UPDATE SET sales = sales + 1, total_cents = total_cents + excluded.total_cents"
        )
    };
}

/// The totals that reports are answered from; `verify` recounts them.
const TOTALS: [&str; 6] = [
    one_more!("day_total", "store, business_day", "?1, ?3"),
    one_more!("seller_day", "person, business_day, store", "?2, ?3, ?1"),
    one_more!("seller_month", "person, month, store", "?2, substr(?3, 1, 7), ?1"),
    one_more!("store_hour", "store, business_day, hour", "?1, ?3, ?4"),
    one_more!("store_hour_month", "store, month, hour", "?1, substr(?3, 1, 7), ?4"),
    one_more!("seller_hour", "person, business_day, store, hour", "?2, ?3, ?1, ?4"),
];
