//! One message to one address: an HTTP POST, signed. What its headers mean is for whoever writes a receiver:
//!
//! - `Idempotency-Key`: the same for each attempt at the same message. An attempt whose answer did not arrive here is
//!   made again; a receiver that remembers the key takes the message once.
//! - `X-Tillwatch-Signature: blake3=HEX`, where a secret is set: keyed BLAKE3 of the body's bytes, with the key
//!   `derive_key("tillwatch alarm webhook 1", secret)`.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;

use super::Failure;
use super::store::Message;
use crate::config::Key;

/// How long an attempt may take.
pub const PATIENCE: Duration = Duration::from_secs(10);
const CONTEXT: &str = "tillwatch alarm webhook 1";

#[derive(Debug)]
pub struct Webhook {
    http: reqwest::Client,
    secret: Option<Key>,
}

impl Webhook {
    pub fn new(secret: Option<Key>) -> Result<Self, String> {
        // What is signed for one address is not carried to another.
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(Policy::none()).build();
        Ok(Self { http: http.map_err(|error| error.to_string())?, secret })
    }

    /// Sends it once. An answer of 2xx is success.
    pub async fn send(&self, message: &Message) -> Result<String, Failure> {
        let mut request = self
            .http
            .post(&message.recipient)
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", message.key.to_string());
        if let Some(Key(secret)) = &self.secret {
            request = request.header("x-tillwatch-signature", signature(secret, message.body.as_bytes()));
        }
        let answer = request.body(message.body.clone()).send().await;
        let answer = answer.map_err(|error| Failure::passing(error.without_url().to_string()))?;
        let said = format!("HTTP {}", answer.status().as_u16());
        if answer.status().is_success() { Ok(said) } else { Err(Failure::passing(said)) }
    }
}

/// What goes into the header.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let key = blake3::derive_key(CONTEXT, secret.as_bytes());
    format!("blake3={}", blake3::keyed_hash(&key, body).to_hex())
}

/// An address as it is shown: its path and query may be secrets.
pub fn shown(recipient: &str) -> String {
    let url = reqwest::Url::parse(recipient).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "?".to_owned())
}
