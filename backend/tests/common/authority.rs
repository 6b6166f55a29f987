//! A certificate authority of the test's own, and the files that it issues.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use reqwest::{Certificate, Client, ClientBuilder};
use tempfile::TempDir;

use super::Program;

/// The names that certificates are issued for, besides 127.0.0.1.
pub const NAME: &str = "loja.example";

pub struct Authority {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

/// A certificate file and its key file.
#[derive(Clone, Debug)]
pub struct Files {
    pub cert: PathBuf,
    pub key: PathBuf,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Default for Authority {
    fn default() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Autoridade da loja");
        Self { certificate: params.self_signed(&key).unwrap(), key }
    }
}

impl Authority {
    /// The certificate that clients must trust.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Certificate (PEM and DER) and key (PEM), valid in these years.
    pub fn issue(&self, from_year: i32, until_year: i32) -> (String, Vec<u8>, String) {
        let key = KeyPair::generate().unwrap();
        let names = vec![NAME.to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(from_year, 1, 1);
        params.not_after = date_time_ymd(until_year, 1, 1);
        let leaf = params.signed_by(&key, &self.certificate, &self.key).unwrap();
        (leaf.pem(), leaf.der().to_vec(), key.serialize_pem())
    }

    /// A client that trusts this authority and nobody else.
    pub fn client(&self) -> ClientBuilder {
        let ours = Certificate::from_pem(self.pem().as_bytes()).unwrap();
        Client::builder().timeout(std::time::Duration::from_secs(30)).tls_certs_only([ours]).tls_info(true)
    }
}

impl Files {
    pub fn in_dir(dir: &Path) -> Self {
        Self { cert: dir.join("loja.crt"), key: dir.join("loja.key") }
    }

    /// Puts a newly issued pair there, and gives back the certificate (DER).
    pub fn renew(&self, authority: &Authority) -> Vec<u8> {
        let (pem, der, key) = authority.issue(2020, 2100);
        fs::write(&self.cert, pem).unwrap();
        fs::write(&self.key, key).unwrap();
        der
    }

    pub fn args(&self) -> [&str; 4] {
        ["--tls-cert", self.cert.to_str().unwrap(), "--tls-key", self.key.to_str().unwrap()]
    }
}

/// A shop with certificate files.
#[derive(Debug)]
pub struct Shop {
    pub authority: Authority,
    pub files: Files,
    pub dir: TempDir,
    /// The certificate in use, in DER.
    pub leaf: Vec<u8>,
}

impl Default for Shop {
    fn default() -> Self {
        let (authority, dir) = (Authority::default(), tempfile::tempdir().unwrap());
        let files = Files::in_dir(dir.path());
        let leaf = files.renew(&authority);
        Self { authority, files, dir, leaf }
    }
}

impl Shop {
    /// The real program, serving HTTPS.
    pub fn program(&self, more: &[&str]) -> Program {
        let data = self.dir.path().join("data");
        Program::start(&data, &[&self.files.args(), more].concat())
    }

    /// A client that trusts the shop.
    pub fn client(&self) -> Client {
        self.authority.client().build().unwrap()
    }
}
