use super::reading::{http_date, problem};
use super::server_url;
use crate::UtcMicros;
use reqwest::StatusCode;

#[test]
fn addresses_as_people_type_them() {
    assert_eq!(server_url(" 10.0.0.5:8080 ").unwrap().as_str(), "http://10.0.0.5:8080/");
    assert_eq!(server_url("https://loja.example/till/").unwrap().path(), "/till/");
    for bad in ["", "ftp://x", "http://", "a b", "mailto:x@y"] {
        assert!(server_url(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn http_dates() {
    assert_eq!(
        http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
        Some(UtcMicros(784_111_777 * crate::time::SECOND))
    );
    assert_eq!(http_date("yesterday"), None);
}

#[test]
fn problems_of_others_keep_their_text() {
    let made = problem(StatusCode::UNAUTHORIZED, br#"{"detail":"Invalid API key"}"#);
    assert_eq!((made.status, made.detail.as_str()), (401, "Invalid API key"));
    assert_eq!(problem(StatusCode::BAD_GATEWAY, b"<html>").detail, "502 Bad Gateway");
}
