//! The change feed, and lists that are not sent twice.

use reqwest::Method;
use serde_json::json;
use tillwatch_shared::api::{Changes, Event, Matter, Product, StockEntry};
use tillwatch_shared::{CommandId, StoreId};

use crate::common::caller::send;
use crate::common::goods::{new_product, receipt, sale};
use crate::common::{Answer, Caller, Server};
use crate::shop::{PASSWORD, Shop};

async fn changes(caller: &Caller, query: &str) -> Changes {
    caller.get(&format!("/api/v1/changes?{query}")).await.expect(200)
}

/// Everything from the beginning, in pages of this size.
async fn whole(caller: &Caller, limit: u32) -> Changes {
    let mut feed = changes(caller, &format!("limit={limit}")).await;
    while feed.more {
        let next = changes(caller, &format!("after={}&limit={limit}", feed.next_after)).await;
        assert!(next.next_after > feed.next_after);
        feed.changes.extend(next.changes);
        (feed.next_after, feed.more) = (next.next_after, next.more);
    }
    feed
}

fn kinds(feed: &Changes) -> Vec<String> {
    let kind = |event: &Event| serde_json::to_value(event).unwrap()["kind"].as_str().unwrap().to_owned();
    feed.changes.iter().map(|change| kind(&change.event)).collect()
}

#[tokio::test]
async fn it_is_complete_in_order_and_in_pages() {
    let server = Server::demo().await;
    let (caller, _) = server.caller().sign_in("lucas", "1234").await;
    let feed = whole(&caller, 1000).await;
    assert_eq!(feed.next_after, server.tip());
    assert!(feed.changes.len() > 300);
    // A manager of all stores sees every row: the people and the sign-ins of these stores too.
    let whole: Vec<i64> = feed.changes.iter().map(|change| change.seq).collect();
    assert!(whole.is_sorted_by(|earlier, later| earlier < later));
    assert_eq!(i64::try_from(whole.len()).unwrap(), server.tip());
    for limit in [1, 7] {
        let from = server.tip() - 20;
        let mut after = from;
        let mut seqs = Vec::new();
        while after < server.tip() {
            let page = changes(&caller, &format!("after={after}&limit={limit}")).await;
            assert!(page.changes.len() <= limit);
            seqs.extend(page.changes.iter().map(|change| change.seq));
            assert_eq!(page.more, page.next_after < server.tip());
            after = page.next_after;
        }
        let expected: Vec<i64> = whole.iter().copied().filter(|seq| *seq > from).collect();
        assert_eq!(seqs, expected, "pages of {limit}");
    }
    server.stop().await;
}

#[tokio::test]
async fn from_the_end_and_from_beyond_it() {
    let shop = Shop::open().await;
    let tip = shop.server.tip();
    let latest = changes(&shop.manager, "after=latest").await;
    assert_eq!((latest.changes.len(), latest.next_after, latest.more), (0, tip, false));
    let nothing = changes(&shop.manager, &format!("after={tip}")).await;
    assert_eq!((nothing.changes.len(), nothing.next_after, nothing.more), (0, tip, false));
    // A client that is ahead (the server was restored from a backup) is led back.
    for ahead in [tip + 1, tip + 1_000_000, 999_999_999_999_999_999] {
        let led = changes(&shop.manager, &format!("after={ahead}")).await;
        assert_eq!((led.changes.len(), led.next_after, led.more), (0, tip, false), "{ahead}");
    }
    let product = new_product(&shop.seller, "Arroz", 5).await;
    let news = changes(&shop.manager, &format!("after={}", latest.next_after)).await;
    assert_eq!(news.changes.len(), 1);
    let change = &news.changes[0];
    assert_eq!(change.event, Event::ProductAdded(product.clone()), "the same shape as the answer");
    assert_eq!((change.seq, change.command_id), (tip + 1, CommandId(product.id.0)));
    assert_eq!(change.actor_id, Some(shop.seller_person().id));
    for bad in ["after=-1", "after=x", "after=1.5", "limit=0", "limit=1001", "after=99999999999999999999"] {
        shop.manager.get(&format!("/api/v1/changes?{bad}")).await.problem(400, "malformed_request");
    }
    shop.nobody.get("/api/v1/changes").await.problem(401, "not_signed_in");
    shop.server.stop().await;
}

