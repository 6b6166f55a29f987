//! The files in which certificates of an ACME directory are kept, and a note of how long the last one is good:
//! whoever orders them does not say.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_acme::caches::DirCache;
use rustls_acme::{AccountCache, CertCache};

use super::validity::Validity;

pub(super) struct Kept {
    files: DirCache<PathBuf>,
    validity: Arc<Mutex<Option<Validity>>>,
}

impl Kept {
    pub(super) fn new(directory: PathBuf, validity: Arc<Mutex<Option<Validity>>>) -> Self {
        Self { files: DirCache::new(directory), validity }
    }

    /// Of the first certificate in it, which is the server's own.
    fn note(&self, pem: &[u8]) {
        let leaf = CertificateDer::from_pem_slice(pem).ok();
        let validity = leaf.and_then(|leaf| Validity::of(&leaf).ok());
        *self.validity.lock().unwrap_or_else(PoisonError::into_inner) = validity;
    }
}

#[async_trait]
impl CertCache for Kept {
    type EC = io::Error;

    async fn load_cert(&self, domains: &[String], directory: &str) -> io::Result<Option<Vec<u8>>> {
        let found = self.files.load_cert(domains, directory).await?;
        if let Some(pem) = &found {
            self.note(pem);
        }
        Ok(found)
    }

    async fn store_cert(&self, domains: &[String], directory: &str, pem: &[u8]) -> io::Result<()> {
        // In use already, whether it can be written down or not.
        self.note(pem);
        self.files.store_cert(domains, directory, pem).await
    }
}

#[async_trait]
impl AccountCache for Kept {
    type EA = io::Error;

    async fn load_account(&self, contact: &[String], directory: &str) -> io::Result<Option<Vec<u8>>> {
        self.files.load_account(contact, directory).await
    }

    async fn store_account(&self, contact: &[String], directory: &str, account: &[u8]) -> io::Result<()> {
        self.files.store_account(contact, directory, account).await
    }
}
