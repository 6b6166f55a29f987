//! Cash sessions: one till's drawer from its float to its count.

use rusqlite::Connection;
use serde_json::{Value, json};
use tillwatch_shared::api::{CashMovement, CashSession, CashSessionReport, Page, Sale};
use tillwatch_shared::{CashSessionId, Cents, CommandId, ProductId, StoreId};

use crate::common::Caller;
use crate::common::goods::{new_product, sale};
use crate::common::inside::prove;
use crate::shop::Shop;

const SESSIONS: &str = "/api/v1/cash-sessions";

pub fn opening(store: StoreId, float: i64) -> Value {
    json!({ "store_id": store, "till": "Caixa 1", "float_cents": float })
}

/// A sale in a session, paid with these.
pub fn paid(
    store: StoreId,
    session: CashSessionId,
    line: (ProductId, i64, i64),
    payments: &[(&str, i64)],
) -> Value {
    let mut body = sale(store, &[line]);
    let payment = |(method, cents): &(&str, i64)| json!({ "method": method, "amount_cents": cents });
    body["payments"] = payments.iter().map(payment).collect();
    body["cash_session"] = json!(session);
    body
}

pub async fn report(caller: &Caller, id: CashSessionId) -> CashSessionReport {
    caller.get(&format!("{SESSIONS}/{id}")).await.expect(200)
}

async fn open(shop: &Shop, float: i64) -> CashSession {
    shop.seller.post(SESSIONS, &opening(shop.a, float)).await.expect(201)
}

