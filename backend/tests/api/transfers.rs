//! Transfers: sent, then received or taken back, once; what is lost on the way stays in the books.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tillwatch_shared::api::{
    Changes, Destination, Event, Lot, StockEntry, StockLevel, Store, Transfer, TransferState,
};
use tillwatch_shared::ids::TransferId;
use tillwatch_shared::{CommandId, ProductId, StoreId};

use crate::common::goods::{all, new_product, receipt};
use crate::common::{Caller, Dice};
use crate::shop::{Shop, add};

const TRANSFERS: &str = "/api/v1/transfers";

fn sending(from: StoreId, to: StoreId, lines: &[(ProductId, i64)]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(product, quantity)| json!({ "product_id": product, "quantity_thousandths": quantity }))
        .collect();
    json!({ "from_store_id": from, "to_store_id": to, "lines": lines })
}

fn arrival(lines: &[(i64, Option<&str>)]) -> Value {
    let line =
        |(arrived, reason): &(i64, Option<&str>)| json!({ "arrived_thousandths": arrived, "reason": reason });
    json!({ "lines": lines.iter().map(line).collect::<Vec<_>>() })
}

fn at(id: TransferId, what: &str) -> String {
    format!("{TRANSFERS}/{id}/{what}")
}

async fn held(caller: &Caller, store: StoreId, product: ProductId) -> i64 {
    let levels: Vec<StockLevel> = all(caller, &format!("/api/v1/stock?store_id={store}")).await;
    levels.into_iter().find(|level| level.product_id == product).unwrap().balance_thousandths.0
}

async fn stocked(shop: &Shop, name: &str, quantity: i64, lot: Option<Value>) -> ProductId {
    let product = new_product(&shop.manager, name, 500).await.id;
    let mut body = receipt(shop.a, product, quantity);
    body["lot"] = lot.unwrap_or_default();
    shop.seller.post("/api/v1/stock-entries", &body).await.expect::<StockEntry>(201);
    product
}

#[tokio::test]
async fn what_was_sent_arrives_with_its_lots() {
    let shop = Shop::open().await;
    let lot = json!({ "code": "x", "expires_on": "2026-09-01" });
    let milk = stocked(&shop, "Leite", 10_000, Some(lot)).await;
    let rice = stocked(&shop, "Arroz", 10_000, None).await;
    let to: Vec<Destination> =
        shop.seller.get(&format!("/api/v1/stores/{}/destinations", shop.a)).await.expect(200);
    assert_eq!(to.iter().map(|to| to.store_id).collect::<Vec<_>>(), [shop.b]);

    let body = sending(shop.a, shop.b, &[(milk, 6_000), (rice, 2_000)]);
    let sent: Transfer = shop.seller.post(TRANSFERS, &body).await.expect(201);
    assert_eq!(sent.state, TransferState::Sent);
    assert_eq!(sent.lines[0].lots[0].moved_thousandths.0, -6_000);
    assert_eq!(sent.lines[0].balance_after_thousandths.unwrap().0, 4_000);
    let in_transit = (held(&shop.admin, shop.a, milk).await, held(&shop.admin, shop.b, milk).await);
    assert_eq!(in_transit, (4_000, 0));
    // Both stores know of it, in the list and in the feed.
    for caller in [&shop.seller, &shop.stranger] {
        let open: Vec<Transfer> = all(caller, &format!("{TRANSFERS}?open=true")).await;
        assert_eq!(open.iter().map(|open| open.id).collect::<Vec<_>>(), [sent.id]);
        let changes: Changes = caller.get("/api/v1/changes?after=0&limit=500").await.expect(200);
        assert!(changes.changes.iter().any(|change| matches!(change.event, Event::TransferSent(_))));
    }

    // The sender cannot receive it, and a difference needs a reason.
    let all_of_it = arrival(&[(6_000, None), (2_000, None)]);
    shop.seller.post(&at(sent.id, "arrival"), &all_of_it).await.problem(403, "store_not_allowed");
    let tip = shop.server.tip();
    for (body, field) in [
        (arrival(&[(5_000, None), (2_000, None)]), "lines.0.reason"),
        (arrival(&[(6_000, None)]), "lines.1"),
        (arrival(&[(6_000, None), (2_000, None), (1, None)]), "lines"),
        (arrival(&[(-1, None), (2_000, None)]), "lines.0.arrived_thousandths"),
    ] {
        let told = shop.stranger.post(&at(sent.id, "arrival"), &body).await.problem(400, "invalid_value");
        assert_eq!(told["field"], field);
    }
    assert_eq!(shop.server.tip(), tip);

    let id = CommandId::now();
    let came = arrival(&[(5_000, Some("uma caixa quebrada")), (2_500, Some("mandaram a mais"))]);
    let got: Transfer = shop.stranger.command(&at(sent.id, "arrival"), id, &came).await.expect(200);
    assert_eq!(got.state, TransferState::Received);
    let lost: Vec<i64> = got.lines.iter().map(|line| line.lost_thousandths.0).collect();
    assert_eq!(lost, [1_000, -500]);
    assert_eq!(held(&shop.admin, shop.b, milk).await, 5_000);
    assert_eq!(held(&shop.admin, shop.b, rice).await, 2_500);
    let lots: Vec<Lot> = all(&shop.stranger, "/api/v1/lots").await;
    assert_eq!(
        lots.iter().map(|lot| (lot.code.as_deref(), lot.balance_thousandths.0)).collect::<Vec<_>>(),
        [(Some("X"), 5_000)]
    );
    // The same command again is the same arrival; another one is refused, and so is taking it back.
    let again: Transfer = shop.stranger.command(&at(sent.id, "arrival"), id, &came).await.expect(200);
    assert_eq!(again, got);
    shop.stranger.post(&at(sent.id, "arrival"), &came).await.problem(409, "transfer_closed");
    let back = json!({ "reason": "engano" });
    shop.seller.post(&at(sent.id, "cancellation"), &back).await.problem(409, "transfer_closed");
    assert!(all::<Transfer>(&shop.seller, &format!("{TRANSFERS}?open=true")).await.is_empty());
    let kept: Transfer = shop.seller.get(&format!("{TRANSFERS}/{}", sent.id)).await.expect(200);
    assert_eq!(kept.lines[0].reason.as_deref(), Some("uma caixa quebrada"));
    shop.server.stop().await;
}

