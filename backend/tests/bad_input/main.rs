//! Bad input on every route of the OpenAPI document: a clear 4xx in the documented shape, nothing changed,
//! nothing secret in the log.
#![cfg(test)]

#[path = "../common/mod.rs"]
pub mod common;
mod fixture;
#[path = "../api/shop.rs"]
pub mod shop;

use std::process::Command;

use common::caller::send;
use common::{Caller, Program, program};
use fixture::{Door, Fixture, IDS_OF_CALLERS, LENIENT, NO_KEY, Route, routes, shape};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{IssuedApiKey, Session};
use tillwatch_shared::time::MINUTE;

#[tokio::test]
async fn bodies_that_are_not_the_body() {
    let fixture = Fixture::open().await;
    for route in routes().iter().filter(|route| route.body.is_some()) {
        let digest = fixture.shop.server.digest();
        let good = fixture.good(route);
        fixture.refused(route, "no body", fixture.request(route)).await;
        let text = good.to_string();
        let strange = text.replacen(":\"", ":\"\u{fffd}", 1).replace('\u{fffd}', "?");
        let at = strange.find(":\"?").map_or(1, |at| at + 2);
        let mut invalid = strange.into_bytes();
        invalid[at] = 0xff;
        // The values without their names, in the order of the document.
        let fields = route.body.as_ref().unwrap()["properties"].as_object().unwrap();
        let bare: Vec<&Value> = fields.keys().map(|name| &good[name]).collect();
        for (what, bytes) in [
            ("an empty body", Vec::new()),
            ("blanks", b"  \n ".to_vec()),
            ("cut off", text.as_bytes()[..text.len() - 1].to_vec()),
            ("more behind it", format!("{text}{text}").into_bytes()),
            ("null", b"null".to_vec()),
            ("a number", b"7".to_vec()),
            ("a text", b"\"x\"".to_vec()),
            ("true", b"true".to_vec()),
            ("an empty array", b"[]".to_vec()),
            ("the body in an array", format!("[{text}]").into_bytes()),
            ("an array of the values", json!(bare).to_string().into_bytes()),
            ("invalid UTF-8", invalid),
            ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("a form", b"username=x&password=y".to_vec()),
            ("deep arrays", b"[".repeat(100_000)),
            ("deep objects", b"{\"a\":".repeat(40_000)),
            ("NUL", b"\0".to_vec()),
        ] {
            fixture.refused(route, what, fixture.raw(route, bytes)).await;
        }
        assert_eq!(fixture.shop.server.digest(), digest, "{} {}", route.method, route.path);
    }
    fixture.shop.server.stop().await;
}

#[tokio::test]
async fn bodies_that_are_too_large() {
    let fixture = Fixture::open().await;
    let digest = fixture.shop.server.digest();
    for route in routes().iter().filter(|route| route.body.is_some()) {
        let good = fixture.good(route).to_string();
        // As JSON it would be right: only its size is wrong.
        let padded = format!("{}{good}", " ".repeat(10 * 1024 * 1024));
        let answer = fixture.refused(route, "10 MB", fixture.raw(route, padded)).await;
        assert_eq!(answer.status, 413, "{} {}", route.method, route.path);
    }
    assert_eq!(fixture.shop.server.digest(), digest);
    fixture.shop.server.stop().await;
}

