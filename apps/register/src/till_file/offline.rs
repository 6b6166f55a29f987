//! The part of the till's file that stands in for the server: products, balances.

use rusqlite::{OptionalExtension, params};
use tillwatch_shared::api::Product;
use tillwatch_shared::{Quantity, StoreId, UtcMicros};
use uuid::Uuid;

use super::{TillFile, TillFileError};
use crate::state::offline::Memory;

impl TillFile {
    /// Takes over what is new; all of it in place of what was there, if it is a whole catalogue.
    pub fn remember(&self, goods: &Memory) -> Result<(), TillFileError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        if goods.whole {
            transaction.execute("DELETE FROM product", ())?;
        }
        transaction.execute(
            "INSERT INTO place (only, store, heard_at) VALUES (1, ?1, ?2)
             ON CONFLICT DO UPDATE SET store = excluded.store, heard_at = excluded.heard_at",
            params![goods.store.0.as_bytes(), goods.heard_at.map(|at| at.0)],
        )?;
        {
            let mut put = transaction.prepare(
                "INSERT INTO product (id, body, balance) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body, balance = excluded.balance",
            )?;
            for (product, balance) in &goods.items {
                let body = serde_json::to_string(product)?;
                put.execute(params![product.id.0.as_bytes(), body, balance.map(|balance| balance.0)])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// All that is known of the goods; nothing before a catalogue was taken over.
    pub fn goods(&self) -> Result<Option<Memory>, TillFileError> {
        let connection = self.connection();
        let place: Option<([u8; 16], Option<i64>)> = connection
            .query_row("SELECT store, heard_at FROM place", (), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((store, heard_at)) = place else { return Ok(None) };
        let mut query = connection.prepare("SELECT body, balance FROM product")?;
        let mut rows = query.query(())?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            let product: Product =
                serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
            items.push((product, row.get::<_, Option<i64>>(1)?.map(Quantity)));
        }
        let (store, heard_at) = (StoreId(Uuid::from_bytes(store)), heard_at.map(UtcMicros));
        Ok(Some(Memory { store, whole: true, heard_at, items }))
    }
}
