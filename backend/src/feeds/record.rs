//! One record out of its bytes: its id, and its content without blanks.

use serde::Deserialize;
use serde_json::value::RawValue;
use tillwatch_shared::limits::{FEED_RECORD_BYTES, FEED_RECORD_ID_BYTES};

use super::split::Piece;
use crate::domain::feeds::Record;

/// Why bytes are no record, and whose they are as far as that can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    pub record_id: Option<String>,
    pub detail: String,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

/// Reads a record.
pub fn read(piece: &Piece<'_>) -> Result<Record, Bad> {
    let text = std::str::from_utf8(piece.bytes);
    let bad = |detail: String| Bad { record_id: guess_id(&String::from_utf8_lossy(piece.bytes)), detail };
    if piece.too_long {
        return Err(bad(too_long()));
    }
    let text = text.map_err(|error| bad(format!("not UTF-8 at its byte {}", error.valid_up_to() + 1)))?;
    if !text.starts_with('{') {
        let what = if text.is_empty() { "nothing between two commas" } else { "not an object" };
        return Err(bad(what.to_owned()));
    }
    let head: Head<'_> = serde_json::from_str(text).map_err(|error| bad(format!("not JSON: {error}")))?;
    let id = head.id.and_then(id).ok_or_else(|| bad("its id is missing, or no text or number".to_owned()))?;
    let body = without_blanks(text);
    if body.len() > FEED_RECORD_BYTES {
        return Err(Bad { record_id: Some(id), detail: too_long() });
    }
    Ok(Record { id, body })
}

fn too_long() -> String {
    format!("longer than {} kB", FEED_RECORD_BYTES / 1024)
}

/// A text, or a number as it is written.
fn id(raw: &RawValue) -> Option<String> {
    let raw = raw.get();
    let id = match raw.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(raw).ok()?,
        b'-' | b'0'..=b'9' => raw.to_owned(),
        _ => return None,
    };
    let good = (1..=FEED_RECORD_ID_BYTES).contains(&id.len()) && !id.chars().any(char::is_control);
    good.then_some(id)
}

/// The id of what is not a good record, to name it: the value behind the first `"id":`.
fn guess_id(text: &str) -> Option<String> {
    let (_, behind) = text.split_once("\"id\"")?;
    let value = behind.trim_start().strip_prefix(':')?.trim_start();
    let found: String = match value.strip_prefix('"') {
        Some(quoted) => quoted.chars().take_while(|c| *c != '"').take(80).collect(),
        None => value.chars().take_while(|c| c.is_ascii_digit() || *c == '-').take(40).collect(),
    };
    (!found.is_empty()).then(|| found.replace(char::is_control, "?"))
}

/// JSON without the blanks between its parts. What is in strings, and how numbers are written, stays.
fn without_blanks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    kept.extend(text.chars().filter(|c| {
        if in_string {
            match *c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            return true;
        }
        in_string = *c == '"';
        !matches!(c, ' ' | '\t' | '\r' | '\n')
    }));
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &[u8]) -> Result<Record, Bad> {
        read(&Piece { bytes: text, line: 1, too_long: false })
    }

    #[test]
    fn ids_and_bodies() {
        let record = of(b"{ \"id\" : 7 , \"a b\" : \"c  \\\" d\", \"n\": 55.80 }").unwrap();
        assert_eq!(
            (record.id.as_str(), record.body.as_str()),
            ("7", r#"{"id":7,"a b":"c  \" d","n":55.80}"#)
        );
        assert_eq!(of(br#"{"id":"V-1"}"#).unwrap().id, "V-1");
        assert_eq!(of(br#"{"id":18446744073709551617}"#).unwrap().id, "18446744073709551617");
    }

    #[test]
    fn bad_ones_are_named() {
        for (text, id, detail) in [
            (&br#"{"id":12,"a":}"#[..], Some("12"), "not JSON"),
            (b"{\"id\":\"V-9\",\"a\":\"\xff\"}", Some("V-9"), "not UTF-8"),
            (br#"{"a":1}"#, None, "id is missing"),
            (br#"{"id":null}"#, None, "id is missing"),
            (br#"{"id":[1]}"#, None, "id is missing"),
            (br#"{"id":""}"#, None, "id is missing"),
            (br#"{"id":1,"id":2}"#, Some("1"), "duplicate"),
            (b"7", None, "not an object"),
            (b"[]", None, "not an object"),
            (b"", None, "nothing between"),
        ] {
            let bad = of(text).unwrap_err();
            assert_eq!(bad.record_id.as_deref(), id, "{bad:?}");
            assert!(bad.detail.contains(detail), "{bad:?}");
        }
        let deep = format!(r#"{{"id":1,"a":{}"#, "[".repeat(10_000));
        assert!(of(deep.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn blanks_are_all_that_goes(key in ".*", text in ".*", number in any::<i64>()) {
            let value = serde_json::json!({ "id": number, key: [text, { "n": number }] });
            let pretty = of(serde_json::to_string_pretty(&value).unwrap().as_bytes()).unwrap();
            let dense = of(serde_json::to_string(&value).unwrap().as_bytes()).unwrap();
            prop_assert_eq!(&pretty, &dense);
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&pretty.body).unwrap(), value);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = of(&bytes);
        }
    }
}