fn counted(notes: &[(i64, i64)]) -> Value {
    let note = |(value, count): &(i64, i64)| json!({ "value_cents": value, "count": count });
    json!({ "counts": notes.iter().map(note).collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_drawer_is_opened_moved_and_closed() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await.id;
    let session = open(&shop, 10_000).await;
    assert_eq!((session.number, session.till.as_str(), &session.closing), (1, "Caixa 1", &None));
    let at = |what: &str| format!("{SESSIONS}/{}/{what}", session.id);
    let out = json!({ "kind": "withdrawal", "amount_cents": 3000, "reason": " para o cofre " });
    let moved: CashMovement = shop.manager.post(&at("movements"), &out).await.expect(201);
    assert_eq!((moved.reason.as_str(), moved.person_name.as_str()), ("para o cofre", "gerente"));
    let put = json!({ "kind": "deposit", "amount_cents": 500, "reason": "moedas" });
    shop.seller.post(&at("movements"), &put).await.expect::<CashMovement>(201);
    for payments in [&[("cash", 5000)][..], &[("pix", 400), ("cash", 700)], &[("credit", 1000)]] {
        let body = paid(shop.a, session.id, (rice, 1000, 1000), payments);
        let sold: Sale = shop.seller.post("/api/v1/sales", &body).await.expect(201);
        assert_eq!(sold.cash_session, Some(session.id));
    }

    let x = report(&shop.seller, session.id).await.report;
    // 100,00 − 30,00 + 5,00, and 10,00 + 6,00 of cash sales.
    assert_eq!((x.expected_cents, x.sales, x.total_cents), (Cents(9100), 3, Cents(3000)));
    assert_eq!((x.cash_received_cents, x.change_cents), (Cents(5700), Cents(4100)));
    let methods: Vec<_> = x.methods.iter().map(|m| (m.payments, m.amount_cents.0)).collect();
    assert_eq!(methods, [(2, 1600), (1, 400), (1, 1000)], "cash less change, Pix, credit");
    assert_eq!(x.hours.len(), 1);

    // Another person closes it only with a reason; 91,00 should be there and 90,00 are.
    let mut closing = counted(&[(5000, 1), (2000, 2), (1, 0)]);
    let problem = shop.manager.post(&at("closing"), &closing).await.problem(400, "invalid_value");
    assert_eq!(problem["field"], "reason");
    closing["reason"] = json!("a vendedora saiu");
    let answer = shop.manager.post(&at("closing"), &closing).await;
    let z: CashSessionReport = answer.expect(201);
    let closing = z.report.closing.clone().unwrap();
    let figures = (closing.counted_cents, closing.expected_cents, closing.difference_cents);
    assert_eq!(figures, (Cents(9000), Cents(9100), Cents(-100)));
    assert_eq!((closing.closed_by_name.as_str(), closing.counts.len()), ("gerente", 2));
    let list: Page<CashSession> = shop.seller.get(SESSIONS).await.expect(200);
    assert_eq!(list.items, std::slice::from_ref(&z.session));
    let still_open: Page<CashSession> = shop.seller.get(&format!("{SESSIONS}?open=true")).await.expect(200);
    assert_eq!(still_open.items, []);
    prove(shop.server.stop().await.path().join("ledger.sqlite").as_path());
}

#[tokio::test]
async fn what_comes_after_the_close_is_told_beside_its_report() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await.id;
    let session = open(&shop, 0).await;
    let at = |what: &str| format!("{SESSIONS}/{}/{what}", session.id);
    let clock = &shop.server.clock;
    let early = clock.now();
    clock.advance(60_000_000);
    let z = shop.seller.post(&at("closing"), &counted(&[])).await;
    let closed: CashSessionReport = z.expect(201);
    assert_eq!(closed.late, None);

    let body = paid(shop.a, session.id, (rice, 1000, 700), &[("cash", 1000)]);
    shop.seller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    let mut out =
        json!({ "kind": "withdrawal", "amount_cents": 200, "reason": "troco", "recorded_at": early });
    shop.seller.post(&at("movements"), &out).await.expect::<CashMovement>(201);
    clock.advance(1_000_000);
    out["recorded_at"] = json!(clock.now());
    shop.seller.post(&at("movements"), &out).await.problem(409, "cash_session_closed");

    let mut again = report(&shop.seller, session.id).await;
    let late = again.late.take().unwrap();
    assert_eq!((late.sales, late.total_cents, late.cash_cents), (1, Cents(700), Cents(500)));
    let text = |report: &CashSessionReport| serde_json::to_string(report).unwrap();
    assert_eq!(text(&again), text(&closed), "a reprint is the report as it was");
    shop.seller.post(&at("closing"), &counted(&[])).await.problem(409, "cash_session_closed");
    assert_eq!(open(&shop, 0).await.number, 2);
    prove(shop.server.stop().await.path().join("ledger.sqlite").as_path());
}

#[tokio::test]
async fn one_session_of_a_till_is_open() {
    let shop = Shop::open().await;
    let first = open(&shop, 0).await;
    let mut body = opening(shop.a, 0);
    for till in ["Caixa 1", " caixa 1 ", "CAIXÁ 1"] {
        body["till"] = json!(till);
        shop.manager.post(SESSIONS, &body).await.problem(409, "cash_session_open");
    }
    // A till that opened without the server is told apart instead.
    body["rename_if_open"] = json!(true);
    for name in ["CAIXÁ 1 (2)", "CAIXÁ 1 (3)"] {
        let session: CashSession = shop.manager.post(SESSIONS, &body).await.expect(201);
        assert_eq!(session.till, name);
    }
    // The same till of another store is another one.
    shop.stranger.post(SESSIONS, &opening(shop.b, 0)).await.expect::<CashSession>(201);
    shop.stranger.post(SESSIONS, &opening(shop.a, 0)).await.problem(403, "store_not_allowed");
    let path = format!("{SESSIONS}/{}", first.id);
    shop.stranger.get(&path).await.problem(404, "unknown_cash_session");
    for (what, body) in [
        ("movements", json!({ "kind": "deposit", "amount_cents": 1, "reason": "x" })),
        ("closing", counted(&[])),
    ] {
        shop.stranger.post(&format!("{path}/{what}"), &body).await.problem(403, "store_not_allowed");
        let nowhere = format!("{SESSIONS}/{}/{what}", CommandId::now());
        shop.seller.post(&nowhere, &body).await.problem(404, "unknown_cash_session");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn a_sale_may_come_before_its_session_does() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await.id;
    let id = CommandId::now();
    let body = paid(shop.a, CashSessionId(id.0), (rice, 1000, 700), &[("cash", 1000)]);
    shop.manager.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    let session: CashSession = shop.seller.command(SESSIONS, id, &opening(shop.a, 100)).await.expect(201);
    assert_eq!(report(&shop.seller, session.id).await.report.expected_cents, Cents(800));
    // But not into a drawer of another store.
    let elsewhere: CashSession = shop.stranger.post(SESSIONS, &opening(shop.b, 0)).await.expect(201);
    let body = paid(shop.a, elsewhere.id, (rice, 1000, 700), &[("cash", 700)]);
    shop.seller.post("/api/v1/sales", &body).await.problem(404, "unknown_cash_session");
    shop.server.stop().await;
}

#[tokio::test]
async fn counts_are_of_notes_and_coins() {
    let shop = Shop::open().await;
    let path = format!("{SESSIONS}/{}/closing", open(&shop, 0).await.id);
    for (notes, field) in [
        (&[(300, 1)][..], "counts.0.value_cents"),
        (&[(100, 1), (0, 1)], "counts.1.value_cents"),
        (&[(100, 1), (100, 2)], "counts.1.value_cents"),
        (&[(100, -1)], "counts.0.count"),
        (&[(5, 1), (100, 1_000_001)], "counts.1.count"),
    ] {
        let problem = shop.seller.post(&path, &counted(notes)).await.problem(400, "invalid_value");
        assert_eq!(problem["field"], field, "{notes:?}");
    }
    shop.server.stop().await;
}

/// What Rust checks, the tables check too.
#[tokio::test]
async fn the_tables_take_only_what_adds_up() {
    let shop = Shop::open().await;
    let rice = new_product(&shop.manager, "Arroz", 1000).await.id;
    let session = open(&shop, 0).await;
    let body = paid(shop.a, session.id, (rice, 1000, 700), &[("cash", 1000), ("pix", 100)]);
    shop.seller.post("/api/v1/sales", &body).await.expect::<Sale>(201);
    let dir = shop.server.stop().await;
    let db = Connection::open(dir.path().join("ledger.sqlite")).unwrap();
    let sale = |total: i64, change: i64| {
        format!(
            "INSERT INTO sale (id, uid, number, store, person, total_cents, change_cents, business_day, sold_at, seq)
             VALUES (9, randomblob(16), 99, 1, 1, {total}, {change}, '2026-06-15', 0, 1)"
        )
    };
    let pay = "INSERT INTO payment VALUES (9, 0, 'cash', 1000), (9, 1, 'pix', 500)";
    let session = "INSERT INTO cash_session (uid, number, store, till, till_folded, opened_by, float_cents, opened_at, seq)
                   VALUES (randomblob(16), 9, 1, 'C', 'caixa 1', 1, 0, 0, 1)";
    for (sql, refused) in [
        (sale(700, 0), Some("paid less change is not the total")),
        (format!("{pay}; {}", sale(700, 801)), Some("paid less change is not the total")),
        (format!("{pay}; {}", sale(1500, 0)), None),
        (format!("{pay}; {}", sale(500, 1000)), None),
        (format!("{pay}; {}", sale(499, 1001)), Some("change comes out of cash only")),
        ("INSERT INTO payment VALUES (1, 7, 'cash', 1)".to_owned(), Some("the sale is paid already")),
        (session.to_owned(), Some("UNIQUE constraint failed")),
        ("UPDATE cash_session SET closed_by = 1".to_owned(), Some("CHECK constraint failed")),
        (
            "UPDATE cash_session SET closed_by = opened_by + 1, closed_at = 0, counted_cents = 0, expected_cents = 0,
                    difference_cents = 0, close_seq = 1"
                .to_owned(),
            Some("CHECK constraint failed"),
        ),
        (
            "UPDATE cash_session SET closed_by = opened_by, closed_at = 0, counted_cents = 5, expected_cents = 0,
                    difference_cents = 4, close_seq = 1"
                .to_owned(),
            Some("CHECK constraint failed"),
        ),
        ("INSERT INTO cash_count VALUES (1, 300, 1)".to_owned(), Some("CHECK constraint failed")),
    ] {
        let told = db.execute_batch(&format!("BEGIN; {sql}")).err().map(|error| error.to_string());
        db.execute_batch("ROLLBACK").unwrap();
        match (refused, &told) {
            (None, None) => {}
            (Some(why), Some(error)) if error.contains(why) => {}
            _ => panic!("{sql}: {told:?}"),
        }
    }
}
