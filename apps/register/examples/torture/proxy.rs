//! A bad network: between till and server, each request meets a fate of its own.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tillwatch_shared::random::Random;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::Outcome;

/// The longest request that is understood.
const REQUEST_BYTES: usize = 4 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Pass,
    Delay,
    /// The server never sees it.
    CutBefore,
    /// The server sees half of it.
    CutWithin,
    /// The server does it, and the till never hears of it.
    CutAfter,
    /// The till hears half of the answer.
    Truncate,
    /// The server gets it twice.
    Duplicate,
    /// What stands before the server says that it is not there, as proxies do while one is started again.
    Refuse,
}

const FATES: [Fate; 8] = [
    Fate::Pass,
    Fate::Delay,
    Fate::CutBefore,
    Fate::CutWithin,
    Fate::CutAfter,
    Fate::Truncate,
    Fate::Duplicate,
    Fate::Refuse,
];

/// How often each, out of a hundred; the rest passes.
const CHANCES: [u64; 8] = [0, 10, 5, 5, 10, 5, 10, 5];

const REFUSAL: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 20\r\n\
    connection: close\r\n\r\n<h1>Bad Gateway</h1>";

pub struct Proxy {
    pub address: String,
    server: String,
    calm: AtomicBool,
    dice: Mutex<Random>,
    met: [AtomicU64; 8],
}

impl Proxy {
    /// Calm at first.
    pub async fn start(server: &str, dice: Random) -> Outcome<Arc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Arc::new(Self {
            address: format!("http://{}", listener.local_addr()?),
            server: server.to_owned(),
            calm: AtomicBool::new(true),
            dice: Mutex::new(dice),
            met: [const { AtomicU64::new(0) }; 8],
        });
        let own = Arc::clone(&proxy);
        tokio::spawn(async move {
            while let Ok((till, _)) = listener.accept().await {
                let proxy = Arc::clone(&own);
                // A connection that breaks is what this is for.
                tokio::spawn(async move { proxy.serve(till).await.ok() });
            }
        });
        Ok(proxy)
    }

    /// From now on everything passes, or everything meets its fate.
    pub fn set_calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::SeqCst);
    }

    /// `1200 Pass, 96 Delay, …`
    pub fn told(&self) -> String {
        let met = self.met.iter().map(|count| count.load(Ordering::SeqCst));
        let parts: Vec<String> = met.zip(FATES).map(|(count, fate)| format!("{count} {fate:?}")).collect();
        parts.join(", ")
    }

    fn fate(&self) -> (Fate, Random) {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner).fork();
        let mut left = dice.next() % 100;
        let mut fate = Fate::Pass;
        for (candidate, chance) in FATES.into_iter().zip(CHANCES) {
            if left < chance && !self.calm.load(Ordering::SeqCst) {
                fate = candidate;
                break;
            }
            left = left.saturating_sub(chance);
        }
        if let Some((_, count)) = FATES.iter().zip(&self.met).find(|(other, _)| **other == fate) {
            count.fetch_add(1, Ordering::SeqCst);
        }
        (fate, dice)
    }

    /// One request a connection: what follows it on the same one would have the same fate.
    async fn serve(&self, mut till: TcpStream) -> Outcome<()> {
        let request = read_request(&mut till).await?;
        if request.upgrades {
            let mut server = TcpStream::connect(&self.server).await?;
            server.write_all(&request.bytes).await?;
            copy_bidirectional(&mut till, &mut server).await?;
            return Ok(());
        }
        let (fate, mut dice) = self.fate();
        match fate {
            Fate::CutBefore => return Ok(()),
            Fate::Refuse => return Ok(till.write_all(REFUSAL).await?),
            Fate::CutWithin => {
                let mut server = TcpStream::connect(&self.server).await?;
                let (half, _) = request.bytes.split_at(request.bytes.len() / 2);
                return Ok(server.write_all(half).await?);
            }
            Fate::Delay => {
                tokio::time::sleep(Duration::from_secs_f64(dice.between(0.05, 3.0))).await;
            }
            Fate::Duplicate => {
                self.ask(&request.bytes).await?;
            }
            Fate::Pass | Fate::CutAfter | Fate::Truncate => {}
        }
        let answer = self.ask(&request.bytes).await?;
        match fate {
            Fate::CutAfter => {}
            Fate::Truncate => {
                let (half, _) = answer.split_at(answer.len() / 2);
                till.write_all(half).await?;
            }
            Fate::Pass | Fate::Delay | Fate::CutBefore | Fate::CutWithin | Fate::Duplicate | Fate::Refuse => {
                till.write_all(&answer).await?;
            }
        }
        Ok(())
    }

    async fn ask(&self, request: &[u8]) -> Outcome<Vec<u8>> {
        let mut server = TcpStream::connect(&self.server).await?;
        server.write_all(request).await?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

struct Request {
    bytes: Vec<u8>,
    /// To a WebSocket.
    upgrades: bool,
}

/// A whole request, which asks the server to close the connection after its answer.
async fn read_request(till: &mut TcpStream) -> Outcome<Request> {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break (end, end + 4);
        }
        if bytes.len() > REQUEST_BYTES || till.read_buf(&mut bytes).await? == 0 {
            return Err("no request".into());
        }
    };
    let text = String::from_utf8_lossy(bytes.get(..head).unwrap_or_default()).into_owned();
    let header = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        lines
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let length: usize = header("content-length").map_or(Ok(0), |value| value.parse())?;
    while bytes.len() < body + length {
        if bytes.len() > REQUEST_BYTES || till.read_buf(&mut bytes).await? == 0 {
            return Err("half a request".into());
        }
    }
    if header("upgrade").is_some() {
        return Ok(Request { bytes, upgrades: true });
    }
    let rest = bytes.split_off(head);
    bytes.extend_from_slice(b"\r\nconnection: close");
    bytes.extend_from_slice(&rest);
    Ok(Request { bytes, upgrades: false })
}
