//! What a client relies on.

use serde_json::{Value, json};
use tillwatch_server::clock::Clock;
use tillwatch_shared::api::{Page, PulseMessage, Terminal as Known};
use tillwatch_shared::time::{MINUTE, SECOND};

use crate::common::socket::{Terminal, connect};
use crate::common::{Caller, Server};
use crate::shop::{PASSWORD, Shop};

pub fn token(caller: &Caller) -> &str {
    caller.token.as_deref().unwrap()
}

pub async fn terminal(shop: &Shop, client: &str) -> Known {
    let known: Vec<Known> = shop.admin.get("/api/v1/pulse/clients").await.expect(200);
    known.into_iter().find(|known| known.client == client).unwrap_or_else(|| panic!("{client} is not known"))
}

#[tokio::test]
async fn the_number_services() {
    let shop = Shop::open().await;
    for (path, odd) in [("/api/v1/numbers/even", 0), ("/api/v1/numbers/odd", 1)] {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..60 {
            let answer: Value = shop.seller.get(path).await.expect(200);
            let value = answer["value"].as_i64().unwrap();
            assert_eq!(answer, json!({ "value": value }));
            assert!((0..100).contains(&value) && value % 2 == odd, "{path}: {value}");
            seen.insert(value);
        }
        assert!(seen.len() > 20, "not drawn: {seen:?}");
        shop.nobody.get(path).await.problem(401, "not_signed_in");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn values_steps_and_errors() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut till, first) = Terminal::open(&base, "Caixa%201", token(&shop.seller)).await;
    assert_eq!(first, 0);
    for value in [7, 99, 0, 42] {
        till.value(value).await;
    }
    for (parity, odd) in [("even", 0), ("odd", 1)] {
        let step = till.ask(&json!({ "type": "request", "parity": parity }).to_string()).await;
        let value = step["value"].as_i64().unwrap();
        assert_eq!(step, json!({ "type": "step", "parity": parity, "value": value }));
        assert!((0..100).contains(&value) && value % 2 == odd);
        assert_eq!(i64::from(terminal(&shop, "Caixa 1").await.step), value);
    }
    for wrong in [
        "",
        "x",
        "null",
        "7",
        "[]",
        "{}",
        r#"{"type":"value"}"#,
        r#"{"type":"value","value":100}"#,
        r#"{"type":"value","value":-1}"#,
        r#"{"type":"value","value":5.0}"#,
        r#"{"type":"value","value":1e1}"#,
        r#"{"type":"value","value":"5"}"#,
        r#"{"type":"value","value":null}"#,
        r#"{"type":"value","value":true}"#,
        r#"{"type":"value","value":[5]}"#,
        r#"{"type":"value","value":5,"value":6}"#,
        r#"{"type":"value","value":5,"more":6}"#,
        r#"{"type":"value","value":99999999999999999999}"#,
        r#"{"type":"value","value":5"#,
        r#"{"type":"value","value":5}{"type":"value","value":6}"#,
        r#"{"type":"ack","value":5}"#,
        r#"{"type":"step","parity":"even","value":5}"#,
        r#"{"type":"request"}"#,
        r#"{"type":"request","parity":"prime"}"#,
        r#"{"type":"request","parity":2}"#,
        r#"{"Type":"value","Value":5}"#,
        &format!(r#"{{"type":"value","value":5{}}}"#, " ".repeat(2_000)),
    ] {
        let answer = till.ask(wrong).await;
        assert_eq!(answer["type"], "error", "{wrong}: {answer}");
        assert!(!answer["message"].as_str().unwrap().is_empty());
        assert_eq!(answer.as_object().unwrap().len(), 2);
        let from_the_rules = !answer["message"].as_str().unwrap().contains("gravar");
        assert!(from_the_rules, "{wrong} got as far as the file: {answer}");
    }
    let beyond = till.ask(r#"{"type":"value","value":100}"#).await;
    assert_eq!(beyond["message"], "o valor vai de 0 a 99");
    till.send(b"\x00\xff".to_vec()).await;
    assert_eq!(till.json().await["type"], "error");
    assert_eq!(terminal(&shop, "Caixa 1").await.value, 42, "the value stayed");
    till.value(43).await;
    shop.server.stop().await;
}

#[tokio::test]
async fn who_may_connect() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let good = token(&shop.seller).to_owned();
    let bearer = format!("Bearer {good}");
    let cut = &good[..good.len() - 3];
    for (what, path, headers) in [
        ("no token", "/ws/pulse?client=a".to_owned(), vec![]),
        ("a wrong token", "/ws/pulse?client=a&token=x".to_owned(), vec![]),
        ("a token cut short", format!("/ws/pulse?client=a&token={cut}"), vec![]),
        (
            "a wrong header counts",
            format!("/ws/pulse?client=a&token={good}"),
            vec![("authorization", "Bearer x")],
        ),
        ("no scheme", "/ws/pulse?client=a".to_owned(), vec![("authorization", good.as_str())]),
    ] {
        assert_eq!(connect(&base, &path, &headers).await.unwrap_err(), 401, "{what}");
    }
    for client in
        ["", "&client", "&client=", "&client=%20a", "&client=%3D1", "&client=a%0Ab", "&client=a&client=b"]
    {
        let path = format!("/ws/pulse?x=1{client}");
        assert_eq!(connect(&base, &path, &[("authorization", &bearer)]).await.unwrap_err(), 400, "{client}");
    }
    shop.seller.get("/ws/pulse?client=a").await.problem(400, "malformed_request");
    let known: Vec<Known> = shop.manager.get("/api/v1/pulse/clients").await.expect(200);
    assert_eq!(known, [], "nothing of it left a trace");
    let mut by_query = connect(&base, &format!("/ws/pulse?client=a&token={good}"), &[]).await.unwrap();
    assert_eq!(by_query.json().await, json!({ "type": "value", "value": 0 }));
    shop.server.clock.advance(15 * MINUTE);
    let expired = connect(&base, "/ws/pulse?client=b", &[("authorization", &bearer)]).await;
    assert_eq!(expired.unwrap_err(), 401);
    // The connection outlives its token: the session has not ended.
    by_query.value(5).await;
    shop.server.stop().await;
}

#[tokio::test]
async fn a_second_connection_takes_over() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut first, _) = Terminal::open(&base, "a", token(&shop.seller)).await;
    first.value(10).await;
    let (mut other, _) = Terminal::open(&base, "b", token(&shop.seller)).await;
    let (mut second, value) = Terminal::open(&base, "a", token(&shop.stranger)).await;
    assert_eq!(value, 10);
    assert_eq!(first.closed().await, Some(4001));
    second.value(11).await;
    other.value(1).await;
    let known = terminal(&shop, "a").await;
    assert_eq!((known.value, known.person.as_str()), (11, "vizinho"));
    shop.server.stop().await;
}

