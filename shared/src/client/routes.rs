//! One method for each route of the API, in the order of the nouns in [`crate::api`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde::Serialize;

use super::transport::{Credential, Request};
use super::{Client, ClientError, to_json};
use crate::api::{
    ApiKey, BatchResult, Chain, Changes, DayTotal, Direction, Health, IssuedApiKey, NewApiKey, NewChain,
    NewPerson, NewProduct, NewReading, NewSale, NewStockEntry, NewStore, Page, Person, PersonChange, Product,
    ProductChange, PulseMessage, PulseRetention, PulseRetentionSetting, ReadingBatch, Sale, Sensor,
    SensorSettings, SeriesAnswer, ServerInfo, Session, SetUp, SignIn, SignUp, StockEntry, StockLevel, Store,
    StoreChange, Terminal,
};
use crate::{ApiKeyId, CommandId, PersonId, ProductId, SaleId, SensorId, StoreId, UtcMicros, compact};

/// A single reading as devices post it; the server's clock gives it its time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlainReading {
    pub sensor_id: SensorId,
    pub temperature: f64,
    pub humidity: f64,
    pub pressure: f64,
}

/// How finely a series is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// At most so many buckets over the range.
    Points(u32),
    /// Buckets of this width: continues an earlier answer.
    Micros(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesQuery {
    pub sensors: Vec<SensorId>,
    pub from: UtcMicros,
    pub to: UtcMicros,
    pub step: Step,
}

/// Which messages of the pulse's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PulseLogQuery {
    pub client: Option<String>,
    pub direction: Option<Direction>,
    pub after: Option<i64>,
    pub limit: u32,
    pub newest_first: bool,
}

impl PulseLogQuery {
    fn pairs(&self) -> Query {
        let mut query = page_query(self.after, self.limit);
        query.extend(self.client.clone().map(|client| ("client", client)));
        let word = |direction| match direction {
            Direction::Received => "received",
            Direction::Sent => "sent",
        };
        query.extend(self.direction.map(|direction| ("direction", word(direction).to_owned())));
        if self.newest_first {
            query.push(("order", "newest".to_owned()));
        }
        query
    }
}

