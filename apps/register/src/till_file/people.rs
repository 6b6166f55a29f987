//! Who may work at this till while the server is away, who the till itself is, and the brake on guessing.
//!
//! A secret is kept as an argon2id hash and nothing else. That of a PIN costs more to check, but a PIN has so few
//! digits that whoever takes the disk home finds it all the same; what is guarded here is the till in the shop.
//! Every wrong try is on the disk before its answer is, so that neither a restart nor pulling the plug gives
//! another one; after [`MOST_WRONG`] the till knows the PIN no longer, whatever its clock is set to.

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rusqlite::{Connection, OptionalExtension, params};
use tillwatch_shared::limits::PIN_DIGITS;
use tillwatch_shared::time::{HOUR, SECOND};
use tillwatch_shared::{PersonId, TillId, UtcMicros, names};
use uuid::Uuid;

use super::{TillFile, TillFileError};
use crate::state::offline::Known;
use crate::state::people::{Identity, NotLetIn};

/// Wrong tries that cost nothing.
const FREE: u32 = 5;
const LONGEST_WAIT: i64 = HOUR;
/// Wrong tries in a row after which a PIN is forgotten.
pub const MOST_WRONG: u32 = 20;
/// What checking a PIN costs: 64 MiB, three times over.
const PIN_COST: (u32, u32) = (64 * 1024, 3);

/// Who wants to be let in.
#[derive(Clone, Debug)]
pub enum Who {
    /// By what they type: a user name or CPF.
    Named(String),
    Person(PersonId),
}

/// PINs and passwords are known each for itself: a person may use both.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Pin,
    Password,
}

impl Shape {
    fn of(secret: &str) -> Self {
        let digits = secret.chars().all(|c| c.is_ascii_digit());
        if digits && PIN_DIGITS.contains(&secret.len()) { Self::Pin } else { Self::Password }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Pin => "pin",
            Self::Password => "password",
        }
    }

    fn hasher(self) -> Result<Argon2<'static>, TillFileError> {
        let (memory, passes) = match self {
            Self::Pin => PIN_COST,
            Self::Password => (Params::DEFAULT_M_COST, Params::DEFAULT_T_COST),
        };
        let params =
            Params::new(memory, passes, 1, None).map_err(|error| TillFileError::Hash(error.to_string()))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

impl TillFile {
    /// Who this till is; made up at the first question.
    pub fn identity(&self) -> Result<Identity, TillFileError> {
        let found = self
            .connection()
            .query_row("SELECT id, key FROM identity", (), |row| {
                Ok(Identity { id: TillId(Uuid::from_bytes(row.get(0)?)), key: row.get(1)? })
            })
            .optional()?;
        found.map_or_else(|| self.renew_identity(), Ok)
    }

