//! Tokens: a short JWT for every request, and the refresh token that buys the next pair.
//!
//! A refresh token is `session.generation.mac`. It is made from the session and a key of the server, so
//! the ledger keeps only the generation, and the answer to a repeated request can be made again.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use tillwatch_shared::time::{MINUTE, SECOND};
use tillwatch_shared::{PersonId, SessionId, UtcMicros};
use uuid::Uuid;

use super::secret::Secret;

/// How long an access token is good.
pub const ACCESS_LIFETIME: i64 = 15 * MINUTE;

pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    refresh: [u8; 32],
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub sub: PersonId,
    pub sid: SessionId,
    /// Seconds since 1970.
    pub exp: i64,
    pub iat: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token has expired")]
    Expired,
    #[error("the token is not one of ours")]
    Bad,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    pub fn new(secret: &Secret) -> Self {
        let access = secret.derive("tillwatch 2026 access token");
        let mut validation = Validation::new(Algorithm::HS256);
        // Expiry is checked against the server's own clock, which tests move.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        Self {
            encoding: EncodingKey::from_secret(&access),
            decoding: DecodingKey::from_secret(&access),
            validation,
            refresh: secret.derive("tillwatch 2026 refresh token"),
        }
    }

    /// An access token and when it expires.
    pub fn access(
        &self,
        person: PersonId,
        session: SessionId,
        now: UtcMicros,
    ) -> Result<(String, UtcMicros), TokenError> {
        let expires = now.plus(ACCESS_LIFETIME);
        let claims = Claims { sub: person, sid: session, exp: expires.0 / SECOND, iat: now.0 / SECOND };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|_| TokenError::Bad)?;
        Ok((token, expires))
    }

    pub fn verify_access(&self, token: &str, now: UtcMicros) -> Result<Claims, TokenError> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| TokenError::Bad)?
            .claims;
        if claims.exp.saturating_mul(SECOND) <= now.0 { Err(TokenError::Expired) } else { Ok(claims) }
    }

    pub fn refresh(&self, session: SessionId, generation: i64) -> String {
        let mac = self.mac(session, generation).to_hex();
        format!("{}.{generation}.{mac}", session.0.simple())
    }

    /// The session and generation of a refresh token of ours.
    pub fn verify_refresh(&self, token: &str) -> Result<(SessionId, i64), TokenError> {
        let mut parts = token.splitn(3, '.');
        let mut next = || parts.next().ok_or(TokenError::Bad);
        let session = Uuid::try_parse(next()?).map(SessionId).map_err(|_| TokenError::Bad)?;
        let generation = next()?.parse().map_err(|_| TokenError::Bad)?;
        let mac = blake3::Hash::from_hex(next()?).map_err(|_| TokenError::Bad)?;
        // Comparing hashes takes the same time wherever they differ.
        if mac == self.mac(session, generation) { Ok((session, generation)) } else { Err(TokenError::Bad) }
    }

    fn mac(&self, session: SessionId, generation: i64) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.refresh);
        hasher.update(session.0.as_bytes());
        hasher.update(&generation.to_le_bytes());
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(dir: &tempfile::TempDir, file: &str) -> Tokens {
        Tokens::new(&Secret::load_or_create(&dir.path().join(file)).unwrap())
    }

    #[test]
    fn only_ours_and_only_in_time() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (tokens(&dir, "a"), tokens(&dir, "b"));
        let (person, session, now) = (PersonId::now(), SessionId::now(), UtcMicros(1_000 * SECOND));
        let (token, expires) = ours.access(person, session, now).unwrap();
        assert_eq!(ours.verify_access(&token, now).unwrap().sub, person);
        assert_eq!(ours.verify_access(&token, expires).unwrap_err(), TokenError::Expired);
        assert_eq!(theirs.verify_access(&token, now).unwrap_err(), TokenError::Bad);

        let refresh = ours.refresh(session, 3);
        assert_eq!(ours.verify_refresh(&refresh), Ok((session, 3)));
        assert_eq!(theirs.verify_refresh(&refresh), Err(TokenError::Bad));
        let forged = refresh.replacen(".3.", ".4.", 1);
        assert_eq!(ours.verify_refresh(&forged), Err(TokenError::Bad));
        for junk in ["", "..", "a.b.c", "x"] {
            assert_eq!(ours.verify_refresh(junk), Err(TokenError::Bad), "{junk}");
        }
    }

    #[test]
    fn a_token_without_signature_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let ours = tokens(&dir, "a");
        let (token, _) = ours.access(PersonId::now(), SessionId::now(), UtcMicros(0)).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        // {"alg":"none"}
        let unsigned = format!("eyJhbGciOiJub25lIn0.{claims}.");
        assert_eq!(ours.verify_access(&unsigned, UtcMicros(0)).unwrap_err(), TokenError::Bad);
    }
}
