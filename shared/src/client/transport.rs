//! One request to one of the servers: building it, choosing the server, reading a bounded answer.

mod reading;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT_LANGUAGE, CONNECTION, CONTENT_TYPE, IF_NONE_MATCH, UPGRADE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Method, RequestBuilder, Upgraded, Url, Version};
use serde::de::DeserializeOwned;

use self::reading::read;
use super::remembered::{self, Known, Remembered};
use super::servers::{Seen, Servers};
use super::{ClientError, ClientOptions, Language, OptionsError, random_bits};
use crate::{CommandId, PersonId, UtcMicros};

/// Bytes of an answer that are read before giving up on it.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// How long an answer may take whose parts are heard as they come.
const LONGEST_ANSWER: Duration = Duration::from_hours(1);
const JSON: &str = "application/json";
/// What the client has been told of the ledger, and how far the server that answers is.
const MIN_SEQ: &str = "min-seq";
const SEQ: &str = "seq";
/// The code of a server that is not as far as the client.
const BEHIND: &str = "behind";

/// What a request presents itself with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Credential<'a> {
    None,
    /// The signed-in person.
    Person,
    /// A device.
    ApiKey(&'a str),
    /// A till, in a person's name.
    Till {
        key: &'a str,
        person: PersonId,
    },
}

impl Credential<'_> {
    /// It speaks of the ledger as a person sees it.
    const fn is_somebody(self) -> bool {
        match self {
            Self::Person | Self::Till { .. } => true,
            Self::None | Self::ApiKey(_) => false,
        }
    }
}

/// Hears parts of an answer.
type Heard<'a> = dyn Fn(&[u8]) + Send + Sync + 'a;

/// A request, ready to be sent any number of times.
#[derive(Clone)]
pub(super) struct Request<'a> {
    pub method: Method,
    /// Segments of the path, not yet percent-encoded.
    pub path: &'a [&'a str],
    pub query: Vec<(&'static str, String)>,
    pub body: Option<Vec<u8>>,
    pub content_type: &'static str,
    pub command: Option<CommandId>,
    pub credential: Credential<'a>,
    /// Hears the parts of a long answer as they come. It may then take as long as it likes, while parts come.
    pub heard: Option<&'a Heard<'a>>,
    /// Asked often, and often answered with the same.
    pub often: bool,
}

impl<'a> Request<'a> {
    pub fn new(method: Method, path: &'a [&'a str]) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body: None,
            content_type: JSON,
            command: None,
            credential: Credential::Person,
            heard: None,
            often: false,
        }
    }
}

/// An answer with a status of 2xx.
pub(super) struct Answer {
    body: Vec<u8>,
    /// The server's clock when it answered.
    pub date: Option<UtcMicros>,
    /// How far its ledger was; only a member of a group tells.
    seq: Option<i64>,
    /// The address of the server that gave it.
    pub from: Url,
}

impl Answer {
    pub fn into_bytes(self) -> Vec<u8> {
        self.body
    }

    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body).map_err(|error| ClientError::BadAnswer(error.to_string()))
    }

    /// One value a line.
    pub fn lines<T: DeserializeOwned>(&self) -> Result<Vec<T>, ClientError> {
        let lines = self.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines
            .map(serde_json::from_slice)
            .collect::<Result<_, _>>()
            .map_err(|e| ClientError::BadAnswer(e.to_string()))
    }
}

/// One request on its way round the servers.
struct Round {
    server: Url,
    tried: Vec<Url>,
    interrupted: bool,
}

impl Round {
    const fn at(server: Url) -> Self {
        Self { server, tried: Vec::new(), interrupted: false }
    }
}

/// The servers and the connections to them.
pub(super) struct Transport {
    http: reqwest::Client,
    request_timeout: Duration,
    servers: Mutex<Servers>,
    seen: Mutex<Seen>,
    remembered: Remembered,
    begun: Instant,
}

impl Transport {
    pub fn new(options: &ClientOptions) -> Result<Self, OptionsError> {
        let given = options.servers.iter().map(|text| server_url(text)).collect::<Result<Vec<_>, _>>()?;
        let learned = options.members.iter().filter_map(|text| server_url(text).ok()).collect();
        let servers = Servers::new(given, learned, random_bits()).ok_or(OptionsError::NoServer)?;
        Ok(Self {
            http: http_client(options)?,
            request_timeout: options.request_timeout,
            servers: Mutex::new(servers),
            seen: Mutex::default(),
            remembered: Remembered::default(),
            begun: Instant::now(),
        })
    }

    /// The address of the server in use, without a slash at the end.
    pub fn server(&self) -> String {
        self.current().as_str().trim_end_matches('/').to_owned()
    }

