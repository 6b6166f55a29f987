//! A connection that costs next to nothing: requests are bytes made beforehand, answers are read
//! only as far as a status and a length. The load generator shares its machine with the server, so
//! what it saves the server gets.

use std::io;
use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::CliError;

const HEAD_END: &[u8] = b"\r\n\r\n";
const HEAD_BYTES: usize = 16 * 1024;
const BODY_BYTES: usize = 16 * 1024 * 1024;
/// An exchange that takes longer counts as broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    pub fn parse(server: &str) -> Result<Self, CliError> {
        let usage = || CliError::Usage(format!("not an address like http://127.0.0.1:8080: {server}"));
        let url = Url::parse(server).map_err(|_| usage())?;
        let host = url.host_str().filter(|_| url.scheme() == "http").ok_or_else(usage)?;
        let port = url.port_or_known_default().ok_or_else(usage)?;
        // Brackets belong to the address, not to the host that is looked up.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port })
    }

    /// A request with its head; `headers` end with a line break each.
    pub fn request(&self, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let Self { host, port } = self;
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}:{port}\r\n{headers}content-length: {length}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    }
}

impl Address {
    pub async fn connect(&self) -> io::Result<TcpStream> {
        let connecting = TcpStream::connect((self.host.as_str(), self.port));
        let stream = timeout(PATIENCE, connecting).await.map_err(io::Error::from)??;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// A request for a WebSocket.
    pub fn upgrade(&self, path: &str) -> Vec<u8> {
        let Self { host, port } = self;
        format!(
            "GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        .into_bytes()
    }
}

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, as long as the next request is not sent.
#[derive(Debug)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
    /// The server will close the connection.
    pub last: bool,
}

struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
    close: bool,
}

impl Connection {
    pub async fn open(address: &Address) -> io::Result<Self> {
        let stream = address.connect().await?;
        Ok(Self { stream, buffer: Vec::with_capacity(HEAD_BYTES) })
    }

    /// Sends a request and reads its answer.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        let head = timeout(PATIENCE, self.exchange_head(request)).await.map_err(io::Error::from)??;
        let body = self.buffer.get(head.bytes..head.bytes + head.body_bytes).unwrap_or_default();
        Ok(Answer { status: head.status, body, last: head.close })
    }

    async fn exchange_head(&mut self, request: &[u8]) -> io::Result<Head> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some(head) = parse_head(&self.buffer)? else { continue };
            let whole = head.bytes + head.body_bytes;
            self.buffer.reserve(whole.saturating_sub(self.buffer.len()));
            while self.buffer.len() < whole {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            return Ok(head);
        }
    }
}

/// `None` while the head is not complete.
fn parse_head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let Some(end) = bytes.windows(HEAD_END.len()).position(|window| window == HEAD_END) else {
        let too_long = bytes.len() > HEAD_BYTES;
        return if too_long { Err(io::ErrorKind::InvalidData.into()) } else { Ok(None) };
    };
    let head = bytes.get(..end).unwrap_or_default();
    let head = std::str::from_utf8(head).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    let mut length = if status == 204 { Some(0) } else { None };
    let mut close = false;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        } else if name.eq_ignore_ascii_case("connection") {
            close = value.trim().eq_ignore_ascii_case("close");
        }
    }
    // Every route that is driven here says how long its answer is.
    let body_bytes = length.filter(|length| *length <= BODY_BYTES).ok_or(io::ErrorKind::InvalidData)?;
    Ok(Some(Head { status, bytes: end + HEAD_END.len(), body_bytes, close }))
}

#[cfg(test)]
mod tests {
    use super::{Address, Connection, parse_head};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    #[test]
    fn addresses() {
        let address = Address::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(address, Address { host: "127.0.0.1".into(), port: 8080 });
        assert_eq!(Address::parse("http://[::1]/").unwrap(), Address { host: "::1".into(), port: 80 });
        assert!(Address::parse("https://x").is_err());
        assert!(Address::parse("nonsense").is_err());
    }

    #[test]
    fn heads() {
        assert!(parse_head(b"HTTP/1.1 200 OK\r\n").unwrap().is_none());
        let head = parse_head(b"HTTP/1.1 201 Created\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{");
        let head = head.unwrap().unwrap();
        assert_eq!((head.status, head.body_bytes, head.close), (201, 12, true));
        assert!(parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(parse_head(b"nonsense\r\n\r\n").is_err());
        assert!(parse_head(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n").is_err());
    }

    #[tokio::test]
    async fn answers_in_pieces_and_one_after_the_other() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let request = address.request("/x", "a: b\r\n", b"hello");
        let length = request.len();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for body in ["first", "second answer"] {
                stream.read_exact(&mut vec![0; length]).await.unwrap();
                let answer = format!("HTTP/1.1 201 C\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                for piece in answer.as_bytes().chunks(7) {
                    stream.write_all(piece).await.unwrap();
                    stream.flush().await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        });
        let mut connection = Connection::open(&address).await.unwrap();
        assert_eq!(connection.exchange(&request).await.unwrap().body, b"first");
        assert_eq!(connection.exchange(&request).await.unwrap().body, b"second answer");
        assert!(connection.exchange(&request).await.is_err());
    }
}
