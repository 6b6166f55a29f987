//! The devices against a server that is away for a while.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use tillwatch_shared::client::{Client, ClientOptions};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{UtcMicros, compact};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::Devices;
use super::backlog::{Backlog, Link};
use super::fleet::Fleet;
use crate::CliError;

const EVERY: i64 = 2 * SECOND;
const START: UtcMicros = UtcMicros(1_800_000_000 * SECOND);

/// Path and body.
type Request = (String, Vec<u8>);

/// The requests so far, and the status that the next ones get.
#[derive(Clone)]
struct Server {
    seen: Arc<Mutex<Vec<Request>>>,
    status: Arc<AtomicU16>,
}

impl Server {
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = Self { seen: Arc::default(), status: Arc::new(AtomicU16::new(201)) };
        let shared = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(shared.clone().serve(BufReader::new(stream)));
            }
        });
        (server, address)
    }

    fn answer_with(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    async fn serve(self, mut stream: BufReader<TcpStream>) {
        while let Some((path, length)) = read_head(&mut stream).await {
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.unwrap();
            self.seen.lock().unwrap().push((path, body));
            let body = r#"{"stored":1,"duplicate":0,"refused":0,"rows":[]}"#;
            let status = self.status.load(Ordering::SeqCst);
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

/// Path and length of the body; `None` when the client has gone.
async fn read_head(stream: &mut BufReader<TcpStream>) -> Option<(String, usize)> {
    let (mut path, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Some((path, length));
        }
        if path.is_empty() {
            line.split(' ').nth(1)?.clone_into(&mut path);
        } else if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
    }
}

fn devices(address: &str) -> Devices {
    let options = ClientOptions { servers: vec![address.to_owned()], ..ClientOptions::default() };
    Devices {
        client: Client::new(&options).unwrap(),
        api_key: "demo".into(),
        fleet: Fleet::new(3, 1, START),
        every: EVERY,
        next: START.plus(EVERY),
        backlog: Backlog::new(1000),
        link: Link::new(),
    }
}

async fn tick(devices: &mut Devices, number: i64) -> Result<(), CliError> {
    let now = START.plus(number * EVERY);
    devices.measure(now);
    devices.send(now).await
}

#[tokio::test]
async fn what_was_measured_while_the_server_was_away_arrives_with_its_times() {
    let (server, address) = Server::start().await;
    let mut devices = devices(&address);
    tick(&mut devices, 1).await.unwrap();
    let paths: Vec<String> = server.take().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/api/temperature_reading"; 3]);

    server.answer_with(503);
    for number in 2..=4 {
        tick(&mut devices, number).await.unwrap();
    }
    // One try a tick: a single reading first, then the whole backlog.
    assert_eq!(server.take().len(), 3);
    assert_eq!(devices.backlog.len(), 9);

    server.answer_with(200);
    tick(&mut devices, 40).await.unwrap();
    let seen = server.take();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].0, "/api/v1/readings");
    let mut times: Vec<UtcMicros> =
        compact::decode(&seen[0].1).unwrap().rows.iter().map(|row| row.measured_at).collect();
    times.dedup();
    let expected: Vec<UtcMicros> = (2..=40).map(|number| START.plus(number * EVERY)).collect();
    assert_eq!(times, expected);
    assert!(devices.backlog.is_empty() && devices.link.is_up());

    tick(&mut devices, 41).await.unwrap();
    assert_eq!(server.take().len(), 3);
}

#[tokio::test]
async fn a_refused_key_is_an_error() {
    let (server, address) = Server::start().await;
    server.answer_with(401);
    let error = tick(&mut devices(&address), 1).await.unwrap_err();
    assert!(matches!(error, CliError::Client(_)), "{error}");
}