#[tokio::test]
async fn fields_of_the_wrong_kind() {
    let fixture = Fixture::open().await;
    for route in routes().iter().filter(|route| route.body.is_some()) {
        let digest = fixture.shop.server.digest();
        let good = fixture.good(route);
        let required = route.body.as_ref().unwrap()["required"].as_array().cloned().unwrap_or_default();
        for (field, value) in good.as_object().unwrap() {
            for wrong in wrong_values(field, value) {
                // Written by hand, because JSON libraries know neither NaN nor such numbers.
                let mut body = good.clone();
                body[field] = json!("@@");
                let text = body.to_string().replace("\"@@\"", &wrong);
                let what = format!("{field} = {wrong:.40}");
                fixture.refused(route, &what, fixture.raw(route, text)).await;
            }
        }
        for field in &required {
            let field = field.as_str().unwrap();
            let mut body = good.clone();
            body[field] = Value::Null;
            fixture.refused(route, &format!("{field} = null"), fixture.request(route).json(&body)).await;
            body.as_object_mut().unwrap().remove(field);
            fixture.refused(route, &format!("no {field}"), fixture.request(route).json(&body)).await;
        }
        if !LENIENT.contains(&route.path.as_str()) {
            let mut body = good.clone();
            body["more"] = json!(1);
            fixture.refused(route, "an unknown field", fixture.request(route).json(&body)).await;
            let name = good.as_object().unwrap().keys().next().unwrap();
            let twice = format!("{{\"{name}\":{},{}", good[name], &good.to_string()[1..]);
            fixture.refused(route, "a field twice", fixture.raw(route, twice)).await;
        }
        assert_eq!(fixture.shop.server.digest(), digest, "{} {}", route.method, route.path);
    }
    fixture.shop.server.stop().await;
}

/// Values of other kinds than the good one, as JSON or what pretends to be.
fn wrong_values(field: &str, good: &Value) -> Vec<String> {
    let mut wrong: Vec<String> =
        ["{}", "[[[[]]]]", "NaN", "-Infinity", "1e400", "\"\\ud800\"", "'x'"].map(String::from).to_vec();
    let more: &[&str] = match good {
        // A sensor's id may be a number.
        Value::String(_) if field == "sensor_id" => &["1.5", "true", "[]", "1e30", "\"a,b\"", "\"\""],
        Value::String(_) => &["7", "true", "[\"x\"]", "-1.5", "\"a\\u0000b\""],
        // As a reading these are large, but numbers.
        Value::Number(number) if number.is_f64() => &["\"NaN\"", "\"x\"", "true", "[1]", "\"\""],
        Value::Number(_) => {
            &["\"NaN\"", "\"x\"", "true", "[1]", "\"\"", "99999999999999999999999999999", "1e300"]
        }
        Value::Bool(_) => &["1", "\"true\"", "[true]", "0.5"],
        Value::Array(_) => &["7", "\"x\"", "true", "[null]", "[{\"a\":1}]", "[true]"],
        Value::Null | Value::Object(_) => &["7", "\"x\"", "[]"],
    };
    wrong.extend(more.iter().map(ToString::to_string));
    if good.is_string() {
        wrong.push(format!("\"{}\"", "x".repeat(600)));
    }
    wrong
}

#[tokio::test]
async fn wrong_absent_and_expired_tokens_and_keys() {
    let fixture = Fixture::open().await;
    let (nobody, digest) = (&fixture.shop.nobody, fixture.shop.server.digest());
    let token = fixture.shop.admin.token.clone().unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
    let routes = routes();
    let closed = |door: Door| routes.iter().filter(move |route| route.door == door);
    let with_good_body = |route: &Route, request: RequestBuilder| match route.body {
        Some(_) => request.json(&fixture.good(route)),
        None => request,
    };
    for route in closed(Door::Bearer) {
        let path = fixture.path(route);
        let ask = |caller: &Caller| with_good_body(route, caller.request(route.method.clone(), &path));
        let with = |name: &str, value: &str| ask(nobody).header(name, value);
        for (what, request) in [
            ("no token", ask(nobody)),
            ("a device's key", ask(&fixture.device)),
            ("a refresh token", ask(&nobody.bearer(&fixture.session.refresh_token))),
            ("a token with no signature", ask(&nobody.bearer(&unsigned))),
            ("a token cut short", ask(&nobody.bearer(&token[..token.len() - 4]))),
            ("an empty token", with("authorization", "Bearer ")),
            ("no scheme", with("authorization", &token)),
            ("another scheme", with("authorization", &format!("Basic {token}"))),
            ("a long token", with("authorization", &format!("Bearer {}", "x".repeat(8_000)))),
            ("a token in a cookie", with("cookie", &format!("token={token}"))),
        ] {
            if what == "a device's key" && route.for_devices_too {
                continue;
            }
            let answer = fixture.refused(route, what, request).await;
            assert_eq!(answer.status, 401, "{what}: {} {}", route.method, route.path);
        }
    }
    for route in closed(Door::Key) {
        let path = fixture.path(route);
        let ask = |caller: &Caller| with_good_body(route, caller.request(route.method.clone(), &path));
        let bytes = reqwest::header::HeaderValue::from_bytes(b"\xff\xfe").unwrap();
        for (what, request) in [
            ("no key", ask(nobody)),
            ("a wrong key", ask(&nobody.device("tw_000000000000000000000000000000000000000000000000"))),
            ("a long key", ask(&nobody.device(&"x".repeat(8_000)))),
            ("a key of bytes", ask(nobody).header("x-api-key", bytes)),
            ("a person's token", ask(&fixture.shop.admin)),
            ("a person's token as key", ask(&nobody.device(&token))),
        ] {
            let answer = fixture.refused(route, what, request).await;
            assert_eq!(answer.status, 401, "{what}: {} {}", route.method, route.path);
        }
    }
    fixture.shop.server.clock.advance(15 * MINUTE);
    for route in closed(Door::Bearer) {
        let request = with_good_body(route, fixture.request(route));
        let answer = fixture.refused(route, "an expired token", request).await;
        assert_eq!(answer.status, 401, "{} {}", route.method, route.path);
    }
    assert_eq!(fixture.shop.server.digest(), digest);
    fixture.shop.server.stop().await;
}

