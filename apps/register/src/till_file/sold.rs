//! The part of the till's file that remembers the sales made here.

use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params};
use tillwatch_shared::api::{NewReturn, Sale};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{CommandId, SaleId, StoreId, UtcMicros};

use super::{TillFile, TillFileError};
use crate::state::sold::{Find, SoldHere};

/// How long a sale is remembered after it is settled.
const KEPT_DAYS: i64 = 30;
/// Sales in one answer.
const PAGE: usize = 200;

impl TillFile {
    /// The sale has not happened.
    pub fn drop_sale(&self, command: CommandId) -> Result<(), TillFileError> {
        forget(&self.connection(), command)
    }

    /// This return of the sale has not happened.
    pub fn drop_return(&self, sale: SaleId, back: &NewReturn) -> Result<(), TillFileError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        forget_return(&transaction, sale, back)?;
        transaction.commit()?;
        Ok(())
    }

    /// The sales of this till in this store that are looked for, the newest first.
    pub fn sold(&self, store: StoreId, find: Find) -> Result<Vec<SoldHere>, TillFileError> {
        let connection = self.connection();
        let id = |id: SaleId| Some(Value::Blob(id.0.as_bytes().to_vec()));
        let (condition, first, last) = match find {
            Find::Newest => ("?2 IS ?3", None, None),
            Find::Number(number) => ("number IN (?2, ?3)", Some(Value::Integer(number)), None),
            Find::Id(sale) => ("sale IN (?2, ?3)", id(sale), None),
            Find::Between(first, last) => ("sale BETWEEN ?2 AND ?3", id(first), id(last)),
        };
        let mut query = connection.prepare(&format!(
            "SELECT body FROM sold WHERE store = ?1 AND {condition} ORDER BY sold_at DESC, sale DESC LIMIT {PAGE}"
        ))?;
        let mut rows = query.query(params![store.0.as_bytes(), first, last])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(SoldHere {
                sale: serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?,
            });
        }
        Ok(found)
    }
}

pub(super) fn forget(db: &Connection, command: CommandId) -> Result<(), TillFileError> {
    db.execute("DELETE FROM sold WHERE sale = ?1", [command.0.as_bytes()])?;
    Ok(())
}

pub(super) fn forget_return(
    transaction: &Transaction<'_>,
    sale: SaleId,
    back: &NewReturn,
) -> Result<(), TillFileError> {
    match known(transaction, sale)? {
        Some(known) => note(transaction, &known.before_return(back)),
        None => Ok(()),
    }
}

fn known(transaction: &Transaction<'_>, id: SaleId) -> Result<Option<Sale>, TillFileError> {
    let mut query = transaction.prepare_cached("SELECT body FROM sold WHERE sale = ?1")?;
    let mut rows = query.query([id.0.as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?))
}

/// The server has the sale: what it tells takes the place of what was noted here, but for what has come back of
/// it since.
pub(super) fn confirm(transaction: &Transaction<'_>, sale: &Sale) -> Result<(), TillFileError> {
    let returned = known(transaction, sale.id)?.and_then(|known| known.returned);
    note(transaction, &Sale { returned: returned.or_else(|| sale.returned.clone()), ..sale.clone() })
}

/// Something of the sale comes back. A sale that another till made is not noted here.
pub(super) fn note_return(transaction: &Transaction<'_>, sale: &Sale) -> Result<(), TillFileError> {
    if known(transaction, sale.id)?.is_some() { note(transaction, sale) } else { Ok(()) }
}

/// Writes the sale down, in place of what was known of it before.
pub(super) fn note(transaction: &Transaction<'_>, sale: &Sale) -> Result<(), TillFileError> {
    let number = Some(sale.number).filter(|number| *number > 0);
    transaction
        .prepare_cached(
            "INSERT INTO sold (sale, store, business_day, number, sold_at, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET store = excluded.store, business_day = excluded.business_day,
                 number = excluded.number, sold_at = excluded.sold_at, body = excluded.body",
        )?
        .execute(params![
            sale.id.0.as_bytes(),
            sale.store_id.0.as_bytes(),
            sale.business_day,
            number,
            sale.sold_at.0,
            serde_json::to_string(sale)?,
        ])?;
    Ok(())
}

/// What is old and settled is forgotten.
pub(super) fn prune(transaction: &Transaction<'_>, now: UtcMicros) -> Result<(), TillFileError> {
    let oldest = now.plus(-KEPT_DAYS * DAY).0;
    transaction
        .prepare_cached("DELETE FROM sold WHERE sold_at < ?1 AND sale NOT IN (SELECT command FROM parcel)")?
        .execute([oldest])?;
    Ok(())
}
