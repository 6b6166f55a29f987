//! HTTPS by the server itself, with certificate files: who is served, who is refused, what happens when the
//! files change, and how it stops. Orders from an ACME directory are tested in `tests/acme.sh`.
#![cfg(test)]

pub mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use common::authority::{NAME, Shop};
use common::program::{SERVER, failure, run, success};
use common::{Caller, Program, Server};
use reqwest::Client;
use reqwest::tls::{TlsInfo, Version};
use tillwatch_server::run as server;
use tillwatch_server::tls::unverified;
use tillwatch_shared::api::Health;
use tillwatch_shared::client::{Client as Typed, ClientError, ClientOptions, OptionsError};
use tillwatch_shared::time::DAY;

/// The certificate that a newcomer is shown: one who was here before resumes the session of then.
async fn leaf_of(shop: &Shop, base: &str) -> Vec<u8> {
    let response = shop.client().get(format!("{base}/health/live")).send().await.unwrap();
    response.extensions().get::<TlsInfo>().unwrap().peer_certificate().unwrap().to_vec()
}

async fn health(client: &Client, base: &str) -> Health {
    Caller::over(client.clone(), base).get("/health/ready").await.expect(200)
}

/// Waits until the server says this about its certificate.
async fn says(client: &Client, base: &str, about_tls: impl Fn(&str) -> bool) -> String {
    let begun = Instant::now();
    loop {
        let text = health(client, base).await.tls.unwrap();
        if about_tls(&text) {
            return text;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "still {text}");
        tokio::task::yield_now().await;
    }
}

