//! A certificate chain with its key, read from PEM files and checked before anybody is served with it.

use std::fs;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, RootCertStore};
use tillwatch_shared::UtcMicros;

use super::validity::Validity;
use super::{TlsError, provider};

/// Larger than any chain; a wrong path such as a database is not read to its end.
const FILE_BYTES: u64 = 1024 * 1024;

#[derive(Debug)]
pub struct Pair {
    pub certified: CertifiedKey,
    pub validity: Validity,
}

impl Pair {
    /// The pair in these bytes, which were read from these files.
    pub fn new(
        (cert_path, cert): (&Path, &[u8]),
        (key_path, key): (&Path, &[u8]),
        now: UtcMicros,
    ) -> Result<Self, TlsError> {
        let chain = certificates(cert_path, cert)?;
        let validity = match chain.first() {
            Some(leaf) => valid(cert_path, leaf, now)?,
            None => return Err(not_pem(cert_path, "a certificate", "there is none in it")),
        };
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| not_pem(key_path, "a private key", error.to_string()))?;
        let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| {
            if matches!(error, Error::InconsistentKeys(_)) {
                TlsError::DoNotFit { cert: cert_path.to_owned(), key: key_path.to_owned() }
            } else {
                TlsError::BadKey { path: key_path.to_owned(), reason: error.to_string() }
            }
        })?;
        Ok(Self { certified, validity })
    }
}

/// The bytes of a certificate or key file.
pub fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let io = |source| TlsError::Read { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(io)?.len();
    if length > FILE_BYTES {
        return Err(not_pem(path, "certificates or a key", format!("it has {length} bytes")));
    }
    fs::read(path).map_err(io)
}

/// The authorities in a PEM file.
pub fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(path, &read(path)?)? {
        store.add(certificate).map_err(|error| TlsError::NotACertificate {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
    }
    if store.is_empty() { Err(not_pem(path, "a certificate", "there is none in it")) } else { Ok(store) }
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| not_pem(path, "certificates", error.to_string()))
}

fn valid(path: &Path, leaf: &CertificateDer<'_>, now: UtcMicros) -> Result<Validity, TlsError> {
    let validity =
        Validity::of(leaf).map_err(|reason| TlsError::NotACertificate { path: path.to_owned(), reason })?;
    if now > validity.until {
        return Err(TlsError::Expired { path: path.to_owned(), on: validity.until });
    }
    if now < validity.from {
        return Err(TlsError::TooEarly { path: path.to_owned(), from: validity.from });
    }
    Ok(validity)
}

fn not_pem(path: &Path, what: &'static str, reason: impl Into<String>) -> TlsError {
    TlsError::NotPem { path: path.to_owned(), what, reason: reason.into() }
}
