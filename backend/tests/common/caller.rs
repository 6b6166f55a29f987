//! A plain HTTP caller: sends what it is told, right or wrong, and shows status, headers and body.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::Session;

/// Somebody who talks to a server, signed in or not.
#[derive(Clone, Debug)]
pub struct Caller {
    http: Client,
    pub base: String,
    pub token: Option<String>,
    pub key: Option<String>,
}

/// An answer with everything that came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    asked: String,
}

impl Caller {
    pub fn new(base: &str) -> Self {
        // Shows what came as it came.
        let http = Client::builder().no_gzip().timeout(std::time::Duration::from_secs(30)).build();
        Self::over(http.unwrap(), base)
    }

    /// A caller with an HTTP client of the test's own.
    pub fn over(http: Client, base: &str) -> Self {
        Self { http, base: base.to_owned(), token: None, key: None }
    }

    /// The same caller with this access token.
    pub fn bearer(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), key: None, ..self.clone() }
    }

    /// The same caller with this API key.
    pub fn device(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), token: None, ..self.clone() }
    }

    /// The same caller, nobody in particular.
    pub fn nobody(&self) -> Self {
        Self { key: None, token: None, ..self.clone() }
    }

    /// The same caller at another address.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    pub async fn sign_in(&self, username: &str, password: &str) -> (Self, Session) {
        let body = json!({ "username": username, "password": password });
        let session: Session = self.post("/api/v1/sessions", &body).await.expect(201);
        (self.bearer(&session.access_token), session)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &self.key {
            request = request.header("x-api-key", key);
        }
        request
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// A POST that names its command.
    pub async fn command(&self, path: &str, id: CommandId, body: &Value) -> Answer {
        self.try_command(path, id, body).await.unwrap()
    }

    /// The same where the server may go away meanwhile.
    pub async fn try_command(
        &self,
        path: &str,
        id: CommandId,
        body: &Value,
    ) -> Result<Answer, reqwest::Error> {
        let request = self.request(Method::POST, path).header("idempotency-key", id.to_string());
        try_send(request.json(body)).await
    }

    /// A POST with these very bytes.
    pub async fn post_bytes(&self, path: &str, media_type: &str, bytes: Vec<u8>) -> Answer {
        send(self.request(Method::POST, path).header(CONTENT_TYPE, media_type).body(bytes)).await
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.unwrap()
}

pub async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let (client, request) = request.build_split();
    let request = request?;
    let asked = format!("{} {}", request.method(), request.url().path());
    let response = client.execute(request).await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, bytes: response.bytes().await?.to_vec(), asked })
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{}: not JSON ({error}): {}", self.asked, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body, if the status is the one that is expected.
    #[track_caller]
    pub fn expect<T: DeserializeOwned>(&self, status: u16) -> T {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text()))
    }

    /// That it is a problem with this status and code, in the documented shape.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.any_problem();
        assert_eq!(
            (self.status, problem["code"].as_str()),
            (status, Some(code)),
            "{}: {problem}",
            self.asked
        );
        problem
    }

    /// That it is a problem in the documented shape.
    #[track_caller]
    pub fn any_problem(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}: {} {}",
            self.asked,
            self.status,
            self.text()
        );
        let problem = self.json();
        let parsed: tillwatch_shared::api::Problem = serde_json::from_value(problem.clone()).unwrap();
        assert_eq!(parsed.status, self.status);
        assert_eq!(parsed.kind, format!("/problems/{}", parsed.code));
        for text in [&parsed.title, &parsed.detail, &parsed.hint] {
            assert!(!text.is_empty(), "{}: {problem}", self.asked);
        }
        problem
    }

    /// That it is an error of a fixed route: this status, and one text under this key.
    #[track_caller]
    pub fn fixed_error(&self, status: u16, key: &str) -> String {
        let body = self.json();
        assert_eq!(self.status, status, "{}: {body}", self.asked);
        let fields = body.as_object().unwrap();
        assert_eq!(fields.keys().collect::<Vec<_>>(), [key], "{}", self.asked);
        let text = body[key].as_str().unwrap();
        assert!(!text.is_empty());
        text.to_owned()
    }
}
