//! Passwords: argon2id, on threads that may block, a few at a time. Hashing is slow and takes memory on
//! purpose, so how many run at once and how many wait is bounded.

use std::sync::Arc;

use argon2::password_hash::phc;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::domain::people::PasswordHash;

const AT_ONCE: usize = 2;
const WAITING: usize = 64;

#[derive(Clone, Debug)]
pub struct Passwords {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// Verified in place of a hash that does not exist, so that an unknown name takes as long as a
    /// wrong password.
    nobody: Arc<PasswordHash>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many sign-ins are waiting.
    #[error("too many sign-ins at once")]
    Busy,
    #[error("the password could not be hashed")]
    Failed,
}

impl Passwords {
    pub fn new() -> Result<Self, PasswordError> {
        Ok(Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(WAITING)),
            nobody: Arc::new(hash("nobody has this password")?),
        })
    }

    pub async fn hash(&self, password: String) -> Result<PasswordHash, PasswordError> {
        self.run(move || hash(&password)).await?
    }

    /// Whether the password belongs to the hash. Takes as long when there is none.
    pub async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordError> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| (*self.nobody).clone());
        self.run(move || {
            let parsed = phc::PasswordHash::new(&hash.0);
            parsed.is_ok_and(|parsed| {
                Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && exists
            })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.places.try_acquire().map_err(|_| PasswordError::Busy)?;
        let _turn = self.running.acquire().await.map_err(|_| PasswordError::Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| PasswordError::Failed)
    }
}

/// Argon2id with the crate's recommended cost, a random salt, in PHC form.
pub fn hash(password: &str) -> Result<PasswordHash, PasswordError> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| PasswordError::Failed)?;
    Ok(PasswordHash(hash.to_string()))
}