#[tokio::test]
async fn bad_ids_keys_and_queries() {
    let fixture = Fixture::open().await;
    let digest = fixture.shop.server.digest();
    for route in &routes() {
        let with_good_body = |request: RequestBuilder| match route.body {
            Some(_) => request.json(&fixture.good(route)),
            None => request,
        };
        let caller = fixture.caller(route);
        if route.path.contains("{id}") && route.path != "/api/v1/sensors/{id}" {
            let long = "x".repeat(2_000);
            let unknown = CommandId::now().to_string();
            for bad in [
                "x",
                "0",
                "-1",
                "%00",
                "%ff%fe",
                "%2e%2e",
                "00000000-0000-0000-0000-00000000000",
                &long,
                &unknown,
            ] {
                if bad == unknown && IDS_OF_CALLERS.contains(&(route.method.as_str(), route.path.as_str())) {
                    continue;
                }
                let path = route.path.replace("{id}", bad);
                let request = with_good_body(caller.request(route.method.clone(), &path));
                fixture.refused(route, &format!("id {bad:.20}"), request).await;
            }
        }
        if route.method != Method::GET && !NO_KEY.contains(&route.path.as_str()) {
            for bad in ["", "x", "00000000-0000-0000-0000-000000000000", "7", &"a".repeat(4_000)] {
                let request = with_good_body(fixture.request(route)).header("idempotency-key", bad);
                fixture.refused(route, &format!("key {bad:.20}"), request).await;
            }
        }
        if route.door == Door::Bearer {
            let request = with_good_body(fixture.request(route)).header("min-seq", "soon");
            fixture.refused(route, "min-seq soon", request).await;
        }
        for query in &route.queries {
            let path = fixture.path(route);
            let long = "a".repeat(8_000);
            for bad in [
                "",
                "x",
                "-1",
                "NaN",
                "1e400",
                "99999999999999999999",
                "%00",
                "%ff",
                "[]",
                "{}",
                "%",
                "'",
                &long,
            ] {
                let answer =
                    send(caller.request(route.method.clone(), &format!("{path}?{query}={bad}"))).await;
                let what = format!("{} {path}?{query}={bad:.20}: {}", route.method, answer.status);
                assert!(answer.status < 500, "{what}");
                if answer.status >= 400 {
                    shape(&route.path, &answer);
                }
            }
        }
    }
    assert_eq!(fixture.shop.server.digest(), digest);
    fixture.shop.server.stop().await;
}

