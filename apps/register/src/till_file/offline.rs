//! The part of the till's file that stands in for the server: products, balances.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use tillwatch_shared::api::Product;
use tillwatch_shared::{CommandId, Quantity, StoreId, UtcMicros};
use uuid::Uuid;

use super::{TillFile, TillFileError};
use crate::state::offline::{Memory, Place};

/// Products written in one go: what is written meanwhile waits for no more of them.
pub const PORTION: usize = 250;

/// What is written next of what there is to sell. A whole catalogue takes portions: it is put beside the one before,
/// and takes its place when all of it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portion {
    /// What has changed: all in one.
    Changes,
    /// What an earlier write that broke off has left goes first.
    Clear,
    /// The products from this place on.
    Put(usize),
    /// From here on the new catalogue counts.
    Switch,
    /// What was there before goes.
    Tidy,
}

impl Portion {
    pub const fn first(goods: &Memory) -> Self {
        if goods.whole { Self::Clear } else { Self::Changes }
    }
}

impl TillFile {
    /// Takes over what is new; all of it in place of what was there, if it is a whole catalogue.
    pub fn remember(&self, goods: &Memory) -> Result<(), TillFileError> {
        let mut next = Some(Portion::first(goods));
        while let Some(portion) = next {
            next = self.remember_portion(goods, portion)?;
        }
        Ok(())
    }

    /// Writes one portion, and says which one is next. Catalogues are written one after the other.
    pub fn remember_portion(
        &self,
        goods: &Memory,
        portion: Portion,
    ) -> Result<Option<Portion>, TillFileError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        let current = current(&transaction)?;
        let generation = current.map_or(0, |(_, generation)| generation);
        let next = match portion {
            Portion::Changes => {
                // Of a catalogue that is not here they would be taken for all of it.
                if current.is_some_and(|(store, _)| store == goods.store) {
                    put(&transaction, generation, &goods.items)?;
                    place(&transaction, goods, generation)?;
                }
                None
            }
            Portion::Clear => {
                let more = clear(&transaction, generation)?;
                Some(if more { Portion::Clear } else { Portion::Put(0) })
            }
            Portion::Put(from) => {
                let end = from.saturating_add(PORTION).min(goods.items.len());
                put(&transaction, generation + 1, goods.items.get(from..end).unwrap_or_default())?;
                Some(if end < goods.items.len() { Portion::Put(end) } else { Portion::Switch })
            }
            Portion::Switch => {
                place(&transaction, goods, generation + 1)?;
                Some(Portion::Tidy)
            }
            Portion::Tidy => clear(&transaction, generation)?.then_some(Portion::Tidy),
        };
        transaction.commit()?;
        Ok(next)
    }

    /// All that is known of the goods; nothing before a catalogue was taken over.
    pub fn goods(&self) -> Result<Option<Memory>, TillFileError> {
        let connection = self.connection();
        let sql = "SELECT store, heard_at, seq, command, reached, generation FROM place";
        let read = |row: &Row<'_>| Ok((known(row)?, row.get(5)?));
        let place: Option<(_, i64)> = connection.query_row(sql, (), read).optional()?;
        let Some(((store, heard_at, place), generation)) = place else { return Ok(None) };
        let mut query =
            connection.prepare("SELECT body, balance, until FROM product WHERE generation = ?1")?;
        let mut rows = query.query([generation])?;
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
fn known(row: &Row<'_>) -> rusqlite::Result<(StoreId, Option<UtcMicros>, Option<Place>)> {
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

/// The store whose goods count, and their generation.
fn current(connection: &Connection) -> Result<Option<(StoreId, i64)>, TillFileError> {
    let place: Option<([u8; 16], i64)> = connection
        .query_row("SELECT store, generation FROM place", (), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(place.map(|(store, generation)| (StoreId(Uuid::from_bytes(store)), generation)))
}

fn place(transaction: &Transaction<'_>, goods: &Memory, generation: i64) -> Result<(), TillFileError> {
    let place = goods.place.filter(|place| place.store == goods.store);
    transaction.execute(
        "INSERT INTO place (only, store, heard_at, generation, seq, command, reached)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET store = excluded.store, heard_at = excluded.heard_at,
             generation = excluded.generation, seq = excluded.seq, command = excluded.command,
             reached = excluded.reached",
        params![
            goods.store.0.as_bytes(),
            goods.heard_at.map(|at| at.0),
            generation,
            place.map(|place| place.seq),
            place.map(|place| *place.command.0.as_bytes()),
            place.map(|place| place.reached),
        ],
    )?;
    Ok(())
}

fn put(
    transaction: &Transaction<'_>,
    generation: i64,
    items: &[(Product, Option<Quantity>, i64)],
) -> Result<(), TillFileError> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO product (generation, id, body, balance, until) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET body = excluded.body, balance = excluded.balance,
             until = excluded.until",
    )?;
    for (product, balance, until) in items {
        let (id, body) = (product.id.0.as_bytes(), serde_json::to_string(product)?);
        put.execute(params![generation, id, body, balance.map(|balance| balance.0), until])?;
    }
    Ok(())
}

/// A portion of what belongs to another generation goes. Whether there may be more.
fn clear(transaction: &Transaction<'_>, generation: i64) -> Result<bool, TillFileError> {
    // Two ranges of the key, for which nothing is read but what goes.
    let mut gone = 0;
    for side in ["<", ">"] {
        let sql = format!(
            "DELETE FROM product WHERE rowid IN
                 (SELECT rowid FROM product WHERE generation {side} ?1 LIMIT {PORTION})"
        );
        gone += transaction.prepare_cached(&sql)?.execute([generation])?;
    }
    Ok(gone > 0)
}
