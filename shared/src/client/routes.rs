//! One method for each route of the API. Here: the server, people, stores, the change feed, keys and tills; goods,
//! sales, readings and the pulse have files of their own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;

use super::transport::{Credential, Request};
use super::{Client, ClientError};
use crate::api::{
    ApiKey, Chain, Changes, Health, IssuedApiKey, NewApiKey, NewChain, NewPerson, NewStore, Page, Person,
    PersonChange, ServerInfo, Session, SetUp, SignIn, SignUp, Store, StoreChange, Till,
};
use crate::{ApiKeyId, CommandId, PersonId, StoreId, TillId};

pub(super) type Answer<T> = Result<T, ClientError>;
pub(super) type Query = Vec<(&'static str, String)>;

/// The server.
impl Client {
    pub async fn server_info(&self) -> Answer<ServerInfo> {
        let path = ["api", "v1", "server"];
        self.ask(Request { credential: Credential::None, ..Request::new(Method::GET, &path) }).await
    }

    pub async fn health_ready(&self) -> Answer<Health> {
        let path = ["health", "ready"];
        self.ask(Request { credential: Credential::None, ..Request::new(Method::GET, &path) }).await
    }

    /// How long the shortest question and its answer take.
    pub async fn ping(&self) -> Answer<Duration> {
        let path = ["health", "live"];
        let sent = Instant::now();
        self.tell(Request { credential: Credential::None, ..Request::new(Method::GET, &path) }).await?;
        Ok(sent.elapsed())
    }
}

/// Signing in and out.
impl Client {
    pub async fn set_up(&self, command: CommandId, body: &SetUp) -> Answer<Arc<Session>> {
        self.open_session(&["api", "v1", "setup"], command, body).await
    }

    pub async fn sign_up(&self, command: CommandId, body: &SignUp) -> Answer<Arc<Session>> {
        self.open_session(&["api", "v1", "registrations"], command, body).await
    }

    pub async fn sign_in(&self, command: CommandId, body: &SignIn) -> Answer<Arc<Session>> {
        self.open_session(&["api", "v1", "sessions"], command, body).await
    }

    /// Ends the session here at once, whether or not the server can be told.
    pub async fn sign_out(&self) -> Answer<()> {
        self.close_session().await
    }
}

/// People.
impl Client {
    /// The people of the caller's stores; an admin sees all.
    pub async fn people(&self, after: Option<i64>, limit: u32) -> Answer<Page<Person>> {
        self.get(&["api", "v1", "people"], page_query(after, limit)).await
    }

    pub async fn new_person(&self, command: CommandId, body: &NewPerson) -> Answer<Person> {
        self.command(Method::POST, &["api", "v1", "people"], command, body).await
    }

    pub async fn me(&self) -> Answer<Person> {
        self.get(&["api", "v1", "people", "me"], Vec::new()).await
    }

    pub async fn person(&self, id: PersonId) -> Answer<Person> {
        self.get(&["api", "v1", "people", &id.to_string()], Vec::new()).await
    }

    pub async fn change_person(
        &self,
        command: CommandId,
        id: PersonId,
        body: &PersonChange,
    ) -> Answer<Person> {
        self.command(Method::PATCH, &["api", "v1", "people", &id.to_string()], command, body).await
    }
}

/// Chains and stores.
impl Client {
    pub async fn chains(&self) -> Answer<Vec<Chain>> {
        self.get(&["api", "v1", "chains"], Vec::new()).await
    }

    pub async fn new_chain(&self, command: CommandId, body: &NewChain) -> Answer<Chain> {
        self.command(Method::POST, &["api", "v1", "chains"], command, body).await
    }

    pub async fn stores(&self) -> Answer<Vec<Store>> {
        self.get(&["api", "v1", "stores"], Vec::new()).await
    }

    pub async fn new_store(&self, command: CommandId, body: &NewStore) -> Answer<Store> {
        self.command(Method::POST, &["api", "v1", "stores"], command, body).await
    }

    pub async fn change_store(&self, command: CommandId, id: StoreId, body: &StoreChange) -> Answer<Store> {
        self.command(Method::PATCH, &["api", "v1", "stores", &id.to_string()], command, body).await
    }
}

/// The change feed.
impl Client {
    pub async fn changes(&self, after: i64, limit: u32) -> Answer<Changes> {
        let query = vec![("after", after.to_string()), ("limit", limit.to_string())];
        self.get(&["api", "v1", "changes"], query).await
    }

    /// No changes, but where the feed ends now.
    pub async fn latest_change(&self) -> Answer<Changes> {
        self.get(&["api", "v1", "changes"], vec![("after", "latest".into())]).await
    }
}

/// API keys.
impl Client {
    pub async fn api_keys(&self) -> Answer<Vec<ApiKey>> {
        self.get(&["api", "v1", "api-keys"], Vec::new()).await
    }

    pub async fn new_api_key(&self, command: CommandId, body: &NewApiKey) -> Answer<IssuedApiKey> {
        self.command(Method::POST, &["api", "v1", "api-keys"], command, body).await
    }

    pub async fn revoke_api_key(&self, command: CommandId, id: ApiKeyId) -> Answer<()> {
        let id = id.to_string();
        let path = ["api", "v1", "api-keys", id.as_str()];
        self.tell(Request { command: Some(command), ..Request::new(Method::DELETE, &path) }).await
    }
}

/// Tills.
impl Client {
    pub async fn tills(&self) -> Answer<Vec<Till>> {
        self.get(&["api", "v1", "tills"], Vec::new()).await
    }

    pub async fn revoke_till(&self, command: CommandId, id: TillId) -> Answer<Till> {
        let id = id.to_string();
        let path = ["api", "v1", "tills", id.as_str()];
        self.ask(Request { command: Some(command), ..Request::new(Method::DELETE, &path) }).await
    }
}

pub(super) fn page_query(after: Option<i64>, limit: u32) -> Query {
    let mut query = vec![("limit", limit.to_string())];
    query.extend(after.map(|after| ("after", after.to_string())));
    query
}

pub(super) fn store_query(store: Option<StoreId>, after: Option<i64>, limit: u32) -> Query {
    let mut query = page_query(after, limit);
    query.extend(store.map(|store| ("store_id", store.to_string())));
    query
}
