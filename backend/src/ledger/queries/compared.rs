//! How a report's rows stand against the same weekdays a week before, up to the same hour of each store's day.

use std::collections::HashMap;

use jiff::ToSpan;
use rusqlite::Connection;
use tillwatch_shared::Cents;
use tillwatch_shared::api::{ReportCompared, ReportRow, ReportRows};
use uuid::Uuid;

use super::periods::Period;
use super::reports::{Sold, row};
use crate::domain::rows;

/// What was sold before an hour: by id, with the names.
type Found = HashMap<Uuid, (String, Option<String>, Cents)>;

/// Adds to each row what was sold before this hour, in the period and a week before it. Who sold only then gets a row
/// at the end. Products and methods are not kept by hour: their rows stay as they are.
pub fn compare(
    db: &Connection,
    named: &mut Vec<ReportRow>,
    kind: ReportRows,
    stores: &str,
    period: Period,
    until_hour: i8,
) -> rusqlite::Result<()> {
    let sql = match kind {
        ReportRows::Stores => {
            "SELECT store.uid, store.name, chain.name, sum(total_cents)
             FROM store_hour AS kept JOIN store ON store.id = kept.store JOIN chain ON chain.id = store.chain
             WHERE kept.store IN (SELECT value FROM json_each(?1)) AND business_day BETWEEN ?2 AND ?3 AND hour < ?4
             GROUP BY store.id"
        }
        ReportRows::Sellers => {
            "SELECT person.uid, person.name, NULL, sum(total_cents) FROM person CROSS JOIN seller_hour AS kept
                 ON kept.person = person.id AND business_day BETWEEN ?2 AND ?3
             WHERE kept.store IN (SELECT value FROM json_each(?1)) AND hour < ?4 GROUP BY person.id"
        }
        ReportRows::Products | ReportRows::Methods => return Ok(()),
    };
    let sold = |period: Period| -> rusqlite::Result<Found> {
        let params = (stores, period.from().to_string(), period.to().to_string(), until_hour);
        let found = rows::all(db, sql, params, |row| {
            Ok((rows::id(row, 0)?, (row.get(1)?, row.get(2)?, Cents(row.get(3)?))))
        })?;
        Ok(found.into_iter().collect())
    };
    let (mut now, mut before) = (sold(period)?, week_before(period).map_or_else(|| Ok(Found::new()), sold)?);
    for row in named.iter_mut() {
        let taken = |found: &mut Found| {
            row.id.and_then(|id| found.remove(&id)).map_or(Cents::ZERO, |(_, _, cents)| cents)
        };
        let (now_cents, before_cents) = (taken(&mut now), taken(&mut before));
        row.compared = Some(ReportCompared { now_cents, before_cents });
    }
    let mut gone: Vec<ReportRow> = before
        .into_iter()
        .map(|(id, (name, chain_name, before_cents))| {
            let compared = Some(ReportCompared { now_cents: Cents::ZERO, before_cents });
            ReportRow { chain_name, compared, ..row(Some(id), name, Sold::default()) }
        })
        .collect();
    gone.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    named.extend(gone);
    Ok(())
}

fn week_before(period: Period) -> Option<Period> {
    let earlier = |day: jiff::civil::Date| day.checked_sub(7.days()).ok();
    Period::new(earlier(period.from())?, earlier(period.to())?).ok()
}