#[tokio::test]
async fn everybody_sees_their_own_stores() {
    let shop = Shop::open().await;
    let from = shop.server.tip();
    let product = new_product(&shop.manager, "Arroz", 5).await;
    let goods = async |caller: &Caller, store: StoreId| {
        caller
            .post("/api/v1/stock-entries", &receipt(store, product.id, 9_000))
            .await
            .expect::<StockEntry>(201);
        caller
            .post("/api/v1/sales", &sale(store, &[(product.id, 1000, 5)]))
            .await
            .expect::<serde_json::Value>(201);
    };
    goods(&shop.seller, shop.a).await;
    goods(&shop.stranger, shop.b).await;
    let sensor = json!({ "name": "Geladeira", "store_id": shop.a });
    shop.manager.put("/api/v1/sensors/g1", &sensor).await.expect::<serde_json::Value>(200);
    let seller = format!("/api/v1/people/{}", shop.seller_person().id);
    shop.manager.patch(&seller, &json!({ "name": "V." })).await.expect::<serde_json::Value>(200);
    let tip = shop.server.tip();

    let query = format!("after={from}");
    let of_a = ["product_added", "stock_entered", "sale_recorded", "sensor_set"];
    assert_eq!(kinds(&changes(&shop.seller, &query).await), of_a);
    assert_eq!(kinds(&changes(&shop.stranger, &query).await), of_a[..3]);
    // A manager is told of the people of their own stores.
    assert_eq!(kinds(&changes(&shop.manager, &query).await), [&of_a[..], &["person_changed"]].concat());
    assert_eq!(changes(&shop.admin, &query).await.changes.len(), usize::try_from(tip - from).unwrap());
    for caller in [&shop.seller, &shop.stranger, &shop.manager] {
        let feed = changes(caller, &query).await;
        assert_eq!((feed.next_after, feed.more), (tip, false), "past what is not for them");
    }
    // What is not for sellers is nowhere in their feed.
    let everything = shop.seller.get("/api/v1/changes?limit=1000").await.text();
    for private in ["vizinho", "dona", "gerente", "person_added", "person_changed", "session_", "generation"]
    {
        assert!(!everything.contains(private), "{private}");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn managers_see_the_sign_ins_of_their_own_stores_people() {
    let shop = Shop::open().await;
    let from = shop.server.tip();
    for name in ["vendedora", "vizinho", "dona"] {
        let (caller, session) = shop.server.caller().sign_in(name, PASSWORD).await;
        let body = json!({ "refresh_token": session.refresh_token });
        caller.post("/api/v1/sessions/refresh", &body).await.expect::<serde_json::Value>(200);
    }
    let query = format!("after={from}");
    let feed = changes(&shop.manager, &query).await;
    let who = |feed: &Changes| -> Vec<String> {
        let told = feed.changes.iter().filter_map(|change| {
            let Matter::Session(turn, session) = change.event.matter() else { return None };
            Some(format!("{turn:?} {}", session.person_name))
        });
        told.collect()
    };
    assert_eq!(
        who(&feed),
        [format!("Opened {}", shop.seller_person().name)],
        "not the neighbour's, and no refreshes"
    );
    assert_eq!(who(&changes(&shop.admin, &query).await).len(), 6);
    for caller in [&shop.seller, &shop.stranger] {
        assert_eq!(who(&changes(caller, &query).await), Vec::<String>::new());
    }
    for secret in ["password", "token", "digest", "hash"] {
        assert!(
            !shop.manager.get(&format!("/api/v1/changes?{query}")).await.text().contains(secret),
            "{secret}"
        );
    }
    shop.server.stop().await;
}

async fn if_changed(caller: &Caller, path: &str, tag: &str) -> Answer {
    send(caller.request(Method::GET, path).header("if-none-match", tag)).await
}

#[tokio::test]
async fn a_known_list_is_not_sent_again() {
    let shop = Shop::open().await;
    new_product(&shop.manager, "Arroz", 5).await;
    let levels = format!("/api/v1/stock?store_id={}", shop.a);
    for path in ["/api/v1/products", "/api/v1/stores", levels.as_str()] {
        let first = shop.seller.get(path).await;
        let tag = first.header("etag").unwrap().to_owned();
        for known in [tag.as_str(), "*", &format!("\"x\", {tag}")] {
            let again = if_changed(&shop.seller, path, known).await;
            assert_eq!((again.status, again.bytes.len()), (304, 0), "{path} {known}");
            assert_eq!(again.header("etag"), Some(tag.as_str()));
        }
        // Not for somebody else, and not without a session.
        assert_eq!(if_changed(&shop.manager, path, &tag).await.status, 200, "{path}");
        if_changed(&shop.nobody, path, &tag).await.problem(401, "not_signed_in");

        let name = format!("Novo de {path}");
        let news = new_product(&shop.seller, &name, 5).await;
        let changed = if_changed(&shop.seller, path, &tag).await;
        assert_eq!(changed.status, 200, "{path}");
        assert_ne!(changed.header("etag"), Some(tag.as_str()));
        let shown = changed.text().contains(&news.name) || path == "/api/v1/stores";
        assert!(shown, "{path}");
    }
    let _: tillwatch_shared::api::Page<Product> = shop.seller.get("/api/v1/products").await.expect(200);
    shop.server.stop().await;
}
