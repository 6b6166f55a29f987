//! The part of the till's file about debts.

use std::collections::HashMap;

use rusqlite::params;
use tillwatch_shared::StoreId;
use uuid::Uuid;

use super::{TillFile, TillFileError};
use crate::state::debts::{Debts, Known};

impl TillFile {
    pub fn note_debts(&self, store: StoreId, known: &Known) -> Result<(), TillFileError> {
        self.connection().execute(
            "INSERT INTO debts_known (store, body) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET body = excluded.body",
            params![store.0.as_bytes(), serde_json::to_string(known)?],
        )?;
        Ok(())
    }

    /// What is known of each store.
    pub fn debts(&self) -> Result<Debts, TillFileError> {
        let connection = self.connection();
        let mut query = connection.prepare("SELECT store, body FROM debts_known")?;
        let mut rows = query.query(())?;
        let mut remembered = HashMap::new();
        while let Some(row) = rows.next()? {
            let store = StoreId(Uuid::from_bytes(row.get(0)?));
            remembered.insert(store, serde_json::from_str::<Known>(&row.get::<_, String>(1)?)?);
        }
        Ok(Debts { remembered, ..Debts::default() })
    }
}
