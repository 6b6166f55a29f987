//! Restarts, kill -9, wrong tokens at speed, terminals that say too much, nothing, or do not read.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use futures_util::SinkExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tillwatch_server::clock::Clock;
use tillwatch_server::pulse::Scope;
use tillwatch_shared::api::{PulseMessage, Session};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::common::goods::all;
use crate::common::socket::{Terminal, connect};
use crate::common::{Caller, Dice, Program, Server, program};
use crate::contract::{terminal, token};
use crate::shop::{PASSWORD, Shop};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn values_outlive_a_restart_and_come_with_a_backup() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut till, _) = Terminal::open(&base, "a", token(&shop.seller)).await;
    till.value(77).await;
    let step = till.ask(r#"{"type":"request","parity":"odd"}"#).await["value"].clone();
    let Shop { server, .. } = shop;
    let (dir, code) = tokio::join!(server.stop(), till.closed());
    assert_eq!(code, Some(1001), "the server says that it goes");
    let copies = tempfile::tempdir().unwrap();
    program::success(&program::run(dir.path(), &["backup", "--to", copies.path().to_str().unwrap()]));
    let copy = std::fs::read_dir(copies.path()).unwrap().next().unwrap().unwrap().path();
    let restored = tempfile::tempdir().unwrap();
    let to = restored.path().join("data");
    program::success(&program::run(&to, &["restore", "--from", copy.to_str().unwrap()]));
    std::fs::rename(&to, restored.path().join("moved")).unwrap();
    for dir in [dir.path().to_owned(), restored.path().join("moved")] {
        let server = Program::start(&dir, &[]);
        let caller = Caller::new(&server.base);
        let (manager, session) = caller.sign_in("gerente", PASSWORD).await;
        let (_till, value) = Terminal::open(&server.base, "a", &session.access_token).await;
        assert_eq!(value, 77);
        let known: Vec<Value> = manager.get("/api/v1/pulse/clients").await.expect(200);
        assert_eq!((&known[0]["step"], &known[0]["person"]), (&step, &json!("gerente")));
        assert_eq!(known[0]["gaps"], 0, "that the server was away is not the terminal's gap");
        server.kill();
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9() {
    let mut dice = Dice::new(7);
    let dir = tempfile::tempdir().unwrap();
    let mut held: BTreeMap<usize, i64> = BTreeMap::new();
    let mut logged = 0;
    for round in 0..4 {
        let server = Program::start(dir.path(), &["--demo"]);
        let (manager, session) = Caller::new(&server.base).sign_in("56789012345", "1234").await;
        let log: Vec<PulseMessage> = all(&manager, "/api/v1/pulse/messages").await;
        let acks = log.iter().filter(|message| message.content.contains("ack")).count();
        assert!(acks >= logged, "round {round}: {acks} acks in the log, {logged} were read");
        let mut open = Vec::new();
        for till in 0..20 {
            let (socket, value) =
                Terminal::open(&server.base, &format!("t{till}"), &session.access_token).await;
            let acked = held.get(&till).copied().unwrap_or(0);
            // What was sent and not acknowledged may be there as well.
            assert!(value == acked || value == (acked + 1) % 100, "t{till}: {value}, acknowledged {acked}");
            open.push((till, socket, value));
        }
        let victim = tokio::time::sleep(Duration::from_millis(u64::try_from(dice.between(20, 400)).unwrap()));
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let pulses = open.into_iter().map(|(till, mut socket, mut value)| {
            let stopped = stopped.clone();
            async move {
                let mut acks = 0;
                while !*stopped.borrow() {
                    let next = (value + 1) % 100;
                    let text = json!({ "type": "value", "value": next }).to_string();
                    if socket.0.send(Message::text(text)).await.is_err() {
                        break;
                    }
                    match socket.next().await {
                        Some(Message::Text(_)) => (value, acks) = (next, acks + 1),
                        _ => break,
                    }
                }
                (till, value, acks)
            }
        });
        let kill = async {
            victim.await;
            server.kill();
            stop.send_replace(true);
        };
        let (results, ()) = tokio::join!(join_all(pulses), kill);
        for (till, value, acks) in results {
            held.insert(till, value);
            logged += acks;
        }
    }
    assert!(logged > 100, "{logged}");
}

#[tokio::test]
async fn wrong_tokens_at_speed_cost_nobody_else_anything() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut till, _) = Terminal::open(&base, "a", token(&shop.seller)).await;
    let wrong = (0..400).map(|n| {
        let base = base.clone();
        async move { connect(&base, &format!("/ws/pulse?client=x{n}&token=no{n}"), &[]).await.unwrap_err() }
    });
    let (answers, ()) = tokio::join!(join_all(wrong), async {
        for value in 0..50 {
            till.value(value).await;
        }
    });
    assert!(answers.iter().all(|status| *status == 401));
    assert_eq!(terminal(&shop, "a").await.value, 49);
    shop.server.stop().await;
}