#[tokio::test]
async fn what_has_not_arrived_is_taken_back() {
    let shop = Shop::open().await;
    let product = stocked(&shop, "Leite", 3_000, Some(json!({ "code": "y" }))).await;
    // More than the books have: what is in the lorry is a fact.
    let sent: Transfer =
        shop.seller.post(TRANSFERS, &sending(shop.a, shop.b, &[(product, 5_000)])).await.expect(201);
    assert_eq!(held(&shop.admin, shop.a, product).await, -2_000);
    let back = json!({ "reason": " errado " });
    shop.stranger.post(&at(sent.id, "cancellation"), &back).await.problem(403, "store_not_allowed");
    shop.seller
        .post(&at(sent.id, "cancellation"), &json!({ "reason": " " }))
        .await
        .problem(400, "invalid_value");
    let gone: Transfer = shop.seller.post(&at(sent.id, "cancellation"), &back).await.expect(200);
    assert_eq!((gone.state, gone.reason.as_deref()), (TransferState::Cancelled, Some("errado")));
    assert_eq!(held(&shop.admin, shop.a, product).await, 3_000);
    let lots: Vec<Lot> = all(&shop.seller, "/api/v1/lots").await;
    assert_eq!(lots[0].balance_thousandths.0, 3_000);
    shop.stranger
        .post(&at(sent.id, "arrival"), &arrival(&[(5_000, None)]))
        .await
        .problem(409, "transfer_closed");
    let unknown = at(TransferId::now(), "arrival");
    shop.stranger.post(&unknown, &arrival(&[(5_000, None)])).await.problem(404, "unknown_transfer");
    shop.server.stop().await;
}

