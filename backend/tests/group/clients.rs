//! Programs that ask a group through the client, and know one of its servers: they find the others, and go on there.

use std::collections::BTreeMap;
use std::time::Instant;

use tillwatch_shared::CommandId;
use tillwatch_shared::api::{NewSale, SignIn};
use tillwatch_shared::client::{Client, ClientOptions, PulseEnd};

use crate::common::goods::{self, all};
use crate::seats::{PATIENCE, Seats, until};
use crate::sellers::Sold;
use tillwatch_shared::api::{Product, Sale, Store};

async fn client(url: String) -> Client {
    let client = Client::new(&ClientOptions { servers: vec![url], ..ClientOptions::default() }).unwrap();
    let body = SignIn { username: "lucas".into(), password: "1234".into(), device: None, till: None };
    client.sign_in(CommandId::now(), &body).await.unwrap();
    client
}

/// Sells until it worked, always under the same id. How often it did not.
async fn sell(client: &Client, body: &NewSale, sold: &mut Sold) -> u32 {
    let (command, begun, mut failures) = (CommandId::now(), Instant::now(), 0);
    loop {
        match client.new_sale(command, body).await {
            Ok(sale) => {
                assert!(sold.acknowledged.insert(command, sale).is_none());
                sold.longest = sold.longest.max(begun.elapsed());
                return failures;
            }
            Err(error) => assert!(error.is_temporary() && begun.elapsed() < PATIENCE, "{error:?}"),
        }
        failures += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_knows_one_server_goes_on_at_the_others() {
    let mut seats = Seats::new(3).await;
    seats.start_all();
    seats.all_count().await;
    let (lucas, _) = seats.callers()[0].sign_in("lucas", "1234").await;
    let products: Vec<Product> = all(&lucas, "/api/v1/products").await;
    let stores: Vec<Store> = lucas.get("/api/v1/stores").await.expect(200);
    let body = goods::sale(stores[0].id, &[(products[0].id, 1_000, 250)]);
    let body: NewSale = serde_json::from_value(body).unwrap();

    let client = client(seats.url(0)).await;
    let places = client.learn_members().await.unwrap();
    assert!(places.in_touch && places.members.len() == 3 && places.members[0].principal, "{places:?}");
    let pulsing = client.clone();
    let (acknowledged, mut beats) = tokio::sync::watch::channel((String::new(), 0));
    let pulse = tokio::spawn(async move {
        pulsing
            .pulse("till", |news| {
                let beat = (pulsing.server(), news.machine.acknowledged());
                acknowledged.send(beat).is_ok()
            })
            .await
    });
    let mut sold = Sold::default();
    for _ in 0..10 {
        assert_eq!(sell(&client, &body, &mut sold).await, 0);
    }
    beats.wait_for(|(at, count)| *at == seats.url(0) && *count > 1).await.unwrap();
    // The one it sells at, which coordinates too, is gone. What was sold is seen where it goes.
    seats.kill(0);
    sell(&client, &body, &mut sold).await;
    assert_ne!(client.server(), seats.url(0));
    let seen: BTreeMap<CommandId, Sale> = sales(&client).await;
    assert!(sold.acknowledged.keys().all(|id| seen.contains_key(id)), "a sale that was answered is not seen");
    let before = beats.borrow().1;
    beats.wait_for(|(at, count)| *at != seats.url(0) && *count > before + 2).await.unwrap();
    // It comes back, and is a server like the others: nobody runs there.
    let there = client.server();
    seats.start(0);
    seats.coordinated_by(|id| id == 1, &[0, 1, 2]).await;
    for _ in 0..10 {
        sell(&client, &body, &mut sold).await;
    }
    assert_eq!(client.server(), there);
    // The other way round: now that one is cut off from all others, and takes no command.
    let place = (0..3).find(|place| seats.url(*place) == there).unwrap();
    seats.kill(place);
    until("it goes on", async || {
        let gone = client.learn_members().await;
        gone.is_ok_and(|places| places.in_touch) && client.server() != there
    })
    .await;
    sell(&client, &body, &mut sold).await;
    drop(beats);
    assert_eq!(pulse.await.unwrap(), PulseEnd::Stopped);
    seats.start(place);
    println!("{} sales; the longest took {:?}", sold.acknowledged.len(), sold.longest);
    seats.agree().await;
    sold.each_once(&seats.callers()).await;
}

async fn sales(client: &Client) -> BTreeMap<CommandId, Sale> {
    let page = client.latest_sales(None, None, 100).await.unwrap();
    page.items.into_iter().map(|sale| (CommandId(sale.id.0), sale)).collect()
}