#[tokio::test]
async fn only_managers_see_the_terminals_and_the_log() {
    let shop = Shop::open().await;
    for path in ["clients", "messages", "messages.csv", "messages.ndjson", "retention"] {
        let path = format!("/api/v1/pulse/{path}");
        shop.nobody.get(&path).await.problem(401, "not_signed_in");
        shop.seller.get(&path).await.problem(403, "role_not_allowed");
        assert_eq!(shop.manager.get(&path).await.status, 200, "{path}");
    }
    let body = json!({ "days": 3, "rows": 20_000 });
    shop.seller.put("/api/v1/pulse/retention", &body).await.problem(403, "role_not_allowed");
    let set: Value = shop.manager.put("/api/v1/pulse/retention", &body).await.expect(200);
    assert_eq!(
        (&set["days"], &set["rows"], &set["changed_by"]),
        (&json!(3), &json!(20_000), &json!("gerente"))
    );
    let read: Value = shop.admin.get("/api/v1/pulse/retention").await.expect(200);
    assert_eq!(read, set);
    for bad in [json!({ "days": 0, "rows": 20_000 }), json!({ "days": 3, "rows": 9_999 })] {
        shop.manager.put("/api/v1/pulse/retention", &bad).await.problem(400, "invalid_value");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn contact_gaps_and_states() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut till, _) = Terminal::open(&base, "a", token(&shop.seller)).await;
    till.value(1).await;
    let known = terminal(&shop, "a").await;
    assert_eq!((json!(known.state), known.gaps, known.person.as_str()), (json!("online"), 0, "vendedora"));
    let from = shop.server.clock.now();
    assert_eq!((known.last_contact_at, known.connected_since), (from, Some(from)));
    // The answer to the server's first ping; the client library sends it with the next message.
    while terminal(&shop, "a").await.round_trip_micros.is_none() {
        till.value(1).await;
    }
    shop.server.clock.advance(6 * SECOND);
    assert_eq!(json!(terminal(&shop, "a").await.state), json!("silent"));
    till.value(2).await;
    let known = terminal(&shop, "a").await;
    assert_eq!((json!(known.state), known.gaps, known.longest_gap_micros), (json!("online"), 1, 6 * SECOND));
    let gap = known.last_gap.unwrap();
    assert_eq!((gap.from, gap.to), (from, from.plus(6 * SECOND)));
    drop(till);
    while json!(terminal(&shop, "a").await.state) != json!("offline") {}
    shop.server.stop().await;
}

