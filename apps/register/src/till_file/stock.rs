//! The part of the till's file about stock: lists that are being scanned, and the transfers that are known.

use rusqlite::{Connection, params};
use tillwatch_shared::{StoreId, UtcMicros};
use uuid::Uuid;

use super::{TillFile, TillFileError};
use crate::state::stock::{Draft, Known, Purpose, StockDesk, StockEffect, StockWork};

const fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Count => "count",
        Purpose::Send => "send",
    }
}

/// A command is kept in place of the list that it was made of.
pub(super) fn sent(db: &Connection, work: &StockWork, now: UtcMicros) -> Result<(), TillFileError> {
    match work.as_draft(now) {
        Some(draft) => drop_draft(db, draft.purpose, draft.store),
        None => Ok(()),
    }
}

fn drop_draft(db: &Connection, purpose: Purpose, store: StoreId) -> Result<(), TillFileError> {
    db.execute(
        "DELETE FROM stock_draft WHERE purpose = ?1 AND store = ?2",
        params![word(purpose), store.0.as_bytes()],
    )?;
    Ok(())
}

impl TillFile {
    pub fn note_stock(&self, effect: &StockEffect) -> Result<(), TillFileError> {
        match effect {
            StockEffect::KeepDraft(draft) => self.connection().execute(
                "INSERT INTO stock_draft (purpose, store, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
                params![word(draft.purpose), draft.store.0.as_bytes(), serde_json::to_string(draft)?],
            )?,
            StockEffect::DropDraft(purpose, store) => {
                return drop_draft(&self.connection(), *purpose, *store);
            }
            StockEffect::Remember(store, known) => self.connection().execute(
                "INSERT INTO stock_known (store, body) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
                params![store.0.as_bytes(), serde_json::to_string(known)?],
            )?,
        };
        Ok(())
    }

    /// What was begun, and what is known of each store.
    pub fn stock_desk(&self) -> Result<StockDesk, TillFileError> {
        let connection = self.connection();
        let mut desk = StockDesk::default();
        let mut query = connection.prepare("SELECT body FROM stock_draft ORDER BY purpose, store")?;
        let mut rows = query.query(())?;
        while let Some(row) = rows.next()? {
            desk.drafts.push(serde_json::from_str::<Draft>(&row.get::<_, String>(0)?)?);
        }
        let mut query = connection.prepare("SELECT store, body FROM stock_known")?;
        let mut rows = query.query(())?;
        while let Some(row) = rows.next()? {
            let store = StoreId(Uuid::from_bytes(row.get(0)?));
            desk.remembered.insert(store, serde_json::from_str::<Known>(&row.get::<_, String>(1)?)?);
        }
        Ok(desk)
    }
}
