//! A mail server of the test's own: takes letters, or does what it is told instead.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use super::Authority;

/// What becomes of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Takes,
    /// 421 in place of a greeting.
    Busy,
    /// Hangs up after the begin of the text.
    CutsText,
    /// Takes the letter, and hangs up before it says so.
    CutsAnswer,
    /// Takes the letter, and never says so.
    Silent,
    /// Takes the letter and says so, and does not say good-bye.
    NoGoodbye,
}

/// What came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    pub from: String,
    pub to: String,
    pub login: Option<String>,
    pub text: String,
}

#[derive(Clone, Debug, Default)]
struct Shared {
    letters: Arc<Mutex<Vec<Letter>>>,
    commands: Arc<Mutex<Vec<String>>>,
    arrived: Arc<Notify>,
}

/// Takes letters, but none for people whose address begins with "saiu" (550); each connection in the next mood, and with the last of them in a good one.
#[derive(Clone, Debug)]
pub struct MailServer {
    pub port: u16,
    shared: Shared,
}

/// Where TLS begins.
#[derive(Clone, Debug)]
pub enum Tls {
    None,
    AtOnce(Arc<ServerConfig>),
    AfterAsking(Arc<ServerConfig>),
}

/// With a certificate for 127.0.0.1.
pub fn certified(authority: &Authority) -> Arc<ServerConfig> {
    let (chain, _, key) = authority.issue(2020, 2100);
    let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

impl MailServer {
    pub async fn open(tls: Tls, moods: &[Mood]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Shared::default();
        let server = Self { port, shared: shared.clone() };
        let mut moods: VecDeque<Mood> = moods.iter().copied().collect();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (mood, shared) = (moods.pop_front().unwrap_or(Mood::Takes), shared.clone());
                match tls.clone() {
                    Tls::None => drop(tokio::spawn(talk(stream, mood, shared, None))),
                    Tls::AtOnce(config) => drop(tokio::spawn(async move {
                        // Who does not trust us goes away here.
                        if let Ok(stream) = TlsAcceptor::from(config).accept(stream).await {
                            talk(stream, mood, shared, None).await;
                        }
                    })),
                    Tls::AfterAsking(config) => drop(tokio::spawn(async move {
                        if let Some(stream) = talk(stream, mood, shared.clone(), Some("250-STARTTLS")).await
                            && let Ok(stream) = TlsAcceptor::from(config).accept(stream).await
                        {
                            talk_on(stream, mood, shared, None).await;
                        }
                    })),
                }
            }
        });
        server
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.shared.letters.lock().unwrap().clone()
    }

    /// Everything that was said to it, outside of letters.
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lock().unwrap().clone()
    }

    /// Until there is one more whole letter.
    pub async fn arrival(&self) {
        self.shared.arrived.notified().await;
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    mood: Mood,
    shared: Shared,
    offers: Option<&str>,
) -> Option<S> {
    let greeting = if mood == Mood::Busy { "421 mais tarde\r\n" } else { "220 correio\r\n" };
    stream.write_all(greeting.as_bytes()).await.ok()?;
    if mood == Mood::Busy { None } else { talk_on(stream, mood, shared, offers).await }
}

/// Ends with the stream where TLS begins.
async fn talk_on<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    mood: Mood,
    shared: Shared,
    offers: Option<&str>,
) -> Option<S> {
    let mut stream = BufReader::new(stream);
    let mut letter = Letter::default();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        shared.commands.lock().unwrap().push(line.clone());
        let answer = match line.split([' ', ':']).next().unwrap().to_ascii_uppercase().as_str() {
            "EHLO" => format!("250-correio\r\n{}\r\n250 AUTH PLAIN LOGIN", offers.unwrap_or("250-SIZE")),
            "STARTTLS" => {
                stream.write_all(b"220 vamos\r\n").await.ok()?;
                return Some(stream.into_inner());
            }
            "AUTH" => {
                letter.login = Some(line.clone());
                "235 bom dia".to_owned()
            }
            "MAIL" => {
                letter.from = line.clone();
                "250 sim".to_owned()
            }
            "RCPT" if line.contains("<saiu") => "550 5.1.1 ninguém com este nome".to_owned(),
            "RCPT" => {
                letter.to = line.clone();
                "250 sim".to_owned()
            }
            "DATA" => {
                stream.write_all(b"354 diga\r\n").await.ok()?;
                letter.text = text(&mut stream, mood).await?;
                shared.letters.lock().unwrap().push(letter.clone());
                shared.arrived.notify_one();
                match mood {
                    Mood::CutsAnswer => return None,
                    Mood::Silent => {
                        // Until the other side goes away.
                        let _ = stream.read_line(&mut String::new()).await;
                        return None;
                    }
                    Mood::Takes | Mood::Busy | Mood::CutsText | Mood::NoGoodbye => {
                        "250 2.0.0 na fila com o nome A1".to_owned()
                    }
                }
            }
            "QUIT" if mood == Mood::NoGoodbye => {
                let _ = stream.read_line(&mut String::new()).await;
                return None;
            }
            "QUIT" => "221 até logo".to_owned(),
            "RSET" | "NOOP" => "250 sim".to_owned(),
            _ => "502 não sei".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
}

async fn text<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, mood: Mood) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 || mood == Mood::CutsText {
            return None;
        }
        if line == ".\r\n" {
            return Some(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
