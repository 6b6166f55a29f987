//! A reading is heard on the socket only after it is durable: in the database, or in the file while it is away.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use futures_util::future::join_all;
use tokio::task::JoinHandle;

use super::cluster::{Cluster, PATIENCE, until};
use super::common::Program;
use super::common::readings_socket::ReadingsSocket as Socket;
use super::{STORED, same};

/// What a device sends until the server is gone.
async fn send(base: String, from: i64) {
    let client = reqwest::Client::new();
    for number in from.. {
        let body =
            format!(r#"{{"temperature":{number},"humidity":1,"pressure":2,"sensor_id":{}}}"#, number % 5);
        let request = client.post(format!("{base}/api/temperature_reading")).header("X-API-Key", "demo");
        let sent = request.header("content-type", "application/json").body(body).send().await;
        if sent.is_err() {
            return;
        }
    }
}

/// Waits until all devices know that the server is gone.
async fn ended(senders: Vec<JoinHandle<()>>) {
    let all = tokio::time::timeout(PATIENCE, join_all(senders)).await;
    assert!(all.expect("a device goes on without a server").iter().all(Result::is_ok));
}

async fn listen(base: &str) -> Socket {
    let address: SocketAddr = base.strip_prefix("http://").unwrap().parse().unwrap();
    Socket::open(address, "/ws/sensor_updates?api-key=demo").await
}

/// Id and number of the next reading.
async fn hear(socket: &mut Socket, since: Instant) -> (i64, i64) {
    assert!(since.elapsed() < PATIENCE, "readings come too slowly");
    let heard = socket.reading().await;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number that the test sent")]
    let number = heard["temperature"].as_f64().unwrap() as i64;
    (heard["id"].as_i64().unwrap(), number)
}

#[test]
fn heard_only_when_it_is_durable() {
    let Some(mut cluster) = Cluster::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let start = |url: &str| Program::start(dir.path(), &["--demo", "--database-url", url]);
    let mut heard = BTreeMap::new();

    // In the database at the moment when it is heard.
    let server = start(&cluster.url());
    let mut socket = runtime.block_on(listen(&server.base));
    let senders: Vec<_> = (1..=4).map(|n| runtime.spawn(send(server.base.clone(), n * 100_000))).collect();
    let since = Instant::now();
    for _ in 0..60 {
        let (id, number) = runtime.block_on(hear(&mut socket, since));
        let there = cluster.pairs(&format!("{STORED} WHERE id = {id}"));
        assert_eq!(there, [(id, number)], "heard before it was in the database");
        assert!(heard.last_key_value().is_none_or(|(last, _)| *last < id), "heard out of order");
        heard.insert(id, number);
    }
    server.kill();
    runtime.block_on(ended(senders));
    let all = |heard: &BTreeMap<i64, i64>, stored: Vec<(i64, i64)>| {
        let stored: BTreeMap<i64, i64> = stored.into_iter().collect();
        heard.iter().all(|(id, number)| stored.get(id) == Some(number))
    };
    assert!(all(&heard, cluster.pairs(STORED)));

    // In the file: the server dies when it is heard, and knows it afterwards.
    for round in 1..=3 {
        let server = start(&cluster.url());
        let mut socket = runtime.block_on(listen(&server.base));
        cluster.stop("QUIT");
        let senders: Vec<_> = (1..=4)
            .map(|n| runtime.spawn(send(server.base.clone(), round * 1_000_000 + n * 100_000)))
            .collect();
        // The first is the newest one from before.
        let since = Instant::now();
        for _ in 0..=15 * round {
            let (id, number) = runtime.block_on(hear(&mut socket, since));
            heard.insert(id, number);
        }
        server.kill();
        runtime.block_on(ended(senders));
        cluster.go();
        let server = start(&cluster.url());
        until("all that was heard", || all(&heard, cluster.pairs(STORED)));
        server.kill();
    }
    // Each is there once.
    let stored = cluster.pairs(STORED);
    same(&cluster, &stored.into_iter().collect());
}
