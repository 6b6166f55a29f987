//! HTTPS in the server itself: with certificate files that are read again when they change ([`files`]), or
//! with certificates that an ACME directory issues ([`acme`]). Certificates and keys stay in here.

pub mod acme;
pub mod check;
pub mod files;
mod kept;
mod pair;
pub mod unverified;
mod validity;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use tillwatch_shared::UtcMicros;
use tokio::task::JoinHandle;

pub use acme::Acme;
pub use files::Files;
pub use pair::roots;

use crate::clock::Clock;

/// Where certificates come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Files {
        cert: PathBuf,
        key: PathBuf,
        /// How often the files are looked at.
        check_every: Duration,
    },
    Acme {
        domains: Vec<String>,
        /// Like `mailto:ana@loja.example`.
        contacts: Vec<String>,
        /// Address of the directory.
        directory: String,
        /// The authority that the directory's own certificate is checked with, instead of the system's.
        ca: Option<PathBuf>,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path}: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a PEM file with {what}: {reason}", path = path.display())]
    NotPem { path: PathBuf, what: &'static str, reason: String },
    #[error("{path} is not a certificate: {reason}", path = path.display())]
    NotACertificate { path: PathBuf, reason: String },
    #[error("the key {key} does not belong to the certificate {cert}", key = key.display(), cert = cert.display())]
    DoNotFit { cert: PathBuf, key: PathBuf },
    #[error("the key {path} cannot be used: {reason}", path = path.display())]
    BadKey { path: PathBuf, reason: String },
    #[error("the certificate {path} expired on {on}", path = path.display())]
    Expired { path: PathBuf, on: UtcMicros },
    #[error("the certificate {path} is not valid before {from}; is this machine's clock right?", path = path.display())]
    TooEarly { path: PathBuf, from: UtcMicros },
    #[error("the certificates of this system, which the ACME directory is checked with: {0}")]
    NoRoots(String),
    #[error(transparent)]
    Library(#[from] rustls::Error),
}

/// Where the server's certificates come from while it runs.
#[derive(Clone, Debug)]
pub enum Tls {
    Files(Arc<Files>),
    Acme(Arc<Acme>),
}

impl Tls {
    /// Reads the certificate files, or what is left from earlier orders; nothing runs yet.
    pub fn open(source: &Source, data_dir: &Path, now: UtcMicros) -> Result<Self, TlsError> {
        match source {
            Source::Files { cert, key, check_every } => {
                Ok(Self::Files(Arc::new(Files::open(cert, key, *check_every, now)?)))
            }
            Source::Acme { domains, contacts, directory, ca } => {
                let acme = Acme::open(domains, contacts, directory, ca.as_deref(), data_dir)?;
                Ok(Self::Acme(Arc::new(acme)))
            }
        }
    }

    /// TLS 1.2 and 1.3; older versions are refused by the library.
    pub fn server_config(&self) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth();
        Ok(match self {
            Self::Files(files) => builder.with_cert_resolver(files.clone()),
            Self::Acme(acme) => {
                let mut config = builder.with_cert_resolver(acme.resolver());
                config.alpn_protocols.push(acme::ALPN.to_vec());
                config
            }
        })
    }

    /// Keeps the certificates fresh until it is aborted.
    pub fn keep_fresh(&self, clock: &Clock) -> JoinHandle<()> {
        match self {
            Self::Files(files) => tokio::spawn(files::watch(files.clone(), clock.clone())),
            Self::Acme(acme) => tokio::spawn(acme::run(acme.clone())),
        }
    }

    /// `ok`, or what a person must look at.
    pub fn health(&self, now: UtcMicros) -> String {
        let trouble = match self {
            Self::Files(files) => files.trouble(now),
            Self::Acme(acme) => acme.trouble(now),
        };
        trouble.unwrap_or_else(|| "ok".to_owned())
    }

    /// Until when the certificate in use is good; nothing while there is none.
    pub fn until(&self) -> Option<UtcMicros> {
        match self {
            Self::Files(files) => Some(files.until()),
            Self::Acme(acme) => acme.until(),
        }
    }
}

/// The one provider of cryptography in the program.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}
