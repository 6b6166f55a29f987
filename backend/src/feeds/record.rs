//! One record out of its bytes: its id, and its content without blanks.

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use tillwatch_shared::api::{FaultCode, FaultReason};
use tillwatch_shared::limits::{FEED_RECORD_BYTES, FEED_RECORD_ID_BYTES};

use super::split::Piece;
use crate::domain::feeds::Record;

/// Why bytes are no record, and whose they are as far as that can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    pub record_id: Option<String>,
    pub reason: FaultReason,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

/// Reads a record.
pub fn read(piece: &Piece<'_>) -> Result<Record, Bad> {
    let text = std::str::from_utf8(piece.bytes);
    let bad =
        |reason: FaultReason| Bad { record_id: guess_id(&String::from_utf8_lossy(piece.bytes)), reason };
    if piece.too_long {
        return Err(bad(too_long()));
    }
    let not_utf8 =
        |error: std::str::Utf8Error| FaultReason::about(FaultCode::NotUtf8, error.valid_up_to() + 1);
    let text = text.map_err(|error| bad(not_utf8(error)))?;
    if !text.starts_with('{') {
        let code = if text.is_empty() { FaultCode::NothingThere } else { FaultCode::NotAnObject };
        return Err(bad(FaultReason::plain(code)));
    }
    let head: Head<'_> = serde_json::from_str(text).map_err(|error| bad(not_json(&error)))?;
    let id = head.id.and_then(id).ok_or_else(|| bad(FaultReason::plain(FaultCode::NoId)))?;
    let body = without_blanks(text);
    if body.len() > FEED_RECORD_BYTES {
        return Err(Bad { record_id: Some(id), reason: too_long() });
    }
    Ok(Record { id, body })
}

fn too_long() -> FaultReason {
    FaultReason::about(FaultCode::TooLong, FEED_RECORD_BYTES / 1024)
}

/// Of an object, [`Head`] says nothing but that its id has one value.
fn not_json(error: &serde_json::Error) -> FaultReason {
    match error.classify() {
        Category::Data => FaultReason::plain(FaultCode::IdTwice),
        Category::Syntax | Category::Eof | Category::Io => {
            FaultReason::about(FaultCode::NotJson, format_args!("{}:{}", error.line(), error.column()))
        }
    }
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
        use FaultCode as Code;
        for (text, id, code, about) in [
            (&br#"{"id":12,"a":}"#[..], Some("12"), Code::NotJson, "1:14"),
            (b"{\"id\":\"V-9\",\"a\":\"\xff\"}", Some("V-9"), Code::NotUtf8, "18"),
            (br#"{"a":1}"#, None, Code::NoId, ""),
            (br#"{"id":null}"#, None, Code::NoId, ""),
            (br#"{"id":[1]}"#, None, Code::NoId, ""),
            (br#"{"id":""}"#, None, Code::NoId, ""),
            (br#"{"id":1,"id":2}"#, Some("1"), Code::IdTwice, ""),
            (b"7", None, Code::NotAnObject, ""),
            (b"[]", None, Code::NotAnObject, ""),
            (b"", None, Code::NothingThere, ""),
        ] {
            let bad = of(text).unwrap_err();
            assert_eq!(bad.record_id.as_deref(), id, "{bad:?}");
            assert_eq!(bad.reason, FaultReason::about(code, about));
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