fn address(base: &str) -> SocketAddr {
    base.split_once("://").unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn https_is_served_to_those_who_trust_and_refused_to_the_rest() {
    let shop = Shop::default();
    let server = Server::start(&shop.files.args()).await;
    let base = server.running.url();
    assert!(base.starts_with("https://127.0.0.1:"), "{base}");
    for version in [Version::TLS_1_2, Version::TLS_1_3] {
        let client = shop.authority.client().tls_version_min(version).tls_version_max(version);
        let client = client.build().unwrap();
        assert_eq!(health(&client, &base).await.tls.as_deref(), Some("ok"));
    }
    assert_eq!(leaf_of(&shop, &base).await, shop.leaf);

    let answer = Caller::over(shop.client(), &base).get("/").await;
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=2592000"));

    // By name: the right one is served; for another one the client refuses what it is shown.
    let at = address(&base);
    let named = |name: &str| {
        let client = shop.authority.client().resolve(name, at).build().unwrap();
        client.get(format!("https://{name}:{}/health/live", at.port())).send()
    };
    assert_eq!(named(NAME).await.unwrap().status(), 200);
    let refused = format!("{:?}", named("outra.example").await.unwrap_err());
    assert!(refused.contains("NotValidForName"), "{refused}");

    // Somebody who does not know the authority, and somebody who speaks plain HTTP.
    let stranger = Client::builder().tls_certs_only([]).build().unwrap();
    assert!(stranger.get(format!("{base}/health/live")).send().await.is_err());
    assert!(stranger.get(format!("http://{at}/health/live")).send().await.is_err());
    assert_eq!(health(&shop.client(), &base).await.status, "ok", "and the server goes on");
    server.stop().await;
}

#[tokio::test]
async fn versions_before_1_2_are_refused() {
    let shop = Shop::default();
    let server = Server::start(&shop.files.args()).await;
    let at = server.running.address;
    // The highest version that this greeting offers is the one given; the record says 1.0, as it always did.
    let answer = |version: [u8; 2]| {
        let suites = [0xc0, 0x13, 0xc0, 0x14, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x09, 0x00, 0x2f];
        let extensions = [
            &[0x00, 0x0a, 0x00, 0x04, 0x00, 0x02, 0x00, 0x17][..],
            &[0x00, 0x0b, 0x00, 0x02, 0x01, 0x00],
            &[0x00, 0x0d, 0x00, 0x06, 0x00, 0x04, 0x04, 0x03, 0x08, 0x04],
            // Rustls asks for it on TLS 1.2.
            &[0x00, 0x17, 0x00, 0x00],
        ]
        .concat();
        let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
        let hello = [
            &version[..],
            &[7; 32],
            &[0],
            &length(&suites),
            &suites,
            &[1, 0],
            &length(&extensions),
            &extensions,
        ]
        .concat();
        let message = [&[1, 0][..], &length(&hello), &hello].concat();
        let record = [&[22, 3, 1][..], &length(&message), &message].concat();
        tokio::task::spawn_blocking(move || {
            let mut connection = TcpStream::connect(at).unwrap();
            connection.write_all(&record).unwrap();
            connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            let mut head = [0; 7];
            connection.read_exact(&mut head).unwrap();
            head
        })
    };
    for old in [[3, 0], [3, 1], [3, 2]] {
        let head = answer(old).await.unwrap();
        // An alert record: fatal, `protocol_version`.
        assert_eq!((head[0], head[5], head[6]), (21, 2, 70), "{old:?}: {head:?}");
    }
    // The same greeting for 1.2 is answered with a handshake: it is the version that is refused.
    let head = answer([3, 3]).await.unwrap();
    assert_eq!((head[0], head[5]), (22, 2), "{head:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_files_are_taken_while_connections_are_open() {
    let shop = Shop::default();
    let program = shop.program(&["--demo", "--tls-check-seconds", "86400"]);
    let (client, base) = (shop.client(), program.base.clone());
    assert_eq!(leaf_of(&shop, &base).await, shop.leaf);
    // One connection that stays open all the time.
    let (kept, _) = Caller::over(shop.client(), &base).sign_in("lucas", "1234").await;

    let second = shop.files.renew(&shop.authority);
    assert_ne!(second, shop.leaf);
    program.signal("HUP");
    let begun = Instant::now();
    while leaf_of(&shop, &base).await != second {
        assert!(begun.elapsed() < Duration::from_secs(30), "the new certificate is not taken");
    }
    let request = kept.request(reqwest::Method::GET, "/api/v1/stores").send().await.unwrap();
    let shown = request.extensions().get::<TlsInfo>().unwrap().peer_certificate().unwrap();
    assert_eq!(shown, shop.leaf, "the open connection goes on as it was");
    assert_eq!(request.status(), 200);

    // What cannot be used is named and changes nothing.
    let (_, _, foreign_key) = shop.authority.issue(2020, 2100);
    let (expired, _, expired_key) = shop.authority.issue(2000, 2001);
    let good_key = fs::read_to_string(&shop.files.key).unwrap();
    let good_cert = fs::read_to_string(&shop.files.cert).unwrap();
    for (cert, key, named) in [
        (good_cert.as_str(), foreign_key.as_str(), "does not belong to the certificate"),
        (&good_cert, "", "is not a PEM file with a private key"),
        (&good_cert[..good_cert.len() / 2], &good_key, "is not a PEM file with certificates"),
        (&expired, &expired_key, "expired on 2001-01-01"),
    ] {
        fs::write(&shop.files.cert, cert).unwrap();
        fs::write(&shop.files.key, key).unwrap();
        program.signal("HUP");
        let text = says(&client, &base, |text| text.contains(named)).await;
        assert!(text.contains("was not taken") && text.contains("stays"), "{text}");
        assert_eq!(leaf_of(&shop, &base).await, second);
    }
    fs::remove_file(&shop.files.cert).unwrap();
    program.signal("HUP");
    says(&client, &base, |text| text.contains("No such file")).await;
    assert_eq!(leaf_of(&shop, &base).await, second);

    // And the next good pair is taken.
    let third = shop.files.renew(&shop.authority);
    program.signal("HUP");
    says(&client, &base, |text| text == "ok").await;
    assert_eq!(leaf_of(&shop, &base).await, third);
    let (status, _, log) = program.terminate();
    assert!(status.success() && log.contains("the new certificate was not taken"), "{log}");
    assert!(log.contains("a new certificate is in use"), "{log}");
}

#[tokio::test]
async fn new_files_are_noticed_without_being_told() {
    let shop = Shop::default();
    let args = [&shop.files.args()[..], &["--tls-check-seconds", "1"]].concat();
    let server = Server::start(&args).await;
    let (client, base) = (shop.client(), server.running.url());
    let second = shop.files.renew(&shop.authority);
    let begun = Instant::now();
    while leaf_of(&shop, &base).await != second {
        assert!(begun.elapsed() < Duration::from_secs(30), "the new certificate is not taken");
    }
    // One that nobody renews is told before it ends, and when it has ended.
    let (cert, _, key) = shop.authority.issue(2020, 2027);
    fs::write(&shop.files.cert, cert).unwrap();
    fs::write(&shop.files.key, key).unwrap();
    while server.running.app.tls.as_ref().unwrap().health(server.clock.now().plus(250 * DAY)) == "ok" {
        assert!(begun.elapsed() < Duration::from_mins(1), "the third certificate is not taken");
        leaf_of(&shop, &base).await;
    }
    // From 15 June to 1 January are 200 days.
    server.clock.advance(194 * DAY);
    says(&client, &base, |text| text.contains("expires on 2027-01-01")).await;
    server.clock.advance(10 * DAY);
    let tls = server.running.app.tls.as_ref().unwrap().health(server.clock.now());
    assert!(tls.contains("the certificate expired on 2027-01-01"), "{tls}");
    server.stop().await;
}

#[test]
fn what_cannot_be_served_with_is_named_at_the_start() {
    let shop = Shop::default();
    let dir = shop.dir.path();
    let write = |name: &str, text: &str| {
        fs::write(dir.join(name), text).unwrap();
        dir.join(name).to_str().unwrap().to_owned()
    };
    let (cert, _, key) = shop.authority.issue(2020, 2100);
    let (expired, _, expired_key) = shop.authority.issue(2000, 2001);
    let (early, _, early_key) = shop.authority.issue(2090, 2100);
    let (cert, key) = (write("good.crt", &cert), write("good.key", &key));
    let (_, _, other) = shop.authority.issue(2020, 2100);
    let other = write("other.key", &other);
    let expired = (write("expired.crt", &expired), write("expired.key", &expired_key));
    let early = (write("early.crt", &early), write("early.key", &early_key));
    let junk = write("junk.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let empty = write("empty.crt", "");
    let nowhere = dir.join("nowhere.crt").to_str().unwrap().to_owned();
    let directory = dir.to_str().unwrap().to_owned();
    for (cert, key, said) in [
        (&nowhere, &key, "nowhere.crt: No such file"),
        (&cert, &nowhere, "nowhere.crt: No such file"),
        (&directory, &key, "Is a directory"),
        (&empty, &key, "empty.crt is not a PEM file with a certificate"),
        (&junk, &key, "junk.crt is not a certificate"),
        (&key, &key, "good.key is not a PEM file with a certificate"),
        (&cert, &cert, "good.crt is not a PEM file with a private key"),
        (&cert, &other, "other.key does not belong to the certificate"),
        (&expired.0, &expired.1, "expired.crt expired on 2001-01-01"),
        (&early.0, &early.1, "early.crt is not valid before 2090-01-01"),
    ] {
        let args = ["--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key];
        let text = failure(&run(&dir.join("data"), &args));
        assert!(text.contains(said), "{said}: {text}");
    }
    let data = dir.join("data");
    let text = failure(&run(&data, &["--tls-cert", &cert]));
    assert!(text.contains("--tls-key"), "{text}");
    let text = failure(&run(&data, &["--tls-cert", &cert, "--tls-key", &key, "--acme-domain", "x.example"]));
    assert!(text.contains("cannot be used with"), "{text}");
}

/// A WebSocket over TLS, up to the answer that opens it.
fn open_socket(at: SocketAddr, path: &str) -> impl Read {
    let plain = TcpStream::connect(at).unwrap();
    plain.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut socket = unverified::connect(at.ip(), plain).unwrap();
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13";
    write!(socket, "GET {path} HTTP/1.1\r\nhost: {at}\r\n{upgrade}\r\nsec-websocket-key: {key}\r\n\r\n")
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_ends_it_with_connections_open() {
    let shop = Shop::default();
    let program = shop.program(&["--demo"]);
    let at = address(&program.base);
    let caller = Caller::over(shop.client(), &program.base);
    let (caller, _) = caller.sign_in("lucas", "1234").await;
    caller.get("/api/v1/stores").await;
    // Besides the idle connection: one that never greets, and one that stops in the middle of its greeting.
    let silent = TcpStream::connect(at).unwrap();
    let mut half = TcpStream::connect(at).unwrap();
    half.write_all(&[22, 3, 1, 2, 0, 1, 0]).unwrap();
    let mut live = open_socket(at, "/ws/sensor_updates?api-key=demo");
    let (status, took, log) = tokio::task::spawn_blocking(|| program.terminate()).await.unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    // Who listened is told: the last of the frames is a close.
    let mut rest = Vec::new();
    let _ = live.read_to_end(&mut rest);
    assert!(rest.contains(&0x88), "{rest:?}");
    drop((silent, half, caller));
    success(&run(&shop.dir.path().join("data"), &["verify"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_clients_trust_an_authority_of_the_shop() {
    let shop = Shop::default();
    let server = Server::start(&shop.files.args()).await;
    let ca = shop.dir.path().join("autoridade.pem");
    fs::write(&ca, shop.authority.pem()).unwrap();
    let options =
        |ca_file| ClientOptions { servers: vec![server.running.url()], ca_file, ..ClientOptions::default() };
    let trusting = Typed::new(&options(Some(ca))).unwrap();
    assert!(trusting.server_info().await.unwrap().needs_setup);
    let strange = Typed::new(&options(None)).unwrap().server_info().await.unwrap_err();
    assert_eq!(strange, ClientError::Unreachable);
    for bad in ["nowhere.pem", "loja.key"] {
        let error = Typed::new(&options(Some(shop.dir.path().join(bad)))).unwrap_err();
        assert!(matches!(error, OptionsError::Authorities { .. }), "{error}");
        assert!(error.to_string().contains(bad), "{error}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_asks_over_http_and_https() {
    let shop = Shop::default();
    let ask = |listen: String, more: &[&str]| {
        let args = [&["--listen", listen.as_str()], more, &["health"]].concat();
        run(&shop.dir.path().join("elsewhere"), &args)
    };
    let program = shop.program(&[]);
    let listen = address(&program.base).to_string();
    let text = success(&ask(listen.clone(), &shop.files.args()));
    assert!(text.contains(r#""status":"ok""#) && text.contains(r#""tls":"ok""#), "{text}");
    failure(&ask(listen.clone(), &[]));
    assert!(program.terminate().0.success());
    let text = failure(&ask(listen, &shop.files.args()));
    assert!(text.contains("no server answers at"), "{text}");

    let mut command = Command::new(SERVER);
    command.arg("--data-dir").arg(shop.dir.path().join("plain"));
    let plain = Program::from_command(command);
    let text = success(&ask(address(&plain.base).to_string(), &[]));
    assert!(text.contains(r#""status":"ok""#) && !text.contains("tls"), "{text}");
    assert!(plain.terminate().0.success());
}

#[test]
fn a_server_that_cannot_serve_keeps_no_lock() {
    let shop = Shop::default();
    let data = shop.dir.path().join("data");
    let nowhere = ["--listen", "127.0.0.1:0", "--tls-cert", "nowhere", "--tls-key", "nowhere"];
    failure(&run(&data, &nowhere));
    drop(server::lock(&data).unwrap());
}
