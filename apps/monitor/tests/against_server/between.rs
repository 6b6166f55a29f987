//! Stands between a window and its server: passes on what goes through, holds it back, or says something else.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Bytes of a request that are read.
const MOST: usize = 1 << 20;

/// What becomes of a request.
#[derive(Clone)]
pub enum Way {
    /// It goes to the server at this address (host and port), and the answer back.
    To(String),
    /// The connection ends without an answer.
    Gone,
    /// Those for a path with this part wait until there is another way; the rest goes to the server.
    Held(&'static str, String),
    /// These bytes are the answer.
    Says(Vec<u8>),
    /// An answer without an end.
    Endless,
    /// Those for a path with this part are answered with what is made of them; the rest goes to the server.
    Instead(&'static str, Arc<dyn Fn(&str) -> String + Send + Sync>, String),
}

pub struct Between {
    pub address: String,
    /// Requests that were held.
    held: Arc<AtomicUsize>,
    way: watch::Sender<Way>,
}

impl Between {
    pub async fn open(way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (way, follow) = watch::channel(way);
        let held = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&held);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(one(stream, follow.clone(), Arc::clone(&count)));
            }
        });
        Self { address, held, way }
    }

    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    pub fn turn(&self, way: Way) {
        self.way.send_replace(way);
    }
}

/// An answer with this status and body, as HTTP writes it.
pub fn answer(status: &str, media_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n");
    format!("{head}connection: close\r\n\r\n{body}").into_bytes()
}

/// One request on a connection of its own.
async fn one(mut stream: TcpStream, mut way: watch::Receiver<Way>, held: Arc<AtomicUsize>) -> io::Result<()> {
    let (head, body) = request(&mut stream).await?;
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let server = loop {
        let now = way.borrow_and_update().clone();
        match now {
            Way::Gone => return Ok(()),
            Way::Says(bytes) => return say(&mut stream, &bytes).await,
            Way::Endless => return endless(&mut stream).await,
            Way::Instead(part, make, _) if target.contains(part) => {
                return say(&mut stream, &answer("200 OK", "application/json", &make(&target))).await;
            }
            Way::Held(part, _) if target.contains(part) => {
                held.fetch_add(1, Ordering::SeqCst);
                way.changed().await.map_err(io::Error::other)?;
            }
            Way::To(server) | Way::Held(_, server) | Way::Instead(_, _, server) => break server,
        }
    };
    let mut there = TcpStream::connect(server).await?;
    let lines = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let head = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\r\n");
    there.write_all(format!("{head}\r\nconnection: close\r\n\r\n").as_bytes()).await?;
    there.write_all(&body).await?;
    tokio::io::copy(&mut there, &mut stream).await?;
    stream.shutdown().await
}

async fn say(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await
}

async fn endless(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
    let chunk = [&b"10000\r\n"[..], &vec![b' '; 0x10000], b"\r\n"].concat();
    loop {
        stream.write_all(&chunk).await?;
    }
}

/// The head, and the body behind it.
async fn request(stream: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if bytes.len() > MOST || stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let mut body = bytes.split_off(end);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    while body.len() < length.unwrap_or_default() {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok((head, body))
}
