//! The part of the till's file that keeps sales which are not finished.

use rusqlite::{Transaction, params};
use tillwatch_shared::CommandId;

use super::{TillFile, TillFileError};
use crate::state::carts::KeptCart;

impl TillFile {
    /// Writes it down, in place of what was known of it before. A sale that is in the outbox is finished: what
    /// comes late does not bring its cart back.
    pub fn keep_cart(&self, cart: &KeptCart) -> Result<(), TillFileError> {
        let Some(sale) = cart.basket.sale else { return Ok(()) };
        self.connection()
            .prepare_cached(
                "INSERT INTO cart (sale, body, at) SELECT ?1, ?2, ?3
                 WHERE NOT EXISTS (SELECT 1 FROM parcel WHERE command = ?1)
                 ON CONFLICT DO UPDATE SET body = excluded.body, at = excluded.at",
            )?
            .execute(params![sale.0.as_bytes(), serde_json::to_string(cart)?, cart.at.0])?;
        Ok(())
    }

    pub fn drop_cart(&self, sale: CommandId) -> Result<(), TillFileError> {
        self.connection().execute("DELETE FROM cart WHERE sale = ?1", [sale.0.as_bytes()])?;
        Ok(())
    }

    /// Those that are not finished, oldest first.
    pub fn carts(&self) -> Result<Vec<KeptCart>, TillFileError> {
        let connection = self.connection();
        let mut query = connection.prepare("SELECT body FROM cart ORDER BY at, sale")?;
        let mut rows = query.query(())?;
        let mut carts = Vec::new();
        while let Some(row) = rows.next()? {
            let body = row.get_ref(0)?;
            carts.push(serde_json::from_str(body.as_str().map_err(rusqlite::Error::from)?)?);
        }
        Ok(carts)
    }
}

/// Its sale is kept.
pub(super) fn finish(transaction: &Transaction<'_>, sale: CommandId) -> Result<(), TillFileError> {
    transaction.prepare_cached("DELETE FROM cart WHERE sale = ?1")?.execute([sale.0.as_bytes()])?;
    Ok(())
}
