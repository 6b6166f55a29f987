//! A connection that costs next to nothing: requests are bytes made beforehand, answers are read
//! only as far as a status and a length. The load generator shares its machine with the server, so
//! what it saves the server gets.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, Error as TlsError};
use rustls_platform_verifier::Verifier;
use tillwatch_shared::client::ClientOptions;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::CliError;

const HEAD_END: &[u8] = b"\r\n\r\n";
const HEAD_BYTES: usize = 16 * 1024;
const BODY_BYTES: usize = 16 * 1024 * 1024;
/// An exchange that takes longer counts as broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the server listens.
#[derive(Clone)]
pub struct Address {
    host: String,
    port: u16,
    /// How to speak TLS there, and to whom; nothing where it is plain HTTP.
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, tls } = self;
        write!(f, "{}://{host}:{port}", if tls.is_some() { "https" } else { "http" })
    }
}

/// A connection, with TLS or without.
pub trait Wire: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Wire for T {}

impl Address {
    /// An address of a server that this machine trusts, as every Tillwatch program does.
    pub fn parse(server: &str) -> Result<Self, CliError> {
        Self::trusting(server, ClientOptions::default().ca_file.as_deref())
    }

    fn trusting(server: &str, authority: Option<&Path>) -> Result<Self, CliError> {
        let usage = || CliError::Usage(format!("not an address like http://127.0.0.1:8080: {server}"));
        let url = Url::parse(server).map_err(|_| usage())?;
        let over_tls = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(usage()),
        };
        let host = url.host_str().ok_or_else(usage)?;
        let port = url.port_or_known_default().ok_or_else(usage)?;
        // Brackets belong to the address, not to the host that is looked up.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = if over_tls {
            let name = ServerName::try_from(host.clone()).map_err(|_| usage())?;
            Some((connector(authority)?, name))
        } else {
            None
        };
        Ok(Self { host, port, tls })
    }

    /// A request with its head; `headers` end with a line break each.
    pub fn request(&self, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let Self { host, port, .. } = self;
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}:{port}\r\n{headers}content-length: {length}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    }
}

impl Address {
    pub async fn connect(&self) -> io::Result<Box<dyn Wire>> {
        let connecting = async {
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
            stream.set_nodelay(true)?;
            let wire: Box<dyn Wire> = match &self.tls {
                Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
                None => Box::new(stream),
            };
            Ok(wire)
        };
        timeout(PATIENCE, connecting).await.map_err(io::Error::from)?
    }

    /// A request for a WebSocket.
    pub fn upgrade(&self, path: &str) -> Vec<u8> {
        let Self { host, port, .. } = self;
        format!(
            "GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        .into_bytes()
    }
}

/// Trusts whom the system trusts, and the authorities in this file.
fn connector(authority: Option<&Path>) -> Result<TlsConnector, CliError> {
    let mut ours = Vec::new();
    if let Some(path) = authority {
        let bad = |reason: String| CliError::Usage(format!("{}: {reason}", path.display()));
        let found = CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))?;
        ours = found.collect::<Result<_, _>>().map_err(|error| bad(error.to_string()))?;
    }
    let failed = |error: TlsError| CliError::Load(format!("TLS: {error}"));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(ours, Arc::clone(&provider)).map_err(failed)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

pub struct Connection {
    stream: Box<dyn Wire>,
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
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
    use rustls::ServerConfig;
    use rustls::crypto::aws_lc_rs;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::{Address, Connection, parse_head};

    #[test]
    fn addresses() {
        let read = |text| Address::parse(text).map(|address| format!("{address:?}"));
        assert_eq!(read("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(read("http://[::1]/").unwrap(), "http://::1:80");
        assert_eq!(read("https://loja.example").unwrap(), "https://loja.example:443");
        for bad in ["ftp://x", "nonsense", "https://"] {
            assert!(read(bad).is_err(), "{bad}");
        }
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

    /// A server with a certificate of its own authority, and the file of that authority.
    async fn over_tls(directory: &Path) -> (String, PathBuf) {
        let authority_key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&authority_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &authority, &authority_key).unwrap();
        let file = directory.join("authority.pem");
        std::fs::write(&file, authority.pem()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                stream.read_u8().await.unwrap();
                stream.write_all(b"HTTP/1.1 201 C\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            }
        });
        (server, file)
    }

    #[tokio::test]
    async fn over_tls_only_whom_this_machine_trusts() {
        let directory = tempfile::tempdir().unwrap();
        let (server, file) = over_tls(directory.path()).await;
        let ours = Address::trusting(&server, Some(&file)).unwrap();
        let request = ours.request("/x", "", b"");
        let mut connection = Connection::open(&ours).await.unwrap();
        assert_eq!(connection.exchange(&request).await.unwrap().body, b"ok");
        let stranger = Address::trusting(&server, None).unwrap();
        assert!(Connection::open(&stranger).await.is_err());
        let nowhere = Address::trusting(&server, Some(&directory.path().join("nowhere.pem"))).unwrap_err();
        assert!(nowhere.to_string().contains("nowhere.pem"), "{nowhere}");
    }
}
