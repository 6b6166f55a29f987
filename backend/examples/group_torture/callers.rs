//! Sellers who sell for as long as they are let, and devices that send readings. A sale that is not answered is sent
//! again under its id, to whichever server, until it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{Page, Product, Sale, Session, Store};
use tillwatch_shared::random::Random;
use tokio::task::JoinHandle;

use super::members::{KEY, Members};
use super::proof::Asks;
use super::{Outcome, Plant};

/// The server answers within three seconds whatever happens in the group; this is that with a machine that is busy.
const ANSWERED_WITHIN: Duration = Duration::from_secs(8);
/// How long a request is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// With nothing wrong any more, every sale is answered by then.
const LAST_WAIT: Duration = Duration::from_mins(2);
/// Tokens live for a quarter of an hour.
const SIGN_IN_EVERY: Duration = Duration::from_mins(5);
/// As a till waits before it tries another server.
const AGAIN: Duration = Duration::from_millis(40);

/// What they remember.
#[derive(Debug, Default)]
pub struct Sold {
    pub acknowledged: BTreeMap<CommandId, Sale>,
    /// Those of the demonstration, from before.
    pub before: BTreeSet<CommandId>,
    pub asked: BTreeMap<CommandId, u32>,
    /// By the member that took them.
    pub readings: Vec<Value>,
    /// The sale that took longest, with what was heard of it.
    longest: (Duration, String),
    /// The longest that a member took which was well.
    longest_well: Duration,
    /// Requests that a member which was well did not answer in time.
    hung: Vec<String>,
    refused: Vec<String>,
}

impl Sold {
    pub fn told(&self) -> String {
        let again: u32 = self.asked.values().map(|times| times - 1).sum();
        let (longest, heard) = &self.longest;
        format!(
            "{} sales, {again} times sent again; {} readings; a member that was well took {:.1?} at most\n\
             the longest sale took {longest:.1?}: {heard}",
            self.acknowledged.len(),
            self.readings.len(),
            self.longest_well,
        )
    }
}

pub struct Callers {
    shared: Arc<Shared>,
    at_work: Vec<JoinHandle<Outcome<()>>>,
}

struct Shared {
    members: Arc<Members>,
    over: AtomicBool,
    sold: Mutex<Sold>,
    http: reqwest::Client,
    plant: Option<Plant>,
}

impl Callers {
    pub async fn start(
        members: &Arc<Members>,
        sellers: usize,
        plant: Option<Plant>,
        dice: &mut Random,
    ) -> Outcome<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let shared = Arc::new(Shared {
            members: Arc::clone(members),
            over: AtomicBool::new(false),
            sold: Mutex::default(),
            http,
            plant,
        });
        let token = shared.sign_in(0).await?;
        let body = shared.a_sale(&token).await?;
        let asks = Asks { http: shared.http.clone(), url: members.url(0), token: token.clone() };
        let before = asks.all::<Sale>("/api/v1/sales").await?;
        shared.sold().before = before.iter().map(|sale| CommandId(sale.id.0)).collect();
        let mut at_work = Vec::new();
        for seller in 0..sellers {
            let (shared, token, body, dice) = (Arc::clone(&shared), token.clone(), body.clone(), dice.fork());
            at_work.push(tokio::spawn(async move { shared.sell(seller, token, &body, dice).await }));
        }
        let (devices, dice) = (Arc::clone(&shared), dice.fork());
        at_work.push(tokio::spawn(async move { devices.measure(dice).await }));
        Ok(Self { shared, at_work })
    }

    /// Each finishes what it is at.
    pub async fn stop(self) -> Outcome<Sold> {
        self.shared.over.store(true, Ordering::Relaxed);
        for caller in self.at_work {
            caller.await??;
        }
        let sold = std::mem::take(&mut *self.shared.sold());
        match sold.hung.first().or(sold.refused.first()) {
            Some(what) => Err(what.clone().into()),
            None => Ok(sold),
        }
    }
}

impl Shared {
    fn sold(&self) -> MutexGuard<'_, Sold> {
        self.sold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    async fn sign_in(&self, place: usize) -> Outcome<String> {
        let body = json!({ "username": "lucas", "password": "1234" });
        let url = format!("{}/api/v1/sessions", self.members.url(place));
        let session: Session =
            self.http.post(url).json(&body).send().await?.error_for_status()?.json().await?;
        Ok(session.access_token)
    }

    async fn a_sale(&self, token: &str) -> Outcome<Value> {
        let url = self.members.url(0);
        let get = |path: &str| self.http.get(format!("{url}{path}")).bearer_auth(token).send();
        let products: Page<Product> = get("/api/v1/products").await?.error_for_status()?.json().await?;
        let stores: Vec<Store> = get("/api/v1/stores").await?.error_for_status()?.json().await?;
        let (product, store) =
            (products.items.first().ok_or("no product")?, stores.first().ok_or("no store")?);
        Ok(json!({
            "store_id": store.id, "total_cents": 250,
            "lines": [{ "product_id": product.id, "quantity_thousandths": 1000, "unit_price_cents": 250 }],
            "payments": [{ "method": "pix", "amount_cents": 250 }],
        }))
    }

