//! The typed API client: one method for each route (`routes`), over several servers (`transport`),
//! with a session that renews itself (`keeper`).
//!
//! Commands take the [`CommandId`] that names them for ever. Whoever repeats a command because the
//! outcome of the first try is unknown passes the same id, and it happens once.
//! A [`Client`] is cheap to clone; all clones share the session and the connections.

mod alarms;
mod backups;
mod error;
mod feeds;
mod goods;
mod keeper;
mod members;
mod product_import;
mod pulse;
mod pulse_log;
mod readings;
mod remembered;
mod reports;
mod routes;
mod sales;
mod sensor_notes;
mod servers;
mod temperature_sheets;
#[cfg(test)]
mod tests;
mod transport;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use uuid::Uuid;

pub use alarms::AlarmsQuery;
pub use error::{ClientError, Language, OptionsError};
pub use product_import::ImportAsk;
pub use pulse::{PulseEnd, PulseNews};
pub use pulse_log::PulseLogQuery;
pub use readings::{PlainReading, SeriesQuery, Step};
pub use reports::{ReportAbout, ReportAsk, ReportFile, ReportScope};
pub use temperature_sheets::{SheetAsk, SheetPart};

use crate::api::{Refresh, Session};
use crate::{CommandId, PersonId};
use keeper::{Keeper, PendingRefresh};
use transport::{Answer, Credential, Request, Transport};

#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Addresses like `http://10.0.0.5:8080`, or `10.0.0.5:8080`. One of them, drawn by lot, is asked while it answers.
    pub servers: Vec<String>,
    /// Other servers of their group, learned in an earlier run: asked when those do not answer.
    pub members: Vec<String>,
    pub language: Language,
    pub connect_timeout: Duration,
    /// From the request to the last byte of its answer.
    pub request_timeout: Duration,
    pub user_agent: String,
    /// Asks for answers in gzip: worth its work where they are long.
    pub compressed: bool,
    /// A PEM file with authorities that are trusted besides the system's: the shop's own.
    pub ca_file: Option<PathBuf>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            members: Vec::new(),
            language: Language::default(),
            connect_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(10),
            user_agent: concat!("tillwatch/", env!("CARGO_PKG_VERSION")).into(),
            compressed: false,
            ca_file: ca_file_of_environment(),
        }
    }
}

/// `TILLWATCH_CA_FILE`: set once on a machine, it counts for every program that asks a server.
#[expect(clippy::disallowed_methods, reason = "whom a machine trusts is the same in all programs")]
fn ca_file_of_environment() -> Option<PathBuf> {
    std::env::var_os("TILLWATCH_CA_FILE").filter(|path| !path.is_empty()).map(PathBuf::from)
}

#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// Sends with a till's key, in a person's name, instead of with the session.
    speaks_for: Option<Arc<SpeaksFor>>,
    /// Sends with this person's session, and with nobody else's.
    only: Option<PersonId>,
}

struct SpeaksFor {
    till_key: String,
    person: PersonId,
}

struct Inner {
    transport: Transport,
    keeper: Keeper,
    english: AtomicBool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed_in = self.session().is_some();
        f.debug_struct("Client")
            .field("server", &self.server())
            .field("signed_in", &signed_in)
            .finish_non_exhaustive()
    }
}

impl Client {
    pub fn new(options: &ClientOptions) -> Result<Self, OptionsError> {
        let inner = Inner {
            transport: Transport::new(options)?,
            keeper: Keeper::new(),
            english: AtomicBool::new(options.language == Language::English),
        };
        Ok(Self { inner: Arc::new(inner), speaks_for: None, only: None })
    }

    /// The same client as a till that sends what this person, who has signed in at it, has done. Nobody needs
    /// to be signed in for it.
    #[must_use]
    pub fn speaking_for(&self, till_key: &str, person: PersonId) -> Self {
        let speaks_for = Some(Arc::new(SpeaksFor { till_key: till_key.to_owned(), person }));
        Self { inner: Arc::clone(&self.inner), speaks_for, only: None }
    }

    /// The same client for what this person has done. When somebody else has signed in meanwhile, it is not sent, and
    /// the answer is that the session has ended.
    #[must_use]
    pub fn only_as(&self, person: PersonId) -> Self {
        Self { inner: Arc::clone(&self.inner), speaks_for: None, only: Some(person) }
    }

    /// The language of the server's error texts.
    pub fn language(&self) -> Language {
        if self.inner.english.load(Ordering::Relaxed) { Language::English } else { Language::Portuguese }
    }

    pub fn set_language(&self, language: Language) {
        self.inner.english.store(language == Language::English, Ordering::Relaxed);
    }

    /// The address of the server in use.
    pub fn server(&self) -> String {
        self.inner.transport.server()
    }

    /// Who is signed in. Holds secrets: keep it where only this person reads.
    pub fn session(&self) -> Option<Arc<Session>> {
        self.inner.keeper.session()
    }

    /// Tells of each new pair of tokens, and of the end of the session (`None`).
    pub fn watch_session(&self) -> watch::Receiver<Option<Arc<Session>>> {
        self.inner.keeper.watch()
    }

    /// Goes on with a session that was kept from an earlier run.
    pub fn restore(&self, session: Session) {
        self.inner.keeper.put(session, None);
    }

    /// Buys a new access token now. Needed only after a change to the person, whose rights are
    /// written in the token; expiry is taken care of.
    pub async fn renew(&self) -> Result<Arc<Session>, ClientError> {
        let token = self.session().map(|session| session.access_token.clone()).unwrap_or_default();
        self.renew_from(&token).await
    }

