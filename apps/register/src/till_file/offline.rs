//! The half of the till's file that stands in for the server: people, products, balances.

use argon2::password_hash::phc;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use rusqlite::{OptionalExtension, params};
use tillwatch_shared::api::Product;
use tillwatch_shared::{Quantity, StoreId, names};
use uuid::Uuid;

use super::{TillFile, TillFileError};
use crate::state::offline::{Known, Memory};

impl TillFile {
    /// This person has signed in at the server with this password.
    pub fn remember_person(
        &self,
        username: &str,
        password: &str,
        known: &Known,
    ) -> Result<(), TillFileError> {
        let hash = Argon2::default()
            .hash_password(password.as_bytes())
            .map_err(|error| TillFileError::Hash(error.to_string()))?;
        self.connection().execute(
            "INSERT INTO person (username, password_hash, known) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET password_hash = excluded.password_hash, known = excluded.known",
            params![names::fold(username), hash.to_string(), serde_json::to_string(known)?],
        )?;
        Ok(())
    }

    /// The server no longer lets this person in with what this till knows.
    pub fn forget_person(&self, username: &str) -> Result<(), TillFileError> {
        self.connection().execute("DELETE FROM person WHERE username = ?1", [names::fold(username)])?;
        Ok(())
    }

    /// Who this is, if the password is the one with which the server let them in last.
    pub fn person(&self, username: &str, password: &str) -> Result<Option<Known>, TillFileError> {
        let row: Option<(String, String)> = self
            .connection()
            .query_row(
                "SELECT password_hash, known FROM person WHERE username = ?1",
                [names::fold(username)],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let Some((hash, known)) = row else { return Ok(None) };
        let right = phc::PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        Ok(if right { Some(serde_json::from_str(&known)?) } else { None })
    }

    /// Takes over what is new; all of it in place of what was there, if it is a whole catalogue.
    pub fn remember(&self, goods: &Memory) -> Result<(), TillFileError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        if goods.whole {
            transaction.execute("DELETE FROM product", ())?;
        }
        transaction.execute(
            "INSERT INTO place (only, store) VALUES (1, ?1)
             ON CONFLICT DO UPDATE SET store = excluded.store",
            [goods.store.0.as_bytes()],
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
        let store: Option<[u8; 16]> =
            connection.query_row("SELECT store FROM place", (), |row| row.get(0)).optional()?;
        let Some(store) = store else { return Ok(None) };
        let mut query = connection.prepare("SELECT body, balance FROM product")?;
        let mut rows = query.query(())?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            let product: Product =
                serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
            items.push((product, row.get::<_, Option<i64>>(1)?.map(Quantity)));
        }
        Ok(Some(Memory { store: StoreId(Uuid::from_bytes(store)), whole: true, items }))
    }
}
