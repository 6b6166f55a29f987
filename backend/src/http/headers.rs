//! Headers that every answer carries, where its handler does not say otherwise.

use actix_web::http::header::{
    CACHE_CONTROL, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;

/// Types are not guessed, pages are framed by nobody and name nobody, and answers, which may hold a shop's
/// figures or somebody's tokens, stay out of caches. Over TLS browsers stay with TLS for a month: short
/// enough to go back to plain HTTP some day.
pub fn everywhere(over_tls: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((X_FRAME_OPTIONS, "DENY"))
        .add((REFERRER_POLICY, "no-referrer"))
        .add(("cross-origin-resource-policy", "same-origin"))
        .add((CACHE_CONTROL, "no-store"));
    if over_tls { headers.add((STRICT_TRANSPORT_SECURITY, "max-age=2592000")) } else { headers }
}
