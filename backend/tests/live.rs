//! The live readings: who may listen, what they hear and in which order, and what becomes of clients that are
//! slow, silent, gone, or talk too much.
#![cfg(test)]

pub mod common;
#[path = "api/shop.rs"]
pub mod shop;

use common::readings_socket::{PATIENCE, ReadingsSocket as Socket};
use common::{Caller, Server};
use serde_json::{Value, json};
use shop::Shop;
use tillwatch_shared::api::{ApiKey, IssuedApiKey};
use tillwatch_shared::time::HOUR;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

const PATH: &str = "/ws/sensor_updates?api-key=demo";

async fn post(device: &Caller, sensor: &str, temperature: f64) -> Value {
    let body =
        json!({ "temperature": temperature, "humidity": 60.5, "pressure": 1013.25, "sensor_id": sensor });
    device.post("/api/temperature_reading", &body).await.expect(201)
}

/// A batch of so many readings, one a second and all before `now`.
async fn post_batch(server: &Server, device: &Caller, sensor: &str, count: i64) {
    let now = server.clock.now();
    let rows: Vec<Value> = (0..count)
        .map(|n| {
            json!({
                "sensor_id": sensor, "temperature": n, "humidity": 60, "pressure": 1013,
                "measured_at": now.plus(-1_000_000 * (count - n)),
            })
        })
        .collect();
    let result: Value = device.post("/api/v1/readings", &json!({ "readings": rows })).await.expect(200);
    assert_eq!(result["stored"], count);
}

async fn listen(server: &Server, path: &str) -> Socket {
    Socket::open(server.running.address, path).await
}

/// Waits until the server has so many clients.
async fn clients(server: &Server, count: usize) {
    let there = async {
        while server.running.app.live.figures().clients != count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, there).await.expect("clients stay or never came");
}

