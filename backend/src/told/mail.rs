//! One letter to one mailbox: an e-mail, handed to the mail server of the settings.
//!
//! A letter keeps its `Message-ID` through all attempts. Between the end of its text and the server's answer SMTP
//! knows no "exactly once": an attempt that is cut off there is made again, and whether the repeat is dropped is up
//! to the server. Each recipient gets a letter of their own, so that one who is refused does not stop the others.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tillwatch_shared::UtcMicros;
use uuid::Uuid;

use super::letter::{self, Letter};
use super::{Failure, MAIL};
use crate::config::Key;

/// How long an attempt may take. Mail servers look at what they get before they answer.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// How long a server that has taken a letter gets to say good-bye.
const FAREWELL: Duration = Duration::from_secs(2);
/// What is kept of a server's answer.
const ANSWER_CHARS: usize = 300;

/// The mail server, and in whose name letters go out.
#[derive(Clone, Debug)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Name and password.
    pub credentials: Option<(String, Key)>,
    pub from: Mailbox,
    pub ca: Option<PathBuf>,
}

/// Who can read what goes to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS before anything of interest; a server that has none gets nothing.
    StartTls,
    /// Everybody on the way.
    Open,
}

pub struct Mailer {
    server: MailServer,
    tls: Option<TlsParameters>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Mailer {
    pub fn new(server: MailServer) -> Result<Self, String> {
        let tls = if server.security == Security::Open { None } else { Some(trust(&server)?) };
        Ok(Self { server, tls })
    }

    /// Sends it once. `Ok` is what the server said when it took the letter.
    pub async fn send(
        &self,
        recipient: &str,
        key: Uuid,
        letter: &Letter,
        now: UtcMicros,
    ) -> Result<String, Failure> {
        let lasting = |text: String| Failure { text, lasting: true };
        let mail = self.compose(recipient, key, letter, now).map_err(lasting)?;
        match tokio::time::timeout(PATIENCE, self.hand_over(&mail)).await {
            Err(_) => Err(Failure::passing(format!("no answer within {} s", PATIENCE.as_secs()))),
            Ok(Err(error)) => Err(Failure { text: said(&error.to_string()), lasting: error.is_permanent() }),
            Ok(Ok(answer)) => {
                Ok(said(&format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" "))))
            }
        }
    }

    fn compose(&self, recipient: &str, key: Uuid, letter: &Letter, now: UtcMicros) -> Result<Mail, String> {
        let to: Mailbox = address(recipient)?;
        let from = &self.server.from;
        let domain =
            Some(from.email.domain()).filter(|domain| domain.is_ascii()).unwrap_or("tillwatch.invalid");
        let date = SystemTime::from(now.timestamp());
        // Nobody's absence note is to answer.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Mail::builder()
            .from(from.clone())
            .to(to)
            .subject(letter::one_line(&letter.subject))
            .date(date)
            .message_id(Some(format!("<{key}@{domain}>")))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|error| error.to_string())
    }

    async fn hand_over(&self, mail: &Mail) -> Result<Response, Error> {
        let server = &self.server;
        let hello = ClientId::Domain(server.from.email.domain().to_owned());
        let place = (server.host.as_str(), server.port);
        let at_once = self.tls.clone().filter(|_| server.security == Security::Tls);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, Some(PATIENCE), &hello, at_once, None).await?;
        if server.security == Security::StartTls
            && let Some(tls) = self.tls.clone()
        {
            connection.starttls(tls, &hello).await?;
        }
        if let Some((user, Key(password))) = &server.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
        }
        let answer = connection.send(mail.envelope(), &mail.formatted()).await?;
        // It is taken, whatever comes after.
        let _ = tokio::time::timeout(FAREWELL, connection.quit()).await;
        Ok(answer)
    }
}

/// The authorities that vouch for the mail server: the system's, and the one of the settings.
fn trust(server: &MailServer) -> Result<TlsParameters, String> {
    let mut tls = TlsParameters::builder(server.host.clone());
    if let Some(path) = &server.ca {
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let pem = std::fs::read(path).map_err(|error| wrong(&error))?;
        tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| wrong(&error))?);
    }
    tls.build().map_err(|error| error.to_string())
}

fn address(recipient: &str) -> Result<Mailbox, String> {
    recipient.trim_start_matches(MAIL).parse().map_err(|error| format!("{recipient}: {error}"))
}

/// A recipient as it is shown: the address without the name.
pub fn shown(recipient: &str) -> String {
    address(recipient).map_or_else(|_| "?".to_owned(), |mailbox| mailbox.email.to_string())
}

/// What a server says may be long, and anything.
fn said(text: &str) -> String {
    letter::one_line(text).chars().take(ANSWER_CHARS).collect()
}