#[tokio::test]
async fn connects_and_drops_leave_nothing_behind() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let path = format!("/ws/pulse?client=same&token={}", token(&shop.seller));
    for _ in 0..5 {
        let opened = (0..60).map(async |n| {
            let mut till = connect(&base, &path, &[]).await.unwrap();
            // Some say something first; it may have been displaced already.
            if n % 3 == 0 {
                let _ = till.0.send(Message::text(format!(r#"{{"type":"value","value":{n}}}"#))).await;
            }
        });
        join_all(opened).await;
    }
    while shop.server.running.app.pulse.stats().connected > 0 {
        tokio::task::yield_now().await;
    }
    let (mut till, _) = Terminal::open(&base, "same", token(&shop.seller)).await;
    till.value(1).await;
    shop.server.stop().await;
}

#[tokio::test]
async fn large_messages() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut till, _) = Terminal::open(&base, "a", token(&shop.seller)).await;
    till.value(8).await;
    let answer = till.ask(&"x".repeat(60_000)).await;
    assert_eq!(answer["type"], "error");
    let log: Vec<PulseMessage> = all(&shop.manager, "/api/v1/pulse/messages?direction=received").await;
    assert_eq!(log[1].content, format!("{}… (60000 bytes)", "x".repeat(256)));
    // The server does not read a megabyte to refuse it.
    let _ = till.0.send(Message::text("x".repeat(1_000_000))).await;
    assert!(matches!(till.closed().await, Some(1009) | None));
    let (_till, value) = Terminal::open(&base, "a", token(&shop.seller)).await;
    assert_eq!(value, 8);
    shop.server.stop().await;
}

#[tokio::test]
async fn a_terminal_that_sends_without_end_makes_only_itself_wait() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut till, _) = Terminal::open(&base, "deaf", token(&shop.seller)).await;
    let (mut other, _) = Terminal::open(&base, "other", token(&shop.seller)).await;
    // It sends for a while and reads nothing. One is served at a time, with a commit each, so what it has
    // sent waits on its own side.
    let flood = async {
        for n in 0..200_000 {
            let text = format!(r#"{{"type":"value","value":{}}}"#, n % 100);
            if till.0.send(Message::text(text)).await.is_err() {
                return;
            }
        }
    };
    let _ = timeout(Duration::from_secs(3), async {
        tokio::join!(flood, async {
            for value in 0..50 {
                other.value(value).await;
            }
        })
    })
    .await;
    assert_eq!(terminal(&shop, "other").await.value, 49);
    let served = terminal(&shop, "deaf").await.messages;
    assert!(served < 4_000, "{served} messages of it were taken at once");
    drop(till);
    shop.server.stop().await;
}

#[tokio::test]
async fn half_open_connections_and_ended_sessions_are_closed() {
    let dir = Shop::open().await.server.stop().await;
    let server = Server::open(dir, &["--pulse-ping-seconds", "1"], Clock::system()).await;
    let (_, session): (_, Session) = server.caller().sign_in("vendedora", PASSWORD).await;
    let (caller, manager) = server.caller().sign_in("gerente", PASSWORD).await;
    // Half open: the library answers pings only while somebody reads.
    let (mut silent, _) = Terminal::open(&server.caller().base, "silent", &session.access_token).await;
    let (mut awake, _) = Terminal::open(&server.caller().base, "awake", &session.access_token).await;
    let (mut leaving, _) = Terminal::open(&server.caller().base, "leaving", &manager.access_token).await;
    let reading = async { awake.closed().await };
    let gone = connected(&server, 1);
    assert!(caller.delete("/api/v1/sessions/current").await.status < 300);
    tokio::select! {
        code = reading => panic!("one that answers was closed: {code:?}"),
        both = async { tokio::join!(gone, leaving.closed()) } => assert_eq!(both.1, Some(4003)),
    }
    let list = server.running.app.pulse.terminals(&Scope::All, &HashSet::new(), server.clock.now());
    let states: BTreeMap<String, Value> =
        list.into_iter().map(|known| (known.client, json!(known.state))).collect();
    assert_eq!((&states["silent"], &states["leaving"]), (&json!("offline"), &json!("offline")));
    assert_ne!(states["awake"], json!("offline"));
    assert_eq!(silent.closed().await, Some(4008), "one that comes back hears why");
    server.stop().await;
}

