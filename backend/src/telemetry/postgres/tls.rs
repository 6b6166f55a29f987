//! TLS to PostgreSQL, by the settings of a connection URL as libpq understands them.
//!
//! `sslmode`: `disable` · `prefer` (the default: TLS if the server offers it, its certificate is not checked) ·
//! `require` (TLS, not checked unless `sslrootcert` is given, which makes it `verify-ca`) · `verify-ca` (issued by an
//! authority that is trusted) · `verify-full` (and for the host's name). `sslrootcert`: the authorities' certificates
//! (PEM), or `system` for those of the machine, which asks for `verify-full`; without it `~/.postgresql/root.crt`.
//! Over a Unix socket there is no TLS.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use percent_encoding::percent_decode_str;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres::{Config, Socket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as RustlsStream;

use crate::tls::check::Check;
use crate::tls::{provider, roots};

/// The certificates of the machine.
const SYSTEM: &str = "system";

/// Where a database is, and how the connection is protected.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub config: Config,
    pub tls: Tls,
}

impl Address {
    /// From a URL. Errors name the setting that is wrong.
    pub fn parse(url: &str) -> Result<Self, String> {
        let (rest, settings) = Settings::take_from(url)?;
        let mut config: Config = rest.parse().map_err(|error: tokio_postgres::Error| {
            let cause =
                std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
            format!("{error}{cause}")
        })?;
        let sockets = config.get_hosts().iter().all(|host| match host {
            #[cfg(unix)]
            Host::Unix(_) => true,
            Host::Tcp(_) => false,
        });
        let mode = if sockets { Mode::Disable } else { settings.mode()? };
        config.ssl_mode(match mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        });
        let tls = settings.tls(mode)?;
        Ok(Self { config, tls })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// What a URL says about TLS.
#[derive(Debug, Default)]
struct Settings {
    mode: Option<String>,
    root: Option<String>,
}

impl Settings {
    /// Takes them out of a URL: `tokio_postgres` knows only some of them.
    fn take_from(url: &str) -> Result<(String, Self), String> {
        let mut settings = Self::default();
        let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), settings)) };
        let mut others = Vec::new();
        for setting in query.split('&') {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            let slot = match name {
                "sslmode" => &mut settings.mode,
                "sslrootcert" => &mut settings.root,
                _ => {
                    others.push(setting);
                    continue;
                }
            };
            let value =
                percent_decode_str(value).decode_utf8().map_err(|_| format!("{name} is not UTF-8"))?;
            *slot = Some(value.into_owned());
        }
        let query = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
        Ok((format!("{base}{query}"), settings))
    }

    fn mode(&self) -> Result<Mode, String> {
        let system = self.root.as_deref() == Some(SYSTEM);
        match self.mode.as_deref() {
            None if system => Ok(Mode::VerifyFull),
            Some("verify-full") => Ok(Mode::VerifyFull),
            Some(weaker) if system => {
                Err(format!("sslmode={weaker} is too weak for sslrootcert=system: use verify-full"))
            }
            Some("disable") => Ok(Mode::Disable),
            None | Some("prefer") => Ok(Mode::Prefer),
            Some("require") if self.root.is_some() => Ok(Mode::VerifyCa),
            Some("require") => Ok(Mode::Require),
            Some("verify-ca") => Ok(Mode::VerifyCa),
            Some(other) => {
                Err(format!("sslmode={other}: use disable, prefer, require, verify-ca or verify-full"))
            }
        }
    }

    fn tls(&self, mode: Mode) -> Result<Tls, String> {
        let provider = provider();
        let algorithms = provider.signature_verification_algorithms;
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| error.to_string())?;
        let trusted = match mode {
            Mode::Disable | Mode::Prefer | Mode::Require => None,
            Mode::VerifyCa | Mode::VerifyFull => Some(self.root_file()?),
        };
        let check = match trusted {
            None => Some(Check::nothing(algorithms)),
            Some(Some(file)) => {
                let roots = roots(&file).map_err(|error| format!("sslrootcert: {error}"))?;
                Some(Check::issued_by(roots, mode == Mode::VerifyFull, algorithms))
            }
            Some(None) => None,
        };
        let builder = match check {
            Some(check) => builder.dangerous().with_custom_certificate_verifier(Arc::new(check)),
            None => builder.with_platform_verifier().map_err(|error| error.to_string())?,
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Tls(TlsConnector::from(Arc::new(config))))
    }

    /// The file of those who are trusted; `None` for the machine's.
    fn root_file(&self) -> Result<Option<PathBuf>, String> {
        match self.root.as_deref() {
            Some(SYSTEM) => Ok(None),
            Some(file) => Ok(Some(PathBuf::from(file))),
            None => {
                let home =
                    directories::BaseDirs::new().map(|dirs| dirs.home_dir().join(".postgresql/root.crt"));
                let usual = home.filter(|file| Path::exists(file));
                usual.map(Some).ok_or_else(|| {
                    "to check the server's certificate, name its authority: sslrootcert=FILE, or \
                     sslrootcert=system for the machine's"
                        .to_owned()
                })
            }
        }
    }
}