    pub fn current(&self) -> Url {
        self.servers().current().clone()
    }

    fn servers(&self) -> MutexGuard<'_, Servers> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        i64::try_from(self.begun.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// The servers of the group, as the one at `teller` says. What that one says in secret is not sent in the open.
    pub fn learn(&self, teller: &Url, told: &[String]) {
        let secret = teller.scheme() == "https";
        let urls = told.iter().filter_map(|text| server_url(text).ok());
        self.servers().learn(urls.filter(|url| !secret || url.scheme() == "https").collect());
    }

    /// That server says of itself that it has lost the others.
    pub fn out_of_touch(&self, server: &Url) {
        self.servers().turned_away(server, true, self.now());
    }

    /// Sends to the server in use and, where it is not there, to others.
    pub async fn send(
        &self,
        request: &Request<'_>,
        bearer: Option<&str>,
        language: Language,
    ) -> Result<Answer, ClientError> {
        let mut round = Round::at(self.current());
        loop {
            let result = self.send_to(&round.server, request, bearer, language).await;
            match self.after(&mut round, request, result) {
                ControlFlow::Break(result) => return result,
                ControlFlow::Continue(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Opens a WebSocket at the server in use or, where it is not there, at another.
    pub async fn upgrade(
        &self,
        request: &Request<'_>,
        bearer: &str,
        key: &str,
    ) -> Result<Upgraded, ClientError> {
        let mut round = Round::at(self.current());
        loop {
            let result = self.upgrade_at(&round.server, request, bearer, key).await;
            match self.after(&mut round, request, result) {
                ControlFlow::Break(result) => return result,
                ControlFlow::Continue(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// What becomes of a request: its result, or the wait until it goes to another server. What may have been done goes
    /// to another one only where that cannot do it twice.
    fn after<T>(
        &self,
        round: &mut Round,
        request: &Request<'_>,
        result: Result<T, ClientError>,
    ) -> ControlFlow<Result<T, ClientError>, Duration> {
        let command = request.command.is_some();
        self.note(&round.server, command, result.as_ref().err());
        let failure = match result {
            Err(failure @ ClientError::Unreachable) => failure,
            Err(failure @ ClientError::Interrupted) if command || request.method == Method::GET => failure,
            result => return ControlFlow::Break(result),
        };
        round.interrupted |= failure == ClientError::Interrupted;
        round.tried.push(round.server.clone());
        let Some((server, wait)) = self.servers().next(&round.tried, self.now()) else {
            let failure = if round.interrupted { ClientError::Interrupted } else { failure };
            return ControlFlow::Break(Err(failure));
        };
        round.server = server;
        ControlFlow::Continue(Duration::from_micros(wait.unsigned_abs()))
    }

    /// How it went at a server.
    fn note(&self, server: &Url, command: bool, error: Option<&ClientError>) {
        let now = self.now();
        let mut servers = self.servers();
        match error {
            None => servers.did(server, command),
            Some(ClientError::Unreachable | ClientError::TimedOut | ClientError::Interrupted) => {
                servers.failed(server, now);
            }
            Some(error) if error.turned_away() => servers.turned_away(server, command, now),
            Some(ClientError::Problem(..) | ClientError::BadAnswer(_)) => servers.answered(server),
        }
    }

    async fn upgrade_at(
        &self,
        server: &Url,
        request: &Request<'_>,
        bearer: &str,
        key: &str,
    ) -> Result<Upgraded, ClientError> {
        let builder = self
            .request(server, request, Some(bearer), Language::English)
            .version(Version::HTTP_11)
            .header(CONNECTION, "upgrade")
            .header(UPGRADE, "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", key);
        let response = builder.send().await.map_err(|error| send_error(&error))?;
        if response.status() == reqwest::StatusCode::SWITCHING_PROTOCOLS {
            return response.upgrade().await.map_err(|_| ClientError::Interrupted);
        }
        Err(read(response, server, None, None)
            .await
            .err()
            .unwrap_or_else(|| ClientError::BadAnswer("no WebSocket".into())))
    }

    async fn send_to(
        &self,
        server: &Url,
        request: &Request<'_>,
        bearer: Option<&str>,
        language: Language,
    ) -> Result<Answer, ClientError> {
        let mut builder = self.request(server, request, bearer, language);
        let (address, known) = self.known(&builder, request.often);
        if let Some(known) = &known {
            builder = builder.header(IF_NONE_MATCH, known.tag.clone());
        }
        let mark = self.seen().mark().filter(|_| request.credential.is_somebody());
        if let Some(mark) = mark {
            builder = builder.header(MIN_SEQ, mark);
        }
        if request.heard.is_some() {
            builder = builder.timeout(LONGEST_ANSWER);
        }
        let patience = request.heard.map(|heard| (self.request_timeout, heard));
        let result = match builder.send().await {
            Ok(response) => {
                let tag = remembered::tag(response.headers());
                let known = known.filter(|_| remembered::is_unchanged(&response));
                let address = address.filter(|_| known.is_none());
                let answer = read(response, server, patience, known.map(|known| known.body)).await;
                if let (Some(address), Ok(answer)) = (address, &answer) {
                    self.remembered.keep(address, tag, &answer.body);
                }
                answer
            }
            Err(error) => Err(send_error(&error)),
        };
        match &result {
            Ok(answer) if request.credential.is_somebody() => self.seen().told(answer.seq),
            Err(error) if mark.is_some() && error.code() == Some(BEHIND) => self.seen().refused(self.now()),
            Ok(_) | Err(_) => {}
        }
        result
    }

    /// Where a request that is made often goes, and what was answered there last.
    fn known(&self, builder: &RequestBuilder, often: bool) -> (Option<Url>, Option<Known>) {
        let built = builder.try_clone().filter(|_| often).and_then(|builder| builder.build().ok());
        let address = built.map(|request| request.url().clone());
        let known = address.as_ref().and_then(|address| self.remembered.get(address));
        (address, known)
    }

    fn request(
        &self,
        server: &Url,
        request: &Request<'_>,
        bearer: Option<&str>,
        language: Language,
    ) -> RequestBuilder {
        let mut url = server.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(request.path);
        }
        let mut builder =
            self.http.request(request.method.clone(), url).header(ACCEPT_LANGUAGE, language.tag());
        if !request.query.is_empty() {
            builder = builder.query(&request.query);
        }
        if let Some(command) = request.command {
            builder = builder.header("idempotency-key", command.to_string());
        }
        if let Some(bearer) = bearer {
            builder = builder.bearer_auth(bearer);
        }
        builder = match request.credential {
            Credential::None | Credential::Person => builder,
            Credential::ApiKey(key) => builder.header("x-api-key", key),
            Credential::Till { key, person } => {
                builder.header("x-till-key", key).header("x-on-behalf-of", person.to_string())
            }
        };
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, request.content_type).body(body.clone());
        }
        builder
    }
}

fn http_client(options: &ClientOptions) -> Result<reqwest::Client, OptionsError> {
    let ours = authorities(options.ca_file.as_deref())?;
    let builder = || {
        reqwest::Client::builder()
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_timeout)
            .timeout(options.request_timeout)
            .gzip(options.compressed)
            // Sooner than the server closes an idle connection: what goes out then would be lost.
            .pool_idle_timeout(Duration::from_mins(1))
            .redirect(Policy::none())
            // The servers of a shop are in its own network, which a proxy cannot see.
            .no_proxy()
    };
    // Without the system's certificates only those of others are refused: plain HTTP in the shop goes on.
    builder()
        .tls_certs_merge(ours.iter().cloned())
        .build()
        .or_else(|_| builder().tls_certs_only(ours).build())
        .map_err(|error| OptionsError::Start(error.to_string()))
}

fn authorities(file: Option<&Path>) -> Result<Vec<Certificate>, OptionsError> {
    let Some(path) = file else { return Ok(Vec::new()) };
    let bad = |reason: String| OptionsError::Authorities { path: path.to_owned(), reason };
    let pem = fs::read(path).map_err(|error| bad(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| bad(error.to_string()))?;
    if found.is_empty() { Err(bad("there is no certificate in it".into())) } else { Ok(found) }
}

/// An address as people type it: `10.0.0.5:8080` means HTTP.
fn server_url(text: &str) -> Result<Url, OptionsError> {
    let bad = || OptionsError::Address(text.to_owned());
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.chars().any(char::is_whitespace) {
        return Err(bad());
    }
    let full = if trimmed.contains("://") { trimmed.to_owned() } else { format!("http://{trimmed}") };
    let url = Url::parse(&full).map_err(|_| bad())?;
    let usable = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty();
    if usable { Ok(url) } else { Err(bad()) }
}

fn send_error(error: &reqwest::Error) -> ClientError {
    if error.is_connect() {
        ClientError::Unreachable
    } else if error.is_timeout() {
        ClientError::TimedOut
    } else if error.is_builder() {
        // A header or an address that cannot be sent: nothing left this machine.
        ClientError::BadAnswer(error.to_string())
    } else {
        ClientError::Interrupted
    }
}

#[cfg(test)]
mod tests;
