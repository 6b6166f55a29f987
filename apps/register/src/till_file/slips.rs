//! The part of the till's file that lists the slips it has issued; what stands on them is kept with the other
//! documents.

use rusqlite::types::Value;
use rusqlite::{Transaction, params};
use tillwatch_shared::{Cents, CommandId, SaleId, StoreId, UtcMicros};
use uuid::Uuid;

use super::{TillFile, TillFileError, issued};
use crate::state::papers::SlipHere;
use crate::state::sold::Find;

/// Slips in one answer.
const PAGE: usize = 200;

impl TillFile {
    /// Keeps the slip and its document: both are there, or neither.
    pub fn issue_slip(&self, slip: &SlipHere) -> Result<(), TillFileError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        let oldest = issued::oldest(slip.at);
        transaction.execute("DELETE FROM slip WHERE made_at < ?1", [oldest.0])?;
        issued::put(&transaction, slip.id, &slip.document, slip.at)?;
        transaction.execute(
            "INSERT OR IGNORE INTO slip (id, store, made_at, sale, number, total_cents, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                slip.id.as_bytes(),
                slip.store.0.as_bytes(),
                slip.at.0,
                slip.sale().map(|sale| *sale.0.as_bytes()),
                slip.number,
                slip.total.0,
                serde_json::to_string(&slip.of)?,
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The slips of this store that belong to the sales that are looked for, the newest first, without those of what the
    /// server has refused: that has not happened. Of a sale that was not
    /// numbered when its goods came back the number may be known by now.
    pub fn slips(&self, store: StoreId, find: Find) -> Result<Vec<SlipHere>, TillFileError> {
        let connection = self.connection();
        let id = |id: SaleId| Value::Blob(id.0.as_bytes().to_vec());
        let (condition, first, last) = match find {
            Find::Newest => ("?2 IS ?3", Value::Null, Value::Null),
            Find::Number(number) => {
                let of = "number = ?2 AND ?3 IS NULL
                          OR slip.sale IN (SELECT sale FROM sold WHERE store = ?1 AND number = ?2)";
                (of, Value::Integer(number), Value::Null)
            }
            Find::Id(sale) => ("slip.sale IN (?2, ?3)", id(sale), Value::Null),
            Find::Between(first, last) => ("slip.sale BETWEEN ?2 AND ?3", id(first), id(last)),
        };
        let mut query = connection.prepare(&format!(
            "SELECT slip.id, made_at, coalesce(number, (SELECT number FROM sold WHERE sold.sale = slip.sale)),
                    total_cents, body, document
             FROM slip JOIN issued ON issued.id = slip.id
             WHERE slip.store = ?1 AND ({condition})
             AND NOT EXISTS (SELECT 1 FROM parcel WHERE command = slip.id AND refusal IS NOT NULL) ORDER BY made_at DESC, slip.id DESC LIMIT {PAGE}"
        ))?;
        let mut rows = query.query(params![store.0.as_bytes(), first, last])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
            found.push(SlipHere {
                id: Uuid::from_bytes(row.get(0)?),
                store,
                at: UtcMicros(row.get(1)?),
                of: serde_json::from_str(text(4)?)?,
                number: row.get(2)?,
                total: Cents(row.get(3)?),
                document: serde_json::from_str(text(5)?)?,
            });
        }
        Ok(found)
    }
}

/// Of what has not happened there is none.
pub(super) fn forget(transaction: &Transaction<'_>, command: CommandId) -> Result<(), TillFileError> {
    transaction.execute("DELETE FROM slip WHERE id = ?1", [command.0.as_bytes()])?;
    Ok(())
}
