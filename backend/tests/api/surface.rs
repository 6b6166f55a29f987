//! What is around the nouns: the document, health, figures, the page, and addresses that do not exist.

use serde_json::{Value, json};
use tillwatch_server::http::docs::Document;
use tillwatch_shared::api::Health;
use utoipa::OpenApi;

use crate::common::Server;
use crate::common::caller::send;

#[tokio::test]
async fn the_document_is_served_and_names_every_route() {
    let server = Server::demo().await;
    let caller = server.caller();
    let served: Value = caller.get("/api/v1/openapi.json").await.expect(200);
    let made: Value = serde_json::from_str(&Document::openapi().to_json().unwrap()).unwrap();
    assert_eq!(served, made);
    let page = caller.get("/swagger-ui/").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("swagger-ui"));
    // Every route of the document exists: nobody gets "no such address".
    for (path, item) in served["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = path.replace("{id}", "x");
            let answer = send(caller.request(method.clone(), &path)).await;
            let missing = answer.status == 405 || answer.text().contains("no_such_route");
            assert!(!missing, "{method} {path}: {}", answer.text());
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn health_figures_and_the_page() {
    let server = Server::demo().await;
    let caller = server.caller();
    assert_eq!(caller.get("/health/live").await.expect::<Health>(200).status, "ok");
    let ready: Health = caller.get("/health/ready").await.expect(200);
    assert_eq!((ready.status.as_str(), ready.ledger.as_str(), ready.telemetry.as_str()), ("ok", "ok", "ok"));
    assert_eq!(caller.get("/metrics").await.status, 200);
    let page = caller.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(
        !page.text().contains("http://") && !page.text().contains("https://"),
        "fetches nothing from elsewhere"
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for name in ["app.js", "style.css", "icon.svg"] {
        assert!(page.text().contains(&format!("/web/{name}")));
        let file = caller.get(&format!("/web/{name}")).await;
        assert_eq!((file.status, file.header("cache-control")), (200, Some("no-cache")));
        let tag = file.header("etag").unwrap();
        let request = caller.request(reqwest::Method::GET, &format!("/web/{name}"));
        assert_eq!(send(request.header("if-none-match", tag)).await.status, 304);
    }
    caller.get("/web/nothing.js").await.problem(404, "no_such_route");
    caller.get("/web/..%2findex.html").await.any_problem();
    server.stop().await;
}

#[tokio::test]
async fn unknown_addresses_and_methods() {
    let server = Server::demo().await;
    let caller = server.caller();
    for path in ["/nope", "/api/v1/nope", "/api/v1/products/x/y", "/api/v2/products", "/api/v1/", "/login/"] {
        caller.get(path).await.problem(404, "no_such_route");
    }
    let answer = caller.delete("/api/v1/products").await;
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), Some("GET, POST"));
    let answer = caller.post("/api/v1/server", &json!({})).await;
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), Some("GET"));
    // Only where it is asked for.
    let key = caller.device("demo");
    key.post("/api/v1/bench/echo_reading", &json!({})).await.problem(404, "no_such_route");
    server.stop().await;
}

/// A refusal reads the body first, so that the connection stays and the next request need not connect.
#[tokio::test]
async fn a_refusal_keeps_the_connection() {
    use std::io::{Read, Write};
    let server = Server::demo().await;
    let address = server.running.address;
    let statuses = tokio::task::spawn_blocking(move || {
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        connection.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
        let mut statuses = Vec::new();
        for path in
            ["/api/temperature_reading", "/api/v1/readings", "/api/v1/sales", "/inventario", "/api/v1/nope"]
        {
            let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n");
            connection.write_all(head.as_bytes()).unwrap();
            connection.write_all(&[b' '; 500]).unwrap();
            connection.flush().unwrap();
            connection.write_all(&[b' '; 500]).unwrap();
            let mut answer = Vec::new();
            let length = loop {
                let mut part = [0; 4096];
                let count = connection.read(&mut part).unwrap();
                assert!(count > 0, "{path}: the connection was closed");
                answer.extend_from_slice(&part[..count]);
                let text = String::from_utf8_lossy(&answer).to_lowercase();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                assert!(!head.contains("connection: close"), "{path}: {head}");
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                if body.len() >= length.parse::<usize>().unwrap() {
                    break head.lines().next().unwrap().split(' ').nth(1).unwrap().to_owned();
                }
            };
            statuses.push(length);
        }
        statuses
    });
    assert_eq!(statuses.await.unwrap(), ["401", "401", "401", "401", "404"]);
    server.stop().await;
}