/// Waits until so many terminals are connected.
async fn connected(server: &Server, count: u64) {
    let there = async {
        while server.running.app.pulse.stats().connected != count {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, there).await.expect("terminals stay or never came");
}

#[tokio::test]
async fn a_terminal_that_never_reads_is_dropped_and_slows_nobody() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let (mut deaf, _) = Terminal::narrow(&base, "deaf", token(&shop.seller)).await;
    let (mut other, _) = Terminal::open(&base, "other", token(&shop.seller)).await;
    // Pings are answered at once, so the answers soon fill all that is between the two.
    let flood = async {
        loop {
            if deaf.0.send(Message::Ping(vec![7; 125].into())).await.is_err() {
                break;
            }
        }
    };
    let mut value = 0;
    let steady = async {
        while shop.server.running.app.pulse.stats().connected > 1 {
            value = (value + 1) % 100;
            other.value(value).await;
        }
    };
    let both = async {
        tokio::select! {
            ((), ()) = async { tokio::join!(flood, std::future::pending()) } => {}
            () = steady => {}
        }
    };
    timeout(PATIENCE, both).await.expect("it was never dropped");
    // The reason may be lost with what it did not take.
    assert!(matches!(deaf.closed().await, Some(4008) | None));
    assert_eq!(terminal(&shop, "other").await.value, u8::try_from(value).unwrap());
    shop.server.stop().await;
}

#[tokio::test]
async fn each_breach_of_the_protocol_has_its_close_code() {
    let shop = Shop::open().await;
    let base = shop.nobody.base.clone();
    let mask = [0_u8; 4];
    for (what, frame, code) in [
        ("a megabyte", [&[0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0][..], &mask].concat(), 1009),
        ("no UTF-8", [&[0x81, 0x82][..], &mask, b"\xc3\x28"].concat(), 1007),
        ("not masked", b"\x81\x02hi".to_vec(), 1002),
        ("an opcode that is none", [&[0x83, 0x80][..], &mask].concat(), 1002),
        ("the end of what never began", [&[0x80, 0x80][..], &mask].concat(), 1002),
    ] {
        let (mut till, _) = Terminal::open(&base, "a", token(&shop.seller)).await;
        till.raw(&frame).await;
        assert_eq!(till.closed().await, Some(code), "{what}");
    }
    shop.server.stop().await;
}

/// The value of a figure of `/metrics`.
async fn figure(caller: &Caller, name: &str) -> String {
    let text = caller.get("/metrics").await.text();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("no {name}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_connects_and_drops_on_both_sockets_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let server = Program::start(dir.path(), &["--demo"]);
    let (caller, session) = Caller::new(&server.base).sign_in("56789012345", "1234").await;
    let (base, token) = (server.base.clone(), session.access_token);
    let files = || std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
    let round = async || {
        let opened = (0..100).map(async |n: usize| match n % 4 {
            0 => {
                let path = format!("/ws/pulse?client=t{}&token={token}", n % 40);
                let mut till = connect(&base, &path, &[]).await.unwrap();
                // It may have been displaced already.
                let _ = till.0.send(Message::text(format!(r#"{{"type":"value","value":{n}}}"#))).await;
            }
            1 => assert_eq!(connect(&base, "/ws/pulse?client=x&token=no", &[]).await.unwrap_err(), 401),
            2 => drop(connect(&base, "/ws/sensor_updates?api-key=demo", &[]).await.unwrap()),
            _ => {
                let mut wrong = connect(&base, "/ws/sensor_updates?api-key=no", &[]).await.unwrap();
                assert_eq!(wrong.closed().await, Some(1008));
            }
        });
        join_all(opened).await;
    };
    let quiet = async || {
        let names = ["tillwatch_pulse_connected", "tillwatch_live_clients"];
        while figure(&caller, names[0]).await != "0" || figure(&caller, names[1]).await != "0" {}
    };
    // Whatever is opened once and kept is open after this.
    round().await;
    timeout(PATIENCE, quiet()).await.expect("somebody is still counted");
    let before = files();
    for _ in 0..20 {
        round().await;
    }
    timeout(PATIENCE, quiet()).await.expect("somebody is still counted");
    let closed = async {
        while files() > before + 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, closed).await.expect("connections stay open");
    let (mut till, _) = Terminal::open(&base, "t0", &token).await;
    till.value(1).await;
    server.kill();
}