#[tokio::test]
async fn managers_see_the_terminals_of_their_stores() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut ours, _) = Terminal::open(&base, "a", token(&shop.seller)).await;
    let (mut theirs, _) = Terminal::open(&base, "b", token(&shop.stranger)).await;
    let (mut admins, _) = Terminal::open(&base, "c", token(&shop.admin)).await;
    for till in [&mut ours, &mut theirs, &mut admins] {
        till.value(5).await;
    }
    let clients = async |caller: &Caller| -> Vec<String> {
        let known: Vec<Known> = caller.get("/api/v1/pulse/clients").await.expect(200);
        known.into_iter().map(|known| known.client).collect()
    };
    let log = async |caller: &Caller, query: &str| -> Vec<String> {
        let page: Page<PulseMessage> =
            caller.get(&format!("/api/v1/pulse/messages{query}")).await.expect(200);
        let lines = caller.get(&format!("/api/v1/pulse/messages.ndjson{query}")).await.text();
        assert_eq!(lines.lines().count(), page.items.len(), "the export has what the list has");
        let rows = caller.get(&format!("/api/v1/pulse/messages.csv{query}")).await.text();
        assert_eq!(rows.lines().count(), page.items.len() + 1);
        page.items.into_iter().map(|message| message.client).collect()
    };
    assert_eq!(clients(&shop.admin).await, ["a", "b", "c"]);
    assert_eq!(log(&shop.admin, "").await.len(), 9);
    assert_eq!(clients(&shop.manager).await, ["a"]);
    assert_eq!(log(&shop.manager, "").await, ["a"; 3]);
    assert_eq!(log(&shop.manager, "?client=b").await, [""; 0]);
    assert_eq!(log(&shop.manager, "?client=a&direction=sent").await, ["a"; 2]);
    // A terminal goes with the person who is at it.
    let (_moved, _) = Terminal::open(&base, "b", token(&shop.seller)).await;
    assert_eq!(clients(&shop.manager).await, ["a", "b"]);
    // People who change their store take theirs along.
    let path = format!("/api/v1/people/{}", shop.seller_person().id);
    shop.admin.patch(&path, &json!({ "stores": [shop.b] })).await.expect::<Value>(200);
    assert_eq!(clients(&shop.manager).await, [""; 0]);
    let dir = shop.server.stop().await;
    let server = Server::open(dir, &[], Clock::system()).await;
    let (manager, _) = server.caller().sign_in("gerente", PASSWORD).await;
    let (admin, _) = server.caller().sign_in("dona", PASSWORD).await;
    assert_eq!((clients(&manager).await.len(), clients(&admin).await.len()), (0, 3), "kept over a restart");
    server.stop().await;
}

#[tokio::test]
async fn a_terminal_is_forgotten_when_it_is_not_connected() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let name = "Caixa%201%2F2%20%233";
    let path = format!("/api/v1/pulse/clients/{name}");
    let (mut till, _) = Terminal::open(&base, name, token(&shop.seller)).await;
    till.value(9).await;
    let (mut other, _) = Terminal::open(&base, "b", token(&shop.stranger)).await;
    other.value(8).await;
    shop.nobody.delete(&path).await.problem(401, "not_signed_in");
    shop.seller.delete(&path).await.problem(403, "role_not_allowed");
    shop.manager.delete(&path).await.problem(409, "terminal_connected");
    shop.manager.delete("/api/v1/pulse/clients/b").await.problem(404, "unknown_terminal");
    shop.manager.delete("/api/v1/pulse/clients/c").await.problem(404, "unknown_terminal");
    till.value(10).await;
    drop(till);
    while json!(terminal(&shop, "Caixa 1/2 #3").await.state) != json!("offline") {}
    let tip = shop.server.tip();
    assert_eq!(shop.manager.delete(&path).await.status, 204);
    let changes: Value = shop.manager.get(&format!("/api/v1/changes?after={tip}")).await.expect(200);
    let forgotten = json!({ "what": "terminal_forgotten", "client": "Caixa 1/2 #3" });
    assert_eq!(changes["changes"][0]["event"]["data"], forgotten, "the history tells it");
    shop.manager.delete(&path).await.problem(404, "unknown_terminal");
    let known: Vec<Known> = shop.manager.get("/api/v1/pulse/clients").await.expect(200);
    assert_eq!(known, []);
    // Its messages are still to be read, under its name, by those who could before.
    let log = async |caller: &Caller| -> Vec<String> {
        let page: Page<PulseMessage> =
            caller.get(&format!("/api/v1/pulse/messages?client={name}")).await.expect(200);
        page.items.into_iter().map(|message| message.content).collect()
    };
    let before = log(&shop.manager).await;
    assert_eq!(before.len(), 5);
    let (mut again, value) = Terminal::open(&base, name, token(&shop.seller)).await;
    assert_eq!(value, 0, "it begins anew");
    again.value(1).await;
    assert_eq!(terminal(&shop, "Caixa 1/2 #3").await.messages, 3);
    let after = log(&shop.manager).await;
    assert_eq!((&after[..5], after.len()), (&before[..], 8));
    let dir = shop.server.stop().await;
    let server = Server::open(dir, &[], Clock::system()).await;
    let (_, session) = server.caller().sign_in("vendedora", PASSWORD).await;
    let (_till, value) = Terminal::open(&server.caller().base, name, &session.access_token).await;
    assert_eq!(value, 1);
    server.stop().await;
}