/// Makes connections with TLS.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// One connection to a host.
pub(super) struct Connect {
    connector: TlsConnector,
    host: String,
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Stream;
    type TlsConnect = Connect;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> io::Result<Connect> {
        Ok(Connect { connector: self.0.clone(), host: domain.to_owned() })
    }
}

impl TlsConnect<Socket> for Connect {
    type Stream = Stream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let name = ServerName::try_from(self.host).map_err(io::Error::other)?;
            Ok(Stream(Box::new(self.connector.connect(name, socket).await?)))
        })
    }
}

/// A connection with TLS.
pub(super) struct Stream(Box<RustlsStream<Socket>>);

impl TlsStream for Stream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> Result<Mode, String> {
        Settings::take_from(url).unwrap().1.mode()
    }

    #[test]
    fn modes_are_libpqs() {
        for (query, expected) in [
            ("", Mode::Prefer),
            ("?sslmode=prefer", Mode::Prefer),
            ("?sslmode=disable", Mode::Disable),
            ("?sslmode=require", Mode::Require),
            ("?sslmode=require&sslrootcert=%2Fetc%2Fca.pem", Mode::VerifyCa),
            ("?sslmode=verify-ca&sslrootcert=/etc/ca.pem", Mode::VerifyCa),
            ("?connect_timeout=3&sslmode=verify-full", Mode::VerifyFull),
            ("?sslrootcert=system", Mode::VerifyFull),
        ] {
            assert_eq!(mode(&format!("postgres://host/db{query}")), Ok(expected), "{query}");
        }
        assert!(mode("postgres://host/db?sslmode=verify").unwrap_err().contains("verify-ca"));
        assert!(mode("postgres://host/db?sslmode=verify-ca&sslrootcert=system").is_err());
    }

    #[test]
    fn the_rest_of_the_url_stays() {
        let url = "postgres://a:b@h1,h2/db?sslmode=require&options=-csearch_path%3Dt&sslrootcert=%C3%A9.pem";
        let (rest, settings) = Settings::take_from(url).unwrap();
        assert_eq!(rest, "postgres://a:b@h1,h2/db?options=-csearch_path%3Dt");
        assert_eq!(settings.root.as_deref(), Some("\u{e9}.pem"));
        assert_eq!(Settings::take_from("postgres://h/db?sslmode=disable").unwrap().0, "postgres://h/db");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let told = |url: &str| Address::parse(url).unwrap_err();
        assert!(told("postgres://h/db?sslmode=verify-ca&sslrootcert=/nowhere.pem").contains("nowhere.pem"));
        assert!(told("postgres://h/db?sslcert=x").contains("sslcert"));
        let socket = Address::parse("postgres://u@%2Frun%2Fpg/db?sslmode=require").unwrap();
        assert_eq!(socket.config.get_ssl_mode(), SslMode::Disable);
    }
}
