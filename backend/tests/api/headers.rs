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
