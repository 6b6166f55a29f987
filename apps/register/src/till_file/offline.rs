//! The part of the till's file that stands in for the server: products, balances.

use rusqlite::{OptionalExtension, Row, params};
use tillwatch_shared::api::Product;
use tillwatch_shared::{CommandId, Quantity, StoreId, UtcMicros};
use uuid::Uuid;

use super::{TillFile, TillFileError};
use crate::state::offline::{Memory, Place};

impl TillFile {
    /// Takes over what is new; all of it in place of what was there, if it is a whole catalogue.
    pub fn remember(&self, goods: &Memory) -> Result<(), TillFileError> {
        let place = goods.place.filter(|place| place.store == goods.store);
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        if goods.whole {
            transaction.execute("DELETE FROM product", ())?;
        }
        transaction.execute(
            "INSERT INTO place (only, store, heard_at, seq, command, reached) VALUES (1, ?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET store = excluded.store, heard_at = excluded.heard_at,
                 seq = excluded.seq, command = excluded.command, reached = excluded.reached",
            params![
                goods.store.0.as_bytes(),
                goods.heard_at.map(|at| at.0),
                place.map(|place| place.seq),
                place.map(|place| *place.command.0.as_bytes()),
                place.map(|place| place.reached),
            ],
        )?;
        {
            let mut put = transaction.prepare(
                "INSERT INTO product (id, body, balance, until) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET body = excluded.body, balance = excluded.balance,
                     until = excluded.until",
            )?;
            for (product, balance, until) in &goods.items {
                let body = serde_json::to_string(product)?;
                let balance = balance.map(|balance| balance.0);
                put.execute(params![product.id.0.as_bytes(), body, balance, until])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// All that is known of the goods; nothing before a catalogue was taken over.
    pub fn goods(&self) -> Result<Option<Memory>, TillFileError> {
        let connection = self.connection();
        let sql = "SELECT store, heard_at, seq, command, reached FROM place";
        let known = connection.query_row(sql, (), place).optional()?;
        let Some((store, heard_at, place)) = known else { return Ok(None) };
        let mut query = connection.prepare("SELECT body, balance, until FROM product")?;
        let mut rows = query.query(())?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            let product: Product =
                serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
            items.push((product, row.get::<_, Option<i64>>(1)?.map(Quantity), row.get(2)?));
        }
        Ok(Some(Memory { store, whole: true, heard_at, place, items }))
    }
}

/// Whose balances these are, when they were told, and where in the server's changes.
fn place(row: &Row<'_>) -> rusqlite::Result<(StoreId, Option<UtcMicros>, Option<Place>)> {
    let store = StoreId(Uuid::from_bytes(row.get(0)?));
    let heard_at = row.get::<_, Option<i64>>(1)?.map(UtcMicros);
    let (seq, command, reached): (Option<i64>, Option<[u8; 16]>, Option<i64>) =
        (row.get(2)?, row.get(3)?, row.get(4)?);
    let place = match (seq, command, reached) {
        (Some(seq), Some(command), Some(reached)) => {
            Some(Place { store, seq, command: CommandId(Uuid::from_bytes(command)), reached })
        }
        _ => None,
    };
    Ok((store, heard_at, place))
}