    async fn sell(&self, seller: usize, mut token: String, body: &Value, mut dice: Random) -> Outcome<()> {
        let (mut at, mut signed_in) = (seller % 3, Instant::now());
        while !self.is_over() {
            if signed_in.elapsed() > SIGN_IN_EVERY
                && let Ok(fresh) = self.sign_in(at).await
            {
                (token, signed_in) = (fresh, Instant::now());
            }
            let (id, begun) = (CommandId::now(), Instant::now());
            let (mut over_since, mut heard) = (None, Vec::new());
            loop {
                let asked = Instant::now();
                let outcome = self.attempt(at, id, &token, body, &mut dice).await;
                let told = outcome.as_ref().map_or_else(String::as_str, |_| "done");
                heard.push(format!("member {} after {:.1?}: {told}", at + 1, asked.elapsed()));
                if let Ok(sale) = outcome {
                    let mut sold = self.sold();
                    if begun.elapsed() > sold.longest.0 {
                        sold.longest = (begun.elapsed(), heard.join("; "));
                    }
                    sold.acknowledged.insert(id, sale);
                    break;
                }
                at = (at + usize::try_from(1 + dice.next() % 2)?) % 3;
                if self.is_over() {
                    let since: &mut Instant = over_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > LAST_WAIT {
                        return Err(format!("the sale {id} is never answered").into());
                    }
                }
                tokio::time::sleep(AGAIN).await;
            }
        }
        Ok(())
    }

    /// The sale, if it was answered; or what was heard instead.
    async fn attempt(
        &self,
        place: usize,
        id: CommandId,
        token: &str,
        body: &Value,
        dice: &mut Random,
    ) -> Result<Sale, String> {
        let begun = Instant::now();
        *self.sold().asked.entry(id).or_default() += 1;
        if self.plant == Some(Plant::AnswersItself) && dice.next().is_multiple_of(50) {
            let earlier = self.sold().acknowledged.values().next_back().cloned();
            let id = tillwatch_shared::SaleId(id.0);
            return earlier.map(|earlier| Sale { id, ..earlier }).ok_or_else(String::new);
        }
        let url = format!("{}/api/v1/sales", self.members.url(place));
        let asked =
            self.http.post(url).bearer_auth(token).header("idempotency-key", id.to_string()).json(body);
        let answer = match asked.send().await {
            Ok(answer) => (answer.status().as_u16(), answer.text().await),
            Err(error) => (0, Err(error)),
        };
        self.took(place, begun);
        let (status, text) = match answer {
            (status, Ok(text)) => (status, text),
            (_, Err(error)) => {
                return Err(if error.is_timeout() { "nothing" } else { "no connection" }.into());
            }
        };
        match status {
            200 | 201 => serde_json::from_str(&text).map_err(|error| error.to_string()),
            // It cannot do its work now, or has not heard of the session.
            401 | 503 => Err(format!("{status} {text}")),
            _ => {
                self.sold().refused.push(format!("{status}: {text}"));
                Err(text)
            }
        }
    }

    fn took(&self, place: usize, begun: Instant) {
        if !self.members.was_well(place, begun) {
            return;
        }
        let took = begun.elapsed();
        let mut sold = self.sold();
        sold.longest_well = sold.longest_well.max(took);
        if took > ANSWERED_WITHIN {
            sold.hung.push(format!("member {} did not answer for {took:.1?}", place + 1));
        }
    }

    /// To whichever member.
    async fn measure(&self, mut dice: Random) -> Outcome<()> {
        let mut number: u64 = 0;
        while !self.is_over() {
            number += 1;
            let place = usize::try_from(dice.next() % 3)?;
            let reading = json!({
                "sensor_id": format!("freezer-{}", place + 1), "temperature": dice.between(-22.0, -14.0),
                "humidity": 40.0, "pressure": 1_010.0,
                // A moment of its own for each.
                "measured_at": moment(number),
            });
            if self
                .send(place, &reading)
                .await
                .is_some_and(|answer| answer.get("stored").is_some_and(|stored| *stored == 1))
            {
                self.sold().readings.push(reading);
            }
            tokio::time::sleep(AGAIN).await;
        }
        Ok(())
    }

    async fn send(&self, place: usize, reading: &Value) -> Option<Value> {
        let url = format!("{}/api/v1/readings", self.members.url(place));
        let body = json!({ "readings": [reading] });
        let answer = self.http.post(url).header("x-api-key", KEY).json(&body).send().await.ok()?;
        if answer.status().is_success() { answer.json().await.ok() } else { None }
    }
}

/// One a second, from the first of January 2026.
fn moment(number: u64) -> String {
    let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap_or_default();
    let at = start.checked_add(jiff::SignedDuration::from_secs(number.cast_signed())).unwrap_or_default();
    at.to_string()
}