#[tokio::test]
async fn the_newest_first_then_each_in_the_shape_of_the_answer() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let mut early = listen(&server, PATH).await;
    post(&device, "g1", 1.5).await;
    let second = post(&device, "g2", 2.5).await;
    let mut late = listen(&server, PATH).await;
    assert_eq!(late.reading().await, second, "the newest of all sensors");
    assert_eq!(early.reading().await["sensor_id"], "g1", "nothing was there before");
    assert_eq!(early.reading().await, second);

    let third = post(&device, "7", 3.25).await;
    assert_eq!(third.as_object().unwrap().len(), 8);
    for socket in [&mut early, &mut late] {
        assert_eq!(socket.reading().await, third, "no client hears another shape than the device");
    }
    post_batch(&server, &device, "g3", 200).await;
    for socket in [&mut early, &mut late] {
        for n in 0..200 {
            let reading = socket.reading().await;
            assert_eq!(
                (&reading["sensor_id"], &reading["temperature"]),
                (&json!("g3"), &json!(f64::from(n)))
            );
            assert_eq!(reading["id"].as_i64().unwrap(), third["id"].as_i64().unwrap() + 1 + i64::from(n));
            assert_eq!(reading["client_ip"], "127.0.0.1");
        }
    }
    let dir = server.stop().await;
    assert_eq!(late.code().await, 1001, "the server says that it stops");

    // The newest reading outlives the server.
    let server = Server::open(dir, &["--demo"], tillwatch_server::clock::Clock::system()).await;
    assert_eq!(listen(&server, PATH).await.reading().await["sensor_id"], "g3");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_hear_everything_in_one_order() {
    let server = Server::demo().await;
    let mut sockets = Vec::new();
    for _ in 0..100 {
        sockets.push(listen(&server, PATH).await);
    }
    let writers = (0..8).map(|writer| {
        let device = server.caller().device("demo");
        tokio::spawn(async move {
            for n in 0..50 {
                post(&device, &format!("w{writer}"), f64::from(n)).await;
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut first: Option<Vec<Value>> = None;
    for socket in &mut sockets {
        let mut heard = Vec::new();
        for _ in 0..400 {
            heard.push(socket.reading().await);
        }
        let expected = first.get_or_insert_with(|| heard.clone());
        assert_eq!(&heard, expected);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let ids: Vec<i64> = first.unwrap().iter().map(|reading| reading["id"].as_i64().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "without a gap, in the order of the commits");
    server.stop().await;
}

#[tokio::test]
async fn keys_and_their_limit() {
    let server = Server::start(&["--demo", "--max-ws-connections-per-key", "2"]).await;
    for path in ["/ws/sensor_updates", "/ws/sensor_updates?api-key=", "/ws/sensor_updates?api-key=nope"] {
        assert_eq!(listen(&server, path).await.code().await, 1008, "{path}");
    }
    let first = listen(&server, PATH).await;
    let mut second = listen(&server, PATH).await;
    assert_eq!(listen(&server, PATH).await.code().await, 1008, "one too many");
    drop(first);
    clients(&server, 1).await;
    let mut third = listen(&server, PATH).await;
    let reading = post(&server.caller().device("demo"), "g", 4.0).await;
    assert_eq!(second.reading().await, reading);
    assert_eq!(third.reading().await, reading);
    server.stop().await;
}

#[tokio::test]
async fn a_key_made_here_listens_until_it_is_revoked_or_expires() {
    let shop = Shop::open().await;
    let server = &shop.server;
    let now = server.clock.now();
    let issue = async |body: Value| -> (ApiKey, String) {
        let issued: IssuedApiKey = shop.manager.post("/api/v1/api-keys", &body).await.expect(201);
        (issued.key, issued.secret.unwrap())
    };
    let (kept, kept_secret) = issue(json!({ "name": "a", "scopes": ["read_live"] })).await;
    let (gone, gone_secret) = issue(json!({ "name": "b", "scopes": ["read_live"] })).await;
    let (_, short_secret) =
        issue(json!({ "name": "c", "scopes": ["read_live"], "expires_at": now.plus(HOUR) })).await;
    let (_, write_secret) = issue(json!({ "name": "d", "scopes": ["write_readings"] })).await;
    let open = async |secret: &str| listen(server, &format!("/ws/sensor_updates?api-key={secret}")).await;
    assert_eq!(open(&write_secret).await.code().await, 1008, "it may write, not listen");
    let (mut a, mut b, mut c) =
        (open(&kept_secret).await, open(&gone_secret).await, open(&short_secret).await);
    let device = shop.nobody.device(&write_secret);
    let reading = post(&device, "g", 4.0).await;
    for socket in [&mut a, &mut b, &mut c] {
        assert_eq!(socket.reading().await, reading);
    }
    let _: ApiKey = shop.manager.delete(&format!("/api/v1/api-keys/{}", gone.id)).await.expect(200);
    assert_eq!(b.code().await, 1008, "revoked while it listened");
    server.clock.advance(HOUR);
    let reading = post(&device, "g", 5.0).await;
    assert_eq!(c.code().await, 1008, "expired while it listened");
    assert_eq!(a.reading().await, reading);
    assert_eq!(open(&gone_secret).await.code().await, 1008);
    // Its last use outlives the server.
    let dir = shop.server.stop().await;
    let server = Server::open(dir, &[], tillwatch_server::clock::Clock::manual(now.plus(HOUR))).await;
    let (manager, _) = server.caller().sign_in("gerente", shop::PASSWORD).await;
    let keys: Vec<ApiKey> = manager.get("/api/v1/api-keys").await.expect(200);
    let used = keys.iter().find(|key| key.id == kept.id).unwrap().last_used_at;
    // When it began to listen, or when it was looked at again after another key was revoked.
    assert!(used == Some(now) || used == Some(now.plus(HOUR)), "{used:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_person_hears_the_sensors_of_their_stores_until_they_sign_out() {
    let shop = Shop::open().await;
    let key: IssuedApiKey = shop
        .manager
        .post("/api/v1/api-keys", &json!({ "name": "k", "scopes": ["write_readings"] }))
        .await
        .expect(201);
    let device = shop.nobody.device(&key.secret.unwrap());
    let open = async |caller: &Caller| {
        let token = caller.token.as_deref().unwrap();
        listen(&shop.server, &format!("/ws/sensor_updates?token={token}")).await
    };
    let (mut seller, mut stranger) = (open(&shop.seller).await, open(&shop.stranger).await);
    let everybody = post(&device, "g1", 1.0).await;
    let settings = json!({ "name": "Geladeira 1", "store_id": shop.a, "kind": "fridge" });
    let _: Value = shop.manager.put("/api/v1/sensors/g1", &settings).await.expect(200);
    let hidden = post(&device, "g1", 2.0).await;
    let shown = post(&device, "g2", 3.0).await;
    for expected in [&everybody, &hidden, &shown] {
        assert_eq!(&seller.reading().await, expected);
    }
    for expected in [&everybody, &shown] {
        assert_eq!(&stranger.reading().await, expected, "the fridge of another store is not to be heard");
    }
    post(&device, "g1", 4.0).await;
    let mut late = open(&shop.stranger).await;
    let next = post(&device, "g3", 5.0).await;
    assert_eq!(late.reading().await, next, "the newest is hidden from this one");
    shop.seller.delete("/api/v1/sessions/current").await;
    let (_, code) = seller.to_the_end().await;
    assert_eq!(code, 1008, "signed out");
    let forged = format!("/ws/sensor_updates?token={}x", shop.stranger.token.as_deref().unwrap());
    assert_eq!(listen(&shop.server, &forged).await.code().await, 1008);
    shop.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stalls_is_dropped_and_slows_nobody() {
    let server = Server::start(&["--demo", "--live-backlog", "10000"]).await;
    let device = server.caller().device("demo");
    let mut stalled = Socket::narrow(server.running.address, PATH).await;
    let mut steady = listen(&server, PATH).await;
    // Far more than the backlog and the buffers of the connection hold.
    for round in 0..6 {
        post_batch(&server, &device, &format!("s{round}"), 10_000).await;
        for n in 0..10_000 {
            assert_eq!(steady.reading().await["temperature"], json!(f64::from(n)));
        }
    }
    let (heard, code) = stalled.to_the_end().await;
    assert_eq!(code, 1013, "it is told why");
    assert!(heard.len() < 60_000, "{}", heard.len());
    let ids: Vec<i64> = heard.iter().map(|reading| reading["id"].as_i64().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "what it heard has no gap");
    assert_eq!(server.running.app.live.figures().dropped, 1);
    server.stop().await;
}

#[tokio::test]
async fn nothing_is_heard_that_was_not_stored() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let mut socket = listen(&server, PATH).await;
    // Another writer holds the file for so long that the commit fails.
    let held = rusqlite::Connection::open(server.dir.path().join("telemetry.sqlite")).unwrap();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let body = json!({ "temperature": 1, "humidity": 1, "pressure": 1, "sensor_id": "g" });
    device.post("/api/temperature_reading", &body).await.fixed_error(503, "detail");
    held.execute_batch("ROLLBACK").unwrap();
    let stored = post(&device, "g", 1.0).await;
    assert_eq!(socket.reading().await, stored);

    // A reading that is refused is not heard; the next one is.
    let bad = json!({ "temperature": 1, "humidity": 1, "pressure": 1, "sensor_id": " " });
    assert_eq!(device.post("/api/temperature_reading", &bad).await.status, 422);
    let good = post(&device, "g", 2.0).await;
    assert_eq!(socket.reading().await, good);
    server.stop().await;
}

#[tokio::test]
async fn clients_that_talk() {
    let server = Server::demo().await;
    let device = server.caller().device("demo");
    let mut socket = listen(&server, PATH).await;
    for message in [Message::text("olá"), Message::binary(vec![0; 4096]), Message::Pong(vec![1].into())] {
        socket.send(message).await.unwrap();
    }
    socket.send(Message::Ping(b"still there?"[..].into())).await.unwrap();
    assert_eq!(socket.next().await.unwrap(), Message::Pong(b"still there?"[..].into()));
    let reading = post(&device, "g", 1.0).await;
    assert_eq!(socket.reading().await, reading, "what it said changes nothing");
    let mut large = listen(&server, PATH).await;
    assert_eq!(large.reading().await, reading);
    // The server may close before all of it is sent.
    let _ = large.send(Message::binary(vec![0; 1 << 20])).await;
    assert_eq!(large.code().await, 1009);
    clients(&server, 1).await;
    socket.send(Message::Close(None)).await.unwrap();
    assert!(matches!(socket.next().await, Ok(Message::Close(_))));
    clients(&server, 0).await;
    assert_eq!(server.caller().get("/ws/sensor_updates?api-key=demo").await.status, 400, "not a WebSocket");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_reads_is_dropped_and_slows_nobody() {
    let server = Server::start(&["--demo", "--live-ping", "5", "--live-backlog", "100000"]).await;
    let device = server.caller().device("demo");
    let deaf = Socket::narrow(server.running.address, PATH).await;
    let mut steady = listen(&server, PATH).await;
    for round in 0..6 {
        let sensor = format!("s{round}");
        // It reads all the while, so that it answers the pings.
        let reads = async {
            for n in 0..10_000 {
                assert_eq!(steady.reading().await["temperature"], json!(f64::from(n)));
            }
        };
        tokio::join!(post_batch(&server, &device, &sensor, 10_000), reads);
    }
    // Its buffers are full, so it can be told nothing; it goes all the same.
    tokio::select! {
        message = steady.next() => panic!("nothing was posted: {message:?}"),
        () = clients(&server, 1) => {}
    }
    let reading = post(&device, "g", 1.0).await;
    assert_eq!(steady.reading().await, reading);
    drop(deaf);
    server.stop().await;
}

/// The head of a request for a WebSocket, for clients that then do what they like.
async fn raw(server: &Server, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.running.address).await.unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_client_that_is_silent_is_dropped() {
    let server = Server::start(&["--demo", "--live-ping", "1"]).await;
    let mut silent = raw(&server, PATH).await;
    let mut all = Vec::new();
    // It ends: the server asks, hears nothing, and closes.
    let read = tokio::time::timeout(PATIENCE, silent.read_to_end(&mut all)).await;
    read.expect("it was never dropped").unwrap();
    assert!(String::from_utf8_lossy(&all).starts_with("HTTP/1.1 101"));
    assert!(all.ends_with(&[0x89, 0]), "the last that it got is a ping");
    assert_eq!(server.running.app.live.figures().dropped, 1);
    clients(&server, 0).await;
    server.stop().await;
}

#[tokio::test]
async fn not_websocket_at_all() {
    let server = Server::demo().await;
    let mut rough = raw(&server, PATH).await;
    rough.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut all = Vec::new();
    tokio::time::timeout(PATIENCE, rough.read_to_end(&mut all)).await.unwrap().unwrap();
    let tail = &all[all.len() - 30..];
    assert!(tail.windows(2).any(|pair| pair == 1002_u16.to_be_bytes()), "{tail:?}");
    clients(&server, 0).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connects_drops_and_wrong_keys_at_speed() {
    let server = Server::demo().await;
    let mut steady = listen(&server, PATH).await;
    let address = server.running.address;
    let crowd: Vec<_> = (0..8)
        .map(|n| {
            tokio::spawn(async move {
                for round in 0..40 {
                    match (n + round) % 3 {
                        0 => drop(Socket::open(address, PATH).await),
                        1 => {
                            let mut wrong = Socket::open(address, "/ws/sensor_updates?api-key=x").await;
                            assert_eq!(wrong.code().await, 1008);
                        }
                        _ => drop(TcpStream::connect(address).await.unwrap()),
                    }
                }
            })
        })
        .collect();
    let device = server.caller().device("demo");
    for n in 0..100 {
        let reading = post(&device, "g", f64::from(n)).await;
        assert_eq!(steady.reading().await, reading);
    }
    for one in crowd {
        one.await.unwrap();
    }
    clients(&server, 1).await;
    server.stop().await;
}
