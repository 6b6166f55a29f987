//! Counts under torture, product by product: what was told of each, and of its lots where it was counted lot by lot.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use tillwatch_shared::api::{Count, CountLine, NewCount};
use tillwatch_shared::{ProductId, StoreId, UtcMicros};
use uuid::Uuid;

use super::Outcome;

/// By code and expiry.
pub type Lots = BTreeMap<(String, String), i64>;

/// What a count told of a product. It stands for the moment of its latest line.
pub struct Found {
    pub product: ProductId,
    pub at: UtcMicros,
    pub seen: Option<i64>,
    pub quantity: i64,
    /// None if it was counted as a whole.
    pub lots: Lots,
}

/// In the order in which they come.
pub fn found(count: &NewCount) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for line in &count.lines {
        let (product, at, seen) = (line.product_id, line.counted_at, line.seen_seq);
        if !all.iter().any(|found| found.product == product) {
            all.push(Found { product, at, seen, quantity: 0, lots: Lots::new() });
        }
        for found in all.iter_mut().filter(|found| found.product == product) {
            found.quantity += line.counted_thousandths.0;
            if at >= found.at {
                (found.at, found.seen) = (at, seen);
            }
            if let Some(lot) = &line.lot {
                let day = lot.expires_on.map(|day| day.to_string()).unwrap_or_default();
                found.lots.insert((lot.code.clone().unwrap_or_default(), day), line.counted_thousandths.0);
            }
        }
    }
    all
}

/// Whether the server told of a count what the till had told it.
pub fn is_told(made: &NewCount, count: &Count) -> bool {
    let lots = |line: &CountLine| -> Lots {
        let named = line.lots.iter().filter(|lot| lot.lot_id.is_some());
        let name = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        named
            .map(|lot| {
                ((lot.code.clone().unwrap_or_default(), name(lot.expires_on)), lot.counted_thousandths.0)
            })
            .filter(|(_, counted)| *counted != 0)
            .collect()
    };
    let same = |(found, line): (&Found, &CountLine)| {
        (found.product, found.at, found.quantity)
            == (line.product_id, line.counted_at, line.counted_thousandths.0)
            && found.lots == lots(line)
    };
    let found = found(made);
    made.started_at == count.started_at
        && found.len() == count.lines.len()
        && found.iter().zip(&count.lines).all(same)
}

/// What the lots hold at the server.
pub fn held(db: &Connection) -> Outcome<BTreeMap<(StoreId, ProductId), Lots>> {
    let mut query = db.prepare(
        "SELECT store.uid, product.uid, lot.code, expires_on, balance FROM lot
         JOIN store ON store.id = lot.store JOIN product ON product.id = lot.product WHERE balance > 0",
    )?;
    let mut held: BTreeMap<(StoreId, ProductId), Lots> = BTreeMap::new();
    let mut rows = query.query(())?;
    while let Some(row) = rows.next()? {
        let place = (StoreId(Uuid::from_bytes(row.get(0)?)), ProductId(Uuid::from_bytes(row.get(1)?)));
        held.entry(place).or_default().insert((row.get(2)?, row.get(3)?), row.get(4)?);
    }
    Ok(held)
}

/// A fault to be found: some goods of one lot are in another lot of the same shelf.
pub fn plant(data: &Path) -> Outcome<()> {
    let db = Connection::open(data.join("ledger.sqlite"))?;
    let (from, to): (i64, i64) = db.query_row(
        "SELECT a.id, b.id FROM lot a JOIN lot b ON a.store = b.store AND a.product = b.product AND a.id < b.id
         WHERE a.balance > 1000 AND b.balance > 0 LIMIT 1",
        (),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    db.execute("UPDATE lot SET balance = balance - 1000 WHERE id = ?1", [from])?;
    db.execute("UPDATE lot SET balance = balance + 1000 WHERE id = ?1", [to])?;
    Ok(())
}
