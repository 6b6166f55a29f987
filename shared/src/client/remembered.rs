//! Answers that are likely to be the same the next time: the server is told which one is here, and need not send it again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use reqwest::header::{ETAG, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode, Url};

/// By the address that was asked. Whose answer it is, the server knows by its tag.
#[derive(Default)]
pub(super) struct Remembered(Mutex<HashMap<Url, Known>>);

#[derive(Clone)]
pub(super) struct Known {
    pub tag: HeaderValue,
    pub body: Vec<u8>,
}

impl Remembered {
    pub fn get(&self, address: &Url) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    /// Keeps an answer that has a tag, in place of the one before.
    pub fn keep(&self, address: Url, tag: Option<HeaderValue>, body: &[u8]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match tag {
            Some(tag) => all.insert(address, Known { tag, body: body.to_owned() }),
            None => all.remove(&address),
        };
    }
}

/// The tag of a whole answer.
pub(super) fn tag(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(ETAG).cloned()
}

/// Nothing has changed since that answer.
pub(super) fn is_unchanged(response: &Response) -> bool {
    response.status() == StatusCode::NOT_MODIFIED
}
