//! Peers that mean no good to a server that does HTTPS itself: those who fall silent, before and after the
//! handshake, and those who come to it over plain HTTP.
#![cfg(test)]

pub mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use common::authority::Shop;
use common::program::{failure, run};
use common::{Caller, Server};
use reqwest::redirect::Policy;
use tillwatch_server::tls::unverified;
use tokio::io::Interest;
use tokio::time::timeout;

/// Generous: other tests run beside this one.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than a server lets in at once by default, and fewer than the files that a program may have open.
const STRANGERS: usize = 700;

fn address(base: &str) -> SocketAddr {
    base.split_once("://").unwrap().1.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_handshakes_keep_nobody_out() {
    let shop = Shop::default();
    let program = shop.program(&[]);
    let at = address(&program.base);
    let strangers: Vec<TcpStream> = (0..STRANGERS)
        .map(|number| {
            let mut stranger = TcpStream::connect(at).unwrap();
            // Every other one begins a greeting.
            if number % 2 == 0 {
                stranger.write_all(&[22, 3, 1, 2, 0, 1, 0]).unwrap();
            }
            stranger
        })
        .collect();
    // A handshake of ten seconds' patience must not be waited for.
    for _ in 0..4 {
        let newcomer = shop.authority.client().timeout(Duration::from_secs(8)).build().unwrap();
        assert_eq!(Caller::over(newcomer, &program.base).get("/health/ready").await.status, 200);
    }
    // They are given up, each of them.
    let given_up = tokio::task::spawn_blocking(move || {
        strangers.into_iter().all(|mut stranger| {
            stranger.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut rest = Vec::new();
            match stranger.read_to_end(&mut rest) {
                Ok(_) => true,
                Err(error) => error.kind() == ErrorKind::ConnectionReset,
            }
        })
    });
    assert!(given_up.await.unwrap());
    assert!(program.terminate().0.success());
}

/// What is sent and never read, until the server gives the connection up.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_nothing_is_given_up() {
    let shop = Shop::default();
    let server = Server::start(&[&shop.files.args()[..], &["--live-ping", "1"]].concat()).await;
    let at = server.running.address;
    let peer = tokio::task::spawn_blocking(move || {
        let plain = TcpStream::connect(at).unwrap();
        let watched = plain.try_clone().unwrap();
        let mut peer = unverified::connect(at.ip(), plain).unwrap();
        // Far more in answer than the two machines keep for somebody who does not read.
        for _ in 0..100 {
            write!(peer, "GET /api/v1/openapi.json HTTP/1.1\r\nhost: {at}\r\n\r\n").unwrap();
        }
        (peer, watched)
    });
    let (mut peer, watched) = peer.await.unwrap();
    watched.set_nonblocking(true).unwrap();
    let watched = tokio::net::TcpStream::from_std(watched).unwrap();
    let cut = async {
        // A connection that is given up says nothing by itself; the next that arrives there is refused. Not
        // too often: the kernel counts the silence from what it heard last.
        while timeout(Duration::from_secs(3), watched.ready(Interest::ERROR)).await.is_err() {
            let asked = write!(peer, "GET /health/live HTTP/1.1\r\nhost: {at}\r\n\r\n");
            if asked.is_err_and(|error| error.kind() != ErrorKind::WouldBlock) {
                break;
            }
        }
    };
    assert!(timeout(PATIENCE, cut).await.is_ok(), "the connection is still open");
    drop(peer);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_http_is_sent_on_and_gets_nothing_else() {
    let shop = Shop::default();
    let redirect = ["--http-redirect", "127.0.0.1:0", "--demo"];
    let server = Server::start(&[&shop.files.args()[..], &redirect].concat()).await;
    let plain = server.running.redirect.as_ref().unwrap().address;
    let client = shop.authority.client().redirect(Policy::none()).build().unwrap();
    let caller = Caller::over(client, &format!("http://{plain}"));
    let port = server.running.address.port();
    let named = caller.get("/api/v1/stores?a=b").await;
    assert_eq!((named.status, named.bytes.len()), (308, 0));
    let location = format!("https://127.0.0.1:{port}/api/v1/stores?a=b");
    assert_eq!(named.header("location"), Some(location.as_str()));
    assert_eq!(named.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(named.header("strict-transport-security"), None, "only over TLS");
    // No key is taken here, and no reading: the device must come over HTTPS.
    let reading =
        serde_json::json!({ "temperature": 4, "humidity": 60, "pressure": 1013, "sensor_id": "g1" });
    let stored = server.running.app.telemetry.stats().stored;
    let answer = caller.device("demo").post("/api/temperature_reading", &reading).await;
    assert_eq!(answer.status, 308);
    assert_eq!(server.running.app.telemetry.stats().stored, stored);
    for path in ["/", "/health/ready", "/metrics", "/ws/sensor_updates?api-key=demo"] {
        assert_eq!(caller.get(path).await.status, 308, "{path}");
    }
    // Followed, with method and body, it arrives.
    let following = shop.authority.client().build().unwrap();
    let caller = Caller::over(following, &format!("http://{plain}"));
    assert_eq!(caller.get("/health/ready").await.status, 200);
    // Nobody is sent to where nobody asked.
    let mut nameless = TcpStream::connect(plain).unwrap();
    nameless.set_read_timeout(Some(PATIENCE)).unwrap();
    nameless.write_all(b"GET / HTTP/1.1\r\nhost: a b@outra.example\r\n\r\n").unwrap();
    let mut answer = String::new();
    nameless.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    server.stop().await;
    assert!(TcpStream::connect(plain).is_err(), "it stops with the server");
}

#[test]
fn a_redirect_needs_somewhere_to_go() {
    let shop = Shop::default();
    let data = shop.dir.path().join("data");
    let listen = ["--listen", "127.0.0.1:0", "--http-redirect", "127.0.0.1:0"];
    let text = failure(&run(&data, &listen));
    assert!(text.contains("--http-redirect sends people to HTTPS"), "{text}");
    let keep = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = keep.local_addr().unwrap().to_string();
    let args = ["--listen", "127.0.0.1:0", "--http-redirect", &taken];
    let text = failure(&run(&data, &[&shop.files.args()[..], &args].concat()));
    assert!(text.contains(&format!("--http-redirect {taken}")), "{text}");
    drop(keep);
}

#[tokio::test]
async fn the_end_of_a_certificate_is_shown() {
    let shop = Shop::default();
    let program = shop.program(&[]);
    let caller = Caller::over(shop.client(), &program.base);
    let health = caller.get("/health/ready").await.json();
    assert_eq!((&health["tls"], &health["tls_until"]), (&"ok".into(), &"2100-01-01T00:00:00Z".into()));
    let metrics = caller.get("/metrics").await.text();
    let of =
        |name: &str| metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
    assert_eq!(of("tillwatch_tls_trouble"), Some(0.0), "{metrics}");
    assert_eq!(of("tillwatch_tls_certificate_until_seconds"), Some(4_102_444_800.0));
    // A pair that does not fit is in the figures too.
    let (_, _, foreign) = shop.authority.issue(2020, 2100);
    std::fs::write(&shop.files.key, foreign).unwrap();
    program.signal("HUP");
    let trouble = async {
        while !caller.get("/metrics").await.text().contains("tillwatch_tls_trouble 1") {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, trouble).await.unwrap();
    assert!(program.terminate().0.success());
}
