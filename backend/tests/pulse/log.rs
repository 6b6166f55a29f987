//! The log of messages: complete, filtered, exported, and removed when it is old.

use serde_json::{Value, json};
use tillwatch_server::clock::Clock;
use tillwatch_shared::api::{Direction, MessageKind, Page, PulseMessage};
use tillwatch_shared::time::{DAY, SECOND};

use crate::common::goods::all;
use crate::common::socket::Terminal;
use crate::common::{Caller, Server};
use crate::contract::token;
use crate::shop::{PASSWORD, Shop};

fn said(messages: &[PulseMessage]) -> Vec<(&str, bool, &str)> {
    messages.iter().map(|m| (m.client.as_str(), m.direction == Direction::Sent, m.content.as_str())).collect()
}

#[tokio::test]
async fn it_has_every_message_in_both_directions() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let begun = shop.server.clock.now();
    let (mut a, _) = Terminal::open(&base, "a", token(&shop.seller)).await;
    a.value(7).await;
    shop.server.clock.advance(SECOND);
    let (mut b, _) = Terminal::open(&base, "b", token(&shop.seller)).await;
    b.ask("é isto?").await;
    let step = a.ask(r#"{"type":"request","parity":"odd"}"#).await["value"].clone();
    a.send(b"\x01\xfe".to_vec()).await;
    a.json().await;
    let log: Vec<PulseMessage> = all(&shop.manager, "/api/v1/pulse/messages").await;
    let step = format!(r#"{{"type":"step","parity":"odd","value":{step}}}"#);
    let error = |content: &str| assert!(content.starts_with(r#"{"type":"error","message":""#), "{content}");
    let said = said(&log);
    assert_eq!(
        said[..5],
        [
            ("a", true, r#"{"type":"value","value":0}"#),
            ("a", false, r#"{"type":"value","value":7}"#),
            ("a", true, r#"{"type":"ack","value":7}"#),
            ("b", true, r#"{"type":"value","value":0}"#),
            ("b", false, "é isto?"),
        ]
    );
    error(said[5].2);
    assert_eq!(
        said[6..9],
        [
            ("a", false, r#"{"type":"request","parity":"odd"}"#),
            ("a", true, step.as_str()),
            ("a", false, "binary, 2 bytes: 01fe"),
        ]
    );
    error(said[9].2);
    assert_eq!((said.len(), log[2].at, log[3].at), (10, begun, begun.plus(SECOND)));

    let asked = async |query: &str| {
        let page: Page<PulseMessage> =
            shop.manager.get(&format!("/api/v1/pulse/messages?{query}")).await.expect(200);
        page.items.iter().map(|message| message.id).collect::<Vec<_>>()
    };
    assert_eq!(asked("client=b").await, [4, 5, 6]);
    assert_eq!(asked("client=a&direction=received").await, [2, 7, 9]);
    assert_eq!(asked("direction=sent&limit=2").await, [1, 3]);
    assert_eq!(asked("direction=sent&limit=2&after=3").await, [4, 6]);
    assert_eq!(asked("order=newest&limit=2").await, [10, 9]);
    assert_eq!(asked("order=newest&limit=2&after=9").await, [8, 7]);
    assert_eq!(asked(&format!("to={}", begun.plus(SECOND))).await, [1, 2, 3]);
    assert_eq!(asked(&format!("from={}&client=a", begun.plus(SECOND))).await, [7, 8, 9, 10]);
    assert_eq!(asked("client=nobody").await, [0_i64; 0]);
    for kind in MessageKind::ALL {
        let of_it = log.iter().filter(|message| message.kind() == kind).map(|message| message.id);
        let of_it: Vec<i64> = of_it.collect();
        assert!(!of_it.is_empty(), "{kind:?}");
        assert_eq!(asked(&format!("kind={}", kind.word())).await, of_it, "{kind:?}");
    }
    assert_eq!(asked("kind=value&order=newest&limit=2").await, [4, 2]);
    assert_eq!(asked("text=%C3%A9%20ISTO").await, [5], "whatever the case");
    assert_eq!(asked("text=PARITY&client=a").await, [7, 8]);
    for text in ["%25", "_s_", "%5C"] {
        assert_eq!(asked(&format!("text={text}")).await, [0_i64; 0], "{text} stands for itself");
    }
    for bad in ["text=", "kind=nonsense", &format!("text={}", "a".repeat(257))] {
        let answer = shop.manager.get(&format!("/api/v1/pulse/messages?{bad}")).await;
        assert_eq!(answer.status, 400, "{bad}");
    }

    let lines = shop.manager.get("/api/v1/pulse/messages.ndjson?client=b").await;
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let exported: Vec<PulseMessage> =
        lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(exported, log[3..6]);
    let csv = shop.manager.get("/api/v1/pulse/messages.csv?direction=received").await.text();
    let rows: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(rows[0], "id,at,client,direction,content");
    assert_eq!(rows[1], format!(r#"2,{begun},"a",received,"{{""type"":""value"",""value"":7}}""#));
    assert_eq!(rows.len(), 6);
    shop.server.stop().await;
}

#[tokio::test]
async fn it_is_read_and_exported_whole_over_many_pages_and_removed_when_old() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut silent, _) = Terminal::open(&base, "silent", token(&shop.seller)).await;
    silent.value(5).await;
    let tills = 60;
    let fill = async |rounds: usize| {
        let mut open = Vec::new();
        for till in 0..tills {
            open.push(Terminal::open(&base, &format!("t{till}"), token(&shop.seller)).await.0);
        }
        let rounds = open.into_iter().map(async |mut till| {
            for round in 0..rounds {
                till.value(i64::try_from(round % 100).unwrap()).await;
            }
        });
        futures_util::future::join_all(rounds).await;
    };
    fill(100).await;
    let count = 3 + tills * 201;
    let log: Vec<PulseMessage> = all(&shop.manager, "/api/v1/pulse/messages").await;
    assert_eq!(log.len(), count);
    assert!(log.iter().zip(1..).all(|(message, id)| message.id == id), "in order, none missing");
    let newest: Vec<PulseMessage> = all(&shop.manager, "/api/v1/pulse/messages?order=newest").await;
    assert!(newest.iter().rev().eq(&log));
    let exported = shop.manager.get("/api/v1/pulse/messages.ndjson").await.text();
    assert_eq!(exported.lines().count(), count);
    let of_one: Vec<PulseMessage> =
        all(&shop.manager, "/api/v1/pulse/messages?client=t7&direction=sent").await;
    assert_eq!(of_one.len(), 101);
    let of_silent: Vec<PulseMessage> =
        all(&shop.manager, "/api/v1/pulse/messages?client=silent&order=newest").await;
    assert_eq!(of_silent.len(), 3);

    // By rows: the oldest go, to within a piece.
    let keep = json!({ "days": 5, "rows": 10_000 });
    shop.manager.put("/api/v1/pulse/retention", &keep).await.expect::<Value>(200);
    fill(40).await;
    let oldest = async |manager: &Caller| {
        let page: Page<PulseMessage> = manager.get("/api/v1/pulse/messages?limit=1").await.expect(200);
        page.items.first().map_or(i64::MAX, |message| message.id)
    };
    while oldest(&shop.manager).await <= 4_000 {}
    let left: Vec<PulseMessage> = all(&shop.manager, "/api/v1/pulse/messages").await;
    assert!(left.len() >= 10_000 && left.last().unwrap().id == i64::try_from(count + tills * 81).unwrap());
    // By days: all of it, but values and ids stay.
    shop.server.clock.advance(5 * DAY + SECOND);
    silent.value(6).await;
    let first_new = left.last().unwrap().id + 1;
    let (manager, _) = shop.nobody.sign_in("gerente", PASSWORD).await;
    while oldest(&manager).await < first_new - 4_096 {
        silent.value(6).await;
    }
    let dir = shop.server.stop().await;
    let server = Server::open(dir, &[], Clock::system()).await;
    let base = server.caller().base;
    let (manager, session) = server.caller().sign_in("gerente", PASSWORD).await;
    let (_till, value) = Terminal::open(&base, "silent", &session.access_token).await;
    assert_eq!(value, 6);
    let newest: Page<PulseMessage> =
        manager.get("/api/v1/pulse/messages?order=newest&limit=1").await.expect(200);
    assert!(newest.items[0].id > first_new, "an id is not given twice");
    server.stop().await;
}
