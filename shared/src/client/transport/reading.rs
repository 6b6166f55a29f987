//! Reading a bounded answer, and the problem in it.

use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::Url;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use tokio::time::timeout;

use super::{ANSWER_BYTES, Answer, Heard, SEQ};
use crate::UtcMicros;
use crate::api::Problem;
use crate::client::ClientError;

/// Reads an answer; one whose parts are heard while it comes is given up when none comes for so long. `unchanged` is the
/// answer that the server does not say again.
pub(super) async fn read(
    mut response: reqwest::Response,
    from: &Url,
    parts: Option<(Duration, &Heard<'_>)>,
    unchanged: Option<Vec<u8>>,
) -> Result<Answer, ClientError> {
    let status = response.status();
    let date = response.headers().get(DATE).and_then(|value| http_date(value.to_str().ok()?));
    let seq = response.headers().get(SEQ).and_then(|value| value.to_str().ok()?.parse().ok());
    let retry_after = retry_after(response.headers());
    let mut body = Vec::new();
    loop {
        let next = response.chunk();
        let next = match parts {
            Some((patience, _)) => timeout(patience, next).await.map_err(|_| ClientError::TimedOut)?,
            None => next.await,
        };
        let Some(chunk) = next.map_err(|error| read_error(&error))? else { break };
        if let Some((_, heard)) = parts {
            heard(&chunk);
        }
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(ClientError::BadAnswer(format!("longer than {ANSWER_BYTES} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    if let Some(body) = unchanged {
        Ok(Answer { body, date, seq, from: from.clone() })
    } else if status.is_success() {
        Ok(Answer { body, date, seq, from: from.clone() })
    } else if status.is_client_error() || status.is_server_error() {
        Err(ClientError::Problem(Box::new(problem(status, &body)), retry_after))
    } else {
        Err(ClientError::BadAnswer(format!("status {status}")))
    }
}

fn read_error(error: &reqwest::Error) -> ClientError {
    if error.is_timeout() { ClientError::TimedOut } else { ClientError::Interrupted }
}

fn retry_after(headers: &HeaderMap) -> Option<u32> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// A date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(text: &str) -> Option<UtcMicros> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok().map(UtcMicros::from)
}

/// The problem in the body or, where a proxy or one of the fixed routes answered, one made from
/// what there is.
pub(super) fn problem(status: reqwest::StatusCode, body: &[u8]) -> Problem {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let text = ["detail", "mensagem"].iter().find_map(|key| json.get(key)?.as_str());
        let title = status.canonical_reason().unwrap_or("Error");
        Problem {
            kind: "about:blank".into(),
            title: title.into(),
            status: status.as_u16(),
            code: format!("http_{}", status.as_u16()),
            detail: text.map_or_else(|| format!("{} {title}", status.as_u16()), str::to_owned),
            hint: String::new(),
            field: None,
        }
    })
}
