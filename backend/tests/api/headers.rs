//! What every answer carries, good or bad.

use serde_json::json;

use crate::common::{Answer, Server};

const EVERYWHERE: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[track_caller]
fn guarded(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
    for (name, value) in EVERYWHERE {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert!(answer.header("cache-control").is_some());
    assert_eq!(answer.header("strict-transport-security"), None, "only over TLS");
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let server = Server::demo().await;
    let (caller, session) = server.caller().sign_in("lucas", "1234").await;
    for path in ["/", "/health/ready", "/metrics", "/api/v1/server", "/api/v1/stores", "/swagger-ui/"] {
        guarded(&caller.get(path).await, 200);
    }
    assert!(!session.access_token.is_empty());
    let body = json!({ "username": "lucas", "password": "1234" });
    let opened = caller.post("/api/v1/sessions", &body).await;
    guarded(&opened, 201);
    assert_eq!(opened.header("cache-control"), Some("no-store"), "it holds tokens");
    guarded(&caller.get("/nowhere").await, 404);
    guarded(&caller.nobody().get("/api/v1/stores").await, 401);
    guarded(&caller.delete("/api/v1/server").await, 405);
    guarded(&caller.post("/api/temperature_reading", &json!({})).await, 401);
    guarded(&caller.device("demo").post("/api/temperature_reading", &json!({})).await, 422);
    guarded(&caller.post("/login", &json!({})).await, 400);
    let listed = caller.get("/api/v1/products").await;
    guarded(&listed, 200);
    assert_eq!(
        listed.header("cache-control"),
        Some("private, no-cache"),
        "it may be asked for again by its tag"
    );
    server.stop().await;
}

/// The page may use what comes with it and talk to its own server, and nothing else: no script or style within the
/// page, nothing from elsewhere, no frame around it.
#[tokio::test]
async fn the_page_lets_nothing_else_in() {
    let server = Server::demo().await;
    let page = server.caller().get("/").await;
    let told = page.header("content-security-policy").expect("a policy").to_owned();
    let rules: std::collections::BTreeMap<&str, &str> =
        told.split(';').map(|rule| rule.trim().split_once(' ').unwrap()).collect();
    for (name, sources) in &rules {
        assert!(["'none'", "'self'"].contains(sources), "{name} {sources}");
    }
    for closed in ["default-src", "base-uri", "frame-ancestors"] {
        assert_eq!(rules.get(closed), Some(&"'none'"), "{told}");
    }
    let text = page.text();
    for inline in ["<style", " style=", "<script>", " onclick=", "javascript:"] {
        assert!(!text.contains(inline), "{inline}");
    }
    server.stop().await;
}