    /// Sends and reads the answer as JSON.
    async fn ask<T: DeserializeOwned>(&self, request: Request<'_>) -> Result<T, ClientError> {
        self.answer(&request).await?.json()
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: Vec<(&'static str, String)>,
    ) -> Result<T, ClientError> {
        self.ask(Request { query, ..Request::new(Method::GET, path) }).await
    }

    /// What is asked again and again: an answer that has not changed is not sent again.
    async fn get_often<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, ClientError> {
        self.ask(Request { often: true, ..Request::new(Method::GET, path) }).await
    }

    async fn command<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        command: CommandId,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = Some(to_json(body)?);
        self.ask(Request { body, command: Some(command), ..Request::new(method, path) }).await
    }

    /// A request that opens a session, which this client then goes on with.
    async fn open_session(
        &self,
        path: &[&str],
        command: CommandId,
        body: &impl Serialize,
    ) -> Result<Arc<Session>, ClientError> {
        let request = Request {
            body: Some(to_json(body)?),
            command: Some(command),
            credential: Credential::None,
            ..Request::new(Method::POST, path)
        };
        let answer = self.send(&request, None).await?;
        let session = answer.json()?;
        Ok(self.inner.keeper.put(session, answer.date))
    }

    /// Ends at the server a session that this client has left for another.
    pub async fn end_session(&self, session: &Session) -> Result<(), ClientError> {
        let request = Request {
            command: Some(CommandId::now()),
            ..Request::new(Method::DELETE, &["api", "v1", "sessions", "current"])
        };
        match self.send(&request, Some(&session.access_token)).await {
            Ok(_) => Ok(()),
            // Already over.
            Err(error) if error.needs_sign_in() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Ends the session here at once, whether or not the server can be told.
    async fn close_session(&self) -> Result<(), ClientError> {
        let Some(session) = self.session() else { return Ok(()) };
        self.inner.keeper.forget(&session.refresh_token);
        self.end_session(&session).await
    }

    /// Sends with the session's token if the request is a person's, and once more with a new token
    /// if the server refuses the old one.
    async fn answer(&self, request: &Request<'_>) -> Result<Answer, ClientError> {
        if let (Credential::Person, Some(speaks_for)) = (request.credential, &self.speaks_for) {
            let SpeaksFor { till_key, person } = &**speaks_for;
            let credential = Credential::Till { key: till_key, person: *person };
            return self.send(&Request { credential, ..request.clone() }, None).await;
        }
        let session = match request.credential {
            Credential::Person => self.fresh_session().await,
            Credential::None | Credential::ApiKey(_) | Credential::Till { .. } => None,
        };
        let Some(session) = session else { return self.send(request, None).await };
        self.check_person(&session)?;
        match self.send(request, Some(&session.access_token)).await {
            Err(refused) if refused.needs_sign_in() => {
                let renewed = self.renew_from(&session.access_token).await?;
                self.check_person(&renewed)?;
                self.send(request, Some(&renewed.access_token)).await
            }
            result => result,
        }
    }

    /// A session can change hands between two steps of a request.
    fn check_person(&self, session: &Session) -> Result<(), ClientError> {
        let own = self.only.is_none_or(|person| session.person.id == person);
        if own { Ok(()) } else { Err(ClientError::session_ended(self.language())) }
    }

    /// The session, renewed first when that is due. If renewing fails the old token is tried: it
    /// has a little life left, and the server decides.
    async fn fresh_session(&self) -> Option<Arc<Session>> {
        let session = self.session()?;
        if !self.inner.keeper.is_due() {
            return Some(session);
        }
        Some(self.renew_from(&session.access_token).await.unwrap_or(session))
    }

    /// Renews the session unless somebody else did since `stale_access` was read. Callers that
    /// come while a renewal is under way wait for it and take its outcome.
    async fn renew_from(&self, stale_access: &str) -> Result<Arc<Session>, ClientError> {
        let keeper = &self.inner.keeper;
        let mut pending = keeper.renewing.lock().await;
        let Some(session) = keeper.session() else {
            return Err(ClientError::session_ended(self.language()));
        };
        if session.access_token != stale_access {
            return Ok(session);
        }
        let refresh_token = &session.refresh_token;
        let key = match &*pending {
            Some(earlier) if earlier.refresh_token == *refresh_token => earlier.key,
            Some(_) | None => CommandId::now(),
        };
        *pending = Some(PendingRefresh { refresh_token: refresh_token.clone(), key });
        let request = Request {
            body: Some(to_json(&Refresh { refresh_token: refresh_token.clone() })?),
            command: Some(key),
            credential: Credential::None,
            ..Request::new(Method::POST, &["api", "v1", "sessions", "refresh"])
        };
        match self.send(&request, None).await {
            Ok(answer) => {
                let renewed = answer.json()?;
                *pending = None;
                Ok(keeper.put(renewed, answer.date))
            }
            Err(error) => {
                if error.needs_sign_in() {
                    keeper.forget(refresh_token);
                }
                Err(error)
            }
        }
    }

    async fn send(&self, request: &Request<'_>, bearer: Option<&str>) -> Result<Answer, ClientError> {
        self.inner.transport.send(request, bearer, self.language()).await
    }

    /// For answers whose content does not matter.
    async fn tell(&self, request: Request<'_>) -> Result<(), ClientError> {
        self.answer(&request).await.map(drop)
    }
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, ClientError> {
    serde_json::to_vec(value).map_err(|error| ClientError::BadAnswer(error.to_string()))
}

/// The random end of a new id: good enough to spread clients.
fn random_bits() -> u64 {
    Uuid::now_v7().as_u64_pair().1
}