    /// The server knows this till no longer: it becomes another one, which may speak for nobody yet.
    pub fn renew_identity(&self) -> Result<Identity, TillFileError> {
        let identity = Identity::random().map_err(TillFileError::Hash)?;
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT INTO identity (only, id, key) VALUES (1, ?1, ?2)
             ON CONFLICT DO UPDATE SET id = excluded.id, key = excluded.key",
            params![identity.id.0.as_bytes(), identity.key],
        )?;
        transaction.execute("UPDATE known_person SET mandate_until = NULL", ())?;
        transaction.commit()?;
        Ok(identity)
    }

    /// This person has proved themselves to the server with this secret.
    pub fn remember_person(&self, username: &str, secret: &str, known: &Known) -> Result<(), TillFileError> {
        let shape = Shape::of(secret);
        let hash = shape
            .hasher()?
            .hash_password(secret.as_bytes())
            .map_err(|error| TillFileError::Hash(error.to_string()))?;
        let id = known.person.id.0.as_bytes();
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT INTO known_person (id, known, mandate_until) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET known = excluded.known, mandate_until = excluded.mandate_until,
                 failures = 0",
            params![id, serde_json::to_string(known)?, known.mandate_until.map(|until| until.0)],
        )?;
        transaction.execute(
            "INSERT INTO login_name (username, person) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET person = excluded.person",
            params![names::fold(username), id],
        )?;
        transaction.execute(
            "INSERT INTO credential (person, shape, hash) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET hash = excluded.hash",
            params![id, shape.word(), hash.to_string()],
        )?;
        if !known.person.has_pin {
            // They have one secret only, and it may have had the other shape before.
            let sql = "DELETE FROM credential WHERE person = ?1 AND shape <> ?2";
            transaction.execute(sql, params![id, shape.word()])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The server no longer lets this person in with this secret. Another one that it knows stays: what was
    /// refused may have been a typing error.
    pub fn forget_secret(&self, username: &str, secret: &str) -> Result<(), TillFileError> {
        let Some(person) = self.meant(&Who::Named(username.to_owned()))? else { return Ok(()) };
        let shape = Shape::of(secret);
        let Some(hash) = self.hash_of(person, shape)? else { return Ok(()) };
        if is_right(secret, &hash) {
            let id = person.0.as_bytes();
            let sql = "DELETE FROM credential WHERE person = ?1 AND shape = ?2";
            self.connection().execute(sql, params![id, shape.word()])?;
        }
        Ok(())
    }

    /// The server takes nothing from this till in the person's name any more.
    pub fn end_mandate(&self, person: PersonId) -> Result<(), TillFileError> {
        self.connection()
            .execute("UPDATE known_person SET mandate_until = NULL WHERE id = ?1", [person.0.as_bytes()])?;
        Ok(())
    }

    /// Everybody whom the server has let in here.
    pub fn people(&self) -> Result<Vec<Known>, TillFileError> {
        let connection = self.connection();
        let mut query = connection.prepare("SELECT known, mandate_until FROM known_person")?;
        let rows =
            query.query_map((), |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?)))?;
        let mut people = Vec::new();
        for row in rows {
            let (known, until) = row?;
            people.push(Known { mandate_until: until.map(UtcMicros), ..serde_json::from_str(&known)? });
        }
        Ok(people)
    }

    /// Whether this till lets them in by itself, and who they are.
    pub fn check(
        &self,
        who: &Who,
        secret: &str,
        now: UtcMicros,
    ) -> Result<Result<Known, NotLetIn>, TillFileError> {
        let Some(person) = self.meant(who)? else { return Ok(Err(NotLetIn::Unknown)) };
        let shape = Shape::of(secret);
        let Some(hash) = self.hash_of(person, shape)? else { return Ok(Err(NotLetIn::ServerOnly)) };
        if let Some(refusal) = count(&self.connection(), person, shape, now)? {
            return Ok(Err(refusal));
        }
        if !is_right(secret, &hash) {
            return Ok(Err(NotLetIn::Wrong));
        }
        self.connection()
            .execute("UPDATE known_person SET failures = 0 WHERE id = ?1", [person.0.as_bytes()])?;
        let known = self.people()?.into_iter().find(|known| known.person.id == person);
        Ok(known.ok_or(NotLetIn::Unknown))
    }

    fn hash_of(&self, person: PersonId, shape: Shape) -> Result<Option<String>, TillFileError> {
        let sql = "SELECT hash FROM credential WHERE person = ?1 AND shape = ?2";
        let id = person.0.as_bytes();
        let found = self.connection().query_row(sql, params![id, shape.word()], |row| row.get(0));
        Ok(found.optional()?)
    }

    fn meant(&self, who: &Who) -> Result<Option<PersonId>, TillFileError> {
        match who {
            Who::Person(person) => Ok(Some(*person)),
            Who::Named(username) => {
                let sql = "SELECT person FROM login_name WHERE username = ?1";
                let found = self.connection().query_row(sql, [names::fold(username)], |row| row.get(0));
                Ok(found.optional()?.map(|id| PersonId(Uuid::from_bytes(id))))
            }
        }
    }
}

fn is_right(secret: &str, hash: &str) -> bool {
    phc::PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(secret.as_bytes(), &hash).is_ok())
}

/// Counts the try as a wrong one before it is looked at, or says why it is not looked at.
fn count(
    connection: &Connection,
    person: PersonId,
    shape: Shape,
    now: UtcMicros,
) -> Result<Option<NotLetIn>, TillFileError> {
    let id = person.0.as_bytes();
    let (failures, failed_at): (u32, i64) =
        connection.query_row("SELECT failures, failed_at FROM known_person WHERE id = ?1", [id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if failures >= MOST_WRONG && shape == Shape::Pin {
        connection.execute("DELETE FROM credential WHERE person = ?1 AND shape = 'pin'", [id])?;
        return Ok(Some(NotLetIn::ServerOnly));
    }
    // A clock that was set back does not make the wait longer than it ever is.
    let waited = now.since(UtcMicros(failed_at)).max(0);
    let left = wait_after(failures) - waited;
    if left > 0 {
        return Ok(Some(NotLetIn::Wait { seconds: left / SECOND + 1 }));
    }
    connection.execute(
        "UPDATE known_person SET failures = failures + 1, failed_at = ?2 WHERE id = ?1",
        params![id, now.0],
    )?;
    Ok(None)
}

fn wait_after(failures: u32) -> i64 {
    match failures.checked_sub(FREE) {
        None => 0,
        Some(over) => SECOND.checked_shl(over.min(20)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT),
    }
}
