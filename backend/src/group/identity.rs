//! Who belongs to the group, on the wire: mutual TLS 1.3 with one key pair that each member makes of the group's
//! secret. Whoever has the secret has the key; anybody else is turned away before a word is read. Names, authorities
//! and dates of certificates say nothing here.

use std::sync::Arc;

use argon2::Argon2;
use rcgen::{CertificateParams, KeyPair};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme,
};
use x509_parser::parse_x509_certificate;

use crate::config::Key;
use crate::tls::provider;

/// Stands where a salt does: all members have to come to the same key.
const CONTEXT: &[u8] = b"tillwatch group identity 1";
/// What stands before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410, section 7).
const ED25519_PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("the secret of the group: {0}")]
    Secret(#[from] argon2::Error),
    #[error("the key of the group: {0}")]
    Key(#[from] rcgen::Error),
    #[error("TLS between members: {0}")]
    Tls(#[from] Error),
    #[error("the certificate of the group cannot be read")]
    Certificate,
}

/// Both ends of a connection between members.
#[derive(Clone, Debug)]
pub struct Identity {
    pub server: Arc<ServerConfig>,
    pub client: ClientConfig,
}

impl Identity {
    pub fn of(secret: &Key) -> Result<Self, IdentityError> {
        // The public half is shown to everybody: guessing what it was made of has to be slow.
        let mut private = [0; 32];
        Argon2::default().hash_password_into(secret.0.as_bytes(), CONTEXT, &mut private)?;
        let mut key = ED25519_PKCS8.to_vec();
        key.extend(private);
        let key = PrivatePkcs8KeyDer::from(key);
        let certificate = CertificateParams::new(Vec::new())?.self_signed(&KeyPair::try_from(&key)?)?;
        let chain = vec![certificate.der().clone()];
        let ours = public_key(certificate.der()).ok_or(IdentityError::Certificate)?;
        let provider = provider();
        let same = Arc::new(SameKey { ours, algorithms: provider.signature_verification_algorithms });
        let key = PrivateKeyDer::from(key);
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(same.clone())
            .with_single_cert(chain.clone(), key.clone_key())?;
        let client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(same)
            .with_client_auth_cert(chain, key)?;
        Ok(Self { server: Arc::new(server), client })
    }
}

fn public_key(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = parse_x509_certificate(certificate).ok()?;
    Some(parsed.public_key().raw.to_vec())
}

/// Takes a peer that has the group's key. That it has it is proved by its signature in the handshake.
#[derive(Debug)]
struct SameKey {
    ours: Vec<u8>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl SameKey {
    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        if public_key(certificate).as_ref() == Some(&self.ours) {
            Ok(())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    /// Both ends speak TLS 1.3 only.
    fn never() -> Error {
        Error::PeerIncompatible(rustls::PeerIncompatible::Tls12NotOffered)
    }
}

impl ServerCertVerifier for SameKey {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(end_entity).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Self::never())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for SameKey {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(end_entity).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Self::never())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