type Answer<T> = Result<T, ClientError>;
type Query = Vec<(&'static str, String)>;

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

/// Products.
impl Client {
    /// A page of products, optionally those whose name or code has `search` in it.
    pub async fn products(
        &self,
        search: Option<&str>,
        after: Option<i64>,
        limit: u32,
    ) -> Answer<Page<Product>> {
        let mut query = page_query(after, limit);
        query.extend(search.map(|text| ("q", text.to_owned())));
        self.get(&["api", "v1", "products"], query).await
    }

    pub async fn new_product(&self, command: CommandId, body: &NewProduct) -> Answer<Product> {
        self.command(Method::POST, &["api", "v1", "products"], command, body).await
    }

    pub async fn product(&self, id: ProductId) -> Answer<Product> {
        self.get(&["api", "v1", "products", &id.to_string()], Vec::new()).await
    }

    pub async fn change_product(
        &self,
        command: CommandId,
        id: ProductId,
        body: &ProductChange,
    ) -> Answer<Product> {
        self.command(Method::PATCH, &["api", "v1", "products", &id.to_string()], command, body).await
    }
}

/// Stock.
impl Client {
    /// What a store holds of every product.
    pub async fn stock(&self, store: StoreId, after: Option<i64>, limit: u32) -> Answer<Page<StockLevel>> {
        self.get(&["api", "v1", "stock"], store_query(Some(store), after, limit)).await
    }

    /// The entries of one store, or of all that the person works in; newest last.
    pub async fn stock_entries(
        &self,
        store: Option<StoreId>,
        after: Option<i64>,
        limit: u32,
    ) -> Answer<Page<StockEntry>> {
        self.get(&["api", "v1", "stock-entries"], store_query(store, after, limit)).await
    }

    /// The same, newest first; `before` leads on to older ones.
    pub async fn latest_stock_entries(
        &self,
        store: Option<StoreId>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Page<StockEntry>> {
        let mut query = store_query(store, before, limit);
        query.push(("order", "newest".into()));
        self.get(&["api", "v1", "stock-entries"], query).await
    }

    pub async fn new_stock_entry(&self, command: CommandId, body: &NewStockEntry) -> Answer<StockEntry> {
        self.command(Method::POST, &["api", "v1", "stock-entries"], command, body).await
    }
}

/// Sales.
impl Client {
    /// The sales of one store, or of all that the person works in; newest last.
    pub async fn sales(&self, store: Option<StoreId>, after: Option<i64>, limit: u32) -> Answer<Page<Sale>> {
        self.get(&["api", "v1", "sales"], store_query(store, after, limit)).await
    }

    /// The same, newest first; `before` leads on to older ones.
    pub async fn latest_sales(
        &self,
        store: Option<StoreId>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Page<Sale>> {
        let mut query = store_query(store, before, limit);
        query.push(("order", "newest".into()));
        self.get(&["api", "v1", "sales"], query).await
    }

    pub async fn new_sale(&self, command: CommandId, body: &NewSale) -> Answer<Sale> {
        self.command(Method::POST, &["api", "v1", "sales"], command, body).await
    }

    pub async fn sale(&self, id: SaleId) -> Answer<Sale> {
        self.get(&["api", "v1", "sales", &id.to_string()], Vec::new()).await
    }

    /// The figures of a calendar day like `2026-12-31`, or of today, for each store.
    pub async fn day_totals(&self, day: Option<&str>) -> Answer<Vec<DayTotal>> {
        let query = day.map(|day| ("day", day.to_owned())).into_iter().collect();
        self.get(&["api", "v1", "day-totals"], query).await
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

/// The pulse: see also [`Client::pulse`].
impl Client {
    /// Every terminal.
    pub async fn pulse_terminals(&self) -> Answer<Vec<Terminal>> {
        self.get(&["api", "v1", "pulse", "clients"], Vec::new()).await
    }

    /// Forgets a terminal that is not connected.
    pub async fn forget_terminal(&self, client: &str) -> Answer<()> {
        self.tell(Request::new(Method::DELETE, &["api", "v1", "pulse", "clients", client])).await
    }

    /// How long messages are kept.
    pub async fn pulse_retention(&self) -> Answer<PulseRetentionSetting> {
        self.get(&["api", "v1", "pulse", "retention"], Vec::new()).await
    }

    pub async fn set_pulse_retention(&self, wanted: PulseRetention) -> Answer<PulseRetentionSetting> {
        let body = Some(to_json(&wanted)?);
        self.ask(Request { body, ..Request::new(Method::PUT, &["api", "v1", "pulse", "retention"]) }).await
    }

    /// A page of the log of messages. A page with a `next` may hold fewer than `limit`.
    pub async fn pulse_messages(&self, query: &PulseLogQuery) -> Answer<Page<PulseMessage>> {
        self.get(&["api", "v1", "pulse", "messages"], query.pairs()).await
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

/// Sensors and their readings.
impl Client {
    pub async fn sensors(&self) -> Answer<Vec<Sensor>> {
        self.get(&["api", "v1", "sensors"], Vec::new()).await
    }

    pub async fn set_sensor(
        &self,
        command: CommandId,
        id: &SensorId,
        body: &SensorSettings,
    ) -> Answer<Sensor> {
        self.command(Method::PUT, &["api", "v1", "sensors", &id.to_string()], command, body).await
    }

    pub async fn series(&self, query: &SeriesQuery) -> Answer<SeriesAnswer> {
        let sensors: Vec<String> = query.sensors.iter().map(ToString::to_string).collect();
        let step = match query.step {
            Step::Points(points) => ("points", points.to_string()),
            Step::Micros(micros) => ("step_micros", micros.to_string()),
        };
        let pairs = vec![
            ("sensors", sensors.join(",")),
            ("from", query.from.to_string()),
            ("to", query.to.to_string()),
            step,
        ];
        self.get(&["api", "v1", "series"], pairs).await
    }

    /// One reading, measured now. When the answer is lost, a repeat is a second reading: use
    /// [`Client::send_readings`] with the measured time for what may be repeated.
    pub async fn send_reading(&self, api_key: &str, reading: &PlainReading) -> Answer<()> {
        let request = Request {
            body: Some(to_json(reading)?),
            credential: Credential::ApiKey(api_key),
            ..Request::new(Method::POST, &["api", "temperature_reading"])
        };
        self.tell(request).await
    }

    /// Readings with their own times. Safe to repeat: what is stored already counts as duplicate.
    pub async fn send_readings(&self, api_key: &str, batch: &ReadingBatch) -> Answer<BatchResult> {
        self.send_batch(api_key, "application/json", to_json(batch)?).await
    }

    /// The same in the compact form, which costs both sides less.
    pub async fn send_readings_compact(&self, api_key: &str, readings: &[NewReading]) -> Answer<BatchResult> {
        let body = compact::encode(readings)
            .ok_or_else(|| ClientError::BadAnswer("a sensor id is too long to be sent".into()))?;
        self.send_batch(api_key, compact::MEDIA_TYPE, body).await
    }

    async fn send_batch(
        &self,
        api_key: &str,
        content_type: &'static str,
        body: Vec<u8>,
    ) -> Answer<BatchResult> {
        let request = Request {
            body: Some(body),
            content_type,
            credential: Credential::ApiKey(api_key),
            ..Request::new(Method::POST, &["api", "v1", "readings"])
        };
        self.ask(request).await
    }
}

pub(super) fn page_query(after: Option<i64>, limit: u32) -> Query {
    let mut query = vec![("limit", limit.to_string())];
    query.extend(after.map(|after| ("after", after.to_string())));
    query
}

fn store_query(store: Option<StoreId>, after: Option<i64>, limit: u32) -> Query {
    let mut query = page_query(after, limit);
    query.extend(store.map(|store| ("store_id", store.to_string())));
    query
}
