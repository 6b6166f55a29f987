//! Certificates from an ACME directory such as Let's Encrypt: ordered, proved with TLS-ALPN-01 on the same
//! port that serves, renewed when two thirds of their time are over, and kept in the data directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use rustls::ClientConfig;
use rustls::server::ResolvesServerCert;
use rustls_acme::{AcmeConfig, AcmeState, EventError, EventOk, ResolvesServerCertAcme};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tillwatch_shared::UtcMicros;

use super::kept::Kept;
use super::validity::Validity;
use super::{TlsError, pair, provider};

/// What a client that checks a challenge asks for.
pub(super) const ALPN: &[u8] = rustls_acme::acme::ACME_TLS_ALPN_NAME;

/// In the data directory; holds private keys.
const CACHE: &str = "acme";

type State = AcmeState<std::io::Error>;
type Failure = EventError<std::io::Error, std::io::Error>;

pub struct Acme {
    resolver: Arc<ResolvesServerCertAcme>,
    /// Taken by the task that runs it.
    state: Mutex<Option<State>>,
    progress: Mutex<Progress>,
    /// Of the certificate that was last kept or found.
    validity: Arc<Mutex<Option<Validity>>>,
}

#[derive(Debug, Default)]
struct Progress {
    has_certificate: bool,
    failure: Option<String>,
}

impl std::fmt::Debug for Acme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Acme").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl Acme {
    pub fn open(
        domains: &[String],
        contacts: &[String],
        directory: &str,
        ca: Option<&Path>,
        data_dir: &Path,
    ) -> Result<Self, TlsError> {
        let cache = private_directory(&data_dir.join(CACHE))?;
        let validity = Arc::default();
        let state = AcmeConfig::new_with_client_config(domains, Arc::new(trust(ca)?))
            .contact(contacts)
            .directory(directory)
            .cache(Kept::new(cache, Arc::clone(&validity)))
            .state();
        let progress = Mutex::new(Progress::default());
        Ok(Self { resolver: state.resolver(), state: Mutex::new(Some(state)), progress, validity })
    }

    pub(super) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        self.resolver.clone()
    }

    /// What a person must look at.
    pub fn trouble(&self, now: UtcMicros) -> Option<String> {
        let validity = self.validity();
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let ending = validity.and_then(|validity| validity.trouble(now));
        match (progress.has_certificate, &progress.failure) {
            (true, None) => ending,
            (true, Some(failure)) => {
                let ending = ending.unwrap_or_else(|| "the old one stays".to_owned());
                Some(format!("the certificate was not renewed ({failure}); {ending}"))
            }
            (false, None) => Some("waiting for the first certificate".to_owned()),
            (false, Some(failure)) => Some(format!("no certificate yet: {failure}")),
        }
    }

    /// Until when the certificate in use is good; nothing while there is none.
    pub fn until(&self) -> Option<UtcMicros> {
        let in_use = self.progress.lock().unwrap_or_else(PoisonError::into_inner).has_certificate;
        self.validity().filter(|_| in_use).map(|validity| validity.until)
    }

    fn validity(&self) -> Option<Validity> {
        *self.validity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, event: Result<EventOk, Failure>) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Ok(EventOk::DeployedCachedCert | EventOk::DeployedNewCert) => {
                tracing::info!("a certificate of the ACME directory is in use");
                *progress = Progress { has_certificate: true, failure: None };
            }
            Ok(EventOk::CertCacheStore | EventOk::AccountCacheStore) => {}
            Err(error) => {
                let failure = error.to_string();
                tracing::warn!(failure, "no certificate from the ACME directory; trying again");
                progress.failure = Some(failure);
            }
        }
    }
}

/// Orders and renews until it is aborted; between failures it waits, each time twice as long.
pub(super) async fn run(acme: Arc<Acme>) {
    let state = acme.state.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut state) = state else { return };
    while let Some(event) = state.next().await {
        acme.note(event);
    }
}

fn trust(ca: Option<&Path>) -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(match ca {
        Some(ca) => builder.with_root_certificates(pair::roots(ca)?).with_no_client_auth(),
        None => builder
            .with_platform_verifier()
            .map_err(|error| TlsError::NoRoots(error.to_string()))?
            .with_no_client_auth(),
    })
}

/// Makes the directory, readable for the server alone.
fn private_directory(path: &Path) -> Result<PathBuf, TlsError> {
    let io = |source| TlsError::Read { path: path.to_owned(), source };
    fs::create_dir_all(path).map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(io)?;
    }
    Ok(path.to_owned())
}
