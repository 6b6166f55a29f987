//! Who goes away takes their questions along: the server does not work for nobody.

use std::time::Duration;

use reqwest::Method;
use rusqlite::Connection;
use tillwatch_shared::api::SalesReport;

use crate::shop::Shop;

/// Rows without end.
const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
/// More than there are connections to read with.
const MANY: usize = 9;
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_question_ends_when_nobody_waits_for_its_answer() {
    let shop = Shop::open().await;
    let ledger = shop.server.running.app.ledger.clone();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (ended, has_ended) = tokio::sync::oneshot::channel();
    let endless = ledger.read_long(move |db| {
        let _ = begun.send(());
        let outcome = db.query_row(ENDLESS, [], |row| row.get::<_, i64>(0));
        let _ = ended.send(outcome.as_ref().err().and_then(rusqlite::Error::sqlite_error_code));
        outcome
    });
    tokio::select! {
        outcome = endless => panic!("{outcome:?}"),
        begun = has_begun => begun.unwrap(),
    }
    let why = tokio::time::timeout(PATIENCE, has_ended).await.expect("it ends").unwrap();
    assert_eq!(why, Some(rusqlite::ErrorCode::OperationInterrupted));
    // Whoever reads next is not stopped with it.
    for _ in 0..MANY {
        let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT count(*) FROM n";
        let counted = ledger.read_long(move |db| db.query_row(many, [], |row| row.get::<_, i64>(0))).await;
        assert_eq!(counted, Ok(50_000));
        assert_eq!(ledger.read(|db| db.query_row(many, [], |row| row.get::<_, i64>(0))), Ok(50_000));
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn a_report_is_dropped_with_the_connection_that_asked_for_it() {
    let shop = Shop::open().await;
    // A report that would never be ready.
    let ledger = Connection::open(shop.server.ledger_file()).unwrap();
    ledger
        .execute_batch(
            "ALTER TABLE product_day RENAME TO product_day_before;
             CREATE VIEW product_day AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                 SELECT -i AS store, 'x' || i AS business_day, 0 AS product, 0 AS sales, 0 AS quantity, 0 AS total_cents,
                        0 AS returns, 0 AS returned_quantity, 0 AS returned_cents FROM n",
        )
        .unwrap();
    let of = |kind: &str| format!("/api/v1/reports/{kind}?from=2026-06-15&to=2026-06-16");
    for _ in 0..MANY {
        let asked = shop.manager.request(Method::GET, &of("best-products"));
        let gone = asked.timeout(Duration::from_millis(300)).send().await.unwrap_err();
        assert!(gone.is_timeout(), "{gone}");
    }
    // All connections to read with are free again.
    let next = tokio::time::timeout(PATIENCE, shop.manager.get(&of("best-stores"))).await;
    next.expect("there is a connection to read with").expect::<SalesReport>(200);
    shop.server.running.stop().await.unwrap();
}