/// Heads and lines that are no HTTP at all do not stop the server.
#[tokio::test]
async fn bytes_that_are_not_http() {
    use std::io::{Read, Write};
    let server = common::Server::demo().await;
    let address = server.running.address;
    let sent = tokio::task::spawn_blocking(move || {
        let huge = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(2_000_000));
        for bytes in [
            &b"\0\0\0\0"[..],
            b"GET\r\n\r\n",
            b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
            b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n",
            b"POST /login HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzzzz\r\n",
            b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            huge.as_bytes(),
        ] {
            let mut connection = std::net::TcpStream::connect(address).unwrap();
            connection.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
            // It may hang up in the middle.
            let _ = connection.write_all(bytes);
            let _ = connection.shutdown(std::net::Shutdown::Write);
            let mut answer = Vec::new();
            let _ = connection.read_to_end(&mut answer);
            let text = String::from_utf8_lossy(&answer);
            assert!(answer.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
        }
    });
    sent.await.unwrap();
    assert_eq!(server.caller().get("/health/ready").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn nothing_secret_is_logged() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(program::SERVER);
    command.args(["--data-dir", dir.path().to_str().unwrap(), "--api-key", "chave-da-linha-de-comando"]);
    command.env("TILLWATCH_LOG", "trace");
    let server = Program::from_command(command);
    let code = server.greeting[0].rsplit(' ').next().unwrap().to_owned();
    let caller = Caller::new(&server.base);
    let setup = |code: &str| json!({ "code": code, "username": "dona", "password": "senha-da-dona", "store_name": "Loja" });
    caller.post("/api/v1/setup", &setup("codigo-errado")).await.problem(403, "wrong_setup_code");
    let first: Session = caller.post("/api/v1/setup", &setup(&code)).await.expect(201);
    let admin = caller.bearer(&first.access_token);
    let body = json!({ "name": "k", "scopes": ["write_readings"] });
    let issued: IssuedApiKey = admin.post("/api/v1/api-keys", &body).await.expect(201);
    let secret = issued.secret.unwrap();
    let reading = json!({ "sensor_id": "g", "temperature": 4, "humidity": 60, "pressure": 1013 });
    for key in [&secret, "chave-da-linha-de-comando"] {
        caller.device(key).post("/api/temperature_reading", &reading).await.expect::<Value>(201);
    }
    caller.device("chave-errada").post("/api/temperature_reading", &reading).await.fixed_error(401, "detail");
    caller.bearer("token-errado").get("/produtos").await.fixed_error(401, "mensagem");
    for wrong in ["senha-errada", "1234"] {
        let body = json!({ "username": "dona", "password": wrong });
        assert_eq!(caller.post("/login", &body).await.status, 401);
    }
    // The parser's complaint about it must not end up in the log either.
    let broken = b"{\"username\":\"dona\",\"password\":[\"senha-em-lista\"".to_vec();
    assert_eq!(caller.post_bytes("/api/v1/sessions", "application/json", broken).await.status, 400);
    let typed = json!({ "username": "dona", "password": "senha-da-dona", "device": 7 });
    assert_eq!(caller.post("/api/v1/sessions", &typed).await.status, 400);
    let refreshed: Session = caller
        .post("/api/v1/sessions/refresh", &json!({ "refresh_token": first.refresh_token }))
        .await
        .expect(200);
    let change = json!({ "password": "senha-nova-da-dona" });
    admin.patch(&format!("/api/v1/people/{}", first.person.id), &change).await.expect::<Value>(200);
    let person = json!({ "username": "v", "password": "senha-do-v", "role": "seller" });
    let (admin, _) = caller.sign_in("dona", "senha-nova-da-dona").await;
    admin.post("/api/v1/people", &person).await.expect::<Value>(201);

    let (status, _, log) = server.terminate();
    assert!(status.success());
    assert!(log.contains("stopping"), "this is the log");
    for word in [
        "senha-",
        "chave-",
        "token-errado",
        "codigo-errado",
        &code,
        &secret,
        &first.access_token,
        &first.refresh_token,
        &refreshed.access_token,
        &refreshed.refresh_token,
        "$argon2",
        "tw_",
    ] {
        assert!(!log.contains(word), "{word} is in the log: {}", around(&log, word));
    }
}

fn around<'a>(log: &'a str, word: &str) -> &'a str {
    log.lines().find(|line| line.contains(word)).unwrap_or_default()
}
