//! Whose address counts: the peer's, unless it is a proxy that this server was told to trust.

use reqwest::Method;
use serde_json::json;

use crate::common::caller::send;
use crate::common::{Answer, Caller, Server};

async fn reading(caller: &Caller, forwarded: &str) -> String {
    let body = json!({ "temperature": 4, "humidity": 60, "pressure": 1013, "sensor_id": "g1" });
    let request = caller.device("demo").request(Method::POST, "/api/temperature_reading");
    let answer = send(request.header("x-forwarded-for", forwarded).json(&body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["client_ip"].as_str().unwrap().to_owned()
}

async fn guess(caller: &Caller, account: usize, forwarded: &str) -> Answer {
    let body = json!({ "username": format!("ninguem{account}"), "password": "errada" });
    let request = caller.request(Method::POST, "/api/v1/sessions").header("x-forwarded-for", forwarded);
    send(request.json(&body)).await
}

#[tokio::test]
async fn a_stranger_cannot_forge_an_address() {
    let server = Server::demo().await;
    let caller = server.caller();
    assert_eq!(reading(&caller, "203.0.113.7").await, "127.0.0.1");
    // Nor escape the brake on guessing with a new address for each guess.
    for number in 0..50 {
        assert_eq!(guess(&caller, number, &format!("198.51.100.{number}")).await.status, 401);
    }
    assert_eq!(guess(&caller, 50, "198.51.100.50").await.status, 429);
    server.stop().await;
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_for_what_it_saw() {
    let server = Server::start(&["--demo", "--trust-proxy", "127.0.0.0/8,10.0.0.2"]).await;
    let caller = server.caller();
    assert_eq!(reading(&caller, "203.0.113.7").await, "203.0.113.7");
    assert_eq!(reading(&caller, "10.0.0.1, 127.0.0.1, 203.0.113.7, 10.0.0.2").await, "203.0.113.7");
    // Behind the proxy too, one who guesses is slowed down, whatever he claims; his neighbour is not.
    for number in 0..50 {
        assert_eq!(guess(&caller, number, &format!("127.0.0.{number}, 203.0.113.7")).await.status, 401);
    }
    assert_eq!(guess(&caller, 50, "127.0.0.50, 203.0.113.7").await.status, 429);
    assert_eq!(guess(&caller, 51, "203.0.113.8").await.status, 401);
    server.stop().await;
}
