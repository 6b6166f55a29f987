//! Certificate and key from files, taken anew when the files change. A pair that cannot be used never
//! replaces one that can: it is named in the log and in `/health/ready`, and the old pair stays.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tillwatch_shared::UtcMicros;
use tokio::time::{MissedTickBehavior, interval};

use super::TlsError;
use super::pair::{Pair, read};
use super::validity::Validity;
use crate::clock::Clock;

#[derive(Debug)]
pub struct Files {
    cert: PathBuf,
    key: PathBuf,
    check_every: Duration,
    served: RwLock<Served>,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Served {
    pair: Arc<CertifiedKey>,
    validity: Validity,
}

/// What the last look at the files found.
#[derive(Debug)]
struct Seen {
    digest: Option<blake3::Hash>,
    refused: Option<String>,
}

/// What a look at the files came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Look {
    Unchanged,
    Taken,
    Refused(String),
}

impl Files {
    pub fn open(cert: &Path, key: &Path, check_every: Duration, now: UtcMicros) -> Result<Self, TlsError> {
        let (digest, contents) = contents(cert, key)?;
        let pair = Pair::new((cert, &contents.0), (key, &contents.1), now)?;
        Ok(Self {
            cert: cert.to_owned(),
            key: key.to_owned(),
            check_every,
            served: RwLock::new(Served { pair: Arc::new(pair.certified), validity: pair.validity }),
            seen: Mutex::new(Seen { digest: Some(digest), refused: None }),
        })
    }

    /// Looks at the files and takes a new pair if it is good. Handshakes from here on are made with it;
    /// connections that are open go on.
    pub fn look(&self, now: UtcMicros) -> Look {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = contents(&self.cert, &self.key).and_then(|(digest, contents)| {
            // A pair that was refused for its dates may have become good since.
            if seen.digest == Some(digest) && seen.refused.is_none() {
                return Ok(None);
            }
            seen.digest = Some(digest);
            Pair::new((&self.cert, &contents.0), (&self.key, &contents.1), now).map(Some)
        });
        match taken {
            Ok(None) => Look::Unchanged,
            Ok(Some(pair)) => {
                seen.refused = None;
                let served = Served { pair: Arc::new(pair.certified), validity: pair.validity };
                *self.served.write().unwrap_or_else(PoisonError::into_inner) = served;
                Look::Taken
            }
            Err(error) => {
                let reason = error.to_string();
                if seen.refused.as_ref() == Some(&reason) {
                    return Look::Unchanged;
                }
                seen.refused = Some(reason.clone());
                Look::Refused(reason)
            }
        }
    }

    /// Until when the certificate in use is good.
    pub fn until(&self) -> UtcMicros {
        self.validity().until
    }

    fn validity(&self) -> Validity {
        self.served.read().unwrap_or_else(PoisonError::into_inner).validity
    }

    /// What a person must look at.
    pub fn trouble(&self, now: UtcMicros) -> Option<String> {
        let validity = self.validity();
        let refused = self.seen.lock().unwrap_or_else(PoisonError::into_inner).refused.clone();
        match refused {
            Some(reason) => {
                let until = validity.until;
                Some(format!("the new certificate was not taken ({reason}); the one until {until} stays"))
            }
            None => validity.trouble(now),
        }
    }
}

impl ResolvesServerCert for Files {
    /// The same for every name: a client that asked for another one refuses it.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.served.read().unwrap_or_else(PoisonError::into_inner).pair.clone())
    }
}

type Contents = (Vec<u8>, Vec<u8>);

fn contents(cert: &Path, key: &Path) -> Result<(blake3::Hash, Contents), TlsError> {
    let (cert, key) = (read(cert)?, read(key)?);
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(cert.len() as u64).to_le_bytes()).update(&cert).update(&key);
    Ok((hasher.finalize(), (cert, key)))
}

/// Looks from time to time and, where there is such a signal, at SIGHUP.
pub(super) async fn watch(files: Arc<Files>, clock: Clock) {
    let mut tick = interval(files.check_every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut asked = Asked::new();
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = asked.again() => {}
        }
        let (looking, now) = (files.clone(), clock.now());
        match tokio::task::spawn_blocking(move || looking.look(now)).await {
            Ok(Look::Unchanged) => {}
            Ok(Look::Taken) => tracing::info!(until = %files.until(), "a new certificate is in use"),
            Ok(Look::Refused(reason)) => {
                tracing::warn!(reason, until = %files.until(), "the new certificate was not taken; the old one stays");
            }
            Err(error) => tracing::error!(%error, "the certificate files were not looked at"),
        }
    }
}

/// The signal that asks for another look.
#[cfg(unix)]
struct Asked(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Asked {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let signal = signal(SignalKind::hangup());
        Self(signal.inspect_err(|error| tracing::warn!(%error, "SIGHUP is not listened to")).ok())
    }

    async fn again(&mut self) {
        let received = match &mut self.0 {
            Some(signal) => signal.recv().await,
            None => None,
        };
        if received.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
struct Asked;

#[cfg(not(unix))]
impl Asked {
    const fn new() -> Self {
        Self
    }

    async fn again(&mut self) {
        std::future::pending().await
    }
}
