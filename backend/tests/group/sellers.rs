//! Sellers who sell for as long as they are let, and send a sale that was not answered to the next server.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{Product, Sale, Store};
use tokio::task::JoinHandle;

use crate::common::goods::{self, all};
use crate::common::{Answer, Caller};
use crate::seats::{PATIENCE, until};

pub struct Sellers {
    shared: Arc<Shared>,
    at_work: Vec<JoinHandle<()>>,
}

struct Shared {
    over: AtomicBool,
    count: AtomicUsize,
    sold: Mutex<Sold>,
}

/// What they remember.
#[derive(Default)]
pub struct Sold {
    pub acknowledged: BTreeMap<CommandId, Sale>,
    /// What they were told instead of an acknowledgement.
    pub failures: Vec<String>,
    /// From the first attempt to the acknowledgement.
    pub longest: Duration,
}

async fn a_sale(caller: &Caller) -> Value {
    let products: Vec<Product> = all(caller, "/api/v1/products").await;
    let stores: Vec<Store> = caller.get("/api/v1/stores").await.expect(200);
    goods::sale(stores[0].id, &[(products[0].id, 1_000, 250)])
}

pub async fn try_to_sell(caller: &Caller) -> Answer {
    caller.command("/api/v1/sales", CommandId::now(), &a_sale(caller).await).await
}

pub async fn sell(caller: &Caller) -> Sale {
    try_to_sell(caller).await.expect(201)
}

impl Sellers {
    /// So many at each of these servers.
    pub async fn start(servers: &[Caller], each: usize) -> Self {
        let (first, session) = servers[0].sign_in("lucas", "1234").await;
        let body = a_sale(&first).await;
        let shared = Arc::new(Shared {
            over: AtomicBool::new(false),
            count: AtomicUsize::new(0),
            sold: Mutex::default(),
        });
        let servers: Vec<Caller> =
            servers.iter().map(|server| server.bearer(&session.access_token)).collect();
        let at_work = (0..each * servers.len()).map(|number| {
            let (shared, body) = (Arc::clone(&shared), body.clone());
            let mut servers = servers.clone();
            let first = number % servers.len();
            servers.rotate_left(first);
            tokio::spawn(async move { shared.work(&servers, &body).await })
        });
        Self { at_work: at_work.collect(), shared }
    }

    pub fn count(&self) -> usize {
        self.shared.count.load(Ordering::Relaxed)
    }

    /// Until so many were sold.
    pub async fn sold(&self, count: usize) {
        until("sales", async || self.count() >= count).await;
    }

    pub async fn stop(self) -> Sold {
        self.shared.over.store(true, Ordering::Relaxed);
        for seller in self.at_work {
            seller.await.unwrap();
        }
        std::mem::take(&mut *self.shared.sold.lock().unwrap())
    }
}

impl Shared {
    async fn work(&self, servers: &[Caller], body: &Value) {
        let mut at = 0;
        while !self.over.load(Ordering::Relaxed) {
            let (id, begun) = (CommandId::now(), Instant::now());
            loop {
                let server = &servers[at % servers.len()];
                let failure = match server.try_command("/api/v1/sales", id, body).await {
                    Ok(answer) if answer.status == 201 => {
                        let mut sold = self.sold.lock().unwrap();
                        assert!(sold.acknowledged.insert(id, answer.expect(201)).is_none());
                        sold.longest = sold.longest.max(begun.elapsed());
                        self.count.fetch_add(1, Ordering::Relaxed);
                        break;
                    }
                    Ok(answer) => {
                        assert_eq!(answer.status, 503, "{}", answer.text());
                        answer.text()
                    }
                    Err(error) => error.to_string(),
                };
                assert!(begun.elapsed() < PATIENCE, "{failure}");
                self.sold.lock().unwrap().failures.push(failure);
                at += 1;
                // As a till waits before it tries another server.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

impl Sold {
    /// Every acknowledged sale is at every server, once and as it was answered; numbers of sales too are given once.
    pub async fn each_once(&self, servers: &[Caller]) {
        for server in servers {
            let (server, _) = server.sign_in("lucas", "1234").await;
            let mut found = BTreeMap::new();
            for sale in all::<Sale>(&server, "/api/v1/sales").await {
                assert!(found.insert(CommandId(sale.id.0), sale).is_none(), "a sale is listed twice");
            }
            for (id, sale) in &self.acknowledged {
                assert_eq!(found.get(id), Some(sale), "an acknowledged sale");
            }
        }
    }
}
