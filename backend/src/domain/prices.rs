//! Price lists: what a product costs on some days, in one store or in all of them.

use jiff::civil::Date;
use rusqlite::Row;
use rusqlite::types::Type;
use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Event, PriceList, PricePeriod, Role};
use tillwatch_shared::limits::PRICE_PERIODS;
use tillwatch_shared::{Cents, ProductId, StoreId};
use uuid::Uuid;

use super::rejection::{ApplyError, Invalid, Noun, Rejection};
use super::{Applied, Context, access, check, products, rows};

/// The years in which a price may begin and end.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// A list in place of the one that the product has for the same stores; an empty one takes it away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetPrices {
    pub product_id: ProductId,
    pub list: PriceList,
}

impl SetPrices {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let periods = &self.list.periods;
        check::count("periods", periods.len(), PRICE_PERIODS)?;
        for (position, period) in periods.iter().enumerate() {
            let field = |name: &str| format!("periods.{position}.{name}");
            check::price(field("price_cents"), period.price_cents)?;
            year(field("first_day"), period.first_day)?;
            if let Some(last) = period.last_day {
                year(field("last_day"), last)?;
                if last < period.first_day {
                    return Err(Rejection::invalid(field("last_day"), Invalid::Crossed));
                }
            }
            if periods.iter().take(position).any(|other| other.first_day == period.first_day) {
                return Err(Rejection::invalid(field("first_day"), Invalid::Repeated));
            }
        }
        Ok(())
    }
}

fn year(field: String, day: Date) -> Result<(), Rejection> {
    check::range(field, i64::from(day.year()), i64::from(*YEARS.start()), i64::from(*YEARS.end()))
}

/// Managers decide about the stores in which they work, and about the list of all stores.
pub(super) fn set(cx: &Context<'_>, p: &SetPrices) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    let product =
        rows::key_of(cx.db, "SELECT id FROM product WHERE uid = ?1", &p.product_id.0, Noun::Product)?;
    let store =
        p.list.store_id.map(|id| access::workplace(cx, &caller, id)).transpose()?.map(|store| store.key);
    rows::run(cx.db, "DELETE FROM price WHERE product = ?1 AND store IS ?2", (product, store))?;
    for period in &p.list.periods {
        rows::run(
            cx.db,
            "INSERT INTO price (product, store, price_cents, first_day, last_day) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                product,
                store,
                period.price_cents.0,
                period.first_day.to_string(),
                period.last_day.map(|day| day.to_string()),
            ),
        )?;
    }
    let changed_at = cx.command.server_at.0;
    rows::run(cx.db, "UPDATE product SET changed_at = ?2 WHERE id = ?1", (product, changed_at))?;
    Ok(Applied { event: Event::ProductChanged(products::load(cx.db, p.product_id)?), store: None })
}

/// The price lists of the row's product as one column: JSON, one array for each period. The list of all stores
/// comes first.
pub const COLUMN: &str =
    "(SELECT json_group_array(json_array(hex(store.uid), price.price_cents, first_day, last_day)
         ORDER BY price.store, first_day)
     FROM price LEFT JOIN store ON store.id = price.store WHERE price.product = product.id)";

/// What [`COLUMN`] holds.
pub fn from_column(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<PriceList>> {
    let text = row.get_ref(column)?.as_str()?;
    if text == "[]" {
        return Ok(Vec::new());
    }
    lists(text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

fn lists(text: &str) -> Result<Vec<PriceList>, String> {
    let rows: Vec<(String, i64, Date, Option<Date>)> =
        serde_json::from_str(text).map_err(|e| e.to_string())?;
    let mut lists: Vec<PriceList> = Vec::new();
    for (store, price, first_day, last_day) in rows {
        let store_id = match store.as_str() {
            "" => None,
            hex => Some(StoreId(Uuid::parse_str(hex).map_err(|error| error.to_string())?)),
        };
        let period = PricePeriod { price_cents: Cents(price), first_day, last_day };
        match lists.last_mut().filter(|list| list.store_id == store_id) {
            Some(list) => list.periods.push(period),
            None => lists.push(PriceList { store_id, periods: vec![period] }),
        }
    }
    Ok(lists)
}