#[tokio::test]
async fn goods_go_to_another_store_of_the_chain() {
    let shop = Shop::open().await;
    let product = stocked(&shop, "Leite", 3_000, None).await;
    let body = json!({ "name": "Outra rede" });
    let chain: Value = shop.admin.post("/api/v1/chains", &body).await.expect(201);
    let body = json!({ "chain_id": chain["id"], "name": "Longe" });
    let far: Store = shop.admin.post("/api/v1/stores", &body).await.expect(201);
    let tip = shop.server.tip();
    for to in [shop.a, far.id] {
        let told = shop.seller.post(TRANSFERS, &sending(shop.a, to, &[(product, 1)])).await;
        assert_eq!(told.problem(400, "invalid_value")["field"], "to_store_id");
    }
    let nowhere = sending(shop.a, StoreId::now(), &[(product, 1)]);
    shop.seller.post(TRANSFERS, &nowhere).await.problem(404, "unknown_store");
    shop.seller
        .post(TRANSFERS, &sending(shop.b, shop.a, &[(product, 1)]))
        .await
        .problem(403, "store_not_allowed");
    shop.seller.post(TRANSFERS, &sending(shop.a, shop.b, &[])).await.problem(400, "invalid_value");
    shop.stranger
        .get(&format!("/api/v1/stores/{}/destinations", shop.a))
        .await
        .problem(403, "store_not_allowed");
    assert_eq!(shop.server.tip(), tip);
    shop.server.stop().await;
}

/// Random steps of random transfers, allowed or not, against a model: nothing is created, and nothing vanishes
/// but what is told as lost.
#[tokio::test]
async fn transfers_are_a_state_machine() {
    let shop = Shop::open().await;
    add(&shop.admin, "ambas", "seller", &[shop.a, shop.b]).await;
    let (both, _) = shop.nobody.sign_in("ambas", crate::shop::PASSWORD).await;
    let product = stocked(&shop, "Leite", 50_000, Some(json!({ "expires_on": "2026-12-01" }))).await;
    for seed in 1..=2 {
        let mut dice = Dice::new(seed);
        let mut stock: BTreeMap<StoreId, i64> = BTreeMap::new();
        for store in [shop.a, shop.b] {
            stock.insert(store, held(&both, store, product).await);
        }
        let mut known: Vec<(TransferId, StoreId, StoreId, i64, bool)> = Vec::new();
        for step in 0..30 {
            let choice = dice.between(0, 3);
            let target = if known.is_empty() {
                None
            } else {
                Some(usize::try_from(dice.between(0, known.len() as i64)).unwrap())
            };
            let (from, to) = if dice.between(0, 2) == 0 { (shop.a, shop.b) } else { (shop.b, shop.a) };
            let quantity = dice.between(1, 9_000);
            match (choice, target) {
                (1, Some(target)) => {
                    let (id, _, to, sent, open) = known[target];
                    let arrived = if dice.between(0, 2) == 0 { sent } else { dice.between(0, 9_000) };
                    let reason = (arrived != sent).then_some("conferido");
                    let answer = both.post(&at(id, "arrival"), &arrival(&[(arrived, reason)])).await;
                    assert_eq!(answer.status, if open { 200 } else { 409 }, "seed {seed} step {step}");
                    if open {
                        *stock.get_mut(&to).unwrap() += arrived;
                        known[target].4 = false;
                    }
                }
                (2, Some(target)) => {
                    let (id, from, _, sent, open) = known[target];
                    let answer = both.post(&at(id, "cancellation"), &json!({ "reason": "x" })).await;
                    assert_eq!(answer.status, if open { 200 } else { 409 }, "seed {seed} step {step}");
                    if open {
                        *stock.get_mut(&from).unwrap() += sent;
                        known[target].4 = false;
                    }
                }
                _ => {
                    let body = sending(from, to, &[(product, quantity)]);
                    let sent: Transfer = both.post(TRANSFERS, &body).await.expect(201);
                    *stock.get_mut(&from).unwrap() -= quantity;
                    known.push((sent.id, from, to, quantity, true));
                }
            }
        }
        for (store, expected) in stock {
            assert_eq!(held(&both, store, product).await, expected, "seed {seed}");
        }
    }
    let (mut gone, mut back, mut lost, mut under_way) = (0, 0, 0, 0);
    for transfer in all::<Transfer>(&both, TRANSFERS).await {
        let line = &transfer.lines[0];
        gone += line.sent_thousandths.0;
        match transfer.state {
            TransferState::Sent => under_way += line.sent_thousandths.0,
            TransferState::Cancelled => back += line.sent_thousandths.0,
            TransferState::Received => {
                back += line.arrived_thousandths.unwrap().0;
                lost += line.lost_thousandths.0;
            }
        }
    }
    assert_eq!(gone, back + lost + under_way);
    assert_eq!(held(&both, shop.a, product).await + held(&both, shop.b, product).await, 50_000 - gone + back);
    shop.server.stop().await;
}
